"""Annotations that few resources carry: looked for in the text before it is parsed for them."""

from __future__ import annotations

# On an object that functions make others from: the name that it had, while an overlay that renames it is built.
RENAMED_FROM = "fn.kpt.dev/renamed-from"


def may_hold(text: str, name: str) -> bool:
    """Say whether a text can hold a key of this name; one that is written without escapes stands in it as it is."""
    return name in text or "\\" in text
