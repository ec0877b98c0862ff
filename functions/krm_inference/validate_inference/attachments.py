"""How routes attach: the listener that a route names, and the grants that let it reach into other namespaces."""

from __future__ import annotations

from collections.abc import Iterator

from krm_functions_sdk import MISSING

from krm_inference.validate_inference import groups
from krm_inference.validate_inference.findings import Finding, listed
from krm_inference.validate_inference.index import Index, meets
from krm_inference.validate_inference.links import GATEWAY_KIND, Link, of_rows
from krm_inference.validate_inference.objects import Object

_GRANT = (groups.GATEWAY, "ReferenceGrant")


def sections(index: Index) -> Iterator[Finding]:
    """Yield parents of routes that name a listener or a port which the Gateway does not have."""
    for link in of_rows(index, "route-parent"):
        gateway = index.find(link.kind, link.name.text, link.namespace) if link.kind == GATEWAY_KIND else None
        if gateway is None or link.field.object.kind != "HTTPRoute":
            continue
        for key, name in (("sectionName", "name"), ("port", "port")):
            wanted = link.field[key]
            known = [item[name].value for item in gateway.at("spec.listeners")]
            if wanted.exists and wanted.value not in known:
                message = f"{gateway.place} has no such listener; it has: {listed(map(str, known))}"
                yield Finding(wanted, message, known[0] if len(known) == 1 else MISSING)


def grants(index: Index) -> Iterator[Finding]:
    """Yield backends in another namespace that are here, and that no ReferenceGrant of their namespace admits."""
    for link in of_rows(index, "route-backend"):
        route, namespace = link.field.object, link.field["namespace"]
        if not namespace.text or not route.namespace or namespace.text == route.namespace:
            continue
        if index.find(link.kind, link.name.text, namespace.text) is None:
            continue
        if not any(_admits(grant, route, link) for grant in index.inside(_GRANT, namespace.text)):
            message = (
                f"no ReferenceGrant in {namespace.text} admits {route.kind}s of {route.namespace} to {link.kind[1]}s"
            )
            yield Finding(namespace, message)


def _admits(grant: Object, route: Object, link: Link) -> bool:
    comes = any(
        (item["group"].text, item["kind"].text) == (route.group, route.kind)
        and meets(item["namespace"].text, route.namespace)
        for item in grant.at("spec.from")
    )
    goes = any(
        (item["group"].text, item["kind"].text) == link.kind and item["name"].text in ("", link.name.text)
        for item in grant.at("spec.to")
    )
    return comes and goes
