"""Objectives: what the API takes as their priority, of which pool they are, and which of them a route sets."""

from __future__ import annotations

from collections.abc import Iterator

from krm_functions_sdk import MISSING
from krm_functions_sdk.field_path import FieldPath

from krm_inference.domain.spelling import nearest
from krm_inference.manifests import groups
from krm_inference.manifests.index import Index
from krm_inference.manifests.objects import Field, Object
from krm_inference.manifests.routing import objectives_of, objectives_of_pool, rules_to_pools
from krm_inference.validate_inference.findings import Finding, listed

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
