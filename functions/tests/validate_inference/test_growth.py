"""Many services in one set: the work grows with their number, and not with its square."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from krm_functions_sdk import ResourceList
from krm_inference.validate_inference import validate_inference

PACKAGE = Path(__file__).parents[3] / "packages" / "llama-3.1-8b"
SKIPPED = ("kustomization.yaml", "kustomizeconfig.yaml")
TEXT = "---\n".join(file.read_text() for file in sorted(PACKAGE.glob("*.yaml")) if file.name not in SKIPPED)
NAME, LABEL = "vllm-llama3.1-8b-instruct", "vllm-llama3-1-8b-instruct"

COPIES: dict[str, Callable[[int], str]] = {
    "of other names": lambda n: TEXT.replace(NAME, f"s{n}-llama3.1").replace(LABEL, f"s{n}-llama3-1"),
    "in other namespaces": lambda n: re.sub(r"(?m)^(  name: .*\n)", rf"\1  namespace: ns{n}\n", TEXT),
    "all the same": lambda _: TEXT,
}


def calls(text: str) -> int:
    """Return how many calls of functions a validation takes."""
    count = 0

    def note(_: object, event: str, __: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    resources = ResourceList.read(text)
    sys.setprofile(note)
    try:
        validate_inference(resources)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("kind", COPIES)
def test_twice_the_services_take_twice_the_work(kind: str) -> None:
    few, many = (calls("---\n".join(COPIES[kind](number) for number in range(size))) for size in (12, 24))
    assert few > 10_000
    assert many < 2.15 * few
