"""Where new and moved objects go, so that running a function again changes nothing.

kpt tells objects apart by the annotations for path and index. Without a path it makes up a file name, and a generator
that runs twice leaves two objects; two objects of one file need different indexes.
"""

from __future__ import annotations

from krm_functions_sdk import field_path, node
from krm_functions_sdk.annotations import of_tools
from krm_functions_sdk.emitter import because
from krm_functions_sdk.lines import comment_of
from krm_functions_sdk.node import LIST, MAP, SCALAR, Node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_functions_sdk.resource import Resource
    from krm_functions_sdk.resource_list import ResourceList


def upsert(resources: ResourceList, resource: Resource, path: str | None = None) -> Resource:
    """Make the object of this identity say what `resource` says, or add it, and return the one that is in the list.

    An object that is there keeps its file, its position, the annotations of kpt, and the comments of what stays; of
    `resource` it takes everything else, so that what `resource` does not hold goes. A new one goes to the end of the
    file `path`, or of a file named after it. Raises ValueError where `path` leads out of the package.
    """
    group, kind, namespace, name = resource.identity
    there = resources.find(group, kind, name, namespace)
    if there is None:
        file = _checked(path or resource.path or default_path(resource))
        return resources.add(resource, file)
    wanted: dict[str, Any] = commented(resource.root, resource.text)
    if kept := of_tools(there):
        metadata = dict(wanted.get("metadata") or {})
        metadata["annotations"] = {**(metadata.get("annotations") or {}), **kept}
        wanted["metadata"] = metadata
    there.apply(wanted, [_step(key) for key in {**there.data, **wanted}])
    return there


def move(resources: ResourceList, resource: Resource, path: str) -> None:
    """Move a resource of the list to the end of the file `path`; one that is there already stays where it is.

    Raises ValueError where `path` leads out of the package.
    """
    file = _checked(path)
    if resource.path != file:
        taken = [other.index for other in resources if other is not resource and other.path == file]
        resource.place(file, max(taken, default=-1) + 1)


def put_before(resources: ResourceList, resource: Resource, other: Resource) -> None:
    """Put a resource of the list before `other`, in its file; those behind it there have a higher index then."""
    items, path, index = [item for item in resources.items if item is not resource], other.path, other.index
    position = next(number for number, item in enumerate(items) if item is other)
    for item in items:
        if path is not None and item.path == path and item.index >= index:
            item.place(path, item.index + 1)
    if path is not None:
        resource.place(path, index)
    resources.items = [*items[:position], resource, *items[position:]]


def default_path(resource: Resource) -> str:
    """Return the file that kpt would make up for a new resource: `namespace/kind_name.yaml`."""
    file = f"{resource.kind.lower()}_{resource.name}.yaml"
    return f"{resource.namespace}/{file}" if resource.namespace else file


def commented(part: Node, text: str) -> Any:
    """Return the value of `part` with the comments at the ends of its lines."""
    there = part.target
    if there.kind == MAP and not there.merged():
        return {key.value: commented(value, text) for key, value in there.value}
    if there.kind == LIST:
        return [commented(item, text) for item in there.value]
    found = node.value(there)
    comment = comment_of(part, text) if part.kind == SCALAR else ""
    return because(found, comment) if comment else found


def _step(key: str) -> str:
    return field_path.show((key,))


def _checked(path: str) -> str:
    parts = path.split("/")
    if path.startswith("/") or "\\" in path or ".." in parts or not parts[-1]:
        raise ValueError(f"found the path {path!r}, expected a file inside the package, with slashes")
    return "/".join(part for part in parts if part not in ("", "."))
