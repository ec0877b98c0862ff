"""What a release takes and shows: the lines of a table of `picker_tables` that are its."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def lines(table: Mapping[str, str], release: str) -> list[str]:
    """Return the lines of a release, sorted; none where it is in no row."""
    return sorted(
        line for names, text in table.items() if release in names.split() for line in text.split("\n") if line
    )


def said(table: Mapping[str, str], release: str) -> dict[str, str]:
    """Return what is said of each name, the first word of a line."""
    return {name: rest for name, _, rest in (line.partition(" ") for line in lines(table, release))}
