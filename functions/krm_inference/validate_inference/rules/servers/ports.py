"""Ports: the server, what is declared of it, and everything that calls it must agree on one number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from krm_functions_sdk import MISSING

from krm_inference.manifests import commands, groups
from krm_inference.manifests.disaggregation import proxies
from krm_inference.manifests.index import Index
from krm_inference.manifests.links import policies
from krm_inference.manifests.objects import Field, Object
from krm_inference.manifests.pickers import inference_pods
from krm_inference.manifests.pods import Container, Pod
from krm_inference.manifests.pools import pools_of_server
from krm_inference.manifests.servers import DEFAULT_PORT, Server, servers
from krm_inference.manifests.syncers import SYNCER_ROOT, syncers_by_config
from krm_inference.validate_inference.findings import Finding, listed
from krm_inference.validate_inference.rules.agreement import PROBES, Member, odd_ones, probe_ports

_SIDE_CHANNEL = "VLLM_NIXL_SIDE_CHANNEL_PORT"
_CHECKS = ("httpHealthCheck", "httpsHealthCheck", "http2HealthCheck", "grpcHealthCheck", "tcpHealthCheck")


def disagreeing_ports(index: Index) -> Iterator[Finding]:
    """Yield every number that differs from what the rest says of a server's port."""
    by_pod = Counter(server.pod for server in servers(index))
    for server in servers(index):
        if server.is_port_known and by_pod[server.pod] == 1:
            yield from odd_ones(_members(index, server))


def _members(index: Index, server: Server) -> list[Member]:
    field, port = server.port
    container = server.container
    said = field.value if port is None else port
    members: list[Member] = [(commands.source(container.field, field), said, "vLLM's --port")]
    declared = [
        (item["containerPort"], item["containerPort"].value)
        for item in container.field["ports"]
        if not _is_side_channel(container, item)
    ]
    pool_members = _of_pools(index, server)
    wanted = Counter([port, *(value for _, value, _ in pool_members if isinstance(value, int))])
    if declared:
        fitting = [item for item in declared if item[1] == max(wanted, key=wanted.__getitem__)]
        members.append((*(fitting or declared)[0], "the containerPort"))
    members += pool_members
    members += probe_ports(container, ("httpGet", "tcpSocket"), "port")
    return members + _syncer_ports(index, server.pod)


def _is_side_channel(container: Container, port: Field) -> bool:
    """Say whether other servers fetch KV caches at a port, by NIXL, and no client asks it."""
    number = str(port["containerPort"].value)
    return "nixl" in port["name"].text or container.variables.get(_SIDE_CHANNEL) == number


def _of_pools(index: Index, server: Server) -> list[Member]:
    """Return what pools and health checks say, but for ports that another container of the Pod serves."""
    others = [box for box in server.pod.containers if box is not server.container]
    members: list[Member] = []
    for pool in pools_of_server(index, server.pod):
        targets = [item["number"] for item in pool.at("spec.targetPorts")]
        if pool.group == groups.INFERENCE_X:
            targets = [pool.at("spec.targetPortNumber")]
        if len(targets) == 1:
            members.append((targets[0], targets[0].value, f"the target port of {pool}"))
        for policy in index.derive(_health_checks).get(pool, []):
            ports = [policy.at("spec.default.config")[check]["port"] for check in _CHECKS]
            members += [(port, port.value, f"the port of {policy}") for port in ports if port.exists]
    behind = [port for port, _ in proxies(server.pod)]
    return [one for one in members if one[1] not in behind and not any(box.port(one[1]) for box in others)]


def _health_checks(index: Index) -> dict[Object, list[Object]]:
    found: dict[Object, list[Object]] = {}
    for policy, pool in policies(index, groups.HEALTH_CHECK):
        found.setdefault(pool, []).append(policy)
    return found


def _syncer_ports(index: Index, pod: Pod) -> list[Member]:
    members: list[Member] = []
    for volume in pod.spec["volumes"]:
        config = index.find(groups.CONFIG_MAP, volume.at("configMap.name").text, pod.object.namespace)
        for settings in index.derive(syncers_by_config).get(config, ()) if config else ():
            port = settings["port"]
            members.append((port, port.value if port.exists else DEFAULT_PORT, f"{SYNCER_ROOT}.port"))
    return members


def undeclared_port_names(index: Index) -> Iterator[Finding]:
    """Yield names of ports in probes that their container does not declare."""
    for pod in inference_pods(index):
        for container in pod.containers:
            for probe in PROBES:
                for action in ("httpGet", "tcpSocket") if probe in container.field.map else ():
                    field = container.field[probe][action]["port"]
                    if field.text and container.port(field.text) is None:
                        known = [port["name"].text for port in container.field["ports"]]
                        message = f"container {container.name} declares no port {field.text}; it has: {listed(known)}"
                        yield Finding(field, message, known[0] if len(known) == 1 else MISSING)
