"""What differs between the run without changes and one with a change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from krm_inference.commands.explain.experiments import Key
from krm_inference.commands.explain.trace import Outcome, Snapshot
from krm_inference.commands.explain.trial import Trial

Place = tuple[Key, str]  # of one value: its object, and its path there


def differences(trial: Trial, left: list[Snapshot], outcome: Outcome, places: Mapping[Place, int]) -> Iterator[Place]:
    """Yield those of the places whose values are others, or are gone, after the step that sets them; `left` by all."""
    renamed: dict[int, dict[Key, Key]] = {}
    for (key, path), number in places.items():
        if number not in outcome.steps or (outcome.failed is not None and number >= outcome.failed):
            continue
        after = outcome.steps[number]
        if number not in renamed:
            renamed[number] = _renamed([*left[number]], [*after])
        other = after.get(renamed[number].get(key, key))
        if other is None or trial.leaf(other, path) != left[number][key][path]:
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
