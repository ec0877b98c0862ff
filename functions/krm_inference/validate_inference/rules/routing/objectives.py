"""Objectives that a route sets: whether the pool has them, and which of them no request can have."""

from __future__ import annotations

from collections.abc import Iterator

from krm_functions_sdk import MISSING
from krm_functions_sdk.document.field_path import FieldPath

from krm_inference.domain.spelling import nearest
from krm_inference.manifests.files import gates
from krm_inference.manifests.index import Index
from krm_inference.manifests.objects import Field, Object
from krm_inference.manifests.pickers import pickers, pools_of
from krm_inference.manifests.routing import objectives_of, objectives_of_pool, rules_to_pools
from krm_inference.validate_inference.findings import Finding, listed


def unknown_objectives(index: Index) -> Iterator[Finding]:
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
                yield Finding(
                    value,
                    f"no InferenceObjective {value.text} of this pool; there is: {listed(names)}",
                    near or MISSING,
                )


def equal_priorities(index: Index) -> Iterator[Finding]:
    """Yield pools whose objectives differ in priorities that their picker treats as equal."""
    for picker in pickers(index):
        release = picker.release
        if release is None or (release.flow_control and release.flow_control in gates(index, picker)):
            continue
        for pool in pools_of(index, picker.pod):
            fields = [objective.at("spec.priority") for objective in objectives_of_pool(index, pool)]
            above = [field for field in fields if (field.number or 0) > 0]
            if above:
                said = listed(f"{field.object.name} {field.number}" for field in above)
                message = f"the picker of pool {pool.name} treats all priorities from 0 up as equal: {said}"
                yield Finding(above[0], message)


def unreachable_objectives(index: Index) -> Iterator[Finding]:
    """Yield objectives that no request can have, since each route to their pool sets another one."""
    for pool, rules in rules_to_pools(index).items():
        forced = [next((value.text for value in objectives_of(rule)), "") for rule in rules]  # "": the client chooses
        if not all(forced):
            continue
        for objective in objectives_of_pool(index, pool):
            if objective.name not in forced:
                others = listed(map(str, forced))
                message = f"no request can choose it: each route to pool {pool.name} sets the objective: {others}"
                yield Finding(objective.at("metadata.name"), message)
