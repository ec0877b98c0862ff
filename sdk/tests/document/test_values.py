"""Values have the type that is asked for, and what no object can hold is refused where it is given."""

from __future__ import annotations

from typing import Any

import pytest
from krm_functions_sdk import Resource, YamlFault, because

TEXT = "a: x\nb: 5\nc: yes\nd: '5'\ne: ~\nf: 1e3\ng: 0o17\nh: 1.5\ni: {}\nj: 0644\nk: 1_000\nl: !!str 5\n"


def test_types() -> None:
    """A scalar is what Kubernetes reads: `yes` is true, 1e3 is 1000, what stands in quotes is a string."""
    resource = Resource(TEXT)
    assert (resource.get_str("a"), resource.get_str("d"), resource.get_str("l")) == ("x", "5", "5")
    assert [resource.get_int(name) for name in "bfgjk"] == [5, 1000, 15, 420, 1000]
    assert resource.get_bool("c") is True
    assert (resource.get_str("e", "z"), resource.get_int("none", 3), resource.get_bool("none")) == ("z", 3, None)


@pytest.mark.parametrize(
    ("get", "path", "message"),
    [
        (Resource.get_str, "b", "b: found an integer (5), expected a string; write it in quotes"),
        (Resource.get_str, "c", "c: found true or false (True), expected a string; write it in quotes"),
        (Resource.get_str, "i", "i: found a map, expected a string"),
        (Resource.get_int, "d", "d: found a string ('5'), expected an integer"),
        (Resource.get_int, "c", "c: found true or false (True), expected an integer"),
        (Resource.get_int, "h", "h: found a number (1.5), expected an integer"),
        (Resource.get_bool, "a", "a: found a string ('x'), expected true or false"),
    ],
)
def test_another_type_is_a_fault(get: Any, path: str, message: str) -> None:
    """It says field, value and what is expected, and knows resource and line."""
    resource = Resource(TEXT)
    with pytest.raises(YamlFault) as caught:
        get(resource, path)
    assert caught.value.message == message
    assert caught.value.resource is resource
    assert caught.value.line == TEXT[: TEXT.index(f"{path}: ")].count("\n")


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("a", {1}, r"a: \{1\} is a set, which YAML cannot hold"),
        ("a.b", [{"c": b"x"}], r"a.b\[0\].c: b'x' is a bytes, which YAML cannot hold"),
        ("a", "x\ud800", r"a: 'x\\ud800' holds half of a surrogate pair"),
        ("a", {1: 2}, "a: the key 1 is no string"),
        ("a", float("nan"), "a: nan is no number that Kubernetes can hold"),
        ("a", float("-inf"), "a: -inf is no number that Kubernetes can hold"),
        ("metadata.labels.x", 5, "metadata.labels.x: found 5, expected a string"),
        (
            "metadata.annotations[a/b]",
            because(True, "why"),
            r"metadata.annotations\[a/b\]: found True, expected a string",
        ),
        (
            "spec.template.metadata.labels",
            {"x": None},
            "spec.template.metadata.labels.x: found None, expected a string",
        ),
    ],
)
def test_what_no_object_can_hold(path: str, value: Any, message: str) -> None:
    """It is refused before anything changes, with its path and value."""
    resource = Resource("kind: A\n")
    with pytest.raises(ValueError, match=message):
        resource.set(path, value)
    assert resource.text == "kind: A\n"


def test_a_new_resource_holds_what_one_can_hold() -> None:
    """The same holds for what is made anew, all faults at once."""
    with pytest.raises(ValueError, match=r"spec\.a: .* set.*; metadata\.labels\.b: found 1"):
        Resource.new({"spec": {"a": {1}}, "metadata": {"labels": {"b": 1}}})


def test_control_characters_are_written_so_that_they_come_back() -> None:
    """They stand as escapes in double quotes."""
    resource = Resource("a: x\n")
    resource.set("a", "\x00\x07\x1b\x7f\x85\u2028\ufeff")
    assert Resource(resource.text).get_str("a") == "\x00\x07\x1b\x7f\x85\u2028\ufeff"
    assert resource.text.isprintable() or resource.text.rstrip("\n").isprintable()
