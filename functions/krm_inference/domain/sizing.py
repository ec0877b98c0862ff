"""One set of numbers for a server: what it holds, how many it answers at once, how fast, and how long it takes to stop.

All follow from one another. The share of GPU memory leaves room for what lies outside of it; what weights leave of the
share is KV cache; that holds so many sequences of the longest prompt and the longest output; so many make a token take
so long; and the longest answer takes as long as all its tokens, times what waits in the queue. Each number comes with
its sum. Estimates are within 20 % of what was measured (docs/numbers.md); the safety factor covers that.
"""

from __future__ import annotations

import math
from functools import cached_property

from krm_inference.domain.drain import Drain
from krm_inference.domain.facts import memory
from krm_inference.domain.facts.shapes import GIB, Model
from krm_inference.domain.record import Record
from krm_inference.domain.step_time import COSTS, Step, fastest, prefill, step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Protocol

    from krm_inference.domain.step_time import Hardware

    class Card(Hardware, Protocol):
        """What is asked of a GPU: what a step needs to know, and the GiB that a process gets of it."""

        @property
        def memory(self) -> float: ...


# The longest prompt that numbers are for, where nobody says one.
PROMPT = 2048
# vLLM's own default of --max-num-seqs on most GPUs; more sequences only share the same compute.
MOST_SEQUENCES = 256
# Sequences of a model whose cache is not known.
UNKNOWN_SEQUENCES = 32
GRAPH_STEP = 8
# A sum is at most by this factor too small.
ERROR = 1.2


class Demand(Record):
    """What a server is told to serve.

    `model` has a shape, or at least a size (`is_assumed` where even that is a guess); `hardware` is one of its `gpus`.
    `prompt` and `output` are the longest ones in tokens, `loras` and `rank` the slots for adapters. `utilization` is
    vLLM's default share of GPU memory, or the one that `is_share_given`. `cache_bytes` are those of a cache entry.
    `pipeline` stages have each its share of the layers and of the GPUs; a token passes one after the other.
    `shared_by` servers take turns on each GPU and divide its memory. `data` engines have each a share of the GPUs, and
    all numbers of requests are those of one engine.
    """

    model: Model
    hardware: Card
    gpus: int
    prompt: int
    output: int
    loras: int
    rank: int
    utilization: float
    is_share_given: bool = False
    is_assumed: bool = False
    cache_bytes: float = 2.0
    pipeline: int = 1
    shared_by: int = 1
    data: int = 1

    @property
    def tensor(self) -> int:
        """GPUs that share every layer of a stage of one engine."""
        return self.gpus // (self.pipeline * self.data)


class Wishes(Record):
    """What somebody decided of the numbers; None leaves a number to be derived.

    `token_ms` is the time of a token in ms, `prefill_share` the time for prompts as a share of that for outputs, both
    of the longest answer. `concurrency` bounds the sequences that run, `queue` those that wait (0 if the release cannot
    bound them: `can_bound_queue`). `most_grace` is the longest grace period in seconds.
    """

    pre_stop: int
    safety_factor: float
    token_ms: float | None = None
    prefill_share: float | None = None
    concurrency: int | None = None
    queue: int | None = None
    most_grace: int | None = None
    can_bound_queue: bool = True


