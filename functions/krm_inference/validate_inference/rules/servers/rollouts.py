"""Rollouts: how long a Deployment may take to get its new Pods."""

from __future__ import annotations

from collections.abc import Iterator

from krm_inference.manifests.index import Index
from krm_inference.manifests.objects import Field
from krm_inference.manifests.pods import pods
from krm_inference.manifests.servers import server_pods
from krm_inference.validate_inference.findings import Finding
from krm_inference.validate_inference.rules.servers import probes

_DEADLINE = 600


def too_short_deadlines(index: Index) -> Iterator[Finding]:
    """Yield Deployments of servers whose rollout counts as failed before a server has to be started."""
    for pod in pods(index):
        field = pod.object.at("spec.progressDeadlineSeconds")
        deadline = field.number if field.exists else _DEADLINE
        start = max((_start(container.field["startupProbe"]) for container in pod.containers), default=0)
        if pod in server_pods(index) and pod.object.kind == "Deployment" and deadline is not None and start >= deadline:
            yield Finding(
                field, f"a server may take {start} s to start, but the rollout counts as failed after {deadline} s"
            )


def _start(probe: Field) -> int:
    """Return for how many seconds a startup probe lets a container start."""
    return probes.seconds(probe) if probe.map else 0
