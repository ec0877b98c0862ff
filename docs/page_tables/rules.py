"""The rules of validate-inference: their page, and the fields of their severities in its definition."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import rule_pages
from krm_functions_sdk.document import emitter
from krm_inference.validate_inference.rules import RULES, TOPICS

from page_tables.functions import FUNCTIONS
from page_tables.markdown import table

RULES_DEFINITION = FUNCTIONS / "validate_inference" / "definition.yaml"


def rules(_: Path) -> Iterator[str]:
    """Yield the rules of validate-inference, a table for each topic."""
    for topic in TOPICS:
        yield from ("", f"### {topic.title}", "", topic.about, "")
        page = f"../functions/krm_inference/validate_inference/rules/{rule_pages.folder_of(topic)}/README.md"
        rows = [
            (f'<a id="{rule.id}"></a>[`{rule.id}`]({page}#{rule.id})', rule.severity, rule.what) for rule in topic.rules
        ]
        yield from table(("rule", "severity", "what must hold"), rows)
    yield ""


def severities() -> str:
    """Return the definition of validate-inference with a field for the severity of each rule."""
    text = RULES_DEFINITION.read_text(encoding="utf-8")
    head, mark, _ = text.rpartition("                properties:\n")
    fields = [
        f"""\
                  {rule.id}:
                    type: string
                    {emitter.document({"description": rule.what}).strip()}
                    enum: [error, warning, info, "off"]
                    default: {rule.severity}
"""
        for rule in RULES
    ]
    return head + mark + "".join(fields)
