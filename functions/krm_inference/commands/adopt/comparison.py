"""What became of each line that people had: rendered from the intent, kept as an edit, or changed."""

from __future__ import annotations

from typing import NamedTuple

from krm_inference.commands.adopt.adoption import Adoption, Became
from krm_inference.commands.adopt.pairing import values


class Line(NamedTuple):
    """One value that is another now; None where it is gone. `reason` stands on the line of the new one."""

    path: str
    was: str
    now: str | None
    reason: str = ""


class Lines(NamedTuple):
    """The lines of an object: how many there were and are rendered as they were, those kept, and those changed.

    `added` counts those that the functions add.
    """

    all: int
    rendered: int
    kept: list[str]
    changed: list[Line]
    added: int


def lines(one: Became) -> Lines:
    """Compare an object with what it became."""
    was, now = values(one.theirs.plain), values(one.now)
    made = values(one.made) if one.made is not None else {}
    kept, changed, rendered = [], [], 0
    for path, value in was.items():
        if made.get(path) == value:
            rendered += 1
        elif now.get(path) == value:
            kept.append(path)
        else:
            reason = one.now.comment(path) if path in now and " " not in path else ""
            changed.append(Line(path, value, now.get(path), reason))
    return Lines(len(was), rendered, kept, changed, sum(path not in was for path in now))


def share(found: Adoption) -> tuple[int, int]:
    """Return how many lines the intents render as they were, and how many there were."""
    all_ = [lines(one) for one in found.became]
    return sum(one.rendered for one in all_), sum(one.all for one in all_)
