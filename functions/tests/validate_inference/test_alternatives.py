"""Folders that hold several sets: examples beside each other, one file for each model, an overlay for each place."""

from __future__ import annotations

from pathlib import Path

import pytest
from checked import said
from krm_functions_sdk import Result

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: vllm
spec:
  selector:
    matchLabels:
      app: vllm
  template:
    metadata:
      labels:
        app: vllm
    spec:
      containers:
      - name: vllm
        image: vllm/vllm-openai:v0.32.0
        args: [--model=Qwen/Qwen3-8B, --port=8000]
        readinessProbe:
          httpGet:
            path: /health
            port: 8000
"""
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  one: '1'\n"
ROUTE = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: NAME
spec:
  parentRefs:
  - name: shared
  rules:
  - backendRefs:
    - group: inference.networking.k8s.io
      kind: InferencePool
      name: POOL
"""
POOL = """\
apiVersion: inference.networking.k8s.io/v1
kind: InferencePool
metadata:
  name: NAME
spec:
  targetPorts:
  - number: 8000
  selector:
    matchLabels:
      app: NAME
  endpointPickerRef:
    name: NAME-epp
    port:
      number: 9002
"""
KUSTOMIZATION = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml, b.yaml]\n"
KPTFILE = "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: chat\n"


def rules(results: list[Result], *severities: str) -> list[str]:
    return [result.tags["rule"] for result in results if result.severity in (severities or ("error", "warning"))]


def test_files_that_hold_the_same_object_are_alternatives_and_one_info_says_so(tmp_path: Path) -> None:
    files = {f"{name}.yaml": DEPLOYMENT for name in ("small", "large", "huge")}
    results = said(tmp_path, {**files, "settings.yaml": CONFIG})
    assert "object-duplicate" not in rules(results)
    (found,) = [result for result in results if result.tags["rule"] == "foreign"]
    assert found.severity == "info"
    assert "3 files" in found.message
    assert "Deployment vllm" in found.message


def test_one_file_that_holds_an_object_twice_is_an_error(tmp_path: Path) -> None:
    assert "object-duplicate" in rules(said(tmp_path, {"all.yaml": f"{CONFIG}---\n{CONFIG}"}))


def test_a_package_that_holds_an_object_twice_is_an_error(tmp_path: Path) -> None:
    assert "object-duplicate" in rules(said(tmp_path, {"Kptfile": KPTFILE, "a.yaml": CONFIG, "sub/b.yaml": CONFIG}))


def test_a_kustomization_that_names_an_object_twice_is_an_error(tmp_path: Path) -> None:
    files = {"kustomization.yaml": KUSTOMIZATION, "a.yaml": CONFIG, "b.yaml": CONFIG}
    assert "object-duplicate" in rules(said(tmp_path, files))


def test_every_alternative_is_checked(tmp_path: Path) -> None:
    broken = DEPLOYMENT.replace("--port=8000", "--prot=8000")
    results = said(tmp_path, {"one.yaml": broken, "two.yaml": broken, "three.yaml": broken})
    files = [result.file for result in results if result.tags["rule"] == "server-flag"]
    assert files == [(tmp_path / name).as_posix() for name in ("one.yaml", "three.yaml", "two.yaml")]


def test_what_another_set_holds_is_not_missing(tmp_path: Path) -> None:
    """A route whose pool lies in the folder beside it; another pool lies in its own."""
    files = {
        "one/pool.yaml": POOL.replace("NAME", "chat"),
        "one/settings.yaml": CONFIG,
        "two/pool.yaml": POOL.replace("NAME", "chats"),
        "two/route.yaml": ROUTE.replace("NAME", "chat").replace("POOL", "chat"),
        "two/settings.yaml": CONFIG,
    }
    assert "route-backend" not in rules(said(tmp_path, files))


def test_folders_without_a_common_object_are_one_set(tmp_path: Path) -> None:
    files = {"servers/pool.yaml": POOL.replace("NAME", "chat"), "routes/route.yaml": ROUTE.replace("POOL", "chats")}
    assert "route-backend" in rules(said(tmp_path, files))


def test_a_folder_with_alternatives_leaves_its_neighbours_whole(tmp_path: Path) -> None:
    """What is split is split where the same object stands twice, and not elsewhere."""
    files = {
        "deploy/servers/pool.yaml": POOL.replace("NAME", "chat"),
        "deploy/routes/route.yaml": ROUTE.replace("POOL", "chats"),
        "examples/a.yaml": CONFIG,
        "examples/b.yaml": CONFIG,
    }
    assert "route-backend" in rules(said(tmp_path, files))


