"""Credentials never appear in a result: what may be one is not shown."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from krm_functions_sdk import Result, field_path
from krm_functions_sdk.field_path import FieldPath, Match

NOT_SHOWN = "(not shown)"
_TOKEN = re.compile(r"\b(?:hf_[A-Za-z0-9]{8,}|sk-[-_A-Za-z0-9]{8,}|gh[pousr]_[A-Za-z0-9]{8,}|AIza[-_A-Za-z0-9]{8,})")
# A count of tokens, as in maxOutputTokens and timePerOutputTokenMs, is no secret.
_NAME = r"(?:(?<!output)token(?!s)|secret|passw(?:or)?d|credential|api[-_]?key|private[-_]?key)"
_SECRET_NAME = re.compile(_NAME, re.IGNORECASE)
# Fields that hold the name of a Secret.
_REFERENCES = ("tokenSecret", "secretKeyRef", "secret", "secretName")
# NAME_TOKEN=value and --name-token value, as they stand in commands.
_ASSIGNED = re.compile(rf"((?:\b[\w-]*{_NAME}=|--[\w-]*{_NAME}[= ]))(?![(=])[^\s\"']+", re.IGNORECASE)


def redact(text: str) -> str:
    """Return `text` without the access tokens and passwords in it."""
    return _ASSIGNED.sub(rf"\1{NOT_SHOWN}", _TOKEN.sub(NOT_SHOWN, text))


def hide(results: Iterable[Result]) -> None:
    """Take the credentials out of results."""
    for result in results:
        path = field_path.parse(result.field)
        result.message = redact(result.message)
        result.reference = {key: redact(name) for key, name in result.reference.items()}
        result.current, result.proposed = redacted(path, result.current), redacted(path, result.proposed)


def redacted(path: FieldPath, value: Any) -> Any:
    """Return the value at `path` as it may be shown."""
    if isinstance(value, dict):
        name = str(value.get("name", ""))
        hidden = _SECRET_NAME.search(name) and "value" in value
        return {
            key: NOT_SHOWN if hidden and key == "value" else redacted((*path, key), part) for key, part in value.items()
        }
    if isinstance(value, list):
        return [redacted((*path, index), part) for index, part in enumerate(value)]
    if not isinstance(value, str):
        return value
    named = [step[1] if isinstance(step, Match) else step for step in path if isinstance(step, str | Match)]
    if named and named[-1] not in _REFERENCES and _SECRET_NAME.search(named[-1]):
        return NOT_SHOWN
    if len(named) > 1 and named[-1] == "value" and _SECRET_NAME.search(named[-2]):
        return NOT_SHOWN
    return redact(value)
