"""What of `gateway.jwt` cannot be: a Gateway that checks no tokens, and servers that take them for their key."""

from __future__ import annotations

from krm_functions_sdk import Result

from krm_inference.domain import gateways
from krm_inference.domain.facts import gateway_classes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from krm_inference.domain.service import LLMService

FIELD = "spec.gateway.jwt"


def check(services: list[LLMService]) -> Iterator[Result]:
    """Yield every fault of the tokens that Gateways ask for."""
    for service in services:
        said = service.spec["gateway"].get("jwt")
        if said is None:
            continue
        name = service.gateway[1]
        if not service.spec["gateway"]["create"]:
            message = f"Gateway {name} is not made here (create: false); its own package says who may ask"
            yield service.fault(FIELD, message, said)
            continue
        known = gateway_classes.of(gateways.class_name(service, services))
        if not known.token_policy:
            able = ", ".join(one for one, row in gateway_classes.CLASSES.items() if row.token_policy)
            why = known.no_tokens or "no way is known to let its Gateways check tokens"
            message = f"{service.spec['gateway']['className']}: {why}; these classes check tokens: {able}"
            yield service.fault(FIELD, message, said)
        for other in services:
            if other.gateway == service.gateway and "apiKeySecret" in other.spec["server"]:
                message = (
                    f"Gateway {name} asks for a token in the header Authorization, where the servers of LLMService "
                    f"{other.name} expect their key; leave out server.apiKeySecret or gateway.jwt"
                )
                yield service.fault(FIELD, message, said)
