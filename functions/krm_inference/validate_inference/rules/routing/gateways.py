"""Gateways: whether their class carries inference pools, and lets routes choose objectives."""

from __future__ import annotations

from collections.abc import Iterator

from krm_inference.domain.facts import gateway_classes
from krm_inference.manifests import routing
from krm_inference.manifests.index import Index
from krm_inference.manifests.routing import objectives_of, pool_routes
from krm_inference.validate_inference.findings import Finding


def classes_without_pools(index: Index) -> Iterator[Finding]:
    """Yield Gateways of routes to pools whose class is not known to carry pools."""
    for gateway in dict.fromkeys(gateway for _, gateway in pool_routes(index)):
        field = gateway.at("spec.gatewayClassName")
        if lacks := gateway_classes.of(field.text).lacks:
            yield Finding(field, f"{field.text}: {lacks}")


def listeners_not_for_http(index: Index) -> Iterator[Finding]:
    """Yield listeners to which a route attaches, on a Gateway with routes to pools, where none of them is for HTTP."""
    of_pools, seen = {gateway for _, gateway in pool_routes(index)}, set()
    for parent, gateway in routing.attached(index) if of_pools else ():
        said = [listener["protocol"] for listener in routing.listeners(parent, gateway)]
        if gateway not in of_pools or not said or any(protocol.text in ("HTTP", "HTTPS") for protocol in said):
            continue
        if (gateway, said[0].path) not in seen:
            seen.add((gateway, said[0].path))
            yield Finding(said[0], f"found {said[0].value}, which no HTTPRoute can attach to")


def headers_without_effect(index: Index) -> Iterator[Finding]:
    """Yield objectives that a route sets where its Gateway has asked the picker by then."""
    for route, gateway in pool_routes(index):
        late = gateway_classes.of(gateway.at("spec.gatewayClassName").text).late_headers
        for rule in route.at("spec.rules") if late else ():
            for value in objectives_of(rule):
                yield Finding(value, f"objective {value.text} has no effect: {late}")
