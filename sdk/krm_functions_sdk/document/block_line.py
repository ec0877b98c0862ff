"""One line of a document in plain block lines, by itself: its indent, dash and key, and the value that stands on it.

The lines of Kubernetes objects are alike: most of those of a package stand in it many times. What a line says is kept,
so that it is found out once.
"""

from __future__ import annotations

import re
import sys

from krm_functions_sdk.document import scalar
from krm_functions_sdk.document.pattern import pattern
from krm_functions_sdk.document.tree import ABSENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# What stands on a line: no more than a comment; behind its key nothing; a scalar; `{}` or `[]`; the head of a literal.
BLANK, EMPTY, PLAIN, SINGLE, DOUBLE, FLOW, LITERAL = range(7)
ONE_LINE = (PLAIN, SINGLE, DOUBLE)
_LINE = pattern(
    r"""
    [ ]*(-[ ])?
    (?:([A-Za-z0-9_./][A-Za-z0-9_./-]{0,99}|"[^"\\\n]{0,99}"|'[^'\n]{0,99}'):(?=[ \n])[ ]*)?
    (?:
      ((?:[^ \n\-?:,\[\]{}\#&*!|>'"%@`]|-(?=[^ \n]))(?:[^ \n:\#]++|:(?![ \n])|(?<![ ])\#|[ ]++(?![\#\n]))*+)
      |('(?:[^'\n]|'')*+')
      |("[^"\\\n]*+")
      |(\{\}|\[\])
      |(\|-?)
    )?
    [ ]*(?:(?<=[ ])\#[^\n]*)?\n
    """,
    re.VERBOSE,
)
_KINDS = (BLANK, EMPTY, EMPTY, PLAIN, SINGLE, DOUBLE, FLOW, LITERAL)  # by the last group that matched
_MOST = 2048  # lines that are kept, each of at most _LONGEST characters
_LONGEST = 200


class Line:
    """What a line says; positions are characters from its start.

    `key` is the text of the key with its quotes and `name` without, both None where there is none; `text` is that of
    the value or of the head of a literal, which begins at `start`.
    """

    __slots__ = ("_value", "indent", "is_item", "key", "kind", "name", "size", "start", "text")

    def __init__(self, line: str, kind: int, match: re.Match[str] | None = None) -> None:
        self.kind = kind
        self.size = len(line)
        self.indent = self.size - len(line.lstrip(" "))
        self.is_item = match is not None and match[1] is not None
        key = self.key = match[2] if match else None
        self.name = key if key is None else sys.intern(key[1:-1] if key[0] in "'\"" else key)
        self._value: Any = ABSENT
        self.text, self.start = "", 0
        if match and kind > EMPTY:
            self.start = match.start(match.lastindex or 0)
            self.text = match[match.lastindex or 0]

    @property
    def key_start(self) -> int:
        return self.indent + 2 * self.is_item

    @property
    def unquoted(self) -> str:
        """The text of a scalar without its quotes."""
        if self.kind == SINGLE:
            return self.text[1:-1].replace("''", "'")
        return self.text[1:-1] if self.kind == DOUBLE else self.text

    def value(self) -> Any:
        """Return the value as Kubernetes reads it, None where none stands on the line."""
        if self.kind == FLOW:
            return {} if self.text == "{}" else []
        if self._value is ABSENT:
            plain = scalar.read if self.kind == PLAIN else str
            self._value = None if self.kind == EMPTY else plain(self.unquoted)
        return self._value


_known: dict[str, Line] = {}
known = _known.get


def judge(text: str) -> Line | None:
    """Return what a line says, whose line end belongs to it; None where a pattern does not prove it."""
    if text.lstrip(" ")[0] in "#\n":
        line = Line(text, BLANK)
    else:
        match = _LINE.fullmatch(text)
        kind = _KINDS[match.lastindex or 0] if match else BLANK
        if match is None or kind == BLANK or (kind == EMPTY and match[2] is None) or not (match[1] or match[2]):
            return None
        line = Line(text, kind, match)
    if len(text) <= _LONGEST:
        if len(_known) >= _MOST:
            _known.clear()
        _known[text] = line
    return line


def of(text: str) -> Line | None:
    """Return what `judge` says, which is not asked twice."""
    return known(text) or judge(text)
