"""Models: their shape, and how much memory and disk their weights take."""

from __future__ import annotations

import re

from krm_inference.domain.facts.shapes import BYTES, GIB, Model
from krm_inference.domain.facts.variants import SAME, SHAPES
from krm_inference.domain.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "BYTES",
    "GIB",
    "MODELS",
    "UNKNOWN_WEIGHTS_GIB",
    "Model",
    "Weights",
    "guessed",
    "known",
    "split_fault",
    "weights",
]

_IN_NAME = re.compile(r"(?:^|[-_/])(\d+(?:\.\d+)?)[bB](?=$|[-_.])")
UNKNOWN_WEIGHTS_GIB = 60

# Shapes by the config.json of each repository, as LitGPT 0.5.13 (config.py; the table of windows of Gemma 2 and 3 too)
# and NVIDIA's aiconfigurator (ai-dynamo/aiconfigurator 095f58a, model_configs) carry them. The number of parameters is
# by the model card or by vLLM's recipes (vllm-project/recipes 8959cf6), of Kimi, MiniMax and Llama what the shape
# amounts to; what a token of gpt-oss uses counts its embeddings, which the model card leaves out. The state of linear
# attention is value heads × key size × value size and the window of the convolution, in each such layer. DeepSeek-V3.2
# and GLM-5 keep 132 bytes a token and layer more, for the index of their sparse attention (vLLM,
# models/deepseek_v2.py). Gemma 4 makes keys and values of its wide layers by one projection and keeps both, so its
# cache counts both. Of Nemotron 3, mamba heads × their size × state size count twice, since that state has 32 bits, and
# beside it 3 values of each channel of the convolution; all layers without attention are `uncached`. GLM-4.5 to 4.7 are
# as tools that read their config.json show them (logs of training, and tests), with the parameters of vLLM's recipes.
# fmt: off
_DEEPSEEK_R1 = Model(
    671.0, 61, 128, None, None, 7168, None, 163840, dtype="fp8", active=37.0, experts=256, chosen=8, latent=576,
    vocabulary=129280,
)
_LLAMA_3_1_8B = Model(8.03, 32, 32, 8, 128, 4096, 14336, 131072, vocabulary=128256)
_LLAMA_3_1_70B = Model(70.6, 80, 64, 8, 128, 8192, 28672, 131072, vocabulary=128256)
_KIMI_K2_5 = Model(
    1026.0, 61, 64, None, None, 7168, None, 262144, dtype="int4", active=32.0, experts=384, chosen=8, latent=576,
    vocabulary=163840,
)
_QWEN2_5_7B = Model(7.62, 28, 28, 4, 128, 3584, 18944, 32768, vocabulary=152064)
_QWEN2_5_32B = Model(32.8, 64, 40, 8, 128, 5120, 27648, 32768, vocabulary=152064)
_QWEN3_30B_A3B_2507 = Model(
    30.5, 48, 32, 4, 128, 2048, None, 262144, active=3.3, experts=128, chosen=8, vocabulary=151936,
)
_QWEN3_235B_A22B_2507 = Model(
    235.0, 94, 64, 4, 128, 4096, None, 262144, active=22.0, experts=128, chosen=8, vocabulary=151936,
)
_QWEN3_5_27B = Model(27.0, 64, 24, 4, 256, 5120, 17408, 262144, uncached=48, state=39223296, vocabulary=248320)
_QWEN3_5_35B_A3B = Model(
    35.0, 40, 16, 2, 256, 2048, None, 262144, active=3.0, experts=256, chosen=8, uncached=30, state=16465920,
    vocabulary=248320,
)
_GLM_4_5 = Model(
    358.0, 92, 96, 8, 128, 5120, None, 131072, active=32.0, experts=160, chosen=8, vocabulary=151552,
)
_GLM_5 = Model(
    744.0, 78, 64, None, None, 6144, None, 202752, active=40.0, experts=256, chosen=8, latent=642, vocabulary=154880,
)
MODELS: dict[str, Model] = {
    "deepseek-ai/DeepSeek-R1": _DEEPSEEK_R1,
    "deepseek-ai/DeepSeek-R1-0528": _DEEPSEEK_R1,
    "deepseek-ai/DeepSeek-V3": _DEEPSEEK_R1,
    "deepseek-ai/DeepSeek-V3-0324": _DEEPSEEK_R1,
    "deepseek-ai/DeepSeek-V3.1": _DEEPSEEK_R1,
    "deepseek-ai/DeepSeek-V3.2": Model(
        671.0, 61, 128, None, None, 7168, None, 163840, dtype="fp8", active=37.0, experts=256, chosen=8, latent=642,
        vocabulary=129280,
    ),
    "deepseek-ai/DeepSeek-R1-Distill-Llama-8B": _LLAMA_3_1_8B,
    "deepseek-ai/DeepSeek-R1-Distill-Llama-70B": _LLAMA_3_1_70B,
    "google/gemma-2-2b-it": Model(
        2.61, 26, 8, 4, 256, 2304, 9216, 8192, windowed=13, window=4096, vocabulary=256000, tied=True,
    ),
    "google/gemma-2-9b-it": Model(
        9.24, 42, 16, 8, 256, 3584, 14336, 8192, windowed=21, window=4096, vocabulary=256000, tied=True,
    ),
    "google/gemma-2-27b-it": Model(
        27.2, 46, 32, 16, 128, 4608, 36864, 8192, windowed=23, window=4096, vocabulary=256000, tied=True,
    ),
    "google/gemma-3-1b-it": Model(
        1.0, 26, 4, 1, 256, 1152, 6912, 32768, windowed=22, window=512, vocabulary=262144, tied=True,
    ),
    "google/gemma-3-4b-it": Model(
        4.3, 34, 8, 4, 256, 2560, 10240, 131072, windowed=29, window=1024, vocabulary=262144, tied=True,
    ),
    "google/gemma-3-12b-it": Model(
        12.2, 48, 16, 8, 256, 3840, 15360, 131072, windowed=40, window=1024, vocabulary=262144, tied=True,
    ),
    "google/gemma-3-27b-it": Model(
        27.4, 62, 32, 16, 128, 5376, 21504, 131072, windowed=52, window=1024, vocabulary=262144, tied=True,
    ),
    "google/gemma-4-26B-A4B-it": Model(
        26.0, 30, 16, 8, 256, 2816, None, 262144, active=4.0, experts=128, chosen=8, windowed=25, window=1024,
        vocabulary=262144, tied=True, wide_heads=2, wide_size=512,
    ),
    "google/gemma-4-31B-it": Model(
        31.0, 60, 32, 16, 256, 5376, 21504, 262144, windowed=50, window=1024, vocabulary=262144, tied=True,
        wide_heads=4, wide_size=512,
    ),
    "meta-llama/Llama-3.1-8B": _LLAMA_3_1_8B,
    "meta-llama/Llama-3.1-8B-Instruct": _LLAMA_3_1_8B,
    "meta-llama/Meta-Llama-3.1-8B-Instruct": _LLAMA_3_1_8B,
    "meta-llama/Llama-3.1-70B-Instruct": _LLAMA_3_1_70B,
    "meta-llama/Llama-3.3-70B-Instruct": _LLAMA_3_1_70B,
    "meta-llama/Meta-Llama-3.1-70B-Instruct": _LLAMA_3_1_70B,
    "meta-llama/Llama-3.1-405B-Instruct": Model(405.9, 126, 128, 8, 128, 16384, 53248, 131072, vocabulary=128256),
    "meta-llama/Llama-3.2-1B-Instruct": Model(1.24, 16, 32, 8, 64, 2048, 8192, 131072, vocabulary=128256, tied=True),
    "meta-llama/Llama-3.2-3B-Instruct": Model(3.21, 28, 24, 8, 128, 3072, 8192, 131072, vocabulary=128256, tied=True),
    "meta-llama/Llama-4-Scout-17B-16E-Instruct": Model(
        109.0, 48, 40, 8, 128, 5120, None, 10485760, active=17.0, experts=16, chosen=1, windowed=36, window=8192,
        vocabulary=202048,
    ),
    "meta-llama/Llama-4-Maverick-17B-128E-Instruct": Model(
        400.0, 48, 40, 8, 128, 5120, None, 1048576, active=17.0, experts=128, chosen=1, windowed=36, window=8192,
        vocabulary=202048,
    ),
    "microsoft/phi-4": Model(14.7, 40, 40, 10, 128, 5120, 17920, 16384, vocabulary=100352),
    "microsoft/Phi-4-reasoning": Model(14.7, 40, 40, 10, 128, 5120, 17920, 32768, vocabulary=100352),
    "microsoft/Phi-4-mini-instruct": Model(3.84, 32, 24, 8, 128, 3072, 8192, 131072, vocabulary=200064, tied=True),
    "MiniMaxAI/MiniMax-M2.5": Model(
        229.0, 62, 48, 8, 128, 3072, None, 196608, dtype="fp8", active=10.0, experts=256, chosen=8,
        vocabulary=200064,
    ),
    "MiniMaxAI/MiniMax-M2.7": Model(
        229.0, 62, 48, 8, 128, 3072, None, 204800, dtype="fp8", active=10.0, experts=256, chosen=8,
        vocabulary=200064,
    ),
    "mistralai/Mistral-7B-Instruct-v0.3": Model(7.25, 32, 32, 8, 128, 4096, 14336, 32768, vocabulary=32768),
    "mistralai/Mistral-Large-Instruct-2411": Model(122.6, 88, 96, 8, 128, 12288, 28672, 32768, vocabulary=32768),
    "mistralai/Mixtral-8x7B-Instruct-v0.1": Model(
        46.7, 32, 32, 8, 128, 4096, None, 32768, active=12.9, experts=8, chosen=2, vocabulary=32000,
    ),
    "mistralai/Mixtral-8x22B-Instruct-v0.1": Model(
        140.6, 56, 48, 8, 128, 6144, None, 65536, active=39.1, experts=8, chosen=2, vocabulary=32768,
    ),
    "moonshotai/Kimi-K2-Instruct": Model(
        1026.0, 61, 64, None, None, 7168, None, 131072, dtype="fp8", active=32.0, experts=384, chosen=8, latent=576,
        vocabulary=163840,
    ),
    "moonshotai/Kimi-K2-Thinking": _KIMI_K2_5,
    "moonshotai/Kimi-K2.5": _KIMI_K2_5,
    "nvidia/Llama-3.1-Nemotron-70B-Instruct-HF": _LLAMA_3_1_70B,
    "nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-BF16": Model(
        30.0, 52, 32, 2, 128, 2688, None, 262144, active=3.0, experts=128, chosen=6, uncached=46, state=24541184,
        vocabulary=131072,
    ),
    "nvidia/NVIDIA-Nemotron-3-Super-120B-A12B-BF16": Model(
        120.0, 88, 32, 2, 128, 4096, None, 262144, active=12.0, experts=512, chosen=22, uncached=80,
        state=85114880, vocabulary=131072,
    ),
    "openai/gpt-oss-20b": Model(
        20.9, 24, 64, 8, 64, 2880, None, 131072, dtype="mxfp4", active=4.2, experts=32, chosen=4, windowed=12,
        window=128, vocabulary=201088,
    ),
    "openai/gpt-oss-120b": Model(
        116.8, 36, 64, 8, 64, 2880, None, 131072, dtype="mxfp4", active=5.8, experts=128, chosen=4, windowed=18,
        window=128, vocabulary=201088,
    ),
    "Qwen/QwQ-32B": Model(32.8, 64, 40, 8, 128, 5120, 27648, 131072, vocabulary=152064),
    "Qwen/Qwen2.5-0.5B-Instruct": Model(0.494, 24, 14, 2, 64, 896, 4864, 32768, vocabulary=151936, tied=True),
    "Qwen/Qwen2.5-1.5B-Instruct": Model(1.54, 28, 12, 2, 128, 1536, 8960, 32768, vocabulary=151936, tied=True),
    "Qwen/Qwen2.5-3B-Instruct": Model(3.09, 36, 16, 2, 128, 2048, 11008, 32768, vocabulary=151936, tied=True),
    "Qwen/Qwen2.5-7B-Instruct": _QWEN2_5_7B,
    "Qwen/Qwen2.5-Coder-7B-Instruct": _QWEN2_5_7B,
    "Qwen/Qwen2.5-14B-Instruct": Model(14.8, 48, 40, 8, 128, 5120, 13824, 32768, vocabulary=152064),
    "Qwen/Qwen2.5-32B-Instruct": _QWEN2_5_32B,
    "Qwen/Qwen2.5-Coder-32B-Instruct": _QWEN2_5_32B,
    "Qwen/Qwen2.5-72B-Instruct": Model(72.7, 80, 64, 8, 128, 8192, 29568, 32768, vocabulary=152064),
    "Qwen/Qwen3-0.6B": Model(0.596, 28, 16, 8, 128, 1024, 3072, 40960, vocabulary=151936, tied=True),
    "Qwen/Qwen3-1.7B": Model(1.72, 28, 16, 8, 128, 2048, 6144, 40960, vocabulary=151936, tied=True),
    "Qwen/Qwen3-4B": Model(4.02, 36, 32, 8, 128, 2560, 9728, 40960, vocabulary=151936, tied=True),
    "Qwen/Qwen3-8B": Model(8.19, 36, 32, 8, 128, 4096, 12288, 40960, vocabulary=151936),
    "Qwen/Qwen3-14B": Model(14.8, 40, 40, 8, 128, 5120, 17408, 40960, vocabulary=151936),
    "Qwen/Qwen3-32B": Model(32.8, 64, 64, 8, 128, 5120, 25600, 40960, vocabulary=151936),
    "Qwen/Qwen3-4B-Instruct-2507": Model(4.02, 36, 32, 8, 128, 2560, 9728, 262144, vocabulary=151936, tied=True),
    "Qwen/Qwen3-30B-A3B": Model(
        30.5, 48, 32, 4, 128, 2048, None, 40960, active=3.3, experts=128, chosen=8, vocabulary=151936,
    ),
    "Qwen/Qwen3-235B-A22B": Model(
        235.0, 94, 64, 4, 128, 4096, None, 40960, active=22.0, experts=128, chosen=8, vocabulary=151936,
    ),
    "Qwen/Qwen3-30B-A3B-Instruct-2507": _QWEN3_30B_A3B_2507,
    "Qwen/Qwen3-235B-A22B-Instruct-2507": _QWEN3_235B_A22B_2507,
    "Qwen/Qwen3-30B-A3B-Thinking-2507": _QWEN3_30B_A3B_2507,
    "Qwen/Qwen3-235B-A22B-Thinking-2507": _QWEN3_235B_A22B_2507,
    "Qwen/Qwen3-Coder-30B-A3B-Instruct": _QWEN3_30B_A3B_2507,
    "Qwen/Qwen3-Coder-480B-A35B-Instruct": Model(
        480.0, 62, 96, 8, 128, 6144, None, 262144, active=35.0, experts=160, chosen=8, vocabulary=151936,
    ),
    "Qwen/Qwen3.5-27B": _QWEN3_5_27B,
    "Qwen/Qwen3.6-27B": _QWEN3_5_27B,
    "Qwen/Qwen3.5-35B-A3B": _QWEN3_5_35B_A3B,
    "Qwen/Qwen3.6-35B-A3B": _QWEN3_5_35B_A3B,
    "Qwen/Qwen3.5-122B-A10B": Model(
        122.0, 48, 32, 2, 256, 3072, None, 262144, active=10.0, experts=256, chosen=8, uncached=36, state=39075840,
        vocabulary=248320,
    ),
    "Qwen/Qwen3.5-397B-A17B": Model(
        397.0, 60, 32, 2, 256, 4096, None, 262144, active=17.0, experts=512, chosen=10, uncached=45, state=48844800,
        vocabulary=248320,
    ),
    "zai-org/GLM-4.5": _GLM_4_5,
    "zai-org/GLM-4.5-Air": Model(
        106.0, 46, 96, 8, 128, 4096, None, 131072, active=12.0, experts=128, chosen=8, vocabulary=151552,
    ),
    "zai-org/GLM-4.6": _GLM_4_5._replace(context=202752),
    "zai-org/GLM-4.7": _GLM_4_5._replace(context=202752),
    "zai-org/GLM-5": _GLM_5,
    "zai-org/GLM-5.1": _GLM_5,
    "zai-org/GLM-5.2": Model(
        744.0, 78, 64, None, None, 6144, None, 1048576, active=40.0, experts=256, chosen=8, latent=642,
        vocabulary=154880,
    ),
    **SHAPES,
}
MODELS |= {name: MODELS[of]._replace(**differs) for name, (of, differs) in SAME.items()}
# fmt: on


