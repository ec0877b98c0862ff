"""Comments of fields, read and written: no value changes with them."""

from __future__ import annotations

from krm_functions_sdk.document import field_path, parser
from krm_functions_sdk.document import tree as nodes
from krm_functions_sdk.document.edits import Edits
from krm_functions_sdk.document.lines import comment_of
from krm_functions_sdk.document.tree import LIST, MAP, SCALAR, YamlFault
from krm_functions_sdk.document.wanted import Commented, because, same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_functions_sdk.document.field_path import FieldPath
    from krm_functions_sdk.document.tree import Node


def set_line(text: str, root: Node, path: FieldPath, comment: str) -> tuple[str, Node, Any]:
    """Return the text in which a field has this comment on its line, its tree and its value."""
    found = nodes.find(root, path)
    if found is None or not path:
        raise ValueError(f"{field_path.show(path)!r}: nothing is there that could have a comment on its line")
    wanted = Commented(None, comment.strip().lstrip("#"))  # with its sign or without
    edits = Edits(text, root)
    if found.kind not in (MAP, LIST):
        edits.comment(found, wanted)
    elif (after := _after(edits, path)) is not None:
        edits.comment_of_key(found, after, wanted.comment)
    new, tree, value = _checked(edits, found)
    if line(new, tree, path) != wanted.comment:
        raise YamlFault("no comment can stand behind this value", found.line)
    return new, tree, value


def line(text: str, root: Node, path: FieldPath) -> str:
    """Return the comment on the line of a field, for a map or list that of its key or dash; "" where there is none."""
    found = nodes.find(root, path)
    if found is None or not path:
        return ""
    if found.kind not in (MAP, LIST):
        return comment_of(found, text)
    after = _after(Edits(text, root), path)
    return "" if after is None else comment_of(found, text, after if found.is_block else None)


def commented(part: Node, edits: Edits) -> Any:
    """Return the value of `part` with the comments on its lines and on those of its keys and dashes."""
    there = part.target
    if there.kind == SCALAR or there.merged() or not there.value:
        found = nodes.value(there)
        comment = "" if part is not there or there.merged() else comment_of(part, edits.text)
        return because(found, comment) if comment else found
    marks = _marks(there, edits)
    if there.kind == LIST:
        return [_with_key(item, edits, mark) for item, mark in zip(there.value, marks, strict=True)]
    return {key.value: _with_key(item, edits, mark) for (key, item), mark in zip(there.value, marks, strict=True)}


def _marks(parent: Node, edits: Edits) -> list[int | None]:
    """Return the positions behind the colons or dashes of the parts of a map or list, None where there are none."""
    try:
        if parent.is_block and parent.kind == LIST:
            return [dash + 1 for dash in edits.dashes(parent)]
        if parent.is_block:
            return [edits.colon(key) for key, _ in parent.value]
    except YamlFault:  # it is laid out in another way
        pass
    return [None] * len(parent.value)


def _with_key(part: Node, edits: Edits, after: int | None) -> Any:
    found = commented(part, edits)
    if after is None or part.kind not in (MAP, LIST) or not part.value:
        return found
    comment = comment_of(part, edits.text, after if part.is_block else None)
    return because(found, comment) if comment else found


def _after(edits: Edits, path: FieldPath) -> int | None:
    """Return the position behind the colon or dash of what is at the path; None where it has none, as in braces."""
    place = _place(edits, path)
    if place is None:
        return None
    parent = nodes.find(edits.root, path[:-1])
    if parent is not None and parent.target.kind == LIST:
        return place[0] + 1
    return edits.colon(next(key for key, _ in parent.target.value if key.start == place[0])) if parent else None


def head(text: str, root: Node, path: FieldPath) -> str:
    """Return the lines of the comment right above a field or list item, without their signs."""
    edits = Edits(text, root)
    place = _place(edits, path)
    if place is None or text[edits.line_start(place[0]) : place[0]].strip(" "):
        return ""
    line = edits.line_start(place[0])
    lines = text[edits.with_comments_above(line, place[1]) : line].splitlines()
    return "\n".join(line.strip().removeprefix("#").removeprefix(" ") for line in lines)


def set_head(text: str, root: Node, path: FieldPath, comment: str) -> tuple[str, Node, Any]:
    """Return the text in which a field or list item has this comment right above it, its tree and its value."""
    edits = Edits(text, root)
    found, place = nodes.find(root, path), _place(edits, path)
    if found is None:
        raise ValueError(f"{field_path.show(path)!r}: nothing is there that could have a comment above it")
    if place is None or text[edits.line_start(place[0]) : place[0]].strip(" "):
        raise YamlFault("no comment can stand above this field: its line begins with something else", found.line)
    line, column = edits.line_start(place[0]), place[1]
    lines = (f"{' ' * column}# {line}".rstrip() + "\n" for line in comment.splitlines())
    edits.replace(edits.with_comments_above(line, column), line, "".join(lines))
    return _checked(edits, found)


def _place(edits: Edits, path: FieldPath) -> tuple[int, int] | None:
    """Return position and column of the key or dash at the path; None where it has none, as in braces."""
    parent, found = nodes.find(edits.root, path[:-1]), nodes.find(edits.root, path)
    if parent is None or found is None or not parent.target.is_block:
        return None
    parent = parent.target
    if parent.kind == LIST:
        at = next((at for at, item in enumerate(parent.value) if item is found), None)
        return None if at is None else (edits.dashes(parent)[at], parent.column)
    key = next((key for key, part in parent.value if part is found), None)
    return None if key is None or key.column != parent.column else (key.start, key.column)


def _checked(edits: Edits, found: Node) -> tuple[str, Node, Any]:
    """Return the edited text, its tree and its value, which is what it was."""
    new = edits.apply()
    try:
        tree = parser.parse(new)
        value = nodes.value(tree)
    except YamlFault:
        raise YamlFault("no comment can stand at this value", found.line) from None
    if not same(value, nodes.value(edits.root)):
        raise YamlFault("no comment can stand at this value", found.line)
    return new, tree, value
