"""validate-inference on whole sets of manifests: ours, the tutorial's, charts', other people's and broken ones."""

from __future__ import annotations

import copy
import json
import os
import random
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from krm_functions_sdk import Resource, ResourceList, Schema
from krm_functions_sdk.document import emitter
from krm_functions_sdk.function.call import execute
from krm_inference.validate_inference import validate_inference
from krm_inference.validate_inference.rules import RULES
from mutants import NOTICES, PIPELINE

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = ROOT / "packages" / "llama-3.1-8b"
SHARED = ROOT.parent / "shared"
EXAMPLES = Path(__file__).resolve().parents[2] / "krm_inference" / "validate_inference" / "examples"
OTHER_STUFF = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      serviceAccountName: made-elsewhere
      containers:
      - name: web
        image: nginx:1.29
        args: [--port, "80", --pool-size=3]
        ports:
        - containerPort: 8080
        readinessProbe:
          httpGet: {path: /, port: 8080}
        envFrom:
        - configMapRef: {name: made-elsewhere}
      - name: report
        image: vllm/vllm-openai:v0.11.0
        command: [python3, benchmark_serving.py, --port, "1"]
      volumes:
      - name: config
        configMap: {name: made-elsewhere}
---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector: {app: something-else}
  ports:
  - port: 80
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: web
data:
  key: "vLLMLoRAConfig: ["
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: metrics-server
  namespace: kube-system
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: metrics-server
  namespace: kube-system
rules: []
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: metrics-server-auth-reader
  namespace: kube-system
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: extension-apiserver-authentication-reader
subjects:
- kind: ServiceAccount
  name: made-elsewhere
  namespace: kube-system
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: system:metrics-server
roleRef:
  kind: ClusterRole
  name: made-elsewhere
subjects:
- kind: ServiceAccount
  name: metrics-server
  namespace: kube-system
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata:
  name: web
