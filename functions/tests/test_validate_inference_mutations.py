"""Every field of the rendered package that is coupled to another one, changed in every way that could break the tie.

`COUPLINGS` says of each change by which rule it is found and at which field, or why it does no harm.
"""

from __future__ import annotations

import copy
import json
import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from krm_functions_sdk import Resource, ResourceList, emitter, field_path
from krm_functions_sdk.field_path import Flag, Match
from krm_inference.generate_inference_pool import generate_inference_pool
from krm_inference.generate_model_server import generate_model_server
from krm_inference.generate_monitoring import generate_monitoring
from krm_inference.generate_objectives import generate_objectives
from krm_inference.generate_routing import generate_routing
from krm_inference.inject_accelerator import inject_accelerator
from krm_inference.inject_lifecycle import inject_lifecycle
from krm_inference.inject_lora import inject_lora
from krm_inference.validate_inference import validate_inference
from krm_inference.validate_inference.rules import RULES

EXAMPLES = Path(__file__).resolve().parents[1] / "krm_inference" / "validate_inference" / "examples"
PIPELINE = (
    generate_model_server,
    inject_accelerator,
    inject_lifecycle,
    inject_lora,
    generate_inference_pool,
    generate_objectives,
    generate_routing,
    generate_monitoring,
)
INTENT = """\
apiVersion: inference.fn.kpt.dev/v1alpha1
kind: LLMService
metadata:
  name: llama3.1
  namespace: llm
  annotations:
    config.kubernetes.io/local-config: "true"
spec:
  release: gaie-v1.0
  model:
    id: meta-llama/Llama-3.1-8B-Instruct
  replicas: 3
  accelerator:
    type: nvidia-h100-80gb
  adapters:
  - name: food-review
    source: Kawon/llama3.1-food-finetune_v14_r8
    priority: 10
  gateway:
    name: inference-gateway
"""
SERVER, EPP, READER = "llama3.1", "llama3-1-epp", "llama3-1-metrics-reader"
SECRET_ROLE, EPP_CLUSTER, READER_CLUSTER = f"{READER}-secret", f"llm-{EPP}", f"llm-{READER}"
POD = "spec.template.spec"
VLLM, EPP_BOX = f"{POD}.containers[name=vllm]", f"{POD}.containers[name=epp]"
SYNCER = f"{POD}.initContainers[name=lora-adapter-syncer]"
POOL_NAME = f"{EPP_BOX}.env[name=POOL_NAME]"
GROUP = "inference.networking.k8s.io"


class Found(NamedTuple):
    """The rule that finds a change, and where: at the changed field, or at the other end of the tie."""

    rule: str
    field: str = ""
    on: str = ""


class Harmless(NamedTuple):
    """Why a change breaks nothing."""

    reason: str


