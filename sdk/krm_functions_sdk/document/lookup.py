"""Find the node that a field path leads to."""

from __future__ import annotations

from krm_functions_sdk.document import arguments
from krm_functions_sdk.document.field_path import Flag, Match
from krm_functions_sdk.document.tree import LIST, SCALAR, Node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_functions_sdk.document.field_path import FieldPath, Step


def find(root: Node, path: FieldPath) -> Node | None:
    """Return the node at the path, or None where there is none."""
    current: Node | None = root
    for step in path:
        if current is None:
            return None
        current = _step(current.target, step)
    return current


def line(root: Node, path: FieldPath) -> int:
    """Return the line, from 0, of the key or item at the path, or of its nearest ancestor."""
    for length in range(len(path), 0, -1):
        parent, step = find(root, path[: length - 1]), path[length - 1]
        pair = parent.target.entry(step) if parent is not None and isinstance(step, str) else None
        found = pair[0] if pair else find(root, path[:length])
        if found is not None:
            return found.line
    return 0


def _step(parent: Node, step: Step) -> Node | None:
    if isinstance(step, str):
        pair = parent.entry(step)
        return pair[1] if pair else parent.child(step)
    if parent.kind != LIST:
        return None
    if isinstance(step, int):
        return parent.value[step] if step < len(parent.value) else None
    if isinstance(step, Match):
        return next((item for item in parent.value if _has(item.target, step)), None)
    texts = [str(item.target.value) if item.target.kind == SCALAR else "" for item in parent.value]
    found = (argument for argument in arguments.parse(texts) if Flag(argument.name) == step)
    return next((parent.value[argument.first] for argument in found), None)


def _has(item: Node, step: Match) -> bool:
    child = item.child(step[0])
    return child is not None and child.kind == SCALAR and child.value == step[1]
