"""What Config Sync refuses of an object, and `nomos vet` with it, though the API server takes it.

Source: kpt-config-sync 5f19282, pkg/validate and pkg/importer/analyzer/validation, for repositories of sourceFormat
unstructured; the numbers are also in Google's error reference of Config Sync. What needs the cluster (KNV1067, fields
that its schemas do not know) or the rest of a repository (KNV1013, selectors that are nowhere) is not judged, nor is
the spec of a RootSync or RepoSync (the rest of KNV1061).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from krm_inference.manifests.groups import CLUSTER_SCOPED, CRD
from krm_inference.manifests.index import Index
from krm_inference.manifests.objects import Object
from krm_inference.validate_inference.findings import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# The cluster writes these, nobody declares them; Config Sync refuses all of them but the last.
_OF_THE_CLUSTER = (
    *("metadata.ownerReferences", "metadata.selfLink", "metadata.uid", "metadata.resourceVersion"),
    *("metadata.generation", "metadata.creationTimestamp", "metadata.deletionTimestamp"),
    *("metadata.deletionGracePeriodSeconds", "status"),
)
_NAMES = frozenset(path.rpartition(".")[2] for path in _OF_THE_CLUSTER)
_PREFIXES = ("configmanagement.gke.io", "configsync.gke.io")
_MANAGED = "configmanagement.gke.io/managed"
_DISABLED = "disabled"
_NAMESPACE_SELECTOR = "configmanagement.gke.io/namespace-selector"
_CLUSTER_SELECTORS = ("configmanagement.gke.io/cluster-selector", "configsync.gke.io/cluster-name-selector")
_SELECTORS = frozenset((_NAMESPACE_SELECTOR, *_CLUSTER_SELECTORS))
_DELETION = "configsync.gke.io/deletion-propagation-policy"
# The annotations of its own that it reads from what is declared.
_DECLARED = (_MANAGED, *_SELECTORS, _DELETION)
_POLICIES = ("Foreground", "Orphan")
_SYNCS = (("configsync.gke.io", "RootSync"), ("configsync.gke.io", "RepoSync"))
# What says by itself which clusters and namespaces there are.
_NEVER_SELECTED = (
    ("clusterregistry.k8s.io", "Cluster"),
    ("configmanagement.gke.io", "ClusterSelector"),
    ("configmanagement.gke.io", "NamespaceSelector"),
)
# Kinds of its own that no repository of this sort may hold, and why.
_KINDS = {
    ("configmanagement.gke.io", "HierarchyConfig"): "belongs only in repositories of sourceFormat hierarchy",
    ("configmanagement.gke.io", "Repo"): "belongs only in repositories of sourceFormat hierarchy",
    ("configmanagement.gke.io", "Sync"): "is written only by Config Sync itself",
}
# Its own namespace, in which one kind may be declared.
_OWN_NAMESPACE = "config-management-system"
_OWN_KIND = "RootSync"


def fields_of_the_cluster(index: Index) -> Iterator[Finding]:
    """Yield fields that the cluster writes and that stand in a manifest."""
    for item in index.objects:
        if _NAMES.isdisjoint(item.field.map) and _NAMES.isdisjoint(item.metadata):
            continue
        for field in map(item.at, _OF_THE_CLUSTER):
            if field.exists and not _is_empty(field.value):
                yield Finding(field, "the cluster writes this field; a manifest should not set it")


def refused_marks(index: Index) -> Iterator[Finding]:
    """Yield annotations and labels with Config Sync's prefixes that it writes itself, or does not know."""
    for item in index.objects:
        yield from _refused(item, "annotations", item.annotations, _DECLARED)
        yield from _refused(item, "labels", item.labels, ())
        if item.annotations.get(_MANAGED) not in (None, _DISABLED):
            managed = item.at("metadata.annotations")[_MANAGED]
            message = f'found {managed.value}, expected "{_DISABLED}"'
            yield Finding(managed, f"{message}; without the annotation Config Sync manages the object")
    for item in index.of(*_SYNCS):
        policy = item.at("metadata.annotations")[_DELETION]
        if policy.exists and policy.value not in _POLICIES:
            yield Finding(policy, f"found {policy.value}, expected {' or '.join(_POLICIES)}")


