"""What of a PersistentVolumeClaim that is there cannot change, which its API server says only when it is applied.

Source: ValidatePersistentVolumeClaimUpdate of kubernetes/kubernetes v1.37, pkg/apis/core/validation/validation.go: the
spec is immutable but for requests of a bound claim, which only grow.
"""

from __future__ import annotations

from typing import Any

from krm_inference.domain.amounts import amount

KIND = "PersistentVolumeClaim"
# The fields of an intent that a cache's claim follows from.
FIELDS = {
    "accessModes": "spec.weights.cache.accessMode",
    "storageClassName": "spec.weights.cache.storageClassName",
    "resources.requests.storage": "spec.weights.cache.size",
}
FIXED = ("accessModes", "storageClassName", "volumeName")
SIZE = "resources.requests.storage"


def refusals(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str]]:
    """Return each field of a claim's spec that the API server will not take any more, and what it was and would be."""
    found = [
        (field, f"{_shown(before.get(field))} cannot become {_shown(after.get(field))}")
        for field in FIXED
        if before.get(field) != after.get(field)
    ]
    was, now = _size(before), _size(after)
    if (amount(now) or 0) < (amount(was) or 0):
        found.append((SIZE, f"{was} cannot shrink to {now}"))
    return found


def _shown(value: Any) -> str:
    if value is None:
        return "none"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value) or '""'


def _size(spec: dict[str, Any]) -> str:
    value: Any = spec
    for step in SIZE.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return str(value or "0")
