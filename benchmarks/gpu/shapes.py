"""Shapes of models: their config.json, from which vLLM builds the exact layers with dummy weights."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .tokenizer import write_tokenizer

if TYPE_CHECKING:
    from pathlib import Path

_LLAMA: dict[str, Any] = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "attention_bias": False,
    "mlp_bias": False,
    "bos_token_id": 0,
    "eos_token_id": 1,
    "hidden_act": "silu",
    "rms_norm_eps": 1e-05,
    "rope_theta": 500000.0,
    "max_position_embeddings": 131072,
    "tie_word_embeddings": False,
    "dtype": "bfloat16",
}


@dataclass(frozen=True)
class Shape:
    """One model: `name` as in the table of models, what its config.json says, and what differs from the table.

    `facts` are terms of `model.facts` of an LLMService; `note` says in words what is not the published model.
    """

    name: str
    config: dict[str, Any]
    facts: dict[str, Any] = field(default_factory=dict)
    note: str = ""

    def write(self, folder: Path) -> None:
        """Write config.json, generation_config.json and a tokenizer of the right size into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.json").write_text(json.dumps(self.config, indent=1))
        (folder / "generation_config.json").write_text(json.dumps({"bos_token_id": 0, "eos_token_id": 1}))
        write_tokenizer(folder, self.config["vocab_size"])


def _llama(hidden: int, layers: int, heads: int, intermediate: int, **more: Any) -> dict[str, Any]:
    return {
        **_LLAMA,
        "hidden_size": hidden,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": 8,
        "head_dim": hidden // heads,
        "intermediate_size": intermediate,
        "vocab_size": 128256,
        **more,
    }


# Every figure is that of the config.json of the repository named.
SHAPES: dict[str, Shape] = {
    "1b": Shape(
        "meta-llama/Llama-3.2-1B-Instruct",
        _llama(2048, 16, 32, 8192, tie_word_embeddings=True),
    ),
    "8b": Shape("meta-llama/Llama-3.1-8B-Instruct", _llama(4096, 32, 32, 14336)),
    "70b": Shape("meta-llama/Llama-3.1-70B-Instruct", _llama(8192, 80, 64, 28672)),
    "70b-fp8": Shape(
        "meta-llama/Llama-3.1-70B-Instruct",
        _llama(
            8192,
            80,
            64,
            28672,
            quantization_config={
                "quant_method": "fp8",
                "activation_scheme": "dynamic",
                "ignored_layers": ["lm_head"],
            },
        ),
        facts={"dtype": "fp8"},
        note="all 80 layers, weights in FP8 with dynamic activations; embeddings and head in 16 bits",
    ),
    "30b-a3b": Shape(
        "Qwen/Qwen3-30B-A3B",
        {
            "architectures": ["Qwen3MoeForCausalLM"],
            "model_type": "qwen3_moe",
            "attention_bias": False,
            "bos_token_id": 0,
            "eos_token_id": 1,
            "decoder_sparse_step": 1,
            "head_dim": 128,
            "hidden_act": "silu",
            "hidden_size": 2048,
            "intermediate_size": 6144,
            "max_position_embeddings": 40960,
            "max_window_layers": 48,
            "mlp_only_layers": [],
            "moe_intermediate_size": 768,
            "norm_topk_prob": True,
            "num_attention_heads": 32,
            "num_experts": 128,
            "num_experts_per_tok": 8,
            "num_hidden_layers": 48,
            "num_key_value_heads": 4,
            "output_router_logits": False,
            "rms_norm_eps": 1e-06,
            "rope_theta": 1000000.0,
            "router_aux_loss_coef": 0.001,
            "sliding_window": None,
            "tie_word_embeddings": False,
            "use_sliding_window": False,
            "dtype": "bfloat16",
            "vocab_size": 151936,
        },
        note="the experts are chosen by random weights",
    ),
    # Small enough for a processor: to try the benchmark itself where there is no GPU. Never recorded.
    "tiny": Shape("tiny", _llama(256, 2, 8, 512, max_position_embeddings=8192)),
}
