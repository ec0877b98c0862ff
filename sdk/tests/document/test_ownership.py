"""Ownership tables: what is stray, what is worth writing, what is the same."""

from __future__ import annotations

from typing import Any

import pytest
from krm_functions_sdk import MISSING, Change, because
from krm_functions_sdk.document import field_path, ownership
from krm_functions_sdk.document.wanted import same as is_same


@pytest.mark.parametrize(
    ("wanted", "paths", "strays"),
    [
        ({"spec": {"replicas": 1}}, ["spec.replicas"], []),
        ({"spec": {"replicas": 1}}, ["spec"], []),
        ({"spec": {"replicas": 1, "paused": True}}, ["spec.replicas"], ["spec.paused"]),
        ({"c": [{"name": "x", "image": "y"}]}, ["c[name=x].image"], []),
        ({"c": [{"name": "x", "image": "y", "tty": True}]}, ["c[name=x].image"], ["c[name=x].tty"]),
        ({"c": [{"name": "z"}]}, ["c[name=x].image"], ["c: {'name': 'z'}"]),
        ({"args": ["--a=1", "m"]}, ["args[--a]", "args[-]"], []),
        ({"args": ["--a=1", because("--b_c=1", "why")]}, ["args[--a]"], ["args[--b-c]"]),
        ({"spec": 5}, ["spec.replicas"], ["spec"]),
        ({"c": {"name": "x"}}, ["c[name=x]"], ["c"]),
        ({"c": [1]}, ["c.name"], ["c"]),
        ({"ports": [{"containerPort": 80}]}, ["ports[containerPort=80]"], []),
        ({}, ["a"], []),
    ],
)
def test_stray(wanted: Any, paths: list[str], strays: list[str]) -> None:
    """What is wanted and not owned is named by its path."""
    assert ownership.stray(wanted, ownership.table(paths)) == strays


@pytest.mark.parametrize(
    ("wanted", "paths", "worth"),
    [
        ({"a": {}}, ["a"], {"a": {}}),
        ({"a": {}}, ["a.b"], MISSING),
        ({"a": {"b": {}}}, ["a.b.c"], MISSING),
        ({"a": {"b": {}, "d": 1}}, ["a.b.c", "a.d"], {"a": {"d": 1}}),
        ({"a": []}, ["a[name=x]"], MISSING),
    ],
)
def test_worth(wanted: Any, paths: list[str], worth: Any) -> None:
    """Empty maps and lists on the way to owned fields are not worth writing."""
    assert ownership.worth(wanted, ownership.table(paths)) == worth


@pytest.mark.parametrize(
    ("have", "want", "same"),
    [
        (1, 1, True),
        (1, "1", False),
        (True, 1, False),
        (1, 1.0, True),
        (0, False, False),
        (None, None, True),
        (None, "", False),
        (float("nan"), float("nan"), True),
        ({"a": [1]}, {"a": [1]}, True),
        ({"a": [1]}, {"a": [True]}, False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ([1, 2], [2, 1], False),
        ([1], [1, 1], False),
    ],
)
def test_same(have: Any, want: Any, same: bool) -> None:
    """Values are the same with their types, in any order of keys."""
    assert is_same(have, want) is same


def test_a_change_shows_itself() -> None:
    """A change names path and values."""
    assert repr(Change(field_path.parse("a.b"), MISSING, 1)) == "<Change a.b: MISSING to 1>"
