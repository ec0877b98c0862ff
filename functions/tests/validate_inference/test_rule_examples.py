"""Each rule by example: examples/RULE/ of its topic has manifests that pass, the same that fail, and what is said.

All other rules of severity info are off: they would say of every server that it asks for no key.
"""

from __future__ import annotations

import difflib
import os
from pathlib import Path

import pytest
from krm_functions_sdk import Resource
from krm_functions_sdk.function import in_place
from krm_inference.validate_inference import validate_inference
from krm_inference.validate_inference.rules import RULES

TOPICS_FOLDER = Path(__file__).resolve().parents[2] / "krm_inference" / "validate_inference" / "rules"
FOLDERS = sorted(TOPICS_FOLDER.glob("*/examples/*"), key=lambda folder: folder.name)
CONFIG = "apiVersion: fn.kpt.dev/v1alpha1\nkind: ValidateInference\nmetadata:\n  name: rules\nspec:\n  severity: {}\n"
SEVERITIES = {rule.id: rule.severity for rule in RULES}
# Lines that a reader compares: more of them show a rule less well than two that differ in what the rule is about.
MOST_CHANGED = 12


def report(folder: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return what `validate-inference NAME` says in the folder, with what its config.yaml says, where there is one."""
    monkeypatch.chdir(folder)
    file = folder / "config.yaml"
    config = Resource(file.read_text(encoding="utf-8") if file.exists() else CONFIG)
    off = {rule: "off" for rule, severity in SEVERITIES.items() if severity == "info" and rule != folder.name}
    config.set("spec.severity", {**(config.get("spec.severity") or {}), **off})
    return in_place.change(validate_inference, config, [name], reports=True)[1]


def found(said: str) -> set[tuple[str, str]]:
    """Return severity and rule of the lines of a report that are about findings."""
    lines = [line.split(maxsplit=2) for line in said.splitlines() if line.startswith("  ") and line[2] != " "]
    return {(severity, rule.rstrip(":")) for severity, rule, *_ in lines}


def test_every_rule_has_examples() -> None:
    """A folder for each rule, none for another, and in it what these tests read and nothing else."""
    assert [folder.name for folder in FOLDERS] == sorted(SEVERITIES)
    for folder in FOLDERS:
        names = {path.name for path in folder.iterdir()}
        assert names - {"config.yaml"} == {"fails.yaml", "fails.txt", "passes.yaml"}, folder


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_what_fails_is_reported(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The report of fails.yaml is fails.txt: the rule, and above info no other; `make golden` writes it anew."""
    said = report(folder, "fails.yaml", monkeypatch)
    if os.environ.get("UPDATE_GOLDEN"):
        (folder / "fails.txt").write_text(said, encoding="utf-8")
    assert said == (folder / "fails.txt").read_text(encoding="utf-8")
    rules = found(said)
    assert folder.name in {rule for _, rule in rules}
    assert {rule for severity, rule in rules if severity != "info"} <= {folder.name}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_what_passes_has_no_finding(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of passes.yaml nothing is said above info, and nothing by the rule."""
    rules = found(report(folder, "passes.yaml", monkeypatch))
    assert folder.name not in {rule for _, rule in rules}
    assert {severity for severity, _ in rules} <= {"info"}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_both_are_nearly_the_same(folder: Path) -> None:
    """They differ in what the rule is about, so that a reader sees it."""
    fails, passes = ((folder / f"{name}.yaml").read_text(encoding="utf-8").splitlines() for name in ("fails", "passes"))
    lines = [line for line in difflib.ndiff(fails, passes) if line.startswith(("- ", "+ "))]
    assert 0 < len(lines) <= MOST_CHANGED
