"""The search for what values follow from: many variations tried at once, and only those that change something alone.

First each function that sets a value runs alone, over what it got without changes. Then all functions run with what
changed nothing so far, for what reaches a value only through what an earlier function leaves. A group that changes
nothing is ruled out, of any other the halves are tried. What belongs to different services is tried side by side: what
changes of the objects of one is taken to follow from its own fields until all runs, with the others' fields varied,
have shown that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import partial

from krm_functions_sdk.document.field_path import FieldPath

from krm_inference.commands.explain.blocks import Blocks, Group, firsts
from krm_inference.commands.explain.differences import Place, differences
from krm_inference.commands.explain.experiments import SHARED, About, Variation, together
from krm_inference.commands.explain.trace import Snapshot
from krm_inference.commands.explain.trial import Trial
from krm_inference.domain.remains import maker

Tell = Callable[[int, int], None]


class Sieve:
    """One search: `left` is what each step left without changes, `setters` the step that sets each place."""

    def __init__(
        self,
        trial: Trial,
        left: list[Snapshot],
        setters: dict[Place, int],
        variations: list[Variation],
        tell: Tell = lambda _done, _all: None,
    ) -> None:
        self.trial, self.left, self.setters, self.variations, self.tell = trial, left, setters, variations, tell
        self.found: dict[Place, set[About]] = {place: set() for place in setters}
        self._are_sound: dict[int, bool] = {}
        self._settled: set[int] = set()  # what needs no other run
        self._beside: dict[tuple[Place, int], set[int]] = defaultdict(set)  # what was tried together with a cause
        self._first = [trial.base.first(item.read) for item in variations]
        self._lanes = self._lanes_of_places()
        self._steps = sorted(set(setters.values()))
        self._done, self._all = 0, 0
        by_about: dict[About, list[int]] = defaultdict(list)
        for number, item in enumerate(variations):
            by_about[item.about].append(number)
        # With which others a variation is ruled out where all functions run: what is another amount does as much there.
        self._kin = [(n,) if item.is_switch else tuple(by_about[item.about]) for n, item in enumerate(variations)]

    def causes(self) -> dict[Place, set[About]]:
        """Return what each place follows from."""
        last = max(self._steps, default=-1)
        tried = [number for number, first in enumerate(self._first) if first <= last]
        self._all = len(tried) * (len(self._steps) + 1)
        for number in tried:
            if self.variations[number].is_name:
                self._alone(number)
            elif self.variations[number].is_switch:
                self._is_sound(number)
        for step in self._steps:
            self._one_step(step, [number for number in tried if number not in self._settled])
        self._all_steps([number for number in tried if number not in self._settled])
        self.tell(self._all - 1, self._all)
        return self.found

    def _is_sound(self, number: int) -> bool:
        """Say whether a variation is not refused when it is tried alone, as it may be where another one excuses it."""
        if number not in self._are_sound:
            self._are_sound[number] = not self.trial.faults(together([self.variations[number]]))
            if not self._are_sound[number]:
                self._settled.add(number)
        return self._are_sound[number]

    def _lanes_of_places(self) -> dict[Place, str]:
        """Guess whose each place is: it only says what to try first."""
        services = {item.read[0]: item.read[0].rpartition("/")[2] for item in self.variations if item.service}
        names = sorted(services.items(), key=lambda item: -len(item[1]))
        left = self.trial.base.steps[-1].items if self.trial.base.steps else []
        marks = {item.identity: maker(item)[1] for item in left}
        lanes = {}
        for key in {key for key, _ in self.setters}:
            mark = marks.get(key, "")
            found = [source for source, name in names if name == mark]
            found += [source for source, name in names if key[3].startswith(name)]
            lanes[key] = next(iter(found), names[0][0] if names else SHARED)
        return {place: lanes[place[0]] for place in self.setters}

    def _alone(self, number: int, places: Iterable[Place] | None = None) -> None:
        """Try one variation through all functions: what changes follows from it, and nothing else does."""
        item = self.variations[number]
        asked = {place: self.setters[place] for place in (self.setters if places is None else places)}
        last = max((step for step in asked.values() if step >= self._first[number]), default=-1)
        if last < 0:
            return
        outcome = self.trial.vary(together([item]), last)
        for place in differences(self.trial, self.left, outcome, asked):
            self.found[place].add(item.about)
        if places is None:
            self._settled.add(number)

    def _is_open(self, number: int, places: Iterable[Place]) -> bool:
        """Say whether it is not known of one of the places that it follows from a field."""
        about = self.variations[number].about
        return number not in self._settled and any(about not in self.found[place] for place in places)

    # One function

    def _one_step(self, step: int, tried: list[int]) -> None:
        base = self.trial.base.steps[step]
        by_lane: dict[str, list[Place]] = defaultdict(list)
        for place, number in self.setters.items():
            if number == step:
                by_lane[self._lanes[place]].append(place)
        everything = [place for places in by_lane.values() for place in places]
        lanes: dict[str, Blocks] = {}
        own = {**by_lane, SHARED: everything}
        for position, (lane, places) in enumerate(own.items()):
            numbers = [n for n in tried if self.variations[n].lane == lane and base.may_read(self.variations[n].read)]
            if position % 2:  # so that few fields of two services meet
                numbers.reverse()
            values = {str(self.left[step][key][path]) for key, path in places}
            likely = self._likely(places)
            is_open = partial(self._is_open, places=places)
            lanes[lane] = Blocks(self.variations, numbers, values, likely, is_open)
        shared = lanes.pop(SHARED)
        while group := shared.next():
            self._try(step, {SHARED: (shared, group)}, own)
        while True:
            beside = self._side_by_side(lanes)
            if not beside:
                break
            self._try(step, beside, own)
        self._done += len(tried)
        self._retry(step)

    def _side_by_side(self, lanes: dict[str, Blocks]) -> dict[str, tuple[Blocks, Group]]:
        """Take a group of each lane, but none that varies the same field of two services: they may share an object."""
        beside: dict[str, tuple[Blocks, Group]] = {}
        taken: set[FieldPath] = set()
        for lane, blocks in lanes.items():
            group = blocks.next()
            paths = {self.variations[number].path for number in group if self.variations[number].service}
            if paths & taken:
                blocks.again(group)
            elif group:
                beside[lane] = blocks, group
                taken |= paths
        return beside

    def _likely(self, places: list[Place]) -> set[About]:
        """Return what those of other objects that are called the same are known to follow from."""
        paths = {path for _, path in places}
        return {about for (_, path), found in self.found.items() if path in paths for about in found}

    def _try(self, step: int, beside: dict[str, tuple[Blocks, Group]], own: dict[str, list[Place]]) -> None:
        """Try a group of each lane at once, and sort what each changes of its own places."""
        self.tell(min(self._done + sum(blocks.done for blocks, _ in beside.values()), self._all - 2), self._all)
        numbers = [number for _, group in beside.values() for number in group]
        change = together(self.variations[number] for number in numbers)
        outcome = self.trial.alone(change, step, are_sound=True)
        if outcome.failed is not None:
            self._broken(step, beside, own)
            return
        places = {place: step for lane in beside for place in own[lane]}
        changed = set(differences(self.trial, self.left, outcome, places))
        for lane, (blocks, group) in beside.items():
            hit = [place for place in own[lane] if place in changed]
            if len(group) > 1 and hit:
                blocks.split(*_halves(group))
                continue
            blocks.learn(group, bool(hit))
            if hit and not self._is_sound(group[0]):
                continue
            for place in hit:
                self.found[place].add(self.variations[group[0]].about)
                self._beside[place, group[0]] |= {number for number in numbers if number != group[0]}

    def _broken(self, step: int, beside: dict[str, tuple[Blocks, Group]], own: dict[str, list[Place]]) -> None:
        """Find out which of the groups breaks the function."""
        if len(beside) > 1:
            for lane, found in beside.items():
                self._try(step, {lane: found}, own)
            return
        for blocks, group in beside.values():
            if len(group) > 1:
                blocks.split(*_halves(group))
            else:
                self._alone(group[0])

    def _retry(self, step: int) -> None:
        """Try alone what changed a place together with something else that does."""
        for (place, number), others in list(self._beside.items()):
            known = self.found[place]
            if self.setters[place] == step and any(self.variations[other].about in known for other in others):
                self._again(place, number)

    def _again(self, place: Place, number: int) -> None:
        del self._beside[place, number]
        self.found[place].discard(self.variations[number].about)
        for other, item in enumerate(self.variations):
            if item.about == self.variations[number].about and self._are_sound.get(other, True):
                self._alone(other, [place])

    # All functions

    def _all_steps(self, tried: list[int]) -> None:
        """Try what was not tried yet: what reaches a place through an earlier function, or from another service."""
        suspects = {place: self._suspects(place, step, tried) for place, step in self.setters.items()}
        while any(suspects.values()):
            classes: dict[int, list[Place]] = defaultdict(list)
            for place, mask in suspects.items():
                if mask:
                    classes[mask].append(place)
            mask, places = max(classes.items(), key=lambda item: (len(item[1]), item[0].bit_count()))
            self._sift(self._compatible(mask), set(places), suspects)

    def _suspects(self, place: Place, step: int, tried: list[int]) -> int:
        reads = self.trial.base.steps[step]
        lane, mask = self._lanes[place], 0
        for number in tried:
            item = self.variations[number]
            if item.about in self.found[place] or number in self._settled:
                continue
            is_foreign = item.lane not in (lane, SHARED) and reads.may_read(item.read)
            if self._first[number] < step or is_foreign:
                mask |= 1 << number
        return mask

    def _compatible(self, mask: int) -> Group:
        """Choose of a set what can be tried together: switches apart from what they may switch, one of each field."""
        numbers = [number for number in range(mask.bit_length()) if mask >> number & 1]
        plain = [number for number in numbers if not self.variations[number].is_switch]
        first = firsts(self.variations, plain)
        chosen: list[int] = []
        taken: dict[int, list[Variation]] = defaultdict(list)
        for number in [number for number in plain if number in first] or numbers:
            item = self.variations[number]
            if not any(item.meets(other) for other in taken[id(item.whole)]):
                taken[id(item.whole)].append(item)
                chosen.append(number)
        return tuple(chosen)

    def _sift(self, group: Group, places: set[Place], suspects: dict[Place, int]) -> None:
        """Try a group through all functions, and its halves for those of the places that it changes."""
        group = tuple(number for number in group if any(suspects[place] >> number & 1 for place in places))
        if not group:
            return
        mask = sum(1 << number for number in group)
        about = {place: self.setters[place] for place, others in suspects.items() if others & mask}
        change = together(self.variations[number] for number in group)
        outcome = self.trial.vary(change, max(about.values()), are_sound=len(group) > 1)
        changed = set(differences(self.trial, self.left, outcome, about))
        unknown = {place for place, step in about.items() if outcome.failed is not None and step >= outcome.failed}
        if len(group) == 1:
            kin = sum(1 << other for other in self._kin[group[0]])
            for place in about:
                suspects[place] &= ~(mask if place in unknown else kin)
            for place in changed:
                self._blame(place, group[0], suspects)
            return
        if outcome.failed is not None:
            broken = self._breaking(group, outcome.failed)
            self._sift(tuple(number for number in group if number not in broken), places, suspects)
            for number in broken:
                self._sift((number,), places, suspects)
            return
        all_of_them = sum(1 << other for other in {kin for number in group for kin in self._kin[number]})
        for place in about:
            if place not in changed:
                suspects[place] &= ~all_of_them
        left = places & changed
        for part in _halves(group):
            self._sift(part, left, suspects)

    def _breaking(self, group: Group, step: int) -> Group:
        """Return what of a group ends the render at a step."""
        change = together(self.variations[number] for number in group)
        if self.trial.vary(change, step, are_sound=True).failed is None:
            return ()
        if len(group) == 1:
            return group
        return tuple(number for half in _halves(group) for number in self._breaking(half, step)) or group

    def _blame(self, place: Place, number: int, suspects: dict[Place, int]) -> None:
        """Note a cause; whatever was found beside it has to be tried alone."""
        about = self.variations[number].about
        self.found[place].add(about)
        for other, item in enumerate(self.variations):
            if item.about == about:
                suspects[place] &= ~(1 << other)
        for (where, cause), others in list(self._beside.items()):
            if where == place and any(self.variations[other].about == about for other in others):
                self._again(place, cause)


def _halves(group: Group) -> tuple[Group, Group]:
    half = len(group) // 2
    return group[:half], group[half:]
