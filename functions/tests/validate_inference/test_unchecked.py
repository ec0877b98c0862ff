"""What is not checked is said: once for a set and a reason, with how many, and by the same words everywhere."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from krm_functions_sdk import INFO, Resource, ResourceList, Result
from krm_functions_sdk.document import emitter
from krm_inference.validate_inference import rules, validate_inference
from mutants import PIPELINE

RULES = tuple(rule.id for rule in rules.RULES if rule.id.endswith("-unknown") and rule.severity == INFO)
SAME_WORDS = (*RULES, "foreign", "reference-outside")
EXAMPLES = Path(rules.__file__).parent
SERVER: dict[str, Any] = {
    "name": "vllm",
    "image": "docker.io/vllm/vllm-openai:v0.32.0",
    "command": ["vllm", "serve"],
    "args": ["Qwen/Qwen3-4B", "--max-model-len=8192", "--shutdown-timeout=480"],
    "resources": {"limits": {"nvidia.com/gpu": 1}},
}
INTENT = """\
apiVersion: inference.fn.kpt.dev/v1alpha1
kind: LLMService
metadata:
  name: chat
  annotations:
    config.kubernetes.io/local-config: "true"
spec:
  release: gaie-v1.5
  model: {id: example/own-model}
  accelerator: {type: nvidia-l4}
  gateway: {name: models}