class To:
    """The change of a field to a value of its own."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __str__(self) -> str:
        return f"to {self.value}"


Operator = str | To
Expected = Found | Harmless
RENAME, PLUS, MINUS, DROP = "rename", "plus one", "minus one", "drop"


def text(found: Expected, dropped: Expected | None = None) -> dict[Operator, Expected]:
    """Return what is expected of a string."""
    return {RENAME: found, DROP: dropped or found}


def number(found: Expected, dropped: Expected | None = None) -> dict[Operator, Expected]:
    """Return what is expected of an integer."""
    return {PLUS: found, MINUS: found, DROP: dropped or found}


DEFAULTED = Harmless("the API's default is the same")
ROOM = Harmless("ten seconds are left for the server to exit")
DEPLOYMENT, EPP_DEPLOYMENT = f"Deployment/{SERVER}", f"Deployment/{EPP}"
POOL = f"InferencePool/{SERVER}"
HEALTH, BACKEND = f"HealthCheckPolicy/{SERVER}", f"GCPBackendPolicy/{SERVER}"
CHECK = "spec.default.config.httpHealthCheck"
ROUTE = f"HTTPRoute/{SERVER}"
EPP_MONITOR = f"PodMonitoring/{EPP}"
NAME = "metadata.name"
PORTS = Harmless("the Service leads to a number; a containerPort that nothing names only informs")

COUPLINGS: dict[tuple[str, str], dict[Operator, Expected]] = {
    # The server
    (DEPLOYMENT, f"{POD.removesuffix('.spec')}.metadata.labels.app"): text(Found("workload-selector")),
    (DEPLOYMENT, "spec.selector.matchLabels.app"): text(
        Found("workload-selector", "spec.template.metadata.labels.app"),
        Found("workload-selector", "spec.selector.matchLabels"),
    ),
    (DEPLOYMENT, f"{VLLM}.args[--port]"): number(Found("server-port"), Harmless("vLLM's default is the same")),
    (DEPLOYMENT, f"{VLLM}.ports[name=http].containerPort"): number(Found("server-port")),
    (DEPLOYMENT, f"{VLLM}.ports[name=http].name"): text(
        Found("probe-port-name", f"{VLLM}.readinessProbe.httpGet.port")
    ),
    (DEPLOYMENT, f"{VLLM}.command"): {
        To(["sh", "-c", "vllm serve model --shutdown-timeout=90"]): Found("drain-signal", f"{VLLM}.command[2]")
    },
    (DEPLOYMENT, f"{VLLM}.livenessProbe.httpGet.port"): {
        RENAME: Found("probe-port-name"),
        To(8000): Harmless("the number of the port in place of its name"),
        To(8001): Found("server-port"),
    },
    (DEPLOYMENT, f"{VLLM}.args[--shutdown-timeout]"): {
        PLUS: ROOM,
        MINUS: Harmless("89 s still cover the longest answer"),
        DROP: Found("drain-shutdown-timeout"),
        To("--shutdown-timeout=0"): Found("drain-shutdown-timeout"),
        To("--shutdown-timeout=57"): Found("drain-time"),
        To("--shutdown-timeout=100"): Found("drain-order"),
    },
    (DEPLOYMENT, f"{POD}.terminationGracePeriodSeconds"): {
        PLUS: Found("drain-picker", f"{POD}.terminationGracePeriodSeconds", EPP_DEPLOYMENT),
        MINUS: ROOM,
        DROP: Found("drain-order", f"{VLLM}.args[--shutdown-timeout]"),
        To(120): Found("drain-order", f"{VLLM}.args[--shutdown-timeout]"),
    },
    (DEPLOYMENT, f"{VLLM}.lifecycle.preStop.sleep.seconds"): {
        PLUS: ROOM,
        MINUS: ROOM,
        DROP: Harmless("without a pause the drain still fits"),
        To(40): Found("drain-order", f"{VLLM}.args[--shutdown-timeout]"),
    },
    (DEPLOYMENT, f"{VLLM}.args[--override-generation-config]"): text(Found("drain-output-bound")),
    (DEPLOYMENT, f"{POD}.volumes[name=lora-adapters].configMap.name"): text(
        Found("pod-config-map"), Found("reference-name")
    ),
    (DEPLOYMENT, f"{POD}.volumes[name=lora-adapters].name"): text(
        Found("pod-volume", f"{SYNCER}.volumeMounts[0].name"),
    ),
    (DEPLOYMENT, f"{SYNCER}.volumeMounts[0].name"): text(Found("pod-volume")),
    (DEPLOYMENT, f"{SYNCER}.volumeMounts[0].mountPath"): {
        RENAME: Found("config-file", f"{SYNCER}.env[name=DYNAMIC_LORA_ROLLOUT_CONFIG].value"),
    },
    (DEPLOYMENT, f"{SYNCER}.env[name=DYNAMIC_LORA_ROLLOUT_CONFIG].value"): {
        RENAME: Found("config-file"),
        To("/other/configmap.yaml"): Found("config-file"),
    },
    (f"ConfigMap/{SERVER}-adapters", NAME): text(
        Found("pod-config-map", f"{POD}.volumes[name=lora-adapters].configMap.name", DEPLOYMENT), Found("object")
    ),
    (f"ConfigMap/{SERVER}-adapters", "data"): {
        To({"other.yaml": ""}): Found(
            "config-file", f"{SYNCER}.env[name=DYNAMIC_LORA_ROLLOUT_CONFIG].value", DEPLOYMENT
        ),
        To({"configmap.yaml": "vLLMLoRAConfig:\n  port: 8001\n"}): Found("server-port", "data[configmap.yaml]"),
        To({"configmap.yaml": "vLLMLoRAConfig:\n  port: '8000'\n"}): Found("server-port", "data[configmap.yaml]"),
        To({"configmap.yaml": "vLLMLoRAConfig: {}\n"}): Harmless("the syncer's default is vLLM's"),
    },
    # The pool
    (POOL, NAME): text(Found("route-backend", "spec.rules[0].backendRefs[0].name", ROUTE)),
    (POOL, "apiVersion"): {
        To("inference.networking.k8s.io/v1alpha1"): Found("api-version"),
        To("inference.networking.x-k8s.io/v1"): Found("api-version"),
    },
    (POOL, "spec.targetPorts[0].number"): number(Found("server-port")),
    (POOL, "spec.selector.matchLabels.app"): text(
        Found("pool-selector"), Found("pool-selector", "spec.selector.matchLabels")
    ),
    (POOL, "spec.endpointPickerRef.name"): text(Found("pool-picker"), Found("reference-name")),
    (POOL, "spec.endpointPickerRef.kind"): text(Found("reference-kind"), DEFAULTED),
    (POOL, "spec.endpointPickerRef.group"): text(Found("reference-kind"), DEFAULTED),
    (POOL, "spec.endpointPickerRef.port.number"): number(Found("picker-service-port")),
    # The policies
    **{
        (policy, "spec.targetRef.name"): text(Found("policy-target"), Found("reference-name"))
        for policy in (HEALTH, BACKEND)
    },
    **{(policy, "spec.targetRef.kind"): text(Found("reference-kind")) for policy in (HEALTH, BACKEND)},
    **{(policy, "spec.targetRef.group"): text(Found("reference-kind")) for policy in (HEALTH, BACKEND)},
    (HEALTH, "spec.targetRef"): {
        To({"group": "", "kind": "Service", "name": SERVER}): Found("reference-kind", "spec.targetRef.kind"),
    },
    (HEALTH, f"{CHECK}.port"): number(Found("server-port"), Found("health-check-port")),
    (HEALTH, CHECK): {To({"requestPath": "/health"}): Found("health-check-port-unsaid", f"{CHECK}.portSpecification")},
    (HEALTH, f"{CHECK}.portSpecification"): {
        DROP: Found("health-check-port"),
        To("USE_NAMED_PORT"): Found("health-check-port", f"{CHECK}.port"),
        To("USE_SERVING_PORT"): Found("health-check-port"),
    },
    (HEALTH, "spec.default.config.type"): {
        To("GRPC"): Found("health-check-type", "spec.default.config.grpcHealthCheck")
    },
    (BACKEND, "spec.default.timeoutSec"): {
        PLUS: Harmless("300 s are more than the longest answer"),
        MINUS: Harmless("300 s are more than the longest answer"),
        DROP: Found("backend-timeout"),
        To(57): Found("backend-timeout"),
        To(58): Harmless("the longest answer takes 57.3 s"),
    },
    (BACKEND, "spec.default.connectionDraining.drainingTimeoutSec"): {
        PLUS: Harmless("longer than the Pods live"),
        MINUS: Harmless("longer than the longest answer"),
        DROP: Found("backend-draining"),
        To(0): Found("backend-draining"),
        To(3601): Found("backend-draining-range"),
        To(-1): Found("backend-draining-range"),
    },
    # The picker
    (EPP_DEPLOYMENT, "spec.template.metadata.labels.inferencepool"): text(
        Found("picker-service-selector", "spec.selector.inferencepool", f"Service/{EPP}")
    ),
    (EPP_DEPLOYMENT, "spec.template.metadata.labels"): {
        To({"inferencepool": EPP, "app": SERVER}): Found("pool-selects-picker", "spec.selector.matchLabels", POOL)
    },
    (f"Role/{EPP}", "rules"): {To([]): Found("picker-rights", f"{POD}.serviceAccountName", EPP_DEPLOYMENT)},
    (EPP_DEPLOYMENT, f"{POD}.serviceAccountName"): text(Found("pod-account"), Found("picker-account")),
    (EPP_DEPLOYMENT, f"{POD}.terminationGracePeriodSeconds"): {
        PLUS: Harmless("longer than the Pods live"),
        MINUS: Found("drain-picker"),
        DROP: Found("drain-picker"),
    },
    (EPP_DEPLOYMENT, f"{EPP_BOX}.args[--pool-name]"): text(Found("picker-pool")),
    (EPP_DEPLOYMENT, f"{EPP_BOX}.args[--pool-namespace]"): {
        RENAME: Found("picker-pool"),
        To("--pool-namespace=default"): Found("picker-pool"),
        DROP: Found("picker-pool"),
    },
    (EPP_DEPLOYMENT, f"{POOL_NAME}.value"): text(Found("picker-pool")),
    (EPP_DEPLOYMENT, f"{POOL_NAME}.name"): text(Found("picker-pool", f"{EPP_BOX}.args[--pool-name]")),
    (EPP_DEPLOYMENT, f"{EPP_BOX}.env[name=NAMESPACE].name"): text(
        Found("picker-pool", f"{EPP_BOX}.args[--pool-namespace]")
    ),
    (EPP_DEPLOYMENT, f"{EPP_BOX}.args[--kv-cache-usage-percentage-metric]"): text(Found("picker-metric")),
    (EPP_DEPLOYMENT, f"{EPP_BOX}.args[--config-file]"): {
        RENAME: Found("config-file"),
        DROP: Harmless("the picker starts with its built-in scorers"),
    },
    (EPP_DEPLOYMENT, f"{EPP_BOX}.readinessProbe.grpc.port"): {
        PLUS: Found("picker-probe"),
        MINUS: Found("picker-probe"),
    },
    (EPP_DEPLOYMENT, f"{EPP_BOX}.ports[name=grpc].containerPort"): {PLUS: PORTS, MINUS: PORTS},
    (EPP_DEPLOYMENT, f"{EPP_BOX}.ports[name=metrics].name"): text(
        Found("monitor-port", "spec.endpoints[0].port", EPP_MONITOR)
    ),
    (EPP_DEPLOYMENT, f"{POD}.volumes[name=plugins-config-volume].configMap.name"): text(
        Found("pod-config-map"), Found("reference-name")
    ),
    (f"ConfigMap/{EPP}", NAME): text(
        Found("pod-config-map", f"{POD}.volumes[name=plugins-config-volume].configMap.name", EPP_DEPLOYMENT),
        Found("object"),
    ),
    (f"ConfigMap/{EPP}", "data"): {
        To({"other.yaml": ""}): Found("config-file", f"{EPP_BOX}.args[--config-file]", EPP_DEPLOYMENT)
    },
    (f"Service/{EPP}", NAME): {
        RENAME: Found("pool-picker", "spec.endpointPickerRef.name", POOL),
        DROP: Found("object"),
        To("llama3.1-epp"): Found("service-name"),
    },
    (f"Service/{EPP}", "spec.selector.inferencepool"): text(
        Found("picker-service-selector"), Found("picker-service-selector", "spec.selector")
    ),
    (f"Service/{EPP}", "spec.ports[name=grpc-ext-proc].port"): {
        PLUS: Found("picker-service-port", "spec.endpointPickerRef.port.number", POOL),
        MINUS: Found("picker-service-port", "spec.endpointPickerRef.port.number", POOL),
    },
    (f"Service/{EPP}", "spec.ports[name=grpc-ext-proc]"): {
        To({"name": "grpc-ext-proc", "port": 9002, "targetPort": 9003}): Found(
            "picker-service-port", "spec.ports[name=grpc-ext-proc].targetPort"
        )
    },
    # Rights
    (f"ServiceAccount/{EPP}", NAME): text(Found("pod-account", f"{POD}.serviceAccountName", EPP_DEPLOYMENT)),
    (f"ServiceAccount/{READER}", NAME): text(
        Found("token-account", "metadata.annotations[kubernetes.io/service-account.name]", f"Secret/{READER}")
    ),
    (f"Role/{EPP}", NAME): text(Found("binding-role", "roleRef.name", f"RoleBinding/{EPP}")),
    (f"ClusterRole/{EPP_CLUSTER}", NAME): text(
        Found("binding-role", "roleRef.name", f"ClusterRoleBinding/{EPP_CLUSTER}")
    ),
    **{
        (binding, path): text(Found(rule), Found(dropped))
        for binding in (
            f"RoleBinding/{EPP}",
            f"ClusterRoleBinding/{EPP_CLUSTER}",
            f"ClusterRoleBinding/{READER_CLUSTER}",
        )
        for path, rule, dropped in (
            ("roleRef.name", "binding-role", "reference-name"),
            ("roleRef.kind", "reference-kind", "reference-kind"),
            ("subjects[0].name", "binding-subject", "reference-name"),
        )
    },
    (f"RoleBinding/{EPP}", "roleRef.apiGroup"): text(Found("reference-kind"), DEFAULTED),
    **{
        (binding, "subjects[0].namespace"): text(Found("binding-subject"), Found("binding-subject-namespace"))
        for binding in (f"ClusterRoleBinding/{EPP_CLUSTER}", f"ClusterRoleBinding/{READER_CLUSTER}")
    },
    (f"RoleBinding/{SECRET_ROLE}", "roleRef.name"): text(Found("binding-role"), Found("reference-name")),
    (f"RoleBinding/{SECRET_ROLE}", "subjects[0].name"): {
        RENAME: Harmless("an account of the cluster, not of the package")
    },
    (f"Role/{SECRET_ROLE}", "rules[0].resourceNames[0]"): {
        RENAME: Found("role-resource-name"),
        DROP: Harmless("without names the Role grants all Secrets: too much, but nothing breaks"),
    },
    (f"Secret/{READER}", "metadata.annotations[kubernetes.io/service-account.name]"): text(
        Found("token-account"), Found("reference-name")
    ),
    (f"Secret/{READER}", NAME): text(
        Found("monitor-secret", "spec.endpoints[0].authorization.credentials.secret.name", EPP_MONITOR)
    ),
    # Monitors
    (EPP_MONITOR, "spec.selector.matchLabels.inferencepool"): {RENAME: Found("monitor-selector")},
    (EPP_MONITOR, "spec.endpoints[0].port"): {RENAME: Found("monitor-port")},
    (EPP_MONITOR, "spec.endpoints[0].authorization.credentials.secret.name"): text(
        Found("monitor-secret"), Found("reference-name")
    ),
    (EPP_MONITOR, "spec.endpoints[0].authorization.credentials.secret"): {
        To({"name": READER, "key": "token", "namespace": "default"}): Found(
            "monitor-secret", "spec.endpoints[0].authorization.credentials.secret.namespace"
        )
    },
    ("PodMonitoring/llama3-1", "spec.selector.matchLabels.app"): {RENAME: Found("monitor-selector")},
    ("PodMonitoring/llama3-1", "spec.endpoints[0].port"): {RENAME: Found("monitor-port")},
    # Objectives and routes
    ("InferenceObjective/food-review", "apiVersion"): {
        To("inference.networking.k8s.io/v1alpha1"): Found("api-version"),
        To("inference.networking.x-k8s.io/v1"): Found("api-version"),
    },
    ("InferenceObjective/food-review", "spec.priority"): {
        RENAME: Found("field-value"),
        To(2**31): Found("objective-priority"),
        DROP: Harmless("the priority is 0 without it"),
    },
    ("InferenceObjective/food-review", "spec.poolRef.name"): text(Found("objective-pool"), Found("reference-name")),
    ("InferenceObjective/food-review", "spec.poolRef.kind"): text(Found("reference-kind"), DEFAULTED),
    ("InferenceObjective/food-review", "spec.poolRef.group"): text(Found("reference-kind"), DEFAULTED),
    ("Gateway/inference-gateway", NAME): text(Found("route-parent", "spec.parentRefs[0].name", ROUTE), Found("object"))
    | {To("Inference_Gateway"): Found("object-name")},
    ("Gateway/inference-gateway", "spec"): {
        To({"gatewayClassName": "x", "listeners": [{"name": "http", "port": "80", "protocol": "HTTP"}]}): Found(
            "field-value", "spec.listeners[name=http].port"
        ),
    },
    (ROUTE, "spec.parentRefs[0].name"): text(Found("route-parent"), Found("reference-name")),
    (ROUTE, "spec.parentRefs[0].kind"): text(Found("reference-kind"), DEFAULTED),
    (ROUTE, "spec.parentRefs[0].group"): text(Found("reference-kind"), DEFAULTED),
    (ROUTE, "spec.parentRefs[0]"): {
        To({"name": "inference-gateway", "namespace": "infra"}): Found("route-parent", "spec.parentRefs[0].name"),
        To({"name": "inference-gateway", "sectionName": "no-such"}): Found(
            "route-section", "spec.parentRefs[0].sectionName"
        ),
        To({"name": "shared-gateway", "namespace": "infra"}): Harmless(
            "a Gateway of another namespace, which is not here"
        ),
    },
    (ROUTE, "spec.rules[0].backendRefs[0].name"): text(Found("route-backend"), Found("reference-name")),
    (ROUTE, "spec.rules[0].backendRefs[0].kind"): text(Found("reference-kind")),
    (ROUTE, "spec.rules[0].backendRefs[0].group"): text(Found("reference-kind")),
    (ROUTE, "spec.rules[0].backendRefs[0]"): {
        To({"name": SERVER}): Found("reference-kind", "spec.rules[0].backendRefs[0].kind")
    },
    (ROUTE, "spec.rules[0].matches[0].path.value"): {
        To("v1"): Found("route-path"),
        To("/v1"): Harmless("another path"),
    },
}
CASES = [
    pytest.param(target, path, operator, expected, id=f"{target} {path} {operator}")
    for (target, path), changes in COUPLINGS.items()
    for operator, expected in changes.items()
]


@cache
def rendered() -> str:
    resources = ResourceList([Resource(INTENT, path="llm.yaml")])
    for function in PIPELINE:
        function(resources)
    assert not resources.results.failed
    return json.dumps([item.data for item in resources])


def objects() -> list[dict[str, Any]]:
    return json.loads(rendered())  # type: ignore[no-any-return]  # what was dumped a moment ago


def changed(target: str, path: str, operator: Operator) -> list[dict[str, Any]]:
    items = objects()
    kind, _, name = target.partition("/")
    [item] = [item for item in items if item["kind"] == kind and item["metadata"]["name"] == name]
    *above, last = field_path.parse(path)
    parent: Any = item
    for step in above:
        parent = parent[position(parent, step)]
    place = position(parent, last)
    if operator == DROP:
        del parent[place]
    else:
        parent[place] = operator.value if isinstance(operator, To) else moved(parent[place], operator)
    return items


def position(parent: Any, step: field_path.Step) -> Any:
    if isinstance(step, Match):
        return next(index for index, item in enumerate(parent) if item[step[0]] == step[1])
    if isinstance(step, Flag):
        return next(index for index, item in enumerate(parent) if item.partition("=")[0] == step[0])
    return step


def moved(value: Any, operator: str) -> Any:
    if operator == RENAME:
        return f"{value}-x"
    by = 1 if operator == PLUS else -1
    if isinstance(value, int):
        return value + by
    flag, _, number_of = value.partition("=")
    return f"{flag}={int(number_of) + by}"


def findings(items: list[dict[str, Any]]) -> list[tuple[str, str, str, str]]:
    """Return severity, rule, object and field of each finding."""
    resources = ResourceList([Resource(emitter.document(item)) for item in items])
    validate_inference(resources)
    return [
        (
            found.severity,
            found.tags.get("rule", ""),
            f"{found.reference.get('kind')}/{found.reference.get('name')}",
            found.field,
        )
        for found in resources.results
    ]


# Rules that nothing here makes speak yet; a new rule does not belong here.
WITHOUT_A_CASE = {
    "gateway-class",
    "objective-header",
    "gpu-memory-tight",
    "lora-adapter-rank",
    "server-metrics",
    "syncer-api-key",
}


def test_every_rule_finds_something_in_an_example_or_a_mutant() -> None:
    found = {
        expected.rule for changes in COUPLINGS.values() for expected in changes.values() if isinstance(expected, Found)
    }
    for file in EXAMPLES.glob("*/expected.yaml"):
        found |= set(re.findall(r"^    rule: (\S+)$", file.read_text(encoding="utf-8"), re.MULTILINE))
    # Rules with a table of cases of their own.
    for file in set(Path(__file__).parent.glob("test_*.py")) - {Path(__file__)}:
        found |= set(re.findall(r'"([a-z][a-z0-9-]+)"', file.read_text(encoding="utf-8")))
    assert {rule.id for rule in RULES} - found <= WITHOUT_A_CASE


def test_the_package_as_it_is_has_no_finding() -> None:
    assert findings(objects()) == []


@pytest.mark.parametrize(("target", "path", "operator", "expected"), CASES)
def test_a_broken_tie_is_found_at_its_field(target: str, path: str, operator: Operator, expected: Expected) -> None:
    found = findings(changed(target, path, operator))
    if isinstance(expected, Harmless):
        assert [item for item in found if item[0] != "info"] == []
        return
    places = {(rule, on, field) for _, rule, on, field in found}
    here = target if path != NAME or operator == DROP else f"{target}-x"
    on = expected.on or here
    if expected.rule == "object":
        assert ("object", f"{target.partition('/')[0]}/None", NAME) in places
    elif isinstance(operator, To) and path == NAME:
        assert expected.rule in {rule for rule, _, _ in places}
    else:
        assert (expected.rule, on, expected.field or path) in places


NAMESPACED = [
    f"{item['kind']}/{item['metadata']['name']}"
    for item in objects()
    if "namespace" in item["metadata"] and item["kind"] != "LLMService"
]


@pytest.mark.parametrize("target", NAMESPACED)
def test_an_object_in_another_namespace_is_found(target: str) -> None:
    assert [item for item in findings(changed(target, "metadata.namespace", To("other"))) if item[0] != "info"]


@pytest.mark.parametrize("target", NAMESPACED)
def test_an_object_without_the_namespace_of_the_others_is_found(target: str) -> None:
    found = findings(changed(target, "metadata.namespace", DROP))
    assert [item[1] for item in found] == ["namespace-mixed"]


def test_an_object_twice_is_found_once_and_names_both_files() -> None:
    items = objects()
    first, second = (
        Resource(emitter.document(items[1]), path="a.yaml"),
        Resource(emitter.document(items[1]), path="b.yaml"),
    )
    resources = ResourceList([first, second])
    validate_inference(resources)
    [found] = [found for found in resources.results if found.tags["rule"] == "object-duplicate"]
    assert found.file == "b.yaml"
    assert "a.yaml" in found.message
    assert "b.yaml" in found.message


def test_two_policies_of_one_target_are_found() -> None:
    items = objects()
    [policy] = [item for item in items if item["kind"] == "HealthCheckPolicy"]
    other = copy.deepcopy(policy)
    other["metadata"]["name"] = "another"
    assert ("error", "policy-duplicate", "HealthCheckPolicy/another", "spec.targetRef.name") in findings(
        [*items, other]
    )


def test_two_routes_of_one_host_and_path_are_found() -> None:
    items = objects()
    [route] = [item for item in items if item["kind"] == "HTTPRoute"]
    other = copy.deepcopy(route)
    other["metadata"]["name"] = "another"
    assert ("error", "route-conflict", "HTTPRoute/another", "spec.rules[0].matches[0]") in findings([*items, other])
    other["spec"]["hostnames"] = ["other.example.com"]
    assert findings([*items, other]) == []
