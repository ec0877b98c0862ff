"""The tables of fields against the CRDs, and the checks against a JSON Schema validator."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from crd_changes import changes
from crds import Json, bases, misfits, needs_crds, revisions
from krm_functions_sdk import Resource
from krm_inference.manifests.objects import Object
from krm_inference.validate_inference.rules.fields.declared import ELSEWHERE, Shape, faults_of, shapes
from krm_inference.validate_inference.rules.fields.tables import TABLES

NOWHERE = Resource("apiVersion: v1\nkind: A\nmetadata: {name: a}\n")
BOUNDS = ("imum", "Length", "Items", "Properties")


def described(
    schema: Json, stops: set[str], path: str = "spec", *, required: bool = False
) -> Iterator[tuple[str, Shape]]:
    """Yield each field of a schema in the terms of our tables; those at `stops` are not looked into."""
    kind = {"string": "text", "array": "list", "integer": "int", "boolean": "bool"}.get(schema.get("type", ""), "")
    kind = kind or schema.get("type", "any")
    if kind == "object" and not schema.get("properties"):
        kind = "map"
    kind = "int|text" if schema.get("x-kubernetes-int-or-string") else kind
    if "enum" in schema:
        kind = "code" if kind == "int" else "enum"
    if path in stops:
        yield path, Shape("any", is_required=required)
        return
    low, high = (next((schema[end + what] for what in BOUNDS if end + what in schema), None) for end in ("min", "max"))
    yield (
        path,
        Shape(
            kind, low or None if kind == "text" else low, high, tuple(map(str, schema.get("enum", ()))), "", required
        ),
    )
    for name, part in schema.get("properties", {}).items():
        yield from described(part, stops, f"{path}.{name}", required=name in schema.get("required", ()))
    if "items" in schema:
        yield from described(schema["items"], stops, f"{path}[]")
    if isinstance(schema.get("additionalProperties"), dict):
        yield from described(schema["additionalProperties"], stops, f"{path}{{}}")


def merged(schemas: list[Json], stops: set[str]) -> dict[str, Shape]:
    """Return the fields that some revision has, with the widest bounds."""
    tables = [
        dict(described(schema["properties"]["spec"], stops, required="spec" in schema.get("required", ())))
        for schema in schemas
    ]
    result = {}
    for path in dict.fromkeys(path for table in tables for path in table):
        found = [table[path] for table in tables if path in table]
        lows, highs = [shape.low for shape in found], [shape.high for shape in found]
        result[path] = Shape(
            found[-1].type,
            None if None in lows else min(low for low in lows if low is not None),
            None if None in highs else max(high for high in highs if high is not None),
            tuple(dict.fromkeys(value for shape in found for value in shape.values)),
            "",
            len(found) == len(tables) and all(shape.is_required for shape in found),
        )
    return result


@needs_crds
@pytest.mark.parametrize("key", TABLES, ids=lambda key: f"{key[1]} {key[0]}")
def test_a_table_says_what_the_crds_say(key: tuple[str, str]) -> None:
    ours = shapes(TABLES[key])
    stops = {path for path, shape in ours.items() if shape.type == "any"}
    theirs = merged(revisions()[key], stops)
    assert {path: shape._replace(format="") for path, shape in ours.items()} == theirs
    # What is only elsewhere is not here: else it belongs into the table.
    assert not set(ELSEWHERE.get(key[1], ())) & ours.keys()


# What our tables leave to others: the format of texts that neither names nor hosts are, addresses, and dropped nulls.
LEFT = ("pattern", "not match", "does not match", "is not valid under any", 'is not a "')


def verdict(one: Json) -> list[str]:
    return [f"{fault.kind}: {fault.finding.message}" for fault in faults_of(Object(NOWHERE, one, 0))]


@needs_crds
@pytest.mark.parametrize("base", bases(), ids=lambda base: base["kind"])
def test_the_checks_say_what_a_validator_says_with_the_crd(base: Json) -> None:
    schemas = revisions()[base["apiVersion"], base["kind"]]
    assert verdict(base) == []
    count = 0
    for what, one in changes(base):
        errors = min((misfits(schema, one) for schema in schemas), key=len)  # the widest of all revisions holds
        theirs = [message for message in errors if not any(left in message for left in LEFT)]
        found = verdict(one)
        ours = [message for message in found if "which is no " not in message]
        if len(errors) == len(theirs):
            assert bool(ours) == bool(theirs), (what, ours, theirs)
        # A format that we refuse is one that the CRD refuses.
        assert errors or not found, (what, found)
        count += 1
    assert count > 50
