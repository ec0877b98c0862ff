"""Objectives: what the API takes as their priority, of which pool they are, and which of them a route sets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from krm_functions_sdk import MISSING
from krm_functions_sdk.field_path import FieldPath

from krm_inference.domain.spelling import nearest
from krm_inference.manifests import groups
from krm_inference.manifests.index import Index, meets
from krm_inference.manifests.links import of_rows
from krm_inference.manifests.objects import Field, Object
from krm_inference.validate_inference.findings import Finding, listed
from krm_inference.validate_inference.gateways import objectives_of

LOWEST, HIGHEST = -(2**31), 2**31 - 1


def priorities(index: Index) -> Iterator[Finding]:
    """Yield priorities that are no integers of 32 bits; that they are integers is said with the other fields."""
    for objective in index.of(*groups.OBJECTIVES):
        field = objective.at("spec.priority")
        if field.number is not None and not LOWEST <= field.number <= HIGHEST:
            yield Finding(field, f"found {field.value}, expected an integer from {LOWEST} to {HIGHEST}")


def unknown(index: Index) -> Iterator[Finding]:
    """Yield objectives that a route sets and no pool behind it has, where one of these has objectives here."""
    behind: dict[tuple[Object, FieldPath], tuple[Field, set[str]]] = {}
    for pool, rules in rules_to_pools(index).items():
        names = {objective.name for objective in objectives_of_pool(index, pool)}
        for rule in rules:
            behind.setdefault((rule.object, rule.path), (rule, set()))[1].update(names)
    for rule, names in behind.values():
        for value in list(objectives_of(rule))[:1] if names else ():
            if value.text and value.text not in names:
                near = nearest(value.text, names)
                yield Finding(value, f"no objective {value.text}; there is: {listed(names)}", near or MISSING)


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
