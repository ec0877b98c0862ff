"""Routes that several services share by weight: a canary, or two versions side by side."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_inference.domain.service import LLMService


def members(service: LLMService, services: list[LLMService]) -> list[LLMService]:
    """Return the services to whose pools the route of `service` leads: its own first, then those that share it."""
    own = (service.name, service.namespace)
    return [service, *(one for one in services if (one.spec["route"].get("of"), one.namespace) == own)]


def shared_by(service: LLMService, services: list[LLMService]) -> LLMService | None:
    """Return the service whose route `service` shares, None where it has its own or there is no such service."""
    name = service.spec["route"].get("of")
    return next((one for one in services if (one.name, one.namespace) == (name, service.namespace)), None)


def weight(service: LLMService) -> int:
    """Return the part of a shared route's requests that a service gets, of the sum of all parts."""
    return int(service.spec["route"]["weight"])
