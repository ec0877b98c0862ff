"""Generate the InferencePool of each LLMService, its endpoint picker, and the policies of its load balancer.

May import: the domain and the SDK, no other function.
"""

from __future__ import annotations

from krm_functions_sdk import ResourceList, after_errors, repeatable, run

from krm_inference.domain import gateways, intent
from krm_inference.domain.facts import gateway_classes
from krm_inference.domain.generation import Generation, Table
from krm_inference.generate_inference_pool import picker, pool

OWNS: Table = {**pool.OWNS, **picker.OWNS}


@after_errors
@repeatable
def generate_inference_pool(resources: ResourceList) -> None:
    """Generate the InferencePool of each LLMService, its endpoint picker, and the policies of its load balancer."""
    services = intent.read(resources)
    generation = Generation(resources, services, "generate-inference-pool", OWNS)
    for service in services:
        name = gateways.class_name(service, services)
        known = gateway_classes.of(name)
        for role, wanted in pool.objects(service, known):
            generation.apply(service, role, wanted, pool.FILE)
        for role, wanted in picker.objects(service, known):
            generation.apply(service, role, wanted, picker.FILE)
        for lost in known.lost:
            resources.results.info(f"{name}: {lost}", service.resource, "spec.gateway.className")
    generation.sweep()


def main() -> None:
    """Be the executable."""
    run(generate_inference_pool)
