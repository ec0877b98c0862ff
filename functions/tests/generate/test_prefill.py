"""Prefill and decode: whatever picker, proxy and servers have to agree on, they agree on, whatever the intent says."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from krm_functions_sdk import Resource, ResourceList
from krm_functions_sdk.document import parser, tree
from krm_inference.domain import intent
from krm_inference.domain.facts import vllm
from krm_inference.domain.facts.disaggregation import (
    DISAGGREGATION,
    FIRST_VLLM,
    ROLE_LABEL,
    THRESHOLD,
    TRANSFER_FLAG,
    VARIABLES,
)
from krm_inference.domain.facts.releases import RELEASES
from krm_inference.domain.facts.releases.picker_configs import PICKER_CONFIGS
from krm_inference.manifests.roles import HANDLERS, SELECTED

Functions = dict[str, Callable[[ResourceList], None]]
POD = "spec.template.spec"
INTENT = """\
apiVersion: inference.fn.kpt.dev/v1alpha1
kind: LLMService
metadata:
  name: llama
spec:
  release: {release}
  model: {{id: meta-llama/Llama-3.1-8B-Instruct}}
  accelerator: {{type: nvidia-h100-80gb, count: 2}}
  gateway: {{name: inference-gateway, className: gke-l7-regional-external-managed}}
