"""What `krmfn diff` says that a change of an intent does to what runs: a row for every field that can change."""

import pytest
import yaml

from tests.effects import CHANGES, TABLE, Sides
from tests.judge.test_changes import SCHEMA, fields

SAID = yaml.safe_load(TABLE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> Sides:
    return Sides(tmp_path_factory.mktemp("effects"))


def test_every_field_of_the_intent_has_a_change_and_every_change_says_what_it_does() -> None:
    """After a new field: a row of changes.yaml, then `python -m tests.effects`, and read what that says."""
    schema = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))["properties"]["spec"]
    assert set(CHANGES) == set(fields(schema))
    assert set(SAID["fields"]) == set(CHANGES)


@pytest.mark.parametrize("field", SAID["fields"])
def test_a_change_says_what_it_does_to_what_runs(sides: Sides, field: str) -> None:
    wanted = [SAID["said"].get(text, text) for text in SAID["fields"][field]]
    assert sides.said(field) == wanted


def test_each_short_name_of_the_table_is_used() -> None:
    used = {text for texts in SAID["fields"].values() for text in texts}
    assert set(SAID["said"]) <= used
