"""Values that fit their schema beyond doubt, told without the import of the validator.

Nearly every configuration is without a fault, and the validator costs more to import than the rest of a small
function. What is not plainly right, by the keywords of a table and in characters that each engine of patterns reads
alike, is left to the validator, which says what is wrong with it. A test compares the two.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_OPEN = "x-kubernetes-preserve-unknown-fields"
_INT = {"int32": 31, "int64": 63}  # bits


def fits(value: Any, openapi: dict[str, Any]) -> bool:
    """Say whether `value` is plainly what an OpenAPI v3 schema accepts; False says only that it is not plain."""
    if openapi.get("x-kubernetes-int-or-string"):
        kind: Any = "integer" if type(value) is int else "string"
    else:
        kind = openapi.get("type", "")
    type_of, keywords, fits_type = _OF_TYPE.get(kind, _OF_NONE) if isinstance(kind, str) else _OF_NONE
    if any(key not in keywords and key not in _ABOUT and not key.startswith("x-kubernetes-") for key in openapi):
        return False
    is_odd = isinstance(value, bool) and type_of is not bool and kind  # to Python, true is a number
    return isinstance(value, type_of) and not is_odd and fits_type(value, openapi)


def _anything(_value: Any, _openapi: dict[str, Any]) -> bool:
    return True


def _object(value: dict[Any, Any], openapi: dict[str, Any]) -> bool:
    properties = openapi.get("properties", {})
    extra = openapi.get("additionalProperties", "properties" not in openapi or openapi.get(_OPEN))
    if any(name not in value for name in openapi.get("required", ())):
        return False
    for name, part in value.items():
        schema = properties.get(name, extra)
        if schema is not True and not (isinstance(schema, dict) and fits(part, schema)):
            return False
    return all(isinstance(name, str) for name in value)


def _array(value: list[Any], openapi: dict[str, Any]) -> bool:
    items = openapi.get("items", {})
    has_size = openapi.get("minItems", 0) <= len(value) <= openapi.get("maxItems", len(value))
    return has_size and isinstance(items, dict) and all(fits(item, items) for item in value)


def _string(value: str, openapi: dict[str, Any]) -> bool:
    if not openapi.get("minLength", 0) <= len(value) <= openapi.get("maxLength", len(value)):
        return False
    if value not in openapi.get("enum", (value,)):
        return False
    if "pattern" not in openapi:
        return True
    try:
        return value.isascii() and value.isprintable() and re.search(openapi["pattern"], value) is not None
    except re.error:
        return False


def _number(value: float, openapi: dict[str, Any]) -> bool:
    bits = _INT.get(openapi.get("format", ""), 63)
    low = max(openapi.get("minimum", -(2**bits)), -(2**bits))
    high = min(openapi.get("maximum", 2**bits - 1), 2**bits - 1)
    at_low, at_high = openapi.get("exclusiveMinimum", False), openapi.get("exclusiveMaximum", False)
    are_switches = isinstance(at_low, bool) and isinstance(at_high, bool)  # newer dialects have numbers here
    if not are_switches or not low <= value <= high:
        return False
    known = openapi.get("enum", (value,))
    is_known = any(value == each for each in known if not isinstance(each, bool))
    return is_known and not (at_low and value == low) and not (at_high and value == high)


# Keywords that say nothing about what is accepted.
_ABOUT = frozenset(("title", "description", "default", "example", "nullable", "format"))
_NUMBERS = frozenset(("type", "enum", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"))
# The type in Python, the keywords that are understood, and what judges by them.
_OF_TYPE: dict[str, tuple[type | tuple[type, ...], frozenset[str], Callable[[Any, dict[str, Any]], bool]]] = {
    "object": (dict, frozenset(("type", "properties", "required", "additionalProperties")), _object),
    "array": (list, frozenset(("type", "items", "minItems", "maxItems")), _array),
    "string": (str, frozenset(("type", "enum", "pattern", "minLength", "maxLength")), _string),
    "integer": (int, _NUMBERS, _number),
    "number": ((int, float), _NUMBERS, _number),
    "boolean": (bool, frozenset(("type",)), _anything),
}
_OF_NONE = (object, frozenset[str](), _anything)
