"""Which field of an LLMService a generated field follows from: there a user mends what is wrong with it.

Of several fields it is the one to look at first. A test varies each field of intents that use all of them, and compares
what then changes with this table.
"""

from __future__ import annotations

import re
from functools import cache

from krm_functions_sdk.document import field_path
from krm_functions_sdk.document.field_path import FieldPath, Flag, Match

from krm_inference.domain.record import Record
from krm_inference.domain.service import LLMService
from krm_inference.domain.workloads import LEADER, WORKER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


class Row(Record):
    """A field of generated objects of a kind, and the field of the intent that it follows from.

    `path` begins the path of the generated field; `{name}` stands for one step of it, or for the name of the object
    where the path has no such step, and is put into `field`. `is_said` marks a value that stands in the intent as it
    is: where the two differ, somebody has changed the generated one. A row without it may be worked out.
    """

    kind: str
    path: str
    field: str
    is_said: bool = False


_SERVER = "spec.template.spec.containers[name=vllm]"
_PICKER = "spec.template.spec.containers[name=epp]"
_HANDED_OVER = (
    "args[--kv-transfer-config]",
    *(f"env[name=VLLM_NIXL_SIDE_CHANNEL_{part}]" for part in ("HOST", "PORT")),
)
# The first row that fits counts: of two paths the longer one stands first. `*` is any kind.
ROWS = (
    Row("Deployment", f"{_SERVER}.args[{{flag}}]", "spec.server.extraArgs[{flag}]", is_said=True),
    Row("Deployment", f"{_SERVER}.args[--port]", "spec.server.port", is_said=True),
    Row("Deployment", f"{_SERVER}.args[--served-model-name]", "spec.model.servedName", is_said=True),
    Row("Deployment", f"{_SERVER}.args[--tensor-parallel-size]", "spec.accelerator.count", is_said=True),
    Row("Deployment", f"{_SERVER}.args[--tensor-parallel-size]", "spec.parallelism"),
    Row("Deployment", f"{_SERVER}.args[--pipeline-parallel-size]", "spec.parallelism.pipeline", is_said=True),
    Row("Deployment", f"{_SERVER}.args[--enable-expert-parallel]", "spec.parallelism.expert"),
    Row("Deployment", f"{_SERVER}.args[--data-parallel-size]", "spec.parallelism.data", is_said=True),
    Row("Deployment", f"{_SERVER}.args[--api-server-count]", "spec.parallelism.data"),
    Row("Deployment", f"{_SERVER}.args[--nnodes]", "spec.accelerator.count"),
    Row("Deployment", f"{_SERVER}.args[--node-rank]", "spec.accelerator.count"),
    Row("Deployment", f"{_SERVER}.args[--master-addr]", "spec.accelerator.count"),
    Row("Deployment", f"{_SERVER}.args[--headless]", "spec.accelerator.count"),
    Row("LeaderWorkerSet", "spec.leaderWorkerTemplate.size", "spec.accelerator.count"),
    Row("LeaderWorkerSet", "spec.rolloutStrategy", "spec.availability.spareGPUs"),
    Row("Deployment", f"{_SERVER}.args[--max-model-len]", "spec.model.maxModelLen", is_said=True),
    Row("Deployment", f"{_SERVER}.args[--override-generation-config]", "spec.model.maxOutputTokens", is_said=True),
    Row("Deployment", f"{_SERVER}.args[--max-num-seqs]", "spec.server.maxConcurrency", is_said=True),
    Row("Deployment", f"{_SERVER}.args[--max-num-seqs]", "spec.accelerator"),
    Row("Deployment", f"{_SERVER}.args[--max-num-queued-reqs]", "spec.server.maxQueue", is_said=True),
    Row("Deployment", f"{_SERVER}.args[--max-num-queued-reqs]", "spec.accelerator"),
    Row("Deployment", f"{_SERVER}.args[--shutdown-timeout]", "spec.drain"),
    Row("Deployment", f"{_SERVER}.args[--max-lora-rank]", "spec.adapters"),
    Row("Deployment", f"{_SERVER}.args[--max-loras]", "spec.adapters"),
    Row("Deployment", f"{_SERVER}.args[--lora-modules]", "spec.adapters"),
    Row("Deployment", f"{_SERVER}.args[0]", "spec.model.id", is_said=True),
    Row("Deployment", f"{_SERVER}.env[name={{name}}]", "spec.server.env[name={name}]", is_said=True),
    Row("Deployment", f"{_SERVER}.env[name=HF_TOKEN].valueFrom.secretKeyRef.name", "spec.model.tokenSecret.name", True),
    Row("Deployment", f"{_SERVER}.env[name=HF_TOKEN].valueFrom.secretKeyRef.key", "spec.model.tokenSecret.key", True),
    Row("Deployment", f"{_SERVER}.env[name=HF_TOKEN].valueFrom.secretKeyRef", "spec.model.tokenSecret"),
    Row("Deployment", f"{_SERVER}.env[name=HF_TOKEN_PATH]", "spec.model.tokenSecret"),
    Row("Deployment", f"{_SERVER}.env[name=VLLM_API_KEY]", "spec.server.apiKeySecret"),
    Row("Deployment", f"{_SERVER}.env[name=VLLM_PLUGINS]", "spec.lora.loader"),
    Row("Deployment", f"{_SERVER}.env[name=VLLM_LORA_RESOLVER_CACHE_DIR]", "spec.lora.loader"),
    Row("Deployment", f"{_SERVER}.volumeMounts[mountPath=/adapters]", "spec.lora"),
    Row("Deployment", f"{_SERVER}.volumeMounts[mountPath=/weights]", "spec.weights"),
    Row("Deployment", f"{_SERVER}.volumeMounts[mountPath=/cache]", "spec.weights.cache"),
    Row("Deployment", f"{_SERVER}.image", "spec.server.image", is_said=True),
    Row("Deployment", f"{_SERVER}.image", "spec.release"),
    Row("Deployment", f"{_SERVER}.ports[name=http].containerPort", "spec.server.port", is_said=True),
    Row("Deployment", f"{_SERVER}.resources.requests[nvidia.com/gpu]", "spec.accelerator.count", is_said=True),
    Row("Deployment", f"{_SERVER}.resources.limits[nvidia.com/gpu]", "spec.accelerator.count", is_said=True),
    Row("Deployment", f"{_SERVER}.resources.requests.{{name}}", "spec.server.resources.requests.{name}", is_said=True),
    Row("Deployment", f"{_SERVER}.resources.limits.{{name}}", "spec.server.resources.limits.{name}", is_said=True),
    Row("Deployment", f"{_SERVER}.resources.requests.cpu", "spec.accelerator.count"),
    Row("Deployment", f"{_SERVER}.resources.requests.memory", "spec.accelerator.count"),
    Row("Deployment", f"{_SERVER}.resources.requests.ephemeral-storage", "spec.model"),
    Row("Deployment", f"{_SERVER}.lifecycle.preStop", "spec.drain.preStopSeconds", is_said=True),
    Row("Deployment", f"{_SERVER}.startupProbe", "spec.server.startup"),
    Row("Deployment", "spec.template.spec.terminationGracePeriodSeconds", "spec.drain"),
    Row("Deployment", "spec.template.spec.nodeSelector", "spec.accelerator.type", is_said=True),
    Row("Deployment", "spec.template.spec.nodeSelector", "spec.platform"),
    Row("Deployment", "spec.template.spec.tolerations", "spec.platform"),
    Row("Deployment", "spec.template.spec.serviceAccount", "spec.weights.serviceAccountName", is_said=True),
    Row("Deployment", "spec.template.spec.serviceAccountName", "spec.weights.serviceAccountName", is_said=True),
    Row("Deployment", "spec.template.spec.topologySpreadConstraints", "spec.availability.spread"),
    Row("Deployment", "spec.template.spec.volumes[name=adapters]", "spec.lora.claim"),
    Row("Deployment", "spec.template.spec.volumes[name=weights]", "spec.weights.uri"),
    Row("Deployment", "spec.template.spec.volumes[name=cache]", "spec.weights.cache"),
    Row("Deployment", "spec.template.spec.volumes[name=hub-token]", "spec.model.tokenSecret"),
    Row("Deployment", "spec.template.spec.volumes[name=data]", "spec.model"),
    Row("Deployment", "spec.template.spec.volumes[name=shm]", "spec.accelerator.count"),
    Row("Deployment", "spec.template.spec.securityContext", "spec.security"),
    Row("Deployment", f"{_SERVER}.securityContext", "spec.security"),
    *(Row("Deployment", f"{_SERVER}.{part}", "spec.prefill") for part in (*_HANDED_OVER, "args[--port]", "ports")),
    Row("Deployment", "spec.template.spec.initContainers[name=routing-sidecar]", "spec.prefill"),
    Row("prefill server", f"{_SERVER}.args[--tensor-parallel-size]", "spec.prefill.accelerator.count", is_said=True),
    Row("prefill server", f"{_SERVER}.resources", "spec.prefill.accelerator.count", is_said=True),
    Row("prefill server", "spec.template.spec.priorityClassName", "spec.availability.priorityClassName", is_said=True),
    Row("prefill server", "spec.strategy", "spec.availability.spareGPUs"),
    Row("prefill server", "spec.replicas", "spec.prefill.replicas", is_said=True),
    Row("Deployment", f"{_PICKER}.image", "spec.picker.image", is_said=True),
    Row("Deployment", f"{_PICKER}.image", "spec.release"),
    Row("Deployment", f"{_PICKER}.args[--v]", "spec.picker.logLevel", is_said=True),
    Row("Deployment", f"{_PICKER}.env[name=OTEL_EXPORTER_OTLP_ENDPOINT]", "spec.picker.tracing.endpoint", True),
    Row("Deployment", f"{_PICKER}.env[name=OTEL_TRACES_SAMPLER_ARG]", "spec.picker.tracing.samplingRatio", True),
    Row("model server", "spec.template.spec.priorityClassName", "spec.availability.priorityClassName", is_said=True),
    Row("model server", "spec.strategy", "spec.availability.spareGPUs"),
    Row("Deployment", "spec.template.spec.priorityClassName", "spec.picker.priorityClassName", is_said=True),
    Row("PersistentVolume", "spec", "spec.weights"),
    Row("PersistentVolumeClaim", "spec", "spec.weights"),
    Row("Job", "spec", "spec.weights.cache"),
    Row("ExternalSecret", "spec", "spec.model.tokenSecret"),
    Row("ScaledObject", "spec", "spec.autoscaling"),
    Row("HorizontalPodAutoscaler", "spec", "spec.autoscaling"),
    Row("PodDisruptionBudget", "spec.maxUnavailable", "spec.availability.maxUnavailable", is_said=True),
    Row("NetworkPolicy", "spec", "spec.networkPolicy"),
    Row("RequestAuthentication", "spec.jwtRules", "spec.gateway.jwt"),
    Row("SecurityPolicy", "spec.jwt", "spec.gateway.jwt"),
    Row("AgentgatewayPolicy", "spec.traffic.jwtAuthentication", "spec.gateway.jwt"),
    Row("AgentgatewayBackend", "spec", "spec.gateway.jwt"),
    Row("model server", "spec.replicas", "spec.replicas", is_said=True),
    Row("picker", "spec.replicas", "spec.picker.replicas", is_said=True),
    Row("ConfigMap", "data[configmap.yaml]", "spec.adapters"),
    Row("ConfigMap", "data[dashboard.json]", "spec.monitoring.dashboard"),
    Row("ConfigMap", "data[default-plugins.yaml]", "spec.picker"),
    Row("ConfigMap", "data[dashboard.json]", "spec.monitoring.dashboard"),
    Row("InferencePool", "spec.targetPorts", "spec.server.port", is_said=True),
    Row("HealthCheckPolicy", "spec.default.config.httpHealthCheck.port", "spec.server.port", is_said=True),
    Row("GCPBackendPolicy", "spec.default.timeoutSec", "spec.model.maxOutputTokens"),
    Row("GCPBackendPolicy", "spec.default.connectionDraining", "spec.drain"),
    Row("InferenceObjective", "metadata.name", "spec.adapters[name={name}].name", is_said=True),
    Row("InferenceObjective", "metadata.name", "spec.objectives[name={name}].name", is_said=True),
    Row("InferenceObjective", "spec.priority", "spec.adapters[name={name}].priority", is_said=True),
    Row("InferenceObjective", "spec.priority", "spec.objectives[name={name}].priority", is_said=True),
    Row("InferenceObjective", "apiVersion", "spec.release"),
    Row("InferenceModelRewrite", "spec.rules", "spec.rewrites"),
    Row("InferenceModelRewrite", "apiVersion", "spec.release"),
    Row("Gateway", "metadata.name", "spec.gateway.name", is_said=True),
    Row("Gateway", "metadata.namespace", "spec.gateway.namespace", is_said=True),
    Row("Gateway", "spec.gatewayClassName", "spec.gateway.className", is_said=True),
    Row("Gateway", "spec.listeners[name=http].port", "spec.gateway.port", is_said=True),
    Row("Gateway", "spec.listeners[name=https].port", "spec.gateway.tls.port", is_said=True),
    Row("Gateway", "spec.listeners[name=https].tls.certificateRefs", "spec.gateway.tls.secrets"),
    Row("Gateway", "spec.listeners[name=https].tls.options", "spec.gateway.tls"),
    Row("ReferenceGrant", "metadata", "spec.gateway.tls.secrets"),
    Row("ReferenceGrant", "spec", "spec.gateway.tls.secrets"),
    Row("HTTPRoute", "spec.parentRefs", "spec.gateway.name"),
    Row("HTTPRoute", "spec.hostnames", "spec.route.hostnames"),
    Row("HTTPRoute", "spec.rules[{rule}].matches[{match}].headers[name={name}]", "spec.route.headers[name={name}]"),
    Row("HTTPRoute", "spec.rules[{rule}].matches[{match}].path.value", "spec.route.pathPrefix", is_said=True),
    Row("HTTPRoute", "spec.rules[{rule}].backendRefs[0].weight", "spec.route.weight", is_said=True),
    Row("HTTPRoute", "spec.rules[{rule}].filters[{filter}].requestHeaderModifier", "spec.route"),
    Row("HTTPRoute", "spec.rules[{rule}].filters[{filter}].urlRewrite", "spec.route"),
    Row("HTTPRoute", "spec.rules[{rule}].filters[{filter}].requestRedirect", "spec.gateway.tls.redirect"),
    Row("*", "metadata.namespace", "metadata.namespace", is_said=True),
    Row("*", "metadata.labels[app.kubernetes.io/version]", "spec.release"),
    Row("*", "metadata.name", "metadata.name"),
)
_HOLES = {"rule": r"\d+", "match": r"\d+", "filter": r"\d+", "flag": r"[^\[\]]+", "name": r"[^\[\]]+?"}
# What of the intent a whole object is for: where to look first, if its file was never written.
OBJECTS = {
    "model server": "spec.server",
    "prefill server": "spec.prefill",
    "picker": "spec.picker",
    "PersistentVolume": "spec.weights",
    "PersistentVolumeClaim": "spec.weights",
    "Job": "spec.weights",
    "ExternalSecret": "spec.model.tokenSecret",
    "ScaledObject": "spec.autoscaling",
    "HorizontalPodAutoscaler": "spec.autoscaling",
    "NetworkPolicy": "spec.networkPolicy",
    "InferencePool": "spec.release",
    "HealthCheckPolicy": "spec.server",
    "GCPBackendPolicy": "spec.drain",
    "InferenceObjective": "spec.objectives",
    "InferenceModelRewrite": "spec.rewrites",
    "Gateway": "spec.gateway",
    "ReferenceGrant": "spec.gateway.tls",
    "HTTPRoute": "spec.gateway",
    "RequestAuthentication": "spec.gateway.jwt",
    "AuthorizationPolicy": "spec.gateway.jwt",
    "SecurityPolicy": "spec.gateway.jwt",
    "AgentgatewayBackend": "spec.gateway.jwt",
}


