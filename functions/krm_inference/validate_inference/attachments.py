"""How routes attach: the listeners that they mean and that let them in, and grants to reach into other namespaces."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from krm_functions_sdk import MISSING

from krm_inference.manifests import groups
from krm_inference.manifests.index import Index, meets
from krm_inference.manifests.links import GATEWAY_KIND, Link, of_rows
from krm_inference.manifests.objects import Field, Object
from krm_inference.validate_inference.findings import Finding, listed

_GRANT = (groups.GATEWAY, "ReferenceGrant")
_NAMESPACE = ("", "Namespace")
# A label that the cluster itself puts on every Namespace.
_NAME_LABEL = "kubernetes.io/metadata.name"


def attached(index: Index) -> Iterator[tuple[Field, Object]]:
    """Yield each parentRef of an HTTPRoute with its Gateway, where that is here."""
    for link in of_rows(index, "route-parent"):
        gateway = index.find(link.kind, link.name.text, link.namespace) if link.kind == GATEWAY_KIND else None
        if gateway is not None and link.field.object.kind == "HTTPRoute":
            yield link.field, gateway


def listeners(parent: Field, gateway: Object) -> list[Field]:
    """Return the listeners of its Gateway that a parentRef means: those of its section and port, or all."""
    asked = [(parent[key], name) for key, name in (("sectionName", "name"), ("port", "port")) if parent[key].exists]
    return [
        listener
        for listener in gateway.at("spec.listeners")
        if all(wanted.value == listener[name].value for wanted, name in asked)
    ]


def sections(index: Index) -> Iterator[Finding]:
    """Yield parents of routes that name a listener or a port which the Gateway does not have."""
    for parent, gateway in attached(index):
        for key, name in (("sectionName", "name"), ("port", "port")):
            wanted = parent[key]
            known = [item[name].value for item in gateway.at("spec.listeners")]
            if wanted.exists and wanted.value not in known:
                message = f"{gateway.place} has no such listener; it has: {listed(map(str, known))}"
                yield Finding(wanted, message, known[0] if len(known) == 1 else MISSING)


def namespaces(index: Index) -> Iterator[Finding]:
    """Yield parents of routes none of whose listeners lets in routes of that namespace."""
    for parent, gateway in attached(index):
        route, meant = parent.object, listeners(parent, gateway)
        if meant and not any(_lets_in(index, listener, gateway, route.namespace) for listener in meant):
            allowed = listed(sorted({_allowed(listener).text or "Same" for listener in meant}))
            where = f"namespace {route.namespace or 'default'}"
            yield Finding(parent["name"], f"{gateway.place} lets in no routes of {where}: {allowed}")


def _allowed(listener: Field) -> Field:
    return listener.at("allowedRoutes.namespaces.from")


def _lets_in(index: Index, listener: Field, gateway: Object, namespace: str) -> bool:
    allowed = _allowed(listener).text or "Same"
    if allowed == "Selector":
        return _may_select(index, listener.at("allowedRoutes.namespaces.selector"), namespace)
    return allowed != "Same" or meets(gateway.namespace, namespace)


def _may_select(index: Index, selector: Field, namespace: str) -> bool:
    """Say whether a selector may hold for a Namespace, which has labels that are not known where it is not here."""
    if not namespace:
        return True
    held = index.named(_NAMESPACE, namespace)
    labels = {**(held[0].at("metadata.labels").map if held else {}), _NAME_LABEL: namespace}
    asked = [(key, "In", [value]) for key, value in selector["matchLabels"].map.items()]
    asked += [
        (item["key"].text, item["operator"].text, [value.value for value in item["values"]])
        for item in selector["matchExpressions"]
    ]
    return all(_holds(labels.get(key), operator, values) for key, operator, values in asked if held or key in labels)


def _holds(value: Any, operator: str, values: list[Any]) -> bool:
    if operator in ("Exists", "DoesNotExist"):
        return (value is not None) == (operator == "Exists")
    return operator in ("In", "NotIn") and (value in values) == (operator == "In")


def grants(index: Index) -> Iterator[Finding]:
    """Yield what is in another namespace and no ReferenceGrant of that namespace admits.

    A backend has to be here, and for a certificate, which seldom is, some ReferenceGrant.
    """
    for link in of_rows(index, "route-backend", "certificate"):
        source, namespace = link.field.object, link.field["namespace"]
        if not namespace.text or not source.namespace or namespace.text == source.namespace:
            continue
        is_granted_here = link.row == "certificate" and bool(index.of(_GRANT))
        if not is_granted_here and index.find(link.kind, link.name.text, namespace.text) is None:
            continue
        if not any(_admits(grant, source, link) for grant in index.inside(_GRANT, namespace.text)):
            of = f"{source.kind}s of {source.namespace}"
            message = f"no ReferenceGrant in {namespace.text} admits {of} to {link.kind[1]} {link.name.text}"
            yield Finding(namespace, message)


def _admits(grant: Object, source: Object, link: Link) -> bool:
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
