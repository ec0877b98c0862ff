"""Replacements of places in one text, collected first and made all at once."""

from __future__ import annotations

from krm_functions_sdk.document.tree import YamlFault


class Spans:
    """Replacements in `text`, each of the characters between two positions."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.spans: list[tuple[int, int, str]] = []

    def apply(self) -> str:
        """Return the edited text."""
        newline = "\r\n" if "\r\n" in self.text else "\n"
        parts: list[str] = []
        position = 0
        for start, end, new in sorted(self.spans, key=lambda span: span[:2]):
            if start < position:
                raise YamlFault("fields are laid out in a way that cannot be edited", self.text.count("\n", 0, start))
            parts += self.text[position:start], new if newline == "\n" else new.replace("\n", newline)
            position = end
        return "".join([*parts, self.text[position:]])

    def replace(self, start: int, end: int, new: str) -> None:
        """Collect a replacement of the text between two positions."""
        self.spans.append((start, end, new))
