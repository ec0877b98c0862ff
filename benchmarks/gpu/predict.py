"""What the renderer's sums say of the servers that were measured."""

from __future__ import annotations

from typing import Any, NamedTuple

from krm_inference.domain.facts import memory as gpu_memory
from krm_inference.domain.facts import models
from krm_inference.domain.facts.accelerators import ACCELERATORS
from krm_inference.domain.facts.shapes import GIB, Model
from krm_inference.domain.sizing import Demand, Sizing, Wishes
from krm_inference.domain.step_time import time_per_output_token, time_to_first_token, time_to_read

Row = dict[str, Any]


def model(row: Row) -> Model:
    """Return the shape of a row's model, with what its facts change."""
    found = models.known(row["model"], row.get("facts"))
    assert found is not None, row["model"]
    return found


def token_ms(row: Row) -> float:
    """Return the ms between two tokens while all streams of a row decode."""
    context = row.get("context") or row["prompt_tokens"] + row["output_tokens"] / 2
    return _token(row, row["streams"], row["streams"] * context)


def first_token_ms(row: Row) -> float:
    """Return the ms until all streams of a row have their first token."""
    gpu, lora = ACCELERATORS[row["accelerator"]], bool(row["lora"])
    return time_to_first_token(model(row), gpu, row.get("tp", 1), row["streams"], row["prompt_tokens"], lora=lora)


def reading_ms(row: Row) -> float:
    """Return the ms in which a server that is busy reads the prompts of a row."""
    gpu, lora = ACCELERATORS[row["accelerator"]], bool(row["lora"])
    return time_to_read(model(row), gpu, row.get("tp", 1), row["streams"], row["prompt_tokens"], lora=lora)


class Memory(NamedTuple):
    """GiB of weights and slots for adapters on each GPU, and tokens of KV cache."""

    weights_gib: float
    kv_tokens: int


def memory(row: Row) -> Memory:
    """Return what a server's share of its GPUs holds."""
    sizing = Sizing(_demand(row, row["utilization"]), Wishes(0, 1))
    return Memory(sizing.load.weights + sizing.load.adapters, sizing.tokens)


class Bound(NamedTuple):
    """What a render says of a server: sequences at once, seconds of the longest answer, and of the shutdown timeout."""

    sequences: int
    longest_s: float
    shutdown_timeout: int


def bound(row: Row) -> Bound:
    """Return what a render derives for that KV cache, with its default preStop and safety factor, and no queue."""
    whole = Sizing(_demand(row, 1.0), Wishes(30, 1.5))
    cache = row["kv_tokens"] * whole.load.token * gpu_memory.KIB / GIB
    hardware = ACCELERATORS[row["accelerator"]]
    share = (cache + hardware.memory - whole.cache) / hardware.memory
    sizing = Sizing(_demand(row, share + 1e-9), Wishes(30, 1.5, queue=0))
    return Bound(sizing.sequences, sizing.drain.seconds, sizing.drain.shutdown_timeout)


def _demand(row: Row, share: float) -> Demand:
    prompt, output = row.get("prompt_tokens", 2048), row.get("longest", 4096)
    loras = 2 if row["lora"] else 0
    gpu = ACCELERATORS[row["accelerator"]]
    return Demand(model(row), gpu, row["tp"], prompt, output, loras, 16, share, is_share_given=True)


def lost(row: Row) -> int:
    """Return how many requests of a drain are not done when the shutdown timeout ends.

    As many as may run do so, in the order of the queue; a stream that ends makes room for the next. Between two ends
    every stream gets a token a step, and the step is that of the context at the time.
    """
    requests: int = row["requests"]
    seats: int = row["max_num_seqs"]
    shortest, spread = row["shortest"], row["longest"] - row["shortest"]
    waiting = [shortest + spread * at // max(requests - 1, 1) for at in range(requests)]
    running: list[list[float]] = []  # tokens still to come, tokens of context
    left, done = row["shutdown_timeout"] + row["before_sigterm_s"], 0
    while running or waiting:
        came = waiting[: seats - len(running)]
        del waiting[: len(came)]
        if came:
            left -= reading_ms({**row, "streams": len(came)}) / 1000
            running += [[output - 1, row["prompt_tokens"] + 1] for output in came]
        steps = max(1, min(remaining for remaining, _ in running))
        context = sum(tokens + steps / 2 for _, tokens in running)
        left -= steps * _token(row, len(running), context) / 1000
        if left < 0:
            break
        running = [[remaining - steps, tokens + steps] for remaining, tokens in running]
        done += len([None for remaining, _ in running if remaining <= 0])
        running = [stream for stream in running if stream[0] > 0]
    return requests - done


def _token(row: Row, streams: int, context: float) -> float:
    gpu, lora = ACCELERATORS[row["accelerator"]], bool(row["lora"])
    return time_per_output_token(model(row), gpu, row.get("tp", 1), streams, context, lora=lora)
