"""Which of the values that an overlay says the pipeline has written otherwise, value by value."""

from __future__ import annotations

import re
from typing import NamedTuple

from krm_functions_sdk.document import emitter, field_path
from krm_functions_sdk.document.wanted import MISSING
from krm_functions_sdk.kpt.causes import Steps, replaced
from krm_functions_sdk.kpt.comparison import is_same
from krm_functions_sdk.resources.leaves import leaves
from krm_functions_sdk.resources.resource import Resource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

# An item that a list knows by its position, or a part of a command line: the same text elsewhere has only moved.
_MOVES = re.compile(r"\[\d+\]$|\.(?:args|command)\[[^\]]*\]$")
# An item without a name of its own, and the list that it is in: the list is told as a whole.
_UNNAMED = re.compile(r"(.*?)\[\d+\]\.")
_SECRET = re.compile(r"\.env(?:\[|$)")
_LONGEST = 100  # characters of a value that are told


class Correction(NamedTuple):
    """A field that is another one than the overlay says; MISSING for no value."""

    field: str
    said: Any
    written: Any

    def told(self) -> str:
        """Return what a user hears of it; values of variables may be secrets, and are not told."""
        is_secret = bool(_SECRET.search(self.field))
        said = _told(self.said, "says", is_secret=is_secret)
        return f"the overlay {said}, and the pipeline {_told(self.written, 'writes', is_secret=is_secret)}"


def find(steps: Steps, before: Any, said: Any, written: Any) -> Iterator[Correction]:
    """Yield what the pipeline wrote otherwise at a path: the value before the overlay, its own, and the final one.

    A list is compared by its items: what else follows into it, as from the intent, corrects nothing.
    """
    if not any(isinstance(one, list) for one in (before, said)):
        yield Correction(field_path.show(steps), said, written)
        return
    wholes = [{} if one is MISSING else replaced({}, steps, one) for one in (before, said, written)]
    was, own, now = map(leaves, wholes)
    told: set[str] = set()
    for path in {**own, **was}:
        old, new, made = (one.get(path, MISSING) for one in (was, own, now))
        if is_same(old, new) or is_same(new, made):
            continue
        if _MOVES.search(path) and (old if new is MISSING else new) in (own if new is MISSING else was).values():
            continue
        if match := _UNNAMED.match(path):
            if match[1] not in told:
                told.add(match[1])
                yield Correction(match[1], *(Resource.new(one).get(match[1], MISSING) for one in wholes[1:]))
        elif not any(path.startswith(f"{one}[") for one in told):
            yield Correction(path, new, made)


def _told(value: Any, verb: str, *, is_secret: bool) -> str:
    if value is MISSING:
        return "removes it"
    if is_secret:
        return f"{verb} a value"
    text = emitter.flow(value) if isinstance(value, dict | list) else str(value)
    return f"{verb} {text if len(text) <= _LONGEST else f'{text[: _LONGEST - 1]}…'}"
