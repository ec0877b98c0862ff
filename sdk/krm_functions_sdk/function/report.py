"""A report for a person: what was found, below one line for each object, and a last line that counts.

It is in colour only where it goes to a terminal that shows it and NO_COLOR is not set (https://no-color.org). There a
line goes on below itself, between words: a path, a field and the name of a rule stay whole, and a value to copy too.
"""

from __future__ import annotations

import json
from typing import Any, TextIO

from krm_functions_sdk.document import scalar
from krm_functions_sdk.document.wanted import MISSING
from krm_functions_sdk.function import terminal
from krm_functions_sdk.resources.results import ERROR, INFO, WARNING, Result, Results

_COLOURS = {ERROR: "31", WARNING: "33", INFO: "36"}  # of SGR: red, yellow, cyan
_BOLD = "1"
_RANKS = {severity: rank for rank, severity in enumerate(_COLOURS)}
_WIDTH = max(map(len, _COLOURS))
_BELOW = " " * 4
_NO_OBJECT = "no object"


def text(results: Results, objects: int, *, is_stream: bool, stream: TextIO | None = None) -> str:
    """Return the report of a run over that many objects, in colour and as wide as the stream to which it goes takes it.

    The lines of a resource list are its own, also where an annotation says from which file an object came.
    """
    paint = _paint if terminal.takes_colour(stream) else _plain
    columns = terminal.columns(stream)
    lines: list[str] = []
    for heading, found in _by_object(results, is_stream=is_stream):
        lines += [paint(_BOLD, line) for line in terminal.wrapped(_shown(heading), columns, "", _BELOW)]
        for result in sorted(found, key=lambda result: (_RANKS[result.severity], result.line or 0)):
            first, *others = terminal.wrapped(_said(result), columns, " " * (_WIDTH + 3), _BELOW)
            severity = paint(_COLOURS[result.severity], result.severity) + " " * (_WIDTH - len(result.severity))
            lines += [f"  {severity} {first.lstrip(' ')}", *others]
            if result.proposed is not MISSING:
                lines.append(f"    proposed: {_value(result.proposed)}")
    counted = "1 object" if objects == 1 else f"{objects} objects"
    return "".join(f"{line}\n" for line in (*lines, f"{_summary(results)} in {counted}"))


def _by_object(results: Results, *, is_stream: bool) -> list[tuple[str, list[Result]]]:
    """Return the results of each object below its heading, in the order in which the objects stand."""
    objects: dict[tuple[str, int, int, str], list[Result]] = {}
    for result in results:
        key = ("" if is_stream else result.file or "", result.start or 0, result.index, _thing(result))
        objects.setdefault(key, []).append(result)
    return [
        (_heading(found[0], is_stream=is_stream), found)
        for _, found in sorted(objects.items(), key=lambda entry: entry[0])
    ]


def _heading(result: Result, *, is_stream: bool) -> str:
    file, line = result.file or "", f"line {result.start}" if result.start else ""
    both = f"{line} ({file})" if is_stream else f"{file}:{result.start}"
    place = both if file and line else file or line
    return ": ".join(part for part in (place, _thing(result)) if part) or _NO_OBJECT


def _thing(result: Result) -> str:
    name = "/".join(part for part in (result.reference.get("namespace"), result.reference.get("name")) if part)
    return f"{result.reference.get('kind', '')} {name}".strip()


def _said(result: Result) -> str:
    place = f"line {result.line}" if result.line and result.line > (result.start or 0) else ""
    parts = (result.tags.get("rule", ""), result.field, place, result.said(with_file=True))
    return ": ".join(_shown(part) for part in parts if part)


def _value(value: Any) -> str:
    """Return a value as it is to be written: a string that would be read as something else has quotes."""
    is_plain = isinstance(value, str) and isinstance(scalar.read(value), str)
    return _shown(value if is_plain else json.dumps(value, ensure_ascii=False, default=str))


def _summary(results: Results) -> str:
    counts = [(sum(result.severity == severity for result in results), severity) for severity in _COLOURS]
    return ", ".join(f"{count} {name}{'s' * (count > 1)}" for count, name in counts if count) or "nothing found"


def _shown(said: str) -> str:
    """Return a text on one line, without control characters: manifests must not move the cursor of who checks them."""
    return "".join(character if character.isprintable() else repr(character)[1:-1] for character in said)


def _paint(code: str, said: str) -> str:
    return f"\x1b[{code}m{said}\x1b[0m"


def _plain(_: str, said: str) -> str:
    return said
