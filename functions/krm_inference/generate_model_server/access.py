"""Who may ask the servers: a NetworkPolicy, and the key that requests bring."""

from __future__ import annotations

from krm_functions_sdk import because

from krm_inference.domain.generation import Table, metadata
from krm_inference.domain.service import LLMService

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from krm_inference.domain.facts.gateway_classes import GatewayClass

FILE = "network-policy.yaml"
# The label of every Pod of a LeaderWorkerSet (kubernetes-sigs/lws v0.9.0, leaderworkerset_types.go).
SET = "leaderworkerset.sigs.k8s.io/name"
_NAMESPACE = "kubernetes.io/metadata.name"

OWNS: Table = {
    "server NetworkPolicy": (
        "spec.podSelector.matchLabels.app",
        f"spec.podSelector.matchLabels[{SET}]",
        "spec.policyTypes",
        "spec.ingress",
    ),
}


def key(service: LLMService) -> list[dict[str, Any]]:
    """Return the variable by which a server knows the key."""
    secret = service.spec["server"].get("apiKeySecret")
    if secret is None:
        return []
    reference = {"name": secret["name"], "key": secret["key"]}
    return [{"name": "VLLM_API_KEY", "valueFrom": {"secretKeyRef": reference}}]


def objects(service: LLMService, services: list[LLMService]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the policy of the servers, with its role."""
    if "networkPolicy" not in service.spec:
        return
    from krm_inference.domain import gateways
    from krm_inference.domain.facts import gateway_classes

    known = gateway_classes.of(gateways.class_name(service, services))
    members = members_of(service)
    # Workers have no server at that port, so what may ask the leader may ask them for nothing.
    asked = {"from": list(_peers(service, known)), "ports": [{"protocol": "TCP", "port": service.port}]}
    group = {"from": [{"podSelector": {"matchLabels": _joined(service)}}]}
    spec = {
        "podSelector": {"matchLabels": members},
        "policyTypes": ["Ingress"],
        "ingress": [asked, *([group] if service.machines > 1 else []), *_between(service)],
    }
    meta = metadata(service.name, service)
    yield (
        "server NetworkPolicy",
        {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": meta, "spec": spec},
    )


def members_of(service: LLMService) -> dict[str, Any]:
    """Return the label of all Pods without which a replica does not answer."""
    if service.machines == 1:
        return dict(service.pod_labels)
    return {SET: because(service.name, "leaders and workers")}


def _joined(service: LLMService) -> dict[str, Any]:
    return {SET: because(service.name, "Pods of a group exchange at ports that vLLM and NCCL choose")}


def _peers(service: LLMService, known: GatewayClass) -> Iterator[dict[str, Any]]:
    from krm_inference.domain.facts.gateway_classes import HEALTH_CHECKS

    said = service.spec["networkPolicy"]
    picker = because(service.names.picker, "the endpoint picker reads metrics")
    yield {"podSelector": {"matchLabels": {"inferencepool": picker}}}
    if known.pods is not None:
        label, elsewhere = known.pods
        namespace, name = service.gateway
        there = elsewhere or (namespace if namespace != service.namespace else "")
        pods = {"podSelector": {"matchLabels": {label: because(name, "the Gateway sends requests")}}}
        yield {**_in(there), **pods}
    for text in said["gatewayRanges"]:
        yield {"ipBlock": {"cidr": because(text, "the Gateway sends requests")}}
    if known.is_gke:
        for text in HEALTH_CHECKS:
            yield {"ipBlock": {"cidr": because(text, "the load balancer asks for health")}}
    scraper = said.get("scraperNamespace") or service.platform.collector[1]
    yield _in(because(scraper, "Prometheus reads metrics"))


def _between(service: LLMService) -> Iterator[dict[str, Any]]:
    """Yield what lets prefill and decode servers hand over caches, and metrics be read behind a proxy."""
    if "prefill" not in service.spec:
        return
    from krm_inference.domain.facts.disaggregation import SERVER_PORT

    scraper = service.spec["networkPolicy"].get("scraperNamespace") or service.platform.collector[1]
    yield {
        "from": [_in(because(scraper, "Prometheus reads metrics of the servers behind a proxy"))],
        "ports": [{"protocol": "TCP", "port": SERVER_PORT}],
    }
    # No ports: prompts go to the pool's, the side channel has its own, and UCX chooses those of the caches.
    reason = "prefill and decode servers hand over caches, by ports that UCX chooses"
    yield {"from": [{"podSelector": {"matchLabels": {"app": because(service.name, reason)}}}]}


def _in(namespace: Any) -> dict[str, Any]:
    return {"namespaceSelector": {"matchLabels": {_NAMESPACE: namespace}}} if namespace else {}
