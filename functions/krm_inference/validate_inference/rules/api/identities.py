"""Identities, namespaces, and names that several packages share on one cluster."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from krm_inference.domain.names import dns_label
from krm_inference.domain.remains import MARK
from krm_inference.domain.service import KIND
from krm_inference.manifests.groups import CLUSTER_SCOPED, POD_MONITORS, POOL, RBAC
from krm_inference.manifests.index import Index, identity
from krm_inference.manifests.links import links
from krm_inference.manifests.objects import Object
from krm_inference.manifests.pods import pods
from krm_inference.manifests.pools import pool_pods
from krm_inference.validate_inference.findings import Finding, listed
from krm_inference.validate_inference.rules.api.config_sync import selection

_CHILDREN = ("-epp", "-metrics-reader")


def duplicates(index: Index) -> Iterator[Finding]:
    """Yield objects of an identity that another object already has on the same clusters."""
    for item in index.objects:
        other = index.first[identity(item)]
        if other is not item and item.name and not _are_apart(selection(item), selection(other)):
            yield Finding(item.at("metadata.name"), f"{item.place} and {other.place} are the same object")


def _are_apart(one: str, other: str) -> bool:
    """Say whether two selections of clusters differ, so that no cluster gets both objects."""
    return bool(one and other) and one != other


def cluster_scoped_with_namespace(index: Index) -> Iterator[Finding]:
    """Yield cluster-scoped objects that declare a namespace."""
    for item in index.objects:
        if (item.group, item.kind) in CLUSTER_SCOPED and item.metadata.get("namespace") is not None:
            yield Finding(item.at("metadata.namespace"), f"{item.kind} is cluster-scoped and has no namespace")


def mixed_namespaces(index: Index) -> Iterator[Finding]:
    """Yield, for each namespace, the objects without one that are tied to objects in it."""
    if len({bool(item.namespace) for item in index.objects if not _is_cluster_wide(item)}) < 2:
        return
    strays: dict[str, dict[Object, Object]] = defaultdict(dict)
    for source, target in _ties(index):
        if _is_cluster_wide(source) or _is_cluster_wide(target):
            continue
        if source.namespace and not target.namespace:
            strays[source.namespace].setdefault(target, source)
        elif target.namespace and not source.namespace:
            strays[target.namespace].setdefault(source, target)
    for namespace, found in strays.items():
        item, other = min(found.items(), key=lambda pair: pair[0].position)
        names = listed((str(stray) for stray in found), 4)
        message = f"without a namespace: {names}; but {other} is in namespace {namespace}"
        yield Finding(item.at("metadata.namespace"), message, namespace)


def _ties(index: Index) -> Iterator[tuple[Object, Object]]:
    """Yield pairs of objects that must be in one namespace: by reference or by selector."""
    for link in links(index):
        target = index.find(link.kind, link.name.text, link.namespace)
        if target is not None and not link.field["namespace"].exists:
            yield link.field.object, target
    for pool in index.of(POOL):
        for pod in pool_pods(index, pool):
            yield pool, pod.object
    for monitor in index.of(*POD_MONITORS):
        labels = monitor.at("spec.selector.matchLabels").map
        for pod in pods(index).selected(labels, monitor.namespace) if labels else ():
            yield monitor, pod.object


def _is_cluster_wide(item: Object) -> bool:
    return (item.group, item.kind) in CLUSTER_SCOPED


def names_of_other_namespaces(index: Index) -> Iterator[Finding]:
    """Yield ClusterRoleBindings whose name says one namespace and whose subject lives in another."""
    for binding in index.of((RBAC, "ClusterRoleBinding")):
        for subject in binding.at("subjects"):
            namespace, account = subject["namespace"].text, subject["name"].text
            if subject["kind"].text != "ServiceAccount" or not namespace:
                continue
            said = _namespace_in_name(binding, account)
            if said and said != namespace:
                message = f"the name contains namespace {said}, but {account} is in {namespace}"
                message += "; another copy of this package would have the same name"
                yield Finding(binding.at("metadata.name"), message)


def _namespace_in_name(binding: Object, account: str) -> str:
    """Return the namespace with which a name begins; with a further prefix or suffix a name is the copy's own."""
    service = binding.at("metadata.annotations")[MARK].text.partition("/")[2]
    is_renamed = bool(service) and account not in [dns_label(service) + child for child in _CHILDREN]
    if is_renamed or not binding.name.endswith(f"-{account}"):
        return ""
    return binding.name.removesuffix(f"-{account}")


def unmarked_intents(index: Index) -> Iterator[Finding]:
    """Yield LLMServices that lack the annotation which keeps them from clusters."""
    for item in index.for_tools:
        annotation = item.at("metadata.annotations")["config.kubernetes.io/local-config"]
        if item.kind == KIND and str(annotation.value).lower() != "true":
            yield Finding(
                annotation,
                "without it kubectl and Config Sync try to apply the LLMService, which no cluster knows",
                "true",
            )
