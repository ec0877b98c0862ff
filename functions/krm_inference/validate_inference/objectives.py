"""Objectives: what the API takes as their priority."""

from __future__ import annotations

from collections.abc import Iterator

from krm_inference.validate_inference import groups
from krm_inference.validate_inference.findings import Finding
from krm_inference.validate_inference.index import Index

LOWEST, HIGHEST = -(2**31), 2**31 - 1


def priorities(index: Index) -> Iterator[Finding]:
    """Yield priorities that are no integers of 32 bits; that they are integers is said with the other fields."""
    for objective in index.of(*groups.OBJECTIVES):
        field = objective.at("spec.priority")
        if field.number is not None and not LOWEST <= field.number <= HIGHEST:
            yield Finding(field, f"found {field.value}, expected an integer from {LOWEST} to {HIGHEST}")
