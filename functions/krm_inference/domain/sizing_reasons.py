"""Why each number of a server is what it is, as its line says it."""

from __future__ import annotations

from krm_inference.domain.facts.shapes import GIB
from krm_inference.domain.sizing import MOST_SEQUENCES, UNKNOWN_SEQUENCES, Sizing
from krm_inference.domain.step_time import COSTS


def sequences(sizing: Sizing) -> str:
    """Return why so many requests run at once."""
    number, wishes, queue = sizing.sequences, sizing.wishes, ""
    if not wishes.can_bound_queue:
        queue = (
            f"; this vLLM bounds no queue: {number} that wait take {sizing.drain.answer_seconds:.0f} s more to drain"
        )
    if wishes.concurrency is not None:
        fit = f"; {sizing.fitting} fit, the others wait" if number > sizing.fitting > 0 else ""
        return f"from server.maxConcurrency{fit}{queue}"
    if not sizing.is_shape_known:
        return f"{UNKNOWN_SEQUENCES} assumed: model.facts does not say the size of the KV cache{queue}"
    if number < sizing.roomy:
        reason = f"of {sizing.roomy} that fit, {_bound(sizing)}"
    elif sizing.fitting > MOST_SEQUENCES:
        reason = f"{sizing.fitting} would fit, and more than {MOST_SEQUENCES} share the same compute"
    else:
        each = f"{_mib(sizing.load.sequence)} for {sizing.demand.prompt} + {sizing.demand.output} tokens"
        graph = ", a multiple of 8 below" if number < sizing.fitting else ""
        reason = f"{sizing.cache:.1f} GiB of KV cache ÷ {each} = {sizing.fitting}{graph}"
    return f"{reason}{queue}"


def _bound(sizing: Sizing) -> str:
    if sizing.wishes.most_grace is not None:
        return f"as many as drain.maxGraceSeconds ({sizing.wishes.most_grace}) leaves time for"
    return f"as many as keep to the {sizing.token_ms:g} ms of drain.timePerOutputTokenMs"


def queue(sizing: Sizing) -> str:
    """Return why so many requests are taken in at once."""
    share = sizing.drain.queue_share
    source = "from server.maxQueue" if sizing.wishes.queue is not None else "half as many"
    longer = f", which makes a drain {1 + share:g} times as long" if share else ""
    engines = f", on each of {sizing.demand.data} engines" if sizing.demand.data > 1 else ""
    return f"{sizing.sequences} that run + {sizing.queue} that wait ({source}){engines}{longer}; others get 503 at once"


def utilization(sizing: Sizing) -> str:
    """Return why vLLM takes this share of each GPU's memory."""
    gpu, spare = sizing.demand.hardware.memory, sizing.outside
    default, pods = sizing.demand.utilization, sizing.demand.shared_by
    if pods > 1:
        return f"{gpu:g} GiB ÷ {pods} Pods that share it; {spare:.1f} GiB of each lie outside, for context and graphs"
    return (
        f"{gpu:g} GiB - {spare:.1f} GiB outside of it for CUDA context and graphs; the default {default:g} leaves less"
    )


def token(sizing: Sizing) -> str:
    """Return why a token takes as long as it does."""
    if sizing.wishes.token_ms is not None:
        return f"a token takes {sizing.token_ms:g} ms, from drain.timePerOutputTokenMs"
    demand, took = sizing.demand, sizing.step(sizing.in_step)
    rate = demand.hardware.bandwidth
    read = demand.model.read_by(sizing.in_step, demand.tensor, demand.data) / 1e9
    cached = took.cache * rate * 1e6 * COSTS.cache / 1e9
    held = f"{cached:.1f} GB of cache" if sizing.is_shape_known else f"at most {cached:.1f} GB of cache"
    rest = took.ms - took.weights - took.cache
    also = ["to compute", "launch", *(["add LoRA"] if took.lora else []), *(["exchange"] if took.exchange else [])]
    named = f"{', '.join(also[:-1])} and {also[-1]}"
    reading = f"{read:.1f} GB of weights ÷ {rate * COSTS.weights:.0f} GB/s + {held} ÷ {rate * COSTS.cache:.0f} GB/s"
    return f"a token takes {reading} + {rest:.1f} ms {named} = {sizing.token_ms:g} ms"


def too_small(sizing: Sizing) -> str:
    """Return the sum by which not one sequence fits."""
    demand = sizing.demand
    share = f"{demand.hardware.memory:g} GiB × {sizing.utilization:g} = {sizing.budget:.1f} GiB"
    activations = sizing.load.activations
    needed = sizing.load.total + activations
    return (
        f"{sizing.load.sum} + {activations:.1f} GiB for activations = {needed:.1f} GiB on each GPU, of which vLLM "
        f"may take {share}"
    )


def grace(sizing: Sizing) -> str:
    """Return the sum of the grace period."""
    return f"{sizing.drain.grace_reason} = {sizing.drain.grace_period} s"


def _mib(gib: float) -> str:
    return f"{gib:.2g} GiB" if gib >= 1 else f"{gib * GIB / 2**20:.0f} MiB"
