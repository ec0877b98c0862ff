"""Generate the Gateway that LLMServices name, and the HTTPRoute from it to the pool of each."""

from __future__ import annotations

from typing import Any

from krm_functions_sdk import ResourceList, run

from krm_inference.domain import intent
from krm_inference.domain.generation import Generation, Table, metadata
from krm_inference.domain.intent import LLMService

GATEWAY_FILE = "gateway.yaml"
ROUTE_FILE = "route.yaml"
GROUP = "gateway.networking.k8s.io"
API = f"{GROUP}/v1"

OWNS: Table = {
    "Gateway": ("spec.gatewayClassName", "spec.listeners[name=http]"),
    "HTTPRoute": ("spec.parentRefs", "spec.hostnames", "spec.rules"),
}


def generate_routing(resources: ResourceList) -> None:
    """Generate the Gateway that LLMServices name, and the HTTPRoute from it to the pool of each."""
    services = intent.read(resources)
    generation = Generation(resources, services, "generate-routing", OWNS)
    made: set[tuple[str, str]] = set()
    for service in services:
        if service.spec["gateway"]["create"] and service.gateway not in made:
            made.add(service.gateway)
            generation.apply(service, "Gateway", gateway(service), GATEWAY_FILE)
        generation.apply(service, "HTTPRoute", route(service), ROUTE_FILE)
    generation.sweep()


def gateway(service: LLMService) -> dict[str, Any]:
    """Return the Gateway of `service`, with the API's defaults written out."""
    namespace, name = service.gateway
    meta = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {
        "apiVersion": API,
        "kind": "Gateway",
        "metadata": meta,
        "spec": {
            "gatewayClassName": service.spec["gateway"]["className"],
            "listeners": [
                {"name": "http", "port": 80, "protocol": "HTTP", "allowedRoutes": {"namespaces": {"from": "Same"}}}
            ],
        },
    }


def route(service: LLMService) -> dict[str, Any]:
    """Return the HTTPRoute to the pool of `service`, with the API's defaults written out."""
    namespace, name = service.gateway
    parent = {"group": GROUP, "kind": "Gateway", "name": name}
    if namespace != service.namespace:
        parent["namespace"] = namespace
    wanted = service.spec["route"]
    pool_group = service.release.pool_api.partition("/")[0]
    rule = {
        "matches": [{"path": {"type": "PathPrefix", "value": wanted["pathPrefix"]}}],
        "backendRefs": [{"group": pool_group, "kind": "InferencePool", "name": service.name, "weight": 1}],
    }
    hostnames = {"hostnames": wanted["hostnames"]} if wanted["hostnames"] else {}
    return {
        "apiVersion": API,
        "kind": "HTTPRoute",
        "metadata": metadata(service.name, service),
        "spec": {"parentRefs": [parent], **hostnames, "rules": [rule]},
    }


def main() -> None:
    """Be the executable."""
    run(generate_routing)
