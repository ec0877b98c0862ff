"""The tables of fields, and the checks that read them, against a JSON Schema validator with the CRDs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from crd_changes import changes, values
from crds import Json, bases, misfits, needs_crds, revisions
from krm_functions_sdk import Resource
from krm_inference.validate_inference.field_tables import TABLES
from krm_inference.validate_inference.fields import ELSEWHERE, _check, faults_of, shapes
from krm_inference.validate_inference.objects import Field, Object

NOWHERE = Resource("apiVersion: v1\nkind: A\nmetadata: {name: a}\n")
# What our tables leave to others: the format of texts that neither names nor hosts are, addresses, and dropped nulls.
LEFT = ("pattern", "not match", "does not match", "is not valid under any", 'is not a "')


def verdict(one: Json) -> list[str]:
    return [f"{fault.kind}: {fault.finding.message}" for fault in faults_of(Object(NOWHERE, one, 0))]


def parts(schema: Json, path: str = "spec") -> Iterator[tuple[str, Json]]:
    """Yield the schema of each field below a path."""
    yield path, schema
    for name, part in schema.get("properties", {}).items():
        yield from parts(part, f"{path}.{name}")
    if "items" in schema:
        yield from parts(schema["items"], f"{path}[]")
    if isinstance(schema.get("additionalProperties"), dict):
        yield from parts(schema["additionalProperties"], f"{path}{{}}")


def alone(part: Json) -> Json:
    """Return the schema of an object whose only field is `x`."""
    return {"type": "object", "properties": {"metadata": {"type": "object"}, "x": part}, "required": ["x"]}


@needs_crds
@pytest.mark.parametrize("key", TABLES, ids=lambda key: f"{key[1]} {key[0]}")
def test_each_line_of_a_table_says_what_a_validator_says_of_the_field_alone(key: tuple[str, str]) -> None:
    """Of values at and beyond each limit, with the widest of all revisions."""
    table = shapes(TABLES[key])
    revised = [{path: alone(part) for path, part in parts(schema["properties"]["spec"])} for schema in revisions()[key]]
    assert table.keys() == {path for fields in revised for path in fields}
    assert not set(ELSEWHERE.get(key[1], ())) & table.keys()  # what is only elsewhere
    for path, shape in table.items():
        for value in values(shape):
            if value is None:
                continue  # whether a null stays depends on the map that it is in
            errors = min((misfits(fields[path], {"x": value}) for fields in revised if path in fields), key=len)
            theirs = [message for message in errors if not any(left in message for left in LEFT)]
            found = [
                fault.finding.message
                for fault in _check(key[1], TABLES[key], path, Field(Object(NOWHERE, {}, 0), ("x",), value))
            ]
            ours = [message for message in found if "which is no " not in message]
            if len(errors) == len(theirs):
                assert bool(ours) == bool(theirs), (path, value, ours, theirs)
            assert errors or not found, (path, value, found)  # a format that we refuse is one that the CRD refuses
            if shape.format and isinstance(value, str):
                assert bool(found) == bool(errors), (path, value, found, errors)


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
