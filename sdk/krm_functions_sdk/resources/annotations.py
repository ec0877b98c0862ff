"""Annotations that few resources carry: looked for in the text before it is parsed for them."""

from __future__ import annotations

# On an object that functions make others from: the name that it had, while an overlay that renames it is built.
RENAMED_FROM = "fn.kpt.dev/renamed-from"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_functions_sdk.resources.resource import Resource


def may_hold(resource: Resource, name: str) -> bool:
    """Say whether the text can hold a key of this name; one that is written without escapes stands in it as it is."""
    return name in resource.text or "\\" in resource.text


def annotation_of(resource: Resource, name: str) -> Any:
    """Return the value of an annotation, None where there is none."""
    return resource.get(f"metadata.annotations[{name}]") if may_hold(resource, name) else None
