"""A rendered set of which one object is elsewhere, appears twice, or has a rival."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from krm_functions_sdk import Resource, ResourceList
from krm_functions_sdk.document import emitter
from krm_inference.validate_inference import validate_inference
from mutants import findings, name_of, objects


def changed(target: str, namespace: str = "") -> list[dict[str, Any]]:
    """Return the objects with one of them in another namespace, or with none."""
    items = objects()
    [metadata] = [item["metadata"] for item in items if name_of(item) == target]
    if namespace:
        metadata["namespace"] = namespace
    else:
        del metadata["namespace"]
    return items


NAMESPACED = [
    f"{item['kind']}/{item['metadata']['name']}"
    for item in objects()
    if "namespace" in item["metadata"] and item["kind"] != "LLMService"
]


@pytest.mark.parametrize("target", NAMESPACED)
def test_an_object_in_another_namespace_is_found(target: str) -> None:
    assert [item for item in findings(changed(target, "other")) if item.severity != "info"]


@pytest.mark.parametrize("target", NAMESPACED)
def test_an_object_without_the_namespace_of_the_others_is_found(target: str) -> None:
    found = findings(changed(target))
    assert [item.rule for item in found] == ["namespace-mixed"]


def test_an_object_twice_is_found_once_and_names_both_files() -> None:
    items = objects()
    first, second = (
        Resource(emitter.document(items[1]), path="a.yaml"),
        Resource(emitter.document(items[1]), path="b.yaml"),
    )
    package = Resource("apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: chat\n", path="Kptfile")
    resources = ResourceList([package, first, second])
    validate_inference(resources)
    [found] = [found for found in resources.results if found.tags["rule"] == "object-duplicate"]
    assert found.file == "b.yaml"
    assert "a.yaml" in found.message
    assert "b.yaml" in found.message


def test_an_object_twice_in_one_file_is_told_by_lines() -> None:
    first, second = (Resource(emitter.document(objects()[1]), path="a.yaml", first_line=line) for line in (1, 30))
    resources = ResourceList([first, second])
    validate_inference(resources)
    [found] = [found for found in resources.results if found.tags["rule"] == "object-duplicate"]
    assert "(a.yaml:30) and" in found.message
    assert "(a.yaml:1) are" in found.message


def test_two_policies_of_one_target_are_found() -> None:
    items = objects()
    [policy] = [item for item in items if item["kind"] == "HealthCheckPolicy"]
    other = copy.deepcopy(policy)
    other["metadata"]["name"] = "another"
    assert ("error", "policy-duplicate", "HealthCheckPolicy/another", "spec.targetRef.name") in findings(
        [*items, other]
    )


@pytest.mark.parametrize(
    ("written", "field", "proposed"),
    [
        ({"kind": "InferencePool"}, "group", "inference.networking.k8s.io"),
        ({"group": "", "kind": "InferencePool"}, "group", "inference.networking.k8s.io"),
        ({"group": "inference.networking.k8s.io"}, "kind", "InferencePool"),
        ({"group": "inference.networking.k8s.io", "kind": "Pool"}, "kind", "InferencePool"),
    ],
)
@pytest.mark.parametrize("is_here", [True, False])
def test_a_backend_is_meant_by_what_is_written_of_it(
    written: dict[str, str], field: str, proposed: str, *, is_here: bool
) -> None:
    items = [item for item in objects() if is_here or item["kind"] != "InferencePool"]
    [route] = [item for item in items if item["kind"] == "HTTPRoute"]
    backends = route["spec"]["rules"][0]["backendRefs"]
    backends[0] = {"name": backends[0]["name"], **written}
    resources = ResourceList([Resource(emitter.document(item)) for item in items])
    validate_inference(resources)
    found = [item for item in resources.results if item.tags["rule"] == "reference-kind"]
    expected = f"spec.rules[0].backendRefs[0].{field}"
    assert [(item.field, item.proposed) for item in found] == [(expected, proposed)]


def test_two_routes_of_one_host_and_path_are_found() -> None:
    items = objects()
    [route] = [item for item in items if item["kind"] == "HTTPRoute"]
    other = copy.deepcopy(route)
    other["metadata"]["name"] = "another"
    assert ("error", "route-conflict", "HTTPRoute/another", "spec.rules[0].matches[0]") in findings([*items, other])
    other["spec"]["hostnames"] = ["other.example.com"]
    assert findings([*items, other]) == []


@pytest.mark.parametrize(
    ("section", "other", "is_found"),
    [("http", None, True), (None, "http", True), ("http", "https", False), (None, "https", True), (None, None, True)],
)
def test_a_route_to_all_listeners_has_a_rival_on_each(section: str | None, other: str | None, is_found: bool) -> None:
    items = objects()
    [gateway] = [item for item in items if item["kind"] == "Gateway"]
    [route] = [item for item in items if item["kind"] == "HTTPRoute"]
    gateway["spec"]["listeners"] = [
        {"name": "http", "port": 80, "protocol": "HTTP"},
        {"name": "https", "port": 443, "protocol": "HTTPS", "tls": {"certificateRefs": [{"name": "made-elsewhere"}]}},
    ]
    rival = copy.deepcopy(route)
    rival["metadata"]["name"] = "rival"
    for item, name in ((route, section), (rival, other)):
        item["spec"]["parentRefs"][0] |= {"sectionName": name} if name else {}
    rules = [item.rule for item in findings([*items, rival])]
    assert rules.count("route-conflict") == is_found


POOL = {
    "apiVersion": "inference.networking.k8s.io/v1",
    "kind": "InferencePool",
    "metadata": {"name": "chat"},
    "spec": {
        "targetPorts": [{"number": 8000}],
        "selector": {"matchLabels": {"app": "chat"}},
        "endpointPickerRef": {"name": "chat-epp", "port": {"number": 9002}},
    },
}


@pytest.mark.parametrize(
    ("resources", "rules"),
    [({}, []), ({"requests": {"cpu": "1"}}, []), ({"limits": {"amd.com/gpu": 1}}, ["pool-selector"])],
)
def test_what_serves_no_model_is_not_missed_by_a_pool(resources: dict[str, Any], rules: list[str]) -> None:
    """Its servers and picker may be elsewhere: what else is here need not carry labels, but what asks for a GPU."""
    container = {"name": "other", "image": "example.com/other:v1", "resources": resources}
    template = {"metadata": {"labels": {"app": "other"}}, "spec": {"containers": [container]}}
    spec = {"selector": {"matchLabels": {"app": "other"}}, "template": template}
    other = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "other"}, "spec": spec}
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "chat-epp"}}
    service["spec"] = {"selector": {"app": "chat-epp"}, "ports": [{"port": 9002}]}
    found = ResourceList([Resource(emitter.document(item)) for item in (POOL, service, other)])
    validate_inference(found)
    assert [result.tags["rule"] for result in found.results if result.tags["rule"].startswith("pool-s")] == rules


@pytest.mark.parametrize(
    ("label", "rules"), [("redis", []), ("chats", ["monitor-selector"]), ("ch", ["monitor-selector"])]
)
def test_a_monitor_of_something_else_is_not_missed(label: str, rules: list[str]) -> None:
    """What it selects may be elsewhere, where servers without a picker are all that is here."""
    container = {"name": "vllm", "image": "vllm/vllm-openai:v0.32.0", "args": ["--model=Qwen/Qwen3-8B"]}
    template = {"metadata": {"labels": {"app": "chat"}}, "spec": {"containers": [container]}}
    spec = {"selector": {"matchLabels": {"app": "chat"}}, "template": template}
    server = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "chat"}, "spec": spec}
    monitor: dict[str, Any] = {"apiVersion": "monitoring.googleapis.com/v1", "kind": "PodMonitoring"}
    endpoints = [{"port": "metrics", "interval": "30s"}]
    monitor |= {
        "metadata": {"name": "m"},
        "spec": {"selector": {"matchLabels": {"app": label}}, "endpoints": endpoints},
    }
    found = ResourceList([Resource(emitter.document(item)) for item in (server, monitor)])
    validate_inference(found)
    assert [result.tags["rule"] for result in found.results if result.tags["rule"].startswith("monitor-")] == rules
