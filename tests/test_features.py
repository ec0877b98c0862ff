"""The page that sets us beside others: what it says of us has something to show for it, and every column its source."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import ROOT

PAGE = ROOT / "docs" / "features.md"
TEXT = PAGE.read_text(encoding="utf-8")
LINK = re.compile(r"\[([^\]]+)\]\(([^)#]+)(#[^)]*)?\)")


def rows() -> list[list[str]]:
    """Return the cells of each line of the table, without its head."""
    table = TEXT.partition("<!-- features -->\n")[2].partition("<!-- /features -->")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


ROWS = rows()


def verdict(cell: str) -> str:
    return LINK.sub(r"\1", cell).split()[0]


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_what_is_said_of_us_has_something_to_show(row: list[str]) -> None:
    """A yes and a part lead to a file that is there; a no leads nowhere, and a part says which part."""
    found, said = LINK.search(row[-1]), verdict(row[-1])
    assert said in ("Y", "P", "N")
    assert (found is not None and found[1] == said) == (said in ("Y", "P")), row[-1]
    for _, target, _ in LINK.findall(row[-1]):
        assert (PAGE.parent / target).is_file(), target
    if said == "P":
        assert len(LINK.sub(r"\1", row[-1]).split()) > 1, "P without a word of what"


def test_a_golden_example_is_no_list_of_mistakes() -> None:
    """What an example shows for a yes was rendered, and did not fail."""
    targets = [PAGE.parent / target for row in ROWS for _, target, _ in LINK.findall(row[-1])]
    examples = [target for target in targets if target.name == "expected.yaml"]
    assert len(examples) > 5
    assert [str(one) for one in examples if "severity: error" in one.read_text(encoding="utf-8")] == []


def test_every_cell_of_others_is_one_of_five_and_no_feature_stands_twice() -> None:
    assert {cell for row in ROWS for cell in row[1:-1]} <= {"Y", "P", "N", "?", "–"}
    assert len({row[0] for row in ROWS}) == len(ROWS)


def test_every_column_says_where_it_was_read() -> None:
    head = next(line for line in TEXT.splitlines() if line.startswith("| feature |"))
    columns = [cell.strip() for cell in head.strip("|").split("|")][1:-1]
    sources = re.findall(r"^\| (\w\w) \| .+ \| .+ \|$", TEXT.partition("## Sources")[2], re.MULTILINE)
    assert sources == columns
    assert all(f"**{column}** " in TEXT for column in columns)


def test_the_readme_leads_here() -> None:
    assert "docs/features.md" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert "(features.md)" in (Path(ROOT) / "docs" / "README.md").read_text(encoding="utf-8")
