"""Placeholders: what stands where a person, or a tool such as envsubst, is to write the value."""

from __future__ import annotations

from functools import lru_cache

from krm_functions_sdk.document.field_path import FieldPath
from krm_functions_sdk.document.pattern import pattern

from krm_inference.manifests import groups
from krm_inference.manifests.objects import Field, Object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# A shell reads ${NAME} in its script; there, and where a container's own variable is meant, it is no placeholder.
# $(NAME) is replaced by the kubelet.
_PLACEHOLDER = pattern(
    r"(\$\{[A-Za-z_][A-Za-z0-9_]*(?::?-[^{}]*)?\}|\{\{[^{}]*\}\}"
    r"|(?<!\$\()\b(?:YOUR|MY|CHANGE|REPLACE)[_-][A-Z][A-Z0-9_-]*\b"
    r"|<[A-Za-z][A-Za-z0-9]*(?:[-_ ][A-Za-z0-9]+)*>|\byour-[a-z]+(?:-[a-z]+)*-here\b"
    r"|\breplaced-by-[a-z]+\b|\b(?:CHANGEME|REPLACEME|TODO)\b|\A\$[A-Za-z_][A-Za-z0-9_]*\Z)"
)
# In a name or a number, which have no capitals, a word of capitals waits for a value as well.
# It begins with the letter and looks back then: so only capitals are tried, and other texts are passed over fast.
_CAPITALS = pattern(r"[A-Z](?<![A-Za-z0-9][A-Z])(?:[A-Z0-9]*(?:_[A-Z0-9]+)+|[A-Z]{3,})(?![A-Za-z0-9])")
_VARIABLE = pattern(r"\$\([A-Za-z][-_.A-Za-z0-9]*\)")  # a name that kustomize writes: its `vars`
_NUMBERS = frozenset(("containerPort", "port", "replicas", "storage", "targetPort"))
_NAMES = frozenset(("name", "namespace"))
_NAMED = _NUMBERS | _NAMES
# One of these is in each placeholder: most objects have none, and texts are found much faster than a pattern.
_MARKS = ("$", "{{", "YOUR", "MY_", "MY-", "CHANGE", "REPLACE", "<", "your-", "replaced-by-", "TODO")
# What waits for a person's value is a short text.
_LONGEST = 4_000
_PLAIN = frozenset(group for group, _ in groups.SERVED) | {
    "batch",
    "autoscaling",
    "networking.k8s.io",
    "storage.k8s.io",
}
_SCRIPTS = frozenset(("command", "args", "data", "stringData", "binaryData", "annotations", "rules", "groups"))


def placeholder(field: Field) -> str:
    """Return the first placeholder in the text of a field, "" where it has none."""
    text = field.text
    marked = _first(text) if len(text) < _LONGEST else ""
    return marked or (_capitals(text) if _is_name(field.path[:-1], field.path[-1:]) else "")


def waits(field: Field) -> bool:
    """Say whether a field, or a part of it, is a placeholder."""
    if field.path[-1:] == ("name",) and _VARIABLE.fullmatch(field.text):
        return True
    return holds(field.value) or (_is_name(field.path[:-1], field.path[-1:]) and bool(_capitals(field.text)))


def _is_name(parent: FieldPath, last: FieldPath) -> bool:
    """Say whether a field is a number, or the name or namespace of its object, of a volume or of what it refers to."""
    if not last or last[0] not in _NAMES:
        return bool(last) and last[0] in _NUMBERS
    above = next((step for step in reversed(parent) if isinstance(step, str)), "")
    return above in ("metadata", "volumes") or above.endswith(("Ref", "Refs"))


def holds(value: object) -> bool:
    """Say whether a value, or a part of it, is a placeholder, whatever field it is of."""
    if isinstance(value, dict):
        return any(holds(part) for part in value.values())
    if isinstance(value, list):
        return any(holds(part) for part in value)
    return isinstance(value, str) and len(value) < _LONGEST and bool(_first(value))


@lru_cache(maxsize=2048)  # most texts stand in many objects
def _first(text: str) -> str:
    """Return the first placeholder in a text that is not too long."""
    match = _PLACEHOLDER.search(text) if any(mark in text for mark in _MARKS) else None
    return match[0] if match else ""


def _capitals(text: str) -> str:
    match = _CAPITALS.search(text)
    return match[0] if match else ""


def texts(item: Object) -> list[Field]:
    """Return the fields of an object that hold a placeholder, but for scripts and files.

    Kinds of other groups may have a language of their own for what their controller fills in.
    """
    found: list[Field] = []
    if item.group in _PLAIN and (item.group, item.kind) != groups.CRD:
        _collect(item, (), item.field.value, found)
    return found


def _collect(item: Object, path: FieldPath, value: Any, found: list[Field]) -> None:
    """Add the fields below a map or a list; its values are gone through here, since there are many."""
    if isinstance(value, list):
        for position, part in enumerate(value):
            if isinstance(part, dict | list):
                _collect(item, (*path, position), part, found)
            elif isinstance(part, str) and len(part) < _LONGEST and _first(part):
                found.append(Field(item, (*path, position), part))
        return
    for name, part in value.items():
        if name in _SCRIPTS or (name == "name" and path[-2:-1] == ("env",)):
            continue
        if isinstance(part, dict | list):
            _collect(item, (*path, str(name)), part, found)
        elif isinstance(part, str) and (
            (len(part) < _LONGEST and _first(part)) or (name in _NAMED and _is_name(path, (name,)) and _capitals(part))
        ):
            found.append(Field(item, (*path, str(name)), part))
