"""What a CustomResourceDefinition says beside the schemas of its versions, which are nearly all of its text.

No rule judges a schema, as the API server does. Its YAML is parsed like all other, and its faults are told.
"""

from __future__ import annotations

from collections.abc import Iterator

from krm_functions_sdk import Resource
from krm_functions_sdk.document import tree
from krm_functions_sdk.document.block_reader import BlockNode
from krm_functions_sdk.document.tree import LIST, MAP, Node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

KIND = "CustomResourceDefinition"
_SCHEMA = ("spec", "versions", "schema")


def data(resource: Resource) -> dict[str, Any]:
    """Return the values of a definition without those of its schemas. Raises YamlFault.

    Where the text is no plain block lines, all values are made: only that finds a key that stands twice.
    """
    root = resource.root
    return _without(root, _SCHEMA) if isinstance(root, BlockNode) else resource.data


def schemas(resource: Resource) -> Iterator[Any]:
    """Yield the schemas of a definition's versions."""
    versions = resource.get("spec.versions", [])
    for version in versions if isinstance(versions, list) else ():
        schema = version.get("schema") if isinstance(version, dict) else None
        yield schema.get("openAPIV3Schema") if isinstance(schema, dict) else None


def _without(node: Node, path: tuple[str, ...]) -> Any:
    """Return the value of a node without what stands at the path of keys below it, in each item of a list."""
    if node.kind == LIST:
        return [_without(item, path) for item in node.value]
    if node.kind != MAP:
        return tree.value(node)
    first, *rest = path
    parts = ((key.value, part) for key, part in node.value if rest or key.value != first)
    return {key: _without(part, tuple(rest)) if key == first else tree.value(part) for key, part in parts}
