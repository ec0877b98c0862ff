"""The endpoint picker: its configuration, Deployment, Service and, where it has several replicas, its budget."""

from __future__ import annotations

from krm_functions_sdk import because

from krm_inference.domain import roles
from krm_inference.domain.facts.releases import RELEASES
from krm_inference.domain.generation import Table, metadata
from krm_inference.domain.quantities import stored
from krm_inference.domain.service import LLMService
from krm_inference.generate_inference_pool import rights
from krm_inference.generate_inference_pool.configuration import configuration
from krm_inference.generate_inference_pool.rights import LABELS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_inference.domain.facts.gateway_classes import GatewayClass

FILE = "endpoint-picker.yaml"
CONTAINER = "epp"
GRPC_PORT, HEALTH_PORT, METRICS_PORT = 9002, 9003, 9090
CONFIG_KEY = "default-plugins.yaml"
NOBODY = 65532
# A Deployment cannot change its selector, so this label is the same in every release, whatever its chart calls it.
SELECTOR = "inferencepool"

_RELEASES = tuple(RELEASES.values())
_MODES = tuple(sorted({label for release in _RELEASES for label in release.mode_labels}))
_FLAGS = dict.fromkeys(
    name
    for release in _RELEASES
    for name in (*(flag.text.partition("=")[0] for flag in release.flags), "--v", "--tracing", release.election_flag)
)
_TRACES = {
    "OTEL_EXPORTER_OTLP_ENDPOINT": "endpoint",
    "OTEL_TRACES_SAMPLER_ARG": "samplingRatio",
}
_VARIABLES = (
    "POOL_NAME",
    "NAMESPACE",
    *sorted({name for release in _RELEASES for name in release.pod_fields}),
    *sorted({name for release in _RELEASES for name in release.saturation_env.values()}),
    "OTEL_SERVICE_NAME",
    "OTEL_TRACES_EXPORTER",
    "OTEL_TRACES_SAMPLER",
    *_TRACES,
)
# The API server gives a Deployment without a strategy a rollingUpdate block that no applier owns. It then refuses
# Recreate beside that block, also by server-side apply with force. A block that we wrote goes when we take it out.
_STRATEGIES = {
    "Recreate": {"type": "Recreate"},
    "": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}},
}
_POD = "spec.template.spec"
_EPP = f"{_POD}.containers[name={CONTAINER}]"

OWNS: Table = {
    "picker ConfigMap": (*LABELS, f"data[{CONFIG_KEY}]"),
    "picker Deployment": (
        *LABELS,
        *(f"metadata.labels[{label}]" for label in _MODES),
        "spec.replicas",
        "spec.strategy",
        f"spec.selector.matchLabels.{SELECTOR}",
        f"spec.template.metadata.labels.{SELECTOR}",
        *(f"spec.template.metadata.labels[{label}]" for label in _MODES),
        f"{_POD}.serviceAccountName",
        f"{_POD}.priorityClassName",
        f"{_POD}.terminationGracePeriodSeconds",
        f"{_POD}.securityContext",
        f"{_EPP}.image",
        f"{_EPP}.imagePullPolicy",
        *(f"{_EPP}.args[{flag}]" for flag in _FLAGS),
        *(f"{_EPP}.env[name={name}]" for name in _VARIABLES),
        f"{_EPP}.ports[name=grpc]",
        f"{_EPP}.ports[name=grpc-health]",
        f"{_EPP}.ports[name=metrics]",
        f"{_EPP}.livenessProbe",
        f"{_EPP}.readinessProbe",
        f"{_EPP}.resources.requests.cpu",
        f"{_EPP}.resources.requests.memory",
        f"{_EPP}.resources.requests.ephemeral-storage",
        f"{_EPP}.resources.limits.memory",
        f"{_EPP}.securityContext",
        f"{_EPP}.volumeMounts[mountPath=/config]",
        f"{_POD}.volumes[name=plugins-config-volume]",
    ),
    "picker Service": (
        *LABELS,
        f"spec.selector.{SELECTOR}",
        "spec.ports[name=grpc-ext-proc]",
        "spec.ports[name=http-metrics]",
        "spec.type",
    ),
    "picker DestinationRule": (*LABELS, "spec.host", "spec.trafficPolicy.tls"),
    "picker PodDisruptionBudget": (*LABELS, "spec.minAvailable", "spec.selector"),
    **rights.OWNS,
}


