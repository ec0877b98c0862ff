"""Routes, the listeners that they attach to, the pools that they lead to, and the objectives that they set."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from krm_inference.domain.facts.releases import RELEASES
from krm_inference.manifests import groups
from krm_inference.manifests.index import Index, meets
from krm_inference.manifests.links import GATEWAY_KIND, of_rows
from krm_inference.manifests.objects import Field, Object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_HEADERS = {name for release in RELEASES.values() for name in release.read_headers}
_NAMESPACE = ("", "Namespace")
# A label that the cluster itself puts on every Namespace.
_NAME_LABEL = "kubernetes.io/metadata.name"


def objectives_of_pool(index: Index, pool: Object) -> list[Object]:
    """Return the objectives of a pool."""
    found = index.derive(_by_pool).get(pool.name, ())
    return [item for item in found if meets(item.namespace, pool.namespace)]


def _by_pool(index: Index) -> dict[str, list[Object]]:
    found: dict[str, list[Object]] = defaultdict(list)
    for item in index.of(*groups.OBJECTIVES):
        found[item.at("spec.poolRef.name").text].append(item)
    return found


def rules_to_pools(index: Index) -> dict[Object, list[Field]]:
    """Return the rules of routes that lead to each pool."""
    found: dict[Object, list[Field]] = defaultdict(list)
    for link in of_rows(index, "route-backend"):
        pool = index.find(link.kind, link.name.text, link.namespace)
        if pool is not None and link.kind in (groups.POOL, groups.POOL_X):
            rules, number = link.field.object.at("spec.rules"), link.field.path[2]
            found[pool].append(Field(rules.object, (*rules.path, number), rules.value[number]))
    return found


def objectives_of(rule: Field) -> Iterator[Field]:
    """Yield the names of the objectives that a rule of a route sets, of which the first counts."""
    for each in rule["filters"]:
        for header in each.at("requestHeaderModifier.set"):
            if header["name"].text.lower() in _HEADERS:
                yield header["value"]


def pool_routes(index: Index) -> Iterator[tuple[Object, Object]]:
    """Yield each route that leads to a pool with each Gateway of these manifests that it attaches to."""
    return ((parent.object, gateway) for parent, gateway in pool_parents(index))


def pool_parents(index: Index) -> Iterator[tuple[Field, Object]]:
    """Yield each parentRef of a route that leads to a pool with its Gateway, where that is here."""
    to_pools = {link.field.object for link in of_rows(index, "route-backend") if link.kind[1] == "InferencePool"}
    return ((parent, gateway) for parent, gateway in attached(index) if parent.object in to_pools)


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


def allowed_from(listener: Field) -> Field:
    """Return the field of a listener that says from which namespaces routes may attach."""
    return listener.at("allowedRoutes.namespaces.from")


def lets_in(index: Index, listener: Field, gateway: Object, namespace: str) -> bool:
    """Say whether a listener of a Gateway lets in routes of a namespace, as far as these manifests tell."""
    allowed = allowed_from(listener).text or "Same"
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
