"""The golden example of hardware: each kind that numbers are promised for is in it, and is rendered."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from krm_inference.domain.facts import models

FUNCTIONS = Path(__file__).resolve().parents[2] / "krm_inference"
SHOWN = ("generate_model_server", "inject_lifecycle")
Spec = dict[str, Any]
WANTED: dict[str, Callable[[Spec], bool]] = {
    "an H100": lambda spec: spec["accelerator"]["type"] == "nvidia-h100-80gb",
    "an H200": lambda spec: spec["accelerator"]["type"] == "nvidia-h200-141gb",
    "an L4": lambda spec: spec["accelerator"]["type"] == "nvidia-l4",
    "an A100 of 40 GB": lambda spec: spec["accelerator"]["type"] == "nvidia-tesla-a100",
    "a B200": lambda spec: spec["accelerator"]["type"] == "nvidia-b200",
    "two GPUs": lambda spec: spec["accelerator"].get("count") == 2,
    "eight GPUs": lambda spec: spec["accelerator"].get("count") == 8,
    "a mixture of experts": lambda spec: bool((found := models.known(spec["model"]["id"])) and found.experts),
    "a quantized model": lambda spec: bool((found := models.known(spec["model"]["id"])) and found.bytes < 1),
    "hardware that the intent describes": lambda spec: "facts" in spec["accelerator"],
}


@pytest.mark.parametrize("what", WANTED)
@pytest.mark.parametrize("function", SHOWN)
def test_the_example_of_hardware_shows(function: str, what: str) -> None:
    """An intent asks for it, and what is rendered has a server of that name with its concurrency."""
    folder = FUNCTIONS / function / "examples" / "hardware"
    given = yaml.safe_load((folder / "input.yaml").read_text(encoding="utf-8"))["items"]
    rendered = yaml.safe_load((folder / "expected.yaml").read_text(encoding="utf-8"))["items"]
    asked = {one["metadata"]["name"] for one in given if one["kind"] == "LLMService" and WANTED[what](one["spec"])}
    assert asked & {one["metadata"]["name"] for one in rendered if one["kind"] == "Deployment"}