spec: {gatewayClassName: any, listeners: [{name: http, port: 80, protocol: HTTP}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: web
spec:
  parentRefs:
  - name: shared
  rules:
  - backendRefs:
    - name: made-elsewhere
      port: 80
---
apiVersion: networking.gke.io/v1
kind: HealthCheckPolicy
metadata:
  name: web
spec:
  targetRef: {group: "", kind: Service, name: web}
  default:
    config:
      type: HTTP
      httpHealthCheck: {requestPath: /}
---
apiVersion: monitoring.googleapis.com/v1
kind: PodMonitoring
metadata:
  name: web
spec:
  selector:
    matchLabels: {app: made-elsewhere}
  endpoints:
  - {port: metrics, interval: 30s}
---
apiVersion: example.com/v1
kind: InferencePool
metadata:
  name: not-the-gateway-s
spec: [anything]
---
apiVersion: example.com/v1
kind: Gadget
metadata:
  name: a.b.c
spec: {selector: {matchLabels: {a: 1}}, template: null}
"""


@cache
def rendered() -> str:
    text = (PACKAGE / "llm.yaml").read_text(encoding="utf-8")
    resources = ResourceList([Resource(text, path="llm.yaml")])
    for function in PIPELINE:
        function(resources)
    assert not resources.results.failed
    return json.dumps([[item.path, item.data] for item in resources])


def objects() -> list[dict[str, Any]]:
    return [item for _, item in json.loads(rendered())]


def findings(text: str) -> list[str]:
    """Return the findings in a stream, one line each; the stream must come out as it went in."""
    output, errors, status = execute(validate_inference, text.encode())
    assert output.decode() == text
    assert status == ("[error]" in errors)
    resources = ResourceList.read(text)
    validate_inference(resources)
    notices = {str(found) for found in resources.results if found.tags.get("rule") in NOTICES}
    return [line for line in errors.splitlines() if line not in notices]


def above_info(text: str) -> list[str]:
    return [line for line in findings(text) if not line.startswith("[info]")]


def results(items: list[dict[str, Any]], config: dict[str, Any] | None = None) -> ResourceList:
    function_config = Resource(emitter.document(config)) if config else None
    resources = ResourceList([Resource(emitter.document(item)) for item in items], function_config)
    validate_inference(resources)
    resources.results[:] = [found for found in resources.results if found.tags.get("rule") not in NOTICES]
    return resources


def stream(items: list[dict[str, Any]]) -> str:
    return "---\n".join(emitter.document(item) for item in items)


def test_our_package_has_no_finding() -> None:
    """But for what is told of sound ones too."""
    assert findings(stream(objects())) == []


KUSTOMIZATIONS = {
    "as it is": "",
    "namespace": "namespace: team-a\n",
    "suffix": "nameSuffix: -x\n",
    "prefix": "namePrefix: x-\n",
    "namespace and suffix": "namespace: team-a\nnameSuffix: -x\n",
    "labels": "labels:\n- pairs: {environment: dev}\n  includeSelectors: true\n  includeTemplates: true\n",
}


def kustomized(folder: Path, kustomization: str, *, is_taught: bool = True) -> str:
    base = folder / "base"
    base.mkdir()
    files: dict[str, list[str]] = {}
    for path, item in json.loads(rendered()):
        if path != "llm.yaml":
            files.setdefault(path, []).append(emitter.document(item))
    for path, texts in files.items():
        (base / path).write_text("---\n".join(texts), encoding="utf-8")
    taught = "configurations: [kustomizeconfig.yaml]\n" if is_taught else ""
    (base / "kustomization.yaml").write_text(f"resources: [{', '.join(files)}]\n{taught}", encoding="utf-8")
    shutil.copy(PACKAGE / "kustomizeconfig.yaml", base)
    (folder / "kustomization.yaml").write_text(f"resources: [base]\n{kustomization}", encoding="utf-8")
    command = ["kubectl", "kustomize", str(folder)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


# Under CI everything is expected: there a test without its tool runs, and fails.
needs_kubectl = pytest.mark.skipif(
    shutil.which("kubectl") is None and os.environ.get("CI") != "true", reason="kubectl is not installed"
)


@needs_kubectl
@pytest.mark.parametrize("kustomization", KUSTOMIZATIONS.values(), ids=KUSTOMIZATIONS)
def test_what_kustomize_makes_of_our_package_has_no_finding_above_info(tmp_path: Path, kustomization: str) -> None:
    assert above_info(kustomized(tmp_path, kustomization)) == []


@needs_kubectl
def test_a_namespace_without_a_suffix_is_told_of_shared_names(tmp_path: Path) -> None:
    lines = findings(kustomized(tmp_path, KUSTOMIZATIONS["namespace"]))
    assert len(lines) == 2
    assert all("metadata.name" in line and "nameSuffix" in line for line in lines)


@needs_kubectl
def test_what_kustomize_breaks_untaught_is_found(tmp_path: Path) -> None:
    lines = findings(kustomized(tmp_path, KUSTOMIZATIONS["namespace and suffix"], is_taught=False))
    for field in (
        "spec.rules[0].backendRefs[0].name",
        "spec.parentRefs[0].name",
        "spec.endpointPickerRef.name",
        "spec.poolRef.name",
        "spec.targetRef.name",
        "env[name=POOL_NAME].value",
        "metadata.annotations[kubernetes.io/service-account.name]",
        "spec.endpoints[0].authorization.credentials.secret.name",
    ):
        assert any(f"{field}: no " in line for line in lines), field
    assert len(lines) == 10


def test_other_people_s_manifests_have_no_finding() -> None:
    """But for what cannot be checked, since nobody knows here what their kinds hold."""
    (line,) = findings(OTHER_STUFF)
    assert "2 objects: fields are not checked, because no schema of their kind is known" in line


def read_shared(*patterns: str) -> str:
    paths = [path for pattern in patterns for path in sorted(SHARED.glob(pattern))]
    if not paths:
        pytest.skip("the tutorial's files are not here")
    return "".join(f"---\n{path.read_text(encoding='utf-8')}" for path in paths)


CHART = "charts/gaie-inferencepool-v1.0.0.yaml"


SERVER = "Deployment vllm-llama3.1-8b-instruct: "
SCRIPT = f"{SERVER}spec.template.spec.containers[name=vllm].args[0]: "
ROUTE = "HTTPRoute HTTPROUTE_NAME: spec.rules[0]."
# Severity, object with field, and a part of the message.
DEFECTS = (
    ("error", "default/health-check-policy: spec.default.config.httpHealthCheck.portSpecification: ", "8000"),
    ("error", "default/vllm-llama3.1-8b-instruct: spec.targetRef.name: ", "already has a HealthCheckPolicy"),
    ("error", "InferenceObjective food-review: apiVersion: ", "inference.networking.x-k8s.io/v1alpha2"),
    ("error", "InferenceObjective llama3-base-model: apiVersion: ", "inference.networking.x-k8s.io/v1alpha2"),
    ("error", "InferenceObjective food-review: metadata.name: ", "are the same object"),
    ("warning", "InferenceObjective MODEL_NAME: metadata.name: ", "MODEL_NAME"),
    ("error", "InferenceObjective MODEL_NAME: spec.priority: ", "VALUE"),
    ("warning", "InferenceObjective MODEL_NAME: metadata.name: ", "INFERENCE_POOL_NAME"),
    ("warning", "InferenceObjective MODEL_NAME: metadata.name: ", "GATEWAY_NAME"),
    ("error", f"{ROUTE}matches[0].path.value: ", "PATH_PREFIX"),
    ("error", "instruct-epp: spec.template.spec.containers[name=epp].args[--pool-name]: ", "no InferencePool"),
    ("warning", "inference-gateway-sa-metrics-reader-role-binding: metadata.namespace: ", "has no namespace"),
    ("warning", f"{SERVER}metadata.namespace: ", "default"),
    ("warning", SCRIPT, "aborts"),
    ("info", SCRIPT, "--max-model-len"),
    ("warning", SCRIPT, "SIGTERM on to vLLM"),
    ("warning", "args[--kv-cache-usage-percentage-metric]: ", "vllm:gpu_cache_usage_perc"),
    ("warning", "spec.default.connectionDraining.drainingTimeoutSec: ", "0 s"),
)


def test_the_tutorial_s_defects_are_found() -> None:
    # As the chart refuses the tutorial's release name, the names are brought together here.
    text = read_shared("tutorial/0*.yaml", CHART).replace(
        "name: vllm-llama3-1-8b-instruct\n", "name: vllm-llama3.1-8b-instruct\n"
    )
    lines = findings(text)
    for expected in DEFECTS:
        assert [line for line in lines if all(part in line for part in expected)], expected


def test_the_page_of_rules_says_which_defect_is_found_by_what() -> None:
    docs = ROOT / "docs"
    corrections = re.findall(r"^\| ([A-Z]\d+) \|", (docs / "tutorial-corrections.md").read_text(), re.MULTILINE)
    rows = re.findall(r"^\| ([A-Z]\d+) \| (?:`(\S+)`)? \| (.*) \|$", (docs / "rules.md").read_text(), re.MULTILINE)
    assert [row for row, _, _ in rows] == corrections
    assert all(bool(rule) != bool(reason.strip()) for _, rule, reason in rows)
    assert {rule for _, rule, _ in rows if rule} == said_of_the_tutorial() - NO_CORRECTION


# What is said of the templates' placeholders, of the same example in two files, and of what the tutorial leaves out.
NO_CORRECTION = {
    *("field-value", "placeholder", "route-path"),
    "object-duplicate",
    *("gateway-tls", "server-authentication"),
}


def said_of_the_tutorial(capacity: int | None = None) -> set[str]:
    """Return the rules that find something; its names and its chart's are brought together as it means them."""
    text = read_shared("tutorial/0*.yaml", CHART).replace("vllm-llama3-1-8b-instruct", "vllm-llama3.1-8b-instruct")
    config = {
        "apiVersion": "fn.kpt.dev/v1alpha1",
        "kind": "ValidateInference",
        "metadata": {"name": "x"},
        "spec": {"capacity": {"nvidia-h100-80gb": capacity}},
    }
    function_config = Resource(emitter.document(config)) if capacity else None
    resources = ResourceList([Resource(part) for part in text.split("---\n") if "kind:" in part], function_config)
    validate_inference(resources)
    return {item.tags["rule"] for item in resources.results if "rule" in item.tags}


def test_the_gpus_of_the_tutorial_s_node_are_too_few_for_its_replicas() -> None:
    assert "gpu-capacity" in said_of_the_tutorial(2)
    assert "gpu-capacity" not in said_of_the_tutorial(3)


def test_the_release_name_that_the_tutorial_gives_makes_a_service_that_is_refused() -> None:
    text = read_shared(CHART).replace("vllm-llama3-1-8b-instruct-epp", "vllm-llama3.1-8b-instruct-epp")
    assert any("Service default/vllm-llama3.1-8b-instruct-epp: metadata.name" in line for line in findings(text))


@pytest.mark.parametrize(
    ("chart", "defects"),
    {
        "gaie-inferencepool-v1.0.0.yaml": ["httpHealthCheck.portSpecification"],
        "gaie-inferencepool-v1.5.0.yaml": ["httpHealthCheck.portSpecification"],
        "llm-d-router-gateway-v0.10.0.yaml": ["httpHealthCheck.portSpecification", "llm-d-router-endpoint-picker:main"],
    }.items(),
)
def test_the_charts_have_the_defects_that_manifests_show(chart: str, defects: list[str]) -> None:
    lines = above_info(read_shared(f"charts/{chart}"))
    assert len(lines) == len(defects)
    assert all(defect in line for line, defect in zip(lines, defects, strict=True))


def test_definitions_of_crds_have_no_finding() -> None:
    (line,) = findings(read_shared("crds/gateway-api-standard-v1.6.1/*.yaml", "crds/gmp/*.yaml"))
    assert "fields are not checked, because no schema of their kind is known" in line


def test_every_document_that_cannot_be_read_is_reported_beside_the_others() -> None:
    text = "a: 1\na: 2\n---\n- list\n---\nkind: ConfigMap\napiVersion: v1\n"
    lines = findings(text)
    assert [line for line in lines if "readable" in line or "cannot be read" in line]
    assert [line for line in lines if "1 document is not checked" in line]
    assert [line for line in lines if "ConfigMap" in line and "no name" in line]
    assert len(lines) == 3


def test_the_faults_of_intents_come_with_those_of_manifests() -> None:
    items = objects()
    items[0]["spec"]["modle"] = {}
    items[0]["spec"]["server"] = {"port": 70000}
    [route] = [item for item in items if item["kind"] == "HTTPRoute"]
    route["spec"]["parentRefs"][0]["name"] = "other"
    fields = [found.field for found in results(items).results]
    assert {"spec.modle", "spec.server.port", "spec.parentRefs[0].name"} <= set(fields)


def test_an_intent_that_would_reach_a_cluster_is_a_warning() -> None:
    items = objects()
    del items[0]["metadata"]["annotations"]
    [found] = results(items).results
    assert (found.severity, found.field) == (
        "warning",
        "metadata.annotations[config.kubernetes.io/local-config]",
    )


def test_the_drain_uses_the_numbers_of_the_intent() -> None:
    items = objects()
    items[0]["spec"]["drain"] = {"timePerOutputTokenMs": 40}
    assert [found.tags["rule"] for found in results(items).results] == ["drain-time"]


def test_credentials_are_not_shown() -> None:
    items = objects()
    [picker] = [item for item in items if item["kind"] == "Deployment" and item["metadata"]["name"].endswith("-epp")]
    container = picker["spec"]["template"]["spec"]["containers"][0]
    container["args"][0] = "--pool-name=hf_abcdefghijklmnop"
    picker["metadata"]["labels"]["note"] = "hf_abcdefghijklmnop!"
    found = results(items).results
    assert len(found) == 2
    assert "hf_abcdefghijklmnop" not in "".join(f"{item.message} {item.current}" for item in found)


def conflicting() -> list[dict[str, Any]]:
    items = objects()
    [route] = [item for item in items if item["kind"] == "HTTPRoute"]
    other = copy.deepcopy(route)
    other["metadata"]["name"] = "another"
    return [*items, other]


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"spec": {"severity": {"route-conflict": "warning"}}}, ["warning"]),
        ({"spec": {"severity": {"route-conflict": "off"}}}, []),
        ({"spec": {"severity": {"route-conflict": False}}}, []),
        ({"spec": {}}, ["error"]),
        ({"apiVersion": "v1", "kind": "ConfigMap", "data": {"route-conflict": "info"}}, ["info"]),
    ],
)
def test_the_severity_of_a_rule_can_be_set(config: dict[str, Any], expected: list[str]) -> None:
    config = {"apiVersion": "fn.kpt.dev/v1alpha1", "kind": "ValidateInference", "metadata": {"name": "x"}, **config}
    assert [found.severity for found in results(conflicting(), config).results] == expected


