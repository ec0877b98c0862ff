"""Where each generated value comes from: the function that sets it, and what of the intent and the tables it follows.

It is found out by experiment: the package is rendered again and again with fields of the intent, or columns of a
table, varied, and whatever changes depends on them. So no list of reasons is kept beside the code that could tell
otherwise than the code does. What no function reads is not varied, and a function that does not read what is varied,
and gets what it got, is not run again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from krm_inference.commands.explain.differences import Place, differences
from krm_inference.commands.explain.experiments import About, Cause, Variation, together, variations
from krm_inference.commands.explain.sieve import Sieve, Tell
from krm_inference.commands.explain.trace import Snapshot, Trace, made
from krm_inference.commands.explain.trial import Trial


class Origin(NamedTuple):
    """What a function sets a value to, and all that it follows from."""

    function: str
    value: Any
    causes: tuple[Cause, ...]


def origins(
    trial: Trial,
    base: Trace,
    wanted: Callable[[Place], bool] = lambda _: True,
    tell: Tell = lambda _done, _all: None,
    *,
    one_by_one: bool = False,
) -> dict[Place, Origin]:
    """Return the origin of the values that the pipeline of a package makes; `base` is its run without changes.

    Of the values that are `wanted`, all without it. `tell` hears how many of how many variations are done. They are
    tried in groups, or `one_by_one`, as where packages nest.
    """
    left = [{item.identity: trial.values(item) for item in made(step.items)} for step in base.steps]
    setters = {place: number for place, number in _setters(base, left).items() if wanted(place)}
    tried = variations(base.read) if setters else []
    if one_by_one or not trial.is_alone:
        found = _one_by_one(trial, left, setters, tried, tell)
    else:
        found = Sieve(trial, left, setters, tried, tell).causes()
    return {
        (key, path): Origin(base.steps[number].function, left[number][key][path], _causes(tried, found[key, path]))
        for (key, path), number in setters.items()
    }


def _causes(tried: list[Variation], found: set[About]) -> tuple[Cause, ...]:
    """Return the causes in the order in which they are tried."""
    return tuple({item.about: item.cause for item in tried if item.about in found}.values())


def _one_by_one(
    trial: Trial, left: list[Snapshot], setters: dict[Place, int], tried: list[Variation], tell: Tell
) -> dict[Place, set[About]]:
    """Return what each place follows from, each variation tried alone through all functions."""
    found: dict[Place, set[About]] = {place: set() for place in setters}
    for number, item in enumerate(tried):
        tell(number, len(tried))
        open_ = {place: step for place, step in setters.items() if item.about not in found[place]}
        first = trial.base.first(item.read)
        last = max((step for step in open_.values() if step >= first), default=-1)
        if last >= 0:
            outcome = trial.vary(together([item]), last)
            for place in differences(trial, left, outcome, open_):
                found[place].add(item.about)
    return found


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
