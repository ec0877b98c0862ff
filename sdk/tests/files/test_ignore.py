"""Patterns of ignore files, as kpt reads them; tests/parity compares the same with kpt itself."""

from __future__ import annotations

import pytest
from krm_functions_sdk.files.ignore import IgnoreFile

# Patterns, paths that they hide (a folder ends in a slash), and paths that they do not.
CASES = [
    ("x.yaml", "x.yaml d/x.yaml a/d/x.yaml d/x.yaml/", "ax.yaml x.yaml/a"),
    ("d/x", "d/x a/d/x", "x d/a/x x/d"),
    ("**/x", "a/x b/a/x", "x"),
    ("a/**", "a/b b/a/b", "a/b/c a"),
    ("/x", "x", "d/x"),
    ("/d/*", "d/x", "d/x/y a/d/x x"),
    ("d/", "d/ a/d/", "d a/d"),
    ("*.yaml", "a.yaml d/a.yaml", "a.yml a.yaml/b"),
    ("?.yaml", "a.yaml", "ab.yaml"),
    ("[ab].yaml", "a.yaml b.yaml", "c.yaml"),
    ("[^ab].yaml", "c.yaml", "a.yaml"),
    ("[a-c].yaml", "b.yaml", "d.yaml"),
    ("*.yaml\n!keep.yaml", "a.yaml", "keep.yaml d/keep.yaml"),
    ("!keep.yaml\n*.yaml", "a.yaml", "keep.yaml"),
    ("keep.yaml\n!keep.*", "", "keep.yaml"),
    ("  x.yaml  ", "x.yaml", "y.yaml"),
    ("# x.yaml", "", "x.yaml"),
    ("\\#x", "#x", "x"),
    ("[", "", "["),
    ("[]a]", "", "a ]"),
    ("x\\", "", "x"),
    ("/", "", "a a/"),
    ("", "", "a"),
    ("é.yaml", "é.yaml", "e.yaml"),
    ("a+b.yaml", "a+b.yaml", "aab.yaml"),
]


@pytest.mark.parametrize(("text", "hidden", "shown"), CASES)
def test_patterns(text: str, hidden: str, shown: str) -> None:
    """Each hides what kpt hides."""
    ignored = IgnoreFile(text)
    for path in (*hidden.split(), *shown.split()):
        is_hidden = ignored.matches(path.removesuffix("/"), is_folder=path.endswith("/"))
        assert is_hidden == (path in hidden.split()), path
