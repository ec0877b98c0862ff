"""Memory of one GPU: what a server puts into it, as a sum that a reader can check.

Source: vLLM's own account of a start (0.33): weights, activations, then the KV cache in what --gpu-memory-utilization
leaves. Where that does not hold one sequence of --max-model-len, vLLM refuses to start ("To serve at least one request
with the model's max seq len …").
"""

from __future__ import annotations

from krm_inference.domain.facts.shapes import GIB, Model
from krm_inference.domain.record import Record

KIB = 2**10
# GiB inside of vLLM's share that activations at their peak and PyTorch's own buffers take: on an H200 1.33 with
# Llama-3.1-8B, 2.4 with 70B, 1.8 with Qwen3-30B-A3B (vLLM 0.26). They grow with the hidden size, and with experts.
_ACTIVATIONS = 1.0
_ACTIVATIONS_OF_HIDDEN = 1.6 / 8192
_ACTIVATIONS_OF_EXPERTS = 0.6
_HIDDEN = 8192
# GiB outside of vLLM's share: 2.9 at most, measured there under load, of which CUDA graphs took 1.35 at 51 sizes of a
# batch, with LoRA. A fifth more for what one series of measurements does not show.
_CONTEXT = 1.55
_GRAPHS = 1.35
_GRAPH_SIZES = 51
_MARGIN = 1.2
# Buffers of NCCL in each of several GPUs, GiB (ai-dynamo/aiconfigurator 095f58a, systems).
_EXCHANGE = 0.4


def graph_sizes(sequences: int) -> int:
    """Return for how many sizes of a batch vLLM captures CUDA graphs: 1, 2, 4, then by 8, above 256 by 16.

    They end at twice --max-num-seqs, and at 512 (vLLM 0.32, config/vllm.py).
    """
    most = min(2 * sequences, 512)
    small = sum(size <= most for size in (1, 2, 4))
    return small + min(most, 256) // 8 + max(0, most - 256) // 16


def outside(sequences: int, gpus: int) -> float:
    """Return the GiB that a server takes of each GPU beside the share that it is told to take."""
    graphs = _GRAPHS * graph_sizes(sequences) / _GRAPH_SIZES
    return (_CONTEXT + graphs + (_EXCHANGE if gpus > 1 else 0)) * _MARGIN


class Load(Record):
    """What a server of one model is told to hold.

    `length` is the longest sequence in tokens. `tensor` and `pipeline` are over how many GPUs it is split, `loras` and
    `rank` the slots for adapters, `cache_bytes` the bytes of a cache entry. `data` engines, each on so many GPUs, share
    out the experts (vLLM 0.33, docs/serving/data_parallel_deployment.md).
    """

    model: Model
    length: int | None
    tensor: int
    pipeline: int
    loras: int
    rank: int
    cache_bytes: float
    data: int = 1

    @property
    def gpus(self) -> int:
        """GPUs over which one copy of the model is split."""
        return self.tensor * self.pipeline

    @property
    def weights(self) -> float:
        """GiB of weights on one GPU."""
        return (self.model.weights - self._experts) / self.gpus + self._experts / (self.gpus * self.data)

    @property
    def _experts(self) -> float:
        """GiB of the weights that all engines share out."""
        return self.model.routed / GIB if self.data > 1 else 0.0

    @property
    def token(self) -> float | None:
        """KiB of KV cache on one GPU for a token of the longest sequence; None where the shape does not say it."""
        length = self.length or 1
        held = self.model.cache(length, self.tensor, self.cache_bytes)
        return None if held is None else held / self.pipeline / length / KIB

    @property
    def sequence(self) -> float:
        """GiB of KV cache on one GPU for one sequence of the full length, 0 where it cannot be known."""
        return (self.token or 0) * (self.length or 0) * KIB / GIB

    @property
    def adapters(self) -> float:
        """GiB that one GPU keeps for LoRA adapters, 0 where it cannot be known.

        vLLM makes room for `rank` rows and columns of every attention and MLP matrix, in 16 bits. What the GPUs share
        is counted once, so this is never more than they really take.
        """
        model = self.model
        shape = (model.layers, model.heads, model.kv_heads, model.head_size, model.hidden, model.intermediate)
        known = [number for number in shape if number]
        if not self.loras or len(known) < len(shape):
            return 0
        layers, heads, kv_heads, head_size, hidden, intermediate = known
        attention = 4 * hidden + 2 * (heads + kv_heads) * head_size
        mlp = 3 * (hidden + intermediate)
        return self.loras * self.rank * layers * (attention + mlp) * 2 / GIB / self.gpus

    @property
    def activations(self) -> float:
        """GiB of activations on one GPU, an estimate."""
        experts = _ACTIVATIONS_OF_EXPERTS if self.model.active else 0
        return _ACTIVATIONS + _ACTIVATIONS_OF_HIDDEN * (self.model.hidden or _HIDDEN) + experts

    @property
    def total(self) -> float:
        """GiB on one GPU that are there before the first request, activations left out."""
        return self.weights + self.sequence + self.adapters

    @property
    def sum(self) -> str:
        """The terms of `total`, written out."""
        over = f" ÷ {self.gpus} GPUs" if self.gpus > 1 else ""
        if self._experts:
            over += f", {self._experts:.1f} GiB of experts ÷ {self.data} engines"
        terms = [f"{self.weights:.1f} GiB of weights ({self.model.parameters:g}B × {self.model.bytes:.3g} bytes{over})"]
        if self.sequence:
            terms.append(
                f"{self.sequence:.1f} GiB of KV cache for one sequence ({self.length} tokens × {self.token:.4g} KiB)"
            )
        if self.adapters >= 0.05:  # what would be shown as 0.0
            terms.append(f"{self.adapters:.1f} GiB for {self.loras} LoRA slots of rank {self.rank}")
        if len(terms) == 1:
            return terms[0]
        return f"{' + '.join(terms)} = {self.total:.1f} GiB"

    def sequences(self, budget: float) -> int:
        """Return how many sequences of the full length a budget of GiB holds at once."""
        return int((budget - self.weights - self.adapters) / self.sequence) if self.sequence else 0

    def length_for(self, budget: float) -> int:
        """Return the longest sequence in tokens that a budget of GiB holds, in whole thousands."""
        room = budget - self.weights - self.adapters
        return int(room * GIB / KIB / self.token) // 1024 * 1024 if self.token and room > 0 else 0
