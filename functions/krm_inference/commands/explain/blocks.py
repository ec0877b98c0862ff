"""In which groups the variations of one service are tried."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator

from krm_inference.commands.explain.experiments import About, Variation

Group = tuple[int, ...]  # numbers of variations

_MOST = 64
_FEW = 3  # characters of a text that stands in many others by chance


class Blocks:
    """What is still to be tried, likely causes and switches one by one, the rest in groups: larger while few change.

    `values` are those of the places that are asked for, as texts; `likely` is what other places that are called so
    follow from, as far as that is known. `is_open` says of a variation that it is needed.
    """

    def __init__(
        self,
        variations: list[Variation],
        numbers: list[int],
        values: set[str],
        likely: set[About],
        is_open: Callable[[int], bool],
    ) -> None:
        self._variations, self._is_open = variations, is_open
        self._stack: list[Group] = []
        alone, switches, numeric, texts, again = (deque[int]() for _ in range(5))
        text = "\n".join(values)
        is_number = not likely and any(_is_number(value) for value in values)
        first = firsts(variations, numbers)
        for number in numbers:
            item = variations[number]
            if item.is_row or item.about in likely or _is_near(item.cause.value, values, text):
                alone.append(number)
            elif item.is_switch:
                switches.append(number)
            elif isinstance(item.cause.value, str):
                texts.append(number)
            elif number in first:
                numeric.append(number)
            else:
                again.append(number)
        share = 1.0 if is_number else 0.02  # of a number many fields are a part, and one can hide another
        # A large step of one field can hide a small one of another, and one of the model that of a GPU: so what is left
        # takes its smallest step once more, with others of the same intent or row only.
        small = deque(
            {variations[number].about: number for number in sorted({*numeric, *again}, reverse=True)}.values()
        )
        shares = ((alone, 1.0), (switches, 0.1), (texts, 0.02), (numeric, share), (again, share), (small, 0.005))
        self._queues = [_Queue(numbers, known) for numbers, known in shares]
        self._queues[-1].is_of_one = True
        self._from: dict[int, _Queue] = {number: queue for queue in self._queues for number in queue.numbers}
        self.done = 0

    def next(self) -> Group:
        """Return what to try next, nothing where all is known."""
        while self._stack:
            if group := tuple(number for number in self._stack.pop() if self._is_open(number)):
                return group
        for queue in self._queues:
            if group := tuple(self._taken(queue)):
                return group
        return ()

    def _taken(self, queue: _Queue) -> Iterator[int]:
        """Yield what to try at once: of one part of an intent never two switches, of which one could hide the other."""
        sections, holders = set(), set[int]()
        size, count = queue.size, 0
        for number in [*queue.numbers]:
            item = self._variations[number]
            if count == size or (item.is_switch and item.section in sections):
                continue
            if queue.is_of_one and holders - {id(item.whole)}:
                continue
            queue.numbers.remove(number)
            if self._is_open(number):
                count += 1
                sections.add(item.section)
                holders.add(id(item.whole))
                yield number
            else:
                self.done += 1

    def again(self, group: Group) -> None:
        """Try a group later, with something else beside it."""
        self._stack.append(group)

    def split(self, *groups: Group) -> None:
        """Try groups, the first one first."""
        self._stack += [group for group in reversed(groups) if group]

    def learn(self, group: Group, changes: bool) -> None:
        """Note whether a group that is done changes something, so that the next ones are as large as is good."""
        queue = self._from[group[0]]
        queue.tried += len(group)
        queue.changed += changes
        self.done += len(group)


def firsts(variations: list[Variation], numbers: Iterable[int]) -> set[int]:
    """Return which variation of each field to try first: of one the larger, of the next one the smaller.

    Else what is a ratio of two fields would stay the same.
    """
    by_about: dict[About, list[int]] = {}
    for number in numbers:
        by_about.setdefault(variations[number].about, []).append(number)
    return {found[-(position % 2)] for position, found in enumerate(by_about.values(), 1)}


class _Queue:
    """Variations of one kind, and the share of them that changes something, as far as is known."""

    def __init__(self, numbers: deque[int], share: float) -> None:
        self.numbers = numbers
        self.tried, self.changed = 4.0, 4.0 * share
        self._is_single = share >= 1
        self.is_of_one = False  # of one intent or row at once

    @property
    def size(self) -> int:
        """How many to try at once: as likely as not, none of them changes anything."""
        return 1 if self._is_single else max(1, min(_MOST, round(0.7 * self.tried / max(self.changed, 0.01))))


def _is_number(value: str) -> bool:
    """Say whether a value is an amount, or a text of several lines, in which there may be one."""
    return "\n" in value or value.replace(".", "", 1).removesuffix("m").removesuffix("Gi").isdigit()


def _is_near(value: object, values: set[str], text: str) -> bool:
    said = str(value)
    return said in values or (len(said) >= _FEW and said in text)
