"""What the fuzzer found, each with its smallest text: `sdk/fuzz/fuzz_resource.py`."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest
from krm_functions_sdk import Resource, ResourceList, YamlFault


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("n: \rnamespace: ", "namespace"),
        ("\rdata:\ro:", "data"),
        ("a: 1\rb: 2\r", "b"),
        ("a:\n- x: 1\r  y: 2\n- z", "a[x=1].y"),
    ],
)
def test_lines_that_end_in_a_carriage_return_alone(text: str, path: str) -> None:
    """A field on a line that no line feed ends is removed, or the text is refused and stays; it never is a crash."""
    resource = Resource(text)
    try:
        resource.remove(path)
    except YamlFault:
        assert resource.text == text
    assert resource.get(path) is None or resource.text == text


@pytest.mark.parametrize("text", ["a: >", "a: |", "a: |-", "a: |2", "l:\n- >", "a: !!str |"])
@pytest.mark.parametrize("value", [1, "x", {"k": "v"}, [{"name": "one"}]])
def test_a_block_scalar_that_ends_at_its_header(text: str, value: Any) -> None:
    """A field is added behind a block scalar of which there is only the indicator."""
    resource = Resource(text)
    before = dict(resource.data)
    resource.set("fresh", value)
    assert resource.data == {**before, "fresh": value}
    assert resource.text.startswith(text[:4])


@pytest.mark.parametrize("name", ["annotations", "labels"])
@pytest.mark.parametrize("value", ["o", "5", "[a, b]", "[[a, b]]", "~", ""])
def test_annotations_and_labels_that_are_no_map(name: str, value: str) -> None:
    """Annotations and labels that are no map are none, and no crash of the function that asks for them."""
    assert getattr(Resource(f"kind: K\nmetadata:\n  name: n\n  {name}: {value}\n"), name) == {}


HEAD = "kind: ResourceList\nitems:\n"
ABOVE = "- kind: N\n  metadata: {name:  n} # stays\n"


@pytest.mark.parametrize(
    "item",
    [
        "-\n  kind: K\n  a: 1\n",
        "- # why\n  kind: K\n  a: 1\n",
        "-\n\n  # c\n  kind: K\n  a: 1\n",
        "- kind: K\n\n  a: 1\n\n",
    ],
)
def test_an_item_below_its_dash(item: str) -> None:
    """An item whose first key stands below its dash gets no line more when it is edited."""
    text = f"{HEAD}{ABOVE}{item}{ABOVE}"
    resources = ResourceList.read(text)
    resources.items[1].set("a", 2)
    assert resources.write() == text.replace("a: 1", "a: 2")


@pytest.mark.parametrize(
    "text", ["name: [l, c, c]\n", "name:\n- l\n- c\n- c\n", "name:\n- c\n- l\n- c # why\n", "name: [l]\n"]
)
@pytest.mark.parametrize("value", [["c", "c", None], [None, "c"], ["c", None, "c"], [None], [None, None]])
def test_a_null_is_an_item_like_any_other(text: str, value: list[Any]) -> None:
    """A list that loses one item and gains a null is another list."""
    resource = Resource(text)
    resource.set("name", value)
    assert resource.data == {"name": value}
    assert Resource(resource.text).data == {"name": value}


@pytest.mark.parametrize(
    ("text", "path", "after"),
    [
        ("x: {a: 1, # c\n  b: 0x1F, d}\n", "x.a", "x: {a: 5, # c\n  b: 0x1F, d}\n"),
        ("x: {5, m: =, ч: 09, 0}\n", "x.m", "x: {5, m: 5, ч: 09, 0}\n"),
        ("x: {a: 0x1F, d: }\n", "x.d", "x: {a: 0x1F, d: 5 }\n"),
        ("x: {a: 0x1F, d}\n", "x.d", "x: {a: 0x1F, d: 5}\n"),
        ("ports: {name: b,b}\n", "ports.name", "ports: {name: 5,b}\n"),
    ],
)
def test_an_edit_beside_a_null_that_is_not_written(text: str, path: str, after: str) -> None:
    """In braces, too, the neighbours of an edited value keep their text."""
    resource = Resource(text)
    resource.set(path, 5)
    assert resource.text == after


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("x: {a: 0x1F, d}\n", "x: {a: 0x1F, d, e: 5}\n"),
        ("x: {a: 0x1F, d: }\n", "x: {a: 0x1F, d: null, e: 5 }\n"),
        ("x: {a: 1, # c\n  d:\n  }\n", "x: {a: 1, # c\n  d: null, e: 5\n  }\n"),
        ('{"x": {"d"}}\n', '{"x": {"d", "e": 5}}\n'),
        ("x: {a: ~, ? b, c: 09}\n", "x: {a: ~, ? b, c: 09, e: 5}\n"),
        ("x: {a: ~, b: 09, ? c}\n", "x: {a: ~, b: 09, ? c, e: 5}\n"),
    ],
)
def test_a_new_field_behind_a_null_that_is_not_written(text: str, after: str) -> None:
    """A new entry in braces leaves the ones before it as they are, and comes off again."""
    resource = Resource(text)
    resource.set("x.e", 5)
    assert resource.text == after
    resource.remove("x.e")
    assert resource.text == text.replace("d: }", "d: null }").replace("d:\n", "d: null\n")


@pytest.mark.parametrize("column", [0, 2])
@pytest.mark.parametrize("text", ["env:\n ? \ne:\n", "env:\n  ? a\n  : b\ne:\n", "env:\n  ? a\ne:\n"])
def test_an_explicit_key_is_replaced_at_any_column(text: str, column: int) -> None:
    """A map with a question mark is replaced as a whole, in a document as in an item of a list."""
    resource = Resource(Resource(text).indented(column))
    resource.set("env", 5)
    assert resource.data == {"env": 5, "e": None}
    assert resource.text.endswith(f"{' ' * column}e:\n")


@pytest.mark.parametrize(
    ("text", "path", "value", "after"),
    [
        ('{"": }', "fresh", {"k": 1}, {"": None, "fresh": {"k": 1}}),
        ('{""}', "fresh", 1, {"": None, "fresh": 1}),
        ("c: &m {k: v}\nd: *m", "d.k", "x", {"c": {"k": "v"}, "d": {"k": "x"}}),
        (
            "&x functionConfig:\n  kind:\n  e: &x",
            "functionConfig.kind",
            "keep\n\n\n",
            {"functionConfig": {"kind": "keep\n\n\n", "e": None}},
        ),
        ("y:\nmetadata:\n a: \n #", "metadata", "a: b #c", {"y": None, "metadata": "a: b #c"}),
        (
            "image:\n- value:\n  v: []\n  name: one\n",
            "image[name=one].v",
            [1],
            {"image": [{"value": None, "v": [1], "name": "one"}]},
        ),
    ],
)
def test_edits_that_once_looked_wrong(text: str, path: str, value: Any, after: dict[str, Any]) -> None:
    """These are right, and have to stay so."""
    resource = Resource(text)
    resource.set(path, value)
    assert resource.data == after
    assert Resource(resource.text).data == after


def test_line_breaks_at_the_end_of_a_value_keep_to_themselves() -> None:
    """A value with several line breaks at its end goes where a blank line follows, and the blank line stays."""
    resource = Resource("a: 1\n\nz: 1\n")
    resource.set("a", "keep\n\n")
    assert resource.text == 'a: "keep\\n\\n"\n\nz: 1\n'


def test_a_comment_left_of_its_map_does_not_end_the_map() -> None:
    """The names of a resource are found behind a comment that begins further left than they do."""
    resource = Resource(
        "apiVersion: v1\nkind: K\nmetadata:\n# why\n  name: x\n  # and\n# more\n  namespace: n\nspec:\n  name: y\n"
    )
    assert (resource.name, resource.namespace) == ("x", "n")


def test_a_merge_of_a_map_in_braces_is_written_out_where_its_item_is_edited() -> None:
    """The harness's second reader merges `<<` as well: what it took for a lost field was the merge, written out."""
    text = '"name":\n- <<: {"name":\'four\',}'
    resource = Resource(text)
    resource.set("name[name=four]", {"v": "=,@bb~a9a?"})
    assert resource.text == '"name":\n- name: four\n  v: =,@bb~a9a?'
    harness = fuzzer()
    path = ("name", harness["Match"]("name", "four"))
    assert harness["raw_rest"](text, resource.text, path)
    assert not harness["raw_rest"](text, resource.text + "\nz: lost\n", path)


def test_two_byte_order_marks_stay() -> None:
    """A second byte order mark is no part of the first key, also where lines are added, as for kubectl."""
    resource = Resource("\ufeff\ufeffa:")
    resource.set("fresh", ["p", "q"])
    assert resource.text == "\ufeff\ufeffa:\nfresh:\n- p\n- q"
    assert Resource(resource.text).data == {"a": None, "fresh": ["p", "q"]}
    assert fuzzer()["raw_rest"]("\ufeff\ufeffa:", resource.text, ("fresh",))


def fuzzer() -> dict[str, Any]:
    """Return the names of the fuzz target, which is a script."""
    return runpy.run_path(str(Path(__file__).resolve().parents[2] / "fuzz" / "fuzz_resource.py"))
