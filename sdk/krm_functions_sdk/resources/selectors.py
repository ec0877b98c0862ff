"""Selectors as the pipeline of a Kptfile has them: what they name has to be equal, and what they don't may be anything.

`apiVersion`, `kind`, `name`, `namespace`, `labels` and `annotations`, as kpt 1.0.0-beta.56 compares them.
"""

from __future__ import annotations

from krm_functions_sdk.document.tree import LIST, MAP, Node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from krm_functions_sdk.resources.resource import Resource


def takes(selectors: Sequence[Mapping[str, Any]], exclude: Sequence[Mapping[str, Any]], resource: Resource) -> bool:
    """Say whether a resource is taken by one of the selectors, or there are none, and by none of `exclude`."""
    wanted = not selectors or any(matches(resource, selector) for selector in selectors)
    return wanted and not any(selector and matches(resource, selector) for selector in exclude)


def matches(resource: Resource, selector: Mapping[str, Any]) -> bool:
    """Say whether a selector takes a resource; what the selector does not name may be anything."""
    wanted = (
        ("apiVersion", resource.api_version),
        ("kind", resource.kind),
        ("name", resource.name),
        ("namespace", resource.namespace),
    )
    return (
        all(not selector.get(key) or selector[key] == value for key, value in wanted)
        and _has(resource, "labels", selector.get("labels"))
        and _has(resource, "annotations", selector.get("annotations"))
    )


def _has(resource: Resource, field: str, wanted: Mapping[str, str] | None) -> bool:
    found = resource.find(f"metadata.{field}") if wanted else None
    have = texts(found) if found is not None and found.target.kind == MAP else {}
    return all(have.get(key) == value for key, value in (wanted or {}).items())


def texts(node: Node) -> Any:
    """Return maps, lists and the texts of scalars, without nulls: to kpt `y`, `1` and `true` are strings here."""
    there = node.target
    if there.kind == MAP:
        return {key.value: texts(value) for key, value in there.value if not value.target.is_null}
    if there.kind == LIST:
        return [texts(item) for item in there.value]
    return "" if there.is_null else there.value
