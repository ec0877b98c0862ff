"""vLLM on several machines: Pods that join a leader have no HTTP server, and all agree on how many they are."""

from __future__ import annotations

from collections.abc import Iterator

from krm_inference.manifests import groups
from krm_inference.manifests.index import Index
from krm_inference.manifests.pickers import pool_selector
from krm_inference.manifests.pools import pool_pods
from krm_inference.manifests.quantities import whole
from krm_inference.manifests.servers import headless, processes, servers_of
from krm_inference.validate_inference.findings import Finding

_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_ASKING = ("httpGet", "tcpSocket", "grpc")
_NNODES = ("--nnodes", "-n")
_SIZE = "spec.leaderWorkerTemplate.size"


def selected_by_pools(index: Index) -> Iterator[Finding]:
    """Yield pools that also select Pods of vLLM without an HTTP server."""
    silent = {process.pod: process for process in headless(index)}
    for pool in index.of(groups.POOL, groups.POOL_X):
        for pod in pool_pods(index, pool):
            if pod in silent and not servers_of(index, pod):
                where = ".".join(map(str, pod.spec.path[:-1]))
                message = f"it also selects the Pods of {pod.object}, {where}, which run vLLM with --headless"
                yield Finding(pool_selector(pool), message)


def probed(index: Index) -> Iterator[Finding]:
    """Yield probes that ask a server which is not there."""
    for process in headless(index):
        for name in _PROBES:
            probe = process.container.field[name]
            asked = next((how for how in _ASKING if probe[how].exists), None)
            if asked:
                yield Finding(probe, f"{asked} asks a port at which vLLM with --headless does not listen")


def other_sizes(index: Index) -> Iterator[Finding]:
    """Yield numbers of machines that are not the number of Pods of their group."""
    for process in processes(index):
        owner, flag = process.pod.object, process.flag(*_NNODES)
        if owner.kind != "LeaderWorkerSet" or flag is None:
            continue
        size = owner.at(_SIZE)
        pods, wanted = size.number if size.exists else 1, whole(flag.value)
        if pods is not None and wanted is not None and pods != wanted:
            message = f"vLLM waits for {wanted} Pods, but a group has {pods} ({_SIZE})"
            yield Finding(flag.field, message, f"{flag.name}={pods}")
