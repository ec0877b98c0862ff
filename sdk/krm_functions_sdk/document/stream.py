"""The documents of a YAML stream, split and joined without changing a byte."""

from __future__ import annotations

import re

from krm_functions_sdk.document.pattern import pattern

# A document ends at three dashes, with whatever may stand between them and the next one, or at three dots.
_SEPARATOR = pattern(
    r"^(?:---(?:[ \t]*(?:#[^\n]*)?\r?(?:\n|\Z)|[ \t]+(?=\S))|\.\.\.[ \t]*(?:#[^\n]*)?\r?(?:\n|\Z))\ufeff?", re.MULTILINE
)
_CONTENT = pattern(r"^[^\S\n]*[^#\s%\ufeff]", re.MULTILINE)
_BOM = "\ufeff"
_START = "---\n"


class Document:
    """One document: the separator line before it ("" for the first), its text, and its first line, from 1."""

    __slots__ = ("first_line", "separator", "text")

    def __init__(self, separator: str, text: str, first_line: int) -> None:
        self.separator = separator
        self.text = text
        self.first_line = first_line

    @property
    def is_empty(self) -> bool:
        """Say whether the document holds nothing but blank lines, comments and directives."""
        return not _CONTENT.search(self.text)


def split(text: str) -> list[Document]:
    """Return the documents of `text`; joined in order, separator and text of each, they give `text` again."""
    documents: list[Document] = []
    separator, position, line = "", 0, 1
    if text.startswith(_BOM):
        separator, position = _BOM, 1
    for match in _SEPARATOR.finditer(text, position):
        if match.start() > position or (separator and separator != _BOM):
            documents.append(Document(separator, text[position : match.start()], line))
            separator = ""
        line += text.count("\n", position, match.end())
        separator, position = separator + match.group(), match.end()
    documents.append(Document(separator, text[position:], line))
    return documents


def join(parts: list[tuple[str, str]]) -> str:
    """Return the stream of (separator, text) pairs; a separator is written where one is missing between two texts."""
    result: list[str] = []
    for separator, text in parts:
        if result and result[-1] and not result[-1].endswith("\n"):
            result.append("\n")
        if result and separator.strip(_BOM) == "":
            result.append(_START)
        result += separator.removeprefix(_BOM) if result else separator, text
    return "".join(result)
