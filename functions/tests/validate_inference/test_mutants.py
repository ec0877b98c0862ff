"""Every coupled field of a rendered package, changed in every way that could break it, and what is said of it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest
import yaml
from krm_functions_sdk.document import field_path
from krm_inference.domain.facts.releases import RELEASES
from krm_inference.validate_inference.rules import RULES
from mutants import Finding, Json, Place, findings, mutated, objects, operators, places, shared

TABLE = yaml.safe_load((Path(__file__).parent / "mutants.yaml").read_text(encoding="utf-8"))
LABEL = re.compile(r"(?P<rule>[a-z][a-z0-9-]*)(?: at (?P<field>.+?))?(?: of (?P<on>[A-Za-z-]+/\S+))?")
HARMLESS = ("harmless, ", "unseen, ")
ITEMS = objects()


class Mutant(NamedTuple):
    """A change of one field, and what the table says of it."""

    on: str
    field: str
    operator: str
    label: str


def long(field: str) -> str:
    for short, text in TABLE["short"].items():
        field = re.sub(rf"\b{short}\b", text, field)
    return field


@cache
def labelled(release: str = "") -> dict[tuple[str, str], dict[str, str]]:
    """Return the labels of each field, by the change; "" stands for all changes that are derived."""
    found = _read(TABLE["labels"])
    for releases, labels in TABLE["other-releases"].items():
        for place, said in _read(labels).items() if release in releases.split(", ") else ():
            found[place] = said if "" in said else {**found.get(place, {}), **said}
    return found


def _read(labels: dict[str, dict[str, Any]]) -> dict[tuple[str, str], dict[str, str]]:
    found: dict[tuple[str, str], dict[str, str]] = {}
    for on, fields in labels.items():
        for field, said in fields.items():
            found[on, long(field)] = _by_change(said)
    return found


def _by_change(said: Any) -> dict[str, str]:
    return {
        change: label
        for changes, label in (said if isinstance(said, dict) else {"": said}).items()
        for change in ([changes] if changes.startswith("to ") else changes.split(", "))
    }


class Variant(NamedTuple):
    """Another intent: how its services differ from the first set's, and the labels of what that adds or changes.

    `like` names for an object the one of the first set whose labels it has too. `names` are those of a second service
    with the first one's in their place; what only such a name tells apart is judged already.
    """

    name: str
    releases: str
    services: tuple[Json, ...]
    labels: dict[str, dict[str, Any]]
    like: Mapping[str, str] = MappingProxyType({})
    names: Mapping[str, str] = MappingProxyType({})

    def of_first(self, text: str) -> str:
        for name, first in self.names.items():
            text = text.replace(name, first)
        return text

    def rows(self) -> list[tuple[re.Pattern[str], re.Pattern[str], dict[str, str]]]:
        return [
            (_pattern(on), _pattern(long(field)), _by_change(said))
            for on, fields in self.labels.items()
            for field, said in fields.items()
        ]

    def labels_of(self, place: Place) -> dict[str, str]:
        """Return the labels that the variant itself has for a place, of the rows that fit it the first."""
        fitting = (said for on, field, said in self.rows() if on.fullmatch(place.on) and field.fullmatch(place.field))
        return next(fitting, {})

    def inherited(self, place: Place, release: str) -> dict[str, str]:
        """Return the labels of the object that this one is like, as they read for this one."""
        other = self.like.get(place.on, "")
        (kind, _, name), (own, _, own_name) = other.partition("/"), place.on.partition("/")
        renamed = {first: on for on, first in self.like.items()} | {other: place.on, f"{kind}/None": f"{own}/None"}
        renamed |= {f"{kind}-x/{name}": f"{own}-x/{own_name}", f"None/{name}": f"None/{own_name}"}
        labels = labelled(release).get((other, place.field), {})
        ends = {change: label.rpartition(" of ") for change, label in labels.items()}
        return {
            change: f"{head} of {renamed[on]}" if on in renamed else labels[change]
            for change, (head, _, on) in ends.items()
        }


def variants() -> list[Variant]:
    return [Variant(**row | {"services": tuple(row["services"])}) for row in TABLE["variants"]]


def by_chance() -> list[tuple[re.Pattern[str], re.Pattern[str]]]:
    return [(_pattern(row["object"]), _pattern(long(row["field"]))) for row in TABLE["by-chance"]]


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(re.escape(text).replace(r"\*", ".*"))


def derived(items: list[Json]) -> list[Place]:
    """Return the scalars of the rendered objects whose value does not stand elsewhere by chance."""
    chance = by_chance()
    return [
        place
        for place in places(items)
        if not any(on.fullmatch(place.on) and field.fullmatch(place.field) for on, field in chance)
    ]


def mutants() -> Iterator[Mutant]:
    """Yield the mutants that the table labels."""
    changes = {(place.on, place.field): operators(place) for place in derived(ITEMS)}
    for (on, field), labels in labelled().items():
        for change, label in labels.items():
            for operator in [change] if change else changes[on, field]:
                yield Mutant(on, field, operator, label)


def place_of(mutant: Mutant) -> Place:
    field, _, inside = mutant.field.partition(" > ")
    return Place(mutant.on, field_path.parse(field), field_path.parse(inside) if inside else (), None)


@cache
def said_of(on: str, field: str, operator: str) -> tuple[Finding, ...]:
    return tuple(findings(mutated(ITEMS, place_of(Mutant(on, field, operator, "")), operator), once=True))


def tried(variant: Variant) -> list[str]:
    """Return the releases in which a variant is tried: near by the last one alone, far all that it has labels for."""
    return variant.releases.split(", ")[0 if os.environ.get("SEARCH") == "far" else -1 :]


MUTANTS = list(mutants())


def test_the_package_as_it_is_has_no_finding() -> None:
    assert findings(ITEMS) == []


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"{mutant.on} {mutant.field} {mutant.operator}"[:150])
def test_a_harmful_change_is_found_at_its_field_and_a_harmless_one_is_not(mutant: Mutant) -> None:
    assert mislabelled(mutant, said_of(*mutant[:3])) == ""


def mislabelled(mutant: Mutant, said: tuple[Finding, ...]) -> str:
    """Return what is said of a mutant, where it is not what the label means; else ""."""
    loud = [found for found in said if found.severity != "info"]
    shown = f"{mutant.on} {mutant.field}: {mutant.operator}: {mutant.label}; found {loud}"
    if mutant.label.startswith(HARMLESS):
        return shown if loud else ""
    meant = LABEL.fullmatch(mutant.label)
    assert meant, mutant.label
    renamed = mutant.field.startswith(("metadata.", "kind"))
    fitting = (
        found.rule == meant["rule"]
        and _pattern(long(meant["field"] or mutant.field)).fullmatch(found.field)
        and (found.on == (meant["on"] or mutant.on) or (meant["on"] is None and renamed))
        for found in loud
    )
    return "" if any(fitting) else shown


def test_every_coupled_field_has_a_label_for_every_change() -> None:
    """Coupled is what stands at two places, and what a rule reads: a change of it makes one speak."""
    known = labelled()
    at_two_places = shared(list(places(ITEMS)))
    lacking = [
        f"{place.on} {place.field}: {operator}"
        for place in derived(ITEMS)
        for operator in operators(place)
        if not {"", operator} & known.get((place.on, place.field), {}).keys()
        and (place in at_two_places or any(said_of(place.on, place.field, each) for each in operators(place)))
    ]
    assert lacking == []


@pytest.mark.parametrize("release", sorted(set(RELEASES) - {"gaie-v1.0"}))
def test_the_coupled_fields_of_another_release_are_labelled_and_found(release: str, far: bool) -> None:
    """Of what the first set has too, with the same labels, one field of five is tried, in a far search each."""
    items, known = objects(release), labelled(release)
    assert findings(items) == []
    at_two_places = shared(list(places(items)))
    first, wrong = set(places(ITEMS)), []
    for number, place in enumerate(derived(items)):
        at = (place.on, place.field)
        if not far and place in first and known.get(at) == labelled().get(at) and number % 5:
            continue
        said = {each: tuple(findings(mutated(items, place, each), once=True)) for each in operators(place)}
        labels = known.get((place.on, place.field), {})
        for operator, found in said.items():
            label = labels.get(operator, labels.get(""))
            if label is not None:
                wrong.append(mislabelled(Mutant(place.on, place.field, operator, label), found))
            elif place in at_two_places or any(said.values()):
                wrong.append(f"{place.on} {place.field}: {operator}: no label; found {list(found)}")
    assert [line for line in wrong if line] == []


@pytest.mark.parametrize(
    ("variant", "release"),
    [pytest.param(one, each, id=f"{one.name} {each}") for one in variants() for each in tried(one)],
)
def test_what_another_intent_adds_is_labelled_and_found(variant: Variant, release: str) -> None:
    """Judged is what the first set does not have, or has with another value, and what a row names.

    The change `other` gives a field of the first service the value that it has in the second one.
    """
    items = objects(release, variant.services)
    assert findings(items) == []
    first = {(place.on, place.field, str(place.value)) for place in places(objects(release))}
    at_two_places = shared(list(places(items)))
    twins = {
        (first_on, place.field): place.value
        for place in places(items)
        if (first_on := variant.of_first(place.on)) != place.on
    }
    wrong = []
    for place in derived(items):
        own = variant.labels_of(place)
        is_known = (variant.of_first(place.on), place.field, variant.of_first(str(place.value))) in first
        labels = own if is_known else {**variant.inherited(place, release), **own}
        changes = {each: each for each in own if each not in ("", "other")}
        changes |= {} if is_known else {each: each for each in operators(place)}
        if (twin := twins.get((place.on, place.field), place.value)) != place.value:
            changes["other"] = f"to {json.dumps(twin)}"
        said = {name: tuple(findings(mutated(items, place, change), once=True)) for name, change in changes.items()}
        for name, found in said.items():
            label = labels.get(name, labels.get("")) if name != "other" else own.get(name)
            if label is not None:
                wrong.append(mislabelled(Mutant(place.on, place.field, name, label), found))
            elif place in at_two_places or found:
                wrong.append(f"{place.on} {place.field}: {name}: no label; found {list(found)}")
    assert [line for line in wrong if line] == []


def test_every_row_of_the_table_means_something() -> None:
    """A label is of a change that can be made, a rule that there is, and a chance that happens."""
    changes = {(place.on, place.field): {"", *operators(place)} for place in derived(ITEMS)}
    dead = [
        f"{on} {field}: {change}"
        for (on, field), labels in labelled().items()
        for change in labels
        if not change.startswith("to ") and change not in changes.get((on, field), ())
    ]
    assert dead == []
    for releases, labels in TABLE["other-releases"].items():
        for release in releases.split(", "):
            there = {(place.on, place.field): {"", *operators(place)} for place in derived(objects(release))}
            assert all(set(own) <= there.get(place, set()) for place, own in _read(labels).items()), release
    for variant in variants():
        found = [place for each in variant.releases.split(", ") for place in places(objects(each, variant.services))]
        for on, field, _ in variant.rows():
            assert any(on.fullmatch(place.on) and field.fullmatch(place.field) for place in found), field.pattern
        assert {*variant.like} <= {place.on for place in found}, variant.name
    said = [mutant.label for mutant in MUTANTS]
    said += [label for variant in variants() for *_, own in variant.rows() for label in own.values()]
    rules = {match["rule"] for label in said if (match := LABEL.fullmatch(label))}
    assert rules <= {rule.id for rule in RULES}
    every = [place for release in RELEASES for place in places(objects(release))]
    for on, field in by_chance():
        assert any(on.fullmatch(place.on) and field.fullmatch(place.field) for place in every), field.pattern
