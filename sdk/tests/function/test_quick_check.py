"""What is told to fit a schema without the validator, fits it."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from krm_functions_sdk.function import quick_check, schema
from schemas import OPENAPI
from searches import EXAMPLES

# (schema, value): what is plain is told at once.
PLAIN: list[tuple[dict[str, Any], Any]] = [
    ({}, None),
    ({"description": "x", "x-kubernetes-preserve-unknown-fields": True}, [True, None]),
    ({"type": "object"}, {"a": 1}),
    ({"type": "object", "properties": {"a": {"type": "boolean"}}, "required": ["a"]}, {"a": False}),
    ({"type": "object", "properties": {"a": {}}, "x-kubernetes-preserve-unknown-fields": True}, {"b": 1}),
    ({"type": "object", "additionalProperties": {"type": "string"}}, {"b": "1"}),
    ({"type": "array", "items": {"type": "integer", "enum": [1, 2]}, "maxItems": 2}, [1, 2]),
    ({"type": "integer", "format": "int32", "minimum": 0}, 2**31 - 1),
    ({"type": "number", "minimum": 0, "exclusiveMinimum": True}, 0.5),
    ({"type": "string", "pattern": "^[a-z]+$", "maxLength": 3}, "abc"),
    ({"x-kubernetes-int-or-string": True}, "1"),
    ({"x-kubernetes-int-or-string": True}, 1),
    (OPENAPI, {"model": {"id": "x"}, "labels": {"a": "b"}, "adapters": [{"name": "a", "rank": 1}]}),
]
# What the validator has to judge, since it is wrong, or not known well enough here.
OTHER: list[tuple[dict[str, Any], Any]] = [
    ({"type": "object", "properties": {}}, {"a": 1}),
    ({"type": "object", "additionalProperties": False}, {"a": 1}),
    ({"type": "object"}, {1: 1}),
    ({"type": "integer"}, True),
    ({"type": "integer"}, 1.0),
    ({"type": "integer", "format": "int32"}, 2**31),
    ({"type": "integer"}, 2**63),
    ({"type": "integer", "enum": [True]}, 1),
    ({"type": "integer", "minimum": 5, "exclusiveMinimum": True}, 5),
    ({"type": "integer", "exclusiveMinimum": 5}, 5),
    ({"type": "integer", "exclusiveMinimum": 1}, 1),
    ({"type": "integer", "exclusiveMinimum": 0}, -1),
    ({"type": "number", "exclusiveMaximum": 1.0}, 2),
    ({"type": "integer", "maximum": 5, "exclusiveMaximum": True}, 5),
    ({"type": "integer", "multipleOf": 2}, 3),
    ({"type": "number"}, float("nan")),
    ({"type": "number"}, float("inf")),
    ({"type": "boolean", "enum": [True]}, False),
    ({"type": "boolean"}, 1),
    ({"type": "string", "nullable": True}, None),
    ({"type": "string", "pattern": "^a$"}, "a\n"),
    ({"type": "string", "pattern": r"^\d$"}, "\u0663"),
    ({"type": "string", "pattern": "("}, "a"),
    ({"type": ["string", "null"]}, "a"),
    ({"type": "unheard"}, "a"),
    ({"type": "array", "uniqueItems": True}, [1, 1]),
    ({"type": "array", "items": [{"type": "string"}]}, ["a"]),
    ({"enum": [1]}, 2),
    ({"anyOf": [{"type": "string"}]}, 1),
    ({"x-kubernetes-int-or-string": True}, True),
]


@pytest.mark.parametrize(("openapi", "value"), PLAIN)
def test_what_is_plain_fits(openapi: dict[str, Any], value: Any) -> None:
    assert quick_check.fits(value, openapi)
    assert jsonschema_rs.is_valid(schema.json_schema(openapi), value)


@pytest.mark.parametrize(("openapi", "value"), OTHER)
def test_the_rest_is_left_to_the_validator(openapi: dict[str, Any], value: Any) -> None:
    assert not quick_check.fits(value, openapi)


NUMBERS = st.integers(-3, 3) | st.sampled_from([2**31 - 1, 2**31, -(2**31) - 1, 2**63, 0.5, -1.5, 1.0])
TEXTS = st.text(alphabet="ab1 é\n", max_size=3)
ANY: st.SearchStrategy[Any] = st.none() | st.booleans() | NUMBERS | TEXTS | st.just([]) | st.just({"a": 1})
COUNTS = st.integers(0, 2)
Pair = tuple[dict[str, Any], Any]  # a schema, and a value that is of its type most of the time

KEYWORDS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "boolean": {},
    "integer": {"minimum": NUMBERS, "maximum": NUMBERS, "format": st.sampled_from(["int32", "int64"])},
    "number": {"minimum": NUMBERS, "maximum": NUMBERS, "format": st.just("double")},
    "string": {
        "minLength": COUNTS,
        "maxLength": COUNTS,
        "pattern": st.sampled_from(["^a", "b$", r"^\w+$", r"^[ab]*$", r"\s", ".", "^$"]),
        "format": st.just("date"),
    },
    "array": {"minItems": COUNTS, "maxItems": COUNTS, "uniqueItems": st.booleans()},
    "object": {
        "required": st.lists(st.sampled_from("abc"), max_size=1),
        "additionalProperties": st.booleans(),
        "x-kubernetes-preserve-unknown-fields": st.just(True),
    },
}
SCALARS = {"boolean": st.booleans(), "integer": NUMBERS, "number": NUMBERS, "string": TEXTS}
COMMON: dict[str, st.SearchStrategy[Any]] = {"default": ANY, "nullable": st.booleans()}


@st.composite
def pairs(draw: st.DrawFn, depth: int = 2) -> Pair:
    kind = draw(st.sampled_from(sorted(KEYWORDS if depth else SCALARS)))
    some = {name: drawn for name, drawn in {**KEYWORDS[kind], **COMMON}.items() if draw(st.integers(0, 3)) == 0}
    openapi: dict[str, Any] = {"type": kind, **{name: draw(drawn) for name, drawn in some.items()}}
    value: Any
    if kind == "object":
        inner = {name: draw(pairs(depth - 1)) for name in draw(st.sets(st.sampled_from("abc"), max_size=2))}
        openapi["properties"] = {name: part for name, (part, _) in inner.items()}
        value = {name: part for name, (_, part) in inner.items() if draw(st.booleans())}
        value |= draw(st.dictionaries(st.just("d"), ANY, max_size=1)) if draw(st.booleans()) else {}
    elif kind == "array":
        openapi["items"], item = draw(pairs(depth - 1))
        value = [item] * draw(COUNTS)
    else:
        value = draw(SCALARS[kind])
        if draw(st.integers(0, 4)) == 0:
            openapi["enum"] = draw(st.lists(ANY | st.just(value), min_size=1, max_size=3))
    for bound, switch in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if bound in openapi and draw(st.booleans()):
            openapi[switch] = draw(st.booleans())
    if draw(st.integers(0, 9)) == 0:
        openapi["x-kubernetes-int-or-string"] = True
    return openapi, draw(ANY) if draw(st.integers(0, 9)) == 0 else value


@given(pairs())
@settings(max_examples=10 * EXAMPLES)
def test_what_fits_is_valid(pair: Pair) -> None:
    openapi, value = pair
    if quick_check.fits(value, openapi):
        assert jsonschema_rs.is_valid(schema.json_schema(openapi), value)
