"""Where new and moved objects go, so that running a function again changes nothing.

kpt tells objects apart by the annotations for path and index. Without a path it makes up a file name, and a generator
that runs twice leaves two objects; two objects of one file need different indexes.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_functions_sdk.resources.resource import Resource


def default_path(resource: Resource) -> str:
    """Return the file that kpt would make up for a new resource: `namespace/kind_name.yaml`."""
    file = f"{resource.kind.lower()}_{resource.name}.yaml"
    return f"{resource.namespace}/{file}" if resource.namespace else file


def said_of_twins(found: list[Resource]) -> str:
    """Return the message about objects of one identity, of which the first is changed and the others are not."""
    files = [resource.path or "" for resource in found]
    where = f" ({', '.join(files)})" if all(files) else ""
    return f"is there {len(found)} times{where}: the first one is changed, the others stay; remove all but one"


def checked(path: str) -> str:
    """Return a path of a file as it is written in annotations. Raises ValueError where it leads out of the package."""
    parts = path.split("/")
    if path.startswith("/") or "\\" in path or ".." in parts or not parts[-1]:
        raise ValueError(f"found the path {path!r}, expected a file inside the package, with slashes")
    return "/".join(part for part in parts if part not in ("", "."))
