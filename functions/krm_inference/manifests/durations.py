"""Durations as texts: 1h30m, 250ms, 5.5s."""

from __future__ import annotations

from krm_functions_sdk.document.pattern import pattern

_TEXT = pattern(r"([0-9]+(\.[0-9]+)?(ms|h|m|s))+")
_PART = pattern(r"([0-9.]+)(ms|h|m|s)")
_LONGEST = 100  # characters
_MILLISECONDS = {"h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}


def milliseconds(text: str) -> float:
    """Return how long it is, 0 where the text is no duration."""
    if len(text) > _LONGEST or not _TEXT.fullmatch(text):
        return 0
    return sum(float(count) * _MILLISECONDS[unit] for count, unit in _PART.findall(text))
