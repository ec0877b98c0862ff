"""The corpus run: it takes any folder, finds nothing in ours, and finds what it is there to find."""

from __future__ import annotations

import runpy
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest
from krm_functions_sdk import Resource

SDK = Path(__file__).resolve().parents[2]
CORPUS: dict[str, Any] = runpy.run_path(str(SDK / "fuzz" / "corpus.py"))
TEXT = "# head\na: 1 # one\nb:\n  # above\n  c: x # c\nl: # list\n- y\n- z\n"


def test_our_examples_hold() -> None:
    """Every file of the examples is the same after a no-op, and an edit of each document changes one place."""
    counts: Counter[str] = Counter()
    for file in CORPUS["files"]([SDK / "examples"]):
        assert list(CORPUS["findings"](file.read_text(), Random(1), 1, counts)) == []
    assert counts["edits"] > 10


@pytest.mark.parametrize(
    ("new", "message"),
    [
        (TEXT.replace("# one", "# two"), "comments were"),
        (TEXT.replace("# above\n  ", ""), "comments were"),
        (TEXT.replace("- y\n- z", "- z\n- y"), "changed as well"),
        (TEXT.replace("a: 1 # one\n", "").replace("l:", "a: 1 # one\nl:"), "keys or their order"),
        (TEXT.replace("x", "["), "cannot read it"),
        (TEXT.replace("x", "edited"), ""),
    ],
)
def test_the_judge_sees(new: str, message: str) -> None:
    """A lost comment, another value, another order and broken text are found; the edit itself is not."""
    judged, compare = CORPUS["judged"], CORPUS["compare"]
    field = next(Resource(TEXT).walk("b.c"))
    if not message:
        compare(judged(TEXT), judged(new), field)
        return
    with pytest.raises(CORPUS["Finding"], match=message):
        compare(judged(TEXT), judged(new), field)
