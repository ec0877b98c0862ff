"""Placement: the labels and taints of the nodes that a replica needs, on its platform."""

from __future__ import annotations

from krm_functions_sdk import because

from krm_inference.domain.facts import nodes
from krm_inference.domain.facts.accelerators import Accelerator
from krm_inference.domain.facts.backends import BACKENDS
from krm_inference.domain.facts.platforms import PLATFORMS
from krm_inference.domain.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_PARTITION = "cloud.google.com/gke-gpu-partition-size"
_STRATEGY = "cloud.google.com/gke-gpu-sharing-strategy"
_CLIENTS = "cloud.google.com/gke-max-shared-clients-per-gpu"
_REPLICAS = "nvidia.com/gpu.replicas"
_TPU, _TOPOLOGY = "cloud.google.com/gke-tpu-accelerator", "cloud.google.com/gke-tpu-topology"
# How the chips of one machine stand (GKE, Plan TPUs: single-host slices of v5e and v6e).
_TOPOLOGIES = {1: "1x1", 4: "2x2", 8: "2x4"}
_ARM = "kubernetes.io/arch"


class Part(Record):
    """What a Pod takes of a GPU where that is not all of it: a MIG slice by its name, or one of several Pods' turns."""

    partition: str = ""
    shared_by: int = 1

    @property
    def is_whole(self) -> bool:
        """Say whether nothing but the Pod is on its GPUs."""
        return not self.partition and self.shared_by == 1


_WHOLE = Part()


def labels(platform: str, kind: str, accelerator: Accelerator, count: int, part: Part = _WHOLE) -> dict[str, Any]:
    """Return the labels of the nodes of a platform that have `count` of an accelerator, each with its reason."""
    here, known = PLATFORMS[platform], nodes.known(platform, kind)
    machine, size = accelerator.machine(count), accelerator.size(count)
    if accelerator.backend == "cpu":
        return {}
    if accelerator.backend == "tpu":
        return {
            _TPU: _explained(kind, machine),
            _TOPOLOGY: because(_TOPOLOGIES.get(size, f"1x{size}"), f"{size} chips of one machine"),
        }
    if known and not known.value:
        return {here.accelerator_label: because(machine, f"{size} × {kind}, the smallest that has {count}")}
    value = (known.value if known else kind) + ("" if here.is_gke else _suffix(part))
    label = {known.label if known and known.label else here.accelerator_label: _explained(value, machine)}
    if here.count_label:
        label[here.count_label] = because(str(size), _count_reason(kind, size, count))
    return {**label, **(_gke_part(part) if here.is_gke else _discovered_part(part))}


def _suffix(part: Part) -> str:
    """Return what GPU feature discovery writes behind the name of a GPU."""
    if part.partition:
        return f"-MIG-{part.partition}"
    return "-SHARED" if part.shared_by > 1 else ""


def _gke_part(part: Part) -> dict[str, Any]:
    if part.partition:
        return {_PARTITION: because(part.partition, "a slice of a GPU, by MIG")}
    if part.shared_by > 1:
        return {_STRATEGY: "time-sharing", _CLIENTS: because(str(part.shared_by), "Pods on each GPU")}
    return {}


def _discovered_part(part: Part) -> dict[str, Any]:
    return {_REPLICAS: because(str(part.shared_by), "Pods on each GPU")} if part.shared_by > 1 else {}


def tolerations(platform: str, accelerator: Accelerator) -> list[dict[str, str]]:
    """Return the tolerations of the taints that a platform's nodes with an accelerator have."""
    here, resource = PLATFORMS[platform], BACKENDS[accelerator.backend].resource
    if not resource:
        return []
    own = {"key": resource, "operator": "Exists", "effect": "NoSchedule"}
    taints = (*here.taints, *(((_ARM, "arm64"),) if accelerator.is_arm else ()))
    more = [{"key": key, "operator": "Equal", "value": value, "effect": "NoSchedule"} for key, value in taints]
    return [own, *more]


def devices(accelerator: Accelerator, count: int) -> dict[str, str]:
    """Return the extended resources that a container asks for, none where it needs no device."""
    resource = BACKENDS[accelerator.backend].resource
    return {resource: str(count)} if resource else {}


def whole_fault(kind: str, accelerator: Accelerator, count: int) -> str:
    """Return why no Pod may have so many of an accelerator, "" where one may: some machines are not divided."""
    backend = BACKENDS[accelerator.backend]
    if not backend.is_whole or count in accelerator.machines or count > accelerator.most:
        return ""
    sizes = [str(size) for size in sorted(accelerator.machines)]
    expected = f"{', '.join(sizes[:-1])} or {sizes[-1]}"
    return f"a Pod takes all {backend.unit}s of a machine with {kind}; expected {expected}"


def _explained(value: str, machine: str) -> Any:
    return because(value, f"for example {machine}") if machine and machine != value else value


def _count_reason(kind: str, size: int, count: int) -> str:
    if size > count:
        return f"no machine with {kind} has fewer; without this line each Pod gets one of its own"
    return "GPUs of the machine; without this line each Pod gets one of its own"
