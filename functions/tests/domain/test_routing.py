"""Many models behind one Gateway: in one package and in several, with the limits of the Gateway API."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from krm_functions_sdk import Resource, ResourceList
from krm_inference.domain.facts import gateway_classes
from krm_inference.generate_routing import generate_routing
from krm_inference.validate_inference import validate_inference

TLS = "    tls:\n      secrets: [{{name: {name}-tls}}]\n"


def _service(least: str, name: str, gateway: str = "", route: str = "", more: str = "") -> str:
    text = least.replace("name: llama-3.1", f"name: {name}", 1)
    host = f"    hostnames: [{name}.example.com]\n"
    return f"{text}{gateway}  route:\n{host}{route}{more}"


def _run(*texts: str) -> ResourceList:
    resources = ResourceList([Resource(text, path=f"{index}.yaml") for index, text in enumerate(texts)])
    generate_routing(resources)
    return resources


def _messages(resources: ResourceList) -> list[str]:
    return [result.message for result in resources.results]


def _of(resources: ResourceList, kind: str) -> list[Any]:
    return [resource.data for resource in resources.where(kind)]


@pytest.mark.parametrize("count", [2, 5, 20])
def test_many_models_in_one_package(count: int, least: str) -> None:
    """Models with host names and certificates of their own share a Gateway: one listener by plain HTTP, one by TLS."""
    names = [f"model-{index}" for index in range(count)]
    resources = _run(*(_service(least, name, TLS.format(name=name)) for name in names))
    assert not resources.results
    (gateway,) = _of(resources, "Gateway")
    https, http = gateway["spec"]["listeners"]
    assert (http["port"], https["port"]) == (80, 443)
    assert [ref["name"] for ref in https["tls"]["certificateRefs"]] == sorted(f"{name}-tls" for name in names)
    routes = {route["metadata"]["name"]: route["spec"] for route in _of(resources, "HTTPRoute")}
    assert routes.keys() == {each for name in names for each in (name, f"{name}-redirect")}
    for name in names:
        assert routes[name]["hostnames"] == [f"{name}.example.com"]
        assert routes[name]["parentRefs"][0]["sectionName"] == "https"
        assert routes[name]["rules"][0]["backendRefs"][0]["name"] == name


@pytest.mark.parametrize("count", [2, 5, 20])
def test_many_models_in_many_packages(count: int, least: str) -> None:
    """One package makes the Gateway; what each of the others adds is a route to it, and no Gateway."""
    (gateway,) = _of(_run(_service(least, "owner", "    allowedNamespaces: ['*']\n")), "Gateway")
    assert gateway["spec"]["listeners"][0]["allowedRoutes"] == {"namespaces": {"from": "All"}}
    attached = "    create: false\n    namespace: gateways\n"
    for index in range(count - 1):
        resources = _run(_service(least, f"model-{index}", attached))
        assert not resources.results
        assert not _of(resources, "Gateway")
        (route,) = _of(resources, "HTTPRoute")
        (parent,) = route["spec"]["parentRefs"]
        assert (parent["namespace"], parent["name"], "sectionName" in parent) == (
            "gateways",
            "inference-gateway",
            False,
        )


def test_the_order_of_services_does_not_matter(least: str) -> None:
    """From services in any order come the same objects."""
    texts = [
        _service(least, "a", TLS.format(name="z")),
        _service(least, "b"),
        _service(least, "c", TLS.format(name="y")),
        _service(least, "d", "    create: false\n"),
    ]
    one, other = _run(*texts), _run(*reversed(texts))
    assert {item.identity: item.text for item in one} == {item.identity: item.text for item in other}


def _tenants(count: int, more: str = "") -> str:
    entries = "".join(
        f"  - {{name: t{index}, priority: 1, match: {{headers: [{{name: x-tenant, values: [t{index}]}}]{more}}}}}\n"
        for index in range(count)
    )
    return f"  objectives:\n{entries}"


LIMITS: dict[str, tuple[str, str]] = {
    "rules": (
        _tenants(16),
        (
            "17 rules in HTTPRoute m, but the Gateway API takes 16; let one objective serve several values of a "
            "header, or give objectives host names, and a route, of their own"
        ),
    ),
    "matches of a rule": (
        f"    headers: [{{name: x, values: [{', '.join(f'v{index}' for index in range(33))}]}}]\n    paths: [/a, /b]\n",
        "66 combinations of paths and headers, but a rule takes 64",
    ),
    "matches of a route": (
        f"    headers: [{{name: x, values: [{', '.join(f'v{index}' for index in range(64))}]}}]\n" + _tenants(2),
        "192 combinations of paths and headers in HTTPRoute m, but the Gateway API takes 128 in all",
    ),
}


@pytest.mark.parametrize("what", LIMITS)
def test_limits_of_the_api(what: str, least: str) -> None:
    """What the Gateway API would refuse for its size is refused here, with what to do."""
    more, message = LIMITS[what]
    assert _messages(_run(_service(least, "m", "", more))) == [message]


def test_fifteen_tenants_fit(least: str) -> None:
    """As many tenants as a route has rules for pass, and with host names of their own, more."""
    (route,) = _of(_run(_service(least, "m", "", _tenants(15))), "HTTPRoute")
    assert len(route["spec"]["rules"]) == 16
    assert len(_of(_run(_service(least, "m", "", _tenants(40, ", hostnames: [t.example.com]"))), "HTTPRoute")) == 41


def test_sixty_five_certificates_do_not_fit(least: str) -> None:
    """A listener takes 64 certificates, whoever gives them."""
    texts = [_service(least, f"m{index}", TLS.format(name=f"m{index}")) for index in range(65)]
    assert _messages(_run(*texts)) == ["65 certificates for Gateway inference-gateway, but a listener takes 64"]


CONFLICTS: dict[str, tuple[str, str, bool]] = {
    "a path that one takes by prefix and one exactly": ("", "    paths: [/]\n", False),
    "a header": ("", "    headers: [{name: x, values: [a]}]\n", False),
    "one header with one value in common": (
        "    headers: [{name: X, values: [a, b]}]\n",
        "    headers: [{name: x, values: [b, c]}]\n",
        True,
    ),
    "one path among several": ("    paths: [/a, /b]\n", "    paths: [/b, /c]\n", True),
    "a prefix with a slash at its end": ("    pathPrefix: /v1\n", "    pathPrefix: /v1/\n", True),
}


@pytest.mark.parametrize("what", CONFLICTS)
def test_two_services_on_one_host(what: str, least: str) -> None:
    """Two services on one host name are told apart by path and headers; where they are not, both are named."""
    one, other, is_refused = CONFLICTS[what]
    texts = [
        _service(least, name, "", route).replace(f"{name}.example.com", "llm.example.com")
        for name, route in (("a", one), ("b", other))
    ]
    messages = _messages(_run(*texts))
    assert bool(messages) == is_refused
    assert all("LLMService a and LLMService b both serve llm.example.com" in message for message in messages)


def test_a_redirect_is_no_room_for_another(least: str) -> None:
    """A service by plain HTTP cannot stand where the redirect of another one stands."""
    texts = [
        _service(least, name, gateway).replace(f"{name}.example.com", "llm.example.com")
        for name, gateway in (("a", TLS.format(name="a")), ("b", ""))
    ]
    assert len(_messages(_run(*texts))) == 1
    texts[0] = texts[0].replace("    tls:\n", "    tls:\n      redirect: false\n")
    assert not _messages(_run(*texts))


def test_a_name_of_a_route_is_taken_once(least: str) -> None:
    """A service whose route has the name of another's redirect is refused."""
    messages = _messages(_run(_service(least, "a", TLS.format(name="a")), _service(least, "a-redirect")))
    assert len(messages) == 1
    assert "would both have a HTTPRoute a-redirect" in messages[0]


