"""The lines of a document: which comment is on them, how they are indented, how the last one ends."""

from __future__ import annotations

import re

from krm_functions_sdk.document.emitter import Layout
from krm_functions_sdk.document.tree import LIST, MAP, Node

BLOCK_SCALARS = ("|", ">")
COMMENT = r"[ \t]+#[^\r\n]*"


def comment_of(node: Node, text: str, after: int | None = None) -> str:
    """Return the comment at the end of the line of `node`: of its last line, or of its first where it has many.

    `after` is the position behind its colon or dash, for a map or list that begins on the next line.
    """
    position = node.end
    if node.style in BLOCK_SCALARS or (node.is_block and node.value and after is not None):
        start = node.start if after is None or node.style in BLOCK_SCALARS else after
        end = text.find("\n", start)
        line = text[start : end if end >= 0 else len(text)]
        found = re.search(r"(?:\A|[ \t])#.*\Z", line.rstrip("\r"))
        if node.is_block and line[: found.start() if found else None].strip():
            return ""  # it begins on this line, and the comment is that of its first entry
        return found.group().strip().lstrip("#").strip() if found else ""
    have = re.compile(COMMENT).match(text, position)
    return have.group().strip().lstrip("#").strip() if have else ""


def layout_of(root: Node) -> Layout:
    """Return how a document is laid out, by the first list and the first map that stand below a key."""
    found: dict[str, int] = {}
    todo = [root]
    while todo and len(found) < 2:
        node = todo.pop()
        if not node.is_block:
            continue
        if node.kind == LIST:
            todo += reversed(node.value)
            continue
        todo += [part for _, part in reversed(node.value)]
        for key, part in node.value:
            if part.is_block and part.line > key.line:
                found.setdefault(part.kind, part.column - node.column)
    list_indent, map_indent = found.get(LIST, 0), found.get(MAP, 2)
    return Layout(max(list_indent, 0), map_indent if map_indent > 0 else 2)


def indented(text: str, have: int, column: int) -> str:
    """Return a document whose root stands at the column `have` with its root at `column`."""
    if have == column:
        return text
    lines = [line + "\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    if column > have:
        pad = " " * (column - have)
        return "".join(pad + line if line.strip("\r\n") else line for line in lines)
    cut = have - column
    return "".join(line[min(cut, len(line) - len(line.lstrip(" "))) :] for line in lines)


def ended(text: str, root: Node) -> str:
    """Return the document with a line break at its end, and the same value."""
    if text.endswith("\n"):
        return text
    for at, indicator in unended(root, text):
        text = text[:at] + indicator + text[at + 1 :]
    return text + "\n"


def unended(node: Node, text: str) -> list[tuple[int, str]]:
    """Return the edit that keeps the value of a block scalar at the end of a text once a line break follows it."""
    while node.is_block and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    if node.style not in BLOCK_SCALARS or text.endswith("\n"):
        return []
    header = text[node.start : text.find("\n", node.start)]
    at = node.start + re.match(r"(?:[&!]\S*\s+)*", header).end()  # type: ignore[union-attr]  # it matches nothing at least
    chomping = next((index for index in (at + 1, at + 2) if text[index : index + 1] in ("+", "-")), None)
    if chomping is not None:
        return [(chomping, "-")]
    return [(at, text[at] + "-")]