def field_of(
    service: LLMService, kind: str, name: str, path: FieldPath, value: Any, *, only_said: bool
) -> FieldPath | None:
    """Return the field of `service` that a field of an object generated for it follows from; None where none is known.

    A value that the intent says otherwise does not follow from it: somebody changed it since. With `only_said` a value
    that is worked out does not either, for nobody knows whether it was.
    """
    shown = field_path.show(path)
    role = _role(service, kind, name)
    if kind == "LeaderWorkerSet":  # whose Pods have what those of a Deployment have
        template = shown.removeprefix(LEADER) if shown.startswith(LEADER) else shown.removeprefix(WORKER)
        kind, shown = ("Deployment", f"spec.template{template}") if template != shown else (kind, shown)
    for row in ROWS:
        if row.kind not in (kind, "*", role) or (only_said and not row.is_said):
            continue
        if not shown.startswith(row.path.partition("{")[0]):
            continue  # which is known without a pattern, of which each takes time to make
        match = _pattern(row.path).match(shown)
        for field in _fields(service, row, match, name) if match else ():
            if not row.is_said or _says(service, field, value):
                return field
    return None


def field_of_object(service: LLMService, kind: str, name: str) -> FieldPath:
    """Return the field of `service` that an object as a whole is for."""
    return field_path.parse(OBJECTS.get(_role(service, kind, name), "spec"))


