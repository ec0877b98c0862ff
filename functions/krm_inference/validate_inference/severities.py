"""The severity of each rule, as the functionConfig sets it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from krm_functions_sdk import ResourceList, Schema

from krm_inference.domain.intent import is_llm_service
from krm_inference.validate_inference.exceptions import OFF

KIND = "ValidateInference"


def severities(resources: ResourceList) -> dict[str, str]:
    """Return the severities by rule id that the functionConfig sets; its faults are added to the results.

    A ConfigMap holds them as its data, since all values of that are strings.
    """
    config = resources.function_config
    if config is None or is_llm_service(config):
        return {}
    is_map = config.kind == "ConfigMap" and config.api_version == "v1"
    if not is_map and config.kind != KIND:
        message = f"found {config.kind}, expected {KIND} or ConfigMap"
        resources.results.error(message, config, "kind", current=config.kind)
        return {}
    spec: Any = {"severity": config.get("data") or {}} if is_map else config.get("spec") or {}
    spec = _unfolded(spec)
    definition = Schema.of_definition(Path(__file__).with_name("definition.yaml"))
    faults = Schema(definition.openapi["properties"]["spec"]).check(spec)
    for fault in faults:
        path = ("data", *fault.path[1:]) if is_map else ("spec", *fault.path)
        message = fault.message.partition("; known fields")[0].replace("unknown field", "unknown rule")
        resources.results.error(message, config, path, current=fault.current)
    return {} if faults else dict(spec.get("severity", {}))


def _unfolded(spec: Any) -> Any:
    """Give back to an unquoted `off` the meaning that YAML 1.1 takes from it."""
    if isinstance(spec, dict) and isinstance(spec.get("severity"), dict):
        levels = {rule: OFF if level is False else level for rule, level in spec["severity"].items()}
        return {**spec, "severity": levels}
    return spec
