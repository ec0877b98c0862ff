"""Placeholders: what stands where a person, or a tool such as envsubst, is to write the value."""

from __future__ import annotations

from collections.abc import Iterator

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
_NUMBERS = tuple((name,) for name in ("containerPort", "port", "replicas", "storage", "targetPort"))
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
    match = _PLACEHOLDER.search(text) if _is_marked(text) else None
    match = match or (_CAPITALS.search(text) if _is_name(field.path) else None)
    return match[0] if match else ""


def waits(field: Field) -> bool:
    """Say whether a field, or a part of it, is a placeholder."""
    if field.path[-1:] == ("name",) and _VARIABLE.fullmatch(field.text):
        return True
    return holds(field.value) or (_is_name(field.path) and bool(_CAPITALS.search(field.text)))


def _is_name(path: FieldPath) -> bool:
    """Say whether a field is a number, or the name or namespace of its object, of a volume or of what it refers to."""
    above = next((step for step in reversed(path[:-1]) if isinstance(step, str)), "")
    is_of_object = above in ("metadata", "volumes") or above.endswith(("Ref", "Refs"))
    return path[-1:] in _NUMBERS or (is_of_object and path[-1:] in (("name",), ("namespace",)))


def holds(value: object) -> bool:
    """Say whether a value, or a part of it, is a placeholder, whatever field it is of."""
    if isinstance(value, dict):
        return any(holds(part) for part in value.values())
    if isinstance(value, list):
        return any(holds(part) for part in value)
    return isinstance(value, str) and _is_marked(value) and bool(_PLACEHOLDER.search(value))


def _is_marked(text: str) -> bool:
    return len(text) < _LONGEST and any(mark in text for mark in _MARKS)


def texts(item: Object) -> Iterator[Field]:
    """Yield the fields of an object that hold a placeholder, but for scripts and files.

    Kinds of other groups may have a language of their own for what their controller fills in.
    """
    if item.group not in _PLAIN or (item.group, item.kind) == groups.CRD:
        return
    text = item.resource.text
    if any(mark in text for mark in _MARKS) or _CAPITALS.search(text):
        yield from _texts(item, (), item.field.value)


def _texts(item: Object, path: FieldPath, value: Any) -> Iterator[Field]:
    if isinstance(value, dict):
        for name, part in value.items():
            if name not in _SCRIPTS and not (name == "name" and path[-2:-1] == ("env",)):
                yield from _texts(item, (*path, str(name)), part)
    elif isinstance(value, list):
        for position, part in enumerate(value):
            yield from _texts(item, (*path, position), part)
    elif isinstance(value, str) and placeholder(field := Field(item, path, value)):
        yield field
