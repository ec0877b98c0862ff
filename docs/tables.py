#!/usr/bin/env python3
"""Fill the tables of the READMEs and of rules.md from the code that they describe, write schemas and pages of rules.

usage: docs/tables.py [--check]

What stands between `<!-- owns -->` and `<!-- /owns -->`, and so on for each of SECTIONS, is written anew; so are
the schema of an LLMService as functions read it, its JSON Schema, the part of validate-inference's definition that has
a field for each rule, and the page of each topic of rules.
--check writes nothing and fails where something is out of date.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import rule_pages
from krm_functions_sdk import Schema
from krm_functions_sdk.function.schema import json_schema
from krm_inference.commands.facts import text as facts_text
from krm_inference.commands.facts.release_facts import VLLM, names, of
from krm_inference.domain import intent, llm_cluster, schema_file
from krm_inference.domain.facts import vllm_releases
from krm_inference.domain.service import KIND
from page_tables import ROOT
from page_tables.disaggregation import disaggregation
from page_tables.facts import breaks, comings, vllm_names
from page_tables.functions import FUNCTIONS, config, examples, owns, service
from page_tables.gateways import classes
from page_tables.packages import PACKAGES, packages
from page_tables.platforms import accelerator_figures, accelerator_nodes, backends, hardware, platforms, slices, support
from page_tables.releases import definitions, differences, estimates, lacks, picker_configs, releases
from page_tables.rules import RULES_DEFINITION, rules, severities

RELEASES_PAGE = ROOT / "docs" / "releases.md"
INTENT = Path(intent.__file__).with_name("llm_service.schema.yaml")
SCHEMA = ROOT / "docs" / "llmservice.schema.json"
SCHEMA_OF_CLUSTERS = ROOT / "docs" / "llmcluster.schema.json"
FACTS = ROOT / "docs" / "facts"
RULES_PAGE = ROOT / "docs" / "rules.md"


SECTIONS: dict[str, Callable[[Path], Iterator[str]]] = {
    "owns": owns,
    "config": config,
    "examples": examples,
    "intent": service,
    "rules": rules,
    "releases": releases,
    "lacks": lacks,
    "picker-configs": picker_configs,
    "breaks": breaks,
    "gateway-classes": classes,
    "platforms": platforms,
    "support-matrix": support,
    "accelerator-nodes": accelerator_nodes,
    "accelerator-figures": accelerator_figures,
    "backends": backends,
    "slices": slices,
    "hardware": hardware,
    "packages": packages,
    "comings": comings,
    "definitions": definitions,
    "estimates": estimates,
    "disaggregation": disaggregation,
    "differences": differences,
    "vllm-names": vllm_names,
}


def filled(text: str, folder: Path) -> str:
    """Return the text of the README in `folder` with every section written anew."""
    for name, lines in SECTIONS.items():
        begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        if begin in text:
            head, _, rest = text.partition(begin)
            tail = rest.partition(end)[2]
            body = "".join(f"{line}\n" for line in lines(folder))
            text = f"{head}{begin}{body}{end}{tail}"
    return text


def pages() -> Iterator[tuple[Path, str]]:
    """Yield each file with the text that it should have."""
    yield INTENT.with_suffix(".json"), schema_file.as_json(INTENT)
    yield RULES_DEFINITION, severities()
    yield from rule_pages.pages()
    readmes = [
        *(ROOT / "functions" / "README.md", *sorted(FUNCTIONS.glob("*/README.md")), RULES_PAGE, RELEASES_PAGE),
        FACTS / "README.md",
        ROOT / "docs" / "disaggregation.md",
        ROOT / "docs" / "gateways.md",
        ROOT / "docs" / "platforms.md",
        ROOT / "README.md",
        PACKAGES / "README.md",
    ]
    for readme in readmes:
        yield readme, filled(readme.read_text(encoding="utf-8"), readme.parent)
    for name in names():
        if not name.startswith(VLLM):
            yield FACTS / f"{name}.json", facts_text.json_text(of(name))
    newest = of(f"{VLLM}{vllm_releases.LAST}")
    yield FACTS / f"{newest['name']}.json", facts_text.json_text(newest)
    yield SCHEMA, _json(KIND, intent.schema())
    yield SCHEMA_OF_CLUSTERS, _json(llm_cluster.KIND, llm_cluster.schema())


def _json(title: str, schema: Schema) -> str:
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title}
    return json.dumps({**head, **json_schema(schema.openapi)}, indent=2, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> int:
    """Write what is out of date, or with --check only name it; return the exit status."""
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    stale = False
    for file, text in pages():  # one after the other: a README shows what a schema says
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            stale = True
            print(f"{file.relative_to(ROOT)}: {'out of date, run docs/tables.py' if arguments else 'written'}")
            if not arguments:
                file.write_text(text, encoding="utf-8")
    return 1 if arguments and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
