"""Comments are set and removed, and no value and no other byte changes with them."""

from __future__ import annotations

import contextlib

import pytest
import yaml_documents
from hypothesis import given
from hypothesis import strategies as st
from krm_functions_sdk import Resource, ResourceList, YamlFault, because
from krm_functions_sdk.document import field_path
from krm_functions_sdk.document.wanted import same
from yaml_trees import paths_of

TEXT = """\
# first
a: 1  # one
b: |- # block
  # text
l:
# above x
- name: x
  # above v
  v: "y"
m: {k: v, n: w}
z:
"""


@pytest.mark.parametrize(
    ("path", "comment", "old", "new"),
    [
        ("a", "two", "a: 1  # one\n", "a: 1 # two\n"),
        ("a", "", "a: 1  # one\n", "a: 1\n"),
        ("a", "one", "a: 1  # one\n", "a: 1  # one\n"),
        ("a", "# two", "a: 1  # one\n", "a: 1 # two\n"),
        ("a", "#", "a: 1  # one\n", "a: 1\n"),
        ("b", "why", "b: |- # block\n", "b: |- # why\n"),
        ("b", "", "b: |- # block\n", "b: |-\n"),
        ("l[name=x].v", "of\ntwo  lines", '  v: "y"\n', '  v: "y" # of two lines\n'),
        ("l[0].name", "n", "- name: x\n", "- name: x # n\n"),
        ("z", "nothing", "z:\n", "z: # nothing\n"),
    ],
)
def test_the_comment_of_a_line(path: str, comment: str, old: str, new: str) -> None:
    """Only the comment behind the scalar changes."""
    resource = Resource(TEXT)
    resource.set_comment(path, comment)
    assert resource.text == TEXT.replace(old, new)
    assert resource.comment(path) == " ".join(comment.lstrip("# ").split())
    assert resource.is_changed == (old != new)


@pytest.mark.parametrize(
    ("path", "comment", "old", "new"),
    [
        ("a", "new\n\nlines", "# first\n", "# new\n#\n# lines\n"),
        ("a", "", "# first\n", ""),
        ("l", "list", "l:\n", "# list\nl:\n"),
        ("l[name=x]", "x", "# above x\n", "# x\n"),
        ("l[name=x].v", "v\n  indented", "  # above v\n", "  # v\n  #   indented\n"),
    ],
)
def test_the_comment_above(path: str, comment: str, old: str, new: str) -> None:
    """Only the comment lines right above the field or item change, and keep its column."""
    resource = Resource(TEXT)
    resource.set_head_comment(path, comment)
    assert resource.text == TEXT.replace(old, new)
    assert resource.head_comment(path) == comment


KEYS = """\
a: # of a
- x
-   # of the item
  y: 1
- k: 1
b:
  # above c
  c: 1
d: [1, 2] # of d
e: {}
f:
  - - 1
  - {g: 1}
"""


@pytest.mark.parametrize(
    ("path", "comment", "old", "new"),
    [
        ("a", "new", "a: # of a\n", "a: # new\n"),
        ("a", "", "a: # of a\n", "a:\n"),
        ("a[1]", "it", "-   # of the item\n", "- # it\n"),
        ("a[1]", "", "-   # of the item\n", "-\n"),
        ("a[2]", "it", "- k: 1\n", "- # it\n  k: 1\n"),
        ("b", "why", "b:\n", "b: # why\n"),
        ("d", "why", "[1, 2] # of d\n", "[1, 2] # why\n"),
        ("d", "", "[1, 2] # of d\n", "[1, 2]\n"),
        ("e", "none yet", "e: {}\n", "e: {} # none yet\n"),
        ("f[0]", "inner", "  - - 1\n", "  - # inner\n    - 1\n"),
        ("f[1]", "inner", "{g: 1}\n", "{g: 1} # inner\n"),
    ],
)
def test_the_comment_of_a_map_or_list(path: str, comment: str, old: str, new: str) -> None:
    """It stands behind the key or dash, and no value changes with it; `because` writes it as well."""
    have = "of a" if path == "a" else "of the item" if path == "a[1]" else "of d" if path == "d" else ""
    for way in ("set_comment", "because"):
        resource = Resource(KEYS)
        value = resource.get(path)
        assert resource.comment(path) == have
        if way == "because":
            resource.set(path, because(value, comment))
        else:
            resource.set_comment(path, comment)
        assert resource.text == KEYS.replace(old, new)
        assert resource.comment(path) == comment
        resource.set(path, because(value, comment))
        assert resource.text == KEYS.replace(old, new)


