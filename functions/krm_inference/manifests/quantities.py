"""Quantities of Kubernetes: `16Gi`, `500m`, `1e3`."""

from __future__ import annotations

from krm_inference.domain.amounts import amount

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MOST_DIGITS = 18
_OF_NODES = "kubernetes.io/"  # what Kubernetes counts itself may be more in limits than in requests


def whole(text: str | None) -> int | None:
    """Return the number that a text of digits is, or None where it is none, or longer than any that is meant."""
    return int(text) if text and text.isdecimal() and len(text) <= _MOST_DIGITS else None


def gib(value: Any) -> float | None:
    """Return a quantity of bytes in GiB, or None where it is none."""
    found = amount(value)
    return None if found is None else found / 2**30


def is_device(name: str) -> bool:
    """Say whether a resource is one of a device, such as nvidia.com/gpu."""
    return "/" in name and not name.startswith(_OF_NODES)
