"""The functionConfig: from an own kind or a ConfigMap, checked, with defaults."""

from __future__ import annotations

import pytest
from krm_functions_sdk import Resource, ResourceList, Schema, config

SCHEMA = Schema(
    {
        "type": "object",
        "properties": {
            "spec": {
                "type": "object",
                "required": ["type"],
                "properties": {
                    "type": {"type": "string"},
                    "count": {"type": "integer", "default": 1},
                    "ratio": {"type": "number"},
                    "on": {"type": "boolean"},
                },
            }
        },
    }
)


def read(text: str | None) -> tuple[config.Config | None, list[tuple[str, str]]]:
    """Return the config in `text`, and field and message of each result."""
    resources = ResourceList([], None if text is None else Resource(text))
    found = config.read(resources, SCHEMA, "Mine")
    return found, [(result.field, result.message) for result in resources.results]


HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: function-input\n"
OWN = "apiVersion: fn.example.com/v1\nkind: Mine\nmetadata:\n  name: x\n"


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (
            HEAD + 'data: {type: "1e3", count: "2", ratio: "0.5", on: "true"}\n',
            {"type": "1e3", "count": 2, "ratio": 0.5, "on": True},
        ),
        (HEAD + "data: {type: a, ratio: '1'}\n", {"type": "a", "count": 1, "ratio": 1}),
        (OWN + "spec:\n  type: a\n  count: 3\n", {"type": "a", "count": 3}),
    ],
)
def test_read(text: str, values: dict[str, object]) -> None:
    """Values come as the types that the schema asks for, with defaults."""
    found, results = read(text)
    assert results == []
    assert found is not None
    assert found.values == values
    assert found["type"] == values["type"]
    assert found.get("nothing", 5) == 5


@pytest.mark.parametrize("text", [None, HEAD + "data: {}\n", HEAD, HEAD + "data:\n"])
def test_no_config(text: str | None) -> None:
    """Without a config, or with kpt's empty one, there is nothing and nothing is wrong."""
    assert read(text) == (None, [])


@pytest.mark.parametrize(
    ("text", "results"),
    [
        (
            HEAD + "data: {cuont: '1', count: many}\n",
            [
                ("data.cuont", 'unknown field "cuont" (did you mean "count"?); known fields: count, on, ratio, type'),
                ("data.count", 'found the string "many", expected an integer'),
                ("data.type", "missing; expected a string"),
            ],
        ),
        (HEAD + "data: {type: a, count: 'true'}\n", [("data.count", 'found the string "true", expected an integer')]),
        (HEAD + "data: {type: a, on: '1'}\n", [("data.on", 'found the string "1", expected true or false')]),
        (HEAD + "data: [a]\n", [("data", "found a list of 1 item, expected an object")]),
        (OWN, [("spec.type", "missing; expected a string")]),
        (OWN + "spec: []\n", [("spec", "found a list that is empty, expected an object")]),
        (OWN.replace("Mine", "Other"), [("kind", "found Other, expected Mine or ConfigMap")]),
        ("metadata:\n  name: x\n", [("kind", "found no kind, expected Mine or ConfigMap")]),
    ],
)
def test_faults(text: str, results: list[tuple[str, str]]) -> None:
    """All faults of a config are results with their fields."""
    assert read(text) == (None, results)


def test_field() -> None:
    """A field of the config has its path, for results of the function's own."""
    found, _ = read(OWN + "spec: {type: a}\n")
    assert found is not None
    assert found.field("count") == ("spec", "count")
