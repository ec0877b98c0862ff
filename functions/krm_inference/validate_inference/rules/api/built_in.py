"""Fields of Kubernetes' own kinds that the API server reads: those of Pods, Services, roles and bindings.

One row for each field: where it stands, whether it must be there, and the values that it takes. They are the fields
that the functions write and that a typing error breaks; a dry run on a cluster checks all others.
"""

from __future__ import annotations

from collections.abc import Iterator

from krm_functions_sdk import MISSING

from krm_inference.domain.record import Record
from krm_inference.domain.spelling import nearest
from krm_inference.manifests import groups, templates
from krm_inference.manifests.groups import POLICY, RBAC
from krm_inference.manifests.index import Index
from krm_inference.manifests.links import at
from krm_inference.manifests.objects import Field
from krm_inference.manifests.pods import pods
from krm_inference.validate_inference.findings import Finding


class Row(Record):
    """A field below the maps at a path: its name, whether it is required, and its values where they are counted."""

    path: str
    name: str
    is_required: bool = False
    values: tuple[str, ...] = ()


_PROFILES = ("Localhost", "RuntimeDefault", "Unconfined")
_PROTOCOLS = ("TCP", "UDP", "SCTP")
# Fields of Pods and of security contexts that are true or false.
_SWITCHES = frozenset(
    (
        *("automountServiceAccountToken", "enableServiceLinks", "shareProcessNamespace"),
        *("hostIPC", "hostNetwork", "hostPID"),
        *("allowPrivilegeEscalation", "privileged", "readOnlyRootFilesystem", "runAsNonRoot"),
    )
)
_SAID = {"true": True, "false": False}
_CONTAINER = (
    Row("", "name", is_required=True),
    Row("", "imagePullPolicy", values=("Always", "IfNotPresent", "Never")),
    Row("ports[]", "containerPort", is_required=True),
    Row("ports[]", "protocol", values=_PROTOCOLS),
    Row("env[]", "name", is_required=True),
    Row("volumeMounts[]", "mountPath", is_required=True),
    Row("securityContext.seccompProfile", "type", is_required=True, values=_PROFILES),
    *(
        row
        for probe in ("livenessProbe", "readinessProbe", "startupProbe")
        for row in (
            Row(f"{probe}.httpGet", "port", is_required=True),
            Row(f"{probe}.httpGet", "scheme", values=("HTTP", "HTTPS")),
            Row(f"{probe}.tcpSocket", "port", is_required=True),
            Row(f"{probe}.grpc", "port", is_required=True),
        )
    ),
)
_POD = (
    Row("", "restartPolicy", values=("Always", "Never", "OnFailure")),
    Row("securityContext.seccompProfile", "type", is_required=True, values=_PROFILES),
    Row("volumes[]", "name", is_required=True),
    Row("tolerations[]", "operator", values=("Equal", "Exists", "Gt", "Lt")),
    Row("tolerations[]", "effect", values=("NoExecute", "NoSchedule", "PreferNoSchedule")),
)
_SERVICE = (
    Row("spec", "type", values=("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")),
    Row("spec.ports[]", "port", is_required=True),
    Row("spec.ports[]", "protocol", values=_PROTOCOLS),
)
_BINDING = (Row("subjects[]", "kind", is_required=True, values=("Group", "ServiceAccount", "User")),)
_SIDECAR = Row("", "restartPolicy", values=("Always", "Never", "OnFailure"))


def refused_fields(index: Index) -> Iterator[Finding]:
    """Yield fields that are missing, and values that are none of theirs."""
    for pod in pods(index):
        yield from _check(pod.spec, _POD)
        yield from _switches(pod.spec, pod.spec["securityContext"])
        for name in ("containers", "initContainers"):
            for container in pod.spec[name]:
                is_alone = container.path[-1] == templates.MAIN  # its controller names it
                yield from _check(container, _CONTAINER[1:] if is_alone else _CONTAINER)
                yield from _switches(container["securityContext"])
        for container in pod.spec["initContainers"]:
            yield from _check(container, (_SIDECAR,))
    for service in index.of(groups.SERVICE):
        yield from _check(service.field, _SERVICE)
    for binding in index.of((RBAC, "RoleBinding"), (RBAC, "ClusterRoleBinding")):
        yield from _check(binding.field, _BINDING)
    yield from _budgets(index)
    for role in index.of((RBAC, "Role"), (RBAC, "ClusterRole")):
        for rule in role.at("rules"):
            if not list(rule["verbs"]):
                yield Finding(rule["verbs"], "the rule has no verbs")


def _budgets(index: Index) -> Iterator[Finding]:
    for budget in index.of((POLICY, "PodDisruptionBudget")):
        for name in ("minAvailable", "maxUnavailable"):
            count = budget.at("spec")[name]
            if count.number is not None and count.number < 0:
                yield Finding(count, f"found {count.number}, expected 0 or more")


def _check(field: Field, rows: tuple[Row, ...]) -> Iterator[Finding]:
    for row in rows:
        for parent in at(field, row.path) if "[]" in row.path else (field.at(row.path) if row.path else field,):
            value = parent.map.get(row.name)
            if value is None:
                if row.is_required and parent.exists:
                    yield Finding(parent[row.name], f"{row.name} is missing")
            elif row.values and value not in row.values:
                near = nearest(str(value), row.values)
                message = f"found {value}, expected one of {', '.join(row.values)}"
                yield Finding(parent[row.name], message, near or MISSING)


def _switches(*parents: Field) -> Iterator[Finding]:
    for parent in parents:
        for name in sorted(_SWITCHES & parent.map.keys()):
            found = parent[name]
            if found.exists and not isinstance(found.value, bool):
                said = f'"{found.value}"' if isinstance(found.value, str) else found.value
                proposed = _SAID.get(str(found.value).lower(), MISSING)
                yield Finding(found, f"found {said}, expected true or false", proposed)
