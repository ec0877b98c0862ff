"""Generate the Gateway that LLMServices name, and the HTTPRoutes from it to the pool of each.

May import: the domain and the SDK, no other function.
"""

from __future__ import annotations

from krm_functions_sdk import ResourceList, after_errors, repeatable, run

from krm_inference.domain import gateways, intent, shares
from krm_inference.domain.facts import gateway_classes
from krm_inference.domain.generation import Generation, Table
from krm_inference.domain.service import LLMService
from krm_inference.generate_routing import body, gateway, route, tokens

OWNS: Table = {**gateway.OWNS, **route.OWNS, **body.OWNS, **tokens.OWNS}


@after_errors
@repeatable
def generate_routing(resources: ResourceList) -> None:
    """Generate the Gateway that LLMServices name, and the HTTPRoutes from it to the pool of each."""
    services = intent.read(resources)
    generation = Generation(resources, services, "generate-routing", OWNS)
    attached = [service for service in services if "of" not in service.spec["route"]]
    for name in dict.fromkeys(service.gateway for service in attached):
        users = [service for service in attached if service.gateway == name]
        gateway.apply(generation, users)
        body.apply(generation, users)
        tokens.apply(generation, users)
    for service in services:
        for wanted in route.objects(service, services):
            made = generation.apply(service, "HTTPRoute", wanted, route.FILE)
            if len(shares.members(service, services)) == 1:
                route.forget_shares(made)
        if owner := shares.shared_by(service, services):
            _say_what_is_lost(resources, service, owner, gateways.class_name(owner, services))
    generation.sweep()


def _say_what_is_lost(resources: ResourceList, service: LLMService, owner: LLMService, class_name: str) -> None:
    """Say what does not hold of requests that come by the route of another service."""
    if said := gateway_classes.of(class_name).one_picker:
        resources.results.warning(f"{class_name}: {said}", service.resource, "spec.route.of")
    asked = {rule.objective for one in owner.routes for rule in one.rules} - {name for name, _ in service.objectives}
    for name in sorted(asked - {""}):
        message = (
            f"requests that the route of LLMService {owner.name} gives the objective {name} have priority 0 here: an "
            "InferenceObjective belongs to one pool"
        )
        resources.results.warning(message, service.resource, "spec.route.of")


def main() -> None:
    """Be the executable."""
    run(generate_routing)
