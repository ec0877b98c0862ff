"""How all tests run on several cores: the tables of the root's conftest.py against the tests that there are."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

TEXTS = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for room in ("sdk/tests", "functions", "tests")
    for path in sorted((ROOT / room).rglob("*.py"))
    if path != Path(__file__)
}
ALL = "".join(TEXTS.values())


# Faults before a test, in it and after it, which its process tells the one that shows them.
FAULTS = """
import pytest


@pytest.fixture
def before():
    raise ValueError("before it")


@pytest.fixture
def after():
    print("what was printed before")
    yield
    raise ValueError("after it")


def test_before(before): ...


def test_after(after): ...


def test_in(): raise ValueError("in it")


def test_not(): pytest.skip()
"""


@pytest.fixture
def tables(request: pytest.FixtureRequest) -> Any:
    """The conftest.py of the repository's root."""
    return request.config.pluginmanager.get_plugin(str(ROOT / "conftest.py"))


def test_each_name_in_the_tables_is_one_of_a_test_or_of_a_file(tables: Any) -> None:
    files = {name for table in (tables.FILES, tables.KUBECTL, tables.COPIES) for name in table if name.endswith(".py")}
    names = {*tables.SEARCHES, *tables.TOGETHER, *tables.LONG, *tables.KUBECTL} - files
    assert [name for name in sorted(names) if not re.search(rf"^def {name}\(", ALL, re.MULTILINE)] == []
    assert {Path(path).name for path in TEXTS} >= files


def test_what_belongs_together_runs_in_one_process_and_all_else_anywhere(tables: Any, tmp_path: Path) -> None:
    """Asked of pytest itself, with the conftest.py of the repository."""
    shutil.copy(tables.__file__, tmp_path)
    together, others = f"{min(tables.FILES)}", "test_others.py"
    for file in (together, others):
        (tmp_path / file).write_text(
            "import os, pathlib, pytest, time\n\n\n@pytest.mark.parametrize('number', range(12))\n"
            "def test_one(number):\n    time.sleep(0.05)\n"
            f"    with open({str(tmp_path / file)!r} + '.txt', 'a') as found:\n"
            "        print(os.environ['PYTEST_XDIST_WORKER'], file=found)\n"
        )
    (tmp_path / "test_faults.py").write_text(FAULTS)
    command = [sys.executable, "-m", "pytest", "-n", "2", "-p", "no:cacheprovider", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert re.search(r"=+ 1 failed, 25 passed, 1 skipped, 2 errors in ", done.stdout), done.stdout + done.stderr
    assert re.search(r"^[.FEs]+ +\[100%\]$", done.stdout, re.MULTILINE)
    for said in ("before it", "in it", "after it", "what was printed before"):
        assert said in done.stdout
    workers = {file: (tmp_path / f"{file}.txt").read_text().split() for file in (together, others)}
    assert {file: len(names) for file, names in workers.items()} == {together: 12, others: 12}
    assert len(set(workers[together])) == 1
    assert len(set(workers[others])) == 1  # the cases of a function
    assert tables.unit_of(f"{others}::test_one[3]") != tables.unit_of(f"{others}::test_two[3]")
    searched = f"{others}::{min(tables.SEARCHES)}"
    assert tables.unit_of(f"{searched}[3]") != tables.unit_of(f"{searched}[4]")  # which process takes them is chance


def test_whoever_drives_kpt_takes_the_fixture() -> None:
    """By it a test is known as one that `make quick` leaves out."""
    asking = {path: text for path, text in TEXTS.items() if 'require("kpt")' in text}
    assert asking
    for path, text in asking.items():
        functions = re.split(r"^(?=def )", text, flags=re.MULTILINE)
        assert [part.partition("(")[0] for part in functions if 'require("kpt")' in part] == ["def kpt"], path


def test_searches_go_far_in_ci_and_where_somebody_asks(tables: Any) -> None:
    assert tables.goes_far({"CI": "true"})
    assert tables.goes_far({"SEARCH": "far"})
    assert not tables.goes_far({"SEARCH": "near"})
    assert not tables.goes_far({})


def test_nobody_marks_by_hand_what_a_test_takes() -> None:
    assert [path for path, text in TEXTS.items() if re.search(r"pytest\.mark\.(copy|kpt|search)\b", text)] == []
