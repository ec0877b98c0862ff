"""Resources that Roles name: those of Kubernetes itself, by the slips that grant nothing."""

from __future__ import annotations

from collections.abc import Iterator

from krm_inference.domain.spelling import is_a_letter_off
from krm_inference.manifests.groups import RBAC
from krm_inference.manifests.index import Index
from krm_inference.manifests.objects import Field
from krm_inference.validate_inference.findings import Finding

# What the API server serves in groups of its own. Source: Kubernetes v1.36, api/discovery/aggregated_v2.json.
_RESOURCES: dict[str, tuple[str, ...]] = {
    "": (
        *("bindings", "componentstatuses", "configmaps", "endpoints", "events", "limitranges", "namespaces", "nodes"),
        *("persistentvolumeclaims", "persistentvolumes", "pods", "podtemplates", "replicationcontrollers"),
        *("resourcequotas", "secrets", "serviceaccounts", "services"),
    ),
    "apps": ("controllerrevisions", "daemonsets", "deployments", "replicasets", "statefulsets"),
    "autoscaling": ("horizontalpodautoscalers",),
    "batch": ("cronjobs", "jobs"),
    "coordination.k8s.io": ("leases", "leasecandidates"),
    "discovery.k8s.io": ("endpointslices",),
    "networking.k8s.io": ("ingresses", "ingressclasses", "networkpolicies", "ipaddresses", "servicecidrs"),
    "policy": ("poddisruptionbudgets", "podsecuritypolicies"),
    RBAC: ("clusterrolebindings", "clusterroles", "rolebindings", "roles"),
    "inference.networking.k8s.io": ("inferencepools",),
}
_FINALIZERS = "finalizers"


def unknown_resources(index: Index) -> Iterator[Finding]:
    """Yield resources of roles which a letter makes unknown to the API server."""
    for role in index.of((RBAC, "Role"), (RBAC, "ClusterRole")):
        for rule in role.at("rules"):
            groups = [group.text for group in rule["apiGroups"]]
            known = {name for group in groups for name in _RESOURCES.get(group, ())}
            is_known = bool(groups) and all(group in _RESOURCES for group in groups)
            for field in rule["resources"]:
                yield from _of(field, known if is_known else set())


def _of(field: Field, known: set[str]) -> Iterator[Finding]:
    name, slash, part = field.text.partition("/")
    if slash and part == _FINALIZERS[:-1]:
        message = f"no kind has the subresource {part}; it is called {_FINALIZERS}"
        yield Finding(field, message, f"{name}/{_FINALIZERS}")
    elif known and name not in (*known, "*"):
        near = [other for other in sorted(known) if is_a_letter_off(name, other)]
        if near:
            message = f"the API server has no resource {name}"
            yield Finding(field, message, f"{near[0]}{slash}{part}")
