"""What an API server and its controllers fill in by themselves: no difference between a manifest and a live object.

Sources: `SetDefaults_…` in pkg/apis/core/v1/defaults.go, pkg/apis/apps/v1/defaults.go and pkg/apis/rbac/v1/defaults.go
of kubernetes/kubernetes v1.37; what the system writes into metadata, in the same repository's API conventions.
Other kinds bring rows of their own by the entry points of the group `krmfn_server_fields`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from krm_functions_sdk.function import entry_points

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from krm_functions_sdk.resources.resource import Resource

GROUP = "krmfn_server_fields"
ANY: Any = object()  # whatever the value


class ServerField(NamedTuple):
    """A field that is filled in: the kinds that have it (a pattern), its path without positions, and its value."""

    kind: str
    path: str
    value: Any = ANY


_POD = r"spec\.template\.spec\."
_CONTAINER = rf"{_POD}(init)?[cC]ontainers\[\]\."
_PROBE = rf"{_CONTAINER}(liveness|readiness|startup)Probe\."
TABLE: tuple[ServerField, ...] = (
    # The system's own.
    ServerField(".*", r"status(\..*|\[.*)?"),
    ServerField(
        ".*",
        r"metadata\.(uid|resourceVersion|generation|creationTimestamp|selfLink|finalizers.*|managedFields.*)",
    ),
    ServerField(".*", r"metadata\.ownerReferences.*"),
    # Notes of the tools that apply.
    ServerField(".*", r"metadata\.annotations\[(kubectl\.kubernetes\.io|deployment\.kubernetes\.io)/.*\]"),
    ServerField(".*", r"metadata\.annotations\[(configsync\.gke\.io|configmanagement\.gke\.io|config\.k8s\.io)/.*\]"),
    ServerField(".*", r"metadata\.annotations\[(argocd\.argoproj\.io|kustomize\.toolkit\.fluxcd\.io)/.*\]"),
    ServerField(".*", r"metadata\.annotations\[config\.kubernetes\.io/origin\]"),  # Config Sync's kustomize
    ServerField(".*", r"metadata\.labels\[(configsync\.gke\.io|kustomize\.toolkit\.fluxcd\.io)/.*\]"),
    ServerField(".*", r"metadata\.labels\[applyset\.kubernetes\.io/part-of\]"),
    ServerField(".*", r"metadata\.labels\[argocd\.argoproj\.io/.*\]"),
    ServerField(".*", r"metadata\.labels\[app\.kubernetes\.io/managed-by\]", "configmanagement.gke.io"),
    # Deployments.
    ServerField("Deployment", r"spec\.replicas", 1),
    ServerField("Deployment", r"spec\.revisionHistoryLimit", 10),
    ServerField("Deployment", r"spec\.progressDeadlineSeconds", 600),
    ServerField("Deployment", r"spec\.strategy\.type", "RollingUpdate"),
    ServerField("Deployment", r"spec\.strategy\.rollingUpdate\.max(Surge|Unavailable)", "25%"),
    ServerField("Deployment", r"spec\.template\.metadata\.creationTimestamp", None),
    # Pods.
    ServerField("Deployment", rf"{_POD}restartPolicy", "Always"),
    ServerField("Deployment", rf"{_POD}dnsPolicy", "ClusterFirst"),
    ServerField("Deployment", rf"{_POD}schedulerName", "default-scheduler"),
    ServerField("Deployment", rf"{_POD}terminationGracePeriodSeconds", 30),
    ServerField("Deployment", rf"{_POD}serviceAccount"),
    ServerField("Deployment", rf"{_POD}securityContext", {}),
    ServerField("Deployment", rf"{_POD}volumes\[\]\.(configMap|secret|projected|downwardAPI)\.defaultMode", 420),
    ServerField("Deployment", rf"{_POD}volumes\[\]\.emptyDir", {}),
    ServerField("Deployment", rf"{_POD}volumes\[\]\..*fieldRef\.apiVersion", "v1"),
    # Containers.
    ServerField("Deployment", rf"{_CONTAINER}terminationMessagePath", "/dev/termination-log"),
    ServerField("Deployment", rf"{_CONTAINER}terminationMessagePolicy", "File"),
    ServerField("Deployment", rf"{_CONTAINER}imagePullPolicy"),
    ServerField("Deployment", rf"{_CONTAINER}resources", {}),
    ServerField("Deployment", rf"{_CONTAINER}ports\[\]\.protocol", "TCP"),
    ServerField("Deployment", rf"{_CONTAINER}env\[\]\.valueFrom\.fieldRef\.apiVersion", "v1"),
    ServerField("Deployment", rf"{_PROBE}timeoutSeconds", 1),
    ServerField("Deployment", rf"{_PROBE}periodSeconds", 10),
    ServerField("Deployment", rf"{_PROBE}successThreshold", 1),
    ServerField("Deployment", rf"{_PROBE}failureThreshold", 3),
    ServerField("Deployment", rf"{_PROBE}httpGet\.scheme", "HTTP"),
    ServerField("Deployment", rf"{_PROBE}grpc\.service", ""),
    ServerField("Deployment", rf"{_CONTAINER}lifecycle\.preStop\.httpGet\.scheme", "HTTP"),
    # Services.
    ServerField("Service", r"spec\.(clusterIP|clusterIPs|ipFamilies|ipFamilyPolicy|internalTrafficPolicy)(\[\])?"),
    ServerField("Service", r"spec\.sessionAffinity", "None"),
    ServerField("Service", r"spec\.type", "ClusterIP"),
    ServerField("Service", r"spec\.ports\[\]\.(protocol|targetPort)"),
    # Access.
    ServerField("(Cluster)?RoleBinding", r"(roleRef|subjects\[\])\.apiGroup"),
    ServerField("ServiceAccount", r"secrets.*"),
    ServerField("Secret", r"data(\..*|\[.*)?"),
    ServerField("Secret", r"metadata\.annotations\[kubernetes\.io/service-account\.uid\]"),
    ServerField("Secret", r"metadata\.labels\[kubernetes\.io/legacy-token-.*\]"),
    ServerField("Secret", r"type", "Opaque"),
)
_POSITION = re.compile(r"\[(\d+|[a-zA-Z]+=[^\]]*)\]")


def installed() -> list[ServerField]:
    """Return the rows that installed distributions bring."""
    return [row for entry_point in entry_points.of_group(GROUP) for row in entry_point.load()]


class Table:
    """The rows of Kubernetes' own kinds, and those that others bring."""

    def __init__(self, further: Iterable[ServerField] = ()) -> None:
        rows = (*TABLE, *further)
        self._rows = [(re.compile(row.kind), re.compile(row.path), row.value) for row in rows]

    def fills_in(self, item: Resource, path: str, value: Any) -> bool:
        """Say whether a server fills in this value where a manifest has none."""
        plain = _POSITION.sub("[]", path)
        return any(
            kind.fullmatch(item.kind) and pattern.fullmatch(plain) and (known is ANY or known == value)
            for kind, pattern, known in self._rows
        )
