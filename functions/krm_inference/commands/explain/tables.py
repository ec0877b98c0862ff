"""The tables whose rows an intent names, and the rows that the intents of a package name."""

from __future__ import annotations

from typing import Any

from krm_functions_sdk import Resource
from krm_functions_sdk.document.tree import YamlFault

from krm_inference.domain import intent
from krm_inference.domain.facts.accelerators import ACCELERATORS
from krm_inference.domain.facts.disaggregation import DISAGGREGATION
from krm_inference.domain.facts.gateway_classes import CLASSES
from krm_inference.domain.facts.models import MODELS
from krm_inference.domain.facts.nodes import NODES
from krm_inference.domain.facts.platforms import PLATFORMS
from krm_inference.domain.facts.releases import RELEASES
from krm_inference.domain.service import is_llm_service

Row = tuple[str, dict[str, Any], str]  # title and rows of a table, and the name of one
# Tables, and the field of an intent that names a row of them.
TABLES: tuple[tuple[str, dict[str, Any], tuple[str, ...]], ...] = (
    ("gateway_classes", CLASSES, ("spec", "gateway", "className")),
    ("releases", RELEASES, ("spec", "release")),
    ("platforms", PLATFORMS, ("spec", "platform")),
    ("accelerators", ACCELERATORS, ("spec", "accelerator", "type")),
    *((f"nodes {platform}", rows, ("spec", "accelerator", "type")) for platform, rows in NODES.items()),
    ("models", MODELS, ("spec", "model", "id")),
    ("disaggregation", DISAGGREGATION, ("spec", "release")),
)
# The fields without which a table means nothing.
_ASKED_FOR = {"disaggregation": "prefill"}


def rows_of(resources: list[Resource]) -> list[Row]:
    """Return the rows that the intents among resources name; of an intent with faults, none."""
    services = [value for item in resources if is_llm_service(item) and (value := _value(item))]
    found = []
    for table, rows, path in TABLES:
        asked = _ASKED_FOR.get(table, "model")
        names = dict.fromkeys(_at(service, path) for service in services if asked in service["spec"])
        found += [(table, rows, name) for name in names if name in rows]
    return found


def _value(resource: Resource) -> dict[str, Any] | None:
    try:
        data = resource.data
    except YamlFault:
        return None
    return None if intent.schema().check(data) else intent.schema().with_defaults(data)


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        value = value[key]
    return value
