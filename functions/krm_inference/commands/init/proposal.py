"""What is proposed for a model: hardware on which it fits, and a length for which its memory suffices.

All by the sums that render: the numbers are those of a service with the intent in question.
"""

from __future__ import annotations

from typing import Any

from krm_functions_sdk import Resource

from krm_inference.domain import intent
from krm_inference.domain.facts import models, nodes
from krm_inference.domain.facts.accelerators import ACCELERATORS, PROPOSED
from krm_inference.domain.service import LLMService
from krm_inference.domain.sizing import Sizing

_GPUS = (1, 2, 4, 8, 16)
# Requests that a server should answer at once, where several accelerators would do, and with the longest sequences.
_MANY, _LONG = 8, 4
_SHORTEST = 1024
OUTPUT = 4096  # the schema's default of spec.model.maxOutputTokens; a test compares them


def sizing(value: dict[str, Any]) -> Sizing:
    """Return the numbers of the service that an intent describes."""
    return LLMService(Resource.new(value), intent.schema().with_defaults(value)).sizing


def hardware(value: dict[str, Any], kinds: tuple[str, ...] = PROPOSED) -> list[tuple[str, int]]:
    """Return on what the model of an intent fits, the least memory bandwidth first: the accelerator and their number.

    What answers several requests at once comes before what does not. Only what the nodes of the intent's platform have.
    """
    machines = nodes.machines(value["spec"].get("platform", ""))
    model = models.known(value["spec"]["model"]["id"])
    found = []
    for kind in (kind for kind in kinds if kind in machines):
        for count in _GPUS:
            if count > max(machines[kind]) or (model and models.split_fault(model, count)):
                continue
            numbers = sizing(with_hardware(value, kind, count))
            if numbers.fitting or (not numbers.is_shape_known and numbers.cache > 0):
                is_crowded = numbers.is_shape_known and numbers.fitting < _MANY
                found.append((is_crowded, count * ACCELERATORS[kind].bandwidth, count, kind))
    return [(kind, count) for _, _, count, kind in sorted(found)]


def length(value: dict[str, Any]) -> int | None:
    """Return a longest context for which the memory suffices, None where the model's own does.

    Without one vLLM does not start where a single sequence of the model's own context does not fit.
    """
    numbers = sizing(value)
    own = numbers.demand.model.context
    if own is None or not numbers.is_shape_known or numbers.tokens >= own:
        return None
    fitting = [size for size in _lengths(own) if _sequences(value, size) >= 1]
    roomy = [size for size in fitting if size >= numbers.length and _sequences(value, size) >= _LONG]
    usual = [size for size in fitting if size >= numbers.length]
    return max(roomy, default=min(usual, default=max(fitting, default=None)))


def _lengths(own: int) -> list[int]:
    return [_SHORTEST << power for power in range(own.bit_length()) if _SHORTEST << power < own]


def _sequences(value: dict[str, Any], size: int) -> int:
    spec = value["spec"]
    return sizing({**value, "spec": {**spec, "model": {**spec["model"], **lengths(size)}}}).fitting


def lengths(size: int) -> dict[str, int]:
    """Return the fields of an intent for a longest context: no more than half of it is output."""
    return {"maxModelLen": size, **({"maxOutputTokens": size // 2} if size // 2 < OUTPUT else {})}


def with_hardware(value: dict[str, Any], kind: str, count: int) -> dict[str, Any]:
    """Return an intent with other hardware."""
    accelerator = {"type": kind, **({"count": count} if count > 1 else {})}
    return {**value, "spec": {**value["spec"], "accelerator": accelerator}}
