"""Servers wherever they are: other engines, and Pods inside the kinds of other projects."""

from __future__ import annotations

from typing import Any

import pytest
from krm_functions_sdk import Resource, ResourceList, Result
from krm_functions_sdk.document import emitter
from krm_inference.manifests import templates
from krm_inference.validate_inference import validate_inference

VLLM = {
    "name": "vllm",
    "image": "vllm/vllm-openai:v0.32.0",
    "command": ["vllm", "serve"],
    "args": ["Qwen/Qwen3-8B", "--prot=8000"],
}
ENGINES: dict[str, dict[str, Any]] = {
    "SGLang": {"image": "lmsysorg/sglang:v0.5.5", "command": ["python3", "-m", "sglang.launch_server"]},
    "TGI": {"image": "ghcr.io/huggingface/text-generation-inference:3.3.4"},
    "Triton": {"image": "nvcr.io/nvidia/tritonserver:25.10-trtllm-python-py3", "args": ["--model-repository=/models"]},
    "TensorRT-LLM": {"image": "nvcr.io/nvidia/tensorrt-llm/release:1.1.0", "command": ["trtllm-serve", "m"]},
    "llama.cpp": {"image": "ghcr.io/ggml-org/llama.cpp:server-cuda-b6500"},
    "Ollama": {"image": "ollama/ollama:0.12.3"},
    "vLLM-Omni": {"image": "vllm/vllm-omni:v0.11.0"},
}


def said(*items: dict[str, Any]) -> list[Result]:
    resources = ResourceList([Resource(emitter.document(item)) for item in items])
    validate_inference(resources)
    return list(resources.results)


def rules(results: list[Result], severity: str) -> set[str]:
    return {result.tags["rule"] for result in results if result.severity == severity}


def deployment(container: dict[str, Any]) -> dict[str, Any]:
    template = {"metadata": {"labels": {"app": "chat"}}, "spec": {"containers": [{"name": "server", **container}]}}
    spec = {"selector": {"matchLabels": {"app": "chat"}}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "chat"}, "spec": spec}


SERVICE: dict[str, Any] = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "chat"}}
SERVICE["spec"] = {"selector": {"app": "chat"}, "ports": [{"port": 8000}]}


@pytest.mark.parametrize(("name", "container"), ENGINES.items(), ids=ENGINES)
def test_another_engine_is_named_and_gets_what_holds_for_any_server(name: str, container: dict[str, Any]) -> None:
    results = said(deployment(container), SERVICE)
    (engine,) = [result for result in results if result.tags["rule"] == "engine-unknown"]
    assert f"1 {name} server: flags are not checked, because" in engine.message
    assert rules(results, "warning") == {"probe-readiness"}
    assert not rules(results, "error")


def test_engines_are_counted_in_one_info() -> None:
    one, two = (deployment(ENGINES["SGLang"]), deployment(ENGINES["TGI"]))
    two["metadata"] = {"name": "other"}
    (engine,) = [result for result in said(one, two) if result.tags["rule"] == "engine-unknown"]
    assert "1 SGLang server, 1 TGI server: flags are not checked, because" in engine.message


@pytest.mark.parametrize(("probe", "is_found"), [("readinessProbe", False), ("startupProbe", False), ("none", True)])
def test_a_server_is_ready_when_its_model_is(probe: str, *, is_found: bool) -> None:
    container = {**ENGINES["SGLang"], probe: {"httpGet": {"path": "/health", "port": 30000}}}
    container.pop("none", None)
    assert ("probe-readiness" in rules(said(deployment(container), SERVICE), "warning")) == is_found


def test_a_server_to_which_nothing_here_sends_requests_need_not_be_ready() -> None:
    assert "probe-readiness" not in rules(said(deployment(ENGINES["SGLang"])), "warning")


LIVENESS = [(0, 10, 3, True), (60, 10, 3, False), (0, 10, 30, False), (30, 5, 3, True)]


