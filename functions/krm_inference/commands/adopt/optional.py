"""Which fields of an intent may go, by its schema: those that it does not ask for, and those that say a default."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from functools import cache
from typing import Any

from krm_inference.domain import intent

Path = tuple[str | int, ...]  # below spec


def removable(value: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the path of each field of a spec that can be dropped, the outermost first, and items from the end."""
    steps: list[Any] = []
    if isinstance(value, dict) and (not path or _node(path)):
        steps = list(value)
    elif isinstance(value, list):
        steps = list(range(len(value)))[::-1]
    for step in steps:
        if not is_required((*path, step)):
            yield (*path, step)
        yield from removable(value[step], (*path, step))


def without(intent: dict[str, Any], path: Path) -> dict[str, Any]:
    """Return an intent without the field at a path of its spec."""
    other = copy.deepcopy(intent)
    _remove(other["spec"], path)
    return other


def removed(spec: dict[str, Any], path: Path) -> Path:
    """Return the outermost field that goes with the one at a path, since nothing would be left in it."""
    above = path[:-1]
    if not above:
        return path
    value = at(spec, above)
    if is_required(path):
        return removed(spec, above)
    is_empty_after = len(value) == 1
    if is_empty_after and (isinstance(value, list) or "default" in _node(above)):
        return removed(spec, above)
    return path


def trimmed(intent: dict[str, Any]) -> dict[str, Any]:
    """Return an intent without what it says by default."""
    return {**intent, "spec": _trimmed(intent["spec"], _node(()))}


def is_required(path: Path) -> bool:
    """Say whether the map that holds a field cannot be without it."""
    return path[-1] in _node(path[:-1]).get("required", ())


def at(value: Any, path: Path) -> Any:
    """Return what stands at a path."""
    for step in path:
        value = value[step]
    return value


def _remove(spec: dict[str, Any], path: Path) -> None:
    path = removed(spec, path)
    del at(spec, path[:-1])[path[-1]]


def _trimmed(value: Any, node: dict[str, Any]) -> Any:
    if isinstance(value, list):
        return [_trimmed(item, node.get("items", {})) for item in value]
    if not isinstance(value, dict):
        return value
    fields, needed = node.get("properties", {}), node.get("required", ())
    found = {}
    for key, part in value.items():
        known = fields.get(key, {})
        inner = _trimmed(part, known)
        if key in needed or "default" not in known or inner != known["default"]:
            found[key] = inner
    return found


@cache
def _node(path: Path) -> dict[str, Any]:
    """Return the schema of the field at a path, an empty one where it has none."""
    if not path:
        spec: dict[str, Any] = intent.schema().openapi["properties"]["spec"]
        return spec
    above, step = _node(path[:-1]), path[-1]
    found = above.get("items") if isinstance(step, int) else above.get("properties", {}).get(step)
    more = above.get("additionalProperties")
    return found or (more if isinstance(more, dict) else {})
