"""Models: their shape, and how much memory and disk their weights take."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

# Bytes of one parameter. What a quantized model keeps in 16 bits is left out: a size may be too small, never too big.
BYTES = {"bfloat16": 2.0, "float16": 2.0, "float32": 4.0, "fp8": 1.0}
_IN_NAME = re.compile(r"(?:^|[-_/])(\d+(?:\.\d+)?)[bB](?=$|[-_.])")
UNKNOWN_WEIGHTS_GIB = 60
GIB = 2**30


class Model(NamedTuple):
    """What the memory of a model follows from; None where it is not known.

    `parameters` is in billions. `context` is the longest sequence in tokens, by the model's own configuration.
    `intermediate` is the width of the MLP, None for a mixture of experts. A model of which some layers see a window
    only has no `kv_heads`: the size of its cache is not that of the plain formula.
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

    @property
    def bytes(self) -> float:
        """Bytes of one parameter."""
        return BYTES[self.dtype]

    @property
    def weights(self) -> float:
        """Size of the weights in GiB."""
        return self.parameters * 1e9 * self.bytes / GIB


_LLAMA_8B = Model(8.03, 32, 32, 8, 128, 4096, 14336, 131072)
_LLAMA_70B = Model(70.6, 80, 64, 8, 128, 8192, 28672, 131072)
# Shapes by the config.json of each repository, as LitGPT 0.5.13 and LMCache carry them, the number of parameters by the
# model card, which is what the shape amounts to. All are published in 16 bits.
MODELS: dict[str, Model] = {
    "Qwen/QwQ-32B": Model(32.8, 64, 40, 8, 128, 5120, 27648, 131072),
    "Qwen/Qwen2.5-0.5B-Instruct": Model(0.494, 24, 14, 2, 64, 896, 4864, 32768),
    "Qwen/Qwen2.5-1.5B-Instruct": Model(1.54, 28, 12, 2, 128, 1536, 8960, 32768),
    "Qwen/Qwen2.5-3B-Instruct": Model(3.09, 36, 16, 2, 128, 2048, 11008, 32768),
    "Qwen/Qwen2.5-7B-Instruct": Model(7.62, 28, 28, 4, 128, 3584, 18944, 32768),
    "Qwen/Qwen2.5-14B-Instruct": Model(14.8, 48, 40, 8, 128, 5120, 13824, 32768),
    "Qwen/Qwen2.5-32B-Instruct": Model(32.8, 64, 40, 8, 128, 5120, 27648, 32768),
    "Qwen/Qwen2.5-72B-Instruct": Model(72.7, 80, 64, 8, 128, 8192, 29568, 32768),
    "Qwen/Qwen2.5-Coder-32B-Instruct": Model(32.8, 64, 40, 8, 128, 5120, 27648, 32768),
    "Qwen/Qwen3-0.6B": Model(0.596, 28, 16, 8, 128, 1024, 3072, 40960),
    "Qwen/Qwen3-1.7B": Model(1.72, 28, 16, 8, 128, 2048, 6144, 40960),
    "Qwen/Qwen3-4B": Model(4.02, 36, 32, 8, 128, 2560, 9728, 40960),
    "Qwen/Qwen3-8B": Model(8.19, 36, 32, 8, 128, 4096, 12288, 40960),
    "Qwen/Qwen3-14B": Model(14.8, 40, 40, 8, 128, 5120, 17408, 40960),
    "Qwen/Qwen3-32B": Model(32.8, 64, 64, 8, 128, 5120, 25600, 40960),
    "Qwen/Qwen3-30B-A3B": Model(30.5, 48, 32, 4, 128, 2048, None, 40960),
    "Qwen/Qwen3-235B-A22B": Model(235.0, 94, 64, 4, 128, 4096, None, 40960),
    "deepseek-ai/DeepSeek-R1-Distill-Llama-8B": _LLAMA_8B,
    "deepseek-ai/DeepSeek-R1-Distill-Llama-70B": _LLAMA_70B,
    "google/gemma-2-2b-it": Model(2.61, 26, 8, None, 256, 2304, 9216, 8192),
    "google/gemma-2-9b-it": Model(9.24, 42, 16, None, 256, 3584, 14336, 8192),
    "google/gemma-2-27b-it": Model(27.2, 46, 32, None, 128, 4608, 36864, 8192),
    "google/gemma-3-1b-it": Model(1.0, 26, 4, None, 256, 1152, 6912, 32768),
    "google/gemma-3-4b-it": Model(4.3, 34, 8, None, 256, 2560, 10240, 131072),
    "google/gemma-3-12b-it": Model(12.2, 48, 16, None, 256, 3840, 15360, 131072),
    "google/gemma-3-27b-it": Model(27.4, 62, 32, None, 128, 5376, 21504, 131072),
    "meta-llama/Llama-3.1-8B": _LLAMA_8B,
    "meta-llama/Llama-3.1-8B-Instruct": _LLAMA_8B,
    "meta-llama/Llama-3.1-70B-Instruct": _LLAMA_70B,
    "meta-llama/Llama-3.1-405B-Instruct": Model(405.9, 126, 128, 8, 128, 16384, 53248, 131072),
    "meta-llama/Llama-3.2-1B-Instruct": Model(1.24, 16, 32, 8, 64, 2048, 8192, 131072),
    "meta-llama/Llama-3.2-3B-Instruct": Model(3.21, 28, 24, 8, 128, 3072, 8192, 131072),
    "meta-llama/Llama-3.3-70B-Instruct": _LLAMA_70B,
    "meta-llama/Meta-Llama-3.1-8B-Instruct": _LLAMA_8B,
    "meta-llama/Meta-Llama-3.1-70B-Instruct": _LLAMA_70B,
    "microsoft/phi-4": Model(14.7, 40, 40, 10, 128, 5120, 17920, 16384),
    "mistralai/Mistral-7B-Instruct-v0.3": Model(7.25, 32, 32, 8, 128, 4096, 14336, 32768),
    "mistralai/Mixtral-8x7B-Instruct-v0.1": Model(46.7, 32, 32, 8, 128, 4096, None, 32768),
    "mistralai/Mixtral-8x22B-Instruct-v0.1": Model(140.6, 56, 48, 8, 128, 6144, None, 65536),
}


