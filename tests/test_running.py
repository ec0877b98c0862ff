"""How all tests run on several cores: the tables of the root's conftest.py against the tests that there are."""

import re
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


@pytest.fixture
def tables(request: pytest.FixtureRequest) -> Any:
    """The conftest.py of the repository's root."""
    return request.config.pluginmanager.get_plugin(str(ROOT / "conftest.py"))


def test_each_name_in_the_tables_is_one_of_a_test_or_of_a_fixture(tables: Any) -> None:
    names = {*tables.SEARCHES, *tables.TOGETHER, *tables.LONG, *tables.SHARED}
    assert [name for name in sorted(names) if not re.search(rf"^def {name}\(", ALL, re.MULTILINE)] == []
    assert all(re.search(rf"@pytest\.fixture[^\n]*\ndef {name}\(", ALL) for name in tables.SHARED)


def test_whoever_drives_kpt_takes_the_fixture() -> None:
    """By it a test is known as one that `make quick` leaves out."""
    asking = {path: text for path, text in TEXTS.items() if 'require("kpt")' in text}
    assert asking
    for path, text in asking.items():
        functions = re.split(r"^(?=def )", text, flags=re.MULTILINE)
        assert [part.partition("(")[0] for part in functions if 'require("kpt")' in part] == ["def kpt"], path


def test_nobody_marks_by_hand_what_a_test_takes() -> None:
    assert [path for path, text in TEXTS.items() if re.search(r"pytest\.mark\.(kpt|search)\b", text)] == []
