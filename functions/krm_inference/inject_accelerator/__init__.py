"""Put Pods onto nodes with the right GPUs: node selector, toleration, requests and limits.

May import: the domain and the SDK, no other function.
"""

from __future__ import annotations

from pathlib import Path

from krm_functions_sdk import ResourceList, after_errors, because, run

from krm_inference.domain import intent, workloads
from krm_inference.domain.facts.accelerators import ACCELERATORS, Accelerator
from krm_inference.domain.facts.platforms import PLATFORMS, Platform
from krm_inference.domain.generation import Generation, Table
from krm_inference.domain.service import is_llm_service

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

KIND = "InjectAccelerator"

OWNS: Table = {
    "workload": (
        "POD.nodeSelector[cloud.google.com/gke-accelerator]",
        "POD.tolerations[key=nvidia.com/gpu]",
        "POD.containers[name=CONTAINER].resources.requests[nvidia.com/gpu]",
        "POD.containers[name=CONTAINER].resources.limits[nvidia.com/gpu]",
    ),
}


@after_errors
def inject_accelerator(resources: ResourceList) -> None:
    """Put Pods onto nodes with the right GPUs: node selector, toleration, requests and limits."""
    services = intent.read(resources, takes_other_config=True)
    generation = Generation(resources, services, "inject-accelerator", OWNS)
    for service in services:
        target = workloads.of_service(resources, service, "vllm")
        if target:
            kind = service.spec["accelerator"]["type"]
            pod = _pod(target.container, service.platform, kind, service.accelerator, service.gpus)
            generation.inject(target, pod, OWNS["workload"])
    if resources.function_config is not None and not is_llm_service(resources.function_config):
        _by_config(resources, generation)


def _by_config(resources: ResourceList, generation: Generation) -> None:
    config = workloads.read_config(resources, Path(__file__).with_name("definition.yaml"), KIND)
    if config is None:
        return
    kind, count = config["type"], config["count"]
    most = ACCELERATORS[kind].most
    if count > most:
        message = f"{count} GPUs, but a machine with {kind} has at most {most}"
        resources.results.error(message, config.resource, config.field("count"), current=count)
        return
    target = workloads.chosen(resources, config)
    if target:
        pod = _pod(target.container, PLATFORMS[config["platform"]], kind, ACCELERATORS[kind], count)
        generation.inject(target, pod, OWNS["workload"])


def _pod(container: str, platform: Platform, kind: str, accelerator: Accelerator, count: int) -> dict[str, Any]:
    gpus = {platform.gpu_resource: str(count)}
    machine = accelerator.machine(count)
    label = because(kind, f"for example {machine}") if machine else kind
    return {
        "containers": [{"name": container, "resources": {"requests": gpus, "limits": gpus}}],
        "nodeSelector": {platform.accelerator_label: label},
        "tolerations": [{"key": platform.gpu_resource, "operator": "Exists", "effect": "NoSchedule"}],
    }


def main() -> None:
    """Be the executable."""
    run(inject_accelerator)
