"""Which items of a list that is there are the items of the list that is wanted."""

from __future__ import annotations

from krm_functions_sdk.document.tree import MAP, SCALAR, Node, value
from krm_functions_sdk.document.wanted import plain, same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Fields by which Kubernetes and people tell the items of a list apart, the most telling first.
_KEYS = ("name", "key", "mountPath", "containerPort", "port", "type", "kind")


def align(have: list[Node], want: list[Any], missing: Any) -> list[tuple[Node | None, Any]]:
    """Return pairs of an item that is there (or None) and the wanted one (or `missing`), in the wanted order.

    Items that are equal belong together, then items with the same key; what stands between two such pairs belongs
    together by position.
    """
    pairs: list[tuple[Node | None, Any]] = []
    position = 0
    gap: list[Any] = []
    for part in want:
        found = _find(have, part, position)
        if found is None:
            gap.append(part)
            continue
        pairs += _by_position(have[position:found], gap, missing)
        pairs.append((have[found], part))
        position, gap = found + 1, []
    return pairs + _by_position(have[position:], gap, missing)


def _by_position(have: list[Node], want: list[Any], missing: Any) -> list[tuple[Node | None, Any]]:
    pairs: list[tuple[Node | None, Any]] = list(zip(have, want, strict=False))
    pairs += [(item, missing) for item in have[len(want) :]]
    return pairs + [(None, part) for part in want[len(have) :]]


def _find(have: list[Node], part: Any, position: int) -> int | None:
    bare = plain(part)
    key = next((name for name in _KEYS if name in bare), None) if isinstance(bare, dict) else None
    by_key: int | None = None
    for index in range(position, len(have)):
        item = have[index].target
        if same(value(item), bare):
            return index
        child = item.child(key) if key and item.kind == MAP and by_key is None else None
        if child is not None and child.kind == SCALAR and isinstance(bare, dict) and child.value == str(bare[key]):
            by_key = index
    return by_key
