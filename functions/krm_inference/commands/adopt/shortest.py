"""The shortest intents that render what people have: what adds nothing goes, and what adds something is tried.

An intent is better the more lines it renders as they are, and of those with as many, the fewer it adds. So it is
learnt from renders alone, and no list says which field shows where.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from krm_functions_sdk import Resource
from krm_functions_sdk.document import field_path
from krm_functions_sdk.document.field_path import Flag, Match

from krm_inference.commands.adopt import drain_facts, optional
from krm_inference.commands.adopt.facts import Draft, Try
from krm_inference.commands.adopt.optional import Path
from krm_inference.commands.adopt.pairing import values
from krm_inference.commands.adopt.trial import Trial

Pairs = list[tuple[Resource | None, Resource]]
Pair = Callable[[list[Resource]], Pairs]
Score = tuple[int, int]


class Impossible(Exception):
    """No intent renders: the lines of what the functions say."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def shortest(trial: Trial, drafts: list[Draft], pair: Pair, there: int) -> tuple[list[dict[str, Any]], Pairs]:
    """Return the intents, in the order of the drafts, and what they render beside what it takes the place of.

    `there` is the number of lines that people have. Raises Impossible.
    """
    search = _Search(trial, pair, [optional.trimmed(draft.intent) for draft in drafts])
    search.begin()
    search.drop()
    had = search.intents
    for number, draft in enumerate(drafts):
        if search.same < there:  # else there is no line that more could render
            search.add(number, draft.tries)
            search.drain(number, draft.server.pod.grace)
    if search.intents is not had:
        search.drop()
    return search.intents, search.pairs


class _Search:
    """Intents on their way to the shortest ones, with the score of what they render."""

    def __init__(self, trial: Trial, pair: Pair, intents: list[dict[str, Any]]) -> None:
        self._trial, self._pair = trial, pair
        self.intents = intents
        self.pairs: Pairs = []
        self._score: Score = (-1, 0)

    @property
    def same(self) -> int:
        """How many lines are rendered as they are."""
        return self._score[0]

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
        for number, value in enumerate(self.intents):
            if len(self.intents) > 1 and value["metadata"]["name"] != name:
                continue
            steps = [*field_path.parse(field)] if field.startswith("spec.") else []
            path = _positions(value["spec"], steps[1:])
            while path:
                if not optional.is_required(path) and _has(value["spec"], path):
                    self.intents[number] = optional.without(value, path)
                    return True
                path = path[:-1]
        return False

    def drop(self) -> None:
        """Drop each field without which as much is rendered as it is; the outermost first.

        What was kept before the last one went is looked at once more: it may have been there for that.
        """
        for number in range(len(self.intents)):
            again = self._dropped(number, set())
            self._dropped(number, again)

    def _dropped(self, number: int, kept: set[Path]) -> set[Path]:
        """Drop what can go, but for what is `kept`; return what was found to be kept after the last one went."""
        since: set[Path] = set()
        went = False
        while True:
            spec = self.intents[number]["spec"]
            path = next((one for one in optional.removable(spec) if one not in kept), None)
            if path is None:
                return since if went else kept
            gone = optional.removed(spec, path)
            if gone in kept or not self._takes(number, optional.without(self.intents[number], path), 0):
                kept.add(path)
                since.add(path)
                continue
            went = True
            above = {gone[:length] for length in range(len(gone))}  # may be there for nothing now
            kept = {_shifted(one, gone) for one in kept if one not in above}
            since = set()

    def add(self, number: int, tries: list[Try]) -> None:
        """Add each value with which more is rendered as it is."""
        for each in tries:
            if each.line and self._is_rendered(number, each.line):
                continue
            other = copy.deepcopy(self.intents[number])
            _put(other["spec"], each.path, each.value)
            self._takes(number, other, 1)

    def drain(self, number: int, grace: int) -> None:
        """Leave as much time to drain as there is, where that is more than is needed."""
        intent = self.intents[number]
        if self._is_rendered(number, "spec.template.spec.terminationGracePeriodSeconds"):
            return
        factor = drain_facts.factor(intent, grace)
        if factor is not None:
            self.add(number, [Try(("drain", "safetyFactor"), factor)])

    def _is_rendered(self, number: int, line: str) -> bool:
        """Say whether all lines of a server whose path begins so are rendered as they are."""
        name = self.intents[number]["metadata"]["name"]
        for old, new in self.pairs:
            if old is not None and new.kind == "Deployment" and new.name == name:
                now = values(new)
                return all(now.get(path) == value for path, value in values(old).items() if path.startswith(line))
        return False

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


def _shifted(path: Path, gone: Path) -> Path:
    """Return the path of a field after another one went: items behind one that went move up."""
    *above, last = gone
    place = len(above)
    behind = path[place] if len(path) > place and path[:place] == tuple(above) else None
    if isinstance(last, int) and isinstance(behind, int) and behind > last:
        return (*path[:place], behind - 1, *path[place + 1 :])
    return path


def score(pairs: Pairs) -> Score:
    """Return how many lines are rendered as they are, and, less than 0, how many are rendered that are not there."""
    same = more = 0
    for old, new in pairs:
        now = values(new)
        was = values(old) if old is not None else {}
        same += sum(was.get(path) == value for path, value in now.items())
        more += sum(path not in was for path in now)
    return same, -more


def _has(value: Any, path: Path) -> bool:
    for step in path:
        is_there = step in value if isinstance(value, dict) else isinstance(value, list) and step in range(len(value))
        if not is_there:
            return False
        value = value[step]
    return True


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
