"""A sound set of manifests changed in one thing at a time, and what validate-inference says of it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import yaml
from krm_functions_sdk import Resource, ResourceList
from krm_functions_sdk.document import emitter
from krm_inference.validate_inference import validate_inference
from mutants import NOTICES

EXAMPLES = Path(__file__).resolve().parents[2] / "krm_inference" / "validate_inference" / "examples"
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
    beside: tuple[dict[str, Any], ...] = ()
    deployment: Fields = NOTHING
    route: Fields = NOTHING
    picker: Fields = NOTHING
    policy: Fields = NOTHING
    gateway_class: str = ""
    gateway: Fields = NOTHING
    parent: Fields = NOTHING
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
    pod["containers"] += change.beside
    picker["spec"]["template"]["spec"] |= change.picker
    if "GCPBackendPolicy" in by_kind:
        by_kind["GCPBackendPolicy"]["spec"]["default"] |= change.policy
    by_kind["HTTPRoute"]["spec"]["rules"][0] |= change.route
    by_kind["HTTPRoute"]["spec"]["parentRefs"][0] |= change.parent
    by_kind["Gateway"]["spec"] |= change.gateway
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
    rules = [(item.tags.get("rule", ""), item) for item in resources.results]
    return [(rule, item.field, item.message) for rule, item in rules if rule not in NOTICES]


def demand_finding(case: Case) -> None:
    """See that the rule finds what is wrong, once, at its field, and says why."""
    results = found(case.bad)
    assert [(rule, field) for rule, field, _ in results if rule == case.rule] == [(case.rule, case.field)], results
    assert any(case.says in message for rule, _, message in results if rule == case.rule), results


def demand_silence(case: Case) -> None:
    """See that the rule finds nothing in what is right."""
    assert [rule for rule, _, _ in found(case.good) if rule == case.rule] == []
