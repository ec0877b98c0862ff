"""Read a document in plain block lines, as kpt and kubectl write them, without the YAML parser and its import.

What is accepted is only what a pattern per line and a stack of columns prove: block maps and lists, keys and values on
one line, plain or in quotes without escapes, `{}` and `[]`, literal blocks, comments. All else is left to the parser:
`read` returns None. What it returns is the tree that the parser returns, node by node; tests and the fuzzer compare
the two. Each line is judged by itself (`block_line`), and the lines are held together by their indent, dash and key
alone: `is_edit` rests on that.
"""

from __future__ import annotations

from krm_functions_sdk.document import block_line
from krm_functions_sdk.document.block_line import BLANK, EMPTY, FLOW, LITERAL, ONE_LINE, Line
from krm_functions_sdk.document.tree import LIST, MAP, SCALAR, Node
from krm_functions_sdk.document.tree import value as value_of
from krm_functions_sdk.document.wanted import same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from krm_functions_sdk.document.scalar import Scalar

    # A line, its place in the text, its number, and what stands below it: a node, or the text of a literal.
    Entry = tuple[Line, int, int, Any]

_STYLES = {block_line.PLAIN: "", block_line.SINGLE: "'", block_line.DOUBLE: '"'}
_MAX_DEPTH = 50


class BlockNode(Node):
    """A block map or list whose nodes are made of its lines when they are asked for."""

    __slots__ = ("lines",)

    def __init__(self, kind: str, start: int, line: int, column: int) -> None:
        self.kind = kind  # as Node does it, without a second call for each map and list
        self.start = self.end = start
        self.line = line
        self.column = column
        self.style, self.anchor, self.tag = "", None, None
        self.lines: list[Any] = []  # of a map its entries; of a list entries without a key, and the BlockNodes of maps

    def __getattr__(self, name: str) -> Any:
        """Return `value`, which is not there before it is asked for."""
        if name != "value":
            raise AttributeError(name)
        if self.kind == MAP:
            self.value = [(_key(entry), _part(entry)) for entry in self.lines]
        else:
            self.value = [part if isinstance(part, Node) else _part(part) for part in self.lines]
        self.lines = []
        return self.value

    def value_of_lines(self) -> Any:
        return value(self)


def read(text: str) -> Node | None:  # noqa: C901, PLR0912, PLR0915  # one loop: a call per line would cost as much as the line
    """Return the root of the one document in `text`, a map; None where it takes the parser to tell."""
    if text[-1:] != "\n" or not _is_printable(text):
        return None
    texts = text.splitlines(keepends=True)
    # Of the innermost open map or list: column, whether it is a list, lines, and keys; of those around it, `stack`.
    column, is_list = -1, False
    lines: list[Any] = []
    keys: set[str] = set()
    stack: list[tuple[int, bool, list[Any], set[str]]] = []
    waiting: list[Any] | None = None  # the entry of a key whose value may stand below it
    root: BlockNode | None = None
    known, judge = block_line.known, block_line.judge
    at = number = 0
    while number < len(texts):
        line = known(texts[number]) or judge(texts[number])
        if line is None:
            return None
        kind, indent = line.kind, line.indent
        if kind == BLANK:
            at += line.size
            number += 1
            continue
        is_item, name = line.is_item, line.name
        if waiting is not None or root is None:
            if indent > column or (indent == column and is_item):
                child = BlockNode(LIST if is_item else MAP, at + indent, number, indent)
                if waiting is not None:
                    waiting[3] = child
                    child.end += indent == column  # the parser has it so: behind the dash
                elif is_item:
                    return None
                root = root or child
                stack.append((column, is_list, lines, keys))
                column, is_list, lines, keys = indent, is_item, child.lines, set()
            waiting = None
        while column > indent or (is_list and column == indent and not is_item):
            column, is_list, lines, keys = stack.pop()
        if column != indent or is_list != is_item or len(stack) > _MAX_DEPTH:
            return None
        entry: list[Any] = [line, at, number, None]
        if name is None:
            lines.append(entry)
        else:
            if is_item:
                child = BlockNode(MAP, at + indent + 2, number, indent + 2)
                lines.append(child)
                stack.append((column, is_list, lines, keys))
                column, is_list, lines, keys = indent + 2, False, child.lines, set()
            lines.append(entry)
            if name in keys:
                return None
            keys.add(name)
            if kind == EMPTY:
                waiting = entry
        at += line.size
        number += 1
        if kind == LITERAL:
            after = _end_of_literal(texts, number, column)
            entry[3] = "".join(texts[number:after])
            if not entry[3]:
                return None
            at += len(entry[3])
            number = after
    return root


