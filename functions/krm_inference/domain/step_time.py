"""The time of one step of a server, from what its GPUs read and compute.

A step gives every stream one token. It reads the weights once and the cache of every stream, at a share of the memory's
bandwidth; it computes with every active parameter for every stream; several GPUs exchange each layer's result twice;
launching kernels costs a little in each layer, and with experts or LoRA adapters more. Meanwhile the processor samples
and schedules for every stream. Shares and costs are fitted to measurements (`COSTS`), everything else is a fact of the
model or of the accelerator.
"""

from __future__ import annotations

import math

from krm_inference.domain.facts.models import Model
from krm_inference.domain.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class Hardware(Protocol):
        """What is asked of a GPU: GB/s of its memory, dense TFLOPS, and GB/s of its links to the others, both ways."""

        @property
        def bandwidth(self) -> float: ...
        @property
        def bf16(self) -> float: ...
        @property
        def fp8(self) -> float: ...
        @property
        def link(self) -> float: ...


class Costs(Record):
    """What was fitted: shares of the data sheets' figures that a server reaches, and times that no sheet has.

    `weights` and `cache` are shares of the memory's bandwidth, `compute` of the peak in decoding, `prefill` of the peak
    in reading prompts, `mixture` the share of that which is left where tokens choose experts, `adapted` where a request
    names an adapter. The rest is in ms: `start` of a step without any work, `layer` for each layer, `expert` for each
    layer with experts, `lora` for each layer where a request names an adapter, `exchange` for one exchange between
    GPUs, and `host` for what the processor does for each stream meanwhile.
    A step that reads prompts launches its kernels one by one: it takes no less than `reading`, and `reading_layer` for
    each layer. Of requests that arrive together the first is read alone, so that all need such steps `arrivals` times;
    the API server takes `request` for each.
    """

    weights: float
    cache: float
    compute: float
    prefill: float
    mixture: float
    adapted: float
    start: float
    layer: float
    expert: float
    lora: float
    exchange: float
    host: float
    reading: float
    reading_layer: float
    arrivals: float
    request: float


# Fitted to 59 rows of benchmarks/gpu, of which none is off by more than 20 %, 7 % in the mean: one and two
# H200, vLLM 0.26, models of 1 to 70 billion parameters, one of them in FP8 and one a mixture, 1 to 256 streams.
# The last four to the times to the first token of 53 rows, of which the half is off by less than 10 %, and none by more
# than 35 % but for single prompts of 2,000 tokens (up to 53 %) and four rows in which vLLM compiled for a shape.
COSTS = Costs(0.81, 0.95, 1.0, 0.6, 0.65, 0.8, 0.74, 0.006, 0.031, 0.061, 0.014, 0.027, 8, 0.35, 1.75, 0.85)
_EIGHT_BIT = ("fp8", "int8", "nvfp4")


class Step(Record):
    """One step, term by term, in ms; `host` is what the processor does while the GPUs work."""

    weights: float
    cache: float
    compute: float
    launch: float
    lora: float
    exchange: float
    host: float

    @property
    def gpu(self) -> float:
        """What the GPUs take."""
        return self.weights + self.cache + self.compute + self.launch + self.lora + self.exchange

    @property
    def ms(self) -> float:
        """The whole step, which is the time of each stream's token: mostly the longer of what GPUs and host take."""
        return math.hypot(self.gpu, self.host)


