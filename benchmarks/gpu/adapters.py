"""LoRA adapters with random weights, as PEFT writes them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

_ATTENTION = ("q_proj", "k_proj", "v_proj", "o_proj")


class Adapter(NamedTuple):
    """Name, rank and the projections that an adapter changes."""

    name: str
    rank: int
    modules: tuple[str, ...]


# The two of the seed: a small one, and one on every projection.
ADAPTERS = (
    Adapter("food", 8, ("q_proj", "v_proj")),
    Adapter("cad", 16, ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")),
)


def _sides(config: dict[str, Any], module: str) -> tuple[int, int]:
    """Return how many values go into a projection, and how many come out."""
    hidden, wide, size = config["hidden_size"], config["intermediate_size"], config["head_dim"]
    queries, keys = config["num_attention_heads"] * size, config["num_key_value_heads"] * size
    return {
        "q_proj": (hidden, queries),
        "k_proj": (hidden, keys),
        "v_proj": (hidden, keys),
        "o_proj": (queries, hidden),
        "gate_proj": (hidden, wide),
        "up_proj": (hidden, wide),
        "down_proj": (wide, hidden),
    }[module]


def write_adapter(folder: Path, adapter: Adapter, config: dict[str, Any], base: str) -> None:
    """Write one adapter for a model of that config.json; needs torch and safetensors, which vLLM brings."""
    import torch  # type: ignore[import-not-found, unused-ignore]
    from safetensors.torch import save_file  # type: ignore[import-not-found, unused-ignore]

    folder.mkdir(parents=True, exist_ok=True)
    about = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": base,
        "r": adapter.rank,
        "lora_alpha": 2 * adapter.rank,
        "lora_dropout": 0.0,
        "bias": "none",
        "inference_mode": True,
        "target_modules": list(adapter.modules),
    }
    (folder / "adapter_config.json").write_text(json.dumps(about, indent=1))
    tensors = {}
    for layer in range(config["num_hidden_layers"]):
        for module in adapter.modules:
            block = "self_attn" if module in _ATTENTION else "mlp"
            stem = f"base_model.model.model.layers.{layer}.{block}.{module}"
            into, out = _sides(config, module)
            tensors[f"{stem}.lora_A.weight"] = torch.randn(adapter.rank, into, dtype=torch.bfloat16) * 0.01
            tensors[f"{stem}.lora_B.weight"] = torch.randn(out, adapter.rank, dtype=torch.bfloat16) * 0.01
    save_file(tensors, folder / "adapter_model.safetensors")
