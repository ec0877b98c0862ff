"""How wide a terminal is and whether it shows colours, and texts that fit it.

Lines are broken between words, and a table keeps its columns. A path, an address or a line of YAML stays whole, and so
does everything that goes to no terminal. Colours are for who did not refuse them: https://no-color.org.
"""

from __future__ import annotations

import io
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Iterator
    from typing import TextIO

# What stands in front of the last column of a line of a table, and that column.
_ROW = r"(\s*\S.*?\s{2,})(\S+(?: \S+)*)\s*\Z"
_HANGING = 4
_NARROW = 60  # columns: below, a meaning stands under what it explains


def columns(stream: TextIO | None) -> int:
    """Return how wide the terminal of a stream is, 0 where it is none."""
    try:
        return os.get_terminal_size(stream.fileno()).columns if stream is not None and _is_terminal(stream) else 0
    except (OSError, ValueError):  # it has no file, or is closed
        return 0


def takes_colour(stream: TextIO | None) -> bool:
    """Say whether a stream is a terminal that shows colours, to somebody who did not refuse them."""
    return _is_terminal(stream) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except (AttributeError, ValueError):  # it is closed
        return False


def say(text: str, end: str = "\n") -> None:
    """Print a report, fitted to the terminal that standard output may be."""
    print(folded(text, columns(sys.stdout)), end=end)


def show_help(text: str) -> None:
    """Print the help of a command, fitted likewise."""
    print(reflowed(text, columns(sys.stdout)))


def folded(text: str, width: int) -> str:
    """Return a text in which no line is wider than `width` columns, but for words that are; 0 is no limit."""
    if not width:
        return text
    return "\n".join(part for lines in _tables(text.split("\n")) for part in _fitted(lines, width, _HANGING))


def reflowed(text: str, width: int) -> str:
    """Return a help text likewise, whose lines were broken for a wider terminal before."""
    if not width or all(len(line) <= width for line in text.split("\n")):
        return text
    return "\n".join(part for lines in _tables([*_whole(text)]) for part in _fitted(lines, width, 0))


class Folding(io.TextIOBase):
    """A stream of messages to a terminal: each line that it passes on fits. What moves the cursor stays as it is."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        is_moving = "\r" in text or "\x1b" in text
        self._stream.write(text if is_moving else folded(text, columns(self._stream)))
        return len(text)

    def flush(self) -> None:
        self._stream.flush()

    def isatty(self) -> bool:
        return self._stream.isatty()

    def fileno(self) -> int:
        return self._stream.fileno()


def _tables(lines: list[str]) -> Iterator[list[str]]:
    """Yield lines, those of one table together: they follow each other, and their last column begins at one place."""
    held: list[str] = []
    column = 0
    for line in lines:
        row = _row(line)
        begins = len(row[1]) if row else len(_indent(line))
        if held and not (begins and begins == column):
            yield held
            held = []
        held.append(line)
        column = begins if row or len(held) > 1 else 0
    if held:
        yield held


def _fitted(lines: list[str], width: int, hanging: int) -> Iterator[str]:
    """Yield the lines of a table, or a line alone, none wider than a terminal."""
    if all(len(line) <= width for line in lines):
        yield from lines
        return
    indent = _indent(lines[0])
    below = indent + " " * (_HANGING if indent or len(lines) > 1 else hanging)
    for line in lines:
        row = _row(line)
        if row is None:
            first = below if len(lines) > 1 and width < _NARROW else _indent(line)
            yield from _lines(line.strip(), width, first, first if len(lines) > 1 else below)
        elif width >= _NARROW and len(row[1]) <= width // 2:
            yield from _lines(row[2], width, row[1], " " * len(row[1]))
        else:
            yield from _lines(row[1].strip(), width, indent, below)
            yield from _lines(row[2], width, indent + " " * _HANGING, indent + " " * _HANGING)


def _row(line: str) -> re.Match[str] | None:
    import re  # a command that says nothing wide never needs it

    return re.match(_ROW, line)


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def wrapped(said: str, width: int, first: str, others: str) -> list[str]:
    """Return a text in lines of at most `width` columns, but for longer words, each behind its indentation.

    Where it fits, or there is no width, it is one line, which has no indentation of its own.
    """
    if not width or len(first) + len(said) <= width:
        return [said]
    return _lines(said, width, first, others)


def _lines(said: str, width: int, first: str, others: str) -> list[str]:
    import textwrap

    return textwrap.wrap(
        said, width, initial_indent=first, subsequent_indent=others, break_long_words=False, break_on_hyphens=False
    )


def _whole(text: str) -> Iterator[str]:
    """Yield the lines of a help text with what was broken put together: paragraphs, and the meanings of options."""
    held, column = "", -1  # what may go on, and where its next line would begin
    for line in text.split("\n"):
        begins = len(line) - len(line.lstrip())
        if held and line.strip() and begins == column:
            held += f" {line.strip()}"
            continue
        if held:
            yield held
        held, column = "", -1
        row = _row(line) if begins else None
        if row:
            held, column = line, len(row[1])
        elif line.strip() and not begins and not line.startswith("usage:"):
            held, column = line, 0
        else:
            yield line
    if held:
        yield held
