"""What the functionConfig says: the severity of rules, and the GPUs that there are."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from krm_functions_sdk import ResourceList, Schema

from krm_inference.domain.record import Record
from krm_inference.domain.service import is_llm_service
from krm_inference.validate_inference.findings import OFF

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

KIND = "ValidateInference"
_CAPACITY = "capacity."


class Settings(Record):
    """Severities by rule id, and how many GPUs of an accelerator the cluster has where that is said."""

    severity: dict[str, str]
    capacity: dict[str, int]


def read(resources: ResourceList) -> Settings:
    """Return what the functionConfig says; its faults are added to the results.

    A ConfigMap has rules, and `capacity.` with an accelerator, as the keys of its data, whose values are all strings.
    """
    config = resources.function_config
    if config is None or is_llm_service(config):
        return Settings({}, {})
    is_map = config.kind == "ConfigMap" and config.api_version == "v1"
    if not is_map and config.kind != KIND:
        message = f"found {config.kind}, expected {KIND} or ConfigMap"
        resources.results.error(message, config, "kind", current=config.kind)
        return Settings({}, {})
    spec: Any = _of_data(config.get("data") or {}) if is_map else _unfolded(config.get("spec") or {})
    faults = _schema().check(spec)
    for fault in faults:
        path = ("data", _key(*fault.path)) if is_map else ("spec", *fault.path)
        message = fault.message.partition("; known fields")[0].replace("unknown field", "unknown rule")
        resources.results.error(message, config, path, current=fault.current)
    return Settings({}, {}) if faults else Settings(dict(spec.get("severity", {})), dict(spec.get("capacity", {})))


@cache
def _schema() -> Schema:
    """Return the schema of the spec; it is long, and who checks many manifests asks for it each time."""
    definition = Schema.of_definition(Path(__file__).with_name("definition.yaml"))
    return Schema(definition.openapi["properties"]["spec"])


def _of_data(data: Any) -> Any:
    """Return the data of a ConfigMap in the shape of a spec."""
    if not isinstance(data, dict):
        return {"severity": data}
    numbers = {name[len(_CAPACITY) :]: value for name, value in data.items() if str(name).startswith(_CAPACITY)}
    capacity = {name: int(text) if str(text).isdecimal() else text for name, text in numbers.items()}
    return {"severity": {name: value for name, value in data.items() if name[len(_CAPACITY) :] not in numbers}} | (
        {"capacity": capacity} if capacity else {}
    )


def _key(part: object, *names: object) -> str:
    return "".join(map(str, (_CAPACITY, *names) if part == "capacity" else names))


def _unfolded(spec: Any) -> Any:
    """Give back to an unquoted `off` the meaning that YAML 1.1 takes from it."""
    if isinstance(spec, dict) and isinstance(spec.get("severity"), dict):
        levels = {rule: OFF if level is False else level for rule, level in spec["severity"].items()}
        return {**spec, "severity": levels}
    return spec
