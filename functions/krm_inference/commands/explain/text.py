"""Explanations as text for a terminal, and as Markdown for a pull request."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

from krm_functions_sdk.document import emitter, field_path

from krm_inference.commands.explain.experiments import Cause
from krm_inference.commands.explain.explanations import Explanation
from krm_inference.domain import secrets

_LONGEST = 70


def terminal(found: Iterable[Explanation]) -> str:
    """Return a block of lines for each object."""
    return "".join(f"{line}\n" for line in _lines(found))


def _lines(found: Iterable[Explanation]) -> Iterator[str]:
    for title, group in _by_object(found):
        yield title
        for item in group:
            place = f"    line {item.line}" if item.line else ""
            yield f"  {item.path}: {_shown(item.path, item.value)}{place}"
            yield f"      {_setter(item)}"
            yield from (f"      from {_cause(cause)}" for cause in _causes(item))
            if item.reason:
                yield f"      = {item.reason}"


def markdown(found: Iterable[Explanation]) -> str:
    """Return a table for each object."""
    parts: list[str] = []
    for title, group in _by_object(found):
        parts.append(f"### {title}\n\n| field | value | set by | from | reason |\n|---|---|---|---|---|\n")
        for item in group:
            causes = "<br>".join(_cell(_cause(cause)) for cause in _causes(item))
            cells = (
                _code(item.path),
                _code(_shown(item.path, item.value)),
                _cell(_setter(item).removeprefix("set by ")),
                causes,
                _cell(item.reason),
            )
            parts.append(f"| {' | '.join(cells)} |\n")
        parts.append("\n")
    return "".join(parts).rstrip("\n") + "\n"


def _by_object(found: Iterable[Explanation]) -> Iterator[tuple[str, list[Explanation]]]:
    for _, group in itertools.groupby(found, key=lambda item: id(item.resource)):
        items = list(group)
        resource = items[0].resource
        yield f"{resource} ({resource.path})" if resource.path else str(resource), items


def _setter(item: Explanation) -> str:
    if item.origin is None:
        return "set by no function: it is yours"
    what = f"set by {item.origin.function}"
    if not item.is_rendered:
        return f"{what}, which makes it {_shown(item.path, item.origin.value)}: render the package"
    return what if item.origin.causes else f"{what}; no field of this intent changes it"


def _causes(item: Explanation) -> tuple[Cause, ...]:
    return item.origin.causes if item.origin else ()


def _cause(cause: Cause) -> str:
    default = " (default)" if cause.is_default else ""
    return f"{cause.source}: {cause.path} = {_shown(cause.path, cause.value)}{default}"


def _shown(path: str, value: Any) -> str:
    value = secrets.redacted(field_path.parse(path), value)
    text = f"{len(value)} items" if isinstance(value, list) and value else emitter.flow(value)
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def _code(text: str) -> str:
    return f"`{_cell(text)}`" if "`" not in text else f"`` {_cell(text)} ``"