class Sizing:
    """The numbers of one server."""

    def __init__(self, demand: Demand, wishes: Wishes) -> None:
        self.demand = demand
        self.wishes = wishes

    @property
    def length(self) -> int:
        """Tokens of the longest prompt and the longest output together."""
        return self.demand.prompt + self.demand.output

    # What it holds.

    @cached_property
    def load(self) -> memory.Load:
        """What the server puts into each GPU, for one sequence of the longest."""
        demand = self.demand
        split = (demand.tensor, demand.pipeline)
        return memory.Load(
            demand.model, self.length, *split, demand.loras, demand.rank, demand.cache_bytes, demand.data
        )

    @property
    def outside(self) -> float:
        """GiB that the server takes of each GPU beside its share."""
        return memory.outside(self.sequences, self.demand.gpus)

    @cached_property
    def utilization(self) -> float:
        """The share of each GPU's memory for weights, activations and KV cache."""
        demand = self.demand
        if demand.is_share_given:
            return demand.utilization
        # As many sequences as the default share would hold: with a smaller one there are not more.
        at_most = self._fitting(demand.utilization) or self.wishes.concurrency or MOST_SEQUENCES
        spare = memory.outside(min(at_most, MOST_SEQUENCES), demand.gpus)
        room = 1 / demand.shared_by - spare / demand.hardware.memory
        return max(0.01, min(demand.utilization, math.floor(100 * room) / 100))

    @property
    def has_default_utilization(self) -> bool:
        """Say whether vLLM takes this share by itself."""
        is_default = self.utilization == self.demand.utilization and self.demand.shared_by == 1
        return is_default and not self.demand.is_share_given

    @property
    def budget(self) -> float:
        """GiB of each GPU that vLLM takes as its share."""
        return self.demand.hardware.memory * self.utilization

    @property
    def cache(self) -> float:
        """GiB of KV cache on each GPU; 0 or less where the rest does not even fit."""
        return self._cache(self.utilization)

    def _cache(self, share: float) -> float:
        load = self.load
        return self.demand.hardware.memory * share - load.weights - load.adapters - load.activations

    def _fitting(self, share: float) -> int:
        return int(self._cache(share) / self.load.sequence) if self.load.sequence else 0

    @cached_property
    def is_shape_known(self) -> bool:
        """Say whether the cache of a sequence is known."""
        return self.load.sequence > 0

    @property
    def tokens(self) -> int:
        """Tokens that the KV cache holds, 0 where the shape does not say it."""
        return max(0, int(self.cache * GIB / memory.KIB / self.load.token)) if self.load.token else 0

    @cached_property
    def fitting(self) -> int:
        """Sequences of the longest prompt and output that the KV cache holds, 0 where that cannot be known."""
        return max(0, self._fitting(self.utilization))

    # How many at once.

    @property
    def sequences(self) -> int:
        """The most sequences that run at once."""
        return self._seating[0]

    @property
    def queue(self) -> int:
        """How many more may wait: half as many as run, one at least, where the release can bound them."""
        return self._seating[1]

    @cached_property
    def _seating(self) -> tuple[int, int]:
        """How many run and how many wait: as many as there is memory for, and the longest grace period allows."""
        wishes = self.wishes
        if wishes.concurrency is not None:
            return wishes.concurrency, self._queue(wishes.concurrency)
        numbers = [*reversed(seats(self.roomy))]
        if wishes.token_ms is not None:
            # What was measured or is promised holds for so many, by the sums and their error.
            numbers = [number for number in numbers if self.step(number).ms <= wishes.token_ms * ERROR] or [1]
        most = wishes.most_grace
        if most is None:
            return numbers[0], self._queue(numbers[0])
        with_queue = ((number, self._queue(number)) for number in numbers)
        without = ((number, wishes.queue or 0) for number in numbers)
        short = (found for found in (*with_queue, *without) if self._drain(*found).grace_period <= most)
        return next(short, (1, wishes.queue or 0))

    @property
    def roomy(self) -> int:
        """The most sequences for which there is memory, a number for which vLLM captures a graph."""
        if not self.is_shape_known:
            return UNKNOWN_SEQUENCES
        return max(1, seat(min(self.fitting, MOST_SEQUENCES)))

    def _queue(self, sequences: int) -> int:
        if not self.wishes.can_bound_queue:
            return 0
        return self.wishes.queue if self.wishes.queue is not None else max(1, sequences // 2)

    # How fast.

    @property
    def in_step(self) -> int:
        """The sequences that are in a step: no more than fit."""
        return self._in_step(self.sequences)

    def _in_step(self, sequences: int) -> int:
        return min(sequences, self.fitting) if self.fitting else sequences

    def step(self, sequences: int) -> Step:
        """Return the step in which so many answers are half way, in the mean of all their steps."""
        demand = self.demand
        tokens = sequences * (demand.prompt + demand.output / 2)
        found = step(
            demand.model,
            demand.hardware,
            tensor=demand.tensor,
            streams=sequences,
            tokens=tokens,
            lora=demand.loras > 0,
            cache_bytes=demand.cache_bytes,
            data=demand.data,
        )
        if self.is_shape_known:
            return found
        # Whatever the cache of a token: no more than all of the share can be read.
        room = max(0.0, self.budget - self.load.weights) * GIB / (demand.hardware.bandwidth * 1e6 * COSTS.cache)
        return found._replace(cache=room)

    @cached_property
    def token_ms(self) -> float:
        """Time of one token of the longest answer in ms, with two digits behind the point."""
        return self._token_ms(self.sequences)

    def _token_ms(self, sequences: int) -> float:
        if self.wishes.token_ms is not None:
            return self.wishes.token_ms
        return math.ceil(self.step(self._in_step(sequences)).ms * 10) / 10

    def _prefill_share(self, sequences: int) -> float:
        if self.wishes.prefill_share is not None:
            return self.wishes.prefill_share
        # While an answer is written, each of the others is replaced by one whose prompt has to be read.
        prompts = self._in_step(sequences) * self.prompt_ms
        return math.ceil(100 * prompts / (self.demand.output * self._token_ms(sequences))) / 100

    @cached_property
    def prompt_ms(self) -> float:
        """Time to read one of the longest prompts in ms."""
        demand = self.demand
        return prefill(demand.model, demand.hardware, demand.tensor, demand.prompt, lora=demand.loras > 0)

    @property
    def tokens_per_second(self) -> float:
        """Output tokens in a second of one replica with all its sequences running."""
        share = 1 + self._prefill_share(self.sequences)
        return self.demand.data * self.in_step * 1000 / (self.token_ms * share)

    # How long it takes to stop.

    @cached_property
    def drain(self) -> Drain:
        """The times of a shutdown."""
        return self._drain(*self._seating)

    def _drain(self, sequences: int, queue: int) -> Drain:
        running = self._in_step(sequences)
        waiting = sequences - running + queue
        wishes = self.wishes
        return Drain(
            self.demand.output,
            self._token_ms(sequences),
            self._prefill_share(sequences),
            wishes.pre_stop,
            wishes.safety_factor,
            math.ceil(100 * waiting / running) / 100,
        )

    @property
    def fastest_ms(self) -> float:
        """The least time of a token in ms: reading all weights once, at the data sheet's rate."""
        return fastest(self.demand.model, self.demand.hardware, self.demand.tensor, self.demand.data)


def seat(number: int) -> int:
    """Return the largest number of sequences up to this one for which vLLM captures a CUDA graph of its size."""
    return number if number < GRAPH_STEP else number // GRAPH_STEP * GRAPH_STEP


def seats(most: int) -> list[int]:
    """Return all such numbers up to `most`."""
    return list(_seats(most))


def _seats(most: int) -> Iterator[int]:
    yield from range(1, min(most, GRAPH_STEP - 1) + 1)
    yield from range(GRAPH_STEP, most + 1, GRAPH_STEP)
