"""The InferencePool, its health check and its backend policy."""

from __future__ import annotations

from krm_functions_sdk import because

from krm_inference.domain import roles
from krm_inference.domain.generation import Table, metadata
from krm_inference.domain.service import LLMService
from krm_inference.generate_inference_pool.picker import GRPC_PORT
from krm_inference.generate_inference_pool.rights import LABELS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_inference.domain.facts.gateway_classes import GatewayClass

FILE = "inference-pool.yaml"

OWNS: Table = {
    "InferencePool": (
        *LABELS,
        "spec.targetPorts",
        "spec.appProtocol",
        "spec.selector",
        "spec.endpointPickerRef",
    ),
    "HealthCheckPolicy": (
        *LABELS,
        "spec.targetRef",
        "spec.default.timeoutSec",
        "spec.default.checkIntervalSec",
        "spec.default.config",
    ),
    "GCPBackendPolicy": (
        *LABELS,
        "spec.targetRef",
        "spec.default.timeoutSec",
        "spec.default.connectionDraining",
        "spec.default.logging",
    ),
}


def objects(service: LLMService, known: GatewayClass) -> list[tuple[str, dict[str, Any]]]:
    """Return (role, object) of what `service` wants behind a Gateway of the class `known`."""
    policies = [("HealthCheckPolicy", _health_check(service)), ("GCPBackendPolicy", _backend_policy(service))]
    return [("InferencePool", _pool(service)), *(policies if known.is_gke else ())]


def _pool(service: LLMService) -> dict[str, Any]:
    release = service.release
    protocol = {"appProtocol": release.app_protocol} if release.app_protocol else {}
    return {
        "apiVersion": release.pool_api,
        "kind": "InferencePool",
        "metadata": metadata(service.name, service, service.picker_labels),
        "spec": {
            "targetPorts": [{"number": service.port}],
            "selector": {"matchLabels": service.pod_labels},
            "endpointPickerRef": {
                "group": "",
                "kind": "Service",
                "name": service.names.picker,
                "port": {"number": GRPC_PORT},
                "failureMode": service.spec["picker"].get("failureMode", release.failure_mode),
            },
            # What not every release has stands last: where a field that is new comes to stand, under kpt too.
            **protocol,
        },
    }


def _target(service: LLMService) -> dict[str, str]:
    group = service.release.pool_api.partition("/")[0]
    return {"group": group, "kind": "InferencePool", "name": service.name}


def _health_check(service: LLMService) -> dict[str, Any]:
    # Since 2026 the CRD refuses a port without portSpecification.
    check = {"requestPath": "/health", "portSpecification": "USE_FIXED_PORT", "port": service.port}
    return {
        "apiVersion": "networking.gke.io/v1",
        "kind": "HealthCheckPolicy",
        "metadata": metadata(service.name, service, service.picker_labels),
        "spec": {
            "targetRef": _target(service),
            "default": {"config": {"type": "HTTP", "httpHealthCheck": check}, **service.release.health_check},
        },
    }


def _backend_policy(service: LLMService) -> dict[str, Any]:
    drain, least = roles.of(service)[0].drain, service.release.backend_timeout
    return {
        "apiVersion": "networking.gke.io/v1",
        "kind": "GCPBackendPolicy",
        "metadata": metadata(service.name, service, service.picker_labels),
        "spec": {
            "targetRef": _target(service),
            "default": {
                "timeoutSec": because(drain.backend_timeout(least), drain.backend_reason(least)),
                "connectionDraining": {"drainingTimeoutSec": because(drain.draining_timeout, drain.draining_reason)},
                "logging": {"enabled": True},
            },
        },
    }
