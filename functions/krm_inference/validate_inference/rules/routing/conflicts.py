"""Routes that claim the same requests of one Gateway."""

from __future__ import annotations

import json
from collections.abc import Iterator

from krm_inference.domain.record import Record
from krm_inference.domain.remains import MARK
from krm_inference.manifests import groups, routing
from krm_inference.manifests.index import Index
from krm_inference.manifests.links import GATEWAY_KIND
from krm_inference.manifests.objects import Field, Object
from krm_inference.validate_inference.findings import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Claim(Record):
    """Which requests a match of a rule takes: of what Gateway and listener, for which host, path and more."""

    gateway: tuple[str, str, str]
    host: str
    path: str
    rest: str


def conflicting_routes(index: Index) -> Iterator[Finding]:
    """Yield routes that claim what an earlier route already claims, where one of them leads to a pool."""
    owners: dict[Claim, Object] = {}
    reported = set()
    for route in index.of(groups.ROUTE):
        for claim, field in _claims(index, route):
            other = owners.setdefault(claim, route)
            if other is route or (other, route) in reported or not (_is_of_pool(route) or _is_of_pool(other)):
                continue
            if index.has_broken_intent and _is_generated(route) and _is_generated(other):
                continue  # the intents say it already
            reported.add((other, route))
            host = claim.host if claim.host != "*" else "every host"
            message = (
                f"{route.place} and {other.place} both match {claim.path} for {host} on Gateway {claim.gateway[1]}"
            )
            yield Finding(field, message)


def _claims(index: Index, route: Object) -> Iterator[tuple[Claim, Field]]:
    hosts = [item.text.lower() for item in route.at("spec.hostnames") if item.text] or ["*"]
    gateways = [gateway for parent in route.at("spec.parentRefs") for gateway in _listeners(index, route, parent)]
    for rule in route.at("spec.rules"):
        for match in list(rule["matches"]) or [Field(route, rule.path, {})]:
            path, rest = _condition(match.map)
            for gateway in gateways:
                for host in hosts:
                    yield Claim(gateway, host, path, rest), match


def _listeners(index: Index, route: Object, parent: Field) -> list[tuple[str, str, str]]:
    """Return each listener of a parent with its Gateway; where the Gateway is not here, what the route says of them."""
    namespace, name = parent["namespace"].text or route.namespace, parent["name"].text
    section, port = parent["sectionName"], parent["port"]
    gateway = index.find(GATEWAY_KIND, name, namespace)
    found = [listener["name"].text for listener in (routing.listeners(parent, gateway) if gateway else ())]
    said = f"{section.text}:{port.value if port.exists else ''}"
    return [(namespace or "default", name, listener) for listener in dict.fromkeys(found or [said])]


def _condition(match: dict[str, Any]) -> tuple[str, str]:
    path = match.get("path") if isinstance(match.get("path"), dict) else {}
    kind, value = (path or {}).get("type", "PathPrefix"), str((path or {}).get("value", "/"))
    if kind == "PathPrefix":
        value = value.rstrip("/") or "/"
    rest = {key: part for key, part in match.items() if key != "path" and part}
    return f"{value} ({kind})", json.dumps(rest, sort_keys=True, default=str)


def _is_of_pool(route: Object) -> bool:
    return any(
        backend["kind"].text == "InferencePool" for rule in route.at("spec.rules") for backend in rule["backendRefs"]
    )


def _is_generated(route: Object) -> bool:
    return route.at("metadata.annotations")[MARK].exists
