"""Fields of the custom kinds: unknown ones, missing ones, and values that the CRDs refuse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from krm_functions_sdk import MISSING
from krm_functions_sdk.document.field_path import FieldPath
from krm_functions_sdk.document.pattern import pattern

from krm_inference.domain.record import Record
from krm_inference.domain.remains import maker
from krm_inference.domain.spelling import nearest
from krm_inference.manifests import definitions, groups
from krm_inference.manifests.groups import CRD
from krm_inference.manifests.index import Index, Kind
from krm_inference.manifests.objects import Field, Object
from krm_inference.validate_inference.findings import Finding
from krm_inference.validate_inference.rules.fields.repetitions import repetitions
from krm_inference.validate_inference.rules.fields.tables import TABLES
from krm_inference.validate_inference.rules.unchecked import Unchecked, unchecked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

Place = tuple[str | int, ...]  # keys, and positions in lists
Said = tuple[str, Place, str, "Any"]  # the kind of fault, its place, what is wrong, and what would be right
# In the CRDs of the experimental channel, or newer than the published CRD, and served by some clusters.
_FILTERS = ("spec.rules[].filters[]", "spec.rules[].backendRefs[].filters[]")
ELSEWHERE = {
    "HTTPRoute": (
        *("spec.useDefaultGateways", "spec.rules[].retry", "spec.rules[].sessionPersistence"),
        *(f"{path}.externalAuth" for path in _FILTERS),
    ),
    "Gateway": ("spec.defaultScope", "spec.backendTLS"),
    "GCPBackendPolicy": ("spec.default.balancingMode", "spec.default.capacityScalerPercent"),
}
VALUES_ELSEWHERE: dict[str, dict[str, tuple[str, ...]]] = {
    "HTTPRoute": {f"{path}.type": ("ExternalAuth",) for path in _FILTERS}
}
_SUBDOMAIN = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"
FORMATS = {
    "group": pattern(rf"(?:{_SUBDOMAIN})?\Z"),
    "kind": pattern(r"[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?\Z"),
    "label": pattern(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?\Z"),
    "subdomain": pattern(rf"{_SUBDOMAIN}\Z"),
    "hostname": pattern(rf"(\*\.)?{_SUBDOMAIN}\Z"),
    "interval": pattern(r"(\d+(\.\d+)?\s*[A-Za-zµ]+)+\Z"),
    "duration": pattern(r"([0-9]{1,5}(h|m|s|ms)){1,4}\Z"),
}
_PLAIN_METADATA = {"name", "namespace", "labels", "annotations"}
_OF_EVERY_KIND = ("apiVersion", "kind", "metadata", "status")
_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,), "map": (dict,), "list": (list,), "text": (str,), "enum": (str,), "int": (int,), "code": (int,),
    "number": (int, float), "bool": (bool,), "int|text": (int, str),
}  # fmt: skip
_NAMED = {
    "object": "a map", "map": "a map", "list": "a list", "text": "a string", "enum": "a string", "int": "an integer",
    "code": "an integer",
    "number": "a number", "bool": "true or false", "int|text": "an integer or a string",
}  # fmt: skip


class Shape(Record):
    """What a field may hold: its type, the bounds of its value, length or count, its values or format, its fields."""

    type: str
    low: int | None = None
    high: int | None = None
    values: tuple[str, ...] = ()
    format: str = ""
    is_required: bool = False
    keys: str = ""


@cache
def shapes(text: str) -> dict[str, Shape]:
    """Return the lines of a table by their paths."""
    return dict(_line(line) for line in text.split("\n") if line)


def _line(line: str) -> tuple[str, Shape]:
    path, kind, *rest = line.split(" ")
    low = high = None
    values: tuple[str, ...] = ()
    form = keys = ""
    for part in rest:
        if kind in ("enum", "code"):
            values = tuple(part.split("|"))
        elif ".." in part:
            low, high = (int(end) if end else None for end in part.split(".."))
        elif part == "set" or part.startswith("by:"):
            keys = part
        else:
            form = part
    return path.removesuffix("!"), Shape(kind, low, high, values, form, path.endswith("!"), keys)


@cache
def children(text: str) -> dict[str, tuple[str, ...]]:
    """Return the names of the fields of each map of a table."""
    found: dict[str, list[str]] = {}
    for path in shapes(text):
        parent, _, name = path.rpartition(".")
        if not name.endswith(("[]", "{}")):
            found.setdefault(parent, []).append(name)
    return {path: tuple(names) for path, names in found.items()}


class Fault(Record):
    """A fault of one of the kinds `unknown`, `misspelt`, `missing`, `value`, `twice` and `refused`."""

    kind: str
    finding: Finding


def faults(index: Index, kind: str) -> Iterator[Finding]:
    """Yield the faults of a kind in the objects whose table is known."""
    return (fault.finding for fault in index.derive(_all) if fault.kind == kind)


def _all(index: Index) -> list[Fault]:
    brought = _brought(index.whole)
    return [
        fault
        for item in index.objects
        for fault in faults_of(item)
        if not (fault.kind in ("unknown", "misspelt") and _is_known(brought, item, fault.finding.field))
    ]


def _brought(index: Index) -> dict[Kind, list[Object]]:
    """Return the definitions that lie there too, by the kind that each defines."""
    found: dict[Kind, list[Object]] = {}
    for crd in index.of(CRD):
        found.setdefault((crd.at("spec.group").text, crd.at("spec.names.kind").text), []).append(crd)
    return found


def _is_known(brought: dict[Kind, list[Object]], item: Object, field: Field) -> bool:
    """Say whether a definition that lies there has the field: a newer one than the tables know, or one of one's own."""
    return any(
        _has(schema, field.path)
        for crd in brought.get((item.group, item.kind), ())
        for schema in definitions.schemas(crd.resource)
    )


