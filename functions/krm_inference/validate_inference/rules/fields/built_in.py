"""Fields of Kubernetes' own kinds, read as strictly as the API server reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from krm_functions_sdk import MISSING
from krm_functions_sdk.document.pattern import pattern

from krm_inference.domain.record import Record
from krm_inference.domain.spelling import nearest
from krm_inference.manifests.objects import Object
from krm_inference.validate_inference.findings import Finding
from krm_inference.validate_inference.rules.fields.refusals import Refused, refusals
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
_NEVER: frozenset[type] = frozenset()
# A value of one of these types is right, whatever it says; a text with a pattern, and all else, is looked at.
_PLAIN = {
    kind: frozenset(types) - frozenset((str,)) if kind in _PATTERNS else frozenset(types)
    for kind, (types, _) in _TYPES.items()
}


class Known(Record):
    """A field of a definition; a value of one of the `plain` types needs no further look."""

    type: str
    plain: frozenset[Any]
    keys: str = ""  # of a list: what no two items have in common


class Definition(Record):
    """What is known of the objects of a definition: their fields, which of these must be there, and what is refused."""

    fields: dict[str, Known]
    required: tuple[str, ...]
    refused: tuple[Refused, ...]


@cache
def _definition(name: str) -> Definition:
    fields, required = {}, []
    for line in DEFINITIONS[name].split("\n"):
        if line:
            field, kind, *keys = line.split(" ")
            fields[field.removesuffix("!")] = Known(kind, _PLAIN.get(kind, _NEVER), *keys)
            required += [field.removesuffix("!")] if field.endswith("!") else []
    return Definition(fields, tuple(required), refusals(name))


def is_known(item: Object) -> bool:
    """Say whether an object is of one of Kubernetes' own kinds, in a version that it serves."""
    return (item.api_version, item.kind) in KINDS


def faults_of(item: Object) -> Iterator[tuple[str, Finding]]:
    """Yield what the API server would say against an object of its own kinds, each with the kind of fault."""
    definition = KINDS.get((item.api_version, item.kind))
    if definition is None:
        return
    said: list[Said] = []
    _object(definition, item.field.map, (), said, is_root=True)
    for kind, path, message, proposed in said:
        yield kind, Finding(item.field.below(path), message, proposed)


def faults_of_metadata(item: Object) -> Iterator[tuple[str, Finding]]:
    """Yield the same of the metadata of an object of whatever kind."""
    said: list[Said] = []
    _object("meta.v1.ObjectMeta", item.metadata, ("metadata",), said)
    for kind, path, message, proposed in said:
        yield kind, Finding(item.field.below(path), message, proposed)


def _object(name: str, it: dict[str, Any], path: Path, said: list[Said], *, is_root: bool = False) -> None:
    """Add what is wrong in an object of a definition to what is said."""
    definition = _definition(name)
    for key, value in it.items():
        field = definition.fields.get(key)
        if field is None:
            if not (is_root and key in ("apiVersion", "kind", "status")):
                said.append(_unknown(name, it, definition.fields, path, str(key)))
        elif value is not None and type(value) not in field.plain:
            _value(field.type, value, (*path, key), said)
            if field.keys and isinstance(value, list):
                for position, part, message in repetitions(value, field.keys):
                    said.append(("twice", (*path, key, position, *filter(None, [part])), message, MISSING))
    said += [
        ("missing", (*path, key), f"{name.rpartition('.')[2]} needs it", MISSING)
        for key in definition.required
        if it.get(key) is None
    ]
    for refused in definition.refused:
        said += [("refused", (*path, *inner), message, MISSING) for inner, message in refused(it)]


def _unknown(definition: str, it: dict[str, Any], known: dict[str, Known], path: Path, name: str) -> Said:
    what = definition.rpartition(".")[2]
    near = nearest(name, [other for other in known if other not in it], 0.75)
    if near:
        return "misspelt", (*path, name), f"{what} has no such field; did you mean {near}?", MISSING
    return "refused", (*path, name), f"{what} has no such field here; it has: {', '.join(known)}", MISSING


def _value(kind: str, value: Any, path: Path, said: list[Said]) -> None:
    if kind == "any":
        return
    if kind.startswith(("[]", "{}")):
        _parts(kind, value, path, said)
    elif kind in _TYPES:
        said += _scalar(kind, value, path)
    elif isinstance(value, dict):
        _object(kind, value, path, said)
    else:
        said.append(("value", path, f"found {_shown(value)}, expected a map", MISSING))


def _parts(kind: str, value: Any, path: Path, said: list[Said]) -> None:
    expected, named = (list, "a list") if kind.startswith("[]") else (dict, "a map")
    if not isinstance(value, expected):
        said.append(("value", path, f"found {_shown(value)}, expected {named}", MISSING))
        return
    inner = kind[2:]
    plain = _PLAIN.get(inner, _NEVER)
    for step, part in value.items() if isinstance(value, dict) else enumerate(value):
        if part is not None and type(part) not in plain:
            _value(inner, part, (*path, step), said)


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
