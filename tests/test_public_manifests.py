"""The page of figures on public manifests: it says what the table of verdicts holds, and promises no more."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from krm_inference.validate_inference.rules import RULES

ROOT = Path(__file__).resolve().parent.parent
TABLE: dict[str, Any] = yaml.safe_load((ROOT / "benchmarks" / "public-manifests.yaml").read_text(encoding="utf-8"))
FAULTS: dict[str, Any] = yaml.safe_load((ROOT / "benchmarks" / "public-faults.yaml").read_text(encoding="utf-8"))
LEAST = {"error": 0.95, "warning": 0.85}


def test_the_page_is_made_from_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import public_manifests  # a script of its folder

    text = (ROOT / "docs" / "precision.md").read_text(encoding="utf-8")
    between = text.partition("<!-- public -->\n")[2].partition("\n<!-- /public -->")[0]
    assert between == public_manifests.page(TABLE)
    sys.modules.pop("public_manifests")


def test_the_page_has_the_table_of_faults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import public_faults  # a script of its folder

    text = (ROOT / "docs" / "precision.md").read_text(encoding="utf-8")
    between = text.partition("<!-- faults -->\n")[2].partition("\n<!-- /faults -->")[0]
    assert between == public_faults.page(FAULTS)
    sys.modules.pop("public_faults")


def test_each_fault_is_found_by_a_rule_or_says_why_not() -> None:
    faults = FAULTS["faults"]
    assert len({(row["fixed"], row["path"]) for row in faults}) == len(faults) >= 30
    for row in faults:
        assert set(row.get("found", [])) <= {rule.id for rule in RULES}
        assert bool(row.get("found")) != bool(row.get("why"))
        assert row["path"].startswith(row["folder"])


def test_no_less_is_found_than_was_once() -> None:
    assert sum(bool(row.get("found")) for row in FAULTS["faults"]) / len(FAULTS["faults"]) >= 0.5


def test_enough_repositories_were_read() -> None:
    names = [each["name"] for each in TABLE["repositories"]]
    assert len(set(names)) == len(names) >= 20
    assert all(len(each["commit"]) == 40 for each in TABLE["repositories"])


@pytest.mark.parametrize("severity", LEAST)
def test_most_of_what_is_said_is_right(severity: str) -> None:
    found = TABLE["found"][severity]
    wrong = [each for each in TABLE["wrong"] if each["rule"] in found]
    assert 1 - len(wrong) / sum(found.values()) >= LEAST[severity]


def test_each_wrong_finding_has_a_reason_and_a_rule_that_found_it() -> None:
    rules = {rule for counts in TABLE["found"].values() for rule in counts}
    names = {each["name"] for each in TABLE["repositories"]}
    for each in TABLE["wrong"]:
        assert each["rule"] in rules
        assert each["repository"] in names
        assert each["why"]