def in_namespace_of_config_sync(index: Index) -> Iterator[Finding]:
    """Yield objects in the namespace of Config Sync, and that namespace itself."""
    for item in index.objects:
        if (item.group, item.kind, item.name) == ("", "Namespace", _OWN_NAMESPACE):
            yield Finding(item.at("metadata.name"), f"namespace {_OWN_NAMESPACE} belongs to Config Sync")
        elif item.namespace == _OWN_NAMESPACE and item.kind != _OWN_KIND:
            message = f"namespace {_OWN_NAMESPACE} belongs to Config Sync; only a {_OWN_KIND} may be in it"
            yield Finding(item.at("metadata.namespace"), message)


def refused_selectors(index: Index) -> Iterator[Finding]:
    """Yield annotations that select clusters or namespaces for what is not selected so, or twice."""
    for item in index.objects:
        if _SELECTORS.isdisjoint(item.annotations):
            continue
        annotations = item.at("metadata.annotations")
        kind = (item.group, item.kind)
        namespaces = annotations[_NAMESPACE_SELECTOR]
        if namespaces.exists and kind in CLUSTER_SCOPED:
            yield Finding(namespaces, f"{item.kind} is cluster-scoped and takes no namespace selector")
        elif namespaces.exists and item.namespace:
            yield Finding(
                namespaces, f"the object is already in namespace {item.namespace}, so it takes no namespace selector"
            )
        clusters = [key for key in _CLUSTER_SELECTORS if key in annotations.map]
        if kind in _NEVER_SELECTED:
            yield from (
                Finding(annotations[key], f"{item.kind} applies to every cluster and takes no cluster selector")
                for key in clusters
            )
        elif len(clusters) > 1:
            yield Finding(
                annotations[clusters[0]], f"{clusters[1]} selects clusters too, and only one of them may be set"
            )


def selection(item: Object) -> str:
    """Return what selects the clusters of an object; nothing where it is on all of them."""
    return next((f"{key}={value}" for key, value in item.annotations.items() if key in _CLUSTER_SELECTORS), "")


def managed_in_unmanaged_namespace(index: Index) -> Iterator[Finding]:
    """Yield objects that are managed in a Namespace that is not."""
    left = {item.name for item in index.of(("", "Namespace")) if _is_disabled(item)}
    for item in index.objects if left else ():
        if item.namespace in left and not _is_disabled(item):
            message = f"Namespace {item.namespace} has {_MANAGED}: {_DISABLED}, so its objects need it too"
            yield Finding(item.at("metadata.annotations")[_MANAGED], message, _DISABLED)


def refused_kinds(index: Index) -> Iterator[Finding]:
    """Yield kinds that Config Sync does not take, and definitions of its own kinds."""
    for item in index.of(*_KINDS):
        yield Finding(item.at("kind"), f"{item.kind} {_KINDS[item.group, item.kind]}")
    for item in index.of(CRD):
        group = item.at("spec.group")
        if group.text in _PREFIXES:
            yield Finding(group, f"{group.text} is Config Sync's own group, and no package may define kinds in it")


def _is_disabled(item: Object) -> bool:
    return bool(item.annotations.get(_MANAGED) == _DISABLED)


def _refused(item: Object, part: str, names: Iterable[str], allowed: tuple[str, ...]) -> Iterator[Finding]:
    for name in names:
        if name.partition("/")[0] in _PREFIXES and "/" in name and name not in allowed:
            yield Finding(
                item.at("metadata")[part][name], f"{name} is reserved for Config Sync; a package may not set it"
            )


def _is_empty(value: Any) -> bool:
    """Say whether nothing stands in a value, as in the status that generators of CRDs leave."""
    if isinstance(value, dict | list):
        return all(_is_empty(part) for part in (value.values() if isinstance(value, dict) else value))
    return value is None or value == ""
