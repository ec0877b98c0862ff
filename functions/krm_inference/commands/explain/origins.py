"""Where each generated value comes from: the function that sets it, and what of the intent and the tables it follows.

It is found out by experiment: the package is rendered again and again with one field of the intent, or one column of a
table, varied, and whatever changes depends on it. So no list of reasons is kept beside the code that could tell
otherwise than the code does. What no function reads is not varied, and a function that does not read what is varied,
and gets what it got, is not run again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from krm_functions_sdk import Resource
from krm_functions_sdk.document import field_path
from krm_functions_sdk.document.field_path import FieldPath
from krm_functions_sdk.function import schema as schemas

from krm_inference.commands.explain import batches
from krm_inference.commands.explain.batches import Cause, Experiment, Place
from krm_inference.commands.explain.reads import source_of
from krm_inference.commands.explain.tables import rows_of
from krm_inference.commands.explain.trial import Snapshot, Trace, Trial, made
from krm_inference.commands.explain.variations import others, varied
from krm_inference.domain import intent
from krm_inference.domain.service import is_llm_service

Tell = Callable[[int, int], None]


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
    batches.search(trial, base, left, setters, experiments, causes, tell)
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


def _experiments(base: Trace, services: list[Resource]) -> Iterator[Experiment]:
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
            yield Experiment(cause, (source_of(service), path), {service.identity: other})
    for table, rows, name in rows_of(base.read):
        source = f"{table} {name}"
        for path, value, other in varied(rows[name]):
            cause = Cause(source, field_path.show(path), value)
            yield Experiment(cause, (source, path[:1]), {}, (rows, name, other))


def _shape(path: FieldPath) -> str:
    """Return a path as the schema's own table writes it: `spec.adapters[].ensure`."""
    return "".join(f".{step}" if isinstance(step, str) else "[]" for step in path).removeprefix(".")
