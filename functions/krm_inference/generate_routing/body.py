"""What lets a Gateway choose by the model in a request's body: the process that reads it, and what asks that."""

from __future__ import annotations

from krm_functions_sdk import because

from krm_inference.domain import gateways
from krm_inference.domain.facts import body_router, gateway_classes
from krm_inference.domain.facts.body_router import HEALTH_PORT, MODEL_HEADER, PORT
from krm_inference.domain.generation import Generation, Table, metadata
from krm_inference.domain.names import dns_label
from krm_inference.domain.service import LLMService

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FILE = "body-router.yaml"
CONTAINER = "bbr"
NOBODY = 65532
_SELECTOR = "body-router"
_POD = "spec.template.spec"
_BBR = f"{_POD}.containers[name={CONTAINER}]"

OWNS: Table = {
    "body router ServiceAccount": (),
    "body router Deployment": (
        "spec.replicas",
        f"spec.selector.matchLabels.{_SELECTOR}",
        f"spec.template.metadata.labels.{_SELECTOR}",
        f"{_POD}.serviceAccountName",
        f"{_POD}.securityContext",
        f"{_BBR}.image",
        f"{_BBR}.imagePullPolicy",
        *(f"{_BBR}.args[{flag.partition('=')[0]}]" for flag in body_router.ARGS),
        f"{_BBR}.env[name=NAMESPACE]",
        f"{_BBR}.ports[name=grpc]",
        f"{_BBR}.ports[name=grpc-health]",
        f"{_BBR}.readinessProbe",
        f"{_BBR}.resources.requests.cpu",
        f"{_BBR}.resources.requests.memory",
        f"{_BBR}.resources.requests.ephemeral-storage",
        f"{_BBR}.securityContext",
    ),
    "body router Service": (f"spec.selector.{_SELECTOR}", "spec.ports[name=grpc-ext-proc]", "spec.type"),
    "body router PodDisruptionBudget": ("spec.minAvailable", "spec.selector"),
    "GCPRoutingExtension": ("spec.targetRefs", "spec.extensionChains"),
    "body router HealthCheckPolicy": ("spec.targetRef", "spec.default"),
    "EnvoyFilter": ("spec.targetRefs", "spec.configPatches"),
    "body router DestinationRule": ("spec.host", "spec.trafficPolicy.tls"),
    "AgentgatewayPolicy": ("spec.targetRefs", "spec.traffic.phase", "spec.traffic.transformation.request.set"),
}


def apply(generation: Generation, users: list[LLMService]) -> None:
    """Let the Gateway of `users`, if one of them makes it, read bodies where one of them is found by its models."""
    made = [service for service in users if service.spec["gateway"]["create"]]
    if not made or not any(service.spec["route"]["byModel"] for service in users):
        return
    reader = gateway_classes.of(gateways.class_name(made[0], users)).body_reader
    for role, wanted in _objects(made[0], reader):
        generation.apply(made[0], role, wanted, FILE)


def _objects(service: LLMService, reader: str) -> list[tuple[str, dict[str, Any]]]:
    if reader == "AgentgatewayPolicy":
        return [(reader, _object(service, "agentgateway.dev/v1alpha1", reader, _policy(service)))]
    asks: list[tuple[str, dict[str, Any]]] = []
    if reader == "GCPRoutingExtension":
        gke = "networking.gke.io/v1"
        asks = [
            (reader, _object(service, gke, reader, _extension(service))),
            ("body router HealthCheckPolicy", _object(service, gke, "HealthCheckPolicy", _health(service))),
        ]
    elif reader == "EnvoyFilter":
        rule = _object(service, "networking.istio.io/v1", "DestinationRule", _rule(service))
        asks = [
            (reader, _object(service, "networking.istio.io/v1alpha3", reader, _filter(service))),
            ("body router DestinationRule", rule),
        ]
    budget = {"minAvailable": 1, "selector": {"matchLabels": _labels(service)}}
    return [
        ("body router ServiceAccount", _object(service, "v1", "ServiceAccount", None)),
        ("body router Deployment", _object(service, "apps/v1", "Deployment", _deployment(service))),
        ("body router Service", _object(service, "v1", "Service", _service(service))),
        ("body router PodDisruptionBudget", _object(service, "policy/v1", "PodDisruptionBudget", budget)),
        *asks,
    ]


def _name(service: LLMService) -> str:
    return f"{dns_label(service.gateway[1])}-body-router"


def _labels(service: LLMService) -> dict[str, str]:
    return {_SELECTOR: _name(service)}


