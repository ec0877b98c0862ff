"""A schema is what its YAML says, whatever stands beside it."""

import json
from pathlib import Path

import pytest
from krm_inference.domain import intent, schema_file

OF_INTENT = Path(intent.__file__).with_name("llm_service.schema.yaml")
TEXT = "type: object\nproperties:\n  a: {type: string, description: what it is}\n"
VALUE = {"type": "object", "properties": {"a": {"type": "string", "description": "what it is"}}}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A schema, and the JSON that was made of it; the JSON says something else, so that it shows who was read."""
    file = tmp_path / "x.schema.yaml"
    file.write_text(TEXT)
    made = json.loads(schema_file.as_json(file))
    assert made["value"] == VALUE
    file.with_suffix(".json").write_text(json.dumps({**made, "value": "from JSON"}))
    return file


def test_the_json_is_read_while_it_is_of_the_same_text(file: Path) -> None:
    """It is read in place of the YAML that it names."""
    assert schema_file.read(file) == "from JSON"


@pytest.mark.parametrize("text", [TEXT.replace("string", "strinh"), TEXT + "\n", TEXT[:-1]])
def test_a_changed_yaml_is_read_itself(file: Path, text: str) -> None:
    """Whoever changed a field has the change, before anything is written anew."""
    file.write_text(text)
    assert schema_file.read(file) == schema_file.parsed(text)


@pytest.mark.parametrize("made", ["", "{}", "[]", "<<<<<<< ours\n{}\n", None])
def test_json_that_is_not_right_is_not_needed(file: Path, made: str | None) -> None:
    """None at all, a part of one, or two that were merged: the YAML is read."""
    beside = file.with_suffix(".json")
    beside.unlink() if made is None else beside.write_text(made)
    assert schema_file.read(file) == VALUE


def test_the_intent_has_one_that_is_of_its_text() -> None:
    """`docs/tables.py` writes it; in the order of the YAML, which is that of messages and tables."""
    text = OF_INTENT.read_text(encoding="utf-8")
    said = json.loads(OF_INTENT.with_suffix(".json").read_text(encoding="utf-8"))
    assert OF_INTENT.with_suffix(".json").read_text(encoding="utf-8") == schema_file.as_json(OF_INTENT)
    assert json.dumps(said["value"]) == json.dumps(schema_file.parsed(text))
