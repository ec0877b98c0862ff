"""Sets of manifests in which something is missing because an error came before: nothing follows from that."""

from pathlib import Path

import pytest
from krm_functions_sdk import Resource, ResourceList
from krm_functions_sdk.document import stream
from krm_inference.validate_inference import validate_inference

ROOT = Path(__file__).resolve().parents[3]
RULES = ROOT / "functions" / "krm_inference" / "validate_inference" / "rules"
PACKAGES = [ROOT / "packages" / name for name in ("llama-3.1-8b", "shared-gateway")]


def _read(files: list[Path]) -> list[tuple[str, str]]:
    """Return the documents of files with the name of their file."""
    return [
        (file.name, document.text)
        for file in files
        for document in stream.split(file.read_text(encoding="utf-8"))
        if not document.is_empty
    ]


def _said(documents: list[tuple[str, str]], *, is_incomplete: bool) -> set[tuple[str, str, str]]:
    resources = ResourceList([Resource(text, path=file) for file, text in documents])
    resources.is_incomplete = is_incomplete
    validate_inference(resources)
    return {(each.tags.get("rule", ""), str(each.reference), each.field) for each in resources.results}


SETS = {folder.name: _read([folder / "passes.yaml"]) for folder in sorted(RULES.glob("*/examples/*"))} | {
    package.name: _read([file for file in sorted(package.glob("*.yaml")) if file.name != "kustomizeconfig.yaml"])
    for package in PACKAGES
}


@pytest.mark.parametrize("name", SETS)
def test_nothing_is_found_because_an_object_is_missing(name: str) -> None:
    """Whichever it is: a rule that concludes from what is not there is marked `needs_all` in its row."""
    documents = SETS[name]
    whole = _said(documents, is_incomplete=False)
    for position in range(len(documents)):
        rest = documents[:position] + documents[position + 1 :]
        assert _said(rest, is_incomplete=True) <= whole, f"without document {position}"


def test_what_is_wrong_all_the_same_is_found() -> None:
    """A fault of one object needs no other: most examples that fail do so in an incomplete set too."""
    found = 0
    folders = sorted(RULES.glob("*/examples/*"))
    for folder in folders:
        said = _said(_read([folder / "fails.yaml"]), is_incomplete=True)
        found += folder.name in {rule for rule, *_ in said}
    assert found > len(folders) / 2, f"{found} of {len(folders)}"
