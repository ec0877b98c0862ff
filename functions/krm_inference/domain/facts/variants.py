"""Models beside those of `models.py`: some whose shape is that of another, and shapes of what came since.

What vLLM 0.33's registry and vLLM's recipes (vllm-project/recipes 8959cf6) list was looked through; a test holds which
architectures are known here. Configurations are those of ai-dynamo/aiconfigurator 095f58a, model_configs.
"""

from __future__ import annotations

from krm_inference.domain.facts.shapes import Model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# The model whose shape it is, and what differs. Quantized copies are known by their names. Kimi K2.6 and K2.7 Code,
# DeepSeek-V3.2-Exp and MiniMax M2 and M2.1 have the architecture of their sister by the recipes. A Qwen3-VL has the
# language model of a Qwen3 beside its vision encoder, 0.41 to 0.60 billion parameters by its configuration, of which a
# step of text reads none.
SAME: dict[str, tuple[str, dict[str, Any]]] = {
    "deepseek-ai/DeepSeek-V3.2-Exp": ("deepseek-ai/DeepSeek-V3.2", {}),
    "google/gemma-4-26B-A4B": ("google/gemma-4-26B-A4B-it", {}),
    "meta-llama/Llama-3.2-1B": ("meta-llama/Llama-3.2-1B-Instruct", {}),
    "meta-llama/Meta-Llama-3.1-8B": ("meta-llama/Llama-3.1-8B-Instruct", {}),
    "meta-llama/Meta-Llama-3.1-70B": ("meta-llama/Llama-3.1-70B-Instruct", {}),
    "meta-llama/Meta-Llama-3.1-405B": ("meta-llama/Llama-3.1-405B-Instruct", {}),
    "MiniMaxAI/MiniMax-M2": ("MiniMaxAI/MiniMax-M2.5", {}),
    "MiniMaxAI/MiniMax-M2.1": ("MiniMaxAI/MiniMax-M2.5", {}),
    "mistralai/Mixtral-8x7B-v0.1": ("mistralai/Mixtral-8x7B-Instruct-v0.1", {}),
    "mistralai/Mixtral-8x22B-v0.1": ("mistralai/Mixtral-8x22B-Instruct-v0.1", {}),
    "moonshotai/Kimi-K2.6": ("moonshotai/Kimi-K2.5", {}),
    "moonshotai/Kimi-K2.7-Code": ("moonshotai/Kimi-K2.5", {}),
    "nvidia/NVIDIA-Nemotron-3.5-Lightning-30B-A3B-BF16": (
        "nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-BF16", {"context": 1048576},
    ),
    "Qwen/Qwen3-VL-2B-Instruct": ("Qwen/Qwen3-1.7B", {"parameters": 2.13, "context": 262144}),
    "Qwen/Qwen3-VL-4B-Instruct": ("Qwen/Qwen3-4B", {"parameters": 4.44, "context": 262144}),
    "Qwen/Qwen3-VL-8B-Instruct": ("Qwen/Qwen3-8B", {"parameters": 8.77, "context": 262144}),
    "Qwen/Qwen3-VL-30B-A3B-Instruct": ("Qwen/Qwen3-30B-A3B", {"parameters": 31.0, "context": 262144}),
    "Qwen/Qwen3-VL-32B-Instruct": ("Qwen/Qwen3-32B", {"parameters": 33.4, "context": 262144}),
    "Qwen/Qwen3-VL-32B-Thinking": ("Qwen/Qwen3-32B", {"parameters": 33.4, "context": 262144}),
    "Qwen/Qwen3-VL-235B-A22B-Instruct": ("Qwen/Qwen3-235B-A22B", {"context": 262144}),
}  # fmt: skip
# MiMo keeps keys of 192 values and values of 128, so 160 in the mean. Nemotron 3 Ultra is worked out as its sisters
# are.
SHAPES: dict[str, Model] = {
    "nvidia/NVIDIA-Nemotron-3-Ultra-550B-A55B-BF16": Model(
        550.0, 108, 64, 2, 128, 8192, None, 262144, active=55.0, experts=512, chosen=22, uncached=96,
        state=48 * (2 * 256 * 64 * 128 + 3 * (256 * 64 + 2 * 8 * 128)), vocabulary=131072,
    ),
    "XiaomiMiMo/MiMo-V2-Flash": Model(
        309.0, 48, 64, 8, 160, 4096, None, 262144, dtype="fp8", active=15.0, experts=256, chosen=8, windowed=39,
        window=128, vocabulary=152576, wide_heads=4, wide_size=160,
    ),
}  # fmt: skip
