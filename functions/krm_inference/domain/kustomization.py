"""The list of generated files in the kustomization of a package: what is new goes in, what is gone goes out.

What is not listed never reaches a cluster, and a file that is listed and gone breaks every build. Entries of users,
their order and their comments stay.
"""

from __future__ import annotations

import posixpath

from krm_functions_sdk import Resource, ResourceList

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

GROUP, KIND = "kustomize.config.k8s.io", "Kustomization"
NAMES = ("kustomization.yaml", "kustomization.yml")
# The files that each function writes, in the order of a pipeline: the order of a list that is made from nothing.
FILES: dict[str, tuple[str, ...]] = {
    "generate-model-server": ("model-server.yaml", "weights.yaml", "scaling.yaml", "network-policy.yaml"),
    "inject-lora": ("lora-adapters.yaml",),
    "generate-inference-pool": ("inference-pool.yaml", "endpoint-picker.yaml"),
    "generate-objectives": ("objectives.yaml", "rewrites.yaml"),
    "generate-routing": ("gateway.yaml", "route.yaml", "body-router.yaml", "gateway-tokens.yaml"),
    "generate-monitoring": ("metrics-access.yaml", "monitoring.yaml", "dashboard.yaml"),
    "generate-node-pool": ("services.yaml", "network.yaml", "cluster.yaml", "node-pools.yaml"),
}
_ORDER = [file for files in FILES.values() for file in files]


def update(resources: ResourceList, function: str) -> None:
    """Make the kustomizations of the package list the files of `function` that there are, and no others of it."""
    lists = {posixpath.dirname(item.path or ""): item for item in _kustomizations(resources)}
    files = FILES[function]
    there = {path for item in resources if (path := item.path) and posixpath.basename(path) in files} if lists else ()
    for folder, kustomization in lists.items():
        entries = kustomization.get("resources", [])
        if not isinstance(entries, list) or not all(isinstance(entry, str) for entry in entries):
            continue  # a fault that kustomize tells
        inside = {_below(path, folder) for path in there if _nearest(path, lists) == folder}
        wanted = _with(entries, inside, files)
        if wanted != entries:
            kustomization.apply({"resources": wanted}, ["resources"])


def _kustomizations(resources: ResourceList) -> Iterator[Resource]:
    for item in resources:
        if item.kind == KIND and item.group == GROUP and posixpath.basename(item.path or "") in NAMES:
            yield item


def _nearest(path: str, lists: dict[str, Resource]) -> str | None:
    """Return the folder of the kustomization that a file belongs to: its own folder, or the next one above."""
    folder = posixpath.dirname(path)
    while folder not in lists:
        above = posixpath.dirname(folder)
        if above == folder:
            return None
        folder = above
    return folder


def _below(path: str, folder: str) -> str:
    """Return the path from a folder to a file in it, at any depth."""
    return posixpath.normpath(path[len(folder) :].lstrip("/"))


def _with(entries: list[str], inside: set[str], files: tuple[str, ...]) -> list[str]:
    """Return the entries without those of `files` that are gone, and with those that are new, each beside its like."""
    left = [entry for entry in entries if posixpath.basename(entry) not in files or posixpath.normpath(entry) in inside]
    generated = [path for path in inside if posixpath.basename(path) in files]
    for path in sorted(generated, key=lambda path: (_rank(path), path)):
        if path in map(posixpath.normpath, left):
            continue
        beside = [entry for entry in left if posixpath.dirname(posixpath.normpath(entry)) == posixpath.dirname(path)]
        before = [entry for entry in beside if 0 <= _rank(entry) < _rank(path)]
        behind = [entry for entry in beside if _rank(entry) > _rank(path)]
        if before:
            left.insert(left.index(max(before, key=_rank)) + 1, path)
        else:
            left.insert(left.index(behind[0]) if behind else len(left), path)
    return left


def _rank(path: str) -> int:
    name = posixpath.basename(path)
    return _ORDER.index(name) if name in _ORDER else -1
