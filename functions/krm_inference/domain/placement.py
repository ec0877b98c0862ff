"""Placement: the labels and taints of the nodes that a replica needs, on its platform."""

from __future__ import annotations

from krm_functions_sdk import because

from krm_inference.domain.facts import nodes
from krm_inference.domain.facts.accelerators import Accelerator
from krm_inference.domain.facts.platforms import PLATFORMS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def labels(platform: str, kind: str, accelerator: Accelerator, count: int) -> dict[str, Any]:
    """Return the labels of the nodes of a platform that have `count` GPUs of a kind, each with its reason."""
    here, known = PLATFORMS[platform], nodes.known(platform, kind)
    machine, size = accelerator.machine(count), accelerator.size(count)
    if known and not known.value:
        return {here.accelerator_label: because(machine, f"{size} × {kind}, the smallest that has {count}")}
    value = known.value if known else kind
    label = {known.label if known and known.label else here.accelerator_label: _explained(value, machine)}
    if here.count_label:
        label[here.count_label] = because(str(size), _count_reason(kind, size, count))
    return label


def tolerations(platform: str) -> list[dict[str, str]]:
    """Return the tolerations of the taints that a platform's nodes with GPUs have."""
    here = PLATFORMS[platform]
    own = {"key": here.gpu_resource, "operator": "Exists", "effect": "NoSchedule"}
    more = [{"key": key, "operator": "Equal", "value": value, "effect": "NoSchedule"} for key, value in here.taints]
    return [own, *more]


def _explained(value: str, machine: str) -> Any:
    return because(value, f"for example {machine}") if machine and machine != value else value


def _count_reason(kind: str, size: int, count: int) -> str:
    if size > count:
        return f"no machine with {kind} has fewer; without this line each Pod gets one of its own"
    return "GPUs of the machine; without this line each Pod gets one of its own"