def _object(service: LLMService, api_version: str, kind: str, spec: dict[str, Any] | None) -> dict[str, Any]:
    body = {"apiVersion": api_version, "kind": kind, "metadata": metadata(_name(service), service)}
    return {**body, **({"spec": spec} if spec is not None else {})}


def _deployment(service: LLMService) -> dict[str, Any]:
    return {
        "replicas": because(2, "every request of the Gateway passes one, and without any it fails"),
        "selector": {"matchLabels": _labels(service)},
        "template": {
            "metadata": {"labels": _labels(service)},
            "spec": {
                "serviceAccountName": _name(service),
                "securityContext": {
                    **({"runAsGroup": NOBODY} if service.platform.fixed_users else {}),
                    "runAsNonRoot": True,
                    **({"runAsUser": NOBODY} if service.platform.fixed_users else {}),
                    "seccompProfile": {"type": "RuntimeDefault"},
                },
                "containers": [_container(service)],
            },
        },
    }


def _container(service: LLMService) -> dict[str, Any]:
    return {
        "name": CONTAINER,
        "image": body_router.IMAGE,
        "imagePullPolicy": "IfNotPresent",
        "args": list(body_router.ARGS),
        "env": [{"name": "NAMESPACE", "valueFrom": {"fieldRef": {"fieldPath": "metadata.namespace"}}}],
        "ports": [
            {"name": "grpc", "containerPort": PORT, "protocol": "TCP"},
            {"name": "grpc-health", "containerPort": HEALTH_PORT, "protocol": "TCP"},
        ],
        "readinessProbe": {"grpc": {"port": HEALTH_PORT}, "periodSeconds": 5},
        "resources": {"requests": {**service.platform.default_requests, "cpu": "500m", "memory": "256Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        },
    }


def _service(service: LLMService) -> dict[str, Any]:
    port = {"name": "grpc-ext-proc", "port": PORT, "protocol": "TCP", "appProtocol": "HTTP2"}
    return {"selector": _labels(service), "ports": [port], "type": "ClusterIP"}


def _gateway(service: LLMService) -> list[dict[str, Any]]:
    return [{"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": service.gateway[1]}]


def _extension(service: LLMService) -> dict[str, Any]:
    name = _name(service)
    extension = {
        "name": "model",
        "authority": name,
        "timeout": "1s",
        "supportedEvents": ["RequestHeaders", "RequestBody", "RequestTrailers"],
        "requestBodySendMode": "FullDuplexStreamed",
        "backendRef": {"group": "", "kind": "Service", "name": name, "port": PORT},
    }
    return {"targetRefs": _gateway(service), "extensionChains": [{"name": "body", "extensions": [extension]}]}


def _health(service: LLMService) -> dict[str, Any]:
    check = {"portSpecification": "USE_FIXED_PORT", "port": HEALTH_PORT}
    return {
        "targetRef": {"group": "", "kind": "Service", "name": _name(service)},
        "default": {"config": {"type": "GRPC", "grpcHealthCheck": check}},
    }


def _filter(service: LLMService) -> dict[str, Any]:
    # The chart's, but for answers: only the request's body is read.
    asked = f"outbound|{PORT}||{_name(service)}.{service.namespace}.svc.cluster.local"
    processor = {
        "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor",
        "failure_mode_allow": False,
        "allow_mode_override": True,
        "processing_mode": {
            "request_header_mode": "SEND",
            "response_header_mode": "SKIP",
            "request_body_mode": "FULL_DUPLEX_STREAMED",
            "response_body_mode": "NONE",
            "request_trailer_mode": "SEND",
            "response_trailer_mode": "SKIP",
        },
        "grpc_service": {"envoy_grpc": {"cluster_name": asked}},
    }
    manager = {"filter": {"name": "envoy.filters.network.http_connection_manager"}}
    patch = {
        "applyTo": "HTTP_FILTER",
        "match": {"context": "GATEWAY", "listener": {"filterChain": manager}},
        "patch": {
            "operation": "INSERT_FIRST",
            "value": {"name": "envoy.filters.http.ext_proc.bbr", "typed_config": processor},
        },
    }
    return {"targetRefs": _gateway(service), "configPatches": [patch]}


def _rule(service: LLMService) -> dict[str, Any]:
    tls = {"mode": "SIMPLE", "insecureSkipVerify": because(True, "it signs its certificate itself")}
    return {"host": _name(service), "trafficPolicy": {"tls": tls}}


def _policy(service: LLMService) -> dict[str, Any]:
    model = because("json(request.body).model", "agentgateway reads bodies by itself")
    header = {"name": MODEL_HEADER, "value": model}
    return {
        "targetRefs": _gateway(service),
        "traffic": {"phase": "PreRouting", "transformation": {"request": {"set": [header]}}},
    }
