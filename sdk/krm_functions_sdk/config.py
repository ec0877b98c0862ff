"""The functionConfig as checked values: from a function's own kind, or from the data of a ConfigMap."""

from __future__ import annotations

from krm_functions_sdk import scalar
from krm_functions_sdk.schema import Schema

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_functions_sdk.field_path import FieldPath
    from krm_functions_sdk.resource import Resource
    from krm_functions_sdk.resource_list import ResourceList


class Config:
    """The checked values of a functionConfig, defaults applied, and where they stand in it."""

    def __init__(self, resource: Resource, values: dict[str, Any], prefix: str) -> None:
        self.resource = resource
        self.values = values
        self.prefix = prefix

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def get(self, name: str, default: Any = None) -> Any:
        """Return the value of a field, or `default`."""
        return self.values.get(name, default)

    def field(self, name: str) -> FieldPath:
        """Return the path of a field in the functionConfig."""
        return (self.prefix, name)


def read(resources: ResourceList, schema: Schema, kind: str) -> Config | None:
    """Return the functionConfig, or None where there is none, it is empty, or it has faults (then in the results).

    `schema` is that of the function's own `kind`; a ConfigMap's data holds the fields of its `spec`, as strings.
    """
    resource = resources.function_config
    if resource is None:
        return None
    spec = Schema(schema.openapi["properties"]["spec"])
    if resource.kind == "ConfigMap" and resource.api_version == "v1":
        value, prefix = resource.get("data"), "data"
        if value in (None, {}):
            return None
        if isinstance(value, dict):
            value = {name: _typed(text, spec.openapi, name) for name, text in value.items()}
    elif resource.kind == kind:
        value, prefix = resource.get("spec", {}), "spec"
        value = {} if value is None else value
    else:
        message = f"found {resource.kind or 'no kind'}, expected {kind} or ConfigMap"
        resources.results.error(message, resource, "kind", current=resource.kind)
        return None
    faults = spec.check(value)
    for fault in faults:
        resources.results.error(fault.message, resource, (prefix, *fault.path), current=fault.current)
    return None if faults else Config(resource, spec.with_defaults(value), prefix)


def _typed(text: Any, openapi: dict[str, Any], name: str) -> Any:
    """Read a ConfigMap's string as the type that the schema asks for; what does not fit stays a string."""
    wanted = openapi.get("properties", {}).get(name, {}).get("type")
    if not isinstance(text, str) or wanted not in ("integer", "number", "boolean"):
        return text
    value = scalar.read(text)
    fits = {"integer": int, "number": int | float, "boolean": bool}[wanted]
    is_bool = isinstance(value, bool)
    return value if isinstance(value, fits) and is_bool == (wanted == "boolean") else text
