"""Generate the Gateway that LLMServices name, and the HTTPRoutes from it to the pool of each.

May import: the domain and the SDK, no other function.
"""

from __future__ import annotations

from krm_functions_sdk import ResourceList, after_errors, run

from krm_inference.domain import intent
from krm_inference.domain.generation import Generation, Table
from krm_inference.generate_routing import body, gateway, route

OWNS: Table = {**gateway.OWNS, **route.OWNS, **body.OWNS}


@after_errors
def generate_routing(resources: ResourceList) -> None:
    """Generate the Gateway that LLMServices name, and the HTTPRoutes from it to the pool of each."""
    services = intent.read(resources)
    generation = Generation(resources, services, "generate-routing", OWNS)
    for name in dict.fromkeys(service.gateway for service in services):
        users = [service for service in services if service.gateway == name]
        gateway.apply(generation, users)
        body.apply(generation, users)
    for service in services:
        for wanted in route.objects(service, services):
            generation.apply(service, "HTTPRoute", wanted, route.FILE)
    generation.sweep()


def main() -> None:
    """Be the executable."""
    run(generate_routing)
