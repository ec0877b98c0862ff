"""The safety factor by which a service leaves as much time to drain as people do.

Less time than follows from model and hardware is not brought about: it cuts requests off, which is said instead.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from krm_functions_sdk import Resource

from krm_inference.domain import intent as intents
from krm_inference.domain.service import LLMService

_MOST = 10.0  # of `drain.safetyFactor`
_STEP = 1000  # factors are tried by the thousandth, the roundest first


def factor(intent: dict[str, Any], grace: int) -> float | int | None:
    """Return the roundest factor from which a longer grace period follows, None where none does."""
    drain = LLMService(Resource.new(intent), intents.schema().with_defaults(intent)).drain
    if grace <= drain.grace_period:
        return None

    def follows(thousandths: int) -> int:
        return drain._replace(safety_factor=thousandths / _STEP).grace_period

    least = _first(lambda at: follows(at) >= grace)
    beyond = _first(lambda at: follows(at) > grace)
    for step in (_STEP, _STEP // 2, _STEP // 10, _STEP // 20, _STEP // 100, 1):
        found = math.ceil(least / step) * step
        if found < beyond and found <= _MOST * _STEP:
            return found / _STEP if found % _STEP else found // _STEP
    return None


def _first(holds: Callable[[int], bool]) -> int:
    """Return the first thousandths from which on something holds."""
    low, high = _STEP, int(_MOST * _STEP) + 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low
