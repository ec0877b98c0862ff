"""What manifests say of the Gateway and the routes of a pool."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from krm_inference.domain.facts.body_router import MODEL_HEADER
from krm_inference.domain.facts.releases import RELEASES
from krm_inference.manifests import groups
from krm_inference.manifests.groups import POOL
from krm_inference.manifests.index import Index
from krm_inference.manifests.links import GATEWAY_KIND
from krm_inference.manifests.objects import Field, Object
from krm_inference.manifests.pools import pools_of_server
from krm_inference.manifests.routing import objectives_of, rules_to_pools
from krm_inference.manifests.servers import servers

NAME = "inference-gateway"  # where no route says one
# Certificates of Google's, by the option of a listener that names them.
_OPTIONS = {
    "preSharedCerts": "networking.gke.io/pre-shared-certs",
    "certManagerCerts": "networking.gke.io/cert-manager-certs",
}
_NAMESPACE_LABEL = "kubernetes.io/metadata.name"


def routing(index: Index, pool: Object | None, spec: dict[str, Any], made: set[str]) -> dict[str, Any]:
    """Return `spec.gateway` and `spec.route`; matches go into the objectives and adapters of `spec`.

    `made` are the names of the Gateways that services before this one make.
    """
    rules = rules_to_pools(index).get(pool, []) if pool is not None else []
    if not rules:
        return {"gateway": {"name": NAME, **({"create": False} if NAME in made else {})}}
    alike = _alike(rules)  # what takes all that others leave comes first
    base, parent = alike[0][0], next(iter(alike[0][0].object.at("spec.parentRefs")), None)
    if pool is not None and (shared := _shared(index, base, pool)):
        name = parent["name"].text if parent is not None else NAME
        return {"gateway": {"name": name, "create": False}, "route": shared}
    route = _route(alike[0], spec)
    route |= _weight(base, pool)
    for further in alike[1:]:
        _match(further, alike[0], spec)
    gateway = _gateway(index, base.object, parent, made) if parent is not None else {"name": NAME}
    return {"gateway": gateway, **({"route": route} if route else {})}


def _alike(rules: list[Field]) -> list[list[Field]]:
    """Return rules, those of one route and one objective together, the least narrow first.

    The API takes a prefix off in rules with a single match only, so one field of an intent may be several rules.
    """
    found: dict[tuple[int, str, tuple[int, int, bool]], list[Field]] = {}
    for rule in sorted(rules, key=_narrowness):
        objective = next((name.text for name in objectives_of(rule)), "")
        found.setdefault((id(rule.object), objective, _narrowness(rule)), []).append(rule)
    return list(found.values())


def _shared(index: Index, rule: Field, pool: Object) -> dict[str, Any]:
    """Return `spec.route` of a service whose pool is not the first one of a route, empty for another."""
    first = next(iter(rule["backendRefs"]), None)
    other = index.find(POOL, first["name"].text, rule.object.namespace) if first is not None else None
    if other is None or other is pool:
        return {}
    owners = (each.pod.object.name for each in servers(index) if other in pools_of_server(index, each.pod))
    return {"of": next(owners, other.name), **_weight(rule, pool)}


def _weight(rule: Field, pool: Object | None) -> dict[str, Any]:
    """Return the part of the requests of a rule that a pool gets, where it gets them beside others."""
    parts = [*rule["backendRefs"]]
    own = next((part["weight"].number for part in parts if pool is not None and part["name"].text == pool.name), None)
    return {"weight": own} if own is not None and len(parts) > 1 else {}


def _narrowness(rule: Field) -> tuple[int, int, bool]:
    """Return how many headers a request has to have, how long the path is, and whether it gets an objective."""
    matches = [*rule["matches"]]
    headers = max((len([*match["headers"]]) for match in matches), default=0)
    length = min((len(match.at("path.value").text) for match in matches), default=0)
    return headers, length, any(True for _ in objectives_of(rule))


def _matched(rules: list[Field]) -> dict[str, list[str]]:
    """Return the headers that requests have to have, each with its values."""
    found: dict[str, list[str]] = {}
    for match in _matches(rules):
        for header in match["headers"]:
            values = found.setdefault(header["name"].text, [])
            if header["value"].text not in values:
                values.append(header["value"].text)
    return found


def _matches(rules: list[Field]) -> Iterator[Field]:
    return (match for rule in rules for match in rule["matches"])


def _paths(rules: list[Field]) -> tuple[list[str], list[str]]:
    """Return the prefixes and the exact paths of rules."""
    kinds: dict[str, list[str]] = {"PathPrefix": [], "Exact": []}
    for match in _matches(rules):
        path = match["path"]
        known = kinds.get(path["type"].text or "PathPrefix", [])
        if (value := path["value"].text or "/") not in known:
            known.append(value)
    return kinds["PathPrefix"], kinds["Exact"]


def _route(rules: list[Field], spec: dict[str, Any]) -> dict[str, Any]:
    route: dict[str, Any] = {}
    rule = rules[0]
    names = _texts(rule.object, "spec.hostnames")
    route |= {"hostnames": names} if names else {}
    prefixes, exact = _paths(rules)
    route |= {"paths": exact} if exact else {"pathPrefix": prefixes[0]} if prefixes else {}
    headers = _matched(rules)
    if headers.pop(MODEL_HEADER, None):
        route["byModel"] = True
    if headers:
        route["headers"] = [{"name": name, "values": values} for name, values in headers.items()]
    objective = next((name.text for name in objectives_of(rule)), "")
    known = [each["name"] for key in ("adapters", "objectives") for each in spec.get(key, ()) if "priority" in each]
    route |= {"objective": objective} if objective in known else {}
    read = {name.lower() for release in RELEASES.values() for name in (*release.read_headers, release.fairness_header)}
    set_ = [
        {"name": header["name"].text, "value": header["value"].text}
        for each in rule["filters"]
        for header in each.at("requestHeaderModifier.set")
        if header["name"].text.lower() not in read
    ]
    route |= {"setHeaders": set_} if set_ else {}
    if any(each["type"].text == "URLRewrite" for each in rule["filters"]):
        route["stripPrefix"] = True
    return route


def _match(rules: list[Field], base: list[Field], spec: dict[str, Any]) -> None:
    """Put what rules match into the objective or adapter whose header they set."""
    rule = rules[0]
    objective = next((name.text for name in objectives_of(rule)), "")
    own = {name: values for name, values in _matched(rules).items() if name not in _matched(base)}
    match: dict[str, Any] = {}
    names = _texts(rule.object, "spec.hostnames")
    match |= {"hostnames": names} if rule.object is not base[0].object and names else {}
    prefixes, _ = _paths(rules)
    match |= {"pathPrefix": prefixes[0]} if prefixes and prefixes != _paths(base)[0] else {}
    match |= {"headers": [{"name": name, "values": values} for name, values in own.items()]} if own else {}
    for key in ("adapters", "objectives"):
        for each in spec.get(key, ()):
            if match and each["name"] == objective and "priority" in each:
                each["match"] = match


def _texts(item: Object, path: str) -> list[str]:
    return [each.text for each in item.at(path) if each.text]


def _gateway(index: Index, route: Object, parent: Field, made: set[str]) -> dict[str, Any]:
    name, namespace = parent["name"].text, parent["namespace"].text
    gateway = index.find(GATEWAY_KIND, name, namespace or route.namespace)
    spec: dict[str, Any] = {"name": name}
    elsewhere = {"namespace": namespace} if namespace and namespace != route.namespace else {}
    if gateway is None:
        section = parent["sectionName"].text
        return {**spec, "create": False, **elsewhere, **({"listener": section} if section else {})}
    listeners = {listener["protocol"].text: listener for listener in gateway.at("spec.listeners")}
    secure = listeners.get("HTTPS")
    if name in made:
        tls = {"tls": _without_redirect(index, route, {})} if secure is not None else {}
        return {**spec, "create": False, **elsewhere, **tls}
    made.add(name)
    spec |= {"className": gateway.at("spec.gatewayClassName").text}
    spec |= elsewhere
    plain = listeners.get("HTTP")
    if plain is not None and plain["port"].number:
        spec["port"] = plain["port"].number
    if secure is not None:
        spec["tls"] = _without_redirect(index, route, _tls(secure))
    allowed = _allowed(secure if secure is not None else plain)
    return {**spec, **({"allowedNamespaces": allowed} if allowed else {})}


def _tls(listener: Field) -> dict[str, Any]:
    found: dict[str, Any] = {"port": listener["port"].number} if listener["port"].number else {}
    secrets = [
        {key: ref[key].text for key in ("name", "namespace") if ref[key].text}
        for ref in listener.at("tls.certificateRefs")
    ]
    named = {key: listener.at("tls.options")[option].text for key, option in _OPTIONS.items()}
    found |= {key: text.split(",") for key, text in named.items() if text}
    return {**found, **({"secrets": secrets} if secrets else {})}


def _without_redirect(index: Index, route: Object, tls: dict[str, Any]) -> dict[str, Any]:
    """Return the settings, saying so where nothing redirects plain HTTP for the host names of a route."""
    hosts = set(_texts(route, "spec.hostnames"))
    for other in index.of(groups.ROUTE):
        filters = [each["type"].text for rule in other.at("spec.rules") for each in rule["filters"]]
        if "RequestRedirect" in filters and hosts <= {*_texts(other, "spec.hostnames")}:
            return tls
    return {**tls, "redirect": False}


def _allowed(listener: Field | None) -> list[str]:
    if listener is None:
        return []
    namespaces = listener.at("allowedRoutes.namespaces")
    if namespaces["from"].text == "All":
        return ["*"]
    return [
        value.text
        for expression in namespaces.at("selector.matchExpressions")
        if expression["key"].text == _NAMESPACE_LABEL
        for value in expression["values"]
    ]