def step(
    model: Model,
    hardware: Hardware,
    *,
    tensor: int = 1,
    streams: float = 1,
    tokens: float = 0,
    lora: bool = False,
    cache_bytes: float = 2.0,
    data: int = 1,
    costs: Costs = COSTS,
) -> Step:
    """Return the step of a server that answers `streams` requests with `tokens` of context in all.

    `tensor` GPUs share the work. A shape that does not say its layers or its cache counts without them. Of `data`
    engines this is one, while each of the others does the same: experts are shared out over the GPUs of all, and tokens
    are exchanged among these once in a layer, at the rate of the links inside a machine (not measured).
    """
    layers = model.layers or 0
    bandwidth = hardware.bandwidth * 1e6  # bytes per ms
    held = model.cache(tokens / streams, tensor, cache_bytes) or 0.0
    compute = 2 * model.used * 1e9 * streams / tensor / (_peak(model, hardware) * 1e9 * costs.compute)
    return Step(
        model.read_by(streams, tensor, data) / (bandwidth * costs.weights),
        held * streams / (bandwidth * costs.cache),
        compute,
        costs.start + costs.layer * layers + (costs.expert * layers if model.active else 0.0),
        costs.lora * layers if lora else 0.0,
        layers * (_exchange(model, hardware, tensor, streams, costs) if tensor > 1 else 0.0)
        + layers * (_exchange(model, hardware, tensor * data, streams * data, costs) if tensor * data > 1 else 0.0),
        costs.host * streams,
    )


def time_per_output_token(
    model: Model,
    hardware: Hardware,
    tensor: int,
    streams: float,
    tokens: float,
    *,
    lora: bool = False,
    cache_bytes: float = 2.0,
) -> float:
    """Return the ms between two tokens of an answer while `streams` hold `tokens` of context in all."""
    return step(model, hardware, tensor=tensor, streams=streams, tokens=tokens, lora=lora, cache_bytes=cache_bytes).ms


def prefill(
    model: Model, hardware: Hardware, tensor: int, tokens: float, *, lora: bool = False, costs: Costs = COSTS
) -> float:
    """Return the ms in which a server reads `tokens` of a prompt: two operations a parameter, and attention.

    Attention multiplies every token with all before it: 4 × layers × heads × head size operations for each pair.
    """
    pairs = tokens * tokens / 2
    attention = 4 * (model.layers or 0) * (model.heads or 0) * (model.head_size or 0) * pairs
    operations = 2 * model.used * 1e9 * tokens + attention
    share = costs.prefill * (costs.mixture if model.active else 1) * (costs.adapted if lora else 1)
    return operations / tensor / (_peak(model, hardware) * 1e9 * share)


def time_to_read(
    model: Model, hardware: Hardware, tensor: int, prompts: float, tokens: float, *, lora: bool = False
) -> float:
    """Return the ms in which the GPUs of a server that is busy read `prompts`, each of `tokens`."""
    once = step(model, hardware, tensor=tensor, streams=prompts, tokens=prompts * tokens, lora=lora)
    return prompts * prefill(model, hardware, tensor, tokens, lora=lora) + once.ms


def time_to_first_token(
    model: Model, hardware: Hardware, tensor: int, prompts: float, tokens: float, *, lora: bool = False
) -> float:
    """Return the ms until `prompts` of so many tokens that arrive together at an idle server have their first token."""
    return answered(model, time_to_read(model, hardware, tensor, prompts, tokens, lora=lora), prompts)


def answered(model: Model, read: float, prompts: float = 1, costs: Costs = COSTS) -> float:
    """Return the ms until the first tokens of `prompts`, which GPUs read in `read` ms, are with their clients."""
    launches = (costs.reading + costs.reading_layer * (model.layers or 0)) * (costs.arrivals if prompts > 1 else 1)
    return max(read, launches) + costs.request * prompts


def fastest(model: Model, hardware: Hardware, tensor: int, data: int = 1) -> float:
    """Return the ms in which the memory can be read once, at the data sheet's rate: no token takes less."""
    return model.read_by(1, tensor, data) / (hardware.bandwidth * 1e6)


def _peak(model: Model, hardware: Hardware) -> float:
    return hardware.fp8 if model.dtype in _EIGHT_BIT else hardware.bf16


def _exchange(model: Model, hardware: Hardware, tensor: int, streams: float, costs: Costs) -> float:
    """Return the ms of one all-reduce: a fixed part, and each GPU sends and gets its share twice."""
    size = streams * (model.hidden or 0) * 2
    return costs.exchange + 2 * (tensor - 1) / tensor * size / (hardware.link / 2 * 1e6)