def objects(service: LLMService, known: GatewayClass) -> list[tuple[str, dict[str, Any]]]:
    """Return (role, object) of what `service` wants behind a Gateway of the class `known`."""
    rule = ("picker DestinationRule", _object(service, "networking.istio.io/v1", "DestinationRule", _rule(service)))
    budget = ("picker PodDisruptionBudget", _object(service, "policy/v1", "PodDisruptionBudget", _budget(service)))
    return [
        ("picker ConfigMap", _config(service)),
        ("picker Deployment", _deployment(service)),
        ("picker Service", _object(service, "v1", "Service", {"spec": _service(service)})),
        *((rule,) if known.picker_rule else ()),
        *((budget,) if _elects(service) else ()),
        *rights.objects(service),
    ]


def _elects(service: LLMService) -> bool:
    return int(service.spec["picker"]["replicas"]) > 1


def _object(service: LLMService, api_version: str, kind: str, body: dict[str, Any]) -> dict[str, Any]:
    meta = metadata(service.names.picker, service, service.picker_labels)
    return {"apiVersion": api_version, "kind": kind, "metadata": meta, **body}


def _config(service: LLMService) -> dict[str, Any]:
    meta = metadata(service.picker_config, service, service.picker_labels)
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": {CONFIG_KEY: configuration(service)}}


def _deployment(service: LLMService) -> dict[str, Any]:
    release, labels = service.release, {SELECTOR: service.names.picker}
    # In a rolling update the new Pods wait for the lead, and the old leader waits for them to be ready.
    strategy = "Recreate" if _elects(service) else release.strategy
    wanted = _object(service, "apps/v1", "Deployment", {})
    wanted["metadata"]["labels"] = {**service.picker_labels, **release.mode_labels}
    wanted["spec"] = {
        "replicas": service.spec["picker"]["replicas"],
        "strategy": _STRATEGIES[strategy],
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": {**labels, **release.mode_labels}}, "spec": _pod(service)},
    }
    return wanted


def _pod(service: LLMService) -> dict[str, Any]:
    picker = service.spec["picker"]
    reason = "the model server's: a picker outlives the requests that it sent on"
    return {
        "serviceAccountName": service.names.picker,
        "terminationGracePeriodSeconds": because(roles.of(service)[0].drain.grace_period, reason),
        "securityContext": {
            **({"runAsGroup": NOBODY} if service.platform.fixed_users else {}),
            "runAsNonRoot": True,
            **({"runAsUser": NOBODY} if service.platform.fixed_users else {}),
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [_container(service)],
        "volumes": [{"name": "plugins-config-volume", "configMap": {"name": service.picker_config}}],
        # Last: where a field that is new comes to stand, under kpt too.
        **({"priorityClassName": picker["priorityClassName"]} if "priorityClassName" in picker else {}),
    }


def _container(service: LLMService) -> dict[str, Any]:
    release = service.release
    return {
        "name": CONTAINER,
        "image": service.picker_image,
        "imagePullPolicy": "IfNotPresent",
        "args": _args(service),
        "env": _env(service),
        "ports": [
            {"name": "grpc", "containerPort": GRPC_PORT, "protocol": "TCP"},
            {"name": "grpc-health", "containerPort": HEALTH_PORT, "protocol": "TCP"},
            {"name": "metrics", "containerPort": METRICS_PORT, "protocol": "TCP"},
        ],
        # Of several replicas each lives, and only the leader is ready; a single one answers for its ext-proc service.
        "livenessProbe": _probe("liveness", service, {"periodSeconds": 10, "initialDelaySeconds": 5}),
        "readinessProbe": _probe("readiness", service, release.probe),
        "resources": _resources(service),
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        },
        "volumeMounts": [{"name": "plugins-config-volume", "mountPath": "/config", "readOnly": True}],
    }


