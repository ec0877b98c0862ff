"""What a function owns becomes what it wants, in the text; tables of documents before and after."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import pytest
from krm_functions_sdk import MISSING, Resource, YamlFault, because
from krm_functions_sdk.document import field_path

ENV = ["env[name=A]", "env[name=B]"]


def apply(before: str, wanted: dict[str, Any], owned: list[str]) -> tuple[str, list[tuple[str, Any, Any]]]:
    """Return text and changes, and assert that a second time changes nothing."""
    resource = Resource(before)
    changes = resource.apply(wanted, owned)
    text = resource.text
    assert resource.apply(wanted, owned) == []
    assert resource.text == text
    assert Resource(text).apply(wanted, owned) == []
    return text, [(field_path.show(change.path), change.before, change.after) for change in changes]


KEYED = {
    "add to a list": (
        "env:\n- name: X # mine\n  value: x\n# foot\nz: 1\n",
        {"env": [{"name": "A", "value": "a"}]},
        "env:\n- name: X # mine\n  value: x\n- name: A\n  value: a\n# foot\nz: 1\n",
    ),
    "add two in their order": (
        "env:\n- name: X\n",
        {"env": [{"name": "B"}, {"name": "A"}]},
        "env:\n- name: X\n- name: B\n- name: A\n",
    ),
    "add to null": ("env:\nz: 1\n", {"env": [{"name": "A"}]}, "env:\n- name: A\nz: 1\n"),
    "add to a written null": ("env: null # none\nz: 1\n", {"env": [{"name": "A"}]}, "env: # none\n- name: A\nz: 1\n"),
    "add to an empty list": ("env: []\nz: 1\n", {"env": [{"name": "A"}]}, "env:\n- name: A\nz: 1\n"),
    "add to an empty map": ("env: {}\nz: 1\n", {"env": [{"name": "A"}]}, "env:\n- name: A\nz: 1\n"),
    "add where nothing is": ("z: 1\n", {"env": [{"name": "A"}]}, "z: 1\nenv:\n- name: A\n"),
    "add to a string": ("env: none\nz: 1\n", {"env": [{"name": "A"}]}, "env:\n- name: A\nz: 1\n"),
    "correct a value": (
        "env:\n- name: A # key\n  value: 'x' # old\n- name: X\n",
        {"env": [{"name": "A", "value": "y"}]},
        "env:\n- name: A # key\n  value: 'y' # old\n- name: X\n",
    ),
    "add a field to an item": (
        "env:\n- name: A\n- name: X\n",
        {"env": [{"name": "A", "value": "v"}]},
        "env:\n- name: A\n  value: v\n- name: X\n",
    ),
    "remove the first": ("env:\n# of A\n- name: A\n  value: 1\n# of X\n- name: X\n", {}, "env:\n# of X\n- name: X\n"),
    "remove the last": ("env:\n- name: X\n# of A\n- name: A\n  value: 1\nz: 1\n", {}, "env:\n- name: X\nz: 1\n"),
    "remove one between": (
        "env:\n- name: X # x\n- name: A\n- name: Y # y\n",
        {},
        "env:\n- name: X # x\n- name: Y # y\n",
    ),
    "remove the only one": ("env:\n- name: A\nz: 1\n", {}, "z: 1\n"),
    "remove all": ("a: 1\nenv:\n- name: A\n- name: B\nz: 1\n", {}, "a: 1\nz: 1\n"),
    "remove twins": ("env:\n- name: A\n- name: X\n- name: A\n", {}, "env:\n- name: X\n"),
    "correct one of twins": (
        "env:\n- name: A\n  value: x\n- name: A\n  value: y\n",
        {"env": [{"name": "A", "value": "z"}]},
        "env:\n- name: A\n  value: z\n",
    ),
    "replace all": ("env:\n- name: A\n  value: x\nz: 1\n", {"env": [{"name": "B"}]}, "env:\n- name: B\nz: 1\n"),
    "leave an empty list": ("env: []\n", {}, "env: []\n"),
    "leave null": ("env:\nz: 1\n", {}, "env:\nz: 1\n"),
    "leave another type": ("env: none\n", {}, "env: none\n"),
    "leave items of another type": ("env:\n- x\n-\n- [y]\n", {}, "env:\n- x\n-\n- [y]\n"),
    "a wide list": ("env:\n  - name: X\nz: 1\n", {"env": [{"name": "A"}]}, "env:\n  - name: X\n  - name: A\nz: 1\n"),
    "a list with wide dashes": ("env:\n-   name: X\n", {"env": [{"name": "A"}]}, "env:\n-   name: X\n- name: A\n"),
    "remove the key behind the dash": (
        "env:\n- value: x # old\n  name: A\n",
        {"env": [{"name": "A"}]},
        "env:\n- name: A\n",
    ),
    "a dash on its own line": (
        "env:\n-\n  # about - A\n  name: A\n  value: x\n-\n  name: X\n",
        {"env": [{"name": "A", "value": "v"}]},
        "env:\n-\n  # about - A\n  name: A\n  value: v\n-\n  name: X\n",
    ),
    "a list in brackets": (
        "env: [{name: X, value: 'x'}]\n",
        {"env": [{"name": "A"}]},
        "env: [{name: X, value: 'x'}, {name: A}]\n",
    ),
    "correct in brackets": (
        "env: [{name: A, value: 'x'}] # c\n",
        {"env": [{"name": "A", "value": "y"}]},
        "env: [{name: A, value: 'y'}] # c\n",
    ),
    "remove in brackets": ("env: [{name: A}, {name: X}, {name: B}]\n", {}, "env: [{name: X}]\n"),
    "remove all in brackets": ("env: [{name: A}, {name: B}]\nz: 1\n", {}, "z: 1\n"),
    "a map in braces in a list": (
        "env:\n- {name: A, value: 'x'}\n",
        {"env": [{"name": "A", "value": "y"}]},
        "env:\n- {name: A, value: 'y'}\n",
    ),
    "windows lines": ("env:\r\n- name: X\r\n", {"env": [{"name": "A"}]}, "env:\r\n- name: X\r\n- name: A\r\n"),
    "no line end": ("env:\n- name: X", {"env": [{"name": "A"}]}, "env:\n- name: X\n- name: A"),
    "a byte order mark": (
        "\ufeffenv:\n- name: A\n",
        {"env": [{"name": "A", "value": "v"}]},
        "\ufeffenv:\n- name: A\n  value: v\n",
    ),
    "an alias that fits": ("x: &a {name: A}\nenv:\n- *a\n", {"env": [{"name": "A"}]}, "x: &a {name: A}\nenv:\n- *a\n"),
    "an alias that does not fit": (
        "x: &a {name: A}\nenv:\n- *a\n",
        {"env": [{"name": "A", "value": "v"}]},
        "x: &a {name: A}\nenv:\n- name: A\n  value: v\n",
    ),
}


@pytest.mark.parametrize("case", KEYED)
def test_keyed_lists(case: str) -> None:
    """Items are added, corrected and removed by their key, and their neighbours and comments stay where they are."""
    before, wanted, after = KEYED[case]
    assert apply(before, wanted, ENV)[0] == after


ARGS = ["args[-]", "args[--port]", "args[--max-loras]", "args[--enable-lora]", "args[--set]"]
ARGUMENTS: dict[str, tuple[str, list[Any], str]] = {
    "right already": ("args:\n- m\n- --port=1\n", ["m", "--port=1"], "args:\n- m\n- --port=1\n"),
    "a pair is right": ("args:\n- m\n- --port\n- '1'\n", ["m", "--port=1"], "args:\n- m\n- --port\n- '1'\n"),
    "underscores are right": ("args:\n- m\n- --max_loras=2\n", ["m", "--max-loras=2"], "args:\n- m\n- --max_loras=2\n"),
    "correct": ("args:\n- m\n- --port=1 # why\n", ["m", "--port=2"], "args:\n- m\n- --port=2 # why\n"),
    "correct a pair": (
        "args:\n- m\n- --port # p\n- '1' # v\n",
        ["m", "--port=2"],
        "args:\n- m\n- --port # p\n- '2' # v\n",
    ),
    "correct a quoted item": (
        'args:\n- m\n- "--port=1" # why\n',
        ["m", "--port=2"],
        'args:\n- m\n- "--port=2" # why\n',
    ),
    "correct the model": ("args:\n- old # which\n- --x\n", ["m"], "args:\n- m # which\n- --x\n"),
    "add the model first": ("args:\n# of x\n- --x=1\n", ["m"], "args:\n# of x\n- m\n- --x=1\n"),
    "add flags last": (
        "args:\n- m\n- --x=1 # c\nz: 1\n",
        ["m", "--port=1"],
        "args:\n- m\n- --x=1 # c\n- --port=1\nz: 1\n",
    ),
    "add before the end of flags": (
        "args:\n- m\n- --\n- x\n",
        ["m", "--port=1"],
        "args:\n- m\n- --port=1\n- --\n- x\n",
    ),
    "remove": ("args:\n- m\n# of port\n- --port=1\n- --x\n", ["m"], "args:\n- m\n- --x\n"),
    "remove a pair": ("args:\n- m\n- --port\n- '1'\n- --x\n", ["m"], "args:\n- m\n- --x\n"),
    "remove twins": ("args:\n- m\n- --port=1\n- --port=2\n", ["m", "--port=2"], "args:\n- m\n- --port=2\n"),
    "a switch swallows nothing": (
        "args:\n- --enable-lora\n- m\n",
        ["m", "--enable-lora"],
        "args:\n- --enable-lora\n- m\n",
    ),
    "a reason is added": (
        "args:\n- m\n- --port=1\n",
        ["m", because("--port=1", "why")],
        "args:\n- m\n- --port=1 # why\n",
    ),
    "a reason is renewed": (
        "args:\n- m\n- --port=1 # old\n",
        ["m", because("--port=2", "new")],
        "args:\n- m\n- --port=2 # new\n",
    ),
    "brackets": ("args: [m, '--port=1', --x] # c\n", ["m", "--port=2"], "args: [m, '--port=2', --x] # c\n"),
    "brackets, one more": ('args: ["m", "--x"]\n', ["m", "--port=2"], 'args: ["m", "--x", "--port=2"]\n'),
    "brackets, one first": ("args: [--x]\n", ["m"], "args: [m, --x]\n"),
    "nothing left": ("a: 1\nargs:\n- --port=1\n", [], "a: 1\n"),
    "everything new": ("args:\n- --port=1\n", ["m"], "args:\n- m\n"),
    "a number": ("args:\n- m\n- --port\n- 1\n", ["m", "--port=1"], "args:\n- m\n- --port\n- 1\n"),
    "JSON": ('args:\n- m\n- --x={"a":1}\n', ["m"], 'args:\n- m\n- --x={"a":1}\n'),
    "a flag of several values is new": (
        "args:\n- m\n- --x\n",
        ["m", [because("--set", "why"), "a=1", "b=2"]],
        "args:\n- m\n- --x\n- --set # why\n- a=1\n- b=2\n",
    ),
    "several values are right": (
        "args:\n- m\n- --set # why\n- a=1 # mine\n- b=2\n- --x\n",
        ["m", [because("--set", "why"), "a=1", "b=2"]],
        "args:\n- m\n- --set # why\n- a=1 # mine\n- b=2\n- --x\n",
    ),
    "correct several values": (
        "args:\n- m\n- --set # old\n- a=1\n- --x\n",
        ["m", [because("--set", "new"), "a=1", "b=2"]],
        "args:\n- m\n- --set # new\n- a=1\n- b=2\n- --x\n",
    ),
    "correct one of one item to several": (
        "args:\n- m\n- --set=a=1\n",
        ["m", ["--set", "a=1", "b=2"]],
        "args:\n- m\n- --set\n- a=1\n- b=2\n",
    ),
    "remove several values": ("args:\n- m\n- --set\n- a=1\n- b=2\n- --x\n", ["m"], "args:\n- m\n- --x\n"),
    "a value that looks like a flag": (
        "args:\n- m\n- --port\n- '1'\n",
        ["m", "--port=--x"],
        "args:\n- m\n- --port=--x\n",
    ),
}


@pytest.mark.parametrize("case", ARGUMENTS)
def test_arguments(case: str) -> None:
    """Flags are corrected in the form that they have, the model stands first, and comments stay on their lines."""
    before, wanted, after = ARGUMENTS[case]
    assert apply(before, {"args": wanted}, ARGS)[0] == after


def test_a_text_for_a_shell_is_no_flag() -> None:
    """What `sh -c` gets is one argument that no flag is found in."""
    before = "command: [sh, -c]\nargs:\n- |\n  vllm serve --port 8000\n"
    text, changes = apply(before, {"args": ["--port=1"]}, ["args[--port]"])
    assert text == before + "- --port=1\n"
    assert changes == [("args[--port]", MISSING, "--port=1")]


WHOLE: dict[str, tuple[str, Any, str]] = {
    "the same": ("w: {a: 0x10} # c\n", {"a": 16}, "w: {a: 0x10} # c\n"),
    "one field": ("w:\n  a: 1 # c\n  b: 2\n", {"a": 1, "b": 3}, "w:\n  a: 1 # c\n  b: 3\n"),
    "one gone": ("w:\n  # of a\n  a: 1\n  b: 2\n", {"b": 2}, "w:\n  b: 2\n"),
    "one more": ("w:\n  a: 1\nz: 1\n", {"a": 1, "b": {"c": []}}, "w:\n  a: 1\n  b:\n    c: []\nz: 1\n"),
    "all other": ("w: # c\n  a: 1\nz: 1\n", {"b": 2}, "w: # c\n  b: 2\nz: 1\n"),
    "a map to a scalar": ("w: # c\n  a: 1\nz: 1\n", 5, "w: 5 # c\nz: 1\n"),
    "a scalar to a map": ("w: 5 # c\nz: 1\n", {"a": 1}, "w: # c\n  a: 1\nz: 1\n"),
    "a list to nothing": ("w:\n- 1\nz: 1\n", [], "w: []\nz: 1\n"),
    "a block to a line": ("w: |  # c\n  x\n  y\nz: 1\n", "x", "w: x # c\nz: 1\n"),
    "a line to a block": ("w: x # c\nz: 1\n", "x\ny\n", "w: | # c\n  x\n  y\nz: 1\n"),
    "a block to a block": ("w: |+\n  x\n\nz: 1\n", "y\nz", "w: |-\n  y\n  z\nz: 1\n"),
    "a folded block": ("w: >-\n  x\n  y\nz: 1\n", "new", "w: new\nz: 1\n"),
    "a quoted text of two lines": ('w: "x\n  y" # c\nz: 1\n', "new", 'w: "new" # c\nz: 1\n'),
    "on the next line": ("w:\n  old # c\nz: 1\n", "new", "w:\n  new # c\nz: 1\n"),
    "nothing to a scalar": ("w:\nz: 1\n", 5, "w: 5\nz: 1\n"),
    "nothing to a scalar, with a comment": ("w:   # c\nz: 1\n", 5, "w: 5   # c\nz: 1\n"),
    "a string to a number": ("w: '5'\n", 5, "w: 5\n"),
    "a number to a string": ("w: 5\n", "5", 'w: "5"\n'),
    "a list, one changed": ("w:\n- 1 # a\n- 2 # b\n- 3 # c\n", [1, 5, 3], "w:\n- 1 # a\n- 5 # b\n- 3 # c\n"),
    "a list, one inserted": ("w:\n- 1 # a\n- 3 # c\n", [1, 2, 3], "w:\n- 1 # a\n- 2\n- 3 # c\n"),
    "a list, one first": ("w:\n- 1 # a\n", [0, 1], "w:\n- 0\n- 1 # a\n"),
    "a list, one removed": ("w:\n- 1 # a\n- 2 # b\n- 3 # c\n", [1, 3], "w:\n- 1 # a\n- 3 # c\n"),
    "a list by name": (
        "w:\n- name: one # x\n  v: 1\n- name: two # y\n  v: 2\n",
        [{"name": "two", "v": 3}],
        "w:\n- name: two # y\n  v: 3\n",
    ),
    "a list in a list": ("w:\n- - 1 # a\n  - 2 # b\n- - 3\n", [[2], [3, 4]], "w:\n- - 2 # b\n- - 3\n  - 4\n"),
    "a list in a list, one first": ("w:\n- - 1 # a\n", [[0, 1]], "w:\n- - 0\n  - 1 # a\n"),
    "a list in a list, first ones gone": ("w:\n- - 1\n  # of 2\n  - 2\n", [[2]], "w:\n- # of 2\n  - 2\n"),
    "first fields gone": ("w:\n- a: 1\n  b: 2\n  c: 3\n", [{"c": 3}], "w:\n- c: 3\n"),
    "a map in brackets without braces": ("w: [a: 1]\n", [{"a": 1, "b": 2}], "w: [{a: 1, b: 2}]\n"),
    "a null in braces": ("w: {a, b: , c: }\n", {"a": 1, "b": 2, "c": 3}, "w: {a: 1, b: 2 , c: 3 }\n"),
    "JSON": ('w: {"a": "x", "b": [1]}\n', {"a": "y", "b": [1], "c": "z"}, 'w: {"a": "y", "b": [1], "c": "z"}\n'),
    "JSON on lines": (
        'w: {\n  "a": 1,\n  "b": 2\n}\n',
        {"a": 1, "b": 2, "c": {"d": "e"}},
        'w: {\n  "a": 1,\n  "b": 2, "c": {"d": "e"}\n}\n',
    ),
    "a comma at the end": ("w: {a: 1, b: 2,}\n", {"b": 2, "c": 3}, "w: {b: 2, c: 3,}\n"),
    "four columns": (
        "w:\n    a:\n        b: 1\n",
        {"a": {"b": 1}, "c": {"d": 1}},
        "w:\n    a:\n        b: 1\n    c:\n        d: 1\n",
    ),
    "keys that are no strings": ("w:\n  1: a\n  true: b\n", {"1": "a", "true": "c"}, "w:\n  1: a\n  true: c\n"),
    "a reason": ("w: 5\n", because(5, "why"), "w: 5 # why\n"),
    "a reason, two spaces": ("w: 5  # why\n", because(5, "why"), "w: 5  # why\n"),
    "a reason that changed": ("w: 5  # old\n", because(5, "why"), "w: 5 # why\n"),
    "no reason any more": ("w: 5 # old\n", because(5, ""), "w: 5\n"),
    "a reason of two lines": ("w: 5\n", because(6, "a\nb"), "w: 6 # a b\n"),
    "a reason for a block": ("w: |\n  x\n", because("x\n", "why"), "w: | # why\n  x\n"),
    "no line end behind a block": ("a: 1\nw: |\n  x\n  y", "x\ny\n", "a: 1\nw: |\n  x\n  y\n"),
}


@pytest.mark.parametrize("case", WHOLE)
def test_values_owned_whole(case: str) -> None:
    """A value owned whole becomes the wanted one with as little change of text as that takes."""
    before, wanted, after = WHOLE[case]
    text, changes = apply(before, {"w": wanted}, ["w"])
    assert text == after
    assert (text == before) <= (not changes)


def test_a_block_at_the_end_without_line_end_keeps_its_value() -> None:
    """A field added below a block scalar that ends with the text does not add a line end to its value."""
    resource = Resource("a: |\n  x")
    resource.set("b", 1)
    assert resource.data == {"a": "x", "b": 1}
    assert resource.text == "a: |-\n  x\nb: 1"


def test_only_the_key_left_means_removed() -> None:
    """An item of which a function takes back all but the key goes, one that it never had stays."""
    owned = ["c[name=x].image"]
    assert apply("c:\n- name: x\n  image: i\n- name: y\n", {}, owned)[0] == "c:\n- name: y\n"
    assert apply("c:\n- name: x\n- name: y\n", {}, owned)[0] == "c:\n- name: x\n- name: y\n"
    assert apply("c:\n- name: x\n  image: i\n", {"c": [{"name": "x"}]}, owned)[0] == "c:\n- name: x\n"


def test_empty_maps_on_the_way_go_and_those_of_the_user_stay() -> None:
    """A map that is empty because of a removal goes; one that was empty before stays."""
    assert apply("a:\n  b:\n    c: 1\nz: 1\n", {}, ["a.b.c"])[0] == "z: 1\n"
    assert apply("a:\n  b: {}\nz: 1\n", {}, ["a.b.c"])[0] == "a:\n  b: {}\nz: 1\n"
    assert apply("a:\n  b: {c: 1}\n", {}, ["a.b.c"])[0] == "{}\n"


def test_changes_name_path_before_and_after() -> None:
    """Each set, replaced or removed value is one change."""
    before = dedent("""\
        spec:
          replicas: 1
          old: x
          args: [--port=1]
    """)
    wanted = {"spec": {"replicas": because(3, "why"), "new": {"a": 1}, "args": ["--port=2"]}}
    _, changes = apply(before, wanted, ["spec.replicas", "spec.old", "spec.new", "spec.args[--port]"])
    assert changes == [
        ("spec.replicas", 1, 3),
        ("spec.old", "x", MISSING),
        ("spec.args[--port]", "--port=1", "--port=2"),
        ("spec.new", MISSING, {"a": 1}),
    ]


def test_what_is_wanted_must_be_owned() -> None:
    """Wanting what the table does not own is the function's mistake."""
    with pytest.raises(ValueError, match=r"wanted, but not owned: spec\.paused"):
        Resource("spec: {}\n").apply({"spec": {"paused": True}}, ["spec.replicas"])


