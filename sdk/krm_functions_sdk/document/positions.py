"""Values at a field path in which a position stands, `containers[0].image`, or that ends in `[-]`, a new last item.

What a position names has to be there: it says nothing of what an item should be that is not. Behind it, fields are made
as in any other path.
"""

from __future__ import annotations

from krm_functions_sdk.document import field_path, ownership, values
from krm_functions_sdk.document import tree as nodes
from krm_functions_sdk.document.field_path import Flag, Match
from krm_functions_sdk.document.plan import ListTarget, MapTarget, resolve
from krm_functions_sdk.document.reconciliation import Reconciliation
from krm_functions_sdk.document.tree import ALIAS, LIST, Node, YamlFault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_functions_sdk.document.field_path import FieldPath

APPEND = Flag("")


def are_in(path: FieldPath) -> bool:
    """Say whether a position stands in the path, or `[-]`."""
    return any(isinstance(step, int) or step == APPEND for step in path)


def nested(path: FieldPath, value: Any) -> Any:
    """Return the value inside the maps and lists that a path of keys, matches and flags names."""
    wanted = value
    for step in reversed(path):
        if isinstance(step, Match):
            wanted = [{step[0]: step[1], **wanted}] if isinstance(wanted, dict) else [wanted]
        elif isinstance(step, Flag):
            wanted = [wanted]
        else:
            wanted = {step: wanted}
    return wanted


def target(text: str, root: Node, path: FieldPath, value: Any) -> Any:
    """Return the target of the root in which the field at the path is `value`.

    Raises ValueError for a path or value that is none, and YamlFault where a position is not there.
    """
    values.check(nested([step for step in path if isinstance(step, str)], value))  # type: ignore[arg-type]  # a path
    if APPEND in path[:-1]:
        raise ValueError(f"{field_path.show(path)!r}: [-] appends an item, and stands at the end of a path")
    appends = path[-1] == APPEND
    fixed = max((number for number, step in enumerate(path, 1) if isinstance(step, int)), default=0)
    way, rest = path[:fixed], path[fixed : len(path) - appends]
    part = _there(root, way)
    plan = Reconciliation(text)
    if appends:
        below = nodes.find(part, rest)
        if below is not None and below.target.kind == LIST and below.target.value:
            there = below.target
            items = [(item, item) for item in there.value]
            return _around(root, (*way, *rest), ListTarget(there, [*items, (None, value)]))
        if below is not None and not below.target.is_null and below.target.kind != LIST:
            raise YamlFault(f"{field_path.show(path[:-1])}: found a {below.target.kind}, expected a list", below.line)
        value = [value]
    if not rest:
        new = plan.whole(part, value, way)
        return root if new is part else _around(root, way, new)
    owned = ownership.table([field_path.show(rest)])
    new = plan.inside(part, nested(rest, value), owned, way)
    return root if new is part else _around(root, way, new)


def _there(root: Node, way: FieldPath) -> Node:
    part = root
    for number, step in enumerate(way, 1):
        found = nodes.find(part, (step,))
        if found is None:
            what = f"there is no {field_path.show(way[:number])}"
            if isinstance(step, int) and part.target.kind == LIST:
                count = len(part.target.value)
                what = f"the list has {count} item{'s' * (count != 1)}"
            raise YamlFault(f"{field_path.show(way)}: {what}; a position has to be there", part.line)
        part = found
    return part


def _around(root: Node, way: FieldPath, new: Any) -> Any:
    """Return the target of the root in which the node at the end of the way has become `new`."""
    parts = [root]
    for step in way:
        parts.append(nodes.find(parts[-1], (step,)))  # type: ignore[arg-type]  # the way is there
    for parent, part, step in zip(reversed(parts[:-1]), reversed(parts[1:]), reversed(way), strict=True):
        wanted = resolve(new) if part.kind == ALIAS else new
        there = parent.target
        if there.merged():
            raise YamlFault("a merge key (<<) stands where fields have to change; write its fields out", there.line)
        if there.kind == LIST:
            new = ListTarget(there, [(item, wanted if item is part else item) for item in there.value])
        else:
            new = MapTarget(there, {key.value: wanted if key.value == step else item for key, item in there.value})
    return new
