"""Values are checked against a schema: each fault once, with path, what was found, and what is expected."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from krm_functions_sdk import Schema
from krm_functions_sdk.document import field_path
from krm_functions_sdk.function import schema
from schemas import OPENAPI

GOOD: dict[str, Any] = {"model": {"id": "x"}}
MESSAGES: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "nothing wrong": (GOOD, []),
    "all types": (
        {
            **GOOD,
            "replicas": 0,
            "ratio": 0.5,
            "labels": {"a/b": "c"},
            "anything": {"x": [1]},
            "size": "5Gi",
            "maybe": None,
            "flag": True,
        },
        [],
    ),
    "an integer that is written as a float": ({**GOOD, "replicas": 3.0}, []),
    "missing": ({}, [("model", "missing; expected an object: The model to serve")]),
    "missing inside": (
        {"model": {}},
        [("model.id", "missing; expected a string that is not empty: Name of the repository")],
    ),
    "unknown": (
        {"model": {"id": "x", "idd": 1}},
        [("model.idd", 'unknown field "idd" (did you mean "id"?); known fields: id')],
    ),
    "unknown by its case": (
        {"empty": {"x": 1}, "model": {"id": "x", "ID": 1}},
        [
            ("empty.x", 'unknown field "x"; no field is known here'),
            ("model.ID", 'unknown field "ID" (did you mean "id"?); known fields: id'),
        ],
    ),
    "a string for an integer": (
        {**GOOD, "replicas": "3"},
        [("replicas", 'found the string "3", expected an integer from 0 to 2147483647')],
    ),
    "too large": ({**GOOD, "port": 70000}, [("port", "found 70000, expected an integer from 1 to 65535")]),
    "not an int32": (
        {**GOOD, "priority": 2**31},
        [("priority", "found 2147483648, expected an integer from -2147483648 to 2147483647")],
    ),
    "not above": ({**GOOD, "ratio": 0}, [("ratio", "found 0, expected a number above 0")]),
    "no boolean": ({**GOOD, "flag": "yes"}, [("flag", 'found the string "yes", expected true or false')]),
    "a boolean": (
        {**GOOD, "name": True},
        [("name", "found true, expected a string of at most 5 characters that matches ^[a-z]+$")],
    ),
    "null": ({**GOOD, "flag": None}, [("flag", "found nothing (null), expected true or false")]),
    "no choice": (
        {**GOOD, "kind": "meduim"},
        [("kind", 'found the string "meduim", expected one of small, medium, large (did you mean "medium"?)')],
    ),
    "another type than a choice": ({**GOOD, "kind": 5}, [("kind", "found 5, expected one of small, medium, large")]),
    "the only choice": ({**GOOD, "only": "two"}, [("only", 'found the string "two", expected one')]),
    "an empty string": (
        {"model": {"id": ""}},
        [("model.id", "found an empty string, expected a string that is not empty")],
    ),
    "an object for a string": ({**GOOD, "maybe": {"a": 1}}, [("maybe", "found an object, expected a string or null")]),
    "a list for an object": ({"model": [1, 2]}, [("model", "found a list of 2 items, expected an object")]),
    "an empty list": (
        {**GOOD, "adapters": []},
        [("adapters", "found a list that is empty, expected a list that is not empty and of at most 3 items")],
    ),
    "a map value": ({**GOOD, "labels": {"a/b": 1}}, [("labels[a/b]", "found 1, expected a string")]),
    "int or string": ({**GOOD, "size": 1.5}, [("size", "found 1.5, expected an integer or a string")]),
    "twice": ({**GOOD, "hosts": ["a", "a"]}, [("hosts", "found an item twice, expected each once")]),
    "all at once, in the order of the value": (
        {"adapters": [{"name": 1}, {}, {"name": "x", "rnk": 2}], "port": 0},
        [
            ("adapters[0].name", "found 1, expected a string"),
            ("adapters[1].name", "missing; expected a string"),
            ("adapters[2].rnk", 'unknown field "rnk" (did you mean "rank"?); known fields: name, rank'),
            ("port", "found 0, expected an integer from 1 to 65535"),
            ("model", "missing; expected an object: The model to serve"),
        ],
    ),
    "not even an object": ([], [("", "found a list that is empty, expected an object")]),  # type: ignore[dict-item]
}


@pytest.mark.parametrize("case", MESSAGES)
def test_check(case: str) -> None:
    """Every fault is found at once, and says where and what in words."""
    value, expected = MESSAGES[case]
    faults = Schema(OPENAPI).check(value)
    assert [(field_path.show(fault.path), fault.message) for fault in faults] == expected


def test_current_values() -> None:
    """A fault carries the value that was found."""
    faults = Schema(OPENAPI).check({"model": {"id": "x", "y": [1]}, "port": 0})
    assert [fault.current for fault in faults] == [[1], 0]


def test_defaults() -> None:
    """Defaults stand where nothing does, at every depth, and the value itself stays."""
    value = {"model": {"id": "x"}, "port": 1, "adapters": [{"name": "a"}, {"name": "b", "rank": 8}], "sets": {"s": {}}}
    filled = Schema(OPENAPI).with_defaults(value)
    assert filled == {
        **value,
        "replicas": 1,
        "flag": False,
        "adapters": [{"name": "a", "rank": 16}, {"name": "b", "rank": 8}],
        "sets": {"s": {"n": 3}},
    }
    assert value["adapters"] == [{"name": "a"}, {"name": "b", "rank": 8}]
    assert Schema({"default": []}).with_defaults(5) == 5


def test_a_default_belongs_to_nobody() -> None:
    """Changing a value made of defaults does not change the next one."""
    schema_ = Schema({"properties": {"l": {"type": "array", "default": []}, "o": {"type": "object", "default": {}}}})
    first = schema_.with_defaults({})
    first["l"].append(1)
    first["o"]["x"] = 1
    assert schema_.with_defaults({}) == {"l": [], "o": {}}


def test_json_schema_is_one() -> None:
    """What comes out is a valid JSON Schema that refuses what a CRD refuses."""
    made = schema.json_schema(OPENAPI)
    jsonschema_rs.meta.validate(made)
    assert made["additionalProperties"] is False
    assert made["properties"]["ratio"] == {"type": "number", "exclusiveMinimum": 0}
    assert made["properties"]["maybe"] == {"type": ["string", "null"]}


def test_other_keywords_have_a_message() -> None:
    """What has no words of its own is told in those of the validator."""
    one_of = Schema(
        {
            "type": "object",
            "oneOf": [{"required": ["a"]}, {"required": ["b"]}],
            "x-kubernetes-preserve-unknown-fields": True,
        }
    )
    assert [fault.path for fault in one_of.check({})] == [()]
    assert one_of.check({"a": 1}) == []


def test_fields() -> None:
    """All fields are listed depth first, those of list items behind brackets."""
    found = {path: required for path, _, required in schema.fields(OPENAPI)}
    assert found["model"]
    assert found["model.id"]
    assert found["adapters[].name"]
    assert not found["adapters[].rank"]


@pytest.mark.parametrize(
    ("word", "hint"), [("replcas", ' (did you mean "replicas"?)'), ("zzz", ""), ("PORT", ' (did you mean "port"?)')]
)
def test_nearest(word: str, hint: str) -> None:
    """A misspelt word is recognised, another one is not."""
    assert schema.nearest(word, ["replicas", "port"]) == hint


def test_of_definition(tmp_path: Path) -> None:
    """The schema of a definition file is that of its newest version."""
    file = tmp_path / "definition.yaml"
    file.write_text(
        "spec:\n  versions:\n"
        "  - schema:\n      openAPIV3Schema: {type: string}\n"
        "  - schema:\n      openAPIV3Schema: {type: integer}\n"
    )
    assert Schema.of_definition(file).openapi == {"type": "integer"}