class Weights(NamedTuple):
    """Size of a model's weights in GiB, and where the figure comes from."""

    gib: float
    reason: str


def known(model: str, facts: dict[str, Any] | None = None) -> Model | None:
    """Return the shape of a model: of the table, with what `model.facts` of an LLMService says instead."""
    found = MODELS.get(model)
    if not facts:
        return found
    if found is None and "parameters" not in facts:
        return None
    names = {"kvHeads": "kv_heads", "headSize": "head_size", "contextLength": "context"}
    said = {names.get(name, name): value for name, value in facts.items()}
    return (found or Model(said["parameters"], None, None, None, None))._replace(**said)


def split_fault(model: Model, gpus: int) -> str:
    """Return why vLLM refuses to split a model over so many GPUs, "" where it does not.

    Every GPU takes the same number of attention heads, and the KV heads are shared out or copied evenly (vLLM's
    verify_with_parallel_config and QKVParallelLinear).
    """
    if model.heads and model.heads % gpus:
        fitting = [
            str(number) for number in range(1, 17) if model.heads % number == 0 and _has_even_kv_heads(model, number)
        ]
        expected = " or ".join(filter(None, (", ".join(fitting[:-1]), fitting[-1])))
        return f"{model.heads} attention heads cannot be split over {gpus} GPUs, expected {expected}"
    if not _has_even_kv_heads(model, gpus):
        return f"{model.kv_heads} KV heads can be neither split over {gpus} GPUs nor copied to them evenly"
    return ""


def _has_even_kv_heads(model: Model, gpus: int) -> bool:
    return not model.kv_heads or model.kv_heads % gpus == 0 or gpus % model.kv_heads == 0


def weights(model: str, facts: dict[str, Any] | None = None) -> Weights:
    """Return the size of the weights: of a known model, by the size in its name, or a guess that says so."""
    found, source = known(model, facts), "parameters"
    if found is None and (match := _IN_NAME.search(model)):
        found, source = Model(float(match[1]), None, None, None, None), "parameters by its name"
        found = found._replace(**{key: value for key, value in (facts or {}).items() if key == "dtype"})
    if found is None:
        return Weights(UNKNOWN_WEIGHTS_GIB, f"{UNKNOWN_WEIGHTS_GIB} GiB of weights assumed, size unknown")
    plural = "s" if found.bytes > 1 else ""
    factors = f"{found.parameters:g}B {source} × {found.bytes:g} byte{plural}"
    return Weights(found.weights, f"{found.weights:.1f} GiB of weights ({factors})")
