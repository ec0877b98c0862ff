"""The pipeline of a Kptfile (kpt.dev/v1, as kpt 1.0.0-beta.56 reads it)."""

from __future__ import annotations

import posixpath

from krm_functions_sdk.document import field_path
from krm_functions_sdk.document.tree import MAP, SCALAR
from krm_functions_sdk.function.schema import Schema
from krm_functions_sdk.kpt.external import image_fault
from krm_functions_sdk.resources import selectors
from krm_functions_sdk.resources.resource import Resource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_OPEN = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
_TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}
_SELECTOR = {
    "type": "object",
    "properties": {
        **{name: {"type": "string"} for name in ("apiVersion", "kind", "name", "namespace")},
        "labels": _TEXTS,
        "annotations": _TEXTS,
    },
}
_FUNCTION = {
    "type": "object",
    "properties": {
        **{name: {"type": "string"} for name in ("image", "exec", "configPath", "name")},
        "configMap": _OPEN,
        "selectors": {"type": "array", "items": _SELECTOR},
        "exclude": {"type": "array", "items": _SELECTOR},
    },
}
_PIPELINE = {
    "type": "object",
    "properties": {
        "mutators": {"type": "array", "items": _FUNCTION},
        "validators": {"type": "array", "items": _FUNCTION},
    },
}
_METADATA = {
    "type": "object",
    "properties": {"name": {}, "namespace": {}, "labels": _TEXTS, "annotations": _TEXTS},
}
_INFO = ("description", "emails", "keywords", "license", "licenseFile", "man", "readinessGates", "site")
# kpt refuses a field that it does not know. What kpt writes by itself is open here: a newer one writes more.
_KPTFILE = {
    "type": "object",
    "properties": {
        "apiVersion": {"type": "string", "enum": ["kpt.dev/v1"]},
        "kind": {"type": "string", "enum": ["Kptfile"]},
        "metadata": _METADATA,
        "info": {"type": "object", "properties": {name: {} for name in _INFO}},
        **dict.fromkeys(("upstream", "upstreamLock", "inventory", "status"), _OPEN),
        "pipeline": _PIPELINE,
    },
}


class Step:
    """One function of a pipeline, as the Kptfile declares it."""

    def __init__(self, kptfile: Resource, section: str, index: int, declared: dict[str, Any]) -> None:
        self.field = f"pipeline.{section}[{index}]"
        self.is_validator = section == "validators"
        self.image: str = declared.get("image", "")
        self.exec: str = declared.get("exec", "")
        self.config_path = posixpath.normpath(declared["configPath"]) if declared.get("configPath") else ""
        self.config_map = _config_map(kptfile, self.field)
        self.selectors: list[dict[str, Any]] = declared.get("selectors", [])
        self.exclude: list[dict[str, Any]] = declared.get("exclude", [])

    def selects(self, resource: Resource) -> bool:
        """Say whether the step's selectors and exclude let it see `resource`."""
        return selectors.takes(self.selectors, self.exclude, resource)


def steps(kptfile: Resource) -> tuple[list[Step], list[tuple[str, str]]]:
    """Return the steps of the pipeline, and (field, message) of every fault in the Kptfile. Raises YamlFault."""
    _ = kptfile.data  # refuses a key that appears twice
    value = selectors.texts(kptfile.root)
    faults = [(field_path.show(fault.path), fault.message) for fault in Schema(_KPTFILE).check(value)]
    declared = [
        (section, index, step)
        for section in ("mutators", "validators")
        for index, step in enumerate([] if faults else value.get("pipeline", {}).get(section, []))
    ]
    for section, index, step in declared:
        faults += _step_faults(f"pipeline.{section}[{index}]", step)
    return [] if faults else [Step(kptfile, *each) for each in declared], faults


def _step_faults(field: str, declared: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if bool(declared.get("image")) == bool(declared.get("exec")):
        yield field, "expected either image or exec"
    if declared.get("image") and (wrong := image_fault(declared["image"])):
        yield f"{field}.image", wrong
    if declared.get("configPath") and declared.get("configMap"):
        yield field, "found configPath and configMap, expected one of them"
    for key, value in declared.get("configMap", {}).items():
        if isinstance(value, dict | list):
            yield field_path.show((*field_path.parse(field), "configMap", key)), "expected a string"


def _config_map(kptfile: Resource, field: str) -> dict[str, str]:
    """Return the data of the ConfigMap that a step gets: every value is the text that stands in the Kptfile."""
    found = kptfile.find(f"{field}.configMap")
    if found is None or found.target.kind != MAP:
        return {}
    values = ((key.value, value.target) for key, value in found.target.value)
    return {key: "" if value.is_null else value.value for key, value in values if value.kind == SCALAR}
