"""The READMEs' tables and the JSON Schema for editors are what the code says today."""

import json
import re
import subprocess
import sys
from pathlib import Path

import jsonschema_rs
import pytest
import yaml
from krm_functions_sdk import ResourceList
from krm_functions_sdk.function.call import execute
from krm_inference.validate_inference import validate_inference
from krm_inference.validate_inference.rules import RULES

ROOT = Path(__file__).resolve().parents[3]
SCHEMA = ROOT / "docs" / "llmservice.schema.json"
READMES = sorted((ROOT / "functions" / "krm_inference").glob("*/README.md"))


def test_everything_is_up_to_date() -> None:
    """docs/tables.py has nothing to write."""
    check = subprocess.run(
        [sys.executable, ROOT / "docs" / "tables.py", "--check"], capture_output=True, text=True, check=False
    )
    assert check.stdout + check.stderr == ""
    assert check.returncode == 0


def test_a_wrong_argument_shows_the_usage() -> None:
    """An argument that the script does not know is no reason to write."""
    wrong = subprocess.run(
        [sys.executable, ROOT / "docs" / "tables.py", "--chek"], capture_output=True, text=True, check=False
    )
    assert wrong.returncode == 2
    assert "usage: docs/tables.py [--check]" in wrong.stderr


def test_the_report_in_the_readme_is_the_one_that_is_written() -> None:
    """It is that of an example, as a plain stream."""
    folder = ROOT / "functions" / "krm_inference" / "validate_inference"
    example = ResourceList.read((folder / "examples" / "api-that-never-was" / "input.yaml").read_text())
    stream = "---\n".join(re.sub(r" *annotations:\n( *internal\..*\n)+", "", item.text) for item in example)
    _, said, _ = execute(validate_inference, stream.encode(), reports=True)
    shown = re.findall(r"^```text\n(.*?)^```$", (folder / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    assert shown == [said]


@pytest.mark.parametrize("readme", READMES, ids=lambda readme: readme.parent.name)
def test_every_readme_has_its_sections(readme: Path) -> None:
    """A function's README shows what it owns, its functionConfig and its examples."""
    text = readme.read_text(encoding="utf-8")
    for name in ("owns", "config", "examples"):
        assert len(re.findall(rf"^<!-- {name} -->\n(?s:.*?)^<!-- /{name} -->$", text, re.MULTILINE)) == 1


def test_editors_take_the_intents_of_the_packages(least: str, full: str) -> None:
    """The exported schema accepts the intents that the functions accept, and refuses a misspelt field."""
    validator = jsonschema_rs.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    packages = [file.read_text(encoding="utf-8") for file in ROOT.glob("packages/*/llm.yaml")]
    assert packages
    for text in (least, full, *packages):
        assert validator.is_valid(yaml.safe_load(text))
    assert not validator.is_valid(yaml.safe_load(least.replace("accelerator:", "acelerator:")))


def test_the_readme_says_how() -> None:
    """The README shows the line by which an editor finds the schema."""
    readme = (ROOT / "functions" / "README.md").read_text(encoding="utf-8")
    assert "# yaml-language-server: $schema=../../docs/llmservice.schema.json\n" in readme


def test_each_rule_leads_to_its_place_on_a_page() -> None:
    """A link of docs/rules.md leads to a page that has a heading of the rule's name."""
    text = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    links = re.findall(r"\[`([a-z-]+)`\]\((\S+)#([a-z-]+)\) \|", text)
    assert [rule for rule, _, _ in links] == [rule.id for rule in RULES]
    for rule, page, anchor in links:
        assert anchor == rule
        assert f"\n## {rule}\n" in (ROOT / "docs" / page).read_text(encoding="utf-8")
