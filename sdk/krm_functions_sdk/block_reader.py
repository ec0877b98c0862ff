"""Read a document in plain block lines, as kpt and kubectl write them, without the YAML parser and its import.

What is accepted is only what a pattern per line and a stack of columns prove: block maps and lists, keys and values on
one line, plain or in quotes without escapes, `{}` and `[]`, literal blocks, comments. All else is left to the parser:
`read` returns None. What it returns is the tree that the parser returns, node by node; tests and the fuzzer compare
the two. Each line is judged by itself, and the lines are held together by their indent, dash and key alone: `is_edit`
rests on that.
"""

from __future__ import annotations

import re

from krm_functions_sdk import scalar
from krm_functions_sdk.node import LIST, MAP, SCALAR, Node, scalar_value
from krm_functions_sdk.node import value as value_of
from krm_functions_sdk.ownership import same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from krm_functions_sdk.scalar import Scalar

_BLANK = r"(?:[ ]*(?:\#[^\n]*)?\n)*+"  # blank lines and comments
_COMMENT = r"[ ]*(?:(?<=[ ])\#[^\n]*)?\n"
_LINE = re.compile(
    rf"""
    ([ ]*)(-[ ])?
    (?:([A-Za-z0-9_./][A-Za-z0-9_./-]{{0,99}}|"[^"\\\n]{{0,99}}"|'[^'\n]{{0,99}}'):(?=[ \n])[ ]*)?
    (?:
      (?:
        ((?:[^ \n\-?:,\[\]{{}}\#&*!|>'"%@`]|-(?=[^ \n]))(?:[^ \n:\#]++|:(?![ \n])|(?<![ ])\#|[ ]++(?![\#\n]))*+)
        |('(?:[^'\n]|'')*+')
        |("[^"\\\n]*+")
        |(\{{\}}|\[\])
      )?{_COMMENT}
      |(\|-?){_COMMENT}(([ ]+)[^ \n][^\n]*\n(?:(?:\10[^\n]*)?\n)*+)(?![ ]+\n)
    )
    {_BLANK}
    """,
    re.VERBOSE,
)
# What a line says, by the last group that matched.
_KEY, _PLAIN, _SINGLE, _DOUBLE, _FLOW, _LITERAL = 3, 4, 5, 6, 7, 9
_ONE_LINE = (_PLAIN, _SINGLE, _DOUBLE)
_MAX_DEPTH = 50


class BlockNode(Node):
    """A block map or list whose nodes are made of the matches of its lines when they are asked for."""

    __slots__ = ("lines",)

    def __init__(self, kind: str, start: int, line: int, column: int) -> None:
        super().__init__(kind, start, start, line, column)
        self.lines: list[Any] = []  # [match, line, BlockNode or None] of an entry, or the BlockNode of an item

    def __getattr__(self, name: str) -> Any:
        """Return `value`, which is not there before it is asked for."""
        if name != "value":
            raise AttributeError(name)
        if self.kind == MAP:
            self.value = [(_key(*line[:2]), line[2] or _scalar(*line[:2])) for line in self.lines]
        else:
            self.value = [line if isinstance(line, Node) else _scalar(*line[:2]) for line in self.lines]
        self.lines = []
        return self.value


def read(text: str) -> Node | None:  # noqa: C901, PLR0912  # one loop: a call per line would cost as much as the line
    """Return the root of the one document in `text`, a map; None where it takes the parser to tell."""
    if text[-1:] != "\n" or not _is_printable(text):
        return None
    # Of the innermost open map or list: column, whether it is a list, lines, and keys; of those around it, `stack`.
    column, is_list = -1, False
    lines: list[Any] = []
    keys: set[str] = set()
    stack: list[tuple[int, bool, list[Any], set[str]]] = []
    waiting: list[Any] | None = None  # the line of a key whose value may stand below it
    root: BlockNode | None = None
    first = re.compile(_BLANK, re.VERBOSE).match(text)
    at, number, before, size = first.end() if first else 0, 0, 0, len(text)
    match_line, count = _LINE.match, text.count
    while at < size:
        match = match_line(text, at)
        if match is None:
            return None
        number += count("\n", before, at)
        kind = match.lastindex or 0
        dash, key = match.group(2, 3)
        indent = match.end(1) - at
        if kind < _KEY or (key is None and dash is None):
            return None
        if waiting is not None or root is None:
            if indent > column or (indent == column and dash):
                child = BlockNode(LIST if dash else MAP, at + indent, number, indent)
                if waiting is not None:
                    waiting[2] = child
                    child.end += indent == column  # the parser has it so: behind the dash
                elif dash:
                    return None
                root = root or child
                stack.append((column, is_list, lines, keys))
                column, is_list, lines, keys = indent, dash is not None, child.lines, set()
            waiting = None
        while column > indent or (is_list and column == indent and not dash):
            column, is_list, lines, keys = stack.pop()
        if column != indent or is_list != (dash is not None) or len(stack) > _MAX_DEPTH:
            return None
        line: list[Any] = [match, number, None]
        if key is None:
            lines.append(line)
        else:
            if dash:
                child = BlockNode(MAP, at + indent + 2, number, indent + 2)
                lines.append(child)
                stack.append((column, is_list, lines, keys))
                column, is_list, lines, keys = indent + 2, False, child.lines, set()
            lines.append(line)
            name = key[1:-1] if key[0] in "'\"" else key  # as `_name`, without its call for each line
            if name in keys:
                return None
            keys.add(name)
            if kind == _KEY:
                waiting = line
        if kind == _LITERAL and len(match[10]) <= column:
            return None
        before, at = at, match.end()
    return root


