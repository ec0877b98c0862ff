"""The READMEs of the functions: what each owns, reads and shows, and the fields of an intent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from krm_functions_sdk import Schema
from krm_functions_sdk.function.manual import field_table
from krm_inference.domain import intent, llm_cluster
from krm_inference.domain.service import KIND

from page_tables import ROOT
from page_tables.markdown import table

FUNCTIONS = ROOT / "functions" / "krm_inference"
SERVICE_FIELDS = "The fields are those of an [`LLMService`](../../README.md#the-intent)."
WORKLOAD = "`POD` is the path of the Pod's spec in the workload, and `CONTAINER` the name of the container."


def owns(folder: Path) -> Iterator[str]:
    """Yield the lines about what a function owns."""
    owned: dict[str, tuple[str, ...]] = getattr(import_module(f"krm_inference.{folder.name}"), "OWNS", {})
    if not owned:
        return
    rows = [(role if index == 0 else "", f"`{path}`") for role in owned for index, path in enumerate(owned[role])]
    yield from table(("object", "field"), rows)
    if any("POD" in path for paths in owned.values() for path in paths):
        yield from ("", WORKLOAD)


def config(folder: Path) -> Iterator[str]:
    """Yield the lines about a function's own functionConfig."""
    openapi = Schema.of_definition(folder / "definition.yaml").openapi
    spec = openapi["properties"].get("spec", {})
    if openapi["properties"]["kind"].get("enum") == [KIND]:
        yield SERVICE_FIELDS
    elif openapi["properties"]["kind"].get("enum") == [llm_cluster.KIND]:
        yield from _fields_of(llm_cluster.schema())
    elif spec.get("properties"):
        yield from field_table(spec)


def examples(folder: Path) -> Iterator[str]:
    """Yield the lines about the golden examples of a function: what the comment above each input says."""
    rows = []
    for case in sorted((folder / "examples").glob("*/input.yaml")):
        comment = re.match(r"(?:# .*\n)*", case.read_text(encoding="utf-8"))
        about = " ".join((comment[0] if comment else "").replace("# ", "").split())
        expected = case.with_name("expected.yaml").read_text(encoding="utf-8")
        outcome = "error" if "severity: error" in expected else "info" if "severity: info" in expected else ""
        rows.append((f"[`{case.parent.name}`](examples/{case.parent.name})", about, outcome))
    if rows:
        yield from table(("example", "what it shows", "reports"), rows)


def service(_: Path) -> Iterator[str]:
    """Yield the lines about the fields of an LLMService."""
    yield from _fields_of(intent.schema())


def _fields_of(schema: Schema) -> Iterator[str]:
    parts = schema.openapi["properties"]
    named = {name: part for name, part in parts["metadata"]["properties"].items() if "description" in part}
    yield from field_table({**parts["metadata"], "properties": named}, "metadata")
    yield from field_table(parts["spec"], "spec")[2:]  # one table: without a head of its own
