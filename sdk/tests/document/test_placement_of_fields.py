"""New items and flags stand where they would stand if all were new, new fields at the end; all else keeps its place."""

from __future__ import annotations

from itertools import combinations, permutations
from typing import Any

import pytest
from krm_functions_sdk import Resource, YamlFault, because

ENV = {"env": [{"name": name, "value": name.lower()} for name in "ABC"]}
ARGS = {"args": ["model", "--port=1", because("--len=2", "why"), "--switch"]}
OWNED: dict[str, tuple[dict[str, Any], list[str], list[str]]] = {
    "list": (ENV, [f"env[name={name}]" for name in "ABC"], [f"env[name={name}]" for name in "ABC"]),
    "arguments": (
        ARGS,
        ["args[-]", "args[--port]", "args[--len]", "args[--switch]"],
        ["args[-]", "args[--port]", "args[--len]", "args[--switch]"],
    ),
}
STYLES = {
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


def test_a_new_field_stands_at_the_end() -> None:
    """It stands behind all that is there, in each layout, wherever the function has it.

    kpt puts it there whatever a function answers: it sorts the fields of the answer as they were, and new ones behind
    them (`SyncOrder` in kustomize's kyaml/order/syncorder.go, which kpt calls after each function). A field elsewhere
    would move as soon as the package is rendered by the other of the two; tests/parity has it as a case.
    """
    for text, expected in (
        ("kind: K\nm:\n  # of b\n  b: 2\n", "kind: K\nm:\n  # of b\n  b: 2\n  a: 1\n"),
        ("kind: K\nm:\n  z: 0\n  b: 2\n", "kind: K\nm:\n  b: 2\n  a: 1\n"),
        ("kind: K\nm: {z: 0, b: 2}\n", "kind: K\nm: {b: 2, a: 1}\n"),
    ):
        assert _rendered(text, {"m": {"a": 1, "b": 2}}, ["m"]) == expected
    item = "kind: K\nl:\n- b: 2 # two\n  c: 3\n"
    assert _rendered(item, {"l": [{"a": 1, "b": 2, "c": 3}]}, ["l"]) == "kind: K\nl:\n- b: 2 # two\n  c: 3\n  a: 1\n"


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
