"""The short way of an edit and the long one end at the same text."""

from __future__ import annotations

from typing import Any

import pytest
import yaml_documents
from hypothesis import given, settings
from hypothesis import strategies as st
from krm_functions_sdk import Resource, YamlFault
from krm_functions_sdk.document import field_path, ownership, scalar_edit
from searches import EXAMPLES

TEXT = """\
# head
a: 1 # one
b:
  c: 'two' # second
  d: "three"
  e: null
  f:
  g: |
    x
  h: {}
  i: []
  'j k': v   # wide
l:
- m: 1
metadata:
  name: x
"""
VALUES: list[Any] = [
    1, 1.0, 2, True, "1e3", "two", "x # y", "'", "", "on", "12:30", "é😀", 1.5, -0.0, "a\nb", None, [], {},
]  # fmt: skip
PATHS = ["a", "b.c", "b.d", "b.e", "b.f", "b.g", "b.h", "b.i", "b[j k]", "b.new", "b", "l", "a.b", "metadata.name"]


def long(text: str, path: field_path.FieldPath, value: Any) -> Resource:
    wanted = value
    for step in reversed(path):
        wanted = {step: wanted}
    resource = Resource(text)
    resource.apply(wanted, ownership.table([field_path.show(path)]))
    return resource


def compare(text: str, path: field_path.FieldPath, value: Any) -> None:
    resource = Resource(text)
    try:
        expected = long(text, path, value)
    except (YamlFault, ValueError) as fault:
        with pytest.raises(type(fault)):
            resource.set(field_path.show(path), value)
        assert resource.text == text
        return
    resource.set(field_path.show(path), value)
    assert resource.text == expected.text
    assert resource.data == expected.data
    assert resource.is_changed == expected.is_changed


@pytest.mark.parametrize("value", VALUES, ids=repr)
@pytest.mark.parametrize("path", PATHS)
def test_both_ways_end_at_the_same_text(path: str, value: Any) -> None:
    compare(TEXT, field_path.parse(path), value)


@given(yaml_documents.documents(), st.data())
@settings(max_examples=3 * EXAMPLES)
def test_both_ways_end_at_the_same_text_in_any_document(text: str, data: st.DataObject) -> None:
    try:
        tree = Resource(text).data
    except YamlFault:
        return
    paths: list[field_path.FieldPath] = []

    def walk(value: Any, path: field_path.FieldPath) -> None:
        for key, part in value.items() if isinstance(value, dict) else ():
            paths.append((*path, key))
            walk(part, (*path, key))

    walk(tree, ())
    if paths:
        compare(text, data.draw(st.sampled_from(paths)), data.draw(st.sampled_from(VALUES)))


@pytest.mark.parametrize("path", ["a", "b.c", "b.d", "b[j k]"])
def test_the_short_way_is_taken(path: str) -> None:
    """Where a scalar stands on its line in a plain document, and nothing else is asked."""
    resource = Resource(TEXT)
    assert scalar_edit.edited(TEXT, resource.root, field_path.parse(path), 7) is not None