class Weights(Record):
    """Size of a model's weights in GiB, and where the figure comes from."""

    gib: float
    reason: str


# What marks a quantized copy of a model, in its name. FP8 is of weights and activations, w8a8 of Red Hat's in INT8.
_COPIES = {
    "fp8": "fp8", "w8a8": "int8", "int8": "int8", "awq": "awq", "gptq": "gptq", "w4a16": "gptq", "nvfp4": "nvfp4",
    "mxfp4": "mxfp4",
}  # fmt: skip
_COPY = re.compile(rf"[-_.](?:quantized[-_.])?({'|'.join(_COPIES)})(?=[-_.]|\Z).*", re.IGNORECASE)
_FACTS = {
    "kvHeads": "kv_heads", "headSize": "head_size", "contextLength": "context", "hiddenSize": "hidden",
    "intermediateSize": "intermediate", "activeParameters": "active", "expertsPerToken": "chosen",
    "windowedLayers": "windowed", "uncachedLayers": "uncached", "latentSize": "latent",
}  # fmt: skip


def known(model: str, facts: dict[str, Any] | None = None) -> Model | None:
    """Return the shape of a model: of the table, with what `model.facts` of an LLMService says instead.

    A quantized copy of a model of the table, "…-FP8" or "…-AWQ", has its shape.
    """
    found = MODELS.get(model) or _copy(model)
    if not facts:
        return found
    if found is None and "parameters" not in facts:
        return None
    said = {_FACTS.get(name, name): value for name, value in facts.items()}
    return (found or Model(said["parameters"], None, None, None, None))._replace(**said)


