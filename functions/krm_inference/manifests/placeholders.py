"""Placeholders: what stands where a person, or a tool such as envsubst, is to write the value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from krm_functions_sdk.document.field_path import FieldPath

from krm_inference.manifests.objects import Field, Object

# A shell reads ${NAME} in its script; there, and where a container's own variable is meant, it is no placeholder.
_PLACEHOLDER = re.compile(
    r"(\$\{[A-Za-z_][A-Za-z0-9_]*\}|\{\{[^{}]*\}\}|\b(?:YOUR|MY|CHANGE|REPLACE)[_-][A-Z][A-Z0-9_-]*\b"
    r"|<(?:your|YOUR|my|insert|replace)[-_ A-Za-z0-9]*>|\byour-[a-z]+(?:-[a-z]+)*-here\b"
    r"|\b(?:CHANGEME|REPLACEME|TODO)\b)"
)
# One of these is in each placeholder: most objects have none, and texts are found much faster than a pattern.
_MARKS = ("${", "{{", "YOUR", "MY_", "MY-", "CHANGE", "REPLACE", "<", "your-", "TODO")
_SCRIPTS = frozenset(("command", "args", "data", "stringData", "binaryData", "annotations", "rules", "groups"))


def placeholder(text: str) -> str:
    """Return the first placeholder of a text, "" where it has none."""
    match = _PLACEHOLDER.search(text)
    return match[0] if match else ""


def holds(value: object) -> bool:
    """Say whether a value, or a part of it, is a placeholder."""
    if isinstance(value, dict):
        return any(holds(part) for part in value.values())
    if isinstance(value, list):
        return any(holds(part) for part in value)
    return isinstance(value, str) and any(mark in value for mark in _MARKS) and bool(_PLACEHOLDER.search(value))


def texts(item: Object) -> Iterator[Field]:
    """Yield the fields of an object that hold a placeholder, but for scripts and files."""
    if any(mark in item.resource.text for mark in _MARKS) and _PLACEHOLDER.search(item.resource.text):
        yield from _texts(item, (), item.field.value)


def _texts(item: Object, path: FieldPath, value: Any) -> Iterator[Field]:
    if isinstance(value, dict):
        for name, part in value.items():
            if name not in _SCRIPTS:
                yield from _texts(item, (*path, str(name)), part)
    elif isinstance(value, list):
        for position, part in enumerate(value):
            yield from _texts(item, (*path, position), part)
    elif isinstance(value, str) and _PLACEHOLDER.search(value):
        yield Field(item, path, value)
