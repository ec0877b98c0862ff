"""Which fields of the built-in kinds name other objects, and renaming that takes them along.

The table is that of kustomize's name references for the kinds that Kubernetes still serves.
"""

from __future__ import annotations

from functools import partial

from krm_functions_sdk.resources import depends_on, field_specs
from krm_functions_sdk.resources.origin import NO_NAMESPACE, ObjectId, current_id
from krm_functions_sdk.resources.scope import BUILT_IN, CLUSTER, Scopes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from krm_functions_sdk.resources.resource import Resource
    from krm_functions_sdk.resources.resource_list import ResourceList

Referent = tuple[str, str]  # group and kind
CONFIG_MAP, SECRET, SERVICE, ACCOUNT = (("", kind) for kind in ("ConfigMap", "Secret", "Service", "ServiceAccount"))
CLAIM, VOLUME = ("", "PersistentVolumeClaim"), ("", "PersistentVolume")
STORAGE_CLASS = ("storage.k8s.io", "StorageClass")

# In the spec of a pod
_OF_CONTAINERS: tuple[tuple[Referent, str], ...] = (
    (CONFIG_MAP, "env/valueFrom/configMapKeyRef/name"),
    (CONFIG_MAP, "envFrom/configMapRef/name"),
    (SECRET, "env/valueFrom/secretKeyRef/name"),
    (SECRET, "envFrom/secretRef/name"),
)
_OF_POD: tuple[tuple[Referent, str], ...] = (
    *((to, f"{containers}/{path}") for containers in ("containers", "initContainers") for to, path in _OF_CONTAINERS),
    (CONFIG_MAP, "volumes/configMap/name"),
    (CONFIG_MAP, "volumes/projected/sources/configMap/name"),
    (SECRET, "volumes/secret/secretName"),
    (SECRET, "volumes/projected/sources/secret/name"),
    (SECRET, "imagePullSecrets/name"),
    (CLAIM, "volumes/persistentVolumeClaim/claimName"),
    (ACCOUNT, "serviceAccountName"),
    (("scheduling.k8s.io", "PriorityClass"), "priorityClassName"),
)
POD_SPECS = {
    "Pod": "spec",
    "PodTemplate": "template/spec",
    "CronJob": "spec/jobTemplate/spec/template/spec",
    **dict.fromkeys(
        ("DaemonSet", "Deployment", "Job", "ReplicaSet", "ReplicationController", "StatefulSet"), "spec/template/spec"
    ),
}
# Fields that hold a name: by the kind in which they stand
_NAMES: dict[str, tuple[tuple[Referent, str], ...]] = {
    "Ingress": (
        (SECRET, "spec/tls/secretName"),
        (SERVICE, "spec/rules/http/paths/backend/service/name"),
        (SERVICE, "spec/rules/http/paths/backend/serviceName"),
        (SERVICE, "spec/defaultBackend/service/name"),
        (SERVICE, "spec/backend/serviceName"),
        (("networking.k8s.io", "IngressClass"), "spec/ingressClassName"),
    ),
    "PersistentVolume": ((STORAGE_CLASS, "spec/storageClassName"),),
    "PersistentVolumeClaim": ((VOLUME, "spec/volumeName"), (STORAGE_CLASS, "spec/storageClassName")),
    "ServiceAccount": ((SECRET, "imagePullSecrets/name"), (SECRET, "secrets/name")),
    "StatefulSet": ((SERVICE, "spec/serviceName"), (STORAGE_CLASS, "spec/volumeClaimTemplates/spec/storageClassName")),
    "ValidatingAdmissionPolicyBinding": (
        (("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"), "spec/policyName"),
    ),
}
# Fields that hold a map with the name, and perhaps kind, group and namespace, of an object; the kind where it is fixed
_MAPS: dict[str, tuple[tuple[Referent | None, str], ...]] = {
    "APIService": ((SERVICE, "spec/service"),),
    "ClusterRoleBinding": ((None, "roleRef"), (None, "subjects")),
    "CustomResourceDefinition": ((SERVICE, "spec/conversion/webhook/clientConfig/service"),),
    "HorizontalPodAutoscaler": ((None, "spec/scaleTargetRef"),),
    "MutatingWebhookConfiguration": ((SERVICE, "webhooks/clientConfig/service"),),
    "RoleBinding": ((None, "roleRef"), (None, "subjects")),
    "ValidatingWebhookConfiguration": ((SERVICE, "webhooks/clientConfig/service"),),
}
_RULES = {"configmaps": CONFIG_MAP, "secrets": SECRET}  # what `resourceNames` of a rule can name, by its `resources`


def rename(resources: ResourceList, names: Mapping[ObjectId, str]) -> None:
    """Give objects new names by their current ids, and every reference to them that the table knows as well.

    References in the annotation `config.kubernetes.io/depends-on` follow, too.
    """
    scopes = Scopes(resources)
    ids = [(resource, current_id(resource, scopes)) for resource in resources]
    for resource, own in ids:
        renaming = _Renaming(names, own.namespace)
        renaming.run(resource)
        if own in names:
            resource.set("metadata.name", names[own])


class _Renaming:
    """The new names as the references in one namespace see them."""

    def __init__(self, names: Mapping[ObjectId, str], namespace: str) -> None:
        self.names = names
        self.namespace = namespace

    def run(self, resource: Resource) -> None:
        kind = resource.kind
        paths = [*_NAMES.get(kind, ())]
        if kind in POD_SPECS:
            paths += [(to, f"{POD_SPECS[kind]}/{path}") for to, path in _OF_POD]
        for to, path in paths:
            field_specs.update(resource, path, partial(self.name, to))
        for fixed, path in _MAPS.get(kind, ()):
            field_specs.update(resource, path, partial(self.map, fixed))
        if kind in ("Role", "ClusterRole"):
            field_specs.update(resource, "rules", self.rule)
        depends_on.update(resource, self.dependency)

    def name(self, to: Referent, name: Any, namespace: Any = None) -> Any:
        where = NO_NAMESPACE if BUILT_IN.get(to) == CLUSTER else namespace or self.namespace
        return self.names.get(ObjectId(*to, where, name), name) if isinstance(name, str) else name

    def map(self, fixed: Referent | None, value: Any) -> Any:
        if not isinstance(value, dict) or "name" not in value:
            return value
        group = value.get("apiGroup") or str(value.get("apiVersion", "")).rpartition("/")[0]
        to = fixed or (group, str(value.get("kind")))
        return {**value, "name": self.name(to, value["name"], value.get("namespace"))}

    def rule(self, value: Any) -> Any:
        if not isinstance(value, dict) or not isinstance(value.get("resourceNames"), list):
            return value
        named = [_RULES[plural] for plural in value.get("resources") or () if plural in _RULES]
        names = value["resourceNames"]
        for to in named:
            names = [self.name(to, name) for name in names]
        return {**value, "resourceNames": names}

    def dependency(self, reference: ObjectId) -> ObjectId:
        return reference.replace(name=self.names.get(reference, ""))
