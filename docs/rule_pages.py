"""A page for each topic of rules: what must hold and why, and each rule by the example that lies beside it."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path

from krm_inference.validate_inference import rules
from krm_inference.validate_inference.findings import Rule, Topic
from krm_inference.validate_inference.rules import TOPICS

RULES = Path(__file__).resolve().parent.parent / "functions" / "krm_inference" / "validate_inference" / "rules"
_FOLDERS = {id(module.TOPIC): name for name, module in vars(rules).items() if hasattr(module, "TOPIC")}
_CONFIG = "config.yaml"
# Lines of a manifest around those in which the two examples differ.
_AROUND = 3


def folder_of(topic: Topic) -> str:
    """Return the name of the folder of a topic."""
    return _FOLDERS[id(topic)]


def pages() -> Iterator[tuple[Path, str]]:
    """Yield the page of each topic with its text."""
    for topic in TOPICS:
        folder = RULES / folder_of(topic)
        yield folder / "README.md", "\n".join((*_page(topic, folder), ""))


def _page(topic: Topic, folder: Path) -> Iterator[str]:
    yield from (f"# {topic.title}", "", topic.about, "")
    yield "`docs/tables.py` writes this page from the rows in `__init__.py` and the examples."
    yield "[All rules](../../../../../docs/rules.md), and how to set a severity or make an exception."
    for rule in topic.rules:
        yield from ("", f"## {rule.id}", "", f"{rule.what}.", "")
        rows = (
            ("severity", f"`{rule.severity}`"),
            ("why", rule.why),
            ("source", rule.source),
            ("what to do", rule.fix),
        )
        yield from ("| | |", "|---|---|", *(f"| {name} | {_cell(text)} |" for name, text in rows), "")
        yield from _example(rule, folder / "examples" / rule.id)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _example(rule: Rule, folder: Path) -> Iterator[str]:
    place = f"examples/{rule.id}"
    has_config = (folder / _CONFIG).exists()
    option = f"--config {_CONFIG} " if has_config else ""
    yield f"`validate-inference {option}fails.yaml` in [`{place}`]({place}) says:"
    yield from ("", *_block("text", (folder / "fails.txt").read_text(encoding="utf-8").splitlines()), "")
    if has_config:
        yield from (f"`{_CONFIG}` is:", "")
        yield from (*_block("yaml", (folder / _CONFIG).read_text(encoding="utf-8").splitlines()), "")
    yield "What makes it pass, as from `fails.yaml` to `passes.yaml`:"
    fails, passes = ((folder / name).read_text(encoding="utf-8").splitlines() for name in ("fails.yaml", "passes.yaml"))
    changes = list(difflib.unified_diff(fails, passes, lineterm="", n=_AROUND))[2:]
    yield from ("", *_block("diff", changes))


def _block(language: str, lines: list[str]) -> Iterator[str]:
    yield from (f"```{language}", *lines, "```")