def test_the_last_tls_goes_and_comes(least: str) -> None:
    """Without TLS the listener, the redirect and the grant are gone; with it again, all is as it was."""
    plain = _service(least, "m").replace("metadata:\n", "metadata:\n  namespace: llm\n", 1)
    secure = plain.replace(
        "    name: inference-gateway\n",
        "    name: inference-gateway\n    tls: {secrets: [{name: c, namespace: certs}]}\n",
    )
    first = _run(secure)
    assert {item.kind for item in first} == {"LLMService", "Gateway", "ReferenceGrant", "HTTPRoute"}
    gone = _run(plain, *(item.text for item in first if item.kind != "LLMService"))
    assert _data(gone) == _data(_run(plain))
    back = _run(secure, *(item.text for item in gone if item.kind != "LLMService"))
    assert _data(back) == _data(first)


def _data(resources: ResourceList) -> dict[Any, Any]:
    return {resource.identity: resource.data for resource in resources}


def test_twice_is_once(least: str) -> None:
    """A second run over many models with TLS, tenants and other namespaces changes no byte and says nothing."""
    other = _service(least, "b", "    create: false\n    namespace: llm\n")
    texts = [
        _service(least, "a", TLS.format(name="a"), "", _tenants(3)).replace(
            "metadata:\n", "metadata:\n  namespace: llm\n", 1
        ),
        other.replace("metadata:\n", "metadata:\n  namespace: chat\n", 1),
    ]
    resources = _run(*texts)
    assert not resources.results
    before = [item.text for item in resources]
    generate_routing(resources)
    assert [item.text for item in resources] == before
    assert not resources.results


