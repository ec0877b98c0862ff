"""Policies of GKE's load balancer as their CRDs take them: health checks and draining timeouts."""

from __future__ import annotations

from collections.abc import Iterator

from krm_functions_sdk import MISSING

from krm_inference.domain.drain import LONGEST_DRAINING
from krm_inference.manifests import groups
from krm_inference.manifests.index import Index
from krm_inference.manifests.objects import Field
from krm_inference.validate_inference.findings import Finding

# The block of `config` that each type needs.
_BLOCKS = {
    "TCP": "tcpHealthCheck",
    "HTTP": "httpHealthCheck",
    "HTTPS": "httpsHealthCheck",
    "HTTP2": "http2HealthCheck",
    "GRPC": "grpcHealthCheck",
}


def contradictory_health_check_ports(index: Index) -> Iterator[Finding]:
    """Yield health checks whose port fields contradict `portSpecification`, as the CRD's rules say it."""
    for policy in index.of(groups.HEALTH_CHECK):
        config = policy.at("spec.default.config")
        for block in _BLOCKS.values():
            if config[block].map:
                yield from _port(config[block])


def _port(block: Field) -> Iterator[Finding]:
    specification, port, name = block["portSpecification"], block["port"], block["portName"]
    said = specification.text or "USE_SERVING_PORT"
    if said == "USE_FIXED_PORT":
        if not port.exists:
            yield Finding(port, "USE_FIXED_PORT needs a port")
        if name.exists:
            yield Finding(name, "USE_FIXED_PORT goes with port, not with portName")
    elif said == "USE_NAMED_PORT":
        if not name.exists:
            yield Finding(name, "USE_NAMED_PORT needs a portName")
        if port.exists:
            yield Finding(port, "USE_NAMED_PORT goes with portName, not with port")
    elif port.exists:
        found = (
            f"{said} does not allow port {port.value}"
            if specification.exists
            else f"port {port.value} needs portSpecification USE_FIXED_PORT"
        )
        yield Finding(specification, found, "USE_FIXED_PORT")
    elif name.exists:
        yield Finding(specification, f"portName {name.value} needs USE_NAMED_PORT", "USE_NAMED_PORT")


def health_checks_without_port(index: Index) -> Iterator[Finding]:
    """Yield health checks of pools that check the serving port and do not say so.

    Two CEL rules of the CRD read `portSpecification` without checking that it is set. The API server refuses an object
    for which a rule cannot be evaluated.
    """
    for policy in index.of(groups.HEALTH_CHECK):
        is_of_pool = policy.at("spec.targetRef.kind").text == "InferencePool"
        for name in _BLOCKS.values() if is_of_pool else ():
            block = policy.at("spec.default.config")[name]
            if block.exists and not any(block[key].exists for key in ("portSpecification", "port", "portName")):
                found = "missing; newer CRDs have CEL rules that fail without it, so the API server refuses the policy"
                yield Finding(block["portSpecification"], found, "USE_SERVING_PORT")


def health_checks_without_their_block(index: Index) -> Iterator[Finding]:
    """Yield health checks without the block of their type."""
    for policy in index.of(groups.HEALTH_CHECK):
        config = policy.at("spec.default.config")
        kind = config["type"]
        block = _BLOCKS.get(kind.text)
        if kind.exists and block is None:
            yield Finding(kind, f"found {kind.text}, expected one of {', '.join(_BLOCKS)}")
        elif block is not None and not config[block].exists:
            yield Finding(config[block], f"type {kind.text} needs {block}")


def draining_out_of_range(index: Index) -> Iterator[Finding]:
    """Yield draining timeouts that the API refuses."""
    for policy in index.of(groups.BACKEND_POLICY):
        field = policy.at("spec.default.connectionDraining.drainingTimeoutSec")
        if field.exists and (field.number is None or not 0 <= field.number <= LONGEST_DRAINING):
            is_high = field.number is not None and field.number > LONGEST_DRAINING
            message = f"found {field.value}, expected whole seconds from 0 to {LONGEST_DRAINING}"
            yield Finding(field, message, LONGEST_DRAINING if is_high else MISSING)
