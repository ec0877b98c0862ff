"""LoRA adapters: what vLLM takes of them. Apart from `vllm`: who needs the ranks need not read its releases."""

from __future__ import annotations

# --max-lora-rank takes these values only (vLLM, config/lora.py).
RANKS = (1, 8, 16, 32, 64, 128, 256, 320, 512)