def _resources(service: LLMService) -> dict[str, dict[str, Any]]:
    own, wanted = service.release.resources, service.spec["picker"]["resources"]
    # The release's limit fits its own request, and may be below another one.
    limits = {} if "memory" in wanted["requests"] else own.get("limits", {})
    resources = {
        "requests": {**service.platform.default_requests, **own.get("requests", {}), **wanted["requests"]},
        "limits": {**limits, **wanted["limits"]},
    }
    return {
        part: {name: stored(amount) for name, amount in amounts.items()}
        for part, amounts in resources.items()
        if amounts
    }


def _args(service: LLMService) -> list[Any]:
    release, picker = service.release, service.spec["picker"]
    level = picker.get("logLevel", release.log_level)
    return [
        *(because(flag.text, flag.reason) if flag.reason else flag.text for flag in release.flags),
        *([f"--v={level}"] if level is not None else []),
        *([f"--tracing={str('tracing' in picker).lower()}"] if release.trace_service else []),
        *([because(release.election_flag, "one of the replicas leads")] if _elects(service) else []),
    ]


def _env(service: LLMService) -> list[dict[str, Any]]:
    release, picker = service.release, service.spec["picker"]
    # By name and downward API, so that kustomize can rename the pool and place it in another namespace.
    values: dict[str, Any] = {"POOL_NAME": service.name}
    fields = {"NAMESPACE": "metadata.namespace", **release.pod_fields}
    settings = {name: service.saturation.get(key) for key, name in release.saturation_env.items()}
    if tracing := picker.get("tracing"):
        settings |= {
            "OTEL_SERVICE_NAME": release.trace_service,
            "OTEL_TRACES_EXPORTER": "otlp",
            "OTEL_TRACES_SAMPLER": "parentbased_traceidratio",
            **{name: tracing[key] for name, key in _TRACES.items()},
        }
    return [
        *({"name": name, "value": value} for name, value in values.items()),
        *({"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}} for name, path in fields.items()),
        *({"name": name, "value": str(value)} for name, value in settings.items() if value is not None),
    ]


def _probe(check: str, service: LLMService, times: dict[str, int]) -> dict[str, Any]:
    asked = check if _elects(service) else "inference-extension"
    return {"grpc": {"port": HEALTH_PORT, "service": asked}, **times}


def _service(service: LLMService) -> dict[str, Any]:
    protocol = service.release.service_protocol
    return {
        "selector": {SELECTOR: service.names.picker},
        "ports": [
            {
                "name": "grpc-ext-proc",
                "port": GRPC_PORT,
                "protocol": "TCP",
                **({"appProtocol": protocol} if protocol else {}),
            },
            {"name": "http-metrics", "port": METRICS_PORT, "protocol": "TCP"},
        ],
        "type": "ClusterIP",
    }


def _rule(service: LLMService) -> dict[str, Any]:
    # A short name is one of the rule's own namespace, so it follows where kustomize places it.
    tls = {"mode": "SIMPLE", "insecureSkipVerify": because(True, "the picker signs its certificate itself")}
    return {"spec": {"host": service.names.picker, "trafficPolicy": {"tls": tls}}}


def _budget(service: LLMService) -> dict[str, Any]:
    # Only the leader is ready. One as the least would forbid to drain its node. None lets the leader go; then, as long
    # as no other one is ready, nothing more.
    reason = "one at a time: only the leader is ready, and until the next one is, no other may go"
    selector = {"matchLabels": {SELECTOR: service.names.picker}}
    return {"spec": {"minAvailable": because(0, reason), "selector": selector}}
