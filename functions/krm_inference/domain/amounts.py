"""What quantities of Kubernetes amount to: `16Gi`, `500m`, `1e3`."""

from __future__ import annotations

import math

from krm_functions_sdk.document.pattern import pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_LONGEST = 100  # characters; more digits than that nobody means
_QUANTITY = pattern(r"([+-]?(?:\d+(?:\.\d*)?|\.\d+))(?:([eE][+-]?\d+)|([numkMGTPE]|[KMGTPE]i))?\Z")
_BINARY = {letter: 2.0 ** (10 * power) for power, letter in enumerate("KMGTPE", 1)}
_DECIMAL = {letter: 1000.0 ** (power - 3) for power, letter in enumerate("num.kMGTPE")}


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
