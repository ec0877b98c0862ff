"""A baseline: findings that are known already, each with a reason, and a date after which it counts again."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from krm_functions_sdk import Result, YamlFault
from krm_functions_sdk.document import emitter, parser, tree

from krm_inference.domain.record import Record
from krm_inference.validate_inference.reports import formats

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_KIND = "ValidateInferenceBaseline"
_UNSAID = "say why this may stay"


class Unreadable(Exception):
    """A baseline that is none; the message says where and why."""


class Row(Record):
    """A finding that is known: its rule, its object and field, and until when it may stay."""

    rule: str
    object: str
    field: str
    expires: dt.date | None


def text(results: list[Result]) -> str:
    """Return the baseline of these results."""
    rows = sorted({_key(result) for result in results})
    known = [{"rule": rule, "object": thing, "field": field, "reason": _UNSAID} for rule, thing, field in rows]
    return emitter.document({"apiVersion": "fn.kpt.dev/v1alpha1", "kind": _KIND, "known": known})


def read(file: Path) -> list[Row]:
    """Return the rows of a baseline. Raises Unreadable."""
    try:
        data = tree.value(parser.parse(file.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, YamlFault) as error:
        raise Unreadable(f"{file}: {error}") from None
    rows = data.get("known") if isinstance(data, dict) and data.get("kind") == _KIND else None
    if not isinstance(rows, list):
        raise Unreadable(f"{file}: expected kind {_KIND} with a list `known`, as --write-baseline writes it")
    return [_row(file, position, row) for position, row in enumerate(rows)]


def _row(file: Path, position: int, row: Any) -> Row:
    where = f"{file}: known[{position}]"
    if not isinstance(row, dict) or not all(isinstance(row.get(name), str) for name in ("rule", "object", "field")):
        raise Unreadable(f"{where}: expected a map with rule, object and field")
    if not row.get("reason"):
        raise Unreadable(f"{where}: expected a reason")
    expires = row.get("expires")
    try:
        date = dt.date.fromisoformat(str(expires)) if expires is not None else None
    except ValueError:
        raise Unreadable(f"{where}.expires: found {expires}, expected a date such as 2026-12-31") from None
    return Row(row["rule"], row["object"], row["field"], date)


def without(results: list[Result], known: list[Row], today: dt.date | None = None) -> tuple[list[Result], list[str]]:
    """Return the results that no row covers, and what there is to say of rows: expired ones, and those of nothing."""
    day = today or dt.datetime.now(tz=dt.UTC).date()
    valid = {row[:3] for row in known if row.expires is None or row.expires >= day}
    found = {_key(result) for result in results}
    notes = [f"known until {row.expires}, and counted again: {_shown(row)}" for row in known if row[:3] not in valid]
    notes += [f"in the baseline, and no longer found: {_shown(row)}" for row in known if row[:3] not in found]
    return [result for result in results if _key(result) not in valid], notes


def _key(result: Result) -> tuple[str, str, str]:
    """Return what a finding is known by: no line and no message, which change with other things."""
    names = (result.reference.get(part, "") for part in ("kind", "namespace", "name"))
    thing = " ".join(filter(None, names)) or formats.valid(result.file or "")  # a name of a file need not be text
    return result.tags.get("rule", ""), thing, result.field


def _shown(row: Row) -> str:
    return " ".join(filter(None, row[:3]))
