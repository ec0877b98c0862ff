"""How kpt merges the lists of an intent: all lists of the schema are in the table, and all of ours say it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from krm_inference.commands.init import contents
from krm_inference.commands.init.choice import Choice
from krm_inference.domain.facts import merging
from krm_inference.domain.intent import schema

ROOT = Path(__file__).resolve().parents[3]
INTENTS = [
    file.relative_to(ROOT).as_posix()
    for file in sorted(ROOT.glob("packages/**/*.yaml"))
    if re.search(r"^kind: LLMService$", file.read_text(encoding="utf-8"), re.MULTILINE)
]
PAGES = ("packages/llama-3.1-8b/README.md", "packages/shared-gateway/README.md", "docs/changes.md")
TEMPLATE = "functions/krm_inference/commands/init/templates/README.md.in"


def lists(value: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the path of each list of a schema, and the schema of its entries."""
    if value.get("type") == "array":
        yield path, value["items"]
        yield from lists(value["items"], f"{path}[]")
    for name, field in value.get("properties", {}).items():
        yield from lists(field, f"{path}.{name}".removeprefix("."))


def test_each_list_of_the_schema_is_in_the_table() -> None:
    """Its key is a text that each entry must have, none for words, and None where an entry has no such text."""
    found = dict(lists(schema().openapi["properties"]["spec"]))
    assert set(found) == set(merging.KEYS)
    for path, entry in found.items():
        key = merging.KEYS[path]
        texts = [name for name in entry.get("required", ()) if entry["properties"][name]["type"] == "string"]
        if entry["type"] == "string":
            assert key == "", path
        elif key is None:
            assert not texts, path
        else:
            assert key in texts, path


def written(text: str) -> set[tuple[str, str]]:
    """Return the lists of an intent, each with the comment behind its key."""
    found = set()

    def look(node: yaml.Node, path: str) -> None:
        for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
            inner = f"{path}.{key.value}".removeprefix(".")
            if isinstance(value, yaml.SequenceNode):
                line = text.splitlines()[key.start_mark.line]
                found.add((inner, line.partition(f"{key.value}:")[2].strip()))
            look(value, inner)
        for value in node.value if isinstance(node, yaml.SequenceNode) else ():
            look(value, f"{path}[]")

    root = yaml.compose(text)
    assert isinstance(root, yaml.MappingNode)
    look(next(value for key, value in root.value if key.value == "spec"), "")
    return found


@pytest.mark.parametrize("name", INTENTS)
def test_each_list_of_a_package_says_how_it_merges(name: str) -> None:
    found = written((ROOT / name).read_text(encoding="utf-8"))
    assert found == {(path, merging.comment(path)) for path, _ in found}


def test_what_init_writes_says_how_it_merges() -> None:
    adapters = (("poems", "example/poems"),)
    choice = Choice("Qwen/Qwen3-8B", "nvidia-l4", 2, "gke-standard", "gaie-v1.5", "istio", adapters)
    found = written(contents.files(choice, "mine")[contents.INTENT])
    assert found == {("adapters", merging.comment("adapters"))}


@pytest.mark.parametrize("name", [*PAGES, TEMPLATE])
def test_the_pages_say_it(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert re.search(r"^## Updat(e|ing) a package$", text, re.MULTILINE)
    assert merging.comment("server.env") in text
    assert merging.comment("server.extraArgs") in text
    assert "picker.flowControl.bands" in text


def test_the_page_of_changes_has_all_lists() -> None:
    page = (ROOT / "docs" / "changes.md").read_text(encoding="utf-8")
    rows = {
        (path, shown.strip("`") if shown.startswith("`") else "")
        for shown, paths in re.findall(r"^\| (.+) \| (`.+`) \|$", page, re.MULTILINE)
        for path in re.findall(r"`([^`]+)`", paths)
    }
    assert rows == {(path, merging.comment(path)) for path in merging.KEYS}
