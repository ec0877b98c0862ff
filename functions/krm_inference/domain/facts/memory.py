"""Memory of one GPU: what a server puts into it, as a sum that a reader can check.

Source: vLLM's own account of a start (0.33): weights, activations, then the KV cache in what --gpu-memory-utilization
leaves. Where that does not hold one sequence of --max-model-len, vLLM refuses to start ("To serve at least one request
with the model's max seq len …").
"""

from __future__ import annotations

from typing import NamedTuple

from krm_inference.domain.facts.models import GIB, Model

KIB = 2**10
# GiB that activations at their peak, CUDA graphs and the CUDA context take in a server of the usual settings.
ACTIVATIONS = 2


class Load(NamedTuple):
    """What a server of one model is told to hold.

    `length` is the longest sequence in tokens. `tensor` and `pipeline` are over how many GPUs it is split, `loras` and
    `rank` the slots for adapters, `weight_bytes` and `cache_bytes` the bytes of a parameter and of a cache entry.
    """

    model: Model
    length: int | None
    tensor: int
    pipeline: int
    loras: int
    rank: int
    weight_bytes: float
    cache_bytes: float

    @property
    def gpus(self) -> int:
        """GPUs over which one copy of the model is split."""
        return self.tensor * self.pipeline

    @property
    def weights(self) -> float:
        """GiB of weights on one GPU."""
        return self.model.parameters * 1e9 * self.weight_bytes / GIB / self.gpus

    @property
    def token(self) -> float | None:
        """KiB of KV cache on one GPU for one token, None where the model's shape does not say it."""
        model = self.model
        if model.layers is None or model.kv_heads is None or model.head_size is None:
            return None
        # More GPUs than KV heads hold copies of them.
        heads = max(1.0, model.kv_heads / self.tensor)
        return 2 * model.layers / self.pipeline * heads * model.head_size * self.cache_bytes / KIB

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
    def total(self) -> float:
        """GiB on one GPU that are there before the first request, activations left out."""
        return self.weights + self.sequence + self.adapters

    @property
    def sum(self) -> str:
        """The terms of `total`, written out."""
        over = f" ÷ {self.gpus} GPUs" if self.gpus > 1 else ""
        terms = [f"{self.weights:.1f} GiB of weights ({self.model.parameters:g}B × {self.weight_bytes:g} bytes{over})"]
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
