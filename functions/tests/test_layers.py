"""The arrow between the layers: function → domain → SDK, and no function knows another."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
INFERENCE = ROOT / "functions" / "krm_inference"
# What a room imports beside the domain and itself.
BESIDE = {"commands": ("manifests", "validate_inference"), "validate_inference": ("manifests",)}
SDK = ROOT / "sdk" / "krm_functions_sdk"


def _imports(file: Path) -> Iterator[str]:
    """Yield every module that a file imports, also inside functions."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno}: a relative import"
            for name in node.names:
                yield f"{node.module}.{name.name}"


def _parts(file: Path) -> set[str]:
    """Return the parts of krm_inference that a file imports: `domain`, or the folder of a function."""
    return {name.split(".")[1] for name in _imports(file) if name.split(".")[0] == "krm_inference"}


def test_there_are_files() -> None:
    """The globs of these tests find something."""
    assert list(INFERENCE.glob("*/*.py"))
    assert list(INFERENCE.glob("domain/*.py"))
    assert list(SDK.glob("**/*.py"))


@pytest.mark.parametrize("file", sorted(INFERENCE.glob("*/*.py")), ids=lambda file: f"{file.parent.name}/{file.name}")
def test_a_function_imports_the_domain_only(file: Path) -> None:
    """A function imports the domain and its own modules, the domain only itself; the rules also the manifests."""
    assert _parts(file) <= {"domain", file.parent.name, *BESIDE.get(file.parent.name, ())}


@pytest.mark.parametrize("file", sorted(SDK.glob("**/*.py")), ids=lambda file: file.name)
def test_the_sdk_knows_nothing_of_inference(file: Path) -> None:
    """The SDK imports no function and knows no kind of theirs."""
    assert not [name for name in _imports(file) if name.startswith("krm_inference")]
    text = file.read_text(encoding="utf-8").lower()
    assert not [word for word in ("inference", "llmservice", "adapter") if word in text]
