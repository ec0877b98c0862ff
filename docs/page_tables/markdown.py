"""Tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Yield the lines of a table."""
    for row in (head, ("---",) * len(head), *rows):
        yield "| " + " | ".join(row) + " |" if row[0] != "---" else "|" + "---|" * len(head)


def named(values: Mapping[str, object]) -> str:
    """Return names with their values in one cell."""
    return ", ".join(f"{name} {value}" for name, value in values.items())


def said(columns: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """Yield a row for each key, with what each column says of it."""
    keys = sorted({key for column in columns.values() for key in column})
    rows = [(f"`{key}`", *(column.get(key, "").replace("|", "\\|") for column in columns.values())) for key in keys]
    yield from table(("", *(f"`{name}`" for name in columns)), rows)
