"""Many services in one set: the work grows with their number, and not with its square."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

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


def calls(text: str, within: str = "") -> int:
    """Return how many calls of functions a validation takes, of those of all files or of a folder."""
    count = 0

    def note(frame: FrameType, event: str, _: object) -> None:
        nonlocal count
        count += event in ("call", "c_call") and within in frame.f_code.co_filename

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


def test_the_schemas_of_a_definition_cost_the_rules_nothing() -> None:
    """They are parsed, so that a fault in their YAML is told; no rule gets to see them."""
    calls(definition(1))  # what is done once in a process
    few, many = (calls(definition(size), within="krm_inference") for size in (10, 1000))
    assert few > 100
    assert many == few


def test_a_key_that_stands_twice_in_a_schema_is_told() -> None:
    resources = ResourceList.read(definition(1) + definition(1).partition("properties:\n")[2])
    validate_inference(resources)
    assert [result.tags["rule"] for result in resources.results] == ["readable"]


def definition(fields: int) -> str:
    """Return a CustomResourceDefinition with so many fields in its schema."""
    names = "  group: example.com\n  names: \n    kind: Server\n    plural: servers\n  scope: Namespaced\n"
    head = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"
    head += "metadata:\n  name: servers.example.com\n"
    version = "  - name: v1\n    schema:\n      openAPIV3Schema:\n        type: object\n        properties:\n"
    schema = "".join(f"          field{number}:\n            type: string\n" for number in range(fields))
    return f"{head}spec:\n{names}  versions:\n{version}{schema}"