def test_faults_of_the_function_config_are_reported_with_the_findings() -> None:
    config = {
        "apiVersion": "fn.kpt.dev/v1alpha1",
        "kind": "ValidateInference",
        "metadata": {"name": "x"},
        "spec": {"severity": {"route-conflicts": "off", "label": "fatal"}},
    }
    found = results(conflicting(), config).results
    assert {item.field for item in found} == {
        "spec.severity.route-conflicts", "spec.severity.label", "spec.rules[0].matches[0]",
    }  # fmt: skip
    assert any('did you mean "route-conflict"?' in item.message for item in found)


def test_a_function_config_of_another_kind_is_refused() -> None:
    found = results([], {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}}).results
    assert [item.field for item in found] == ["kind"]


def excepted(annotations: dict[str, Any], config: dict[str, Any] | None = None) -> list[tuple[str, str, str]]:
    """Return severity, rule and message of what is found in a set with a conflict of routes and these annotations."""
    items = conflicting()
    items[-1]["metadata"].setdefault("annotations", {}).update(
        {f"validate.inference.fn.kpt.dev/{rule}": text for rule, text in annotations.items()}
    )
    found = results(items, config).results
    return [(item.severity, item.tags["rule"], item.message) for item in found]


@pytest.mark.parametrize(
    ("annotations", "expected"),
    [
        ({"route-conflict": "off: the other one is about to go"}, []),
        ({"route-conflict": "info: the other one is about to go"}, [("info", "route-conflict", "both match")]),
        ({"route-conflict": "off"}, [("error", "route-conflict", ""), ("warning", "exception", "a reason")]),
        ({"route-conflict": "off: "}, [("error", "route-conflict", ""), ("warning", "exception", "a reason")]),
        ({"route-conflict": "of: typo"}, [("error", "route-conflict", ""), ("warning", "exception", "a severity")]),
        (
            {"route-conflicts": "off: typo"},
            [("error", "route-conflict", ""), ("warning", "exception", 'did you mean "route-conflict"?')],
        ),
        (
            {"route-path": "off: once", "route-conflict": "off: why"},
            [("warning", "exception", "route-path finds nothing")],
        ),
        (
            {"exception": "off: no way", "route-conflict": "off: why"},
            [("warning", "exception", 'no rule "exception"')],
        ),
    ],
)
def test_an_object_can_be_excepted_from_a_rule_with_a_reason(
    annotations: dict[str, Any], expected: list[tuple[str, str, str]]
) -> None:
    found = excepted(annotations)
    assert [item[:2] for item in found] == [item[:2] for item in expected]
    assert all(part in message for (_, _, message), (_, _, part) in zip(found, expected, strict=True))


