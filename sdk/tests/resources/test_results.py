"""Results say what they have to say in the terms of the specification, and to people."""

from __future__ import annotations

from typing import Any

import pytest
from krm_functions_sdk import ERROR, INFO, Resource, Result, Results, because
from krm_functions_sdk.document import emitter, field_path, parser, tree

TEXT = "apiVersion: v1\nkind: K\nmetadata:\n  name: x\n  namespace: n\nspec:\n  a: 1\n"
REFERENCE = {"apiVersion": "v1", "kind": "K", "name": "x", "namespace": "n"}


def test_to_dict() -> None:
    """A result about a field holds all that the specification knows, and nothing that it does not."""
    resource = Resource(TEXT, path="p.yaml", index=2, first_line=11)
    result = Result(ERROR, "wrong", resource, "spec.a", current=1, proposed=because(2, "why"), tags={"n": 5})
    assert result.to_dict() == {
        "message": "wrong",
        "severity": "error",
        "resourceRef": REFERENCE,
        "field": {"path": "spec.a", "currentValue": 1, "proposedValue": 2},
        "file": {"path": "p.yaml", "index": 2},
        "tags": {"n": "5", "line": "17"},
    }
    assert str(result) == "[error] p.yaml:17: K n/x: spec.a: wrong; proposed: 2"


@pytest.mark.parametrize(
    ("result", "expected", "line"),
    [
        (Result(INFO, "hi"), {"message": "hi", "severity": "info"}, "[info] hi"),
        (Result(ERROR, "hi", field="a.b"), {"message": "a.b: hi", "severity": "error"}, "[error] a.b: hi"),
        (
            Result(ERROR, "hi", Resource("kind: Kustomization\n"), "a"),
            {"message": "a: hi", "severity": "error"},
            "[error] Kustomization: a: hi",
        ),
        (
            Result(ERROR, "hi", Resource(TEXT), field_path.parse("spec.c[name=y]"), current=None),
            {
                "message": "hi",
                "severity": "error",
                "resourceRef": REFERENCE,
                "field": {"path": "spec.c[name=y]", "currentValue": None},
            },
            "[error] K n/x: spec.c[name=y]: hi",
        ),
        (Result(ERROR, "[error]: odd"), {"message": "[error]: odd", "severity": "error"}, "[error] [error]: odd"),
    ],
)
def test_what_is_unknown_is_left_out(result: Result, expected: dict[str, Any], line: str) -> None:
    """A reference is complete or not there, and without one the field is told in the message."""
    assert result.to_dict() == expected
    assert str(result) == line


def test_a_broken_resource_is_named_as_far_as_it_can_be_read() -> None:
    """A resource whose names stand before its fault is named."""
    result = Result(ERROR, "wrong", Resource(TEXT + "b: [\n", path="p.yaml", first_line=3), "spec.a")
    assert result.reference == REFERENCE
    assert (result.file, result.line) == ("p.yaml", 3)
    assert Result(ERROR, "wrong", Resource("[", first_line=3)).line == 3


def test_results_are_written_so_that_they_are_read_again() -> None:
    """Whatever a message holds, the results are YAML with the right types."""
    resource = Resource(TEXT, path="0x10", index=1)
    results = [
        Result(ERROR, text, resource, "spec.a", current=text).to_dict()
        for text in ("1e3", "a: b", "two\nlines", "", "😀")
    ]
    text = emitter.entries({"results": results}, 0, emitter.COMPACT)
    assert tree.value(parser.parse(text)) == {"results": results}


def test_results() -> None:
    """Errors fail a run, warnings and information do not."""
    results = Results()
    results.info("a")
    results.warning("b", tags={"x": 1})
    assert not results.failed
    results.error("c", field="f", current=5)
    assert results.failed
    assert [result.severity for result in results] == ["info", "warning", "error"]


@pytest.mark.parametrize("severity", ["Error", "warn", ""])
def test_an_unknown_severity_is_refused(severity: str) -> None:
    """A severity that nothing would count as an error cannot be written."""
    with pytest.raises(ValueError, match="expected error, warning or info"):
        Result(severity, "message")
