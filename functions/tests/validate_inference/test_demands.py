"""What servers, pickers and autoscalers ask for: each slip is found, and what only looks like one is not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from krm_functions_sdk import Resource, ResourceList
from krm_functions_sdk.document import emitter
from krm_inference.domain.spelling import is_a_letter_off
from krm_inference.manifests.index import Index
from krm_inference.manifests.pickers import pickers
from krm_inference.validate_inference import validate_inference

Json = dict[str, Any]
IMAGE = "vllm/vllm-openai:v0.32.0"
GPU = {"limits": {"nvidia.com/gpu": 1}}


def document(item: Json) -> Resource:
    return Resource(emitter.document(item))


def said(rule: str, *items: Json) -> list[str]:
    resources = ResourceList([document(item) for item in items])
    validate_inference(resources)
    return [result.message for result in resources.results if result.tags["rule"] == rule]


def workload(name: str, pod: Json, labels: Json | None = None) -> Json:
    template = {"metadata": {"labels": {"app": name, **(labels or {})}}, "spec": pod}
    spec = {"selector": {"matchLabels": {"app": name}}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}


def box(*flags: str, image: str = IMAGE, **more: Any) -> Json:
    return {"name": "vllm", "image": image, "command": ["vllm", "serve"], "args": ["m", *flags], **more}


def scaler(name: str) -> Json:
    source = {"metric": {"name": name}, "target": {"type": "AverageValue", "averageValue": "1"}}
    spec = {"scaleTargetRef": {"kind": "Deployment", "name": "chat"}, "maxReplicas": 2}
    spec["metrics"] = [{"type": "Pods", "pods": source}]
    return {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "a"}, "spec": spec}


def query(text: str) -> Json:
    trigger = {"type": "prometheus", "metadata": {"serverAddress": "http://p", "threshold": "1", "query": text}}
    spec = {"scaleTargetRef": {"name": "chat"}, "triggers": [trigger]}
    return {"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "metadata": {"name": "a"}, "spec": spec}


SCALERS: dict[str, tuple[Json, str, bool]] = {
    "waits": (scaler("prometheus.googleapis.com|vllm:num_requests_waiting|gauge"), IMAGE, False),
    "an old name": (scaler("vllm:gpu_cache_usage_perc"), IMAGE, True),
    "an old name for an old server": (scaler("vllm:gpu_cache_usage_perc"), "vllm/vllm-openai:v0.10.0", False),
    "an old name for the newest": (scaler("vllm:gpu_cache_usage_perc"), "vllm/vllm-openai:latest", True),
    "a new name for an old server": (scaler("vllm:kv_cache_usage_perc"), "vllm/vllm-openai:v0.8.5", True),
    "an unknown server": (scaler("vllm:gpu_cache_usage_perc"), "registry.example.com/chat:1", False),
    "an adapter's name": (scaler("vllm_gpu_cache_usage"), IMAGE, False),
    "a recording rule": (scaler("vllm:waiting:sum"), IMAGE, False),
    "a query": (query('sum(rate(vllm:time_to_first_token_seconds_bucket{model="a"}[1m])) by (le)'), IMAGE, False),
    "a query of what is gone": (query("avg(vllm:gpu_cache_usage_perc)"), IMAGE, True),
    "a misspelt query": (query("sum(vllm:num_request_waiting)"), IMAGE, True),
    "a query for two versions": (query("vllm:gpu_cache_usage_perc or vllm:kv_cache_usage_perc"), IMAGE, False),
    "another prefix": (query("ray_vllm:anything"), IMAGE, False),
}


@pytest.mark.parametrize(("item", "image", "is_found"), SCALERS.values(), ids=SCALERS)
def test_an_autoscaler_asks_for_what_its_server_shows(item: Json, image: str, *, is_found: bool) -> None:
    server = workload("chat", {"containers": [box(image=image, resources=GPU)]})
    assert bool(said("autoscaler-metric", server, item)) == is_found


def test_an_autoscaler_asks_for_what_the_picker_shows() -> None:
    image = "registry.k8s.io/gateway-api-inference-extension/epp:v1.0.0"
    picker = workload("epp", {"containers": [{"name": "epp", "image": image, "args": ["--pool-name=a"]}]})
    assert not said("autoscaler-metric", picker, query("inference_pool_average_queue_size"))
    assert not said("autoscaler-metric", query("inference_extension_flow_control_queue_size"))
    (found,) = said("autoscaler-metric", picker, query("inference_extension_flow_control_queue_size"))
    assert f"{image} shows no inference_extension_flow_control_queue_size" in found


DEVICES: dict[str, tuple[Json, Json, bool]] = {
    "nothing": ({}, {}, True),
    "memory": ({"resources": {"limits": {"memory": "1Gi"}}}, {}, True),
    "a GPU": ({"resources": GPU}, {}, False),
    "a slice": ({"resources": {"limits": {"nvidia.com/mig-1g.5gb": 1}}}, {}, False),
    "a claim": ({"resources": {"claims": [{"name": "gpu"}]}}, {}, False),
    "a runtime": ({}, {"runtimeClassName": "nvidia"}, False),
    "all of the node": ({"env": [{"name": "NVIDIA_VISIBLE_DEVICES", "value": "all"}]}, {}, False),
    "an image for CPUs": ({"image": "vllm/vllm-openai-cpu:v0.32.0"}, {}, False),
    "a tag for ROCm": ({"image": "vllm/vllm-openai:v0.32.0-rocm"}, {}, False),
    "one of several Pods": ({"args": ["m", "--distributed-executor-backend=ray"]}, {}, False),
}


@pytest.mark.parametrize(("container", "pod", "is_found"), DEVICES.values(), ids=DEVICES)
def test_an_image_for_cuda_gets_a_gpu(container: Json, pod: Json, *, is_found: bool) -> None:
    item = workload("chat", {"containers": [{**box(), **container}], **pod})
    assert bool(said("gpu-unasked", item)) == is_found


def transfer(connector: str, **more: Any) -> str:
    return "--kv-transfer-config=" + json.dumps({"kv_connector": connector, "kv_role": "kv_both", **more})


NIXL = transfer("NixlConnector")
SEVERAL = transfer("MultiConnector", kv_connector_extra_config={"connectors": [{"kv_connector": "NixlConnector"}]})
PAIRS: dict[str, tuple[str, str, bool]] = {
    "the same": (NIXL, NIXL, False),
    "another": (NIXL, transfer("MooncakeConnector"), True),
    "none": (NIXL, "--port=8000", True),
    "one of several": (SEVERAL, NIXL, False),
    "none that is sure": (NIXL, "--kv-transfer-config=$(CONNECTOR)", False),
    "by parts": (NIXL, "--kv-transfer-config.kv_connector=Other", False),
    "in a file": (NIXL, "--config=/etc/vllm.yaml", False),
    "neither": ("--port=8000", "--port=8000", False),
}


@pytest.mark.parametrize(("prefill", "decode", "is_found"), PAIRS.values(), ids=PAIRS)
def test_a_decode_server_takes_the_cache_as_its_prefill_server_gives_it(
    prefill: str, decode: str, *, is_found: bool
) -> None:
    one = workload("p", {"containers": [box(prefill, resources=GPU)]}, {"llm-d.ai/role": "prefill"})
    other = workload("d", {"containers": [box(decode, resources=GPU)]}, {"llm-d.ai/role": "decode"})
    assert bool(said("kv-connector", one, other)) == is_found


def test_one_of_several_prefill_servers_is_enough() -> None:
    """Two ways to hand over a cache may lie beside each other."""
    pods = {"p1": NIXL, "p2": transfer("MooncakeConnector"), "d1": NIXL, "d2": transfer("MooncakeConnector")}
    items = [
        workload(name, {"containers": [box(flag, resources=GPU)]}, {"llm-d.ai/role": role})
        for name, flag in pods.items()
        for role in ["prefill" if name.startswith("p") else "decode"]
    ]
    assert not said("kv-connector", *items)
    assert len(said("kv-connector", items[0], *items[2:])) == 1


PROXIES: dict[str, tuple[list[str], str, bool]] = {
    "its default": (["--port=8000"], "--port=8200", False),
    "the same": (["-port=8000", "-vllm-port=8100"], "--port=8100", False),
    "a newer name": (["--model-server-port=8100"], "--port=8100", False),
    "another": (["--vllm-port=8100"], "--port=8200", True),
    "both at 8000": ([], "--max-model-len=10", True),
    "a file": (["--configuration-file=/a"], "--port=9000", False),
    "a variable": (["--vllm-port=$(PORT)"], "--port=9000", False),
}


@pytest.mark.parametrize(("arguments", "port", "is_found"), PROXIES.values(), ids=PROXIES)
def test_a_proxy_sends_requests_to_its_server(arguments: list[str], port: str, *, is_found: bool) -> None:
    proxy = {"name": "proxy", "image": "ghcr.io/llm-d/llm-d-routing-sidecar:v0.8.0", "args": arguments}
    item = workload("d", {"initContainers": [proxy], "containers": [box(port, resources=GPU)]})
    assert bool(said("sidecar-port", item)) == is_found


FORKS = {
    "registry.k8s.io/gateway-api-inference-extension/epp:v1.3.1": (1, 3, 1),
    "ghcr.io/llm-d/llm-d-inference-scheduler:v0.3.2": (1, 0, 0),
    "ghcr.io/llm-d/llm-d-inference-scheduler:v0.8.0": (1, 5, 0),
    "ghcr.io/llm-d/llm-d-inference-scheduler:v0.99.0": None,
    "ghcr.io/llm-d/llm-d-router-endpoint-picker:v0.10.0": (1, 5, 0),
    "registry.example.com/picker:v1.0.0": None,
}


@pytest.mark.parametrize(("image", "version"), FORKS.items(), ids=FORKS)
def test_a_fork_is_what_it_was_made_from(image: str, version: tuple[int, int, int] | None) -> None:
    container = {"name": "epp", "image": image, "args": ["--pool-name=a"]}
    (picker,) = pickers(Index([document(workload("epp", {"containers": [container]}))]))
    assert picker.version == version


LETTERS = [
    ("inference-gatway", "inference-gateway", True),
    ("inference-gaetway", "inference-gateway", True),
    ("inference-gatewaz", "inference-gateway", True),
    ("route-a", "route-b", False),
    ("backend-v1", "backend-v2", False),
    ("qwen3", "qwen2", False),
    ("gateway", "gateway", False),
    ("gateway", "gate-way", False),
    ("chat-model", "chat-modes-x", False),
]


@pytest.mark.parametrize(("word", "other", "is_near"), LETTERS)
def test_a_slip_is_one_letter_of_a_word(word: str, other: str, *, is_near: bool) -> None:
    assert is_a_letter_off(word, other) == is_near
    assert is_a_letter_off(other, word) == is_near
