"""Where each generated value comes from: the function that sets it, and what of the intent and the tables it follows.

It is found out by experiment: the package is rendered again and again with one field of the intent, or one column of a
table, varied, and whatever changes depends on it. So no list of reasons is kept beside the code that could tell
otherwise than the code does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from krm_functions_sdk import Resource
from krm_functions_sdk.document import field_path
from krm_functions_sdk.document.field_path import FieldPath
from krm_functions_sdk.function import schema as schemas

from krm_inference.commands.explain.trial import Key, Snapshot, Trace, Trial
from krm_inference.commands.explain.variations import others, varied
from krm_inference.domain import intent
from krm_inference.domain.facts.accelerators import ACCELERATORS
from krm_inference.domain.facts.gateway_classes import CLASSES
from krm_inference.domain.facts.models import MODELS
from krm_inference.domain.facts.platforms import PLATFORMS
from krm_inference.domain.facts.releases import RELEASES
from krm_inference.domain.service import is_llm_service

# Tables, and the field of an intent that names a row of them.
TABLES: tuple[tuple[str, dict[str, Any], tuple[str, ...]], ...] = (
    ("gateway_classes", CLASSES, ("spec", "gateway", "className")),
    ("releases", RELEASES, ("spec", "release")),
    ("platforms", PLATFORMS, ("spec", "platform")),
    ("accelerators", ACCELERATORS, ("spec", "accelerator", "type")),
    ("models", MODELS, ("spec", "model", "id")),
)
Place = tuple[Key, str]  # of one value: its object, and its path there


class Cause(NamedTuple):
    """A field of an intent, or a column of a table's row, that a value follows from."""

    source: str  # the name of the LLMService, or of the table and its row
    path: str
    value: Any
    is_default: bool = False


class Origin(NamedTuple):
    """What a function sets a value to, and all that it follows from."""

    function: str
    value: Any
    causes: tuple[Cause, ...]


def origins(trial: Trial, base: Trace) -> dict[Place, Origin]:
    """Return the origin of every value that the pipeline of a package makes; `base` is its run without changes."""
    causes: dict[Place, dict[tuple[str, str], Cause]] = defaultdict(dict)
    for cause, other in _experiments(trial, [item for item in base.read if is_llm_service(item)]):
        for place in _differences(base.values, other):
            causes[place][cause.source, cause.path] = cause
    return {
        (key, path): Origin(function, base.values[key][path], tuple(causes[key, path].values()))
        for (key, path), function in _setters(base.steps).items()
        if path in base.values.get(key, {})
    }


def _setters(steps: list[tuple[str, Snapshot]]) -> dict[Place, str]:
    """Return the last function that changed each value."""
    found: dict[Place, str] = {}
    before: Snapshot = {}
    for name, after in steps:
        for key, values in after.items():
            known = before.get(key, {})
            found.update({(key, path): name for path, value in values.items() if known.get(path, before) != value})
        before = after
    return found


def _experiments(trial: Trial, services: list[Resource]) -> Iterator[tuple[Cause, Snapshot]]:
    """Yield what is varied, and the values that come of it."""
    enums = {
        path: part["enum"] for path, part, _ in schemas.fields(intent.schema().openapi) if len(part.get("enum", ())) > 1
    }

    def vary(path: FieldPath, value: Any) -> Iterator[Any]:
        known = enums.get(_shape(path))
        return (other for other in known if other != value) if known else others(value)

    for service in services:
        full = intent.schema().with_defaults(service.data)
        for path, value, other in varied(full, vary):
            if path[0] != "spec" and path not in (("metadata", "name"), ("metadata", "namespace")):
                continue
            if path == ("spec", "ensure"):  # takes the whole service away, and so explains no value of it
                continue
            trace = trial.run({service.identity: other})
            if not trace.results.failed:
                shown = field_path.show(path)
                yield Cause(service.name, shown, value, service.find(shown) is None), trace.values
    for table, rows, path in TABLES:
        names = (_at(intent.schema().with_defaults(service.data), path) for service in services)
        for name in dict.fromkeys(name for name in names if name in rows):
            yield from _table(trial, table, rows, name)


def _table(trial: Trial, table: str, rows: dict[str, Any], name: str) -> Iterator[tuple[Cause, Snapshot]]:
    row = rows[name]
    for path, value, other in varied(row):
        rows[name] = other
        try:
            trace = trial.run()
        finally:
            rows[name] = row
        if not trace.results.failed:
            yield Cause(f"{table} {name}", field_path.show(path), value), trace.values


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def _shape(path: FieldPath) -> str:
    """Return a path as the schema's own table writes it: `spec.adapters[].ensure`."""
    return "".join(f".{step}" if isinstance(step, str) else "[]" for step in path).removeprefix(".")


def _differences(base: Snapshot, other: Snapshot) -> Iterator[Place]:
    """Yield the places of values that are others, or are gone, in another run."""
    renamed = _renamed(base, other)
    for key, values in base.items():
        found = other.get(renamed.get(key, key), {})
        for path, value in values.items():
            if path not in found or found[path] != value:
                yield key, path


def _renamed(base: Snapshot, other: Snapshot) -> dict[Key, Key]:
    """Return what objects of another name or group are called in another run: the n-th of a kind stays the n-th."""
    gone: dict[str, list[Key]] = defaultdict(list)
    new: dict[str, list[Key]] = defaultdict(list)
    for key in (key for key in base if key not in other):
        gone[key[1]].append(key)
    for key in (key for key in other if key not in base):
        new[key[1]].append(key)
    pairs = ((keys, new[kind]) for kind, keys in gone.items() if len(keys) == len(new[kind]))
    return {old: name for keys, names in pairs for old, name in zip(keys, names, strict=True)}