"""
APART = "  prefill: {}\n"
# What else an intent may say beside it.
BESIDE = {
    "nothing": "",
    "another port": "  server: {port: 9000}\n",
    "flags for all": "  server: {extraArgs: [--block-size=64, --kv-cache-dtype=fp8]}\n",
    "fewer GPUs for prompts": "  prefill: {replicas: 3, accelerator: {count: 1}}\n",
    "closed": "  networkPolicy: {gatewayRanges: [10.129.0.0/23]}\n",
    "restricted": "  security: restricted\n",
    "its own time to stop": "  drain: {preStopSeconds: 5}\n",
}


def rendered(functions: Functions, text: str, *items: Resource) -> ResourceList:
    resources = ResourceList([Resource(text, path="llm.yaml"), *items])
    for name in (
        *("generate_model_server", "inject_accelerator", "inject_lifecycle", "inject_lora"),
        *("generate_inference_pool", "generate_monitoring"),
    ):
        functions[name](resources)
    assert not resources.results.failed, [result.message for result in resources.results]
    return resources


def said(resource: Resource, flag: str, where: str = "containers[name=vllm]") -> str:
    """Return the value of a flag of a container."""
    words = [str(word) for word in resource.get(f"{POD}.{where}.args")]
    return next(word.partition("=")[2] for word in words if word.startswith(f"{flag}="))


def with_flag(resource: Resource, flag: str) -> list[str]:
    words = [str(word) for word in resource.get(f"{POD}.containers[name=vllm].args")]
    return [word for word in words if word.startswith(flag)]


def config(resources: ResourceList) -> Any:
    maps = [item for item in resources if item.kind == "ConfigMap" and item.get("data[default-plugins.yaml]")]
    return tree.value(parser.parse(str(maps[0].get("data[default-plugins.yaml]"))))


@pytest.mark.parametrize("beside", BESIDE)
@pytest.mark.parametrize("release", DISAGGREGATION)
def test_all_parts_agree(release: str, beside: str, functions: Functions) -> None:
    more = BESIDE[beside]
    text = INTENT.format(release=release) + more + ("" if "prefill" in more else APART)
    resources = rendered(functions, text)
    decode, prefill = (resources.find("apps", "Deployment", f"llama-{part}") for part in ("decode", "prefill"))
    assert decode is not None
    assert prefill is not None
    known, proxy = DISAGGREGATION[release], "initContainers[name=routing-sidecar]"

    pool = next(item for item in resources if item.kind == "InferencePool")
    target = pool.get("spec.targetPorts")[0]["number"]
    assert {said(decode, known.port_flag, proxy), said(prefill, "--port")} == {str(target)}
    assert said(decode, known.server_flag, proxy) == said(decode, "--port") != str(target)
    for flag in (TRANSFER_FLAG, "--max-model-len", "--block-size", "--kv-cache-dtype"):
        words = [
            [w for w in part.get(f"{POD}.containers[name=vllm].args") if str(w).startswith(flag)]
            for part in (decode, prefill)
        ]
        assert words[0] == words[1], flag
    assert json.loads(said(decode, TRANSFER_FLAG))["kv_connector"] == "NixlConnector"
    for name in VARIABLES:
        path = f"{POD}.containers[name=vllm].env[name={name}]"
        assert decode.get(path) == prefill.get(path) is not None

    labels = [part.get("spec.template.metadata.labels") for part in (decode, prefill)]
    for part, one in zip((decode, prefill), labels, strict=True):
        assert part.get("spec.selector.matchLabels") == one
        assert pool.get("spec.selector.matchLabels").items() <= one.items()
    found = config(resources)
    filters = {profile["name"]: profile["plugins"][0]["pluginRef"] for profile in found["schedulingProfiles"]}
    assert {name: SELECTED[kind][0] for name, kind in filters.items()} == {name: name for name in ("decode", "prefill")}
    assert [one[ROLE_LABEL] for one in labels] == ["decode", "prefill"]
    handler = next(plugin for plugin in found["plugins"] if plugin["type"] in HANDLERS)
    decider = next(one for one in found["plugins"] if one["type"] == handler["parameters"]["deciders"]["prefill"])
    assert decider["parameters"][known.threshold] > 0


@pytest.mark.parametrize("release", DISAGGREGATION)
def test_the_picker_of_a_release_knows_the_plugins(release: str) -> None:
    known, config = DISAGGREGATION[release], PICKER_CONFIGS[release]
    for kind in (known.handler, known.decider, *(kind for _, kind in known.filters)):
        assert kind in config.plugins
        assert kind not in config.successors


def test_the_threshold_of_the_table_is_the_default() -> None:
    fields = intent.schema().openapi["properties"]["spec"]["properties"]["prefill"]["properties"]
    assert fields["nonCachedTokens"]["default"] == THRESHOLD


@pytest.mark.parametrize("release", RELEASES)
def test_images_of_the_proxy_are_pinned_too(release: str, functions: Functions) -> None:
    """A lock without it is told of, where the release has one; otherwise the release is what is wrong."""
    entry = f"{{image: example.com/other:v1, digest: 'sha256:{'0' * 64}'}}"
    lock = "apiVersion: inference.fn.kpt.dev/v1alpha1\nkind: ImageLock\nmetadata: {name: lock}\n"
    lock += f"spec: {{images: [{entry}]}}\n"
    resources = ResourceList([Resource(INTENT.format(release=release) + APART, path="llm.yaml"), Resource(lock)])
    functions["generate_model_server"](resources)
    said = " ".join(result.message for result in resources.results)
    assert ("llm-d-router-disagg-sidecar" in said) == (release in DISAGGREGATION)


def test_other_releases_refuse_it() -> None:
    assert {name for name, one in RELEASES.items() if "spec.prefill" not in one.lacks} == set(DISAGGREGATION)
    images = {vllm.minor(RELEASES[name].server_image) for name in DISAGGREGATION}
    assert all(version is not None and version >= FIRST_VLLM for version in images)


def test_several_engines_or_machines_refuse_it_whatever_the_numbers_of_gpus() -> None:
    for count, pipeline, data, apart in product((1, 2, 4, 16), (1, 2), (1, 2, 4), (1, 2, 3, 16)):
        one = Resource(INTENT.format(release="llm-d-router-v0.10").replace("count: 2", f"count: {count}"))
        one.set("spec.model.id", "Qwen/Qwen3-30B-A3B")
        one.set("spec.parallelism", {"pipeline": pipeline, "data": data})
        one.set("spec.prefill", {"accelerator": {"count": apart}})
        resources = ResourceList([one])
        intent.read(resources)
        is_refused = any(result.field in ("spec.prefill", "spec.parallelism.data") for result in resources.results)
        assert is_refused or data == 1, (count, pipeline, data, apart)


def test_what_is_asked_for_no_more_leaves_nothing_behind(functions: Functions) -> None:
    never = rendered(functions, INTENT.format(release="llm-d-router-v0.10"))
    apart = rendered(functions, INTENT.format(release="llm-d-router-v0.10") + APART)
    made = [item for item in apart if item.kind != "LLMService"]
    without = rendered(functions, INTENT.format(release="llm-d-router-v0.10"), *made)
    assert sorted(item.text for item in without) == sorted(item.text for item in never)


def test_rendering_twice_changes_nothing(functions: Functions) -> None:
    first = rendered(functions, INTENT.format(release="llm-d-router-v0.10") + APART)
    texts = [item.text for item in first]
    intent, made = first.items[0], first.items[1:]
    second = rendered(functions, intent.text, *made)
    assert [item.text for item in second] == texts
    assert not second.results


def test_servers_stop_once_the_last_prompt_is_handed_over(functions: Functions) -> None:
    """Both go on for as long as a prompt may take, beside what the intent says; the proxy ends after its server."""
    alone = rendered(functions, INTENT.format(release="llm-d-router-v0.10"))
    apart = rendered(functions, INTENT.format(release="llm-d-router-v0.10") + APART)
    seconds = f"{POD}.containers[name=vllm].lifecycle.preStop.sleep.seconds"
    own = next(item for item in alone if item.kind == "Deployment" and item.name == "llama").get(seconds)
    parts = [item for item in apart if item.kind == "Deployment" and item.name != "llama-epp"]
    assert len({part.get(seconds) for part in parts}) == 1
    for part in parts:
        assert part.get(seconds) > own
        assert part.get(f"{POD}.terminationGracePeriodSeconds") >= part.get(seconds) + int(
            said(part, "--shutdown-timeout")
        )
    assert parts[0].get(f"{POD}.initContainers[name=routing-sidecar].restartPolicy") == "Always"


def test_a_prefill_server_answers_whole_requests_too(functions: Functions) -> None:
    """A pool that fails open sends them to any of its servers."""
    parts = [
        item
        for item in rendered(functions, INTENT.format(release="llm-d-router-v0.10") + APART)
        if item.kind == "Deployment" and item.name != "llama-epp"
    ]
    assert len({said(part, "--override-generation-config") for part in parts}) == 1
