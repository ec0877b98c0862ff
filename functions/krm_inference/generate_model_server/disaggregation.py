"""What makes a model server one of prefill and decode: the proxy, and what both are told of handing over caches."""

from __future__ import annotations

from krm_functions_sdk import because

from krm_inference.domain.facts.disaggregation import (
    DECODE,
    DISAGGREGATION,
    PREFILL,
    PROXY_RESOURCES,
    ROLE_LABEL,
    SERVER_PORT,
    SIDE_CHANNEL_PORT,
    TRANSFER,
    TRANSFER_FLAG,
    VARIABLES,
)
from krm_inference.domain.service import LLMService

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PROXY = "routing-sidecar"  # as llm-d calls it
PROXY_PORT = "proxy"
_NOBODY = 65532  # as the image says it too (Dockerfile.sidecar of llm-d-router v0.10.0)
_POD = "spec.template.spec"
_PROXY = f"{_POD}.initContainers[name={PROXY}]"
_VLLM = f"{_POD}.containers[name=vllm]"
_PROXY_FLAGS = dict.fromkeys(
    flag.partition("=")[0]
    for one in DISAGGREGATION.values()
    for flag in (one.port_flag, one.server_flag, one.connector_flag, one.plain_flag)
)
# The roles of the objects, by the part that they are of; "" for servers that do all of the work.
OBJECTS = {"": "model server Deployment", DECODE: "decode server Deployment", PREFILL: "prefill server Deployment"}
# What both parts have beside a model server.
OWNS_OF_BOTH = (
    *(f"{place}[{ROLE_LABEL}]" for place in ("metadata.labels", "spec.template.metadata.labels")),
    f"spec.selector.matchLabels[{ROLE_LABEL}]",
    f"{_VLLM}.args[{TRANSFER_FLAG}]",
    *(f"{_VLLM}.env[name={name}]" for name in VARIABLES),
    f"{_VLLM}.ports[name=side-channel]",
)
OWNS_OF_DECODE = (
    f"{_PROXY}.image",
    f"{_PROXY}.imagePullPolicy",
    f"{_PROXY}.restartPolicy",
    *(f"{_PROXY}.args[{flag}]" for flag in _PROXY_FLAGS),
    f"{_PROXY}.ports[name={PROXY_PORT}]",
    f"{_PROXY}.readinessProbe",
    f"{_PROXY}.resources.requests.cpu",
    f"{_PROXY}.resources.requests.memory",
    f"{_PROXY}.resources.requests.ephemeral-storage",
    f"{_PROXY}.securityContext",
)


def arguments(service: LLMService) -> list[Any]:
    """Return what both parts are told of handing over caches; of another server, nothing."""
    if not service.role:
        return []
    import json

    text = json.dumps(TRANSFER, separators=(",", ":"))
    reason = "the same for prefill and decode; a cache that cannot be fetched is worked out again"
    return [because(f"{TRANSFER_FLAG}={text}", reason)]


def variables(service: LLMService) -> list[dict[str, Any]]:
    """Return where another server asks this one for what a transfer needs."""
    if not service.role:
        return []
    host, port = VARIABLES
    address = because("status.podIP", "without it a server says that it is at localhost")
    return [
        {"name": host, "valueFrom": {"fieldRef": {"fieldPath": address}}},
        {"name": port, "value": str(SIDE_CHANNEL_PORT)},
    ]


def ports(service: LLMService) -> list[dict[str, Any]]:
    """Return the port of that."""
    return [{"name": "side-channel", "containerPort": SIDE_CHANNEL_PORT, "protocol": "TCP"}] if service.role else []


def proxies(service: LLMService, outer_port: int) -> list[dict[str, Any]]:
    """Return the proxy before a decode server, at the port of the pool; before others, none."""
    if service.role != DECODE:
        return []
    known = DISAGGREGATION[service.spec["release"]]
    # With restartPolicy Always it starts before the server and, at the end, gets its SIGTERM after the server has gone.
    always = because("Always", "a sidecar: it is there before the server, and ends after the server's last request")
    fixed = service.platform.fixed_users
    user = {"runAsGroup": _NOBODY, "runAsNonRoot": True, "runAsUser": _NOBODY} if fixed else {"runAsNonRoot": True}
    health = {"path": "/health", "port": PROXY_PORT, "scheme": "HTTP"}
    proxy = {
        "name": PROXY,
        "image": service.proxy_image,
        "imagePullPolicy": "IfNotPresent",
        "restartPolicy": always,
        "args": [
            because(f"{known.port_flag}={outer_port}", "where the picker and the Gateway ask all servers of the pool"),
            because(f"{known.server_flag}={SERVER_PORT}", "where the server of this Pod listens"),
            known.connector_flag,
            because(known.plain_flag, "picker and Gateway ask without TLS"),
        ],
        "ports": [{"name": PROXY_PORT, "containerPort": outer_port, "protocol": "TCP"}],
        "readinessProbe": {
            "httpGet": health,
            "periodSeconds": 1,
            "successThreshold": 1,
            "failureThreshold": 1,
            "timeoutSeconds": 1,
        },
        "resources": {"requests": {**service.platform.default_requests, **PROXY_RESOURCES}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
            **user,
        },
    }
    return [proxy]
