#!/usr/bin/env python3
"""Prepend or append a text to the names of resources that do not hold it, and let references follow."""

from pathlib import Path
from typing import Any

import krm_functions_sdk as sdk

SCHEMA = sdk.Schema.of_definition(Path(__file__).with_name("definition.yaml"))
SKIPPED = (
    sdk.is_meta_resource
    | sdk.is_kind("CustomResourceDefinition", "Namespace")
    | sdk.is_group_kind("apiregistration.k8s.io", "APIService")
)


def settings(resources: sdk.ResourceList) -> dict[str, Any]:
    """Return the fields of the functionConfig, defaults applied; none where they have faults."""
    config = resources.function_config or sdk.Resource("{}")
    is_map, values = config.kind == "ConfigMap", config.data
    if is_map:
        data = values.get("data") or {}
        if not isinstance(data, dict) or len(data) != 1:
            resources.results.error(f"found {len(data)} entries, expected either prepend or append", config, "data")
            return {}
        values = {"editMode": next(iter(data)), "substring": next(iter(data.values()))}
    for fault in SCHEMA.check(values):
        path = ("data", values.get("editMode", "")) if is_map else fault.path
        resources.results.error(fault.message, config, path, current=fault.current)
    return {} if resources.results.failed else SCHEMA.with_defaults(values)


def ensure_name_substring(resources: sdk.ResourceList) -> None:
    """Edit the names as the functionConfig says."""
    if not (values := settings(resources)):
        return
    text, scopes, targets = values["substring"], sdk.Scopes(resources), resources.select(~SKIPPED)

    def edited(name: Any) -> str:
        have = str(name or "")
        return have if text in have else f"{text}{have}" if values["editMode"] == "prepend" else f"{have}{text}"

    for spec in values.get("additionalNameFields", []):
        for resource in targets:
            group, _, version = resource.api_version.rpartition("/")
            is_meant = all(
                not spec.get(key) or spec[key] == have
                for key, have in (("group", group), ("version", version), ("kind", resource.kind))
            )
            if is_meant:
                sdk.field_specs.update(resource, spec["path"], edited, create=spec.get("create", False))
    named = [resource for resource in targets if resource.name]
    sdk.rename(resources, {sdk.current_id(resource, scopes): edited(resource.name) for resource in named})


if __name__ == "__main__":
    sdk.run(ensure_name_substring)
