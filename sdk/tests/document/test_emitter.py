"""New YAML looks like kpt's and says what it shall say."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
import yaml_documents
from hypothesis import given
from hypothesis import strategies as st
from krm_functions_sdk import because
from krm_functions_sdk.document import emitter, parser, wanted
from krm_functions_sdk.document import tree as nodes
from krm_functions_sdk.document.emitter import Layout
from krm_functions_sdk.document.wanted import same

LAYOUTS = st.builds(Layout, st.sampled_from([0, 2]), st.sampled_from([2, 4]))


@given(yaml_documents.trees(), LAYOUTS)
def test_a_document_says_what_it_was_made_of(tree: dict[str, Any], layout: Layout) -> None:
    """Each value comes back, by the rules of Kubernetes and by those of YAML 1.1."""
    text = emitter.document(tree, layout)
    assert same(nodes.value(parser.parse(text)), tree)
    assert yaml.safe_load(text) == tree


@given(yaml_documents.values(), st.booleans())
def test_one_line_says_what_it_was_made_of(value: Any, json: bool) -> None:
    """Each value comes back from braces and brackets."""
    text = emitter.flow(value, json=json)
    assert "\n" not in text
    assert yaml.safe_load(text) == value


@given(st.text(alphabet="ab \n\t#:'\"\u00a0\u2028", max_size=12))
def test_strings_of_several_lines(text: str) -> None:
    """Each string comes back, as a literal block or in quotes, below a key and behind a dash."""
    tree = {"k": text, "l": [text, {"m": text}], "z": 1}
    assert yaml.safe_load(emitter.document(tree)) == tree


def test_layout() -> None:
    """The layout is that of kpt: two columns, lists at the column of their key, reasons behind one space."""
    value = {
        "a": {"b": because(1, "why"), "c": []},
        "l": [{"name": "x", "v": {"w": "1"}}, "s", [1, 2], {}],
        "t": "two\nlines\n",
        "u": "two\nlines",
        "e": {},
    }
    assert emitter.document(value) == (
        'a:\n  b: 1 # why\n  c: []\nl:\n- name: x\n  v:\n    w: "1"\n- s\n- - 1\n  - 2\n- {}\n'
        "t: |\n  two\n  lines\nu: |-\n  two\n  lines\ne: {}\n"
    )
    assert emitter.document({"l": [1]}, emitter.Layout(2)) == "l:\n  - 1\n"
    assert emitter.document({}) == "{}\n"


@pytest.mark.parametrize("comment", ["two\nlines", " spaces  and\ttabs ", "x\r\ny"])
def test_a_reason_is_one_line(comment: str) -> None:
    """A reason cannot break out of its comment."""
    assert emitter.document({"a": because(1, comment)}).count("\n") == 1


def test_plain_takes_all_comments_away() -> None:
    """A value with reasons is that value."""
    assert wanted.plain({"a": [because(1, "x"), {"b": because("c", "y")}], "t": (1,)}) == {
        "a": [1, {"b": "c"}],
        "t": [1],
    }
    assert repr(because(1, "x")) == "because(1, 'x')"