def _has(schema: Any, path: FieldPath) -> bool:
    """Say whether a schema has a field at a path."""
    for step in path:
        if not isinstance(schema, dict) or schema.get("x-kubernetes-preserve-unknown-fields"):
            return True
        properties = schema.get("properties")
        if not isinstance(step, str):
            schema = schema.get("items")
        elif isinstance(properties, dict) and step in properties:
            schema = properties[step]
        elif "additionalProperties" in schema:
            schema = schema["additionalProperties"]
        else:
            return False
    return True


def _table(item: Object) -> str | None:
    return TABLES.get((item.api_version, item.kind))


def _is_unserved(item: Object) -> bool:
    """Say whether `api-version` has an error for the kind, or for its version."""
    served = groups.SERVED.get((item.group, item.kind))
    return item.group in groups.COMPLETE if served is None else item.version not in served


def unknown_kinds(index: Index) -> Iterator[Finding]:
    """Yield, once for a set, the objects of kinds of which no schema is known."""
    from krm_inference.validate_inference.rules.fields import built_in

    found = (
        Unchecked("object", item.at("kind"), f"{item.kind} of {item.api_version}")
        for item in index.objects
        if item.name and _table(item) is None and not built_in.is_known(item) and not _is_unserved(item)
        if not maker(item.resource)[0]  # what is generated was tried on an API server with the definitions of its kind
    )
    yield from unchecked(found, "fields are", "no schema of their kind is known")


def faults_of(item: Object) -> Iterator[Fault]:
    """Yield what the CRD of an object says against its fields."""
    table = _table(item)
    if table is None:
        from krm_inference.validate_inference.rules.fields import built_in  # its table is large, and often not needed

        yield from (Fault(kind, finding) for kind, finding in built_in.faults_of(item))
        return
    if not item.metadata.keys() <= _PLAIN_METADATA:
        from krm_inference.validate_inference.rules.fields import built_in

        yield from (Fault(kind, finding) for kind, finding in built_in.faults_of_metadata(item))
    said: list[Said] = []
    _fields(_declared(item.kind, table), "", item.field.map, (), said)
    for fault, place, message, proposed in said:
        yield Fault(fault, Finding(item.field.below(place), message, proposed))


