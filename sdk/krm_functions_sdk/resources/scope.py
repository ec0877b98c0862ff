"""Which kinds live in namespaces and which belong to the whole cluster.

The table holds the kinds that Kubernetes itself serves, up to 1.34, and those that it served once. What it does not
hold is told by a CustomResourceDefinition among the resources, or by a namespace that the object names.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from krm_functions_sdk.resources.resource import Resource

NAMESPACED, CLUSTER = "Namespaced", "Cluster"

_CLUSTER = {
    "": "ComponentStatus Namespace Node PersistentVolume",
    "admissionregistration.k8s.io": (
        "MutatingAdmissionPolicy MutatingAdmissionPolicyBinding MutatingWebhookConfiguration "
        "ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration"
    ),
    "apiextensions.k8s.io": "CustomResourceDefinition",
    "apiregistration.k8s.io": "APIService",
    "authentication.k8s.io": "SelfSubjectReview TokenReview",
    "authorization.k8s.io": "SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview",
    "certificates.k8s.io": "CertificateSigningRequest ClusterTrustBundle",
    "extensions": "PodSecurityPolicy",
    "flowcontrol.apiserver.k8s.io": "FlowSchema PriorityLevelConfiguration",
    "internal.apiserver.k8s.io": "StorageVersion",
    "networking.k8s.io": "ClusterCIDR IPAddress IngressClass ServiceCIDR",
    "node.k8s.io": "RuntimeClass",
    "policy": "PodSecurityPolicy",
    "rbac.authorization.k8s.io": "ClusterRole ClusterRoleBinding",
    "resource.k8s.io": "DeviceClass DeviceTaintRule ResourceClass ResourceSlice",
    "scheduling.k8s.io": "PriorityClass",
    "storage.k8s.io": "CSIDriver CSINode StorageClass VolumeAttachment VolumeAttributesClass",
    "storagemigration.k8s.io": "StorageVersionMigration",
}
_NAMESPACED = {
    "": (
        "Binding ConfigMap Endpoints Event LimitRange PersistentVolumeClaim Pod PodTemplate ReplicationController "
        "ResourceQuota Secret Service ServiceAccount"
    ),
    "apps": "ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet",
    "authorization.k8s.io": "LocalSubjectAccessReview",
    "autoscaling": "HorizontalPodAutoscaler",
    "batch": "CronJob Job",
    "certificates.k8s.io": "PodCertificateRequest",
    "coordination.k8s.io": "Lease LeaseCandidate",
    "discovery.k8s.io": "EndpointSlice",
    "events.k8s.io": "Event",
    "extensions": "DaemonSet Deployment Ingress NetworkPolicy ReplicaSet",
    "networking.k8s.io": "Ingress NetworkPolicy",
    "policy": "Eviction PodDisruptionBudget",
    "rbac.authorization.k8s.io": "Role RoleBinding",
    "resource.k8s.io": (
        "PodSchedulingContext ResourceClaim ResourceClaimParameters ResourceClaimTemplate ResourceClassParameters"
    ),
    "storage.k8s.io": "CSIStorageCapacity",
}
BUILT_IN: dict[tuple[str, str], str] = {
    (group, kind): scope
    for scope, kinds_of in ((CLUSTER, _CLUSTER), (NAMESPACED, _NAMESPACED))
    for group, kinds in kinds_of.items()
    for kind in kinds.split()
}


class Scopes:
    """The scope of every kind that is known: the built-in ones, and those that CustomResourceDefinitions define."""

    def __init__(self, resources: Iterable[Resource] = ()) -> None:
        self._learned: dict[tuple[str, str], str] = {}
        for resource in resources:
            if resource.kind == "CustomResourceDefinition" and resource.group == "apiextensions.k8s.io":
                self._learn(resource)

    def _learn(self, definition: Resource) -> None:
        group, kind, scope = (definition.get(f"spec.{path}") for path in ("group", "names.kind", "scope"))
        if scope in (NAMESPACED, CLUSTER):
            self._learned[group, kind] = scope

    def of(self, resource: Resource) -> str | None:
        """Return NAMESPACED or CLUSTER, or None where nothing tells."""
        key = resource.group, resource.kind
        known = BUILT_IN.get(key) or self._learned.get(key)
        return known or (NAMESPACED if resource.namespace else None)

    def is_namespaced(self, resource: Resource) -> bool:
        """Say whether the object is known to live in a namespace."""
        return self.of(resource) == NAMESPACED

    def is_cluster_scoped(self, resource: Resource) -> bool:
        """Say whether the object is known to belong to the whole cluster."""
        return self.of(resource) == CLUSTER


def is_cluster_scoped(resource: Resource) -> bool | None:
    """Say whether the object belongs to the whole cluster; None where neither its kind nor a namespace tells."""
    scope = Scopes().of(resource)
    return None if scope is None else scope == CLUSTER
