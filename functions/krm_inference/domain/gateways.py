"""Gateways: which services make one, and the listener to which the routes of a service attach."""

from __future__ import annotations

from krm_inference.domain import shares
from krm_inference.domain.routes import HTTP, HTTPS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_inference.domain.service import LLMService


def listener(service: LLMService, services: list[LLMService]) -> str:
    """Return the listener that the routes of `service` attach to, "" for all that the Gateway has."""
    gateway = service.spec["gateway"]
    if "listener" in gateway:
        return str(gateway["listener"])
    if "tls" in gateway:
        return HTTPS
    return HTTP if any("tls" in other.spec["gateway"] for other in makers(service, services)) else ""


def makers(service: LLMService, services: list[LLMService]) -> list[LLMService]:
    """Return the services that make the Gateway which `service` names; one without a route of its own makes none."""
    named = (other for other in services if other.gateway == service.gateway and "of" not in other.spec["route"])
    return [other for other in named if other.spec["gateway"]["create"]]


def class_name(service: LLMService, services: list[LLMService]) -> str:
    """Return the class of the Gateway that `service` names; what it says of one that another makes does not count."""
    whose = next(iter(makers(service, services)), shares.shared_by(service, services) or service)
    return str(whose.spec["gateway"]["className"])