"""


def deployment(name: str, **change: Any) -> dict[str, Any]:
    pod = {
        "terminationGracePeriodSeconds": 520,
        "nodeSelector": {"cloud.google.com/gke-accelerator": "nvidia-l4"},
        "containers": [copy.deepcopy(SERVER) | {key: value for key, value in change.items() if key != "on"}],
    }
    if "on" in change:
        pod["nodeSelector"] = change["on"]
    spec = {
        "selector": {"matchLabels": {"app": name}},
        "template": {"metadata": {"labels": {"app": name}}, "spec": pod},
    }
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}


def picker(image: str) -> dict[str, Any]:
    item = deployment("epp", image=image, args=["--pool-name=chat"], command=["/epp"], on={})
    item["spec"]["template"]["spec"]["containers"][0] |= {"name": "epp", "resources": {}}
    return item


def said(*items: dict[str, Any], config: Resource | None = None) -> list[Result]:
    resources = ResourceList([Resource(emitter.document(item)) for item in items], config)
    validate_inference(resources)
    return [result for result in resources.results if result.tags["rule"] in RULES]


ODD = [
    ("version-unknown", {"image": "registry.example.com/vllm-openai:2026-11"}, "2026-11"),
    ("model-unknown", {"args": ["/models/own", "--max-model-len=8192", "--shutdown-timeout=480"]}, "/models/own"),
    ("memory-unknown", {"args": [*SERVER["args"], "--kv-cache-dtype=fp8"]}, "--kv-cache-dtype"),
    ("memory-unknown", {"args": [*SERVER["args"], "--data-parallel-size=2"]}, "--data-parallel-size"),
    ("memory-unknown", {"args": [*SERVER["args"], "--config=/etc/vllm.yaml"]}, "--config"),
    ("engine-unknown", {"image": "lmsysorg/sglang:v0.5.5", "command": ["python3", "-m", "sglang.launch_server"]}, ""),
    ("accelerator-unknown", {"on": {"cloud.google.com/gke-accelerator": "own-gpu"}}, "own-gpu"),
    (
        "accelerator-unknown",
        {
            "on": {
                "cloud.google.com/gke-accelerator": "nvidia-h100-80gb",
                "cloud.google.com/gke-gpu-partition-size": "9z",
            }
        },
        "the slice of the accelerator is in no table: nvidia-h100-80gb",
    ),
    ("accelerator-unknown", {"on": {}}, "no node selector names the accelerator"),
]


@pytest.mark.parametrize(("rule", "change", "name"), ODD)
def test_one_info_says_how_many_are_not_checked_and_why(rule: str, change: dict[str, Any], name: str) -> None:
    for count in (1, 3):
        found = said(*(deployment(f"chat-{number}", **change) for number in range(count)), deployment("sound"))
        assert [(result.severity, result.tags["rule"]) for result in found] == [(INFO, rule)]
        assert found[0].message.startswith(f"{count} ")
        assert "not checked, because" in found[0].message
        assert name in found[0].message


def test_nothing_is_said_where_all_is_known() -> None:
    known = picker("registry.k8s.io/gateway-api-inference-extension/epp:v1.5.0")
    assert said(deployment("sound"), known) == []


@pytest.mark.parametrize(
    ("image", "what"),
    [
        ("registry.k8s.io/gateway-api-inference-extension/epp:v1.3.0", "configuration, metrics and kinds are"),
        ("registry.example.com/own/epp:v1.5.0", "its configuration is"),
    ],
)
def test_a_picker_of_another_build_is_told_from_one_of_no_release(image: str, what: str) -> None:
    (found,) = said(picker(image))
    assert found.tags["rule"] == "picker-unknown"
    assert f"1 picker: {what} not checked, because" in found.message


def test_kinds_without_a_schema_are_counted_and_named() -> None:
    kinds = ("Quota", "Budget", "Quota")
    items = [
        {"apiVersion": "example.com/v1", "kind": kind, "metadata": {"name": f"a{number}"}}
        for number, kind in enumerate(kinds)
    ]
    (found,) = said(*items)
    assert found.tags["rule"] == "schema-unknown"
    assert "3 objects: fields are not checked, because" in found.message
    assert "Budget of example.com/v1, Quota of example.com/v1" in found.message


def test_a_value_that_somebody_fills_in_is_told_by_placeholder_alone() -> None:
    assert said(deployment("chat", image="${IMAGE}", command=["vllm", "serve"])) == []
    (found,) = said(deployment("a", image="${IMAGE}"), deployment("b", image="own/vllm-openai:x"))
    assert "1 server" in found.message


def test_the_function_config_switches_it_off() -> None:
    config = Resource(
        "apiVersion: fn.kpt.dev/v1alpha1\nkind: ValidateInference\nmetadata: {name: x}\n"
        "spec: {severity: {version-unknown: off}}\n"
    )
    assert said(deployment("chat", image="own/vllm-openai:x"), config=config) == []


def test_it_is_acknowledged_where_it_is_said() -> None:
    item = deployment("chat", image="own/vllm-openai:x")
    item["metadata"]["annotations"] = {"validate.inference.fn.kpt.dev/version-unknown": "off: it is 0.32, built here"}
    assert said(item) == []


@pytest.mark.parametrize("is_acknowledged", [False, True])
def test_an_intent_with_a_model_of_its_own_is_told_and_acknowledges_it(is_acknowledged: bool) -> None:
    intent = INTENT
    if is_acknowledged:
        line = '    validate.inference.fn.kpt.dev/model-unknown: "off: 4B, measured on an L4"\n'
        intent = intent.replace("spec:\n", f"{line}spec:\n", 1)
    resources = ResourceList([Resource(intent)])
    for function in PIPELINE:
        function(resources)
    validate_inference(resources)
    found = [result for result in resources.results if result.tags.get("rule") in RULES]
    assert [(each.reference["kind"], each.field, each.tags["rule"]) for each in found] == (
        [] if is_acknowledged else [("LLMService", "spec.model.id", "model-unknown")]
    )
    assert not [result for result in resources.results if result.tags.get("rule") == "exception"]


@pytest.mark.parametrize("rule", SAME_WORDS)
def test_the_same_words_say_it_everywhere(rule: str) -> None:
    (file,) = EXAMPLES.glob(f"*/examples/{rule}/fails.txt")
    assert "not checked, because" in file.read_text(encoding="utf-8")
