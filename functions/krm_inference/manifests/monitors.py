"""Monitors of Prometheus: those of GKE's managed one, and those of the Prometheus Operator."""

from __future__ import annotations

from krm_inference.manifests.groups import PROMETHEUS
from krm_inference.manifests.objects import Field, Object


def endpoints(monitor: Object) -> Field:
    """Return the list of what a monitor scrapes of each Pod that it selects."""
    return monitor.at("spec.podMetricsEndpoints" if monitor.group == PROMETHEUS else "spec.endpoints")


def secret(endpoint: Field) -> Field:
    """Return the name and key of the Secret whose token an endpoint is scraped with."""
    is_operators = endpoint.object.group == PROMETHEUS
    return endpoint.at("authorization.credentials" if is_operators else "authorization.credentials.secret")