def _copy(model: str) -> Model | None:
    match = _COPY.search(model)
    if match is None:
        return None
    name = model[: match.start()].rpartition("/")[2].lower()
    of = next((shape for known, shape in MODELS.items() if known.rpartition("/")[2].lower() == name), None)
    return of._replace(dtype=_COPIES[match[1].lower()]) if of else None


def guessed(model: str, facts: dict[str, Any] | None = None) -> Model | None:
    """Return the shape of a model, or its size where its name says one ("chat-70b"); None where neither is known."""
    found = known(model, facts)
    if found is None and (match := _IN_NAME.search(model)):
        copy = _COPY.search(model)
        found = Model(float(match[1]), None, None, None, None)
        kinds = {"dtype": _COPIES[copy[1].lower()]} if copy else {}
        found = found._replace(**{**kinds, **{key: value for key, value in (facts or {}).items() if key == "dtype"}})
    return found


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
    found = guessed(model, facts)
    if found is None:
        return Weights(UNKNOWN_WEIGHTS_GIB, f"{UNKNOWN_WEIGHTS_GIB} GiB of weights assumed, size unknown")
    source = "parameters by its name" if known(model, facts) is None else "parameters"
    plural = "s" if found.bytes > 1 else ""
    rest = ", embeddings × 2" if found.bytes < 2 and found.vocabulary else ""
    factors = f"{found.parameters:g}B {source} × {found.bytes:.3g} byte{plural}{rest}"
    return Weights(found.weights, f"{found.weights:.1f} GiB of weights ({factors})")
