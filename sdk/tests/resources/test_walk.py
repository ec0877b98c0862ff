"""All fields of a resource, what they say and how it is written, and patterns that take some."""

from __future__ import annotations

import pytest
from krm_functions_sdk import Resource

TEXT = """\
kind: K
spec: # of the spec
  replicas: 3 # why
  "odd/key": '3'
  containers:
  - name: web
    args: ["--port=80", x]
  - # the other
    name: side
  text: |
    a
  anchor: &a {b: 1}
  alias: *a
"""


def test_a_walk_sees_every_field_in_order() -> None:
    """Paths have positions, and lead to the value; text is as written; a map or list has the comment of its key."""
    resource = Resource(TEXT)
    found = list(resource.walk())
    assert [(field.path, field.text, field.comment) for field in found if field.is_scalar] == [
        ("kind", "K", ""),
        ("spec.replicas", "3", "why"),
        ("spec[odd/key]", "'3'", ""),
        ("spec.containers[0].name", "web", ""),
        ("spec.containers[0].args[0]", '"--port=80"', ""),
        ("spec.containers[0].args[1]", "x", ""),
        ("spec.containers[1].name", "side", ""),
        ("spec.text", "|\n    a\n", ""),
        ("spec.anchor.b", "1", ""),
    ]
    assert [(field.path, field.comment) for field in found if not field.is_scalar] == [
        ("spec", "of the spec"),
        ("spec.containers", ""),
        ("spec.containers[0]", ""),
        ("spec.containers[0].args", ""),
        ("spec.containers[1]", "the other"),
        ("spec.anchor", ""),
        ("spec.alias", ""),
    ]
    for field in found:
        assert resource.get(field.path) == field.value


@pytest.mark.parametrize(
    ("pattern", "paths"),
    [
        ("spec.replicas", ["spec.replicas"]),
        ("*.replicas", ["spec.replicas"]),
        ("**.name", ["spec.containers[0].name", "spec.containers[1].name"]),
        ("spec.**.name", ["spec.containers[0].name", "spec.containers[1].name"]),
        ("spec.**.replicas", ["spec.replicas"]),
        ("spec.containers[*].name", ["spec.containers[0].name", "spec.containers[1].name"]),
        ("spec.containers[1].name", ["spec.containers[1].name"]),
        ("spec.containers[name=side].name", ["spec.containers[1].name"]),
        ("spec.containers[name=web].args[--port]", ["spec.containers[0].args[0]"]),
        ("**[name=web]", ["spec.containers[0]"]),
        ("spec.containers.name", []),
        ("gone.**", []),
    ],
)
def test_patterns(pattern: str, paths: list[str]) -> None:
    """A pattern takes fields by key, by what an item says, and by position."""
    assert [field.path for field in Resource(TEXT).walk(pattern)] == paths


def test_edits_on_the_way() -> None:
    """What is edited while walking changes the resource, and nothing of the walk."""
    resource = Resource(TEXT)
    for field in resource.walk("**.name"):
        resource.set(field.path, f"{field.value}-new")
        resource.set_comment(field.path, f"was {field.text}")
    assert resource.text == TEXT.replace("name: web", "name: web-new # was web").replace(
        "name: side", "name: side-new # was side"
    )
