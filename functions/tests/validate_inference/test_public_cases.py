"""Cases that public repositories showed: wrong findings, and faults that were not seen, each beside what is right."""

from __future__ import annotations

from pathlib import Path

import pytest
from checked import said

POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: vllm
spec:
  containers:
  - name: vllm
    image: vllm/vllm-openai:v0.22.0
    command: [/bin/sh, -c]
    args:
    - |
      {script}
    env:
    - name: MY_POD_NAME
      valueFrom:
        fieldRef:
          fieldPath: metadata.name
    - name: NODE
      value: $(MY_POD_NAME).nodes
    - name: HF_TOKEN
      value: {token}
    volumeMounts:
    - name: cache
      mountPath: /cache
  volumes:
  - name: {volume}
    emptyDir: {{}}
"""
JSON = """exec vllm serve a/b --kv-transfer-config '{
        "kv_connector": "OffloadingConnector",
        "kv_role": "kv_both"
      }' --max-model-len 4096"""
ROUTE = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: llm
spec:
  parentRefs:
  - name: gateway
  rules:
  - backendRefs:
    - group: {group}
      kind: InferencePool
      name: {name}
"""
POOL = """\
apiVersion: inference.networking.k8s.io/v1
kind: InferencePool
metadata:
  name: {name}
spec:
  targetPorts:
  - number: 8000
  selector:
    matchLabels:
      app: llama
  endpointPickerRef:
    name: llama-epp
    port:
      number: 9002
"""
KUSTOMIZATION = "resources:\n- a.yaml\n- {other}\n"
MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n"


def rules(folder: Path, files: dict[str, str]) -> set[str]:
    """Return the rules of the errors and warnings of a folder."""
    return {result.tags.get("rule", "") for result in said(folder, files) if result.severity != "info"}


def pod(script: str = JSON, token: str = "your-token-here", volume: str = "cache") -> dict[str, str]:
    return {"pod.yaml": POD.format(script=script, token=token, volume=volume)}


def test_a_line_break_in_quotes_ends_no_command(tmp_path: Path) -> None:
    assert not rules(tmp_path, pod()) & {"server-flag", "server-flag-value"}
    found = rules(tmp_path, pod(f"cd /models\n      {JSON.replace('kv_both', 'kv_none')} --not-a-flag"))
    assert "server-flag" in found


def test_a_token_to_be_filled_in_is_no_credential(tmp_path: Path) -> None:
    assert "credential-name" not in rules(tmp_path, pod(token="insert-your-huggingface-token-here"))
    assert "credential-name" in rules(tmp_path, pod(token="abcdefgh"))


def test_what_the_kubelet_fills_in_waits_for_nobody(tmp_path: Path) -> None:
    assert "placeholder" not in rules(tmp_path, pod(token="abcdefgh"))
    shell = {"pod.yaml": pod()["pod.yaml"].replace("$(MY_POD_NAME)", "MY_POD_NAME")}
    assert "placeholder" in rules(tmp_path, shell)


@pytest.mark.parametrize("image", ["vllm/vllm-openai:v0.22.0", "nginx:1.29"])
def test_a_mount_needs_its_volume_in_whatever_pod(image: str, tmp_path: Path) -> None:
    for volume in ("cache", "models"):
        text = pod(volume=volume)["pod.yaml"].replace("vllm/vllm-openai:v0.22.0", image)
        assert ("pod-volume" in rules(tmp_path, {"pod.yaml": text})) == (volume == "models")


@pytest.mark.parametrize(
    ("group", "name", "is_wrong"),
    [
        ("inference.networking.k8s.io", "llama", False),
        ("inference.networking.x-k8s.io", "llama", True),
        ("inference.networking.k8s.io", "llama2", True),
    ],
)
def test_a_pool_is_looked_for_in_all_sets_of_a_folder(
    group: str,
    name: str,
    is_wrong: bool,  # a column
    tmp_path: Path,
) -> None:
    """Routes of several gateways are alternatives, each apart from the pool that they share."""
    route = ROUTE.format(group=group, name=name)
    files = {"pool.yaml": POOL.format(name="llama"), "istio/route.yaml": route, "gke/route.yaml": route}
    assert ("route-backend" in rules(tmp_path, files)) == is_wrong


def test_a_pool_of_another_corner_of_a_repository_is_none_of_them(tmp_path: Path) -> None:
    route = ROUTE.format(group="inference.networking.k8s.io", name="llama2")
    files = {"test/pool.yaml": POOL.format(name="llama"), "a/istio/route.yaml": route, "a/gke/route.yaml": route}
    assert "route-backend" not in rules(tmp_path, files)


@pytest.mark.parametrize(("other", "is_wrong"), [("b.yaml", False), ("c.yaml", True)])
def test_a_kustomization_without_a_kind_names_files_too(
    other: str,
    is_wrong: bool,  # a column
    tmp_path: Path,
) -> None:
    files = {"a.yaml": MAP.format(name="a"), "b.yaml": MAP.format(name="b")}
    found = rules(tmp_path, {**files, "kustomization.yaml": KUSTOMIZATION.format(other=other)})
    assert ("kustomization-file" in found) == is_wrong


@pytest.mark.parametrize(
    ("version", "is_wrong"),
    [
        ("experimental/v1alpha1", True),
        ("serving.kubeflow.org/v1beta1", True),
        ("serving.kserve.io/v1beta1", False),
        ("batch/v1", False),
        ("example.com/v1", False),
    ],
)
def test_a_group_that_no_server_has_is_told(
    version: str,
    is_wrong: bool,  # a column
    tmp_path: Path,
) -> None:
    text = f"apiVersion: {version}\nkind: TrainedModel\nmetadata:\n  name: a\n"
    assert ("api-version" in rules(tmp_path, {"a.yaml": text})) == is_wrong


@pytest.mark.parametrize(("flag", "is_wrong"), [("-max-model-len", True), ("--max-model-len", False), ("-tp", False)])
def test_a_long_flag_has_two_dashes(
    flag: str,
    is_wrong: bool,  # a column
    tmp_path: Path,
) -> None:
    assert ("server-flag" in rules(tmp_path, pod(f"exec vllm serve a/b {flag} 2"))) == is_wrong
