"""Edits change what they name, in the text as in the tree, and nothing else."""

from __future__ import annotations

import copy
import re
from typing import Any

import yaml_documents
from hypothesis import given
from hypothesis import strategies as st
from krm_functions_sdk import Resource, because
from krm_functions_sdk.document import field_path, parser
from krm_functions_sdk.document import tree as nodes
from krm_functions_sdk.document.field_path import FieldPath, Match
from krm_functions_sdk.document.tree import line_after
from krm_functions_sdk.document.wanted import same
from yaml_trees import paths_of

NEW: list[Any] = [
    5,
    "x",
    "1e3",
    True,
    None,
    "two\nlines\n",
    {},
    [],
    {"k": "v", "l": {"m": 1}},
    ["p", "q"],
    [{"name": "n", "v": [1]}],
]


def after_set(value: Any, path: FieldPath, new: Any) -> Any:
    """Return the tree `value` in which the field at `path` is `new`."""
    if not path:
        return new
    step, *rest = path
    if isinstance(step, Match):
        items = list(value) if isinstance(value, list) else []
        index = next(
            (i for i, item in enumerate(items) if isinstance(item, dict) and item.get(step[0]) == step[1]), None
        )
        old = {step[0]: step[1]} if index is None else items[index]
        item = {step[0]: step[1], **new} if not rest else after_set(old, tuple(rest), new)
        return [*items, item] if index is None else [*items[:index], item, *items[index + 1 :]]
    entries = dict(value) if isinstance(value, dict) else {}
    entries[step] = after_set(entries.get(step), tuple(rest), new)
    return entries


def after_remove(value: Any, path: FieldPath) -> Any:
    """Return the tree without a field and the maps and lists that are empty for that; None where nothing is left."""
    step, *rest = path
    if isinstance(step, Match):
        index = next(i for i, item in enumerate(value) if item.get(step[0]) == step[1])
        item = after_remove(value[index], tuple(rest)) if rest else None
        if item == {step[0]: step[1]}:
            item = None
        return [*value[:index], *([] if item is None else [item]), *value[index + 1 :]] or None
    entries = dict(value)
    part = after_remove(entries[step], tuple(rest)) if rest else None
    if part is None:
        del entries[step]
    else:
        entries[step] = part
    return entries or None


def region(resource: Resource, path: FieldPath) -> tuple[int, int]:
    """Return the part of the text that an edit of `path` may change: lines of the field and the comments above it."""
    text, parent, start = resource.text, resource.root, 0
    current = parent
    for length in range(1, len(path) + 1):
        parent, step = current, path[length - 1]
        if parent.style == "flow":
            return parent.start, parent.end
        found = resource.find(path[:length])
        assert found is not None
        current = found
        if isinstance(step, Match):
            index = parent.value.index(current)
            start = line_after(parent.value[index - 1], text) if index else parent.start - parent.column
        else:
            entry = parent.entry(str(step))
            assert entry is not None
            start = text.rfind("\n", 0, entry[0].start) + 1
    while start and text[text.rfind("\n", 0, start - 1) + 1 : start].lstrip(" ").startswith("#"):
        start = text.rfind("\n", 0, start - 1) + 1
    column = parent.column
    end = line_after(current, text)
    while foot := re.compile(rf"[ \t\r]*\n| {{{column + 1},}}#[^\n]*(?:\n|\Z)").match(text, end):
        end = foot.end()
    while end < len(text) and text[end] in " \r\n":
        end += 1
    return start, end


def changed_path(before: Any, after: Any, path: FieldPath) -> FieldPath:
    """Return the topmost field on the way to `path` that is there before and not after, or `path` itself."""
    tree = Resource.new(before), Resource.new(after or {"none": 1})
    for length in range(1, len(path) + 1):
        if tree[0].find(path[:length]) is not None and tree[1].find(path[:length]) is None:
            return path[:length]
    return path


def check_rest_stays(old: str, new: str, start: int, end: int) -> None:
    """Assert that only text between two positions of the old text changed."""
    assert new.startswith(old[:start])
    rest = old[end:]
    assert new.endswith(rest) or new.rstrip("\r\n").endswith(rest.rstrip("\r\n"))


@given(yaml_documents.documents(), st.data())
def test_set_and_remove_change_the_tree_and_only_the_lines_of_the_field(text: str, data: st.DataObject) -> None:
    """Whatever the document looks like, setting or removing a field does that and leaves all other lines alone."""
    resource = Resource(text)
    before = copy.deepcopy(resource.data)
    path = data.draw(st.sampled_from(paths_of(before)))
    if data.draw(st.booleans()):
        want = after_remove(before, path)
        place = region(resource, changed_path(before, want, path))
        resource.remove(field_path.show(path))
        want = {} if want is None else want
        again = Resource(resource.text)
    else:
        new = data.draw(st.sampled_from(NEW))
        if isinstance(path[-1], Match):
            new = {"v": new}
        want = after_set(before, path, new)
        place = region(resource, path)
        comment = data.draw(st.sampled_from(["", "reason: 2 × 3"]))
        value = because(new, comment) if comment and not isinstance(new, dict | list) else new
        resource.set(field_path.show(path), value)
        again = Resource(resource.text)
        again.set(field_path.show(path), value)
    assert same(resource.data, want)
    assert same(nodes.value(parser.parse(resource.text)), want)
    check_rest_stays(text, resource.text, *place)
    assert again.text == resource.text


def test_the_paths_of_a_document_name_one_field_each() -> None:
    """Of two items with one name, no path leads into either: a property over paths must not look in the other."""
    tree = Resource('a:\n- name: ""\n- name: ""\n  a: |-\n    x\n').data
    assert paths_of(tree) == [("a",)]


@given(yaml_documents.documents(), st.data())
def test_a_new_field_leaves_every_line_that_was_there(text: str, data: st.DataObject) -> None:
    """A field that was not there is added, whatever is there, and the old text stands before and behind it."""
    resource = Resource(text)
    before = copy.deepcopy(resource.data)
    parents = [()] + [
        path for path in paths_of(before) if isinstance(value_at(before, path), dict) and value_at(before, path)
    ]
    path = (*data.draw(st.sampled_from(parents)), "fresh")
    new = data.draw(st.sampled_from(NEW))
    resource.set(field_path.show(path), new)
    assert same(resource.data, after_set(before, path, new))
    at = next((i for i, (a, b) in enumerate(zip(text, resource.text, strict=False)) if a != b), len(text))
    assert resource.text.startswith(text[:at])
    assert resource.text.endswith(text[at:]) or "|" in text or ">" in text


def value_at(value: Any, path: FieldPath) -> Any:
    """Return the value at a path of keys and keyed items."""
    for step in path:
        value = next(item for item in value if item["name"] == step[1]) if isinstance(step, Match) else value[step]
    return value


@given(yaml_documents.documents())
def test_reading_a_document_never_fails_and_changes_nothing(text: str) -> None:
    """Each generated document can be read, and reading leaves its text."""
    resource = Resource(text)
    assert isinstance(resource.data, dict)
    assert resource.text == text
