"""Fields of Kubernetes' own kinds, read as strictly as the API server reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from krm_functions_sdk import MISSING
from krm_functions_sdk.document.pattern import pattern

from krm_inference.domain.record import Record
from krm_inference.domain.spelling import nearest
from krm_inference.manifests.objects import Field, Object
from krm_inference.validate_inference.findings import Finding
from krm_inference.validate_inference.rules.fields.refusals import refusals
from krm_inference.validate_inference.rules.fields.repetitions import repetitions
from krm_inference.validate_inference.rules.fields.tables.built_in import DEFINITIONS, KINDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

Path = tuple[str | int, ...]
Said = tuple[str, Path, str, "Any"]  # the kind of fault, its place, what is wrong, and what would be right
# Of bytes, what sops has encrypted is something else until it is applied.
_PATTERNS = {
    "quantity": pattern(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?\s*\Z"),
    "bytes": pattern(r"ENC\[|(?:(?:[A-Za-z0-9+/]\s*){4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?\s*\Z"),
    "time": pattern(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)\Z"),
}
_TYPES: dict[str, tuple[tuple[type, ...], str]] = {
    "text": ((str,), "a string"),
    "int": ((int,), "an integer"),
    "number": ((int, float), "a number"),
    "bool": ((bool,), "true or false"),
    "int|text": ((int, str), "an integer or a string"),
    "quantity": ((int, float, str), "a quantity such as 2, 500m or 8Gi"),
    "bytes": ((str,), "base64"),
    "time": ((str,), "a time such as 2026-01-31T12:00:00Z"),
}


class Known(Record):
    """A field of a definition."""

    type: str
    is_required: bool
    keys: str = ""  # of a list: what no two items have in common


@cache
def _fields(definition: str) -> dict[str, Known]:
    found = {}
    for line in DEFINITIONS[definition].split("\n"):
        if line:
            name, kind, *keys = line.split(" ")
            found[name.removesuffix("!")] = Known(kind, name.endswith("!"), *keys)
    return found


def is_known(item: Object) -> bool:
    """Say whether an object is of one of Kubernetes' own kinds, in a version that it serves."""
    return (item.field["apiVersion"].text, item.kind) in KINDS


def faults_of(item: Object) -> Iterator[tuple[str, Finding]]:
    """Yield what the API server would say against an object of its own kinds, each with the kind of fault."""
    definition = KINDS.get((item.field["apiVersion"].text, item.kind))
    if definition is None:
        return
    for kind, path, message, proposed in _object(definition, item.field.map, (), is_root=True):
        yield kind, Finding(_field(item.field, path), message, proposed)


def faults_of_metadata(item: Object) -> Iterator[tuple[str, Finding]]:
    """Yield the same of the metadata of an object of whatever kind."""
    for kind, path, message, proposed in _object("meta.v1.ObjectMeta", item.at("metadata").map, ("metadata",)):
        yield kind, Finding(_field(item.field, path), message, proposed)


def _field(field: Field, path: Path) -> Field:
    for step in path:
        field = field[step] if isinstance(step, str) else list(field)[step]
    return field


def _object(definition: str, it: dict[str, Any], path: Path, *, is_root: bool = False) -> Iterator[Said]:
    known = _fields(definition)
    for name, value in it.items():
        field = known.get(name)
        if field is None:
            if not (is_root and name in ("apiVersion", "kind", "status")):
                yield _unknown(definition, it, known, path, str(name))
        elif value is not None:
            yield from _value(field.type, value, (*path, name))
            if field.keys and isinstance(value, list):
                for position, key, message in repetitions(value, field.keys):
                    yield "twice", (*path, name, position, *filter(None, [key])), message, MISSING
    for name, field in known.items():
        if field.is_required and it.get(name) is None:
            yield "missing", (*path, name), f"{definition.rpartition('.')[2]} needs it", MISSING
    for inner, message in refusals(definition, it):
        yield "refused", (*path, *inner), message, MISSING


def _unknown(definition: str, it: dict[str, Any], known: dict[str, Known], path: Path, name: str) -> Said:
    what = definition.rpartition(".")[2]
    near = nearest(name, [other for other in known if other not in it], 0.75)
    if near:
        return "misspelt", (*path, name), f"{what} has no such field; did you mean {near}?", MISSING
    return "refused", (*path, name), f"{what} has no such field here; it has: {', '.join(known)}", MISSING


def _value(kind: str, value: Any, path: Path) -> Iterator[Said]:
    if kind == "any":
        return
    if kind.startswith("[]"):
        if not isinstance(value, list):
            yield "value", path, f"found {_shown(value)}, expected a list", MISSING
            return
        for position, item in enumerate(value):
            if item is not None:
                yield from _value(kind[2:], item, (*path, position))
    elif kind.startswith("{}"):
        if not isinstance(value, dict):
            yield "value", path, f"found {_shown(value)}, expected a map", MISSING
            return
        for name, item in value.items():
            if item is not None:
                yield from _value(kind[2:], item, (*path, name))
    elif kind in _TYPES:
        yield from _scalar(kind, value, path)
    elif isinstance(value, dict):
        yield from _object(kind, value, path)
    else:
        yield "value", path, f"found {_shown(value)}, expected a map", MISSING


def _scalar(kind: str, value: Any, path: Path) -> Iterator[Said]:
    types, named = _TYPES[kind]
    pattern = _PATTERNS.get(kind)
    if not isinstance(value, types) or (isinstance(value, bool) and kind != "bool"):
        yield "value", path, f"found {_shown(value)}, expected {named}", _converted(kind, value)
    elif pattern is not None and isinstance(value, str) and not pattern.match(value):
        yield "value", path, f"found {_shown(value)}, expected {named}", MISSING


def _converted(kind: str, value: Any) -> Any:
    if kind == "int" and isinstance(value, str) and re.fullmatch(r"-?[0-9]+", value):
        return int(value)
    if kind == "bool" and value in ("true", "false"):
        return value == "true"
    if kind == "text" and isinstance(value, bool | int | float):
        return str(value).lower() if isinstance(value, bool) else str(value)
    return MISSING


def _shown(value: Any) -> str:
    if isinstance(value, dict | list):
        return "a map" if isinstance(value, dict) else "a list"
    return f'"{value}"' if isinstance(value, str) else str(value).lower()
