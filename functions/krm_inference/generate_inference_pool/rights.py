"""What the endpoint picker may see and do in the cluster."""

from __future__ import annotations

from krm_inference.domain.generation import Table, metadata
from krm_inference.domain.service import LLMService

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

RBAC = "rbac.authorization.k8s.io"
LABELS = ("metadata.labels[app.kubernetes.io/name]", "metadata.labels[app.kubernetes.io/version]")

OWNS: Table = {
    "picker ServiceAccount": LABELS,
    "picker Role": (*LABELS, "rules"),
    "picker RoleBinding": (*LABELS, "roleRef", "subjects"),
    "election Role": (*LABELS, "rules"),
    "election RoleBinding": (*LABELS, "roleRef", "subjects"),
    "picker ClusterRole": (*LABELS, "rules"),
    "picker ClusterRoleBinding": (*LABELS, "roleRef", "subjects"),
}
# To answer a request for metrics, the picker asks the API server who sent it and whether they may.
_REVIEWS = [
    {"apiGroups": ["authentication.k8s.io"], "resources": ["tokenreviews"], "verbs": ["create"]},
    {"apiGroups": ["authorization.k8s.io"], "resources": ["subjectaccessreviews"], "verbs": ["create"]},
]
_ELECTS = [
    {
        "apiGroups": ["coordination.k8s.io"],
        "resources": ["leases"],
        "verbs": ["get", "list", "watch", "create", "update", "patch", "delete"],
    },
    {"apiGroups": [""], "resources": ["events"], "verbs": ["create", "patch"]},
]


def objects(service: LLMService) -> list[tuple[str, dict[str, Any]]]:
    """Return (role, object) of what `service` wants."""
    name, reviews = service.names.picker, service.names.picker_reviews
    account = {"kind": "ServiceAccount", "name": name}
    # A ClusterRoleBinding must say the namespace; kustomize's `namespace:` replaces it with the account's.
    in_namespace = {**account, "namespace": service.namespace or "default"}
    own, cluster = metadata(name, service, service.picker_labels), {"name": reviews, "labels": service.picker_labels}
    return [
        ("picker ServiceAccount", {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": own}),
        ("picker Role", _role("Role", own, [dict(rule) for rule in service.release.rules])),
        ("picker RoleBinding", _binding("Role", own, account)),
        *(_election(service, account) if service.spec["picker"]["replicas"] > 1 else ()),
        ("picker ClusterRole", _role("ClusterRole", cluster, _REVIEWS)),
        ("picker ClusterRoleBinding", _binding("ClusterRole", cluster, in_namespace)),
    ]


def _election(service: LLMService, account: dict[str, str]) -> list[tuple[str, dict[str, Any]]]:
    meta = metadata(service.names.picker_election, service, service.picker_labels)
    return [
        ("election Role", _role("Role", meta, _ELECTS)),
        ("election RoleBinding", _binding("Role", meta, account)),
    ]


def _role(kind: str, meta: dict[str, Any], rules: list[dict[str, Any]]) -> dict[str, Any]:
    return {"apiVersion": f"{RBAC}/v1", "kind": kind, "metadata": meta, "rules": rules}


def _binding(kind: str, meta: dict[str, Any], subject: dict[str, str]) -> dict[str, Any]:
    role = {"apiGroup": RBAC, "kind": kind, "name": meta["name"]}
    return {
        "apiVersion": f"{RBAC}/v1", "kind": f"{kind}Binding", "metadata": meta, "roleRef": role, "subjects": [subject],
    }  # fmt: skip
