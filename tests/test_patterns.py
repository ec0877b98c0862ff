"""Patterns that are compiled when they are first used are none that fail only then."""

import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = {ROOT / "sdk": "krm_functions_sdk", ROOT / "functions": "krm_inference"}


def modules() -> list[str]:
    """Return the modules that make such a pattern."""
    found = [
        ".".join(file.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
        for root, package in SOURCES.items()
        for file in sorted((root / package).rglob("*.py"))
        if "document.pattern import pattern" in file.read_text()
    ]
    assert len(found) > 40
    return found


def patterns(value: object) -> list[object]:
    """Return the patterns in a table or a row of one."""
    if type(value).__name__ == "_Pattern":
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    return [each for part in value for each in patterns(part)] if isinstance(value, list | tuple) else []


@pytest.mark.parametrize("name", modules())
def test_every_pattern_compiles(name: str) -> None:
    """All are found in the tables of their modules, and are patterns."""
    found = [each for value in vars(importlib.import_module(name)).values() for each in patterns(value)]
    assert found
    for each in found:
        re.compile(each.pattern)  # type: ignore[attr-defined]  # asking for it compiles it too
