"""A pattern is compiled when it is first used, and is then what `re.compile` would have made."""

from __future__ import annotations

import re

import pytest
from krm_functions_sdk.document.pattern import pattern


@pytest.mark.parametrize("text", ["a", "xAx", "b", ""])
def test_it_finds_what_a_compiled_pattern_finds(text: str) -> None:
    """Each way to ask has the same answer, the first time and again."""
    late, compiled = pattern("(a)x?", re.IGNORECASE), re.compile("(a)x?", re.IGNORECASE)
    for _ in range(2):
        for ask in ("match", "fullmatch", "search"):
            found, expected = (getattr(each, ask)(text) for each in (late, compiled))
            assert (found and (found.span(), found[1])) == (expected and (expected.span(), expected[1]))
        assert late.sub("-", text) == compiled.sub("-", text)
        assert late.findall(text) == compiled.findall(text)
        assert (late.pattern, late.flags) == (compiled.pattern, compiled.flags)


def test_it_costs_nothing_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """A start that does not need it does not compile it."""
    compiled = []
    compile_now = re.compile

    def counted(text: str, flags: int) -> re.Pattern[str]:
        compiled.append((text, flags))
        return compile_now(text, flags)

    monkeypatch.setattr(re, "compile", counted)
    late = pattern("a+")
    assert compiled == []
    assert late.match("aa")
    assert late.match("aa")
    assert compiled == [("a+", 0)]
