"""Single-field faults over rendered objects, the same ones at every run: each is one slip of a hand."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.judge.client import Object

Path = tuple[str | int, ...]
SEED = 14
# Where a slip makes another object of it, not a faulty one.
IDENTITY = {("metadata", "name"), ("metadata", "namespace")}
NUMBERS = (-1, 70000, 1.5)
TEXTS = ("", "Not_A_Name!", "a" * 300)


class Mutation(NamedTuple):
    """One fault: the object by its place in the set, the field, what was done to it, and the object after."""

    at: int
    path: Path
    fault: str
    mutant: Object

    @property
    def field(self) -> str:
        return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path).lstrip(".")


def mutations(objects: list[Object], number: int, seed: int = SEED) -> list[Mutation]:
    """Return that many of all single-field faults of a set, drawn by the seed; all of them where there are fewer."""
    every = list(_all(objects))
    return sorted(random.Random(seed).sample(every, min(number, len(every))), key=lambda one: (one.at, one.field))


def _all(objects: list[Object]) -> Iterator[Mutation]:
    for index, one in enumerate(objects):
        for path, value in _places(one, ()):
            if path in IDENTITY or path[:2] == ("metadata", "annotations"):
                continue
            for fault, mutant in _faults(one, path, value):
                yield Mutation(index, path, fault, mutant)


def _places(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, part in parts:
        yield (*path, step), part
        yield from _places(part, (*path, step))


def _faults(one: Object, path: Path, value: Any) -> Iterator[tuple[str, Object]]:
    for fault, wrong in _wrong(value):
        yield fault, _with(one, path, wrong)
    if isinstance(path[-1], str):
        yield "missing", _with(one, path, ...)
        yield "misspelt", _with(_with(one, path, ...), (*path[:-1], f"{path[-1]}x"), value)
    else:
        yield "twice", _twice(one, path)


def _wrong(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield other values than a field takes, each with a name for the fault."""
    if isinstance(value, bool):
        yield "text for a truth", "yes"
    elif isinstance(value, (int, float)):
        yield "text for a number", "many"
        yield from ((f"{wrong} for a number", wrong) for wrong in NUMBERS)
    elif isinstance(value, str):
        yield "a map for a text", {"a": "b"}
        yield "a number for a text", 5
        yield from ((f"{wrong[:12]!r} for a text", wrong) for wrong in TEXTS)
    elif isinstance(value, dict):
        yield "a text for a map", "text"
        yield "an unknown field", {**value, "unknownField": "a"}
    elif isinstance(value, list):
        yield "a text for a list", "text"
        yield "a map for a list", {"a": "b"}
        yield "an empty list", []


def _with(one: Object, path: Path, value: Any) -> Object:
    """Return a copy with another value at the path; without the field for an ellipsis."""
    found = copy.deepcopy(one)
    holder: Any = found
    for step in path[:-1]:
        holder = holder[step]
    if value is ...:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return found


def _twice(one: Object, path: Path) -> Object:
    found = copy.deepcopy(one)
    holder: Any = found
    for step in path[:-1]:
        holder = holder[step]
    holder.append(copy.deepcopy(holder[path[-1]]))
    return found