def test_reasons_of_maps_and_lists() -> None:
    """New maps and lists carry theirs at the key or dash, and those that change keep the comments inside."""
    why = because
    wanted = {"kind": "K", "a": why([why({"name": "x"}, "item"), "y"], "list"), "m": why({"b": why({}, "none")}, "map")}
    resource = Resource.new(wanted)
    assert resource.text == 'kind: K\na: # list\n- # item\n  name: x\n- "y"\nm: # map\n  b: {} # none\n'
    resource.set("m", why({"b": {}, "c": 1}, "two"))
    resource.apply({"a": [why({"name": "x", "v": 1}, "more")]}, ["a[name=x]"])
    assert resource.text == (
        'kind: K\na: # list\n- # more\n  name: x\n  v: 1\n- "y"\nm: # two\n  b: {} # none\n  c: 1\n'
    )
    resource.set("m", why([1], "a list now"))
    resource.set("a", why([], "empty now"))
    assert resource.text == "kind: K\na: [] # empty now\nm: # a list now\n- 1\n"
    copied = ResourceList([Resource("kind: K\n")])
    assert copied.upsert(Resource.new(wanted)).text == Resource.new(wanted).text


def test_lines_end_as_the_others() -> None:
    """A comment above a field in a file from Windows ends as its other lines."""
    resource = Resource("a: 1\r\nb: 2\r\n")
    resource.set_head_comment("b", "x\ny")
    resource.set_comment("a", "z")
    assert resource.text == "a: 1 # z\r\n# x\r\n# y\r\nb: 2\r\n"
    assert resource.head_comment("b") == "x\ny"


@pytest.mark.parametrize("path", ["m.k", "l[0].name"])
def test_no_comment_above_what_has_no_line_of_its_own(path: str) -> None:
    """A field in braces or behind a dash has no comment above it, and takes none."""
    resource = Resource(TEXT)
    assert resource.head_comment(path) == ""
    with pytest.raises(YamlFault, match="no comment can stand above this field"):
        resource.set_head_comment(path, "x")
    assert resource.text == TEXT


def test_no_comment_where_it_would_swallow_a_value() -> None:
    """A comment behind a value in braces would hide what follows: it is refused."""
    resource = Resource(TEXT)
    with pytest.raises(YamlFault, match="no comment can stand"):
        resource.set_comment("m.k", "x")
    assert resource.text == TEXT


def test_no_field_no_comment() -> None:
    """A path without a field is the author's mistake."""
    for path in ("missing", ""):
        with pytest.raises(ValueError, match=f"'{path}': nothing is there"):
            Resource(TEXT).set_comment(path, "x")
    with pytest.raises(ValueError, match="'missing': nothing is there"):
        Resource(TEXT).set_head_comment("missing", "x")


@given(yaml_documents.documents(), st.data(), st.text(max_size=8), st.booleans())
def test_a_comment_changes_no_value(text: str, data: st.DataObject, comment: str, is_head: bool) -> None:
    """Whatever the document and the comment are, each value stays, and set twice is set once."""
    resource = Resource(text)
    path = field_path.show(data.draw(st.sampled_from(paths_of(resource.data))))
    set_comment = Resource.set_head_comment if is_head else Resource.set_comment
    try:
        set_comment(resource, path, comment)
    except (YamlFault, ValueError):
        assert resource.text == text
        return
    assert same(Resource(resource.text).data, Resource(text).data)
    once = resource.text
    with contextlib.suppress(YamlFault):
        set_comment(resource, path, comment)
    assert resource.text == once
    if not comment.strip():
        assert resource.comment(path) == "" or is_head
    gone = [line for line in text.splitlines() if line not in once.splitlines()]
    assert len(gone) <= 1 or (is_head and all(line.lstrip(" ").startswith("#") for line in gone))