REFUSED = {
    "an anchor that is used elsewhere": ("a: &x {b: 1}\nc: *x\n", "a.b", 2),
    "removing an anchor that is used elsewhere": ("a: &x {b: 1}\nc: *x\n", "a", MISSING),
    "a merge key": ("x: &x {b: 1}\na:\n  <<: *x\n  c: 1\n", "a.d", 2),
    "a question mark": ("? a\n: 1\nb: 1\n", "a", 2),
    "a key that appears twice": ("a: 1\na: 2\nb: 1\n", "b", 2),
    "lines that end in another way": ("a: 1\x85b: 2\n", "a", MISSING),
    "a map among arguments": ("args:\n- m\n- {x: 1}\n", "args[--x]", "--x"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_done_right_is_refused(case: str) -> None:
    """An edit that would change something else is a fault, and the text stays."""
    before, path, value = REFUSED[case]
    resource = Resource(before)
    with pytest.raises(YamlFault) as caught:
        resource.remove(path) if value is MISSING else resource.set(path, value)
    assert caught.value.resource is resource
    assert resource.text == before


ANCHORS = {
    "an anchor nobody uses": ("a: &x {b: 1}\n", "a.b", 2, "a: &x {b: 2}\n"),
    "below an anchor nobody uses": ("a: &x\n  b: 1\n", "a.c", 2, "a: &x\n  b: 1\n  c: 2\n"),
    "beside an anchor": ("a: &x 1\nb: *x\nc: 1\n", "c", 2, "a: &x 1\nb: *x\nc: 2\n"),
    "an alias": ("a: &x 1\nb: *x # c\n", "b", 2, "a: &x 1\nb: 2 # c\n"),
    "inside an alias": ("a: &x {c: 1}\nb: *x\n", "b.c", 2, "a: &x {c: 1}\nb:\n  c: 2\n"),
    "a list with an anchor": ("a: &x\n- name: n\n", "a[name=m].v", 2, "a: &x\n- name: n\n- name: m\n  v: 2\n"),
}


@pytest.mark.parametrize("case", ANCHORS)
def test_anchors_and_aliases(case: str) -> None:
    """Where an edit changes nothing but what it names, anchors and aliases are no hindrance."""
    before, path, value, after = ANCHORS[case]
    resource = Resource(before)
    resource.set(path, value)
    assert resource.text == after
