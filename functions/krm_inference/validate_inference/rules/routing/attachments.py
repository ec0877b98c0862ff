"""How routes attach: the listeners that they mean and that let them in, and grants to reach into other namespaces."""

from __future__ import annotations

from collections.abc import Iterator

from krm_functions_sdk import MISSING

from krm_inference.manifests import groups
from krm_inference.manifests.index import Index, meets
from krm_inference.manifests.links import Link, of_rows
from krm_inference.manifests.objects import Object
from krm_inference.manifests.routing import allowed_from, attached, lets_in, listeners
from krm_inference.validate_inference.findings import Finding, listed

_GRANT = (groups.GATEWAY, "ReferenceGrant")


def unknown_listeners(index: Index) -> Iterator[Finding]:
    """Yield parents of routes that name a listener or a port which the Gateway does not have."""
    for parent, gateway in attached(index):
        for key, name in (("sectionName", "name"), ("port", "port")):
            wanted = parent[key]
            known = [item[name].value for item in gateway.at("spec.listeners")]
            if wanted.exists and wanted.value not in known:
                message = (
                    f"{gateway.place} has no listener with {name} {wanted.value}; it has: {listed(map(str, known))}"
                )
                yield Finding(wanted, message, known[0] if len(known) == 1 else MISSING)


def namespaces_not_let_in(index: Index) -> Iterator[Finding]:
    """Yield parents of routes none of whose listeners lets in routes of that namespace."""
    for parent, gateway in attached(index):
        route, meant = parent.object, listeners(parent, gateway)
        if meant and not any(lets_in(index, listener, gateway, route.namespace) for listener in meant):
            allowed = listed(sorted({allowed_from(listener).text or "Same" for listener in meant}))
            where = f"namespace {route.namespace or 'default'}"
            yield Finding(
                parent["name"],
                f"{gateway.place} allows no routes from {where}; allowedRoutes.namespaces.from: {allowed}",
            )


def references_without_grant(index: Index) -> Iterator[Finding]:
    """Yield what is in another namespace and no ReferenceGrant of that namespace allows.

    A backend has to be here, and for a certificate, which seldom is, some ReferenceGrant.
    """
    for link in of_rows(index, "route-backend", "certificate"):
        source, namespace = link.field.object, link.field["namespace"]
        if link.kind == groups.ROUTE:
            continue  # gateways that hand requests on to another route ask for no grant
        if not namespace.text or not source.namespace or namespace.text == source.namespace:
            continue
        is_granted_here = link.row == "certificate" and bool(index.of(_GRANT))
        if not is_granted_here and index.find(link.kind, link.name.text, namespace.text) is None:
            continue
        if not any(_allows(grant, source, link) for grant in index.inside(_GRANT, namespace.text)):
            of = f"{source.kind}s from {source.namespace}"
            message = f"no ReferenceGrant in {namespace.text} allows {of} to use {link.kind[1]} {link.name.text}"
            yield Finding(namespace, message)


def _allows(grant: Object, source: Object, link: Link) -> bool:
    comes = any(
        (item["group"].text, item["kind"].text) == (source.group, source.kind)
        and meets(item["namespace"].text, source.namespace)
        for item in grant.at("spec.from")
    )
    goes = any(
        (item["group"].text, item["kind"].text) == link.kind and item["name"].text in ("", link.name.text)
        for item in grant.at("spec.to")
    )
    return comes and goes
