"""How many Pods a workload makes: at the most, and while it replaces them."""

from __future__ import annotations

import math
from collections.abc import Callable

from krm_inference.manifests.index import Index, meets
from krm_inference.manifests.objects import Field, Object
from krm_inference.manifests.pods import pods
from krm_inference.manifests.quantities import whole

# What scales a workload: kind, the field with the most replicas, and the number where that is not set.
_SCALERS = (
    (("autoscaling", "HorizontalPodAutoscaler"), "spec.maxReplicas", None),
    (("keda.sh", "ScaledObject"), "spec.maxReplicaCount", 100),
)
# How many Pods a workload makes; a DaemonSet has as many as there are nodes.
_COUNTS = {
    "Pod": None,
    "Job": "spec.parallelism",
    "Deployment": "spec.replicas",
    "StatefulSet": "spec.replicas",
    "ReplicaSet": "spec.replicas",
    "LeaderWorkerSet": "spec.replicas",
}
_QUARTER = "25%"


def most(index: Index, owner: Object) -> tuple[Field, int | None]:
    """Return the most Pods of a workload, and the field that says so; None where only the cluster knows."""
    path = _COUNTS.get(owner.kind)
    field = owner.at(path) if path else owner.at("metadata.name")
    count = field.number if path and field.exists else 1
    for scaler, highest in index.derive(_scaled).get(owner, ()):
        if count is not None and highest > count:
            field, count = scaler, highest
    return field, count if owner.kind in _COUNTS else None


def roll_out(owner: Object) -> Field:
    """Return the field with how many replicas more, and how many fewer, a workload may have while it replaces them."""
    is_group = owner.kind == "LeaderWorkerSet"
    return owner.at("spec.rolloutStrategy.rollingUpdateConfiguration" if is_group else "spec.strategy.rollingUpdate")


def rolling(owner: Object, count: int) -> tuple[int, int]:
    """Return how many replicas more, and how many fewer, a workload may have while it replaces so many of them."""
    if owner.kind == "LeaderWorkerSet":
        more, fewer = (roll_out(owner)[name] for name in ("maxSurge", "maxUnavailable"))
        return (
            _part(more, count, math.ceil) if more.exists else 0,
            _part(fewer, count, math.floor) if fewer.exists else 1,
        )
    strategy = owner.at("spec.strategy")
    if owner.kind != "Deployment" or strategy["type"].text == "Recreate":
        return 0, 0
    surge = _part(strategy.at("rollingUpdate.maxSurge"), count, math.ceil)
    unavailable = _part(strategy.at("rollingUpdate.maxUnavailable"), count, math.floor)
    return surge, unavailable if surge or unavailable else 1


def _part(field: Field, count: int, rounded: Callable[[float], int]) -> int:
    value = field.value if field.exists else _QUARTER
    number = whole(value.removesuffix("%")) if isinstance(value, str) else None
    if number is not None:
        return rounded(count * number / 100) if str(value).endswith("%") else number
    return field.number or 0


def _scaled(index: Index) -> dict[Object, list[tuple[Field, int]]]:
    """Return the fields with the most replicas of each workload that something scales."""
    by_name: dict[tuple[str, str], list[Object]] = {}
    for pod in pods(index):
        by_name.setdefault((pod.object.kind, pod.object.name), []).append(pod.object)
    found: dict[Object, list[tuple[Field, int]]] = {}
    for kind, path, default in _SCALERS:
        for scaler in index.of(kind):
            target, field = scaler.at("spec.scaleTargetRef"), scaler.at(path)
            most = field.number if field.exists else default
            for owner in by_name.get((target["kind"].text or "Deployment", target["name"].text), ()):
                if most is not None and meets(owner.namespace, scaler.namespace):
                    found.setdefault(owner, []).append((field, most))
    return found