def test_an_exception_from_a_rule_that_is_off_is_not_called_needless() -> None:
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, "data": {"route-conflict": "off"}}
    assert excepted({"route-conflict": "off: why"}, config) == []


def test_every_rule_says_why_who_says_so_and_what_to_do() -> None:
    for rule in RULES:
        assert all((rule.what, rule.why, rule.source, rule.fix)), rule.id
    assert RULES[-1].id == "exception"


def test_the_definition_knows_every_rule_and_its_severity() -> None:
    definition = Schema.of_definition(EXAMPLES.parent / "definition.yaml")
    rules = definition.openapi["properties"]["spec"]["properties"]["severity"]["properties"]
    assert {name: part["default"] for name, part in rules.items()} == {rule.id: rule.severity for rule in RULES}
    assert [part["description"] for part in rules.values()] == [rule.what for rule in RULES]
    assert len({rule.id for rule in RULES}) == len(RULES)


def test_findings_are_sorted_and_none_stands_twice() -> None:
    items = objects()
    for item in items:
        item["metadata"].pop("namespace", None)
        if item["kind"] == "InferencePool":
            item["metadata"]["name"] = "other"
            item["spec"]["targetPorts"][0]["number"] = 1
    found = results(items).results
    ranks = [("error", "warning", "info").index(item.severity) for item in found]
    assert ranks == sorted(ranks)
    places = [(item.tags["rule"], item.reference["kind"], item.reference["name"], item.field) for item in found]
    assert len(places) == len(set(places)) > 5


ODD_VALUES: tuple[Any, ...] = (
    None,
    0,
    True,
    "x",
    "",
    [],
    {},
    [None],
    {"a": None},
    1.5,
    ["a", "a"],
    [{"name": 1}],
    {"name": ["b"]},
)


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path] * bool(path) + [found for key, part in inner for found in paths(part, (*path, key))]


def test_values_of_any_shape_are_survived(far: bool) -> None:
    chance = random.Random(7)
    items = objects()[1:]
    places = [(index, path) for index, item in enumerate(items) for path in paths(item)]
    texts = [Resource(emitter.document(item)) for item in items]
    for index, path in chance.sample(places, 400 if far else 130):
        broken = copy.deepcopy(items[index])
        parent = broken
        for key in path[:-1]:
            parent = parent[key]
        parent[path[-1]] = chance.choice(ODD_VALUES)
        resources = ResourceList([*texts[:index], Resource(emitter.document(broken)), *texts[index + 1 :]])
        validate_inference(resources)
        assert all(str(found) and found.to_dict() for found in resources.results)
