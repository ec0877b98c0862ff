"""Experiments, several at once: what no value follows from is learnt in one run, and not in one for each.

Of a batch that changes something, or that is refused, each half is tried by itself, down to the single experiments,
whose answers alone count. Two of a batch that cancel each other out would both be missed; a test compares the answers
with those of single experiments.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

from krm_functions_sdk import Resource, ResourceList
from krm_functions_sdk.document import field_path
from krm_functions_sdk.document.field_path import FieldPath, Match

from krm_inference.commands.explain.reads import Read
from krm_inference.commands.explain.trial import Changed, Key, Outcome, Snapshot, Trace, Trial
from krm_inference.domain import intent
from krm_inference.domain.service import is_llm_service

Place = tuple[Key, str]  # of one value: its object, and its path there
Tell = Callable[[int, int], None]
SAME, OTHER, REFUSED = "same", "other", "refused"
Causes = dict[Place, dict[tuple[str, str], "Cause"]]


class Cause(NamedTuple):
    """A field of an intent, or a column of a table's row, that a value follows from."""

    source: str  # the name of the LLMService, or of the table and its row
    path: str
    value: Any
    is_default: bool = False


class Experiment(NamedTuple):
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
        with _in_place(*self.row):
            yield


class _Search:
    """The search for causes among experiments."""

    def __init__(self, trial: Trial, base: Trace, left: list[Snapshot], setters: dict[Place, int]) -> None:
        self._trial, self._base, self._left, self._setters = trial, base, left, setters
        self._services = [item for item in base.read if is_llm_service(item)]
        self._sound: dict[int, bool] = {}  # by id() of an experiment
        self.causes: Causes = {place: {} for place in setters}

    def reaches(self, one: Experiment) -> bool:
        """Say whether a value that is asked for can follow from an experiment, and is not known to."""
        return self._last(one) >= 0

    def try_(self, batch: list[Experiment]) -> None:
        """Find the causes in a batch."""
        batch = [one for one in batch if self.reaches(one)]
        if len(batch) == 1:
            (one,) = batch
            with one.varied():
                outcome = self._trial.vary(one.changed, (one.read,), self._last(one))
            for place in _differences(self._trial, self._left, outcome, self._open(one)):
                self.causes[place][one.cause.source, one.cause.path] = one.cause
        elif batch and (found := self._looked_at(batch)) is not SAME:
            left = [one for one in batch if self._is_sound(one)] if found is REFUSED else batch
            if len(left) < len(batch):
                self.try_(left)
                return
            middle = len(batch) // 2
            self.try_(batch[:middle])
            self.try_(batch[middle:])

    def _looked_at(self, batch: list[Experiment]) -> str:
        """Say what all of a batch together does: SAME where no value is another, OTHER, or REFUSED."""
        changed = together(batch)
        if changed is None:
            return OTHER
        last = max(self._last(one) for one in batch)
        with ExitStack() as stack:
            for row in rows_together(batch):
                stack.enter_context(_in_place(*row))
            outcome = self._trial.vary(changed, tuple(one.read for one in batch), last)
        if outcome.failed is not None:
            return REFUSED
        places = {place: step for one in batch for place, step in self._open(one).items()}
        return OTHER if any(True for _ in _differences(self._trial, self._left, outcome, places)) else SAME

    def _is_sound(self, one: Experiment) -> bool:
        """Say whether the intents can be read with an experiment; no function goes on where they cannot."""
        if id(one) not in self._sound:
            values = [one.changed.get(item.identity) for item in self._services]
            with one.varied():
                resources = ResourceList(
                    [
                        item.copy() if value is None else Resource.new(value, path=item.path, index=item.index)
                        for item, value in zip(self._services, values, strict=True)
                    ]
                )
                try:
                    intent.read(resources)
                    is_read = not resources.results.failed
                except Exception:  # noqa: BLE001  # a row that no sum can be done with ends a function as well
                    is_read = False
            self._sound[id(one)] = is_read
        return self._sound[id(one)]

    def _open(self, one: Experiment) -> dict[Place, int]:
        name = (one.cause.source, one.cause.path)
        return {place: step for place, step in self._setters.items() if name not in self.causes[place]}

    def _last(self, one: Experiment) -> int:
        """Return the last step that has to run, -1 for none."""
        steps = self._base.steps
        first = next((at for at, step in enumerate(steps) if step.may_read((one.read,))), len(steps))
        return max((step for step in self._open(one).values() if step >= first), default=-1)


