"""The shape of a model: what its weights and its cache take, and what a step reads and computes with them."""

from __future__ import annotations

from krm_inference.domain.record import Record

# Bytes of one parameter, scales of its group included: AWQ and GPTQ share 16 bits of scale and 4 of zero point among
# 128 weights, NVFP4 has 8 bits of scale for 16, MXFP4 8 for 32, int4 (of compressed tensors)
# 16 for 32. Embeddings stay in 16 bits.
BYTES = {
    "bfloat16": 2.0, "float16": 2.0, "float32": 4.0, "fp8": 1.0, "int8": 1.0, "awq": 0.5 + 2.5 / 128,
    "gptq": 0.5 + 2.5 / 128, "nvfp4": 0.5 + 1 / 16, "mxfp4": 0.5 + 1 / 32, "int4": 0.5 + 2 / 32,
}  # fmt: skip
# With these the experts are quantized, and nothing else.
_EXPERTS_ONLY = ("mxfp4", "int4")
GIB = 2**30


class Model(Record):
    """What the memory of a model follows from; None where it is not known.

    `parameters` is in billions. `context` is the longest sequence in tokens, by the model's own configuration.
    `intermediate` is the width of the MLP, None for a mixture of experts, of which a token uses `active` parameters
    (in billions), in each layer `chosen` of `experts`. Of the layers, `windowed` see the last `window` tokens only, and
    `uncached` keep no cache that grows with the sequence (linear attention). `latent` is the number of values that a
    layer keeps of a token where attention is latent (MLA: kv_lora_rank + qk_rope_head_dim); every GPU keeps all of
    them. Beside that, a sequence keeps `state` values whatever its length. `vocabulary` is the number of rows of the
    embedding, which `tied` models use for their output as well. Layers that see the whole sequence have `wide_heads` KV
    heads of `wide_size` values where these differ from those of the windowed ones.
    """

    parameters: float
    layers: int | None
    heads: int | None
    kv_heads: int | None
    head_size: int | None
    hidden: int | None = None
    intermediate: int | None = None
    context: int | None = None
    dtype: str = "bfloat16"
    active: float | None = None
    experts: int | None = None
    chosen: int | None = None
    windowed: int = 0
    window: int = 0
    uncached: int = 0
    latent: int | None = None
    state: int = 0
    vocabulary: int | None = None
    tied: bool = False
    wide_heads: int | None = None
    wide_size: int | None = None

    @property
    def bytes(self) -> float:
        """Bytes of one parameter."""
        return BYTES[self.dtype]

    @property
    def weights(self) -> float:
        """Size of the weights in GiB."""
        return self.size / GIB

    @property
    def size(self) -> float:
        """Size of the weights in bytes; a quantized model keeps its embeddings in 16 bits."""
        if self.bytes >= 2:
            return self.parameters * 1e9 * self.bytes
        kept = self._embedding * (1 if self.tied else 2)
        if self.dtype in _EXPERTS_ONLY and self._routed:
            kept = self.parameters * 1e9 - self._routed
        return (self.parameters * 1e9 - kept) * self.bytes + kept * 2

    @property
    def _routed(self) -> float:
        """Parameters of all experts among which a token chooses: what it leaves out is active nowhere else."""
        if self.active is None or not self.experts or not self.chosen:
            return 0.0
        return (self.parameters - self.active) * 1e9 / (1 - self.chosen / self.experts)

    @property
    def routed(self) -> float:
        """Bytes of all experts among which a token chooses, 0 where there are none or their number is not known."""
        return self._routed * self.bytes

    @property
    def lookup(self) -> float:
        """Bytes of the weights of which a step reads a few rows only: the embedding of the input."""
        return 0.0 if self.tied else self._embedding * max(2.0, self.bytes)

    @property
    def _embedding(self) -> float:
        return float((self.vocabulary or 0) * (self.hidden or 0))

    def read(self, streams: float) -> float:
        """Return the bytes of weights that a step of so many tokens reads: of a mixture, the experts that they choose.

        Tokens choose alike in the mean, so that a step of n of them leaves out an expert with (1 - chosen ÷ experts)^n.
        """
        size = self.size - self.lookup
        if not self._routed or not self.experts or not self.chosen:
            return size
        left_out: float = (1 - self.chosen / self.experts) ** streams
        return size - self._routed * self.bytes * left_out

    def read_by(self, streams: float, tensor: int, data: int = 1) -> float:
        """Return the bytes of weights that one GPU reads in such a step of one of `data` engines on `tensor` GPUs.

        Each engine has its own copy of all but the experts; those are shared out over the GPUs of all, and chosen by
        the tokens of all.
        """
        if data == 1:
            return self.read(streams) / tensor
        own = self.size - self.lookup - self.routed
        return own / tensor + (self.read(streams * data) - own) / (tensor * data)

    @property
    def used(self) -> float:
        """Parameters, in billions, by which each token is multiplied."""
        return self.active if self.active is not None else self.parameters - self.lookup / max(2.0, self.bytes) / 1e9

    def cache(self, length: float, tensor: int = 1, size: float = 2.0) -> float | None:
        """Return the bytes that one GPU of `tensor` keeps for a sequence; None where the shape does not say it.

        `length` is in tokens, `size` the bytes of a value. More GPUs than KV heads keep copies of them.
        """
        if self.layers is None:
            return None
        whole = self.layers - self.windowed - self.uncached
        if self.latent is not None:
            return whole * self.latent * size * length
        if self.kv_heads is None or self.head_size is None:
            return None
        value = 2 * max(1.0, self.kv_heads / tensor) * self.head_size * size
        wide = 2 * max(1.0, (self.wide_heads or self.kv_heads) / tensor) * (self.wide_size or self.head_size) * size
        state = self.state / tensor * 2.0
        return wide * whole * length + value * self.windowed * min(length, self.window) + state