PAGE = (Path(__file__).resolve().parents[3] / "docs" / "routing.md").read_text(encoding="utf-8")
PARTS = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("part", PARTS)
def test_the_page_shows_what_renders(part: str, least: str, render: Callable[..., ResourceList]) -> None:
    """Each part of an intent on the page about routing renders without a word."""
    document = yaml.safe_load(least)
    document["metadata"]["namespace"] = "chat" if "create: false" in part else "llm"
    document["spec"] |= yaml.safe_load(part)
    documents = [document]
    if name := document["spec"].get("route", {}).get("of"):  # what the part before it shows
        owner = yaml.safe_load(least)
        owner["metadata"] |= {"name": name, "namespace": "llm"}
        owner["spec"] |= yaml.safe_load(PARTS[PARTS.index(part) - 1])
        documents.append(owner)
    resources = render(*map(yaml.safe_dump, documents))
    assert not resources.results
    assert len(resources) > len(PARTS)


@pytest.mark.parametrize(
    ("name", "carries", "timeouts"),
    [
        ("gke-l7-regional-external-managed", True, False),
        ("gke-l7-rilb", True, False),
        ("gke-l7-gxlb", False, False),
        ("gke-l7-global-external-managed", False, False),
        ("gke-l7-rilb-mc", False, False),
        ("kgateway", False, True),
        ("istio", True, True),
    ],
)
def test_classes(name: str, carries: bool, timeouts: bool) -> None:
    """Of each class it is known whether it carries pools, and whether its routes may have timeouts."""
    known = gateway_classes.of(name)
    assert (not known.lacks, known.has_timeouts) == (carries, timeouts)


CLASSES: dict[str, tuple[str, dict[str, str]]] = {
    "a class that carries pools": ("gke-l7-rilb", {}),
    "a class of others": ("agentgateway", {}),
    "a class that carries pools no more": (
        "kgateway",
        {
            "spec.gateway.className": (
                "kgateway: kgateway routes to no InferencePool since v2.2, where that went to agentgateway; "
                "use agentgateway"
            )
        },
    ),
    "a class for several clusters": (
        "gke-l7-rilb-mc",
        {
            "spec.gateway.className": (
                "gke-l7-rilb-mc: it routes to a GCPInferencePoolImport and not to an InferencePool; "
                "use gke-l7-regional-external-managed or gke-l7-rilb"
            )
        },
    ),
    "a class that sets headers late": (
        "istio",
        {
            "spec.route": (
                "objective t0 has no effect: Istio sets the headers of a route after it has asked the endpoint picker"
            )
        },
    ),
}


@pytest.mark.parametrize("what", CLASSES)
def test_the_validator_knows_classes(what: str, least: str, render: Callable[..., ResourceList]) -> None:
    """A class that is not known to carry pools, or lets no route choose an objective, is a warning; another is none."""
    name, expected = CLASSES[what]
    text = _service(least, "m", f"    className: {name}\n", _tenants(1)).replace(
        "    id:", "    maxModelLen: 8192\n    id:"
    )
    resources = render(text)
    validate_inference(resources)
    assert all(result.severity != "error" for result in resources.results)
    found = {result.field: result.message for result in resources.results if result.severity == "warning"}
    assert found.keys() == expected.keys()
    assert all(found[field].startswith(message) for field, message in expected.items())