def _end_of_literal(texts: list[str], first: int, column: int) -> int:
    """Return the number of the line behind a literal below a key at `column`; `first` where it is none, or not plain.

    Its first line has a character and says how deep the others stand; blanks alone behind it would be part of it.
    """
    pad = _pad(texts[first]) if first < len(texts) else ""
    if len(pad) <= max(column, 0) or texts[first] == pad + "\n":
        return first
    after = first + 1
    while after < len(texts) and (texts[after].startswith(pad) or texts[after] == "\n"):
        after += 1
    return first if after < len(texts) and texts[after].isspace() else after


def _pad(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" "))]


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
        text = new[at:new_end]
        have, want = block_line.of(old[start:end]), block_line.of(text) if text and _is_printable(text) else None
        if not have or not want or (have.indent, have.is_item, have.key) != (want.indent, want.is_item, want.key):
            return False
        if have.kind not in ONE_LINE or want.kind not in ONE_LINE or start + have.start != node.start:
            return False
        if not same(want.value(), value):
            return False
        done, at = end, new_end
    return new[at:] == old[done:]


def scalar_at(root: Node, names: Sequence[object]) -> Node | None:
    """Return the scalar at a path of keys, without making the nodes on the way; None where it is something else."""
    current: Node | None = root
    for name in names:
        if current is None or current.kind != MAP:
            return None
        if current.lines:
            entry = next((entry for entry in current.lines if entry[0].name == name), None)
            current = None if entry is None else _part(entry)
        else:
            pair = current.entry(name) if isinstance(name, str) else None
            current = pair[1] if pair else None
    return current if current is not None and current.kind == SCALAR else None


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
        return {entry[0].name: _value(entry) for entry in lines}
    return [value(part) if isinstance(part, Node) else _value(part) for part in lines]


def _value(entry: Entry) -> Any:
    line, _, _, below = entry
    if below is None:
        return line.value()
    return value(below) if isinstance(below, Node) else _literal(line, below)


def _key(entry: Entry) -> Node:
    line, at, number, _ = entry
    key, name, column = line.key or "", line.name, line.key_start
    return Node(SCALAR, at + column, at + column + len(key), number, column, key[0] if key[0] in "'\"" else "", name)


def _part(entry: Entry) -> Node:
    line, at, number, below = entry
    kind = line.kind
    if isinstance(below, Node):
        return below
    if kind == EMPTY:
        column = line.key_start + len(line.key or "") + 1
        return Node(SCALAR, at + column, at + column, number, column, "", "")
    column = line.start
    if kind == LITERAL:
        return Node(SCALAR, at + column, at + line.size + len(below), number, column, "|", _literal(line, below))
    end = at + column + len(line.text)
    if kind == FLOW:
        return Node(MAP if line.text == "{}" else LIST, at + column, end, number, column, "flow", [])
    return Node(SCALAR, at + column, end, number, column, _STYLES[kind], line.unquoted)


def _literal(head: Line, body: str) -> str:
    """Return what a literal says: its lines without their indent, and without the line ends that it clips or strips."""
    pad = len(_pad(body))
    text = "\n".join([part[pad:] for part in body.split("\n")]).rstrip("\n")
    return text if "-" in head.text else text + "\n"
