"""Models: how much memory and disk their weights take."""

from __future__ import annotations

import math
import re
from typing import NamedTuple

# Parameters in billions, as the model cards give them. All are published in 16-bit weights.
PARAMETERS: dict[str, float] = {
    "meta-llama/Llama-3.1-8B": 8.03,
    "meta-llama/Llama-3.1-8B-Instruct": 8.03,
    "meta-llama/Llama-3.1-70B-Instruct": 70.6,
    "meta-llama/Llama-3.2-1B-Instruct": 1.24,
    "meta-llama/Llama-3.2-3B-Instruct": 3.21,
    "meta-llama/Llama-3.3-70B-Instruct": 70.6,
    "mistralai/Mistral-7B-Instruct-v0.3": 7.25,
    "Qwen/Qwen2.5-7B-Instruct": 7.62,
    "Qwen/Qwen2.5-32B-Instruct": 32.8,
}
BYTES_PER_PARAMETER = 2
_IN_NAME = re.compile(r"(?:^|[-_/])(\d+(?:\.\d+)?)[bB](?=$|[-_.])")
UNKNOWN_WEIGHTS_GIB = 60


class Weights(NamedTuple):
    """Size of a model's weights in GiB, and where the figure comes from."""

    gib: float
    reason: str


def weights(model: str) -> Weights:
    """Return the size of the weights: of a known model, by the size in its name, or a guess that says so."""
    parameters = PARAMETERS.get(model)
    source = "parameters"
    if parameters is None and (match := _IN_NAME.search(model)):
        parameters, source = float(match[1]), "parameters by its name"
    if parameters is None:
        return Weights(UNKNOWN_WEIGHTS_GIB, f"{UNKNOWN_WEIGHTS_GIB} GiB of weights assumed, size unknown")
    gib = parameters * 1e9 * BYTES_PER_PARAMETER / 2**30
    return Weights(gib, f"{gib:.1f} GiB of weights ({parameters:g}B {source} × {BYTES_PER_PARAMETER} bytes)")


def to_ten(gib: float) -> int:
    """Round up to the next ten GiB."""
    return math.ceil(gib / 10) * 10
