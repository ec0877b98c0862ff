"""Rules about servers, one sound set of manifests changed in one thing at a time: what is said, where, and what is not.

Each case has a change that a rule finds at a field, and one next to it that is right.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest
import yaml
from krm_functions_sdk import Resource, ResourceList, emitter
from krm_inference.validate_inference import validate_inference
from krm_inference.validate_inference.timeouts import duration

EXAMPLES = Path(__file__).resolve().parents[1] / "krm_inference" / "validate_inference" / "examples"
POD = "spec.template.spec"
VLLM = f"{POD}.containers[name=vllm]"


Fields = Mapping[str, Any]
NOTHING: Fields = MappingProxyType({})


class Change(NamedTuple):
    """What is other than in the sound set; `args` replace flags of their names, `without` drops flags and objects."""

    args: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    image: str = ""
    command: tuple[str, ...] = ()
    pod: Fields = NOTHING
    container: Fields = NOTHING
    deployment: Fields = NOTHING
    route: Fields = NOTHING
    picker: Fields = NOTHING
    policy: Fields = NOTHING
    gateway_class: str = ""
    objects: tuple[dict[str, Any], ...] = ()
    config: Fields = NOTHING


class Case(NamedTuple):
    """A rule, the change that it finds at `field` with `says` in its message, and the change that is right."""

    rule: str
    bad: Change
    field: str
    says: str
    good: Change


@cache
def sound() -> list[dict[str, Any]]:
    text = (EXAMPLES / "sound-set" / "input.yaml").read_text(encoding="utf-8")
    items: list[dict[str, Any]] = yaml.safe_load(text)["items"]
    return items


def changed(change: Change) -> list[dict[str, Any]]:
    items = copy.deepcopy([item for item in sound() if item["kind"] not in change.without])
    by_kind = {item["kind"]: item for item in reversed(items)}
    server, picker = (item for item in items if item["kind"] == "Deployment")
    server["spec"] |= change.deployment
    pod = server["spec"]["template"]["spec"]
    pod |= change.pod
    (container,) = pod["containers"]
    names = {flag(text) for text in change.args} | set(change.without)
    container["args"] = [text for text in container["args"] if flag(text) not in names] + list(change.args)
    container |= change.container
    container["image"] = change.image or container["image"]
    if change.command:
        container["command"] = list(change.command)
    if "preStop" in change.without:
        del container["lifecycle"]
    picker["spec"]["template"]["spec"] |= change.picker
    if "GCPBackendPolicy" in by_kind:
        by_kind["GCPBackendPolicy"]["spec"]["default"] |= change.policy
    by_kind["HTTPRoute"]["spec"]["rules"][0] |= change.route
    if change.gateway_class:
        by_kind["Gateway"]["spec"]["gatewayClassName"] = change.gateway_class
    return [*items, *copy.deepcopy(change.objects)]


def flag(text: str) -> str:
    return text.partition("=")[0]


def found(change: Change) -> list[tuple[str, str, str]]:
    """Return rule, field and message of each finding."""
    config = {"apiVersion": "fn.kpt.dev/v1alpha1", "kind": "ValidateInference", "metadata": {"name": "x"}}
    function_config = Resource(emitter.document(config | {"spec": change.config})) if change.config else None
    resources = ResourceList([Resource(emitter.document(item)) for item in changed(change)], function_config)
    validate_inference(resources)
    return [(item.tags.get("rule", ""), item.field, item.message) for item in resources.results]


def tokens(number: int) -> str:
    return f'--override-generation-config={{"max_new_tokens":{number}}}'


NO_BOUND = ("--override-generation-config",)
GRACE, TIMEOUT = f"{POD}.terminationGracePeriodSeconds", f"{VLLM}.args[--shutdown-timeout]"
OTHER_CLASS = "acme"
ROUTE_TIMEOUT = "spec.rules[0].timeouts."

DRAINING = {
    # 57.3 s for the longest answer and 30 s preStop; the safety buffer on top of them is nobody's fault.
    "grace period of drain and preStop, without a buffer": Case(
        "drain-order",
        Change(args=("--shutdown-timeout=58",), pod={"terminationGracePeriodSeconds": 88}),
        TIMEOUT,
        "30 s preStop + 58 s --shutdown-timeout do not end before 88 s",
        Change(args=("--shutdown-timeout=58",), pod={"terminationGracePeriodSeconds": 89}),
    ),
    "the drain ends before the longest answer": Case(
        "drain-time",
        Change(args=("--shutdown-timeout=57",)),
        TIMEOUT,
        "4096 tokens × 10 ms × 1.4 = 57.3 s for the longest answer, but the drain has 57 s",
        Change(args=("--shutdown-timeout=58",)),
    ),
    "an image without --shutdown-timeout, and a grace period that is too short as well": Case(
        "drain-grace",
        Change(
            without=("--shutdown-timeout",),
            image="registry.example.com/team/vllm-openai:v0.17.1",
            pod={"terminationGracePeriodSeconds": 60},
        ),
        GRACE,
        "57.3 s for the longest answer after 30 s preStop, but the Pod is killed after 60 s",
        Change(args=("--shutdown-timeout=58",), pod={"terminationGracePeriodSeconds": 89}),
    ),
    "no --shutdown-timeout": Case(
        "drain-shutdown-timeout", Change(without=("--shutdown-timeout",)), TIMEOUT, "at SIGTERM vLLM aborts", Change()
    ),
    "vLLM too old for --shutdown-timeout": Case(
        "drain-shutdown-timeout",
        Change(without=("--shutdown-timeout",), image="vllm/vllm-openai:v0.17.1"),
        f"{VLLM}.image",
        "vLLM 0.17 has no --shutdown-timeout yet; it came with 0.18",
        Change(image="vllm/vllm-openai:v0.18.0"),
    ),
    "the picker goes before the servers": Case(
        "drain-picker",
        Change(picker={"terminationGracePeriodSeconds": 129}),
        GRACE,
        "the Pods of its pool have 130 s, and the picker ends after 129 s",
        Change(picker={"terminationGracePeriodSeconds": 130}),
    ),
    "a draining timeout that the API refuses": Case(
        "backend-draining-range",
        Change(policy={"connectionDraining": {"drainingTimeoutSec": 3601}}),
        "spec.default.connectionDraining.drainingTimeoutSec",
        "expected whole seconds from 0 to 3600",
        Change(policy={"connectionDraining": {"drainingTimeoutSec": 3600}}),
    ),
    "a negative draining timeout": Case(
        "backend-draining-range",
        Change(policy={"connectionDraining": {"drainingTimeoutSec": -1}}),
        "spec.default.connectionDraining.drainingTimeoutSec",
        "expected whole seconds from 0 to 3600",
        Change(policy={"connectionDraining": {"drainingTimeoutSec": 58}}),
    ),
    "sh -c without exec": Case(
        "drain-signal",
        Change(
            command=("sh", "-c"),
            container={"args": [f"vllm serve a/b --port=8000 --shutdown-timeout=90 '{tokens(4096)}'"]},
        ),
        f"{VLLM}.args[0]",
        "passes no SIGTERM on",
        Change(
            command=("sh", "-c"),
            container={"args": [f"exec vllm serve a/b --port=8000 --shutdown-timeout=90 '{tokens(4096)}'"]},
        ),
    ),
    "nothing bounds the output": Case(
        "drain-output-bound",
        Change(without=NO_BOUND),
        f"{VLLM}.args[--override-generation-config]",
        "neither --override-generation-config nor --max-model-len bounds an answer",
        Change(without=NO_BOUND, args=("--max-model-len=4k",)),
    ),
    "a generation config without a bound": Case(
        "drain-output-bound",
        Change(args=('--override-generation-config={"temperature":0}',)),
        f"{VLLM}.args[--override-generation-config]",
        "it says no max_new_tokens, and no --max-model-len is set either",
        Change(args=('--override-generation-config={"temperature":0}', "--max-model-len=4096")),
    ),
    "--max-model-len alone is a bound, and too long a one": Case(
        "drain-time",
        Change(without=NO_BOUND, args=("--max-model-len=8192",)),
        TIMEOUT,
        "8192 tokens × 10 ms × 1.4 = 114.7 s",
        Change(without=NO_BOUND, args=("--max-model-len=4K",)),
    ),
    "of two bounds the lower one counts": Case(
        "drain-time",
        Change(args=(tokens(30000), "--max-model-len=8K")),
        TIMEOUT,
        "8192 tokens × 10 ms",
        Change(args=(tokens(30000), "--max-model-len=4096")),
    ),
    "the load balancer's timeout": Case(
        "backend-timeout",
        Change(policy={"timeoutSec": 57}),
        "spec.default.timeoutSec",
        "57.3 s for the longest answer, cut after 57 s",
        Change(policy={"timeoutSec": 58}),
    ),
    "no policy behind a Gateway of GKE": Case(
        "backend-policy",
        Change(without=("GCPBackendPolicy",)),
        "metadata.name",
        "no GCPBackendPolicy targets it, and behind Gateway llm/inference-gateway answers are cut after",
        Change(without=("GCPBackendPolicy",), gateway_class=OTHER_CLASS),
    ),
    "a route's timeout": Case(
        "route-timeout",
        Change(gateway_class=OTHER_CLASS, route={"timeouts": {"request": "57s"}}),
        f"{ROUTE_TIMEOUT}request",
        "57.3 s for the longest answer, cut after 57s",
        Change(gateway_class=OTHER_CLASS, route={"timeouts": {"request": "0s"}}),
    ),
    "a route's timeout of the backend": Case(
        "route-timeout",
        Change(gateway_class=OTHER_CLASS, route={"timeouts": {"request": "5m", "backendRequest": "20s500ms"}}),
        f"{ROUTE_TIMEOUT}backendRequest",
        "cut after 20s500ms",
        Change(gateway_class=OTHER_CLASS, route={"timeouts": {"request": "5m", "backendRequest": "1m"}}),
    ),
    "a route's timeout on GKE": Case(
        "route-timeout-refused",
        Change(route={"timeouts": {"request": "10s"}}),
        f"{ROUTE_TIMEOUT}request",
        "Gateway llm/inference-gateway is of class gke-l7-rilb, which refuses a route with timeouts",
        Change(route={}),
    ),
}


CASES = DRAINING


def test_the_set_to_be_changed_is_sound() -> None:
    assert found(Change()) == []


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_fault_is_found_at_its_field(case: Case) -> None:
    results = found(case.bad)
    assert [(rule, field) for rule, field, _ in results if rule == case.rule] == [(case.rule, case.field)], results
    assert any(case.says in message for rule, _, message in results if rule == case.rule), results


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_is_right_is_not_found(case: Case) -> None:
    assert [rule for rule, _, _ in found(case.good) if rule == case.rule] == []


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("10s", 10), ("1h30m", 5400), ("500ms", 0.5), ("1m20s500ms", 80.5), ("0s", 0), ("10", None), ("1d", None)],
)
def test_durations_of_the_gateway_api(text: str, seconds: float | None) -> None:
    assert duration(text) == seconds


def test_no_fault_is_found_twice() -> None:
    """A policy that went astray is reported itself, and so is the drain that is shorter than the longest answer."""
    for change, rules in (
        (Change(args=("--shutdown-timeout=20",), pod={"terminationGracePeriodSeconds": 60}), ["drain-time"]),
        (Change(route={"timeouts": {"request": "10s"}}), ["route-timeout-refused"]),
    ):
        assert [rule for rule, _, _ in found(change)] == rules
