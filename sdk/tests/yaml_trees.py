"""Trees of nodes to be compared, the paths in values, and mutations of texts that keep most of their lines."""

from __future__ import annotations

import re
from random import Random
from typing import Any

from krm_functions_sdk import YamlFault
from krm_functions_sdk.document import block_reader, parser, tree
from krm_functions_sdk.document.field_path import FieldPath, Match
from krm_functions_sdk.document.tree import Node
from krm_functions_sdk.document.wanted import same

TOKENS = [
    ": ", "- ", "? ", " #", "# c", "#", "|", "|-", "|+", ">", "&x ", "*x", "!!str ", "{}", "[]", "{a: b}",
    "[x]", "'", '"',
    "''", '""', "''''", "\\", ":", "-", "%", "@", "`", ",", "=", "<<: ", "---", "--- ", "...", "\t", "\r\n",
    "\r", "\n", "\n\n",
    " ", "  ", "\x85", "\u2028", "\ufeff", "\u00a0", "é", "😀", "\ufffe", "a: b", "a:", "- a", "- - a", "\n  ",
    "\n    ", " \n",
]  # fmt: skip


def described(root: Node) -> Any:
    """Return all that a tree says: of each node kind, place, style, value, tag and anchor."""
    value: Any = root.value
    if root.kind == tree.MAP:
        value = [(described(key), described(part)) for key, part in value]
    elif root.kind == tree.LIST:
        value = [described(part) for part in value]
    elif root.kind == tree.ALIAS:
        value = value.anchor
    return root.kind, root.start, root.end, root.line, root.column, root.style, value, root.tag, root.anchor


def disagreement(text: str) -> str:
    """Return in what the two readers differ on a text, "" where they do not or where the fast one refuses."""
    fast = block_reader.read(text)
    if fast is None:
        return ""
    values = tree.value(fast)
    try:
        slow = parser.parse_events(text)
        if not same(tree.value(slow), values):
            return f"{values}\n{tree.value(slow)}"
    except YamlFault as fault:
        return f"accepted, but the parser says: {fault.message}"
    have, want = described(fast), described(slow)
    return "" if have == want else f"{have}\n{want}"


def mutant(dice: Random, text: str) -> str:
    """Return a text after a few mutations: tokens put in, characters taken out, lines moved and indented."""
    for _ in range(dice.choice([1, 1, 2, 3])):
        kind = dice.randint(0, 4)
        at = dice.randint(0, len(text))
        if kind == 0:
            text = text[:at] + dice.choice(TOKENS) + text[at:]
        elif kind == 1:
            places = [match.end() for match in re.finditer(r": |- |\n *|:(?= )|(?=\n)", text)] or [0]
            at = dice.choice(places)
            text = text[:at] + dice.choice(TOKENS) + text[at:]
        elif kind == 2:
            text = text[:at] + text[at + dice.randint(1, 3) :]
        else:
            lines = text.splitlines(keepends=True) or [""]
            at = dice.randint(0, len(lines) - 1)
            if kind == 3:
                lines[at] = " " * dice.randint(0, 5) + lines[at].lstrip(" ")
            else:
                lines.insert(dice.randint(0, len(lines)), lines[at])
            text = "".join(lines)
    return text


def paths_of(value: Any, path: FieldPath = ()) -> list[FieldPath]:
    """Return the paths of all fields and keyed items inside a value."""
    found: list[FieldPath] = []
    if isinstance(value, dict):
        for key, part in value.items():
            found += [(*path, key), *paths_of(part, (*path, key))]
    elif (
        isinstance(value, list)
        and value
        and all(isinstance(item, dict) and isinstance(item.get("name"), str) for item in value)
    ):
        names = [item["name"] for item in value]
        for item in value:
            if names.count(item["name"]) > 1:
                continue  # a name that two items have names none of them
            step = (*path, Match("name", item["name"]))
            found += [step, *(inner for inner in paths_of(item, step) if inner != (*step, "name"))]
    return found
