"""The HTTPRoutes of a service: to its pool, and from plain HTTP to HTTPS."""

from __future__ import annotations

from krm_functions_sdk import because

from krm_inference.domain import gateways, shares
from krm_inference.domain.facts import gateway_classes
from krm_inference.domain.generation import Table, metadata
from krm_inference.domain.routes import HTTP, Match, Route, Rule
from krm_inference.domain.service import LLMService
from krm_inference.generate_routing.gateway import API, GROUP

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_functions_sdk import Resource

FILE = "route.yaml"
_HTTPS_PORT = 443
_SHARE = "% of the requests"

OWNS: Table = {"HTTPRoute": ("spec.parentRefs", "spec.hostnames", "spec.rules")}


def objects(service: LLMService, services: list[LLMService]) -> list[dict[str, Any]]:
    """Return the HTTPRoutes of `service`, with the API's defaults written out."""
    listener = gateways.listener(service, services)
    # What a service says of a Gateway that another one makes does not count.
    gateway = next(iter(gateways.makers(service, services)), service).spec["gateway"]
    class_name = gateways.class_name(service, services)
    sharing = shares.members(service, services)
    found = [
        _route(service, route, listener, [_rule(service, rule, class_name, sharing) for rule in route.rules])
        for route in service.routes
    ]
    if redirected := service.redirect:
        port = gateway.get("tls", service.spec["gateway"]["tls"])["port"]
        found.append(_route(service, redirected, HTTP, [_redirect(rule, port) for rule in redirected.rules]))
    return found


def _route(service: LLMService, route: Route, listener: str, rules: list[dict[str, Any]]) -> dict[str, Any]:
    namespace, name = service.gateway
    parent = {"group": GROUP, "kind": "Gateway", "name": name}
    if namespace != service.namespace:
        parent["namespace"] = namespace
    if listener:
        parent["sectionName"] = listener
    hostnames = {"hostnames": list(route.hostnames)} if route.hostnames else {}
    return {
        "apiVersion": API,
        "kind": "HTTPRoute",
        "metadata": metadata(route.name, service),
        # What comes and goes stands last, here and in a rule: where a field that is new comes to stand, under kpt too.
        "spec": {"parentRefs": [parent], "rules": rules, **hostnames},
    }


def _rule(service: LLMService, rule: Rule, class_name: str, sharing: list[LLMService]) -> dict[str, Any]:
    filters = _filters(service, rule)
    return {
        "matches": [_match(match) for match in rule.matches],
        "backendRefs": [_backend(one, sharing) for one in sharing],
        **_timeouts(sharing, class_name),
        **({"filters": filters} if filters else {}),
    }


def _backend(service: LLMService, sharing: list[LLMService]) -> dict[str, Any]:
    part, whole = shares.weight(service), sum(map(shares.weight, sharing))
    weight = because(part, f"{100 * part / whole:.3g} {_SHARE}") if len(sharing) > 1 else part
    group = service.release.pool_api.partition("/")[0]
    return {"group": group, "kind": "InferencePool", "name": service.name, "weight": weight}


def forget_shares(route: Resource) -> None:
    """Take the reason from each weight that was a part of a shared route; a comment of a user stays."""
    if _SHARE not in route.text:
        return
    for number, rule in enumerate(route.get("spec.rules", [])):
        for index in range(len(rule.get("backendRefs", []))):
            path = f"spec.rules[{number}].backendRefs[{index}].weight"
            if route.comment(path).endswith(_SHARE):
                route.set_comment(path, "")


def _match(match: Match) -> dict[str, Any]:
    headers = [{"type": "Exact", "name": name, "value": value} for name, value in match.headers]
    path = {"path": {"type": match.path_type, "value": match.path}}
    return {**path, **({"headers": headers} if headers else {})}


def _filters(service: LLMService, rule: Rule) -> list[dict[str, Any]]:
    route = service.spec["route"]
    values: list[dict[str, Any]] = list(route["setHeaders"])
    if rule.objective:
        priority = dict(service.objectives)[rule.objective]
        reason = f"priority {priority}, whatever the client sends"
        values.append({"name": service.release.objective_header, "value": because(rule.objective, reason)})
        if rule.field != "spec.route" and _shares(service):
            reason = "a tenant of its own, whose requests take turns with those of others"
            values.append({"name": service.release.fairness_header, "value": because(rule.objective, reason)})
    found: list[dict[str, Any]] = []
    if values:
        found.append({"type": "RequestHeaderModifier", "requestHeaderModifier": {"set": values}})
    if route["stripPrefix"] and rule.matches[0].path != "/":
        path = {"type": "ReplacePrefixMatch", "replacePrefixMatch": "/"}
        found.append({"type": "URLRewrite", "urlRewrite": {"path": path}})
    return found


def _shares(service: LLMService) -> bool:
    """Say whether tenants of one priority take turns."""
    return service.spec["picker"].get("flowControl", {}).get("fairness") in service.release.fairness


def _timeouts(sharing: list[LLMService], class_name: str) -> dict[str, Any]:
    """Return the timeout of the longest request, where the class takes one; GKE's come by GCPBackendPolicy."""
    if not gateway_classes.of(class_name).has_timeouts:
        return {}
    longest = max(sharing, key=lambda one: one.drain.backend_timeout(one.release.backend_timeout))
    drain, least = longest.drain, longest.release.backend_timeout
    return {"timeouts": {"request": because(f"{drain.backend_timeout(least)}s", drain.backend_reason(least))}}


def _redirect(rule: Rule, port: int) -> dict[str, Any]:
    # 308 would keep the method, but older CRDs know 301 and 302 only.
    redirect: dict[str, Any] = {"scheme": "https", "statusCode": 301}
    if port != _HTTPS_PORT:
        redirect["port"] = port
    return {
        "matches": [_match(match) for match in rule.matches],
        "filters": [{"type": "RequestRedirect", "requestRedirect": redirect}],
    }