def _shared(least: str, owner: dict[str, Any], canary: dict[str, Any]) -> list[str]:
    """Return the intents of a service and of one that shares its route, each with more of a spec."""
    texts = []
    for name, more in (("chat", owner), ("chat-canary", canary)):
        document = yaml.safe_load(least)
        document["metadata"]["name"] = name
        document["spec"] |= {"release": "gaie-v1.5", **more}
        texts.append(yaml.safe_dump(document))
    return texts


def _weights(resources: ResourceList) -> list[tuple[str, int]]:
    (route,) = (item for item in resources if item.kind == "HTTPRoute")
    return [(ref["name"], ref["weight"]) for ref in route.get("spec.rules[0].backendRefs")]


def test_a_canary_comes_and_goes_with_its_file(least: str, render: Callable[..., ResourceList]) -> None:
    """Its weight stands in the route of the service that it names; absent, it leaves nothing there."""
    texts = _shared(least, {"route": {"weight": 9}}, {"route": {"of": "chat"}})
    assert _weights(render(*texts)) == [("chat", 9), ("chat-canary", 1)]
    texts = _shared(least, {"route": {"weight": 9}}, {"route": {"of": "chat"}, "ensure": "Absent"})
    assert _weights(render(*texts)) == [("chat", 9)]


@pytest.mark.parametrize("is_mine", [False, True])
def test_a_weight_that_is_no_share_any_more_loses_its_reason_and_a_comment_of_a_user_stays(
    least: str, is_mine: bool
) -> None:
    """What a render from nothing gives, whether the canary was there before or not."""
    both = _run(*_shared(least, {}, {"route": {"of": "chat"}}))
    (route,) = (item for item in both if item.kind == "HTTPRoute")
    weight = "spec.rules[0].backendRefs[0].weight"
    assert route.comment(weight) == "50 % of the requests"
    if is_mine:
        route.set_comment(weight, "mine")
    (canary,) = (item for item in both if item.name == "chat-canary" and item.kind == "LLMService")
    canary.set("spec.ensure", "Absent")
    generate_routing(both)
    assert route.comment(weight) == ("mine" if is_mine else "")


def test_what_a_shared_route_loses_is_said(least: str) -> None:
    """Behind Istio one picker is asked for both, and an objective of the route is none of the canary's."""
    gateway = {"name": "inference-gateway", "className": "istio"}
    owner: dict[str, Any] = {
        "platform": "kubernetes",
        "gateway": gateway,
        "objectives": [{"name": "batch", "priority": -10}],
        "route": {"objective": "batch"},
    }
    texts = _shared(least, owner, {"platform": "kubernetes", "gateway": gateway, "route": {"of": "chat"}})
    resources = _run(*texts)
    assert [(one.severity, one.field, one.message.partition(":")[0]) for one in resources.results] == [
        ("warning", "spec.route.of", "istio"),
        (
            "warning",
            "spec.route.of",
            "requests that the route of LLMService chat gives the objective batch have priority 0 here",
        ),
    ]


def test_a_shared_route_waits_for_the_longest_answer_of_all(least: str) -> None:
    """A canary with longer answers lengthens the timeout; a shorter one leaves it."""
    gateway = {"name": "inference-gateway", "className": "agentgateway"}
    seconds = []
    for tokens in (1024, 16384):
        model = {"id": "Qwen/Qwen2.5-7B-Instruct", "servedName": "chat"}
        owner = {"platform": "kubernetes", "gateway": gateway, "model": model}
        canary = {**owner, "route": {"of": "chat"}, "model": {**model, "maxOutputTokens": tokens}}
        resources = _run(*_shared(least, owner, canary))
        assert not resources.results.failed
        (route,) = (item for item in resources if item.kind == "HTTPRoute")
        seconds.append(int(str(route.get("spec.rules[0].timeouts.request")).removesuffix("s")))
    assert seconds[0] < seconds[1]
