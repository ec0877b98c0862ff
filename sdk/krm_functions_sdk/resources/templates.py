"""Resources and patches from a text with `${name}` in it: `replicas: ${replicas}`, `image: nginx:${tag}`.

The text is read as YAML first, so that no value can change what it means. A scalar that is one placeholder takes the
value with its type, a map or list too; in quotes, or beside other text, it becomes a string. None leaves its field out.
Comments take values as well, and `$${name}` stands for itself. What a template of the Go framework decides by `if` and
`range`, a function decides in Python.
"""

from __future__ import annotations

import re

from krm_functions_sdk.document import stream
from krm_functions_sdk.resources.resource import Resource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_PLACEHOLDER = re.compile(r"\$?\$\{([A-Za-z_][A-Za-z0-9_.-]*)\}")


def resources(text: str, data: Any) -> list[Resource]:
    """Return the resources of a template: of each of its documents one, with the values of `data` in it.

    `data` is a map or an object with attributes, such as a dataclass; `${image.tag}` goes into it. Raises ValueError
    for a name that it does not have, and YamlFault where the text is no YAML.
    """
    filled = [fill(document.text, data) for document in stream.split(text) if not document.is_empty]
    for resource in filled:
        resource.is_new = resource.is_changed = True
    return filled


def fill(text: str, data: Any) -> Resource:
    """Return one document with the values of `data` in it, such as a patch: its `text` is one for `patches`.

    Raises ValueError for a name that `data` does not have, and YamlFault where the text is no YAML.
    """
    resource, left_out = Resource(text), list[str]()
    for field in list(resource.walk()):
        if isinstance(field.steps[-1], str) and _PLACEHOLDER.search(field.steps[-1]):
            raise ValueError(f"{field.path}: a placeholder stands in a key; set the field in Python")
        comment = field.comment
        if _PLACEHOLDER.search(comment):
            resource.set_comment(field.path, _filled(comment, data))
        if not field.is_scalar or not isinstance(field.value, str) or not _PLACEHOLDER.search(field.value):
            continue
        alone = _PLACEHOLDER.fullmatch(field.value)
        value = _look_up(alone[1], data) if alone and not alone[0].startswith("$$") else ""
        if alone and value is None and not alone[0].startswith("$$"):
            left_out.append(field.path)
        elif alone and not field.node.style and not alone[0].startswith("$$"):
            resource.set(field.path, value)
        else:
            resource.set(field.path, _filled(field.value, data))
    for path in reversed(left_out):
        resource.remove(path)
    return resource


def _filled(text: str, data: Any) -> str:
    return _PLACEHOLDER.sub(
        lambda found: found[0][1:] if found[0].startswith("$$") else _shown(_look_up(found[1], data)), text
    )


def _shown(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else "" if value is None else str(value)


def _look_up(name: str, data: Any) -> Any:
    found = data
    for part in name.split("."):
        if isinstance(found, dict) and part in found:
            found = found[part]
        elif not isinstance(found, dict) and hasattr(found, part):
            found = getattr(found, part)
        else:
            raise ValueError(f"${{{name}}}: the data has no {part!r}")
    return found
