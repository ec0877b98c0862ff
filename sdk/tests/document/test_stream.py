"""Streams of documents are split and joined without changing a byte."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from krm_functions_sdk.document import stream

LINES = [
    "---\n",
    "--- # c\n",
    "---\r\n",
    "a: 1\n",
    "  ---\n",
    "# c\n",
    "\n",
    "...\n",
    "--- {b: 2}\n",
    "%YAML 1.1\n",
    "\ufeffa: 1\n",
    "---x\n",
]


@given(st.lists(st.sampled_from([*LINES, "---", "a: 1", "..."]), max_size=8).map("".join))
def test_split_and_join(text: str) -> None:
    """The documents joined are the text, and their lines are where they say."""
    found = stream.split(text)
    assert "".join(part.separator + part.text for part in found) == text
    assert stream.join([(part.separator, part.text) for part in found]) == text
    lines = text.split("\n")
    for part in found:
        first = part.text.split("\n")[0]
        assert lines[part.first_line - 1].endswith(first)


@pytest.mark.parametrize(
    ("text", "texts"),
    [
        ("a: 1\n---\nb: 2\n", ["a: 1\n", "b: 2\n"]),
        ("---\na: 1\n", ["a: 1\n"]),
        ("# c\n---\na: 1\n---\n", ["# c\n", "a: 1\n", ""]),
        ("a: 1\n--- # c\nb: 2", ["a: 1\n", "b: 2"]),
        ("a: 1\n--- {b: 2}\n", ["a: 1\n", "{b: 2}\n"]),
        ("a: 1\n...\n---\nb: 2\n", ["a: 1\n", "", "b: 2\n"]),
        ("a: |\n  ---\n  x\n", ["a: |\n  ---\n  x\n"]),
        ("a: 1\n---x\n", ["a: 1\n---x\n"]),
        ("\ufeffa: 1\n---\n\ufeffb: 2\n", ["a: 1\n", "b: 2\n"]),
        ("", [""]),
    ],
)
def test_split(text: str, texts: list[str]) -> None:
    """A document ends at three dashes or dots at the beginning of a line."""
    assert [part.text for part in stream.split(text)] == texts


@pytest.mark.parametrize(
    ("text", "is_empty"),
    [("", True), ("# c\n\n  # d\n", True), ("%YAML 1.1\n", True), ("\n a: 1", False), ("{}", False), ("null", False)],
)
def test_is_empty(text: str, is_empty: bool) -> None:
    """Blank lines, comments and directives are nothing."""
    assert stream.Document("", text, 1).is_empty is is_empty


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ([("", "a: 1"), ("", "b: 2\n")], "a: 1\n---\nb: 2\n"),
        ([("", "a: 1\n"), ("---\n", "b: 2\n")], "a: 1\n---\nb: 2\n"),
        ([("\ufeff", "a: 1\n"), ("\ufeff", "b: 2\n")], "\ufeffa: 1\n---\nb: 2\n"),
        ([], ""),
    ],
)
def test_join(parts: list[tuple[str, str]], text: str) -> None:
    """A separator is written where one is missing."""
    assert stream.join(parts) == text
