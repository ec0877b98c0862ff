"""Other values for a field: what depends on the field changes with them.

A value can hide behind rounding, a lower bound or a condition, so numbers vary by one and by a factor. A variation
need not be right: one that the functions refuse is passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from krm_functions_sdk.document.field_path import FieldPath, Match, Step


def others(value: Any) -> Iterator[Any]:
    """Yield values that differ from a single one."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int | float):
        yield value + 1
        yield value * 4
    elif isinstance(value, str):
        yield f"{value}x"


def varied(
    value: Any, vary: Callable[[FieldPath, Any], Iterator[Any]] = lambda _, leaf: others(leaf), path: FieldPath = ()
) -> Iterator[tuple[FieldPath, Any, Any]]:
    """Yield the path of a single value or list inside `value`, what is there, and what could be there instead."""
    if isinstance(value, list) and value:
        yield path, value, []
    for step, part, _ in _parts(value):
        yield from varied(part, vary, (*path, step))
    if not isinstance(value, dict | list | tuple):
        for other in vary(path, value):
            yield path, value, other


def _parts(value: Any) -> Iterator[tuple[Step, Any, Callable[[Any], Any]]]:
    """Yield step and value of each part of a map, a list or a row of a table, and what puts another value there."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield key, part, lambda other, key=key: {**value, key: other}  # type: ignore[misc]  # mypy infers no type for a bound default
    elif hasattr(value, "_replace"):
        for name in value._fields:
            yield name, getattr(value, name), lambda other, name=name: value._replace(**{name: other})  # type: ignore[misc]  # mypy infers no type for a bound default
    elif isinstance(value, list | tuple):
        for index, part in enumerate(value):
            name = part.get("name") if isinstance(part, dict) else None
            step: Step = Match("name", name) if isinstance(name, str) else index
            yield step, part, lambda other, index=index: type(value)([*value[:index], other, *value[index + 1 :]])  # type: ignore[misc]  # mypy infers no type for a bound default


def replaced(value: Any, others_at: dict[FieldPath, Any]) -> Any:
    """Return `value` with other values at some paths, none of which is inside another."""
    if () in others_at:
        return others_at[()]
    for position, (step, part, _) in enumerate(list(_parts(value))):
        inside = {path[1:]: other for path, other in others_at.items() if path[0] == step}
        if inside:
            _, _, put = list(_parts(value))[position]
            value = put(replaced(part, inside))
    return value
