"""Annotations: a text that cannot hold one is not parsed for it, and one that hides is found."""

import pytest
from krm_functions_sdk import Resource
from krm_functions_sdk.resources.origin import annotation_of

HEAD = "apiVersion: v1\nkind: A\nmetadata:\n  name: x\n"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (HEAD, None),
        (HEAD + "  annotations:\n    example.com/a: b\n", "b"),
        (HEAD + '  annotations: {"example.com/a": b}\n', "b"),
        (HEAD + '  annotations:\n    "example\\x2ecom/a": b\n', "b"),
        (HEAD + "  labels: &l\n    example.com/a: b\n  annotations: *l\n", "b"),
        (HEAD + "  labels: &l\n    example.com/a: b\n  annotations:\n    <<: *l\n", "b"),
        (HEAD + "  labels:\n    example.com/a: b\n", None),
    ],
)
def test_an_annotation_is_found(text: str, value: str | None) -> None:
    """However it is written."""
    assert annotation_of(Resource(text), "example.com/a") == value


def test_what_cannot_hold_it_is_not_parsed() -> None:
    """A text without the name is not even read."""
    assert annotation_of(Resource("not: [yaml"), "example.com/a") is None
