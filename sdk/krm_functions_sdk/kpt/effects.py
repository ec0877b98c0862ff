"""What a difference does to what runs: rows of a table that distributions bring by entry points.

Each entry point of the group `krmfn_effects` is a list of rows. A row is asked about each object of its kind that
differs at its path, and what it says stands below the object.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from krm_functions_sdk.function import entry_points

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from krm_functions_sdk.kpt.comparison import Change

GROUP = "krmfn_effects"


class Effect(NamedTuple):
    """A row: a pattern of kinds, one of paths that differ ("" where the object comes or goes), and what it says.

    `says` returns "" where nothing is to be said.
    """

    kind: str
    path: str
    says: Callable[[Change], str]


def installed() -> list[Effect]:
    """Return the rows of all installed distributions."""
    return [row for entry_point in entry_points.of_group(GROUP) for row in entry_point.load()]


def of(change: Change, rows: Iterable[Effect]) -> Iterator[str]:
    """Yield what a change does."""
    paths = [one.path for one in change.differences] or [""]
    said: set[str] = set()
    for row in rows:
        if not re.fullmatch(row.kind, change.item.kind):
            continue
        if any(re.search(row.path, path) if row.path else not path for path in paths):
            text = row.says(change)
            if text and text not in said:
                said.add(text)
                yield text
