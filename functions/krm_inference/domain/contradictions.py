"""Wishes for one server that contradict one another, each with the sum and with what would resolve it."""

from __future__ import annotations

from collections.abc import Iterator

from krm_functions_sdk import ERROR, Result

from krm_inference.domain import parallel_consistency, sizing_reasons
from krm_inference.domain.facts import models
from krm_inference.domain.facts.accelerators import ACCELERATORS, NEEDED, PROPOSED
from krm_inference.domain.facts.releases import RELEASES
from krm_inference.domain.sizing import Sizing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_inference.domain.service import LLMService


def check(service: LLMService) -> Iterator[Result]:
    """Yield what contradicts itself in the numbers of a service; of one with other faults in them, nothing."""
    if not is_complete(service):
        return
    sizing = service.sizing
    if sizing.is_shape_known and not sizing.fitting:
        yield _too_small(service, sizing)
        return
    if (given := sizing.wishes.token_ms) is not None and given < sizing.fastest_ms and not sizing.demand.is_assumed:
        yield _too_fast(service, sizing)
        return
    if sizing.drain.fault:
        yield Result(ERROR, sizing.drain.fault, service.resource, "spec.drain", current=service.spec["drain"])
        return
    most = sizing.wishes.most_grace
    if most is not None and sizing.drain.grace_period > most:
        yield _too_long(service, sizing, most)


def is_complete(service: LLMService) -> bool:
    """Say whether all is there that the sums are made of, and known."""
    kind, facts = service.spec["accelerator"]["type"], service.spec["accelerator"].get("facts") or {}
    is_described = all(name in facts for name in NEEDED)
    if not (service.model and service.gpus and service.spec["model"]["maxOutputTokens"]):
        return False
    if service.spec["release"] not in RELEASES:
        return False
    if kind not in ACCELERATORS and not (kind and is_described):
        return False
    model = models.known(service.model, service.spec["model"]["facts"])
    is_even = not any(parallel_consistency.split(service))
    return is_even and not (model and models.split_fault(model, service.tensor))


def _too_small(service: LLMService, sizing: Sizing) -> Result:
    demand = sizing.demand
    ways = [
        *_shorter_sequences(service, sizing),
        *_fewer_tokens(sizing),
        "a quantized copy of the model",
        *_other_hardware(service, sizing),
    ]
    message = f"{sizing_reasons.too_small(sizing)}. It takes {_or(ways)}"
    kind = service.spec["accelerator"]["type"]
    return Result(ERROR, message, service.resource, "spec.accelerator", current=f"{demand.gpus} × {kind}")


def _too_fast(service: LLMService, sizing: Sizing) -> Result:
    demand, given = sizing.demand, sizing.wishes.token_ms
    read = demand.model.read_by(1, demand.tensor, demand.data) * demand.tensor / 1e9
    over = f" ÷ {demand.tensor} GPUs" if demand.tensor > 1 else ""
    message = (
        f"no token takes {given:g} ms: to read {read:.1f} GB of weights{over} at {demand.hardware.bandwidth:g} GB/s "
        f"takes {sizing.fastest_ms:.1f} ms. Measure it with all requests at once that it is for, or leave it out"
    )
    return Result(ERROR, message, service.resource, "spec.drain.timePerOutputTokenMs", current=given)


def _too_long(service: LLMService, sizing: Sizing, most: int) -> Result:
    output = sizing.demand.output
    said = [name for name in ("maxConcurrency", "maxQueue") if name in service.spec["server"]]
    running = f"with {sizing.sequences} at once" if sizing.sequences > 1 else "even one at a time"
    message = (
        f"{output} output tokens {running} take {sizing_reasons.grace(sizing)}, more than the {most} s of "
        f"spec.drain.maxGraceSeconds ({sizing_reasons.token(sizing)})"
    )
    ways = [*_fewer_tokens(sizing), *_fewer_sequences(sizing, said), *_other_hardware(service, sizing)]
    if ways:
        message += f". It takes {_or(ways)}"
    return Result(ERROR, message, service.resource, "spec.drain.maxGraceSeconds", current=most)


def _is_possible(sizing: Sizing) -> bool:
    most = sizing.wishes.most_grace
    fits = sizing.fitting > 0 or not sizing.is_shape_known
    return fits and (most is None or sizing.drain.grace_period <= most)


def _fewer_tokens(sizing: Sizing) -> Iterator[str]:
    """Yield the most output tokens with which the rest stays as it is."""
    low, high = 0, sizing.demand.output
    while high - low > 1:
        middle = (low + high) // 2
        shorter = Sizing(sizing.demand._replace(output=middle), sizing.wishes)
        low, high = (middle, high) if _is_possible(shorter) else (low, middle)
    if low:
        yield f"spec.model.maxOutputTokens of {low} at most"


def _shorter_sequences(service: LLMService, sizing: Sizing) -> Iterator[str]:
    """Yield the longest sequence with which the rest stays as it is, where somebody decided how long it is."""
    if service.spec["model"].get("maxModelLen") is None:
        return
    low, high = 0, sizing.demand.prompt
    while high - low > 1:
        middle = (low + high) // 2
        shorter = Sizing(sizing.demand._replace(prompt=middle), sizing.wishes)
        low, high = (middle, high) if _is_possible(shorter) else (low, middle)
    if low:
        yield f"spec.model.maxModelLen of {low + sizing.demand.output} at most"


def _fewer_sequences(sizing: Sizing, said: list[str]) -> Iterator[str]:
    """Yield how many sequences would do, where somebody decided how many."""
    free = Sizing(sizing.demand, sizing.wishes._replace(concurrency=None, queue=None))
    if said and _is_possible(free):
        yield f"spec.server.maxConcurrency of {free.sequences} with spec.server.maxQueue of {free.queue}"


def _other_hardware(service: LLMService, sizing: Sizing) -> Iterator[str]:
    """Yield the least other hardware with which all stays as it is: more of the same GPUs, or the slowest other one."""
    demand, kind = sizing.demand, service.spec["accelerator"]["type"]
    for gpus in (2, 4, 8, 16):
        more = Sizing(demand._replace(gpus=gpus), sizing.wishes)
        if demand.gpus < gpus <= service.accelerator.most and _fits(more):
            yield f"spec.accelerator.count of {gpus}"
            break
    known = ((name, ACCELERATORS[name]) for name in PROPOSED)
    for name, other in sorted(known, key=lambda item: item[1].bandwidth):
        if name != kind and demand.gpus <= other.most and _fits(Sizing(demand._replace(hardware=other), sizing.wishes)):
            yield f"spec.accelerator.type {name}"
            break


def _fits(sizing: Sizing) -> bool:
    demand = sizing.demand
    if demand.gpus % (demand.pipeline * demand.data) or models.split_fault(demand.model, demand.tensor):
        return False
    return _is_possible(sizing)


def _or(ways: list[str]) -> str:
    return " or ".join(filter(None, (", ".join(ways[:-1]), ways[-1])))
