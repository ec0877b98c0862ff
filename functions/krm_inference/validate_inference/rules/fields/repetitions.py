"""Items of a list that are one item to the API server, which merges lists by keys, and sets by their values.

The keys are those of the tables: `by:name,port` or `set`, as CRDs and Kubernetes' OpenAPI have them
(x-kubernetes-list-type and x-kubernetes-list-map-keys).
"""

from __future__ import annotations

from collections.abc import Iterator

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# What a key is where an item does not say it. Source: Kubernetes 1.37, defaults of core/v1.
_DEFAULTS = {"protocol": "TCP"}


def repetitions(items: list[Any], keys: str) -> Iterator[tuple[int, str, str]]:
    """Yield the position of each item that is another's, its field, "" for the item itself, and what is wrong."""
    names = keys.removeprefix("by:").split(",") if keys != "set" else []
    first: dict[tuple[Any, ...], int] = {}
    for position, item in enumerate(items):
        if names and not (isinstance(item, dict) and any(name in item for name in names)):
            continue  # nothing to merge by: another check says that the key is missing
        values = tuple(str(item.get(name, _DEFAULTS.get(name, ""))) for name in names) if names else (str(item),)
        if first.setdefault(values, position) != position:
            said = f"{' and '.join(filter(None, values))} stands twice, first as item {first[values] + 1}"
            yield position, next((name for name in names if name in item), ""), said
