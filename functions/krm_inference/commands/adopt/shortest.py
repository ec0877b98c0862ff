"""The shortest intents that render what people have: what adds nothing goes, and what adds something is tried.

An intent is better the more lines it renders as they are, and of those with as many, the fewer it adds. So it is
learnt from renders alone, and no list says which field shows where.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

from krm_functions_sdk import Resource
from krm_functions_sdk.document import field_path
from krm_functions_sdk.document.field_path import Flag, Match

from krm_inference.commands.adopt.facts import Draft, Try
from krm_inference.commands.adopt.pairing import values
from krm_inference.commands.adopt.trial import Trial

Pairs = list[tuple[Resource | None, Resource]]
Pair = Callable[[list[Resource]], Pairs]
Path = tuple[str | int, ...]
Score = tuple[int, int]
# What an LLMService cannot be without.
_NEEDED: frozenset[Path] = frozenset(
    (("release",), ("model",), ("model", "id"), ("accelerator",), ("accelerator", "type"), ("gateway",),
     ("gateway", "name"))
)  # fmt: skip


class Impossible(Exception):
    """No intent renders: the lines of what the functions say."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def shortest(trial: Trial, drafts: list[Draft], pair: Pair) -> tuple[list[dict[str, Any]], Pairs]:
    """Return the intents, in the order of the drafts, and what they render beside what it takes the place of.

    Raises Impossible.
    """
    search = _Search(trial, pair, [copy.deepcopy(draft.intent) for draft in drafts])
    search.begin()
    for number in range(len(drafts)):
        search.drop(number)
    for number, draft in enumerate(drafts):
        search.add(number, draft.tries)
    for number in range(len(drafts)):
        search.drop(number)
    return search.intents, search.pairs


class _Search:
    """Intents on their way to the shortest ones, with the score of what they render."""

    def __init__(self, trial: Trial, pair: Pair, intents: list[dict[str, Any]]) -> None:
        self._trial, self._pair = trial, pair
        self.intents = intents
        self.pairs: Pairs = []
        self._score: Score = (-1, 0)

    def begin(self) -> None:
        """Take out what the functions refuse, field by field, until the intents render. Raises Impossible."""
        while True:
            made, results = self._trial.render(self.intents)
            if not results.failed:
                self.pairs = self._pair(made)
                self._score = score(self.pairs)
                return
            errors = [result for result in results if result.severity == "error"]
            if not self._take(errors[0].field or "", errors[0].reference.get("name", "")):
                for error in errors:
                    error.file = None
                raise Impossible([str(error) for error in errors])

    def _take(self, field: str, name: str) -> bool:
        """Take the field of which a function speaks out of the intent of a name, or the one that it stands in."""
        for value in self.intents:
            if len(self.intents) > 1 and value["metadata"]["name"] != name:
                continue
            steps = [*field_path.parse(field)] if field.startswith("spec.") else []
            path = _positions(value["spec"], steps[1:])
            while path:
                if path not in _NEEDED and _has(value["spec"], path):
                    _remove(value["spec"], path)
                    return True
                path = path[:-1]
        return False

    def drop(self, number: int) -> None:
        """Drop each field without which as much is rendered as it is; the outermost first."""
        kept: set[Path] = set()
        while (
            path := next((one for one in removable(self.intents[number]["spec"]) if one not in kept), None)
        ) is not None:
            if not self._takes(number, without(self.intents[number], path), 0):
                kept.add(path)
            else:
                kept = {one for one in kept if not any(isinstance(step, int) for step in one)}

    def add(self, number: int, tries: list[Try]) -> None:
        """Add each value with which more is rendered as it is."""
        for path, value in tries:
            other = copy.deepcopy(self.intents[number])
            _put(other["spec"], path, value)
            self._takes(number, other, 1)

    def _takes(self, number: int, other: dict[str, Any], least: int) -> bool:
        """Take another intent in the place of one where it is better, or as good where `least` is 0."""
        intents = [*self.intents[:number], other, *self.intents[number + 1 :]]
        made, results = self._trial.render(intents)
        if results.failed:
            return False
        pairs = self._pair(made)
        found = score(pairs)
        if found < self._score or (least and found[0] <= self._score[0]):
            return False
        self.intents, self.pairs, self._score = intents, pairs, found
        return True


def score(pairs: Pairs) -> Score:
    """Return how many lines are rendered as they are, and, less than 0, how many are rendered that are not there."""
    same = more = 0
    for old, new in pairs:
        now = values(new)
        was = values(old) if old is not None else {}
        same += sum(was.get(path) == value for path, value in now.items())
        more += sum(path not in was for path in now)
    return same, -more


def without(intent: dict[str, Any], path: Path) -> dict[str, Any]:
    """Return an intent without the field at a path of its spec."""
    other = copy.deepcopy(intent)
    _remove(other["spec"], path)
    return other


def removable(value: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the path of each field of a spec that can be dropped, the outermost first, and items from the end."""
    steps: list[Any] = []
    if isinstance(value, dict):
        steps = list(value)
    elif isinstance(value, list):
        steps = list(range(len(value)))[::-1]
    for step in steps:
        if (*path, step) not in _NEEDED:
            yield (*path, step)
        yield from removable(value[step], (*path, step))


def _has(value: Any, path: Path) -> bool:
    for step in path:
        is_there = step in value if isinstance(value, dict) else isinstance(value, list) and step in range(len(value))
        if not is_there:
            return False
        value = value[step]
    return True


def _remove(value: Any, path: Path) -> None:
    """Remove what stands at a path, and the maps and lists above that are empty then."""
    above = value
    for step in path[:-1]:
        above = above[step]
    del above[path[-1]]
    if not above and len(path) > 1 and path[:-1] != ("gateway", "tls"):
        _remove(value, path[:-1])


def _put(value: dict[str, Any], path: tuple[str, ...], new: Any) -> None:
    *above, last = path
    for position, step in enumerate(above):
        following = path[position + 1]
        value = value.setdefault(step, [] if following == "-" else {})
    if last == "-":
        value.append(new)  # type: ignore[attr-defined]  # the list that was made for it
    else:
        value[last] = new


def _positions(spec: Any, steps: list[Any]) -> Path:
    """Return a path with positions where it names items by a key, as far as it leads."""
    path: list[str | int] = []
    value = spec
    for step in steps:
        if isinstance(step, Match) and isinstance(value, list):
            name, wanted = step
            found = [at for at, item in enumerate(value) if isinstance(item, dict) and item.get(name) == wanted]
        elif isinstance(step, Flag) and isinstance(value, list):
            found = [at for at, item in enumerate(value) if str(item).partition("=")[0] == step[0]]
        else:
            found = [step] if isinstance(step, str | int) else []  # type: ignore[list-item]  # a key, not a position
        if not found:
            break
        path.append(found[0])
        is_there = _has(value, (found[0],))
        value = value[found[0]] if is_there else None
    return tuple(path)
