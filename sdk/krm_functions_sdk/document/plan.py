"""What a node shall become: itself, a new value, or a map or list of which parts stay.

A target is the Node itself where nothing changes, a MapTarget or ListTarget where something inside does, and else a
Python value, with the comments of `because`.
"""

from __future__ import annotations

from krm_functions_sdk.document import tree as nodes
from krm_functions_sdk.document.tree import ALIAS, LIST, MAP, SCALAR, Node
from krm_functions_sdk.document.wanted import Commented, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class MapTarget:
    """A map of which entries stay: the targets by key, those of new keys in their places; other keys go.

    `comment` is that of its key, None where the one that is there stays.
    """

    __slots__ = ("comment", "entries", "node")

    def __init__(self, node: Node, entries: dict[str, Any]) -> None:
        self.node = node
        self.entries = entries
        self.comment: str | None = None


class ListTarget:
    """A list of which items stay: pairs of the node that was there (None for a new item) and its target, in order.

    `comment` is that of its key, None where the one that is there stays.
    """

    __slots__ = ("comment", "items", "node")

    def __init__(self, node: Node, items: list[tuple[Node | None, Any]]) -> None:
        self.node = node
        self.items = items
        self.comment: str | None = None


def commented(node: Node, target: Any, comment: str) -> Any:
    """Return the target of a node, a map or list, that has this comment at its key as well."""
    if target is node and node.kind == ALIAS:
        return node
    if target is node:
        target = MapTarget(node, {key.value: part for key, part in node.value}) if node.kind == MAP else target
        target = ListTarget(node, [(item, item) for item in node.value]) if node.kind == LIST else target
    if isinstance(target, MapTarget | ListTarget) and target.node is node:
        target.comment = comment
        return target
    return Commented(target, comment)


def resolve(target: Any) -> Any:
    """Return the value that `target` stands for, without comments."""
    if isinstance(target, Node):
        return nodes.value(target)
    if isinstance(target, MapTarget):
        return {key: resolve(part) for key, part in target.entries.items()}
    if isinstance(target, ListTarget):
        return [resolve(part) for _, part in target.items]
    return plain(target)


def scalar_changes(node: Node, target: Any) -> list[tuple[Node, Any]] | None:
    """Return scalars and their new values where these are all that makes `node` the target; None where more does."""
    if target is node:
        return []
    if isinstance(target, MapTarget) and target.node is node and len(target.entries) == len(node.value):
        pairs = [(part, target.entries.get(key.value)) for key, part in node.value]
    elif isinstance(target, ListTarget) and target.node is node and len(target.items) == len(node.value):
        pairs = [
            (part, want if item is part else None) for part, (item, want) in zip(node.value, target.items, strict=True)
        ]
    else:
        value = plain(target)
        is_scalar = node.kind == SCALAR and isinstance(value, str | int | float) and "\n" not in str(value)
        return [(node, value)] if is_scalar else None
    found: list[tuple[Node, Any]] = []
    for part, want in pairs:
        changes = scalar_changes(part, want)
        if changes is None:
            return None
        found += changes
    return found
