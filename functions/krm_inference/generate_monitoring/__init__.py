"""Generate the monitors of each LLMService's picker and server, and the access that reading the metrics needs.

May import: the domain and the SDK, no other function.
"""

from __future__ import annotations

from krm_functions_sdk import ResourceList, after_errors, repeatable, run

from krm_inference.domain import intent
from krm_inference.domain.generation import Generation, Table, metadata
from krm_inference.domain.service import LLMService

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

ACCESS_FILE = "metrics-access.yaml"
MONITOR_FILE = "monitoring.yaml"
DASHBOARD_FILE = "dashboard.yaml"
RBAC = "rbac.authorization.k8s.io"
ACCOUNT_OF_SECRET = "kubernetes.io/service-account.name"
SERVER_INTERVAL = "15s"

OWNS: Table = {
    "reader ServiceAccount": (),
    "reader Secret": (f"metadata.annotations[{ACCOUNT_OF_SECRET}]", "type"),
    "reader ClusterRole": ("rules",),
    "reader ClusterRoleBinding": ("roleRef", "subjects"),
    "collector Role": ("rules",),
    "collector RoleBinding": ("roleRef", "subjects"),
    "picker PodMonitoring": (
        "metadata.labels[app.kubernetes.io/name]",
        "metadata.labels[app.kubernetes.io/version]",
        "spec.endpoints",
        "spec.selector",
        "spec.targetLabels.metadata",
    ),
    "server PodMonitoring": ("spec.endpoints", "spec.selector", "spec.targetLabels.metadata"),
    # Where a platform has no managed Prometheus: monitors of the Prometheus Operator.
    "picker PodMonitor": (
        "metadata.labels[app.kubernetes.io/name]",
        "metadata.labels[app.kubernetes.io/version]",
        "spec.podMetricsEndpoints",
        "spec.selector",
    ),
    "server PodMonitor": ("spec.podMetricsEndpoints", "spec.selector"),
    "dashboard ConfigMap": ("metadata.labels[grafana_dashboard]", "data[dashboard.json]"),
}


@after_errors
@repeatable
def generate_monitoring(resources: ResourceList) -> None:
    """Generate the monitors of each LLMService's picker and server, and the access that reading the metrics needs."""
    services = intent.read(resources)
    generation = Generation(resources, services, "generate-monitoring", OWNS)
    for service in services:
        for role, wanted in _access(service):
            generation.apply(service, role, wanted, ACCESS_FILE)
        for role, wanted in _monitors(service):
            generation.apply(service, role, wanted, MONITOR_FILE)
        if service.spec["monitoring"]["dashboard"]:
            from krm_inference.generate_monitoring import dashboard

            generation.apply(service, "dashboard ConfigMap", dashboard.config_map(service), DASHBOARD_FILE)
    generation.sweep()


def _access(service: LLMService) -> list[tuple[str, dict[str, Any]]]:
    names = service.names
    reader = {"kind": "ServiceAccount", "name": names.metrics_reader, "namespace": service.namespace or "default"}
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            **metadata(names.metrics_reader, service),
            "annotations": {ACCOUNT_OF_SECRET: names.metrics_reader},
        },
        "type": "kubernetes.io/service-account-token",
    }
    in_cluster = {"name": names.metrics_reader_cluster}
    return [
        (
            "reader ServiceAccount",
            {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata(names.metrics_reader, service)},
        ),
        ("reader Secret", secret),
        (
            "reader ClusterRole",
            _rbac("ClusterRole", in_cluster, {"rules": [{"nonResourceURLs": ["/metrics"], "verbs": ["get"]}]}),
        ),
        (
            "reader ClusterRoleBinding",
            _rbac("ClusterRoleBinding", in_cluster, _binding("ClusterRole", names.metrics_reader_cluster, reader)),
        ),
        *_for_collector(service),
    ]


def _for_collector(service: LLMService) -> list[tuple[str, dict[str, Any]]]:
    """Return what lets the platform's collector read the token; the Prometheus Operator reads Secrets by itself."""
    if not service.platform.collector:
        return []
    names, (account, namespace) = service.names, service.platform.collector
    collector = {"kind": "ServiceAccount", "name": account, "namespace": namespace}
    read_secret = {
        "apiGroups": [""],
        "resources": ["secrets"],
        "resourceNames": [names.metrics_reader],
        "verbs": ["get", "list", "watch"],
    }
    return [
        ("collector Role", _rbac("Role", metadata(names.metrics_reader_secret, service), {"rules": [read_secret]})),
        (
            "collector RoleBinding",
            _rbac(
                "RoleBinding",
                metadata(names.metrics_reader_secret, service),
                _binding("Role", names.metrics_reader_secret, collector),
            ),
        ),
    ]


def _rbac(kind: str, meta: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": f"{RBAC}/v1", "kind": kind, "metadata": meta, **body}


def _binding(kind: str, role: str, subject: dict[str, str]) -> dict[str, Any]:
    return {"roleRef": {"apiGroup": RBAC, "kind": kind, "name": role}, "subjects": [subject]}


def _monitors(service: LLMService) -> list[tuple[str, dict[str, Any]]]:
    names = service.names
    token = {"name": names.metrics_reader, "key": "token"}
    if not service.platform.collector:
        return _pod_monitors(service, token)
    # The picker answers no metrics request without a bearer token.
    picker = {
        **_endpoint("metrics", service.release.scrape_interval),
        "authorization": {"type": "Bearer", "credentials": {"secret": token}},
    }
    server = _endpoint("http", SERVER_INTERVAL)
    return [
        (
            "picker PodMonitoring",
            _monitor(metadata(names.picker, service, service.picker_labels), picker, {"inferencepool": names.picker}),
        ),
        ("server PodMonitoring", _monitor(metadata(names.base, service), server, service.pod_labels)),
    ]


def _pod_monitors(service: LLMService, token: dict[str, str]) -> list[tuple[str, dict[str, Any]]]:
    names = service.names
    picker = {
        **_endpoint("metrics", service.release.scrape_interval),
        "authorization": {"type": "Bearer", "credentials": token},
    }
    meta = metadata(names.picker, service, service.picker_labels)
    return [
        ("picker PodMonitor", _pod_monitor(meta, picker, {"inferencepool": names.picker})),
        (
            "server PodMonitor",
            _pod_monitor(metadata(names.base, service), _endpoint("http", SERVER_INTERVAL), service.pod_labels),
        ),
    ]


def _pod_monitor(meta: dict[str, Any], endpoint: dict[str, Any], selector: dict[str, str]) -> dict[str, Any]:
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PodMonitor",
        "metadata": meta,
        "spec": {"podMetricsEndpoints": [endpoint], "selector": {"matchLabels": selector}},
    }


def _endpoint(port: str, interval: str) -> dict[str, Any]:
    return {"port": port, "scheme": "http", "interval": interval, "path": "/metrics"}


def _monitor(meta: dict[str, Any], endpoint: dict[str, Any], selector: dict[str, str]) -> dict[str, Any]:
    return {
        "apiVersion": "monitoring.googleapis.com/v1",
        "kind": "PodMonitoring",
        "metadata": meta,
        "spec": {
            "endpoints": [endpoint],
            "selector": {"matchLabels": selector},
            "targetLabels": {
                "metadata": ["container", "pod", "top_level_controller_name", "top_level_controller_type"]
            },
        },
    }


def main() -> None:
    """Be the executable."""
    run(generate_monitoring)
