"""Ports: the server, what is declared of it, and everything that calls it must agree on one number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from krm_functions_sdk import MISSING

from krm_inference.manifests import commands, groups
from krm_inference.manifests.index import Index
from krm_inference.manifests.links import policies
from krm_inference.manifests.objects import Field, Object
from krm_inference.manifests.pickers import GRPC_PORT, HEALTH_PORT, Picker, inference_pods, picker_service, pickers
from krm_inference.manifests.pods import Container, Pod, pods
from krm_inference.manifests.pools import pools_of_server
from krm_inference.manifests.servers import DEFAULT_PORT, Server, servers
from krm_inference.manifests.syncers import SYNCER_ROOT, syncers_by_config
from krm_inference.validate_inference.findings import Finding, listed

_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_CHECKS = ("httpHealthCheck", "httpsHealthCheck", "http2HealthCheck", "grpcHealthCheck", "tcpHealthCheck")

# A number that must agree, the field that says it, what it is called, and the value to put there instead.
Member = tuple[Field, Any, str]


def server_ports(index: Index) -> Iterator[Finding]:
    """Yield every number that differs from what the rest says of a server's port."""
    by_pod = Counter(server.pod for server in servers(index))
    for server in servers(index):
        if server.is_port_known and by_pod[server.pod] == 1:
            yield from _odd_ones(_members(index, server))


def _odd_ones(members: list[Member]) -> Iterator[Finding]:
    """Yield the members that are not what most of them say; where two say the same, the first member wins."""
    counted = Counter(value for _, value, _ in members if isinstance(value, int))
    if not counted or (len(counted) == 1 and all(isinstance(value, int) for _, value, _ in members)):
        return
    most = max(counted.values())
    agreed = next(value for _, value, _ in members if counted.get(value) == most)
    others = listed((what for _, value, what in members if value == agreed), 2)
    for field, value, what in members:
        if value != agreed:
            said = "missing" if value is MISSING else value
            yield Finding(field, f"{what} is {said}, and {agreed} is that of: {others}", _instead(field, value, agreed))


def _instead(field: Field, value: Any, agreed: int) -> Any:
    if isinstance(field.value, str):
        return field.value.replace(str(value), str(agreed)) if str(value) in field.value else MISSING
    step = field.path[-1]
    return f"{step[0]}={agreed}" if isinstance(step, tuple) and field.value is MISSING else agreed


def _members(index: Index, server: Server) -> list[Member]:
    field, port = server.port
    container = server.container
    said = field.value if port is None else port
    members: list[Member] = [(commands.source(container.field, field), said, "vLLM's --port")]
    declared = [(item["containerPort"], item["containerPort"].value) for item in container.field["ports"]]
    pool_members = _of_pools(index, server)
    wanted = Counter([port, *(value for _, value, _ in pool_members if isinstance(value, int))])
    if declared:
        fitting = [item for item in declared if item[1] == wanted.most_common(1)[0][0]]
        members.append((*(fitting or declared)[0], "the containerPort"))
    members += pool_members
    members += _probe_ports(container, ("httpGet", "tcpSocket"), "port")
    return members + _syncer_ports(index, server.pod)


def _probe_ports(container: Container, actions: tuple[str, ...], what: str) -> list[Member]:
    fields = [container.field[probe][action]["port"] for probe in _PROBES for action in actions]
    return [(field, field.value, f"the {what} of the {field.path[-3]}") for field in fields if field.number is not None]


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
    return [member for member in members if not any(box.port(member[1]) for box in others)]


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


def picker_ports(index: Index) -> Iterator[Finding]:
    """Yield pools whose endpoint picker's port its Service does not have, and Services that lead to a closed port."""
    services = {}
    by_pod = {picker.pod: picker for picker in pickers(index)}
    for pool in index.of(groups.POOL):
        service, port = picker_service(index, pool), pool.at("spec.endpointPickerRef.port.number")
        if service is None:
            continue
        ports = [item for item in service.at("spec.ports") if item["port"].value == port.value]
        if ports:
            services[service] = ports[0]
        else:
            known = [item["port"].value for item in service.at("spec.ports")]
            asked = {number for _, number in _grpc_ports(index, service, by_pod)}
            right = [item["port"].value for item in service.at("spec.ports") if _target(item).value in asked]
            right = right if asked else known
            what = f"has no port {port.value}" if port.exists else "needs a port"
            message = f"{service} {what}; it has: {listed(map(str, known))}"
            yield Finding(port, message, right[0] if right else MISSING)
    for service, port in services.items():
        target = _target(port)
        for flag, number in _grpc_ports(index, service, by_pod) if target.number is not None else ():
            said = (target, target.value, f"the port of {service}")
            yield from _odd_ones([(flag, number, "the picker's --grpc-port"), said])


def _target(port: Field) -> Field:
    """Return the port of the Pods to which a port of a Service leads."""
    return port["targetPort"] if port["targetPort"].exists else port["port"]


def _grpc_ports(index: Index, service: Object, by_pod: Mapping[Pod, Picker]) -> Iterator[tuple[Field, int]]:
    """Yield the ports on which the pickers behind a Service are asked, as far as their flags tell."""
    for pod in pods(index).selected(service.at("spec.selector").map, service.namespace):
        picker = by_pod.get(pod)
        flag, number = picker.number("--grpc-port", GRPC_PORT) if picker else (service.field, None)
        if number is not None:
            yield flag, number


def picker_probes(index: Index) -> Iterator[Finding]:
    """Yield probes of endpoint pickers that ask another port than the one of its health service."""
    for picker in pickers(index):
        flag, number = picker.number("--grpc-health-port", HEALTH_PORT)
        if number is not None:
            yield from _odd_ones(
                [(flag, number, "the picker's --grpc-health-port"), *_probe_ports(picker.container, ("grpc",), "port")]
            )


def named_ports(index: Index) -> Iterator[Finding]:
    """Yield names of ports in probes that their container does not declare."""
    for pod in inference_pods(index):
        for container in pod.containers:
            for probe in _PROBES:
                for action in ("httpGet", "tcpSocket"):
                    field = container.field[probe][action]["port"]
                    if field.text and container.port(field.text) is None:
                        known = [port["name"].text for port in container.field["ports"]]
                        message = f"container {container.name} declares no port {field.text}; it has: {listed(known)}"
                        yield Finding(field, message, known[0] if len(known) == 1 else MISSING)
