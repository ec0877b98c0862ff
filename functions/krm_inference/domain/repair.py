"""A value with faults made to fit its schema, so that the rules behind the schema can still look at the rest."""

from __future__ import annotations

import copy

from krm_functions_sdk.document.field_path import FieldPath
from krm_functions_sdk.function.schema import Fault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_EMPTY: dict[str, Any] = {"string": "", "integer": 0, "number": 0, "boolean": False, "object": {}, "array": []}


def repaired(value: dict[str, Any], faults: list[Fault], openapi: dict[str, Any]) -> dict[str, Any]:
    """Return a copy without what is at fault; a required field then holds the empty value of its type.

    Items of lists keep their position, so that paths into them stay true.
    """
    result = copy.deepcopy(value)
    for fault in faults:
        _remove(result, fault.path)
    return _filled(result, openapi)  # type: ignore[no-any-return]  # an object stays one


def _remove(value: Any, path: FieldPath) -> None:
    for step in path[:-1]:
        if isinstance(value, list) and isinstance(step, int):
            value = value[step]
        else:
            value = value.get(step) if isinstance(value, dict) else None
    if isinstance(value, dict):
        value.pop(path[-1], None)
    elif isinstance(value, list) and isinstance(path[-1], int):
        value[path[-1]] = None


def _filled(value: Any, openapi: dict[str, Any]) -> Any:
    kind = openapi.get("type", "")
    if value is None:
        value = copy.deepcopy(openapi.get("default", _EMPTY.get(kind)))
    if kind == "array" and isinstance(value, list):
        return [_filled(item, openapi.get("items", {})) for item in value]
    if kind == "object" and isinstance(value, dict):
        for name, part in openapi.get("properties", {}).items():
            if name in value or (name in openapi.get("required", []) and "default" not in part):
                value[name] = _filled(value.get(name), part)
    return value
