"""Kustomizations that name files which are not here, or leave out files that hold objects for a cluster."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from krm_inference.domain.kustomization import GROUP, KIND
from krm_inference.manifests.foreign import is_kustomization, place
from krm_inference.manifests.index import Index
from krm_inference.manifests.kustomize import kustomize
from krm_inference.manifests.objects import Object
from krm_inference.validate_inference.findings import Finding, listed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_SUFFIXES = (".yaml", ".yml", ".json")


def missing_files(index: Index) -> Iterator[Finding]:
    """Yield entries that name a file of the folder which is not among the manifests."""
    here = index.whole.derive(_files)
    for kustomization, folder, files in _kustomizations(index):
        for entry in kustomization.at("resources") if files else ():
            path = posixpath.normpath(posixpath.join(folder, entry.text))
            is_file = entry.text.endswith(_SUFFIXES) and "://" not in entry.text and _is_below(path, folder)
            if is_file and path not in here:
                yield Finding(entry, f"no manifest comes from a file {path}")


def _files(index: Index) -> set[str]:
    """Return the paths of all files that were read, whatever they hold."""
    others = {place(resource) for resource, _ in (*index.broken, *index.foreign)}
    return {item.resource.path or "" for item in (*index.objects, *index.for_tools)} | others


def left_out(index: Index) -> Iterator[Finding]:
    """Yield kustomizations that name a file with objects for a cluster nowhere."""
    for kustomization, folder, files in _kustomizations(index):
        named = {posixpath.normpath(posixpath.join(folder, text)) for text in _texts(kustomization.field.value)}
        for path, objects in sorted(files.items()):
            if objects and path not in named and path not in kustomize(index).files:
                what = listed(str(item) for item in objects)
                yield Finding(
                    kustomization.at("resources"),
                    f"{path} is not listed: what it holds never reaches a cluster, {what}",
                )


def _kustomizations(index: Index) -> Iterator[tuple[Object, str, dict[str, list[Object]]]]:
    """Yield each kustomization with its folder and the files of that, and what of each is for a cluster."""
    own = {id(item.resource) for item in index.for_tools} | {id(resource) for resource, _ in index.foreign}
    return ((item, folder, files) for item, folder, files in index.whole.derive(_all) if id(item.resource) in own)


def _all(index: Index) -> list[tuple[Object, str, dict[str, list[Object]]]]:
    found = [item for item in index.for_tools if (item.group, item.kind) == (GROUP, KIND) and item.resource.path]
    found += [Object(each, each.data, 0) for each, _ in index.foreign if is_kustomization(place(each))]
    folders = {posixpath.dirname(item.resource.path or ""): item for item in found}
    files: dict[str, dict[str, list[Object]]] = {folder: {} for folder in folders}
    for_cluster = set(index.objects)
    for item in (*index.objects, *index.for_tools) if found else ():
        folder = _nearest(item.resource.path, folders) if item.resource.path else None
        if folder is not None and item not in found:
            objects = files[folder].setdefault(str(item.resource.path), [])
            objects += [item] if item in for_cluster else []
    return [(item, folder, files[folder]) for folder, item in folders.items()]


def _nearest(path: str, folders: dict[str, Object]) -> str | None:
    folder = posixpath.dirname(path)
    while folder not in folders:
        if not folder:
            return None
        folder = posixpath.dirname(folder)
    return folder


def _is_below(path: str, folder: str) -> bool:
    return not path.startswith("..") and (not folder or path.startswith(f"{folder}/"))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(part)
