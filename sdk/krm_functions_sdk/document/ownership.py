"""Which fields of a resource a function owns.

An ownership table is a list of field paths. A path's last step is owned whole, with all that is inside. What is owned
and wanted is set, what is owned and not wanted is removed, what is not owned stays as the user wrote it.
"""

from __future__ import annotations

from functools import lru_cache

from krm_functions_sdk.document import arguments, field_path
from krm_functions_sdk.document.field_path import Flag, Match
from krm_functions_sdk.document.wanted import MISSING, bare, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from krm_functions_sdk.document.field_path import FieldPath, Step


class Owned:
    """A table of owned paths as a tree of steps; `whole` where a path ends."""

    __slots__ = ("children", "whole")

    def __init__(self) -> None:
        self.children: dict[Step, Owned] = {}
        self.whole = False

    @property
    def is_list(self) -> bool:
        """Say whether the steps are those into a list."""
        return any(not isinstance(step, str) for step in self.children)

    @property
    def is_arguments(self) -> bool:
        """Say whether the steps are flags."""
        return any(isinstance(step, Flag) for step in self.children)


def table(paths: Iterable[str]) -> Owned:
    """Return the tree of the owned `paths`, which nobody changes."""
    return _table(tuple(paths))


@lru_cache(maxsize=1000)
def _table(paths: tuple[str, ...]) -> Owned:
    root = Owned()
    for text in paths:
        owned = root
        for step in field_path.parse(text):
            owned = owned.children.setdefault(step, Owned())
        owned.whole = True
    return root


def stray(wanted: Any, owned: Owned, path: FieldPath = ()) -> list[str]:
    """Return the paths of values in `wanted` that the table does not own: a fault of the function, not of its input."""
    if owned.whole:
        return []
    wanted = bare(wanted)
    if isinstance(wanted, dict) and not owned.is_list:
        found: list[str] = []
        for key, part in wanted.items():
            child = owned.children.get(key)
            found += stray(part, child, (*path, key)) if child else [field_path.show((*path, key))]
        return found
    if isinstance(wanted, list) and (owned.is_list or not wanted):
        return [name for part in wanted for name in _stray_item(part, owned, path)]
    return [field_path.show(path)]


def _stray_item(part: Any, owned: Owned, path: FieldPath) -> list[str]:
    part = bare(part)
    if isinstance(part, dict):
        for step, child in owned.children.items():
            if matches(part, step) and isinstance(step, Match):
                rest = part if child.whole else {key: item for key, item in part.items() if key != step[0]}
                return stray(rest, child, (*path, step))
        return [f"{field_path.show(path)}: {plain(part)}"]
    # A flag that takes several values is a list of them, the flag first.
    name = arguments.flag_name(str(plain(part[0] if isinstance(part, list) else part)))
    return [] if Flag(name) in owned.children else [f"{field_path.show(path)}[{name or '-'}]"]


def matches(item: Any, step: Step) -> bool:
    """Say whether a list item is the one that `step` names."""
    item = bare(item)
    return isinstance(item, dict) and isinstance(step, Match) and _text(plain(item.get(step[0]))) == step[1]


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def worth(wanted: Any, owned: Owned) -> Any:
    """Return what of a wanted value is worth a new field: an empty map or list of a partly owned field is MISSING."""
    if owned.whole:
        return wanted
    wanted = bare(wanted)
    if isinstance(wanted, dict) and not owned.is_list:
        parts = {key: worth(part, owned.children[key]) for key, part in wanted.items() if key in owned.children}
        return {key: part for key, part in parts.items() if part is not MISSING} or MISSING
    if isinstance(wanted, list):
        wanted = [each for part in wanted for each in (part if isinstance(part, list) else [part])]
    return wanted or MISSING
