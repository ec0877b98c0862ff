"""Every coupled field of a rendered package, changed in every way that could break it, and what is said of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from krm_functions_sdk import field_path
from krm_inference.domain.releases import RELEASES
from krm_inference.validate_inference.rules import RULES
from mutants import Finding, Json, Place, findings, mutated, objects, operators, places, shared
from test_validate_inference_config_sync import CASES as OF_CONFIG_SYNC
from test_validate_inference_notices import TOLD
from test_validate_inference_security import CASES as OF_SECURITY
from test_validate_inference_servers import CASES as OF_SERVERS

TABLE = yaml.safe_load((Path(__file__).parent / "mutants.yaml").read_text(encoding="utf-8"))
EXAMPLES = Path(__file__).resolve().parents[1] / "krm_inference" / "validate_inference" / "examples"
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
            by_change = said if isinstance(said, dict) else {"": said}
            found[on, long(field)] = {
                change: label
                for changes, label in by_change.items()
                for change in ([changes] if changes.startswith("to ") else changes.split(", "))
            }
    return found


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
        (found.rule, found.field) == (meant["rule"], long(meant["field"] or mutant.field))
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
def test_the_coupled_fields_of_another_release_are_labelled_and_found(release: str) -> None:
    items, known = objects(release), labelled(release)
    assert findings(items) == []
    at_two_places = shared(list(places(items)))
    wrong = []
    for place in derived(items):
        said = {each: tuple(findings(mutated(items, place, each), once=True)) for each in operators(place)}
        labels = known.get((place.on, place.field), {})
        for operator, found in said.items():
            label = labels.get(operator, labels.get(""))
            if label is not None:
                wrong.append(mislabelled(Mutant(place.on, place.field, operator, label), found))
            elif place in at_two_places or any(said.values()):
                wrong.append(f"{place.on} {place.field}: {operator}: no label; found {list(found)}")
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
            assert all(set(said) <= there.get(place, set()) for place, said in _read(labels).items()), release
    rules = {match["rule"] for mutant in MUTANTS if (match := LABEL.fullmatch(mutant.label))}
    assert rules <= {rule.id for rule in RULES}
    every = [place for release in RELEASES for place in places(objects(release))]
    for on, field in by_chance():
        assert any(on.fullmatch(place.on) and field.fullmatch(place.field) for place in every), field.pattern


def test_every_rule_finds_something_in_an_example_or_a_mutant() -> None:
    """A rule has a recorded case, which names the rule and the field: an example, a mutant, or a row of a table."""
    labels = [label for release in RELEASES for said in labelled(release).values() for label in said.values()]
    found = {match["rule"] for label in labels if (match := LABEL.fullmatch(label))}
    for file in EXAMPLES.glob("*/expected.yaml"):
        found |= set(re.findall(r"^    rule: (\S+)$", file.read_text(encoding="utf-8"), re.MULTILINE))
    found |= {case.rule for case in [*OF_SERVERS.values(), *OF_SECURITY.values()]} | {*TOLD}
    found |= {rule for rule, *_ in OF_CONFIG_SYNC.values()}
    assert sorted({rule.id for rule in RULES} - found) == []
