"""What Config Sync refuses of an object, and `nomos vet` with it, though the API server takes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from krm_inference.validate_inference.findings import Finding
from krm_inference.validate_inference.index import Index
from krm_inference.validate_inference.objects import Field, Object

# The cluster writes these, nobody declares them.
_OF_THE_CLUSTER = (
    *("metadata.ownerReferences", "metadata.selfLink", "metadata.uid", "metadata.resourceVersion"),
    *("metadata.generation", "metadata.creationTimestamp", "metadata.deletionTimestamp", "status"),
)
_NAMES = frozenset(path.rpartition(".")[2] for path in _OF_THE_CLUSTER)
_PREFIXES = ("configmanagement.gke.io", "configsync.gke.io")
_MANAGED = "configmanagement.gke.io/managed"
_DISABLED = "disabled"
# The annotations of its own that it reads from what is declared.
_DECLARED = (
    *(_MANAGED, "configmanagement.gke.io/namespace-selector", "configmanagement.gke.io/cluster-selector"),
    *("configsync.gke.io/cluster-name-selector", "configsync.gke.io/deletion-propagation-policy"),
)
# Its own namespace, in which nothing else may be declared.
_OWN_NAMESPACE = "config-management-system"
_OWN_GROUPS = _PREFIXES


def fields(index: Index) -> Iterator[Finding]:
    """Yield fields that the cluster writes and that stand in a manifest."""
    for item in index.objects:
        if _NAMES.isdisjoint(item.field.map) and _NAMES.isdisjoint(item.at("metadata").map):
            continue
        for field in map(item.at, _OF_THE_CLUSTER):
            if field.exists and not _is_empty(field.value):
                yield Finding(field, "the cluster writes this field, and a manifest does not declare it")


def marks(index: Index) -> Iterator[Finding]:
    """Yield annotations and labels with Config Sync's prefixes that it writes itself, or does not know."""
    for item in index.objects:
        yield from _refused(item, "annotations", _DECLARED)
        yield from _refused(item, "labels", ())
        managed = item.at("metadata.annotations")[_MANAGED]
        if managed.exists and managed.value != _DISABLED:
            message = f'found {managed.value}; its one value is "{_DISABLED}"'
            yield Finding(managed, f"{message}, and without the annotation the object is managed")


def namespaces(index: Index) -> Iterator[Finding]:
    """Yield objects in the namespace of Config Sync, and that namespace itself."""
    for item in index.objects:
        if (item.group, item.kind, item.name) == ("", "Namespace", _OWN_NAMESPACE):
            yield Finding(item.at("metadata.name"), f"{_OWN_NAMESPACE} is Config Sync's own")
        elif item.namespace == _OWN_NAMESPACE and item.group not in _OWN_GROUPS and item.kind != "Secret":
            yield Finding(item.at("metadata.namespace"), f"{_OWN_NAMESPACE} is Config Sync's own")


def _refused(item: Object, part: str, allowed: tuple[str, ...]) -> Iterator[Finding]:
    known: Field = item.at("metadata")[part]
    for key in known.map:
        if key.partition("/")[0] in _PREFIXES and "/" in key and key not in allowed:
            yield Finding(known[key], f"{key} is none of those that may be declared")


def _is_empty(value: Any) -> bool:
    """Say whether nothing stands in a value, as in the status that generators of CRDs leave."""
    if isinstance(value, dict | list):
        return all(_is_empty(part) for part in (value.values() if isinstance(value, dict) else value))
    return value is None or value == ""