@pytest.mark.parametrize(("delay", "period", "failures", "is_found"), LIVENESS)
def test_liveness_waits_for_the_model(delay: int, period: int, failures: int, *, is_found: bool) -> None:
    probe = {"httpGet": {"path": "/health", "port": 30000}, "initialDelaySeconds": delay, "periodSeconds": period}
    container = {**ENGINES["SGLang"], "livenessProbe": {**probe, "failureThreshold": failures}}
    assert ("probe-liveness" in rules(said(deployment(container)), "warning")) == is_found
    container["startupProbe"] = probe
    assert "probe-liveness" not in rules(said(deployment(container)), "warning")


PLACES = [(*kind, path) for kind, paths in templates.POD_SPECS.items() for path in paths]


@pytest.mark.parametrize(("group", "kind", "path"), PLACES, ids=[f"{kind}-{path}" for _, kind, path in PLACES])
def test_pods_in_other_kinds_are_looked_into(group: str, kind: str, path: str) -> None:
    value: Any = {"containers": [VLLM]}
    for step in reversed(path.split(".")):
        name = step.removesuffix("[]").removesuffix("{}")
        value = {name: [value] if step.endswith("[]") else {"one": value} if step.endswith("{}") else value}
    item = {"apiVersion": f"{group}/v1", "kind": kind, "metadata": {"name": "chat"}, **value}
    (found,) = [result for result in said(item) if result.tags["rule"] == "server-flag"]
    assert found.field.startswith(path.partition("[]")[0].partition("{}")[0].partition(".template")[0])
    assert found.field.endswith("[--prot]")


def test_what_a_controller_adds_is_not_missed() -> None:
    item = {"apiVersion": "serving.kserve.io/v1beta1", "kind": "InferenceService", "metadata": {"name": "chat"}}
    probe = {"httpGet": {"path": "/health", "port": 8000}}
    spec = {"predictor": {"containers": [{**VLLM, "livenessProbe": probe}]}}
    assert not {"probe-readiness", "probe-liveness"} & rules(said({**item, "spec": spec}, SERVICE), "warning")


def test_the_one_container_of_a_dynamo_service_is_looked_into() -> None:
    """It stands by itself beside the fields of a Pod, whose other containers are in a list."""
    other = {**VLLM, "name": "other", "args": ["Qwen/Qwen3-8B", "--moddel=a"]}
    services = {"Worker": {"componentType": "worker", "extraPodSpec": {"mainContainer": VLLM, "containers": [other]}}}
    item = {"apiVersion": "nvidia.com/v1alpha1", "kind": "DynamoGraphDeployment", "metadata": {"name": "chat"}}
    fields = [
        each.field for each in said({**item, "spec": {"services": services}}) if each.tags["rule"] == "server-flag"
    ]
    pod = "spec.services.Worker.extraPodSpec"
    assert fields == [f"{pod}.containers[name=other].args[--moddel]", f"{pod}.mainContainer.args[--prot]"]


@pytest.mark.parametrize("others", [{}, {"containers": None}, {"containers": "a"}], ids=["none", "null", "no list"])
@pytest.mark.parametrize("main", [VLLM, {"image": "a:1"}, "a"], ids=["a server", "no name", "no map"])
def test_a_dynamo_service_may_have_nothing_else(main: object, others: dict[str, Any]) -> None:
    services = {"Worker": {"extraPodSpec": {"mainContainer": main, **others}}, "Frontend": None, "Other": "a"}
    item = {"apiVersion": "nvidia.com/v1alpha1", "kind": "DynamoGraphDeployment", "metadata": {"name": "chat"}}
    results = said({**item, "spec": {"services": services}})
    assert [each.tags["rule"] for each in results].count("server-flag") == (main is VLLM)
    assert rules(results, "error") <= {"server-flag"}


def test_workers_of_dynamo_are_servers_of_another_engine() -> None:
    worker = {"image": "nvcr.io/nvidia/ai-dynamo/vllm-runtime:1.3.1", "command": ["python3", "-m", "dynamo.vllm"]}
    component = {"name": "Worker", "podTemplate": {"spec": {"containers": [{"name": "main", **worker}]}}}
    item = {"apiVersion": "nvidia.com/v1beta1", "kind": "DynamoGraphDeployment", "metadata": {"name": "chat"}}
    (engine,) = [
        each for each in said({**item, "spec": {"components": [component]}}) if each.tags["rule"] == "engine-unknown"
    ]
    assert "1 Dynamo server: flags are not checked, because" in engine.message
