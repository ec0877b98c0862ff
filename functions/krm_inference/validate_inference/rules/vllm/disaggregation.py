"""Prefill and decode servers that cannot hand over a cache, and proxies that send requests elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from krm_functions_sdk import MISSING

from krm_inference.domain.facts.disaggregation import DECODE, VARIABLES
from krm_inference.manifests.disaggregation import (
    connectors,
    decodes,
    has_coordinator,
    has_proxy,
    kv_role,
    proxies,
    sidecars,
)
from krm_inference.manifests.index import Index
from krm_inference.manifests.pools import pools_of_server
from krm_inference.manifests.roles import role
from krm_inference.manifests.servers import Server
from krm_inference.validate_inference.findings import Finding, listed

_BLOCK_SIZE = "--block-size"
_NIXL = "NixlConnector"
# Where a server that says so is for no other one.
_NOWHERE = ("localhost", "127.0.0.1", "::1", "0.0.0.0", "")  # nothing is bound here
_WRONG = {"prefill": "kv_consumer", "decode": "kv_producer"}


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


def addresses_for_nobody(index: Index) -> Iterator[Finding]:
    """Yield prefill servers that tell others to fetch their caches at localhost."""
    for prefill in _prefills(index):
        taken = connectors(prefill)
        if taken is None or _NIXL not in taken[1]:
            continue
        name, variables = VARIABLES[0], prefill.container.field["env"]
        said = next((variable for variable in variables if variable["name"].text == name), None)
        if said is None and not prefill.container.field["envFrom"].exists:
            yield Finding(variables, f"without {name} it says that its caches are at localhost")
        elif said is not None and said["value"].exists and said["value"].text in _NOWHERE:
            yield Finding(said["value"], f'found "{said["value"].text}", where no other server finds its caches')


def roles_the_wrong_way(index: Index) -> Iterator[Finding]:
    """Yield prefill servers that only take caches and decode servers that only give them."""
    pairs = decodes(index)
    for server in dict.fromkeys([*(one.server for one in pairs), *_prefills(index)]):
        found, part = kv_role(server), role(server.pod)
        # NixlConnector makes no difference between them (docs/features/nixl_connector_usage.md of vLLM).
        if found is not None and part in _WRONG and found[1] == _WRONG[part] and _NIXL not in found[2]:
            yield Finding(found[0], f"a {part} server with kv_role {found[1]} hands over no cache; expected kv_both")


def decode_servers_without_proxy(index: Index) -> Iterator[Finding]:
    """Yield decode servers that no proxy tells of the prefill server which the picker has chosen."""
    for one in () if has_coordinator(index) else decodes(index):
        pod = one.server.pod
        if not pod.is_merged and role(pod) == DECODE and pools_of_server(index, pod) and not has_proxy(index, pod):
            containers = pod.spec["initContainers"] if pod.spec["initContainers"].exists else pod.spec["containers"]
            message = f"no proxy stands before {one.server.container.name}, so it never hears of {{}}"
            yield Finding(containers, message.format(one.prefills[0].pod.object))


def pools_past_the_proxy(index: Index) -> Iterator[Finding]:
    """Yield pools that send requests to a decode server itself and not to the proxy before it."""
    for one in decodes(index):
        listening = [port for port, _ in proxies(one.server.pod) if port is not None]
        _, own = one.server.port
        for pool in pools_of_server(index, one.server.pod) if listening and own is not None else ():
            for port in pool.at("spec.targetPorts"):
                number = port["number"]
                if number.number == own and own not in listening:
                    message = f"found {own}, where the server of {one.server.pod.object} listens; its proxy is at "
                    yield Finding(number, message + listed(map(str, listening)), listening[0])


def _prefills(index: Index) -> list[Server]:
    return list(dict.fromkeys(prefill for one in decodes(index) for prefill in one.prefills))
