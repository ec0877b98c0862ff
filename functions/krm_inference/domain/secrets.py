"""Credentials never appear in a result: what may be one is not shown."""

from __future__ import annotations

import re
from collections.abc import Iterable

from krm_functions_sdk import Result
from krm_functions_sdk.document import field_path
from krm_functions_sdk.document.field_path import FieldPath, Match

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

NOT_SHOWN = "(not shown)"
# The patterns are text, since `re` compiles them at their first use: a process that shows nothing does not pay.
_TOKEN = r"\b(?:hf_[A-Za-z0-9]{8,}|sk-[-_A-Za-z0-9]{8,}|gh[pousr]_[A-Za-z0-9]{8,}|AIza[-_A-Za-z0-9]{8,})"
# A count of tokens, as in maxOutputTokens and timePerOutputTokenMs, is no secret.
_NAME = r"(?:(?<!output)token(?!s)|secret|passw(?:or)?d|credential|api[-_]?key|private[-_]?key)"
_SECRET_NAME = rf"(?i){_NAME}"
# Fields that hold the name of a Secret.
_REFERENCES = ("tokenSecret", "secretKeyRef", "secret", "secretName")
# NAME_TOKEN=value and --name-token value, as they stand in commands. What stands before the name is looked at only
# where one is found: a pattern that begins with it takes the square of the time of a long text.
_ASSIGNED = rf"(?i)({_NAME}[= ])(?![(=])(?:\"[^\"]*\"|'[^']*'|[^\s\"']+)"
_LONGEST_WORD = 200
# Whatever matches holds one of these, and most texts hold none: to look for them takes a fiftieth of the time.
_TOKEN_SIGNS = ("hf_", "sk-", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "AIza")
_NAME_SIGNS = ("token", "secret", "passw", "credential", "key")


def redact(text: str) -> str:
    """Return `text` without the access tokens and passwords in it."""
    if any(sign in text for sign in _TOKEN_SIGNS):
        text = re.sub(_TOKEN, NOT_SHOWN, text)
    lower = text.lower()
    return re.sub(_ASSIGNED, _without_value, text) if any(sign in lower for sign in _NAME_SIGNS) else text


def _without_value(found: re.Match[str]) -> str:
    is_flag = "--" in _word_before(found.string, found.start())
    return f"{found[1]}{NOT_SHOWN}" if found[1].endswith("=") or is_flag else found[0]


def _word_before(text: str, end: int) -> str:
    start = end
    while start > max(0, end - _LONGEST_WORD) and (text[start - 1].isalnum() or text[start - 1] in "-_"):
        start -= 1
    return text[start:end]


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
        hidden = re.search(_SECRET_NAME, name) and "value" in value
        return {
            key: NOT_SHOWN if hidden and key == "value" else redacted((*path, key), part) for key, part in value.items()
        }
    if isinstance(value, list):
        return [redacted((*path, index), part) for index, part in enumerate(value)]
    if not isinstance(value, str):
        return value
    named = [step[1] if isinstance(step, Match) else step for step in path if isinstance(step, str | Match)]
    if named and named[-1] not in _REFERENCES and re.search(_SECRET_NAME, named[-1]):
        return NOT_SHOWN
    if len(named) > 1 and named[-1] == "value" and re.search(_SECRET_NAME, named[-2]):
        return NOT_SHOWN
    return redact(value)
