"""The tables of fields, and the checks that read them, against a JSON Schema validator with the CRDs."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest
from crd_changes import changes, values
from crd_tables import UNCHECKED
from crds import Json, bases, misfits, needs_crds, revisions
from krm_functions_sdk import Resource
from krm_functions_sdk.document import emitter
from krm_inference.manifests.index import Index
from krm_inference.manifests.objects import Object
from krm_inference.validate_inference.rules.fields.declared import (
    ELSEWHERE,
    Said,
    _check,
    _declared,
    faults,
    faults_of,
    shapes,
)
from krm_inference.validate_inference.rules.fields.tables import TABLES

BOUNDS = [end + what for end in ("min", "max") for what in ("imum", "Length", "Items", "Properties")]
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


def least(part: Json) -> Any:
    """Return a small value that the schema takes."""
    if "enum" in part:
        return part["enum"][0]
    if part.get("type") == "object":
        needed = {name: least(part["properties"][name]) for name in part.get("required", ())}
        others = (name for name in part.get("properties", ()) if name not in needed)
        more = islice(others, max(0, part.get("minProperties", 0) - len(needed)))
        return needed | {name: least(part["properties"][name]) for name in more}
    if part.get("type") == "array":
        return [least(part["items"])] * part.get("minItems", 0)
    if part.get("type") in ("integer", "number") or part.get("x-kubernetes-int-or-string"):
        return part.get("minimum", 1)
    if part.get("type") == "boolean":
        return True
    is_time = part.get("format") == "duration" or "(h|m|s|ms)" in part.get("pattern", "")
    return "1s" if is_time else "a" * part.get("minLength", 1)


def limits(part: Json) -> Iterator[Any]:
    """Yield values at and beyond each limit of a schema, taken from the schema and not from our table."""
    value = least(part)
    yield value
    yield from part.get("enum", ())
    ends = [part[name] + by for name in BOUNDS if name in part for by in (-1, 0, 1)]
    for size in (size for size in ends if part.get("type") == "integer" or 0 <= size < 12_000):
        if part.get("type") == "integer":
            yield size
        elif part.get("type") == "string":
            yield "a" * size
        elif part.get("type") == "array":
            yield [least(part["items"])] * size
        elif isinstance(part.get("additionalProperties"), dict):
            yield {f"k{index}": least(part["additionalProperties"]) for index in range(size)}
    if isinstance(value, dict):
        yield from ({key: inner for key, inner in value.items() if key != name} for name in value)


@needs_crds
@pytest.mark.parametrize("key", TABLES, ids=lambda key: f"{key[1]} {key[0]}")
def test_each_line_of_a_table_says_what_a_validator_says_of_the_field_alone(key: tuple[str, str]) -> None:
    """Of values at and beyond each limit, with the widest of all revisions."""
    table = shapes(TABLES[key])
    revised = [dict(parts(schema["properties"]["spec"])) for schema in revisions()[key]]
    assert table.keys() == {path for fields in revised for path in fields}
    assert not set(ELSEWHERE.get(key[1], ())) & table.keys()  # what is only elsewhere
    for path, shape in table.items():
        schemas = [fields[path] for fields in revised if path in fields]
        tried = [*values(shape), *(value for schema in schemas for value in limits(schema))]
        judges = [alone(schema) for schema in schemas]
        for value in (value for value in tried if value is not None):  # whether a null stays, its map says
            said = [misfits(judge, {"x": value}) for judge in judges]
            told: list[Said] = []
            _check(_declared(key[1], TABLES[key]), path, value, ("x",), told)
            found = [message for kind, _, message, _ in told if kind != "twice"]  # JSON Schema has no keys
            assert all(said) or not found, (path, value, found)
            # One field may break the oldest revision and another one the newest: the widest of each field takes both.
            places = set.intersection(*({message.partition(":")[0] for message in errors} for errors in said))
            if not any(pattern in message for pattern in UNCHECKED for errors in said for message in errors):
                assert bool(found) == bool(places), (path, value, found, said)


@needs_crds
@pytest.mark.parametrize("base", bases(), ids=lambda base: base["kind"])
def test_the_checks_say_what_a_validator_says_with_the_crd(base: Json, far: bool) -> None:
    """Of each change of a field; one of three is tried near by."""
    schemas = revisions()[base["apiVersion"], base["kind"]]
    assert verdict(base) == []
    count = 0
    for what, one in itertools.islice(changes(base), 0, None, 1 if far else 3):
        errors = min((misfits(schema, one) for schema in schemas), key=len)  # the widest of all revisions holds
        theirs = [message for message in errors if not any(left in message for left in LEFT)]
        found = verdict(one)
        ours = [message for message in found if "which is no " not in message]
        if len(errors) == len(theirs):
            assert bool(ours) == bool(theirs), (what, ours, theirs)
        # A format that we refuse is one that the CRD refuses.
        assert errors or not found, (what, found)
        count += 1
    assert count > (50 if far else 15)


HEADERS = [{"name": "a", "value": "1"}, {"name": "b", "value": "2"}]


def route(headers: list[Json] = HEADERS, **more: Any) -> Json:
    reference = {"group": "inference.networking.k8s.io", "kind": "InferencePool", "name": "a"}
    rule = {"matches": [{"headers": headers}], "backendRefs": [reference]}
    metadata = {"name": "a", **more.pop("metadata", {})}
    api = "gateway.networking.k8s.io/v1"
    return {"apiVersion": api, "kind": "HTTPRoute", "metadata": metadata, "spec": {"rules": [{**rule, **more}]}}


def test_an_item_whose_key_another_one_has_is_told() -> None:
    """By the keys of the CRD, as the API server merges; the items of a set are their own keys."""
    assert verdict(route()) == []
    assert verdict(route([*HEADERS, HEADERS[0]])) == ["twice: a stands twice, first as item 1"]
    cors = {"type": "CORS", "cors": {"allowMethods": ["GET", "PUT", "GET"]}}
    assert verdict(route(filters=[cors])) == ["twice: GET stands twice, first as item 1"]


def test_metadata_of_custom_kinds_has_no_other_fields() -> None:
    assert verdict(route(metadata={"generateName": "a-", "labels": {}})) == []
    (said,) = verdict(route(metadata={"labelsx": {"a": "b"}}))
    assert said == "misspelt: ObjectMeta has no such field; did you mean labels?"
    (said,) = verdict(route(metadata={"unknownField": "a"}))
    assert said.startswith("refused: ObjectMeta has no such field here")


def test_what_the_experimental_channel_has_is_no_fault() -> None:
    assert verdict(route(filters=[{"type": "ExternalAuth", "externalAuth": {"protocol": "HTTP"}}])) == []
    (said,) = verdict(route(filters=[{"type": "ExternalAuthx"}]))
    assert said.startswith('value: found "ExternalAuthx"')


def rules_with(**fields: Json) -> Json:
    return {"properties": {"spec": {"properties": {"rules": {"items": {"properties": fields}}}}}}


SCHEMAS: dict[str, tuple[Json, list[str]]] = {
    "the field": (rules_with(newer={}), []),
    "without the field": (rules_with(matches={}), ["newer"]),
    "any field": ({"properties": {"spec": {"x-kubernetes-preserve-unknown-fields": True}}}, []),
}


@pytest.mark.parametrize(("schema", "unknown"), SCHEMAS.values(), ids=SCHEMAS)
def test_a_crd_that_lies_there_says_itself_which_fields_it_has(schema: Json, unknown: list[str]) -> None:
    crd = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "a"}}
    crd["spec"] = {
        "group": "gateway.networking.k8s.io",
        "names": {"kind": "HTTPRoute"},
        "versions": [{"name": "v1", "schema": {"openAPIV3Schema": schema}}],
    }
    one = route(newer=True)
    assert [finding.field.path[-1] for finding in faults(Index([document(one)]), "unknown")] == ["newer"]
    found = faults(Index([document(one), document(crd)]), "unknown")
    assert [finding.field.path[-1] for finding in found] == unknown


def document(one: Json) -> Resource:
    return Resource(emitter.document(one))
