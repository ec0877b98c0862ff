"""Put Pods onto nodes with the right GPUs: node selector, toleration, requests and limits.

May import: the domain and the SDK, no other function.
"""

from __future__ import annotations

from pathlib import Path

from krm_functions_sdk import Resource, ResourceList, after_errors, because, repeatable, run
from krm_functions_sdk.document import ownership
from krm_functions_sdk.document.pattern import pattern

from krm_inference.domain import intent, placement, roles, workloads
from krm_inference.domain.facts import nodes
from krm_inference.domain.facts.accelerators import ACCELERATORS
from krm_inference.domain.facts.platforms import PLATFORMS
from krm_inference.domain.generation import Generation, Table
from krm_inference.domain.service import LLMService, is_llm_service

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

KIND = "InjectAccelerator"
# Which labels and taints it set that are not in the table: they differ from platform to platform, and one that a user
# wrote is the user's. What an earlier run set goes with the platform or the selector that wanted it.
FROM_PLATFORM = "inference.fn.kpt.dev/from-platform"
_ANNOTATION = f"metadata.annotations[{FROM_PLATFORM}]"
_OWN = pattern(r"nodeSelector\[[^\s\]]+\]|tolerations\[key=[^\s\]]+\]")

OWNS: Table = {
    "workload": (
        _ANNOTATION,
        "POD.nodeSelector[cloud.google.com/gke-accelerator]",
        "POD.tolerations[key=nvidia.com/gpu]",
        "POD.containers[name=CONTAINER].resources.requests[nvidia.com/gpu]",
        "POD.containers[name=CONTAINER].resources.requests[amd.com/gpu]",
        "POD.containers[name=CONTAINER].resources.requests[google.com/tpu]",
        "POD.containers[name=CONTAINER].resources.limits[nvidia.com/gpu]",
        "POD.containers[name=CONTAINER].resources.limits[amd.com/gpu]",
        "POD.containers[name=CONTAINER].resources.limits[google.com/tpu]",
    ),
}


@after_errors
@repeatable
def inject_accelerator(resources: ResourceList) -> None:
    """Put Pods onto nodes with the right GPUs: node selector, toleration, requests and limits."""
    services = intent.read(resources, takes_other_config=True)
    generation = Generation(resources, services, "inject-accelerator", OWNS)
    for service in (role for whole in services for role in roles.of(whole)):
        targets = workloads.of_service(resources, service, "vllm")
        if targets:
            platform, accelerator = service.spec["platform"], service.accelerator
            taints = placement.tolerations(platform, accelerator)
            _inject(generation, targets, _labels(service), taints, placement.devices(accelerator, service.pod_gpus))
    if resources.function_config is not None and not is_llm_service(resources.function_config):
        _by_config(resources, generation)


def _by_config(resources: ResourceList, generation: Generation) -> None:
    config = workloads.read_config(resources, Path(__file__).with_name("definition.yaml"), KIND)
    if config is None:
        return
    kind, count, platform = config["type"], config["count"], config["platform"]
    here, accelerator = nodes.known(platform, kind), ACCELERATORS[kind]
    if kind not in nodes.machines(platform):
        message = f"{PLATFORMS[platform].title} has no {kind}; expected one of {', '.join(nodes.machines(platform))}"
        resources.results.error(message, config.resource, config.field("type"), current=kind)
        return
    accelerator = accelerator._replace(machines=here.machines) if here else accelerator
    if count > accelerator.most:
        message = f"{count} GPUs, but a machine with {kind} has at most {accelerator.most}"
        resources.results.error(message, config.resource, config.field("count"), current=count)
        return
    if fault := placement.whole_fault(kind, accelerator, count):
        resources.results.error(fault, config.resource, config.field("count"), current=count)
        return
    target = workloads.chosen(resources, config)
    if target:
        labels = placement.labels(platform, kind, accelerator, count)
        taints = placement.tolerations(platform, accelerator)
        _inject(generation, [target], labels, taints, placement.devices(accelerator, count))


def _labels(service: LLMService) -> dict[str, Any]:
    """Return the labels of the nodes for a service: those that its intent says, or those of its platform."""
    said = service.spec["accelerator"]
    if "nodeSelector" in said:
        return {name: because(value, "from accelerator.nodeSelector") for name, value in said["nodeSelector"].items()}
    return placement.labels(service.spec["platform"], said["type"], service.accelerator, service.pod_gpus, service.part)


def _inject(
    generation: Generation,
    targets: list[workloads.Target],
    labels: dict[str, Any],
    taints: list[dict[str, str]],
    devices: dict[str, str],
) -> None:
    resources = {"resources": {"requests": devices, "limits": devices}} if devices else {}
    also = [f"nodeSelector[{name}]" for name in labels]
    also += [f"tolerations[key={taint['key']}]" for taint in taints]
    also = [path for path in also if f"POD.{path}" not in OWNS["workload"]]
    of_pod = tuple(path for path in OWNS["workload"] if path.startswith("POD."))
    workload = targets[0].resource
    paths = (*of_pod, *(f"POD.{path}" for path in {*_set_before(workload), *also}))
    for target in targets:
        pod = {
            "containers": [{"name": target.container, **resources}],
            **({"nodeSelector": labels} if labels else {}),
            **({"tolerations": taints} if taints else {}),
        }
        generation.inject(target, pod, paths)
    annotation = {"metadata": {"annotations": {FROM_PLATFORM: " ".join(also)}}} if also else {}
    generation.change(workload, annotation, ownership.table((_ANNOTATION,)))


def _set_before(resource: Resource) -> list[str]:
    """Return what an earlier run set beside its table; anything else that the annotation holds is not ours."""
    said = str(resource.get(_ANNOTATION, "")).split()
    return [path for path in said if _OWN.fullmatch(path)]


def main() -> None:
    """Be the executable."""
    run(inject_accelerator)
