"""What is worth knowing of sound packages: info by default, and as serious as the functionConfig says."""

from __future__ import annotations

from typing import Any

import pytest
from krm_functions_sdk import Resource, ResourceList
from krm_functions_sdk.document import emitter
from krm_inference.validate_inference import validate_inference
from mutants import NOTICES, Json, objects

HEADER = "x-gateway-inference-objective"


def found(items: list[Json], **severity: str) -> list[tuple[str, str, str, str]]:
    """Return severity, rule, object and field of each notice."""
    spec = {"severity": {name.replace("_", "-"): value for name, value in severity.items()}}
    config = {"apiVersion": "fn.kpt.dev/v1alpha1", "kind": "ValidateInference", "metadata": {"name": "x"}, "spec": spec}
    resources = ResourceList(
        [Resource(emitter.document(item)) for item in items], Resource(emitter.document(config)) if severity else None
    )
    validate_inference(resources)
    return sorted(
        (severity, rule, f"{shown.reference['kind']}/{shown.reference['name']}", shown.field)
        for severity, rule, shown in (
            (each.severity, each.tags["rule"], each.derived or each) for each in resources.results
        )
        if rule in NOTICES
    )


def of(items: list[Json], kind: str) -> Json:
    return next(item for item in items if item["kind"] == kind)


def server(items: list[Json]) -> Json:
    pods = [item["spec"]["template"]["spec"] for item in items if item["kind"] == "Deployment"]
    return next(part for pod in pods for part in pod["containers"] if part["name"] == "vllm")


def listen_for_https(items: list[Json]) -> None:
    of(items, "Gateway")["spec"]["listeners"][0] |= {"protocol": "HTTPS", "port": 443}


def redirect_http(items: list[Json]) -> None:
    """Have a second listener, of which no route to a pool knows."""
    gateway = of(items, "Gateway")["spec"]["listeners"]
    gateway.append({"name": "https", "protocol": "HTTPS", "port": 443})
    of(items, "HTTPRoute")["spec"]["parentRefs"][0]["sectionName"] = "https"


def ask_for_a_key(items: list[Json]) -> None:
    server(items)["env"] = [{"name": "VLLM_API_KEY", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]


def ask_for_a_key_by_flag(items: list[Json]) -> None:
    ask_for_a_key(items)
    server(items)["env"][0]["name"] = "KEY"
    server(items)["args"].append("--api-key=$(KEY)")


def ask_for_a_token(items: list[Json]) -> None:
    items += [
        {
            "apiVersion": "security.istio.io/v1",
            "kind": "RequestAuthentication",
            "metadata": {"name": "tokens", "annotations": {"config.kubernetes.io/path": "tokens.yaml"}},
            "spec": {
                "targetRefs": [{"kind": "Gateway", "name": item["metadata"]["name"]}],
                "jwtRules": [{"issuer": "https://issuer.example.com"}],
            },
        }
        for item in list(items)
        if item["kind"] == "Gateway"
    ]


def name_without_dots(items: list[Json]) -> None:
    for item in items:
        if item["kind"] == "Deployment":
            item["metadata"]["name"] = item["metadata"]["name"].replace(".", "-")


def no_priority_above(items: list[Json]) -> None:
    for item in items:
        if item["kind"] == "InferenceObjective":
            item["spec"]["priority"] = -1


def choose(*names: str) -> Any:
    """Return a change by which each rule of the route sets one of these objectives."""

    def change(items: list[Json]) -> None:
        route = of(items, "HTTPRoute")["spec"]
        headers = [[{"name": HEADER, "value": name}] if name else [] for name in names]
        filters = [[{"type": "RequestHeaderModifier", "requestHeaderModifier": {"set": header}}] for header in headers]
        route["rules"] = [{**route["rules"][0], "filters": each} for each in filters]

    return change


ITEMS = objects()
OBJECTIVES = [item["metadata"]["name"] for item in ITEMS if item["kind"] == "InferenceObjective"]
ARGS = "spec.template.spec.containers[name=vllm].args[--api-key]"


def rules(items: list[Json]) -> set[str]:
    return {rule for _, rule, _, _ in found(items)}


# What is told of the package as it is, or once it is changed so; and after which changes no longer.
TOLD: dict[str, tuple[Any, str, list[Any]]] = {
    "gateway-tls": (None, "spec.listeners[name=http].protocol", [listen_for_https, redirect_http]),
    "server-authentication": (None, ARGS, [ask_for_a_key, ask_for_a_key_by_flag, ask_for_a_token]),
    "workload-name": (None, "metadata.name", [name_without_dots]),
    "objective-priority-equal": (None, "spec.priority", [no_priority_above]),
    "objective-unreachable": (
        choose(*["another"] * 2),
        "metadata.name",
        [choose("another", ""), *([choose(*OBJECTIVES)] if len(OBJECTIVES) > 1 else [choose(OBJECTIVES[0])])],
    ),
}


def test_each_notice_has_its_case() -> None:
    assert set(TOLD) == NOTICES


@pytest.mark.parametrize("rule", TOLD)
def test_it_is_told_at_its_field_and_no_more_once_it_is_mended(rule: str) -> None:
    change, field, mended = TOLD[rule]
    items = objects()
    if change:
        change(items)
    assert {(severity, at) for severity, name, _, at in found(items) if name == rule} == {("info", field)}
    for mend in mended:
        items = objects()
        mend(items)
        assert rule not in rules(items), mend.__name__


def test_they_are_as_serious_as_the_function_config_says() -> None:
    raised = found(objects(), gateway_tls="error", server_authentication="warning", workload_name="off")
    severities = {rule: severity for severity, rule, _, _ in raised}
    assert severities == {
        "gateway-tls": "error",
        "server-authentication": "warning",
        "objective-priority-equal": "info",
    }


def test_flow_control_gives_priorities_their_effect() -> None:
    """Without the gate in its configuration, also the picker of a later release takes them for one."""
    items = objects()
    for item in items:
        if item["kind"] == "Deployment":
            for part in item["spec"]["template"]["spec"]["containers"]:
                part["image"] = part["image"].replace("epp:v1.0.0", "epp:v1.5.0")
    assert "objective-priority-equal" in rules(items)
    for item in items:
        for key, text in item.get("data", {}).items():
            if "EndpointPickerConfig" in text:
                item["data"][key] += "featureGates:\n- flowControl\n"
    assert "objective-priority-equal" not in rules(items)
