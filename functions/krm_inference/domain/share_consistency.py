"""What a schema cannot say of services that share a route: who shares whose, with which models and weights."""

from __future__ import annotations

from collections.abc import Iterator

from krm_functions_sdk import Result

from krm_inference.domain import gateways, routes
from krm_inference.domain.facts import gateway_classes
from krm_inference.domain.shares import members, shared_by, weight

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_inference.domain.service import LLMService

# Limit of the HTTPRoute CRD.
MOST_BACKENDS = 16
# Of `spec.route`, what a service has of its own that shares the route of another.
_OWN = ("of", "weight")


def check(services: list[LLMService]) -> Iterator[Result]:
    """Yield every fault in which services share which routes."""
    sharing = [service for service in services if "of" in service.spec["route"]]
    for service in services:
        if "of" not in service.spec["route"]:
            yield from _weights(service, members(service, sharing))
            continue
        yield from _fields(service)
        owner = shared_by(service, services)
        if owner is None or owner is service or "of" in owner.spec["route"]:
            yield from _owner(service, owner, services)
        else:
            yield from (*_gateway(service, owner, services), *_models(service, owner))


def _owner(service: LLMService, owner: LLMService | None, services: list[LLMService]) -> Iterator[Result]:
    name = service.spec["route"]["of"]
    if owner is service:
        message = "a service cannot share its own route; name the other one, or leave it out"
    elif owner is not None:
        message = f"LLMService {name} has no route, since it shares that of {owner.spec['route']['of']}; name that one"
    elif away := next((one.namespace or "no namespace" for one in services if one.name == name), ""):
        message = (
            f"LLMService {name} is in {away}, and a route leads into another namespace only by leave of that one, "
            "which is not generated; put both into one namespace"
        )
    else:
        known = [one.name for one in services if one is not service and "of" not in one.spec["route"]]
        there = f"expected one of {', '.join(known)}" if known else "and there is no other that has a route"
        message = f"no LLMService {name} in this package; {there}"
    yield service.fault("spec.route.of", message, name)


def _fields(service: LLMService) -> Iterator[Result]:
    """Yield what would make a route of its own, of a service that has none."""
    name = service.spec["route"]["of"]
    said = service.resource.get("spec.route", None)
    for field in said if isinstance(said, dict) else ():
        if field not in _OWN:
            message = f"the route is that of LLMService {name}, which says who reaches it; leave this out, or `of`"
            yield service.fault(f"spec.route.{field}", message, service.resource.get(f"spec.route.{field}"))
    for field, _, match in routes.matched(service.spec):
        message = f"the route is that of LLMService {name}, so nothing is matched here; leave it out"
        yield service.fault(field, message, match)


def _gateway(service: LLMService, owner: LLMService, services: list[LLMService]) -> Iterator[Result]:
    if service.gateway != owner.gateway:
        theirs, own = owner.gateway[1], service.gateway[1]
        message = f"the route of LLMService {owner.name} is attached to Gateway {theirs}, found {own}; name {theirs}"
        yield service.fault("spec.gateway.name", message, own)
        return
    name = gateways.class_name(owner, services)
    if reason := gateway_classes.of(name).one_pool:
        message = f"a route behind class {name} leads to one pool only: {reason}. Give this service a route of its own"
        yield service.fault("spec.route.of", message, owner.name)


def _models(service: LLMService, owner: LLMService) -> Iterator[Result]:
    """Yield names that requests of the route give and this server does not know: a part of them would get a 404."""
    missing = [name for name in routes.model_names(owner.spec) if name not in routes.model_names(service.spec)]
    if missing and missing[0] == owner.served_models[0]:
        message = (
            f"requests of the route of LLMService {owner.name} ask for {missing[0]}, which this server does not know "
            f"and would answer with 404; set it to {missing.pop(0)}"
        )
        yield service.fault("spec.model.servedName", message, service.served_models[0])
    if missing:
        message = (
            f"requests of the route of LLMService {owner.name} may ask for {', '.join(missing)}, which this server "
            "does not know and would answer with 404; give it the same adapters and rewrites"
        )
        yield service.fault("spec.adapters", message, [adapter["name"] for adapter in service.adapters])


def _weights(service: LLMService, sharing: list[LLMService]) -> Iterator[Result]:
    field = "spec.route.weight"
    if not any(map(weight, sharing)):
        names = " and ".join(one.name for one in sharing)
        message = f"the weights of {names} are all 0, so the Gateway would answer every request with 500"
        yield service.fault(field, f"{message}; give one of them more", 0)
    if len(sharing) > MOST_BACKENDS:
        message = f"{len(sharing)} services share the route, but a rule of an HTTPRoute takes {MOST_BACKENDS}"
        yield service.fault(field, message, weight(service))