def is_edit(old: str, new: str, changes: Sequence[tuple[Node, Scalar]]) -> bool:
    """Say whether `new` is `old`, which `read` accepts, with new values for some scalars that stand on their lines.

    Then `read` accepts `new` as well, and the tree is the old one but for these values: all other lines are the same,
    and those that changed have the indent, the dash and the key that they had, and a value on the same line.
    """
    done = at = 0
    for node, value in sorted(changes, key=lambda change: change[0].start):
        start, end = old.rfind("\n", 0, node.start) + 1, old.find("\n", node.start) + 1
        if start < done or new[at : at + start - done] != old[done:start]:
            return False
        at += start - done
        new_end = new.find("\n", at) + 1
        line = new[at:new_end]
        have, want = _LINE.fullmatch(old, start, end), _LINE.fullmatch(line)
        if not have or not want or have.group(1, 2, 3) != want.group(1, 2, 3) or not _is_printable(line):
            return False
        if (
            have.lastindex not in _ONE_LINE
            or want.lastindex not in _ONE_LINE
            or have.start(have.lastindex) != node.start
        ):
            return False
        if not same(scalar_value(_scalar(want, 0)), value):
            return False
        done, at = end, new_end
    return new[at:] == old[done:]


def _is_printable(text: str) -> bool:
    """Say whether it is made of line ends and of characters that any YAML reader takes as they are.

    That leaves tabs, returns, other line ends and byte order marks to the parser, and rare characters that it may take:
    a test compares the two for every character. A pattern of YAML's ranges would take 2 ms to compile at each start.
    """
    return text.replace("\n", "").isprintable()


def value(node: Node) -> Any:
    """Return the value of a map or list whose nodes were not asked for yet, without making them.

    Its keys are distinct, and there is no merge key, tag, anchor or alias in it.
    """
    lines: Sequence[Any] = node.lines
    if not lines:
        return value_of(node)
    if node.kind == MAP:
        return {_name(line[0][_KEY]): value(line[2]) if line[2] else _read_scalar(line[0]) for line in lines}
    return [value(line) if isinstance(line, Node) else _read_scalar(line[0]) for line in lines]


def _name(key: str) -> str:
    return key[1:-1] if key[0] in "'\"" else key


def _read_scalar(match: re.Match[str]) -> Any:
    """Return what `_scalar` says, as Kubernetes reads it."""
    kind = match.lastindex
    if kind == _PLAIN:
        return scalar.read(match[_PLAIN])
    if kind == _KEY:
        return None
    if kind == _FLOW:
        return {} if match[_FLOW] == "{}" else []
    return _scalar(match, 0).value


def _key(match: re.Match[str], line: int) -> Node:
    start, end = match.span(3)
    return _node(match.string[start:end], start, end, line, start - match.start())


def _scalar(match: re.Match[str], line: int) -> Node:
    kind = match.lastindex
    if kind == _KEY:
        start = match.end(3) + 1
        return Node(SCALAR, start, start, line, start - match.start(), "", "")
    if kind == _LITERAL:
        start, pad = match.start(8), len(match[10])
        body = "\n".join([part[pad:] for part in match[9].split("\n")]).rstrip("\n")
        return Node(SCALAR, start, match.end(9), line, start - match.start(), "|", body + "\n"[: "-" not in match[8]])
    start, end = match.span(kind or 0)
    text = match.string[start:end]
    if kind == _FLOW:
        return Node(MAP if text == "{}" else LIST, start, end, line, start - match.start(), "flow", [])
    return _node(text, start, end, line, start - match.start())


def _node(text: str, start: int, end: int, line: int, column: int) -> Node:
    quote = text[0]
    if quote == "'":
        return Node(SCALAR, start, end, line, column, quote, text[1:-1].replace("''", "'"))
    if quote == '"':
        return Node(SCALAR, start, end, line, column, quote, text[1:-1])
    return Node(SCALAR, start, end, line, column, "", text)