def _role(service: LLMService, kind: str, name: str) -> str:
    roles = {service.name: "model server", service.names.picker: "picker"}
    if "prefill" in service.spec:
        from krm_inference.domain.facts.disaggregation import DECODE, PREFILL

        roles |= {service.names.part(DECODE): "model server", service.names.part(PREFILL): "prefill server"}
    return roles.get(name, kind) if kind in ("Deployment", "LeaderWorkerSet") else kind


@cache
def _pattern(path: str) -> re.Pattern[str]:
    """Return what a path has to begin with, up to the end of a step."""
    text = re.escape(path)
    for hole, inside in _HOLES.items():
        text = text.replace(f"\\{{{hole}\\}}", rf"(?P<{hole}>{inside})")
    return re.compile(rf"{text}(?=[.\[]|\Z)")


def _fields(service: LLMService, row: Row, match: re.Match[str], name: str) -> Iterator[FieldPath]:
    """Yield the field of a row with positions for names; of a list that lacks the entry, nothing."""
    steps = field_path.parse(row.field.format(**{"name": name, **match.groupdict()}))
    found: list[Any] = []
    value: Any = {"spec": service.spec, "metadata": {"name": service.name, "namespace": service.namespace}}
    for step in steps:
        if isinstance(step, Match | Flag):
            position = _position(value, step)
            if position is None:
                return
            found.append(position)
            value = value[position]
        else:
            found.append(step)
            value = value.get(step) if isinstance(value, dict) else None
    yield tuple(found)


def _position(value: Any, step: Match | Flag) -> int | None:
    for index, item in enumerate(value if isinstance(value, list) else ()):
        if isinstance(step, Flag):
            if isinstance(item, str) and Flag(item.partition("=")[0]) == step:
                return index
        elif isinstance(item, dict) and item.get(step[0]) == step[1]:
            return index
    return None


def _says(service: LLMService, field: FieldPath, value: Any) -> bool:
    """Say whether the intent, with its defaults, says what the generated value holds."""
    said: Any = {"spec": service.spec, "metadata": {"name": service.name, "namespace": service.namespace}}
    for step in field:
        try:
            said = said[step]
        except (KeyError, IndexError, TypeError):
            return False
    return _holds(value, said)


def _holds(value: Any, said: Any) -> bool:
    if isinstance(said, dict):
        return value in (said, *said.values()) or any(_holds(value, part) for part in said.values())
    if isinstance(value, dict):
        return any(_holds(part, said) for part in value.values())
    if isinstance(value, list):
        return any(_holds(part, said) for part in value)
    return said == value or (isinstance(said, str | int | float) and str(said) in str(value))
