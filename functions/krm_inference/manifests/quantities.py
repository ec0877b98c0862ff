"""Quantities of Kubernetes: `16Gi`, `500m`, `1e3`."""

from __future__ import annotations

import math

from krm_functions_sdk.document.pattern import pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MOST_DIGITS = 18
_LONGEST = 100  # characters; more digits than that nobody means
_QUANTITY = pattern(r"([+-]?(?:\d+(?:\.\d*)?|\.\d+))(?:([eE][+-]?\d+)|([numkMGTPE]|[KMGTPE]i))?\Z")
_BINARY = {letter: 2.0 ** (10 * power) for power, letter in enumerate("KMGTPE", 1)}
_DECIMAL = {letter: 1000.0 ** (power - 3) for power, letter in enumerate("num.kMGTPE")}

_OF_NODES = "kubernetes.io/"  # what Kubernetes counts itself may be more in limits than in requests


def amount(value: Any) -> float | None:
    """Return what a quantity amounts to, or None where it is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if isinstance(value, int) and abs(value) >= 10**_LONGEST:
        return None
    match = _QUANTITY.match(str(value)) if not isinstance(value, str) or len(value) <= _LONGEST else None
    if match is None:
        return None
    number, exponent, suffix = match.groups()
    if suffix is None:
        found = float(number + (exponent or ""))
        return None if math.isinf(found) else found
    return float(number) * (_BINARY[suffix[0]] if suffix.endswith("i") else _DECIMAL[suffix])


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