class Declared(Record):
    """What the CRD of a kind declares: the shapes of fields by their paths, and the names of the fields of each map."""

    kind: str
    shapes: dict[str, Shape]
    children: dict[str, tuple[str, ...]]
    elsewhere: dict[str, tuple[str, ...]]  # values that other versions of it take


@cache
def _declared(kind: str, table: str) -> Declared:
    return Declared(kind, shapes(table), children(table), VALUES_ELSEWHERE.get(kind, {}))


def _check(declared: Declared, path: str, value: Any, place: Place, said: list[Said]) -> None:
    """Add what is wrong with a value, whose path in the table is not its place in the object, to what is said."""
    shape = declared.shapes[path]
    if shape.type == "any" or (value is None and not shape.is_required and not path.endswith("[]")):
        return  # the API server drops a null of a field that may be missing
    has_type = isinstance(value, _TYPES[shape.type])
    if not has_type or (isinstance(value, bool) and shape.type != "bool"):
        message = f"found {_shown(value)}, expected {_NAMED[shape.type]}"
        said.append(("value", place, message, _converted(shape, value)))
        return
    if path in declared.elsewhere and value in declared.elsewhere[path]:
        return
    if message := _unfit(shape, value):
        said.append(("value", place, message, nearest(str(value), shape.values) or MISSING))
    if shape.type == "list":
        for position, item in enumerate(value):
            _check(declared, f"{path}[]", item, (*place, position), said)
        for position, key, message in repetitions(value, shape.keys) if shape.keys else ():
            said.append(("twice", (*place, position, *filter(None, [key])), message, MISSING))
    elif shape.type == "map" and f"{path}{{}}" in declared.shapes:
        for name, part in value.items():
            _check(declared, f"{path}{{}}", part, (*place, name), said)
    elif shape.type == "object":
        _fields(declared, path, value, place, said)


def _fields(declared: Declared, path: str, value: dict[str, Any], place: Place, said: list[Said]) -> None:
    """Add what is wrong with the fields of a map to what is said."""
    kind, known = declared.kind, declared.children.get(path, ())
    others = () if path else _OF_EVERY_KIND
    absent = [name for name in known if name not in value]
    for name, part in value.items():
        if name in others:
            continue
        inner = f"{path}.{name}" if path else name
        if name in known:
            _check(declared, inner, part, (*place, name), said)
        elif inner not in ELSEWHERE.get(kind, ()):
            near = nearest(str(name), absent, 0.75)
            if near:
                absent.remove(near)
                said.append(("misspelt", (*place, name), f"{kind} has no such field; did you mean {near}?", MISSING))
            else:
                message = f"{kind} has no such field here; it has: {', '.join(known)}"
                said.append(("unknown", (*place, name), message, MISSING))
    said += [
        ("missing", (*place, name), f"{kind} requires this field", MISSING)
        for name in absent
        if declared.shapes[f"{path}.{name}" if path else name].is_required
    ]


def _unfit(shape: Shape, value: Any) -> str:
    if shape.values and str(value) not in shape.values:
        return f"found {_shown(value)}, expected one of {', '.join(shape.values)}"
    if shape.format and not FORMATS[shape.format].match(value):
        return f"found {_shown(value)}, which is not a valid {shape.format}"
    if shape.type == "object":  # the API server drops nulls before it counts
        value = [part for part in value.values() if part is not None]
    size = value if isinstance(value, int | float) else len(value)
    if shape.type == "int|text" and isinstance(value, int):
        return ""
    low, high = shape.low, shape.high
    if (low is not None and size < low) or (high is not None and size > high):
        what = {"text": " characters", "list": " items", "map": " entries", "object": " fields"}.get(shape.type, "")
        bounds = f"{low} to {high}" if low is not None and high is not None else f"at most {high}"
        return f"found {size}{what}, expected {bounds if high is not None else f'at least {low}'}{what}"
    return ""


def _converted(shape: Shape, value: Any) -> Any:
    if shape.type == "int" and isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value):
        return int(value)
    if shape.type in ("text", "enum") and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return MISSING


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    return (
        f'"{value}"'
        if isinstance(value, str)
        else "a map"
        if isinstance(value, dict)
        else ("a list" if isinstance(value, list) else str(value).lower())
    )
