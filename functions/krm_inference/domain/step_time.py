"""The time of one step of a server, from what its GPUs read and compute.

A step gives every stream one token. It reads the weights once and the cache of every stream, at a share of the memory's
bandwidth; it computes with every active parameter for every stream, at a share of the peak; several GPUs exchange each
layer's result twice; launching kernels costs a little in each layer, and with LoRA adapters more. Shares and costs are
fitted to measurements (`COSTS`), everything else is a fact of the model or of the accelerator.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from krm_inference.domain.facts.models import Model


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


class Costs(NamedTuple):
    """What was fitted: shares of the data sheets' figures that a server reaches, and times that no sheet has.

    `memory` and `compute` are shares of bandwidth and of peak in decoding, `prefill` of the peak in reading prompts.
    `start` is a step's time in ms without any work, `layer` what each layer adds, `stream` what each stream adds;
    `lora` is what a layer adds where a request names an adapter, `exchange` what an exchange between GPUs costs, in ms.
    """

    memory: float
    compute: float
    prefill: float
    start: float
    layer: float
    stream: float
    lora: float
    exchange: float


# First fit: Llama-3.1-8B on one H200, vLLM 0.26.
COSTS = Costs(0.8, 0.9, 0.5, 0.3, 0.0125, 0.004, 0.06, 0.01)
_EIGHT_BIT = ("fp8", "int8", "nvfp4")


class Step(NamedTuple):
    """One step, term by term, in ms."""

    weights: float
    cache: float
    compute: float
    launch: float
    lora: float
    exchange: float

    @property
    def ms(self) -> float:
        """The whole step, which is the time of each stream's token."""
        return sum(self)


def step(
    model: Model,
    hardware: Hardware,
    *,
    tensor: int = 1,
    streams: float = 1,
    tokens: float = 0,
    lora: bool = False,
    cache_bytes: float = 2.0,
    costs: Costs = COSTS,
) -> Step:
    """Return the step of a server that answers `streams` requests with `tokens` of context in all.

    `tensor` GPUs share the work. A shape that does not say its layers or its cache counts without them.
    """
    layers = model.layers or 0
    bandwidth = hardware.bandwidth * 1e6 * costs.memory  # bytes per ms
    held = model.cache(tokens / streams, tensor, cache_bytes) or 0.0
    compute = 2 * model.used * 1e9 * streams / tensor / (_peak(model, hardware) * 1e9 * costs.compute)
    return Step(
        model.read(streams) / tensor / bandwidth,
        held * streams / bandwidth,
        compute,
        costs.start + costs.layer * layers + costs.stream * streams,
        costs.lora * layers if lora else 0.0,
        2 * layers * _exchange(model, hardware, tensor, streams, costs) if tensor > 1 else 0.0,
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


def prefill(model: Model, hardware: Hardware, tensor: int, tokens: float, *, costs: Costs = COSTS) -> float:
    """Return the ms in which a server reads `tokens` of a prompt: two operations a parameter, and attention.

    Attention multiplies every token with all before it: 4 × layers × heads × head size operations for each pair.
    """
    pairs = tokens * tokens / 2
    attention = 4 * (model.layers or 0) * (model.heads or 0) * (model.head_size or 0) * pairs
    operations = 2 * model.used * 1e9 * tokens + attention
    return operations / tensor / (_peak(model, hardware) * 1e9 * costs.prefill)


def time_to_first_token(
    model: Model, hardware: Hardware, tensor: int, prompts: float, tokens: float, *, lora: bool = False
) -> float:
    """Return the ms until `prompts` that arrive together, each of `tokens`, all have their first token."""
    once = step(model, hardware, tensor=tensor, streams=prompts, tokens=prompts * tokens, lora=lora)
    return prompts * prefill(model, hardware, tensor, tokens) + once.ms


def fastest(model: Model, hardware: Hardware, tensor: int) -> float:
    """Return the ms in which the memory can be read once, at the data sheet's rate: no token takes less."""
    return model.read(1) / tensor / (hardware.bandwidth * 1e6)


def _peak(model: Model, hardware: Hardware) -> float:
    return hardware.fp8 if model.dtype in _EIGHT_BIT else hardware.bf16


def _exchange(model: Model, hardware: Hardware, tensor: int, streams: float, costs: Costs) -> float:
    """Return the ms of one all-reduce: a fixed part, and each GPU sends and gets its share twice."""
    size = streams * (model.hidden or 0) * 2
    return costs.exchange + 2 * (tensor - 1) / tensor * size / (hardware.link / 2 * 1e6)
