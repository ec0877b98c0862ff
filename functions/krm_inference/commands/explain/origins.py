"""Where each generated value comes from: the function that sets it, and what of the intent and the tables it follows.

It is found out by experiment: the package is rendered again and again with one field of the intent, or one column of a
table, varied, and whatever changes depends on it. So no list of reasons is kept beside the code that could tell
otherwise than the code does. What no function reads is not varied, and a function that does not read what is varied,
and gets what it got, is not run again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from krm_functions_sdk import Resource
from krm_functions_sdk.document import field_path
from krm_functions_sdk.document.field_path import FieldPath
from krm_functions_sdk.function import schema as schemas

from krm_inference.commands.explain.reads import Read, source_of
from krm_inference.commands.explain.tables import rows_of
from krm_inference.commands.explain.trial import (
    Changed,
    Key,
    Outcome,
    Snapshot,
    Trace,
    Trial,
    made,
)
from krm_inference.commands.explain.variations import others, varied
from krm_inference.domain import intent
from krm_inference.domain.service import is_llm_service

Place = tuple[Key, str]  # of one value: its object, and its path there
Tell = Callable[[int, int], None]


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


def origins(
    trial: Trial, base: Trace, wanted: Callable[[Place], bool] = lambda _: True, tell: Tell = lambda _done, _all: None
) -> dict[Place, Origin]:
    """Return the origin of the values that the pipeline of a package makes; `base` is its run without changes.

    Of the values that are `wanted`, all without it. `tell` hears how many of how many experiments are done.
    """
    left = [{item.identity: trial.values(item) for item in made(step.items)} for step in base.steps]
    setters = {place: number for place, number in _setters(base, left).items() if wanted(place)}
    causes: dict[Place, dict[tuple[str, str], Cause]] = {place: {} for place in setters}
    experiments = list(_experiments(base, [item for item in base.read if is_llm_service(item)])) if setters else []
    for number, experiment in enumerate(experiments):
        tell(number, len(experiments))
        cause = experiment.cause
        open_ = {place: step for place, step in setters.items() if (cause.source, cause.path) not in causes[place]}
        first = next((at for at, step in enumerate(base.steps) if step.may_read(experiment.read)), len(base.steps))
        last = max((step for step in open_.values() if step >= first), default=-1)
        if last >= 0:
            with experiment.varied():
                outcome = trial.vary(experiment.changed, experiment.read, last)
            for place in _differences(trial, left, outcome, open_):
                causes[place][cause.source, cause.path] = cause
    return {
        (key, path): Origin(base.steps[number].function, left[number][key][path], tuple(causes[key, path].values()))
        for (key, path), number in setters.items()
    }


def _setters(base: Trace, left: list[Snapshot]) -> dict[Place, int]:
    """Return the number of the last step that changed each value which is there in the end."""
    found: dict[Place, int] = {}
    before: Snapshot = {}
    for number, after in enumerate(left):
        if base.steps[number].is_validator:
            continue
        for key, values in after.items():
            known = before.get(key, {})
            if values is not known:
                found.update(
                    {(key, path): number for path, value in values.items() if known.get(path, before) != value}
                )
        before = after
    return {(key, path): number for (key, path), number in found.items() if path in before.get(key, {})}


class _Experiment(NamedTuple):
    """One change: of an intent, `changed`, or of a `row` of a table; and the place that it is of."""

    cause: Cause
    read: Read
    changed: Changed
    row: tuple[dict[str, Any], str, Any] | None = None

    @contextmanager
    def varied(self) -> Iterator[None]:
        """Have the other row in the table."""
        if self.row is None:
            yield
            return
        rows, name, other = self.row
        before = rows[name]
        rows[name] = other
        try:
            yield
        finally:
            rows[name] = before


def _experiments(base: Trace, services: list[Resource]) -> Iterator[_Experiment]:
    """Yield each place with another value in it."""
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
            shown = field_path.show(path)
            cause = Cause(service.name, shown, value, service.find(shown) is None)
            yield _Experiment(cause, (source_of(service), path), {service.identity: other})
    for table, rows, name in rows_of(base.read):
        source = f"{table} {name}"
        for path, value, other in varied(rows[name]):
            cause = Cause(source, field_path.show(path), value)
            yield _Experiment(cause, (source, path[:1]), {}, (rows, name, other))


def _shape(path: FieldPath) -> str:
    """Return a path as the schema's own table writes it: `spec.adapters[].ensure`."""
    return "".join(f".{step}" if isinstance(step, str) else "[]" for step in path).removeprefix(".")


def _differences(trial: Trial, left: list[Snapshot], outcome: Outcome, places: dict[Place, int]) -> Iterator[Place]:
    """Yield those of the places whose values are others, or are gone, after the step that sets them; `left` by all."""
    renamed: dict[int, dict[Key, Key]] = {}
    for (key, path), number in places.items():
        if number not in outcome.steps or (outcome.failed is not None and number >= outcome.failed):
            continue
        after = outcome.steps[number]
        if number not in renamed:
            renamed[number] = _renamed([*left[number]], [*after])
        other = after.get(renamed[number].get(key, key))
        values = trial.values(other) if other is not None else {}
        if path not in values or values[path] != left[number][key][path]:
            yield key, path


def _renamed(base: list[Key], other: list[Key]) -> dict[Key, Key]:
    """Return what objects of another name or group are called in another run: the n-th of a kind stays the n-th."""
    gone: dict[str, list[Key]] = defaultdict(list)
    new: dict[str, list[Key]] = defaultdict(list)
    for key in (key for key in base if key not in other):
        gone[key[1]].append(key)
    for key in (key for key in other if key not in base):
        new[key[1]].append(key)
    pairs = ((keys, new[kind]) for kind, keys in gone.items() if len(keys) == len(new[kind]))
    return {old: name for keys, names in pairs for old, name in zip(keys, names, strict=True)}
