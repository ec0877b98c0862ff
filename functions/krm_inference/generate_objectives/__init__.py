"""Generate the InferenceObjectives of each LLMService: one for each adapter with a priority, and those it lists."""

from __future__ import annotations

from typing import Any

from krm_functions_sdk import ResourceList, run

from krm_inference.domain import intent
from krm_inference.domain.generation import Generation, Table, metadata
from krm_inference.domain.intent import LLMService

FILE = "objectives.yaml"

OWNS: Table = {"InferenceObjective": ("spec.priority", "spec.poolRef")}


def generate_objectives(resources: ResourceList) -> None:
    """Generate the InferenceObjectives of each LLMService: one for each adapter with a priority, and those it lists."""
    services = intent.read(resources)
    generation = Generation(resources, services, "generate-objectives", OWNS)
    for service in services:
        for name, priority in service.objectives:
            generation.apply(service, "InferenceObjective", objective(service, name, priority), FILE)
    generation.sweep()


def objective(service: LLMService, name: str, priority: int) -> dict[str, Any]:
    """Return the InferenceObjective `name` for the pool of `service`."""
    group = service.release.pool_api.partition("/")[0]
    return {
        "apiVersion": service.release.objective_api,
        "kind": "InferenceObjective",
        "metadata": metadata(name, service),
        "spec": {
            "priority": priority,
            "poolRef": {"group": group, "kind": "InferencePool", "name": service.name},
        },
    }


def main() -> None:
    """Be the executable."""
    run(generate_objectives)
