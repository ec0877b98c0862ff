"""Prefill and decode servers that cannot hand over a cache, and proxies that send requests elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from krm_functions_sdk import MISSING

from krm_inference.manifests.disaggregation import connectors, decodes, sidecars
from krm_inference.manifests.index import Index
from krm_inference.validate_inference.findings import Finding, listed

_BLOCK_SIZE = "--block-size"


def connectors_that_do_not_meet(index: Index) -> Iterator[Finding]:
    """Yield decode servers of which no connector is one of a prefill server's."""
    for decode, prefills in decodes(index):
        taken, given = connectors(decode), [connectors(prefill) for prefill in prefills]
        if taken is None or any(one is None or not one[1] or one[1] & taken[1] for one in given):
            continue
        names = [name for one in given if one for name in one[1]]
        message = f"{prefills[0].pod.object} gives its cache by {listed(names)}, this server takes it by "
        yield Finding(taken[0], message + listed(taken[1]))


def block_sizes_that_differ(index: Index) -> Iterator[Finding]:
    """Yield decode servers whose blocks of cache are of another size than those of their prefill servers."""
    for decode, prefills in decodes(index):
        given = {prefill.number(None, _BLOCK_SIZE) for prefill in prefills}
        taken, flag = decode.number(None, _BLOCK_SIZE), decode.flag(_BLOCK_SIZE)
        if flag is not None and taken is not None and None not in given and taken not in given:
            sizes = listed(map(str, given))
            message = f"found {taken}, but {prefills[0].pod.object} has blocks of {sizes} tokens"
            yield Finding(flag.field, message, f"{flag.name}={sizes}" if len(given) == 1 else MISSING)


def sidecars_of_other_ports(index: Index) -> Iterator[Finding]:
    """Yield proxies that send requests to another port of their Pod than its server's."""
    for sidecar in sidecars(index):
        _, port = sidecar.server.port
        if sidecar.server.is_port_known and port is not None and port != sidecar.port:
            message = f"{sidecar.container.name} sends requests to port {sidecar.port}, but {{}} listens on {port}"
            yield Finding(sidecar.field, message.format(sidecar.server.container.name), f"--vllm-port={port}")
