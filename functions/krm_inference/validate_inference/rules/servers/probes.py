"""Probes: whether requests wait until a server has its model, and whether the kubelet lets it load that."""

from __future__ import annotations

from collections.abc import Iterator

from krm_inference.domain.startup import PROCESSES
from krm_inference.manifests import groups
from krm_inference.manifests.engines import engines
from krm_inference.manifests.index import Index
from krm_inference.manifests.objects import Field
from krm_inference.manifests.pods import Container, Pod, pods
from krm_inference.manifests.pools import pools_of_server
from krm_inference.manifests.servers import servers
from krm_inference.validate_inference.findings import Finding

# Kubernetes' defaults of a probe.
_PROBE = {"initialDelaySeconds": 0, "periodSeconds": 10, "failureThreshold": 3}


def without_readiness(index: Index) -> Iterator[Finding]:
    """Yield servers that get requests from a Service or a pool of these manifests and have no readiness probe."""
    for pod, container in _containers(index):
        if pod.is_merged or container.field["readinessProbe"].exists or container.field["startupProbe"].exists:
            continue
        if caller := _caller(index, pod):
            yield Finding(container.field["readinessProbe"], f"{caller} sends requests before the model is loaded")


def killed_while_loading(index: Index) -> Iterator[Finding]:
    """Yield servers whose liveness probe fails before any server can have loaded its model."""
    for pod, container in _containers(index):
        probe = container.field["livenessProbe"]
        if pod.is_merged or not probe.map or container.field["startupProbe"].exists:
            continue
        limit = seconds(probe)
        if limit < PROCESSES:
            yield Finding(
                probe["initialDelaySeconds"],
                f"without a startupProbe the kubelet kills the server after {limit} s; "
                f"starting takes more than {PROCESSES} s before it loads any weights",
            )


def seconds(probe: Field) -> int:
    """Return for how many seconds a probe may fail from the start of its container."""
    delay, period, failures = (_number(probe[name], default) for name, default in _PROBE.items())
    return delay + period * failures


def _containers(index: Index) -> Iterator[tuple[Pod, Container]]:
    """Yield the containers that serve, of whatever engine."""
    yield from ((server.pod, server.container) for server in servers(index))
    yield from ((engine.pod, engine.container) for engine in engines(index))


def _caller(index: Index, pod: Pod) -> str:
    """Return what sends requests to a Pod, "" where nothing here does."""
    pools = pools_of_server(index, pod)
    if pools:
        return str(pools[0])
    return index.derive(_services).get(pod, "")


def _services(index: Index) -> dict[Pod, str]:
    found: dict[Pod, str] = {}
    for service in index.of(groups.SERVICE):
        labels = service.at("spec.selector").map
        is_early = service.at("spec.publishNotReadyAddresses").value is True
        for pod in pods(index).selected(labels, service.namespace) if labels and not is_early else ():
            found.setdefault(pod, str(service))
    return found


def _number(field: Field, default: int) -> int:
    return field.number if field.number is not None else default
