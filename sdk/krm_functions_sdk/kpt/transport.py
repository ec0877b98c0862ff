"""Resources on their way to a function in another process and back.

Out they carry the annotations that kpt 1.0.0-beta.56 adds: file and index, in the specification's names and in those
before it, the folder of the package, and an id. Back, an object is known again by its id, or where the function lost
that by its identity, and what changed in it is written into its own text: quotes, comments and layout stay.
"""

from __future__ import annotations

from typing import Any

from krm_functions_sdk.document import comments
from krm_functions_sdk.document.edits import Edits
from krm_functions_sdk.document.field_path import show
from krm_functions_sdk.document.wanted import bare
from krm_functions_sdk.resources.resource import INDEX_ANNOTATIONS, PACKAGE_PATH_ANNOTATION, PATH_ANNOTATIONS, Resource
from krm_functions_sdk.resources.resource_list import ResourceList

_IDS = ("internal.config.kubernetes.io/id", "config.k8s.io/id")
_OF_TRANSPORT = ("internal.config.kubernetes.io/", *_IDS, *PATH_ANNOTATIONS, *INDEX_ANNOTATIONS)


class Exchange:
    """One exchange with one function, about `resources`.

    `folders` says by `id()` in the folder of which package a resource lies.
    """

    def __init__(self, resources: ResourceList, folders: dict[int, str]) -> None:
        self.resources = resources
        self._by_id = {str(number): item for number, item in enumerate(resources, 1)}
        marked = [_marked(item, number, folders.get(id(item), "")) for number, item in self._by_id.items()]
        self.request = ResourceList(marked, resources.function_config).encode()
        self._sent = [item.text for item in ResourceList.read(self.request.decode())]

    def take(self, answer: ResourceList) -> None:
        """Make the resources what the function answered. Raises YamlFault, and ValueError for what is no object."""
        left = dict(self._by_id)
        items: list[Resource] = []
        for item in answer:
            number = self._number(item, left)
            known = left.pop(number, None)
            if known is None:
                items.append(unmarked(item))
                continue
            if item.text.rstrip() != self._sent[int(number) - 1].rstrip():
                _change(known, item)
            items.append(known)
        self.resources.items = items

    @staticmethod
    def _number(item: Resource, left: dict[str, Resource]) -> str:
        for name in _IDS:
            if item.annotation(name) in left:
                return item.annotation(name)
        return next((number for number, other in left.items() if other.identity == item.identity), "")


def _marked(item: Resource, number: str, folder: str) -> Resource:
    """Return a copy with the annotations of the transport."""
    names = {**dict.fromkeys(INDEX_ANNOTATIONS, str(item.index)), **dict.fromkeys(_IDS, number)}
    paths = dict.fromkeys(PATH_ANNOTATIONS, item.path) if item.path is not None else {}
    folders = {PACKAGE_PATH_ANNOTATION: folder} if folder else {}
    copy = item.copy()
    copy.annotate({**names, **paths, **folders})
    return copy


def _change(known: Resource, item: Resource) -> None:
    """Write into a resource what the function changed in it."""
    _check(item)
    path, index = item.path, item.index
    known.apply_all(_as_before(comments.commented(item.root, Edits(item.text, item.root)), known.annotations))
    if path is not None and path != known.path:
        known.place(path, index)


def unmarked(item: Resource) -> Resource:
    """Return an object as it is laid out, with its place, without what belongs to the transport. Raises ValueError."""
    _check(item)
    made = Resource(item.indented(0))
    made.is_new = made.is_changed = True
    if item.path is not None:
        made.place(item.path, item.index)
    names = [name for name in made.annotations if name.startswith(_OF_TRANSPORT)]
    for name in names:
        made.remove(show(("metadata", "annotations", name)))
    if names and made.get("metadata.annotations") in (None, {}):
        made.remove("metadata.annotations")
    return made


def _check(item: Resource) -> None:
    missing = [name for name, value in (("apiVersion", item.api_version), ("kind", item.kind)) if not value]
    if not item.name and item.kind != "Kustomization":
        missing.append("metadata.name")
    if missing:
        raise ValueError(f"an item is not a Kubernetes object: no {', '.join(missing)} in {item}")


def _as_before(wanted: dict[str, Any], own: dict[str, str]) -> dict[str, Any]:
    """Return an object with those annotations of the transport that it had before, and no others."""
    metadata = bare(wanted.get("metadata"))
    annotations = bare(metadata.get("annotations")) if isinstance(metadata, dict) else None
    if not isinstance(metadata, dict) or not isinstance(annotations, dict):
        return wanted
    kept = {name: value for name, value in annotations.items() if not name.startswith(_OF_TRANSPORT)}
    kept.update({name: value for name, value in own.items() if name.startswith(_OF_TRANSPORT)})
    parts = {key: kept if key == "annotations" else part for key, part in metadata.items()}  # each in its place
    if not kept:
        del parts["annotations"]
    return {**wanted, "metadata": parts}
