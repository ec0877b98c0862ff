"""Values checked against an OpenAPI v3 schema: every fault at once, each with its field path and what to do.

The schema is the one in a function's `definition.yaml` (a KRMFunctionDefinition), in the dialect of a CRD. Maps are
closed: a field that `properties` does not name is a fault, unless `additionalProperties` or
`x-kubernetes-preserve-unknown-fields` allows it.
"""

from __future__ import annotations

from krm_functions_sdk.document import tree
from krm_functions_sdk.document.wanted import MISSING
from krm_functions_sdk.function import quick_check

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

    from krm_functions_sdk.document.field_path import FieldPath

ENVELOPE = ("apiVersion", "kind", "metadata")  # the fields that every functionConfig has
_FORMATS = {
    "int32": {"minimum": -(2**31), "maximum": 2**31 - 1},
    "int64": {"minimum": -(2**63), "maximum": 2**63 - 1},
}
_TYPES = {
    "object": "an object",
    "array": "a list",
    "string": "a string",
    "boolean": "true or false",
    "integer": "an integer",
    "number": "a number",
}
_LIMITS = frozenset(
    (
        *("type", "enum", "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
        *("minLength", "maxLength", "minItems", "maxItems"),
    )
)
_SHORTEST_PART = 2  # characters; so short a part of a known word says nothing
_LONGEST = 200  # characters of a value or a sentence in a message


class Fault:
    """One fault of a value: where, what was found (`current`, or MISSING), and what is expected."""

    __slots__ = ("current", "message", "path")

    def __init__(self, path: FieldPath, message: str, current: Any) -> None:
        self.path = path
        self.message = message
        self.current = current


class Schema:
    """An OpenAPI v3 schema."""

    def __init__(self, openapi: dict[str, Any]) -> None:
        self.openapi = openapi
        self._validator: Any = None

    @classmethod
    def of_definition(cls, file: Path) -> Schema:
        """Return the schema of the newest version in a KRMFunctionDefinition file."""
        from krm_functions_sdk.document import parser

        definition = tree.value(parser.parse(file.read_text(encoding="utf-8")))
        return cls(definition["spec"]["versions"][-1]["schema"]["openAPIV3Schema"])

    def check(self, value: Any) -> list[Fault]:
        """Return all faults of `value`, in the order of its fields."""
        if quick_check.fits(value, self.openapi):
            return []
        if self._validator is None:
            import jsonschema_rs

            self._validator = jsonschema_rs.Draft202012Validator(json_schema(self.openapi))
        faults: list[Fault] = []
        for error in self._validator.iter_errors(value):
            faults += _faults(error, value, self.openapi)
        distinct = {(fault.path, fault.message): fault for fault in faults}
        return sorted(distinct.values(), key=lambda fault: _place(value, fault.path))

    def with_defaults(self, value: Any) -> Any:
        """Return a copy of `value` in which every `default` of the schema stands where the value has none."""
        return _with_defaults(value, self.openapi)


def json_schema(openapi: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON Schema that accepts what the OpenAPI schema of a CRD accepts, with closed maps."""
    result: dict[str, Any] = {}
    for key, part in openapi.items():
        if key in ("properties", "patternProperties"):
            result[key] = {name: json_schema(item) for name, item in part.items()}
        elif key in ("items", "not") or (key == "additionalProperties" and isinstance(part, dict)):
            result[key] = json_schema(part)
        elif key in ("allOf", "anyOf", "oneOf"):
            result[key] = [json_schema(item) for item in part]
        elif key == "format":
            result.update(_FORMATS.get(part, {}))
        elif not key.startswith("x-kubernetes-") and key not in ("nullable", "example"):
            result[key] = part
    is_open = openapi.get("x-kubernetes-preserve-unknown-fields") or "additionalProperties" in openapi
    if "properties" in openapi and not is_open:
        result["additionalProperties"] = False
    _exclude_bounds(result)
    if openapi.get("nullable") and isinstance(result.get("type"), str):
        result["type"] = [result["type"], "null"]
    if openapi.get("x-kubernetes-int-or-string"):
        result["type"] = ["integer", "string"]
    return result


def _exclude_bounds(result: dict[str, Any]) -> None:
    """Say by numbers what a CRD says by switches: that a limit itself is excluded."""
    for bound, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        switch = result.get(bound)
        if switch is True:
            result[bound] = result.pop(limit)
        elif switch is False:
            del result[bound]


def own_fields(openapi: dict[str, Any]) -> tuple[FieldPath, dict[str, Any]]:
    """Return where a user's fields stand in a functionConfig of this schema, and the schema of that part.

    They stand in `spec` where the schema has one, and else at the root, beside the envelope.
    """
    properties = openapi.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    if "spec" in properties:
        return ("spec",), properties["spec"] if isinstance(properties["spec"], dict) else {}
    own = {name: part for name, part in properties.items() if name not in ENVELOPE}
    required = [name for name in openapi.get("required", []) if name not in ENVELOPE]
    return (), {**openapi, "properties": own, **({"required": required} if "required" in openapi else {})}


def fields(openapi: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any], bool]]:
    """Yield (path, schema, required) of every field of an object schema, depth first; lists as `name[]`."""
    required = openapi.get("required", [])
    for name, part in openapi.get("properties", {}).items():
        here = f"{path}.{name}" if path else name
        yield here, part, name in required
        inner = part.get("items", part) if part.get("type") == "array" else part
        yield from fields(inner, here + ("[]" if part.get("type") == "array" else ""))


def nearest(word: str, known: list[Any], alike: float = 0.6) -> str:
    """Return ` (did you mean "…"?)` for the known word that `word` most likely misspells, or an empty string."""
    import difflib

    lower = {name.lower(): name for name in known if isinstance(name, str)}
    typed = word.lower()
    whole = [name for name in sorted(lower, key=len) if len(typed) > _SHORTEST_PART and typed in name]
    whole.sort(key=lambda name: not name.startswith(typed))
    found = whole or difflib.get_close_matches(typed, list(lower), n=1, cutoff=alike)
    return f' (did you mean "{lower[found[0]]}"?)' if found else ""


def _faults(error: Any, value: Any, openapi: dict[str, Any]) -> list[Fault]:
    path: FieldPath = tuple(error.instance_path)
    here = _schema_at(openapi, path)
    current = _value_at(value, path)
    kind = error.kind.name
    if kind == "additionalProperties":
        known = sorted(here.get("properties", {}))
        return [Fault((*path, name), _unknown(name, known), current[name]) for name in error.kind.unexpected]
    if kind == "required":
        name = error.kind.property
        part = here.get("properties", {}).get(name, {})
        return [Fault((*path, name), f"missing; expected {_expected(part)}{_about(part)}", MISSING)]
    if kind == "uniqueItems":
        return [Fault(path, "found an item twice, expected each once", current)]
    if kind not in _LIMITS:
        return [Fault(path, _sentence(error.message), current)]
    hint = nearest(current, here["enum"]) if isinstance(current, str) and "enum" in here else ""
    about = _about(here) if "pattern" in here else ""  # a pattern alone tells few people what is meant
    return [Fault(path, f"found {_found(current)}, expected {_expected(here)}{about}{hint}", current)]


def _about(openapi: dict[str, Any]) -> str:
    """Return the first sentence of a field's description, behind a colon."""
    about = openapi.get("description", "").split(". ")[0].rstrip(".")
    return f": {about}" if about else ""


def _unknown(name: str, known: list[str]) -> str:
    return f'unknown field "{name}"{nearest(name, known)}; ' + (
        f"known fields: {', '.join(known)}" if known else "no field is known here"
    )


def _sentence(message: str) -> str:
    return message if len(message) <= _LONGEST else message[: _LONGEST - 1] + "…"


def _place(value: Any, path: FieldPath) -> list[int]:
    """Return where in the value a path leads to, to be sorted by; what is missing comes after what is there."""
    place: list[int] = []
    for step in path:
        if isinstance(value, dict):
            place.append(list(value).index(step) if step in value else len(value))
            value = value.get(step)
        else:
            place.append(step if isinstance(step, int) else 0)
            value = value[step] if isinstance(value, list) and isinstance(step, int) else None
    return place


def _schema_at(openapi: dict[str, Any], path: FieldPath) -> dict[str, Any]:
    for step in path:
        if isinstance(step, int):
            openapi = openapi.get("items", {})
        else:
            extra = openapi.get("additionalProperties")
            openapi = openapi.get("properties", {}).get(step) or (extra if isinstance(extra, dict) else {})
    return openapi


def _value_at(value: Any, path: FieldPath) -> Any:
    for step in path:
        value = value[step]
    return value


def _found(value: Any) -> str:
    if value is None:
        return "nothing (null)"
    if isinstance(value, dict | list):
        return ("an object" if isinstance(value, dict) else "a list") + (
            f" of {len(value)} item{'s' * (len(value) > 1)}"
            if isinstance(value, list) and value
            else ""
            if value
            else " that is empty"
        )
    if isinstance(value, str):
        return f'the string "{_sentence(value)}"' if value else "an empty string"
    return f"{str(value).lower() if isinstance(value, bool) else value}"


def _expected(openapi: dict[str, Any]) -> str:
    """Say in words what a schema accepts."""
    if "enum" in openapi:
        known = [str(item) for item in openapi["enum"]]
        return "one of " + ", ".join(known) if len(known) > 1 else known[0]
    limits = {**_FORMATS.get(openapi.get("format", ""), {}), **openapi}
    kind = openapi.get("type", "")
    text = "an integer or a string" if openapi.get("x-kubernetes-int-or-string") else _TYPES.get(kind, "a value")
    text += _range(limits) + _size(openapi, "items" if kind == "array" else "characters")
    if "pattern" in openapi:
        text += f" that matches {openapi['pattern']}"
    return text + (" or null" if openapi.get("nullable") else "")


def _range(limits: dict[str, Any]) -> str:
    low, high = limits.get("minimum"), limits.get("maximum")
    if (
        low is not None
        and high is not None
        and not limits.get("exclusiveMinimum")
        and not limits.get("exclusiveMaximum")
    ):
        return f" from {low} to {high}"
    parts = []
    if low is not None:
        parts.append(f"above {low}" if limits.get("exclusiveMinimum") else f"of at least {low}")
    if high is not None:
        parts.append(f"below {high}" if limits.get("exclusiveMaximum") else f"of at most {high}")
    return f" {' and '.join(parts)}" if parts else ""


def _size(openapi: dict[str, Any], unit: str) -> str:
    low = openapi.get("minLength", openapi.get("minItems", 0))
    high = openapi.get("maxLength", openapi.get("maxItems"))
    text = " that is not empty" if low == 1 else f" of at least {low} {unit}" if low else ""
    return text + (f"{' and' if low else ''} of at most {high} {unit}" if high is not None else "")


def _with_defaults(value: Any, openapi: dict[str, Any]) -> Any:
    if isinstance(value, list):
        items = openapi.get("items", {})
        return [_with_defaults(item, items) if isinstance(item, dict | list) else item for item in value]
    if not isinstance(value, dict):
        return value
    result = dict(value)
    for name, part in openapi.get("properties", {}).items():
        if name in result:
            inner = result[name]
        elif "default" in part:
            inner = result[name] = part["default"]
        else:
            continue
        if isinstance(inner, dict | list):
            result[name] = _with_defaults(inner, part)
    extra = openapi.get("additionalProperties")
    if isinstance(extra, dict):
        known = openapi.get("properties", {})
        result.update({name: _with_defaults(part, extra) for name, part in result.items() if name not in known})
    return result
