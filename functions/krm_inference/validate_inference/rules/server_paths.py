"""Paths that probes, health checks and monitors ask a server for, which answers others with 404."""

from __future__ import annotations

from collections.abc import Iterator

from krm_inference.domain.spelling import nearest
from krm_inference.manifests import groups, monitors
from krm_inference.manifests.index import Index
from krm_inference.manifests.links import policies
from krm_inference.manifests.objects import Field
from krm_inference.manifests.pickers import METRICS_PORT, picker_pods, pickers
from krm_inference.manifests.pods import Container, Pod, pods
from krm_inference.manifests.pools import pool_pods
from krm_inference.manifests.servers import Server, servers, servers_of
from krm_inference.validate_inference.findings import Finding

# What vLLM answers a GET with 200; /v1/models only where no API key is asked for.
ANSWERED = ("/health", "/ping", "/version", "/load", "/metrics", "/v1/models", "/openapi.json", "/docs")
_ALIKE = 0.85  # so near to a path is a slip of it: /v1/model; /ready and /status are the words of another server
_METRICS = "/metrics"
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_CHECKS = ("httpHealthCheck", "httpsHealthCheck", "http2HealthCheck")


def unanswered_paths(index: Index) -> Iterator[Finding]:
    """Yield paths of probes and of health checks that the server does not know."""
    for server in servers(index):
        for probe in _PROBES if _is_plain(server) else ():
            action = server.container.field[probe]["httpGet"]
            if action.map and _is_of(server.container, action["port"], server.port[1]):
                yield from _unknown(action["path"])
    for policy, pool in policies(index, groups.HEALTH_CHECK):
        behind = [server for pod in pool_pods(index, pool) for server in servers_of(index, pod)]
        for check in _CHECKS:
            block = policy.at("spec.default.config")[check]
            if block.exists and behind and all(_is_plain(server) and _asks(block, server) for server in behind):
                yield from _unknown(block["requestPath"])


def _unknown(path: Field) -> Iterator[Finding]:
    asked = (path.text or "/") if path.exists else "/"
    if asked.partition("?")[0] not in ANSWERED:
        found = f"found {asked}" if path.exists else "no path, so it is /"
        meant = nearest(path.text, ANSWERED, _ALIKE) if path.text else None
        yield Finding(path, f"{found}, which vLLM answers with 404", meant or ANSWERED[0])


def _is_plain(server: Server) -> bool:
    """Say whether the server's paths are its own: none put before them, no code of others."""
    return server.has_all_flags and not server.flag("--root-path", "--middleware")


def _is_of(container: Container, port: Field, number: int | None) -> bool:
    declared = container.port(port.value)
    return number is not None and number in (port.value, declared["containerPort"].value if declared else None)


def _asks(block: Field, server: Server) -> bool:
    return not block["port"].exists or block["port"].value == server.port[1]


def paths_without_metrics(index: Index) -> Iterator[Finding]:
    """Yield paths of monitors that servers and pickers do not know."""
    for monitor in index.of(*groups.POD_MONITORS):
        labels = monitor.at("spec.selector.matchLabels").map
        namespace = "" if monitor.kind.startswith("Cluster") else monitor.namespace
        selected = pods(index).selected(labels, namespace) if labels else []
        for endpoint in monitors.endpoints(monitor):
            path, port = endpoint["path"], endpoint["port"]
            if path.text not in ("", _METRICS) and selected and all(_speaks(index, pod, port) for pod in selected):
                yield Finding(
                    path, f"found {path.text}; servers and pickers have their metrics at {_METRICS}", _METRICS
                )


def ports_without_metrics(index: Index) -> Iterator[Finding]:
    """Yield ports of pickers that monitors name, and that are not those of the metrics."""
    by_pod = {picker.pod: picker for picker in pickers(index)}
    for monitor in index.of(*groups.POD_MONITORS):
        labels = monitor.at("spec.selector.matchLabels").map
        namespace = "" if monitor.kind.startswith("Cluster") else monitor.namespace
        for pod in pods(index).selected(labels, namespace) if labels else ():
            picker = by_pod.get(pod)
            number = picker.number("--metrics-port", METRICS_PORT)[1] if picker else None
            for endpoint in monitors.endpoints(monitor) if number is not None else ():
                declared = picker.container.port(endpoint["port"].value) if picker else None
                if declared is not None and declared["containerPort"].number not in (None, number):
                    found = declared["containerPort"]
                    yield Finding(
                        found, f"found {found.value}, but the picker serves its metrics on port {number}", number
                    )


def _speaks(index: Index, pod: Pod, port: Field) -> bool:
    """Say whether the port is that of a plain server, or one of a picker."""
    if pod in picker_pods(index):
        return True
    return any(
        _is_plain(server) and _is_of(server.container, port, server.port[1]) for server in servers_of(index, pod)
    )
