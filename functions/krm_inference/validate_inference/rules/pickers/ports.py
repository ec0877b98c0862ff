"""Ports of endpoint pickers: the pool, its Service, the probes and the flags must agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from krm_functions_sdk import MISSING

from krm_inference.manifests import groups
from krm_inference.manifests.index import Index
from krm_inference.manifests.objects import Field, Object
from krm_inference.manifests.pickers import GRPC_PORT, HEALTH_PORT, Picker, picker_service, pickers
from krm_inference.manifests.pods import Pod, pods
from krm_inference.validate_inference.findings import Finding, listed
from krm_inference.validate_inference.rules.agreement import odd_ones, probe_ports


def closed_service_ports(index: Index) -> Iterator[Finding]:
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
            asked = [number for _, number in _grpc_ports(index, service, by_pod)]
            right = [item["port"].value for item in service.at("spec.ports") if _target(item).value in asked]
            right = right if asked else known
            what = f"has no port {port.value}" if port.exists else "needs a port"
            message = f"{service} {what}; it has: {listed(map(str, known))}"
            yield Finding(port, message, right[0] if right else MISSING)
    for service, port in services.items():
        target = _target(port)
        for flag, number in _grpc_ports(index, service, by_pod) if target.number is not None else ():
            said = (target, target.value, f"the port of {service}")
            yield from odd_ones([(flag, number, "the picker's --grpc-port"), said])


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


def probes_of_other_ports(index: Index) -> Iterator[Finding]:
    """Yield probes of endpoint pickers that ask another port than the one of its health service."""
    for picker in pickers(index):
        flag, number = picker.number("--grpc-health-port", HEALTH_PORT)
        if number is not None:
            yield from odd_ones(
                [(flag, number, "the picker's --grpc-health-port"), *probe_ports(picker.container, ("grpc",), "port")]
            )