def search(
    trial: Trial,
    base: Trace,
    left: list[Snapshot],
    setters: dict[Place, int],
    experiments: list[Experiment],
    causes: Causes,
    tell: Tell,
) -> None:
    """Note in `causes` which experiments change the values of `setters`, in the order of the experiments."""
    found = _Search(trial, base, left, setters)
    done = 0
    for batch in _batches(experiments):
        tell(done, len(experiments))
        found.try_(batch)
        done += len(batch)
    order = list(dict.fromkeys((one.cause.source, one.cause.path) for one in experiments))
    for place, known in found.causes.items():
        causes[place] = {name: known[name] for name in order if name in known}


def _batches(experiments: list[Experiment]) -> Iterator[list[Experiment]]:
    """Yield batches of experiments that can be made at once: of one source, each place once, no list with its items."""
    batches: dict[tuple[str, int], list[Experiment]] = defaultdict(list)
    seen: dict[Read, int] = defaultdict(int)
    for one in experiments:
        is_alone = one.row is None and (isinstance(one.cause.value, list) or one.read[1][0] == "metadata")
        if is_alone or (one.read[1] and one.read[1][-1] == "name"):
            yield [one]
            continue
        # Two of one field, or of one column of a row, cannot be made at once.
        place = (one.cause.source, one.read[1][:1] if one.row is not None else field_path.parse(one.cause.path))
        source = one.cause.source if one.row is None else ""
        batches[source, seen[place]].append(one)
        seen[place] += 1
    yield from batches.values()


def together(batch: list[Experiment]) -> Changed | None:
    """Return the intents with the changes of all experiments, None where they cannot be made at once."""
    changed: dict[Key, Any] = {}
    columns = [(id(one.row[0]), one.row[1], one.read[1][:1]) for one in batch if one.row is not None]
    if len({*columns}) < len(columns):
        return None  # each puts another value into one column
    for one in batch:
        for key, other in one.changed.items():
            value = changed.setdefault(key, copy.deepcopy(other))
            if value is not other and not _put(value, other, one.read[1]):
                return None
    return changed


def rows_together(batch: list[Experiment]) -> list[tuple[dict[str, Any], str, Any]]:
    """Return each row of a table with the columns of all experiments."""
    found: dict[tuple[int, str], tuple[dict[str, Any], str, Any]] = {}
    for one in batch:
        if one.row is not None:
            rows, name, other = one.row
            *_, row = found.get((id(rows), name), (rows, name, rows[name]))
            column = str(one.read[1][0])
            found[id(rows), name] = (rows, name, row._replace(**{column: getattr(other, column)}))
    return [*found.values()]


@contextmanager
def _in_place(rows: dict[str, Any], name: str, other: Any) -> Iterator[None]:
    """Have another row in a table."""
    before = rows[name]
    rows[name] = other
    try:
        yield
    finally:
        rows[name] = before


def _put(value: Any, other: Any, path: FieldPath) -> bool:
    """Give `value` what `other` has at a path; return whether both have it."""
    for number, step in enumerate(path):
        here, there = _step(value, step), _step(other, step)
        if here is None or there is None:
            return False
        if number == len(path) - 1:
            value[here] = other[there]
            return True
        value, other = value[here], other[there]
    return False


def _step(value: Any, step: Any) -> Any:
    """Return the key or the position that a step means in a value, None where it has none."""
    if isinstance(step, Match):
        key, wanted = step
        names = [item.get(key) if isinstance(item, dict) else None for item in value]
        return names.index(wanted) if wanted in names else None
    if isinstance(value, dict):
        return step if step in value else None
    return step if isinstance(value, list) and isinstance(step, int) and step < len(value) else None


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
