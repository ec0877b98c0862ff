"""The golden examples: each is what its README says it is, and every function has one that works and one that fails."""

from pathlib import Path

import pytest
from krm_functions_sdk import golden
from krm_functions_sdk.function import registry

FUNCTIONS = Path(__file__).resolve().parents[2] / "krm_inference"
CASES = sorted(file.parent for file in FUNCTIONS.glob("*/examples/*/input.yaml"))
FOLDERS = sorted(file.parent for file in FUNCTIONS.glob("*/definition.yaml"))


def test_there_are_cases() -> None:
    """The glob of these tests finds something."""
    assert CASES
    assert FOLDERS


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: f"{folder.parent.parent.name}/{folder.name}")
def test_case(folder: Path) -> None:
    """The function answers expected.yaml byte for byte, with the right status, and the second run changes nothing."""
    name = folder.parent.parent.name.replace("_", "-")
    assert golden.Case(folder, registry.installed()[name].load()).problem() == ""


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_one_that_works_and_one_that_fails(folder: Path) -> None:
    """A reader finds what a function does, and what it says of a mistake."""
    expected = [file.read_text(encoding="utf-8") for file in folder.glob("examples/*/expected.yaml")]
    assert any("severity: error" in text for text in expected)
    assert any("severity: error" not in text for text in expected)
