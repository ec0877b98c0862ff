"""Prefill and decode servers that cannot hand over a cache, and proxies that send requests elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from krm_inference.manifests.disaggregation import connectors, pairs, sidecars
from krm_inference.manifests.index import Index
from krm_inference.validate_inference.findings import Finding, listed

_BLOCK_SIZE = "--block-size"


def connectors_that_do_not_meet(index: Index) -> Iterator[Finding]:
    """Yield decode servers of which no connector is one of their prefill server's."""
    for prefill, decode in pairs(index):
        given, taken = connectors(prefill), connectors(decode)
        if given is None or taken is None or not given[1] or given[1] & taken[1]:
            continue
        message = f"{prefill.pod.object} gives its cache by {listed(given[1])}, this server takes it by "
        yield Finding(taken[0], message + listed(taken[1]))


def block_sizes_that_differ(index: Index) -> Iterator[Finding]:
    """Yield decode servers whose blocks of cache are of another size than those of their prefill server."""
    for prefill, decode in pairs(index):
        given, taken = prefill.number(None, _BLOCK_SIZE), decode.number(None, _BLOCK_SIZE)
        flag = decode.flag(_BLOCK_SIZE)
        if flag is not None and given is not None and taken is not None and given != taken:
            message = f"found {taken}, but {prefill.pod.object} has blocks of {given} tokens"
            yield Finding(flag.field, message, f"{flag.name}={given}")


def sidecars_of_other_ports(index: Index) -> Iterator[Finding]:
    """Yield proxies that send requests to another port of their Pod than its server's."""
    for sidecar in sidecars(index):
        _, port = sidecar.server.port
        if sidecar.server.is_port_known and port is not None and port != sidecar.port:
            message = f"{sidecar.container.name} sends requests to port {sidecar.port}, but {{}} listens on {port}"
            yield Finding(sidecar.field, message.format(sidecar.server.container.name), f"--vllm-port={port}")
