"""What is new stands where it would stand if all were new, and everything else keeps its place and its bytes."""

from __future__ import annotations

from itertools import combinations, permutations
from typing import Any

import pytest
from krm_functions_sdk import Resource, YamlFault, because

MAP = {"a": 1, "b": {"x": 1, "y": 2}, "c": because(3, "why")}
ENV = {"env": [{"name": name, "value": name.lower()} for name in "ABC"]}
ARGS = {"args": ["model", "--port=1", because("--len=2", "why"), "--switch"]}
OWNED: dict[str, tuple[dict[str, Any], list[str], list[str]]] = {
    "map": (MAP, ["a", "b", "c"], ["a", "b", "c"]),
    "whole map": ({"m": MAP}, ["m"], ["m.a", "m.b.x", "m.b.y", "m.c"]),
    "list": (ENV, [f"env[name={name}]" for name in "ABC"], [f"env[name={name}]" for name in "ABC"]),
    "arguments": (
        ARGS,
        ["args[-]", "args[--port]", "args[--len]", "args[--switch]"],
        ["args[-]", "args[--port]", "args[--len]", "args[--switch]"],
    ),
}
STYLES = {
    "map": "kind: K\nz: 9 # mine\n",
    "whole map": "kind: K\nz: 9 # mine\n",
    "list": "kind: K\nenv:\n# first\n- name: Z\n",
    "arguments": "kind: K\nargs:\n- --mine=1 # mine\n",
}


def _rendered(text: str, wanted: dict[str, Any], owned: list[str]) -> str:
    resource = Resource(text)
    resource.apply(wanted, owned)
    assert Resource(resource.text).apply(wanted, owned) == []
    return resource.text


@pytest.mark.parametrize("case", OWNED)
def test_what_was_taken_out_comes_back_where_it_was(case: str) -> None:
    """Whatever parts are missing, in a text with parts of users: the text is the same byte for byte as from nothing."""
    wanted, owned, parts = OWNED[case]
    fresh = _rendered(STYLES[case], wanted, owned)
    for count in range(1, len(parts) + 1):
        for gone in combinations(parts, count):
            resource = Resource(fresh)
            for path in gone:
                resource.apply({}, [path])
            if len(gone) < len(parts):
                assert _rendered(resource.text, wanted, owned) == fresh, gone


def test_what_comes_first_stands_above_the_comments_of_what_follows() -> None:
    """A new first field does not come between a field and its comment."""
    text = "kind: K\nm:\n  # of b\n  b: 2\n"
    expected = "kind: K\nm:\n  a: 1\n  # of b\n  b: 2\n"
    assert _rendered(text, {"m": {"a": 1, "b": 2}}, ["m.a", "m.b"]) == expected


def test_what_comes_first_behind_a_dash() -> None:
    """In an item of a list the new first field takes the dash."""
    text = "kind: K\nl:\n- b: 2 # two\n  c: 3\n"
    assert _rendered(text, {"l": [{"a": 1, "b": 2, "c": 3}]}, ["l"]) == "kind: K\nl:\n- a: 1\n  b: 2 # two\n  c: 3\n"


def test_what_goes_and_what_comes_in_one_place() -> None:
    """The first field goes and another one comes in front of what stays, in each layout."""
    for text, expected in (
        ("kind: K\nm:\n  z: 0\n  b: 2\n", "kind: K\nm:\n  a: 1\n  b: 2\n"),
        ("kind: K\nm: {z: 0, b: 2}\n", "kind: K\nm: {a: 1, b: 2}\n"),
    ):
        assert _rendered(text, {"m": {"a": 1, "b": 2}}, ["m"]) == expected
    item = "kind: K\nl:\n- z: 0\n  b: 2\n"
    assert _rendered(item, {"l": [{"a": 1, "b": 2}]}, ["l"]) == "kind: K\nl:\n- a: 1\n  b: 2\n"


@pytest.mark.parametrize("order", list(permutations("abz")))
def test_the_order_of_a_user_stays(order: tuple[str, ...]) -> None:
    """Fields that are there are not put into another order."""
    text = "kind: K\n" + "".join(f"{key}: 1\n" for key in order)
    assert _rendered(text, {"a": 1, "b": 1, "c": 1}, ["a", "b", "c"]).replace("c: 1\n", "") == text


@pytest.mark.parametrize("text", ["kind: K\n? b\n: 1\n", "{kind: K, b: 1}"])
def test_other_layouts_are_edited_or_refused(text: str) -> None:
    """A layout that cannot be edited is a fault, never a broken text."""
    try:
        done = _rendered(text, {"a": 1, "b": 1}, ["a", "b"])
    except YamlFault:
        return
    assert Resource(done).data == {"kind": "K", "a": 1, "b": 1}


def test_a_flag_that_is_wanted_twice_is_there_twice() -> None:
    """A second one joins the first, and neither replaces the other."""
    text, owned = "kind: K\nargs:\n- --a=1\n- --b=1\n", ["args[--a]", "args[--b]"]
    done = _rendered(text, {"args": ["--a=1", "--a=2", "--b=1"]}, owned)
    assert Resource(done).data["args"] == ["--a=1", "--a=2", "--b=1"]
