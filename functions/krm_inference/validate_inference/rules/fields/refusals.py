"""What the API server refuses of Kubernetes' own kinds beyond types: ranges, words, and fields that do not go together.

By the definition of OpenAPI that an object is of. Source: Kubernetes 1.37, pkg/apis/*/validation and the defaults
that it sets before; what it takes with a warning is not here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache, partial

from krm_functions_sdk.document.pattern import pattern

from krm_inference.validate_inference.rules.fields import forms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Json = dict[str, Any]

Refusal = tuple[tuple[str | int, ...], str]  # the path from the object, and what is wrong there
Refused = Callable[["Json"], Iterator[Refusal]]
_PORT, _COUNT, _POSITIVE = (1, 65535), (0, 2**31 - 1), (1, 2**31 - 1)
_PROTOCOLS = ("TCP", "UDP", "SCTP")
_POLICIES = ("Always", "IfNotPresent", "Never")
RANGES: dict[str, dict[str, tuple[int, int]]] = {
    "core.v1.ContainerPort": {"containerPort": _PORT, "hostPort": (0, 65535)},
    "core.v1.ServicePort": {"port": _PORT, "nodePort": (0, 65535)},
    "core.v1.Probe": {
        **dict.fromkeys(("failureThreshold", "initialDelaySeconds", "periodSeconds"), _COUNT),
        **dict.fromkeys(("successThreshold", "timeoutSeconds"), _COUNT),
        "terminationGracePeriodSeconds": _POSITIVE,
    },
    "core.v1.GRPCAction": {"port": _PORT},
    "core.v1.SleepAction": {"seconds": (0, 2**63 - 1)},
    "core.v1.PodSpec": {"activeDeadlineSeconds": _POSITIVE, "terminationGracePeriodSeconds": (0, 2**63 - 1)},
    "core.v1.PreferredSchedulingTerm": {"weight": (1, 100)},
    "core.v1.WeightedPodAffinityTerm": {"weight": (1, 100)},
    "core.v1.TopologySpreadConstraint": {"maxSkew": _POSITIVE, "minDomains": _POSITIVE},
    "core.v1.ConfigMapVolumeSource": {"defaultMode": (0, 0o777)},
    "core.v1.SecretVolumeSource": {"defaultMode": (0, 0o777)},
    "core.v1.KeyToPath": {"mode": (0, 0o777)},
    "core.v1.PodSecurityContext": dict.fromkeys(("fsGroup", "runAsGroup", "runAsUser"), _COUNT),
    "core.v1.SecurityContext": dict.fromkeys(("runAsGroup", "runAsUser"), _COUNT),
    "apps.v1.DeploymentSpec": {
        **dict.fromkeys(("minReadySeconds", "progressDeadlineSeconds", "replicas", "revisionHistoryLimit"), _COUNT)
    },
    "apps.v1.StatefulSetSpec": dict.fromkeys(("minReadySeconds", "replicas", "revisionHistoryLimit"), _COUNT),
    "apps.v1.DaemonSetSpec": dict.fromkeys(("minReadySeconds", "revisionHistoryLimit"), _COUNT),
    "apps.v1.ReplicaSetSpec": dict.fromkeys(("minReadySeconds", "replicas"), _COUNT),
    "autoscaling.v1.HorizontalPodAutoscalerSpec": {"maxReplicas": _POSITIVE, "minReplicas": _COUNT},
    "autoscaling.v2.HorizontalPodAutoscalerSpec": {"maxReplicas": _POSITIVE, "minReplicas": _COUNT},
    "batch.v1.JobSpec": {
        **dict.fromkeys(("activeDeadlineSeconds", "backoffLimit", "completions", "parallelism"), _COUNT),
        "ttlSecondsAfterFinished": _COUNT,
    },
}
WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "core.v1.Container": {
        "imagePullPolicy": _POLICIES,
        "terminationMessagePolicy": ("File", "FallbackToLogsOnError"),
    },
    "core.v1.ContainerPort": {"protocol": _PROTOCOLS},
    "core.v1.HTTPGetAction": {"scheme": ("HTTP", "HTTPS")},
    "core.v1.PodSpec": {
        "dnsPolicy": ("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"),
        "preemptionPolicy": ("Never", "PreemptLowerPriority"),
        "restartPolicy": ("Always", "Never", "OnFailure"),
    },
    "core.v1.SeccompProfile": {"type": ("Localhost", "RuntimeDefault", "Unconfined")},
    "core.v1.ServicePort": {"protocol": _PROTOCOLS},
    "core.v1.ServiceSpec": {
        "externalTrafficPolicy": ("Cluster", "Local"),
        "internalTrafficPolicy": ("Cluster", "Local"),
        "ipFamilyPolicy": ("PreferDualStack", "RequireDualStack", "SingleStack"),
        "sessionAffinity": ("ClientIP", "None"),
        "type": ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort"),
    },
    "core.v1.Toleration": {
        "effect": ("", "NoExecute", "NoSchedule", "PreferNoSchedule"),
        "operator": ("", "Equal", "Exists", "Gt", "Lt"),
    },
    "core.v1.TopologySpreadConstraint": {
        "whenUnsatisfiable": ("DoNotSchedule", "ScheduleAnyway"),
        "nodeAffinityPolicy": ("Honor", "Ignore"),
        "nodeTaintsPolicy": ("Honor", "Ignore"),
    },
    "core.v1.NodeSelectorRequirement": {"operator": ("DoesNotExist", "Exists", "Gt", "In", "Lt", "NotIn")},
    "core.v1.PersistentVolumeClaimSpec": {"volumeMode": ("Block", "Filesystem")},
    "core.v1.VolumeMount": {"mountPropagation": ("Bidirectional", "HostToContainer", "None")},
    "meta.v1.LabelSelectorRequirement": {"operator": ("DoesNotExist", "Exists", "In", "NotIn")},
    "apps.v1.DeploymentStrategy": {"type": ("Recreate", "RollingUpdate")},
    "apps.v1.StatefulSetUpdateStrategy": {"type": ("OnDelete", "RollingUpdate")},
    "apps.v1.DaemonSetUpdateStrategy": {"type": ("OnDelete", "RollingUpdate")},
    "apps.v1.StatefulSetSpec": {"podManagementPolicy": ("OrderedReady", "Parallel")},
    "batch.v1.CronJobSpec": {"concurrencyPolicy": ("Allow", "Forbid", "Replace")},
    "networking.v1.HTTPIngressPath": {"pathType": ("Exact", "ImplementationSpecific", "Prefix")},
    "policy.v1.PodDisruptionBudgetSpec": {"unhealthyPodEvictionPolicy": ("AlwaysAllow", "IfHealthyBudget")},
    "rbac.v1.RoleRef": {"kind": ("ClusterRole", "Role"), "apiGroup": ("", "rbac.authorization.k8s.io")},
}
# Fields that may not be empty texts, lists or maps.
FILLED: dict[str, tuple[str, ...]] = {
    "core.v1.PodSpec": ("containers",),
    "core.v1.PodTemplateSpec": ("spec",),
    "core.v1.Container": ("name",),
    "core.v1.EnvVar": ("name",),
    "core.v1.ConfigMapKeySelector": ("name", "key"),
    "core.v1.SecretKeySelector": ("name", "key"),
    "core.v1.ConfigMapEnvSource": ("name",),
    "core.v1.SecretEnvSource": ("name",),
    "core.v1.ConfigMapVolumeSource": ("name",),
    "core.v1.SecretVolumeSource": ("secretName",),
    "core.v1.PersistentVolumeClaimVolumeSource": ("claimName",),
    "core.v1.ObjectFieldSelector": ("fieldPath",),
    "core.v1.ResourceFieldSelector": ("resource",),
    "core.v1.HTTPGetAction": ("port",),
    "core.v1.ExecAction": ("command",),
    "core.v1.VolumeMount": ("name", "mountPath"),
    "core.v1.Volume": ("name",),
    "core.v1.HostPathVolumeSource": ("path",),
    "core.v1.NodeSelector": ("nodeSelectorTerms",),
    "core.v1.NodeSelectorRequirement": ("key",),
    "core.v1.PodAffinityTerm": ("topologyKey",),
    "core.v1.TopologySpreadConstraint": ("topologyKey",),
    "core.v1.PersistentVolumeClaimSpec": ("accessModes", "resources"),
    "meta.v1.LabelSelectorRequirement": ("key",),
    "rbac.v1.RoleRef": ("name",),
    "rbac.v1.Subject": ("name", "kind"),
    "rbac.v1.PolicyRule": ("verbs",),
}
# Fields of which exactly one is set, and, in UP_TO_ONE, of which at most one is.
_HANDLERS = ("exec", "grpc", "httpGet", "tcpSocket")
EXACTLY_ONE: dict[str, tuple[str, ...]] = {
    "core.v1.Probe": _HANDLERS,
    "core.v1.LifecycleHandler": ("exec", "httpGet", "sleep", "tcpSocket"),
    "core.v1.EnvVarSource": ("configMapKeyRef", "fieldRef", "fileKeyRef", "resourceFieldRef", "secretKeyRef"),
    "core.v1.EnvFromSource": ("configMapRef", "secretRef"),
    "core.v1.VolumeProjection": (
        *("clusterTrustBundle", "configMap", "downwardAPI", "podCertificate", "secret", "serviceAccountToken"),
    ),
}
UP_TO_ONE: dict[str, tuple[str, ...]] = {
    "policy.v1.PodDisruptionBudgetSpec": ("maxUnavailable", "minAvailable"),
}
# Lists in which no two items have the same value of a field by which the server does not merge them.
UNIQUE: dict[str, dict[str, str]] = {"core.v1.Container": {"ports": "name"}, "core.v1.ServiceSpec": {"ports": "name"}}
_KEY = pattern(r"[-._a-zA-Z0-9]{1,253}\Z")
_LABEL_VALUE = pattern(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?\Z")
# What a variable may hold of its Pod, beside one label or annotation of it.
_POD_FIELDS = (
    *("metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName"),
    *("status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"),
)
_POD_MAPS = pattern(r"metadata\.(?:annotations|labels)\['[^']{1,317}'\]\Z")
_RESOURCES = ("cpu", "memory", "ephemeral-storage")
_PORT_NAME = pattern(r"(?=.{1,15}\Z)(?=.*[a-z])(?!.*--)[a-z0-9]([-a-z0-9]*[a-z0-9])?\Z")


def _container(it: Json) -> Iterator[Refusal]:
    if not it.get("image"):
        yield ("image",), "it is missing"
    for probe in ("livenessProbe", "startupProbe"):
        if _map(it, probe).get("successThreshold", 1) not in (0, 1):
            yield (probe, "successThreshold"), f"expected 1 in a {probe}"
    context = _map(it, "securityContext")
    if context.get("allowPrivilegeEscalation") is False and context.get("privileged") is True:
        yield ("securityContext", "allowPrivilegeEscalation"), "false does not go with privileged: true"


def _deployment(it: Json) -> Iterator[Refusal]:
    ready, deadline = it.get("minReadySeconds", 0), it.get("progressDeadlineSeconds", 600)
    if isinstance(ready, int) and isinstance(deadline, int) and deadline <= ready:
        yield ("progressDeadlineSeconds",), f"expected more than minReadySeconds, {ready}"
    yield from _always(it)


def _always(it: Json) -> Iterator[Refusal]:
    if _map(it, "template", "spec").get("restartPolicy", "Always") not in ("Always", "", None):
        yield ("template", "spec", "restartPolicy"), "a workload of this kind takes Always alone"


def _job(it: Json) -> Iterator[Refusal]:
    if _map(it, "template", "spec").get("restartPolicy") not in ("Never", "OnFailure"):
        yield ("template", "spec", "restartPolicy"), "a Job takes Never or OnFailure"


def _strategy(it: Json) -> Iterator[Refusal]:
    if it.get("type") == "Recreate" and it.get("rollingUpdate") is not None:
        yield ("rollingUpdate",), "it does not go with type Recreate"


def _rolling(it: Json) -> Iterator[Refusal]:
    zero = (0, "0%")
    if it.get("maxUnavailable") in zero and it.get("maxSurge") in zero:
        yield ("maxUnavailable",), "expected more than 0 where maxSurge is 0"
    for name in ("maxSurge", "maxUnavailable"):
        value = it.get(name)
        if (isinstance(value, str) and not re.fullmatch(r"\d+%", value)) or (isinstance(value, int) and value < 0):
            yield (name,), f"found {value}, expected a number from 0 on or a percentage"


def _pod(it: Json) -> Iterator[Refusal]:
    for key, value in _map(it, "nodeSelector").items():
        if isinstance(value, str) and not _LABEL_VALUE.match(value):
            yield ("nodeSelector", key), f"found {value}, expected the value of a label"


def _subject(it: Json) -> Iterator[Refusal]:
    name = it.get("name")
    if it.get("kind") == "ServiceAccount" and isinstance(name, str) and name and not forms.is_name(name):
        yield ("name",), f"found {name}, expected the name of a ServiceAccount"


def _of_pod(it: Json) -> Iterator[Refusal]:
    path = _map(it, "fieldRef").get("fieldPath")
    if isinstance(path, str) and path and path not in _POD_FIELDS and not _POD_MAPS.match(path):
        yield ("fieldRef", "fieldPath"), f"found {path}, expected one of {', '.join(_POD_FIELDS)}"


def _environment(it: Json) -> Iterator[Refusal]:
    if it.get("value") and it.get("valueFrom") is not None:
        yield ("valueFrom",), "it does not go with value"


def _volume(it: Json) -> Iterator[Refusal]:
    sources = [name for name, value in it.items() if name != "name" and value is not None]
    if len(sources) > 1:
        yield (sources[1],), f"a volume has one source, and {sources[0]} is one"


def _requirement(it: Json) -> Iterator[Refusal]:
    if it.get("operator") in ("In", "NotIn") and not it.get("values"):
        yield ("values",), f"operator {it['operator']} needs values"
    if it.get("operator") in ("Exists", "DoesNotExist") and it.get("values"):
        yield ("values",), f"operator {it['operator']} takes no values"


def _toleration(it: Json) -> Iterator[Refusal]:
    if it.get("operator") == "Exists" and it.get("value"):
        yield ("value",), "operator Exists takes no value"
    if not it.get("key") and it.get("operator") != "Exists":
        yield ("operator",), "without a key it must be Exists"
    if it.get("tolerationSeconds") is not None and it.get("effect") != "NoExecute":
        yield ("effect",), "with tolerationSeconds it must be NoExecute"


def _service(it: Json) -> Iterator[Refusal]:
    ports = [port for port in it.get("ports") or () if isinstance(port, dict)]
    if not ports and it.get("type") != "ExternalName" and it.get("clusterIP") != "None":
        yield ("ports",), "a Service needs ports"
    if it.get("type") == "ExternalName" and not it.get("externalName"):
        yield ("externalName",), "type ExternalName needs it"
    for position, port in enumerate(ports):
        if len(ports) > 1 and not port.get("name"):
            yield ("ports", position, "name"), "with several ports each needs a name"
    if it.get("clusterIP") == "None" and it.get("type") in ("NodePort", "LoadBalancer"):
        yield ("clusterIP",), f"None does not go with type {it['type']}"


def _named_port(it: Json) -> Iterator[Refusal]:
    for name in ("port", "targetPort"):
        value = it.get(name)
        if isinstance(value, str) and value and not _PORT_NAME.match(value):
            yield (name,), f"found {value}, expected a number or the name of a port"
        elif isinstance(value, int) and not isinstance(value, bool) and not 1 <= value <= 65535:
            yield (name,), f"found {value}, expected 1 to 65535"


def _port(it: Json) -> Iterator[Refusal]:
    name = it.get("name")
    if isinstance(name, str) and name and not _PORT_NAME.match(name):
        yield ("name",), f"found {name}, expected at most 15 lower-case letters, digits and dashes, with a letter"


def _replicas(it: Json) -> Iterator[Refusal]:
    low, high = it.get("minReplicas", 1), it.get("maxReplicas")
    if isinstance(low, int) and isinstance(high, int) and high < low:
        yield ("maxReplicas",), f"found {high}, expected at least minReplicas, {low}"


def _keys(it: Json) -> Iterator[Refusal]:
    for part in ("data", "binaryData", "stringData"):
        for key in _map(it, part):
            if not _KEY.match(str(key)):
                yield (part, key), "a key has letters, digits, dashes, dots and underscores"
    for key in _map(it, "binaryData"):
        if key in _map(it, "data") and "binaryData" in it:
            yield ("binaryData", key), "data has this key too"


def _rule(it: Json) -> Iterator[Refusal]:
    if it.get("nonResourceURLs"):
        return
    for name in ("apiGroups", "resources"):
        if not it.get(name):
            yield (name,), "a rule needs it"


def _resources(it: Json) -> Iterator[Refusal]:
    for part in ("limits", "requests"):
        for name in map(str, _map(it, part)):
            if "/" not in name and name not in _RESOURCES and not name.startswith("hugepages-"):
                yield (part, name), f"expected {', '.join(_RESOURCES)}, or a name with a domain before it"
    for name in _map(it, "requests"):
        limit, asked = _map(it, "limits").get(name), _map(it, "requests")[name]
        if "/" in str(name) and limit is None:
            yield ("limits", name), "a request for a device needs its limit"
        elif "/" in str(name) and str(limit) != str(asked):
            yield ("requests", name), f"found {asked}, expected the limit, {limit}"


def _claim(it: Json) -> Iterator[Refusal]:
    if it.get("resources") and not _map(it, "resources", "requests").get("storage"):
        yield ("resources", "requests", "storage"), "a claim needs it"


def _profile(it: Json) -> Iterator[Refusal]:
    if (it.get("type") == "Localhost") != bool(it.get("localhostProfile")):
        yield ("localhostProfile",), "it goes with type Localhost, which needs it"


REFUSALS: dict[str, Refused] = {
    "core.v1.Container": _container,
    "apps.v1.DeploymentSpec": _deployment,
    "apps.v1.StatefulSetSpec": _always,
    "apps.v1.DaemonSetSpec": _always,
    "apps.v1.ReplicaSetSpec": _always,
    "apps.v1.DeploymentStrategy": _strategy,
    "apps.v1.RollingUpdateDeployment": _rolling,
    "autoscaling.v1.HorizontalPodAutoscalerSpec": _replicas,
    "autoscaling.v2.HorizontalPodAutoscalerSpec": _replicas,
    "batch.v1.JobSpec": _job,
    "core.v1.ConfigMap": _keys,
    "core.v1.Secret": _keys,
    "core.v1.ContainerPort": _port,
    "core.v1.EnvVar": _environment,
    "core.v1.EnvVarSource": _of_pod,
    "core.v1.GRPCAction": _named_port,
    "core.v1.HTTPGetAction": _named_port,
    "core.v1.NodeSelectorRequirement": _requirement,
    "core.v1.PersistentVolumeClaimSpec": _claim,
    "core.v1.PodSpec": _pod,
    "core.v1.ResourceRequirements": _resources,
    "core.v1.SeccompProfile": _profile,
    "core.v1.ServicePort": _named_port,
    "core.v1.ServiceSpec": _service,
    "core.v1.TCPSocketAction": _named_port,
    "core.v1.Toleration": _toleration,
    "core.v1.Volume": _volume,
    "meta.v1.LabelSelectorRequirement": _requirement,
    "rbac.v1.PolicyRule": _rule,
    "rbac.v1.Subject": _subject,
}


def _map(it: Json, *names: str) -> Json:
    found: Any = it
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


@cache
def refusals(definition: str) -> tuple[Refused, ...]:
    """Return the checks of a definition, which yield what the API server says against the values of an object of it."""
    found: list[Refused] = []
    if ranges := RANGES.get(definition):
        found.append(partial(_out_of_range, ranges))
    if words := WORDS.get(definition):
        found.append(partial(_no_word, words))
    if named := forms.FORMS.get(definition):
        found.append(partial(forms.ill_formed, named))
    if filled := FILLED.get(definition):
        found.append(partial(_not_filled, filled))
    if names := EXACTLY_ONE.get(definition) or UP_TO_ONE.get(definition):
        found.append(partial(_more_than_one, names, definition in EXACTLY_ONE))
    found += [partial(_twice, name, key) for name, key in UNIQUE.get(definition, {}).items()]
    if check := REFUSALS.get(definition):
        found.append(check)
    return tuple(found)


def _out_of_range(ranges: dict[str, tuple[int, int]], it: Json) -> Iterator[Refusal]:
    for name, (low, high) in ranges.items():
        value = it.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and not low <= value <= high:
            yield (name,), f"found {value}, expected {f'{low} to {high}' if high < 2**31 - 1 else f'{low} or more'}"


def _no_word(allowed: dict[str, tuple[str, ...]], it: Json) -> Iterator[Refusal]:
    for name, words in allowed.items():
        value = it.get(name)
        if isinstance(value, str) and value not in words and value:
            yield (name,), f"found {value}, expected one of {', '.join(filter(None, words))}"


def _not_filled(names: tuple[str, ...], it: Json) -> Iterator[Refusal]:
    for name in names:
        if it.get(name) in (None, "", [], {}):
            yield (name,), "it is missing"


def _more_than_one(names: tuple[str, ...], is_needed: bool, it: Json) -> Iterator[Refusal]:
    found = [name for name in names if it.get(name) is not None]
    if len(found) > 1:
        yield (found[1],), f"it does not go with {found[0]}: one of them is taken"
    elif not found and is_needed:
        yield (), f"expected one of {', '.join(names)}"


def _twice(name: str, key: str, it: Json) -> Iterator[Refusal]:
    items = it.get(name)
    seen = set()
    for position, item in enumerate(items if isinstance(items, list) else ()):
        value = item.get(key) if isinstance(item, dict) else None
        if value and str(value) in seen:
            yield (name, position, key), f"{value} stands twice"
        seen.add(str(value))
