"""Generate the InferenceObjectives of each LLMService, and what rewrites the names of models in its requests.

May import: the domain and the SDK, no other function.
"""

from __future__ import annotations

from krm_functions_sdk import ResourceList, after_errors, because, repeatable, run

from krm_inference.domain import intent
from krm_inference.domain.generation import Generation, Table, metadata
from krm_inference.domain.service import LLMService

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FILE = "objectives.yaml"
REWRITE_FILE = "rewrites.yaml"

OWNS: Table = {
    "InferenceObjective": ("spec.priority", "spec.poolRef"),
    "InferenceModelRewrite": ("spec.poolRef", "spec.rules"),
}


@after_errors
@repeatable
def generate_objectives(resources: ResourceList) -> None:
    """Generate the InferenceObjectives of each LLMService, and what rewrites the names of models in its requests."""
    services = intent.read(resources)
    generation = Generation(resources, services, "generate-objectives", OWNS)
    for service in services:
        for name, priority in service.objectives:
            generation.apply(service, "InferenceObjective", objective(service, name, priority), FILE)
        if service.spec["rewrites"]:
            generation.apply(service, "InferenceModelRewrite", rewrite(service), REWRITE_FILE)
    generation.sweep()


def objective(service: LLMService, name: str, priority: int) -> dict[str, Any]:
    """Return the InferenceObjective `name` for the pool of `service`."""
    return {
        "apiVersion": service.release.objective_api,
        "kind": "InferenceObjective",
        "metadata": metadata(name, service),
        "spec": {
            "priority": priority,
            "poolRef": _pool(service),
        },
    }


def rewrite(service: LLMService) -> dict[str, Any]:
    """Return the InferenceModelRewrite of `service`, with the API's defaults written out."""
    return {
        "apiVersion": service.release.rewrite_api,
        "kind": "InferenceModelRewrite",
        "metadata": metadata(service.name, service),
        "spec": {
            "poolRef": _pool(service),
            "rules": [
                {
                    "matches": [{"model": {"type": "Exact", "value": rule["model"]}}],
                    "targets": [_target(target, rule["targets"]) for target in rule["targets"]],
                }
                for rule in service.spec["rewrites"]
            ],
        },
    }


def _target(target: dict[str, Any], targets: list[dict[str, Any]]) -> dict[str, Any]:
    wanted: dict[str, Any] = {"modelRewrite": target["model"]}
    if "weight" in target:
        share = 100 * target["weight"] / sum(other["weight"] for other in targets)
        wanted["weight"] = because(target["weight"], f"{share:.3g} % of the requests")
    return wanted


def _pool(service: LLMService) -> dict[str, Any]:
    group = service.release.pool_api.partition("/")[0]
    return {"group": group, "kind": "InferencePool", "name": service.name}


def main() -> None:
    """Be the executable."""
    run(generate_objectives)