CHART = {"chart/Chart.yaml": "apiVersion: v2\nname: vllm\nversion: 1.0.0\n"}
HELM = CONFIG.replace("settings", "'{{ .Release.Name }}'")
PART = DEPLOYMENT.partition("  selector:")[0] + "  template:\n    spec:\n      containers:\n"
FOREIGN = {
    "a template of Helm": {**CHART, "chart/templates/one.yaml": HELM, "chart/templates/two.yaml": CONFIG},
    "a name that Helm writes": {"one.yaml": HELM},
    "a part that a tool merges": {"part.yaml": f"{PART}      - name: vllm\n        args: [--port=8000]\n"},
    "a patch that deletes": {"delete.yaml": f"$patch: delete\n{CONFIG}"},
    "a file called a patch": {"manager_image_patch.yaml": CONFIG.replace("one:", "two:")},
    "a file of a tool": {"c.yaml": "apiVersion: config.kueue.x-k8s.io/v1beta1\nkind: Configuration\n"},
    "a report": {"r.yaml": "apiVersion: gateway.networking.k8s.io/v1\nkind: ConformanceReport\nmetadata: {x: y}\n"},
}


@pytest.mark.parametrize("files", FOREIGN.values(), ids=FOREIGN)
def test_what_no_cluster_takes_alone_is_no_object(tmp_path: Path, files: dict[str, str]) -> None:
    assert {result.tags["rule"] for result in said(tmp_path, files)} == {"foreign"}


def test_a_kustomization_needs_no_metadata(tmp_path: Path) -> None:
    assert rules(said(tmp_path, {"kustomization.yaml": KUSTOMIZATION, "a.yaml": CONFIG})) == ["kustomization-file"]


def test_a_file_in_a_folder_with_its_own_kustomization_is_there(tmp_path: Path) -> None:
    inner = KUSTOMIZATION.replace("a.yaml, b.yaml", "a.yaml")
    outer = KUSTOMIZATION.replace("a.yaml, b.yaml", "inner/a.yaml, c.yaml")
    other = CONFIG.replace("settings", "other")
    files = {"kustomization.yaml": outer, "inner/kustomization.yaml": inner, "inner/a.yaml": CONFIG, "c.yaml": other}
    assert rules(said(tmp_path, files)) == []


PLACEHOLDERS = ("${NAME:-chat}", "$NAMESPACE", "<model-name>", "MODEL_NAME", "chat-V_ZONE-ro", "replaced-by-kustomize")


@pytest.mark.parametrize("name", PLACEHOLDERS)
def test_a_name_that_somebody_fills_in_is_one_warning(tmp_path: Path, name: str) -> None:
    text = CONFIG.replace("name: settings", f"name: '{name}'\n  namespace: '{name}'")
    assert rules(said(tmp_path, {"one.yaml": text})) == ["placeholder"]


@pytest.mark.parametrize("name", ["Settings", "LLM", "settings_of_chat"])
def test_a_name_with_capitals_is_none_to_fill_in(tmp_path: Path, name: str) -> None:
    assert rules(said(tmp_path, {"one.yaml": CONFIG.replace("settings", name)})) == ["object-name"]


def test_what_a_controller_fills_in_is_no_placeholder(tmp_path: Path) -> None:
    text = "apiVersion: serving.kserve.io/v1alpha1\nkind: ServingRuntime\nmetadata:\n  name: mlserver\nspec:\n"
    text += "  containers:\n  - name: one\n    args: ['{{.Name}}']\n    image: '{{.Image}}'\n"
    assert rules(said(tmp_path, {"one.yaml": text})) == []


def test_kustomize_writes_the_namespace_of_a_subject(tmp_path: Path) -> None:
    binding = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata:\n  name: one\nroleRef:\n"
    binding += "  apiGroup: ''\n  kind: ClusterRole\n  name: view\nsubjects:\n- kind: ServiceAccount\n  name: one\n"
    files = {"kustomization.yaml": KUSTOMIZATION.replace(", b.yaml", ""), "a.yaml": binding}
    assert rules(said(tmp_path / "with", files)) == []
    assert rules(said(tmp_path / "without", {"a.yaml": binding})) == ["binding-subject-namespace"]


def test_a_gateway_that_others_make_is_not_missing(tmp_path: Path) -> None:
    gateway = "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata:\n  name: NAME\nspec:\n"
    gateway += "  gatewayClassName: istio\n  listeners:\n  - name: http\n    port: 80\n    protocol: HTTP\n"
    route = ROUTE.replace("NAME", "chat").replace("POOL", "chat")
    for names, expected in ((("one", "two"), []), (("share", "two"), ["route-parent"])):
        files = {f"{name}.yaml": gateway.replace("NAME", name) for name in names}
        found = rules(said(tmp_path / names[0], {**files, "route.yaml": route}), "error")
        assert found == expected
