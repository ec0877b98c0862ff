"""The measured functions, written with the SDK: edit none, one, or each of the Deployments, or as the config says."""

import sys

from krm_functions_sdk import ResourceList, Schema, run

SCHEMA = {
    "type": "object",
    "properties": {
        "spec": {
            "type": "object",
            "required": ["name", "replicas"],
            "properties": {
                "name": {"type": "string", "pattern": "^[a-z0-9-]+$"},
                "replicas": {"type": "integer", "minimum": 1, "maximum": 100},
            },
        }
    },
}


def one(resources: ResourceList) -> None:
    """Edit the first Deployment."""
    for resource in resources.where("Deployment", name="app-00000"):
        resource.set("spec.replicas", 5)


def every(resources: ResourceList) -> None:
    """Edit every Deployment."""
    for resource in resources.where("Deployment"):
        resource.set("spec.replicas", 5)


def nothing(resources: ResourceList) -> None:
    """Look for what is not there."""
    resources.where("LLMService", group="inference.fn.kpt.dev")


def configured(resources: ResourceList) -> None:
    """Edit the Deployment that the functionConfig names, as it says."""
    from krm_functions_sdk import config

    values = config.read(resources, Schema(SCHEMA), "SetReplicas")
    if values is not None:
        for resource in resources.where("Deployment", name=values["name"]):
            resource.set("spec.replicas", values["replicas"])


FUNCTIONS = {"nothing": nothing, "one": one, "every": every, "configured": configured}

if __name__ == "__main__":
    run(FUNCTIONS[sys.argv[1]], [])
