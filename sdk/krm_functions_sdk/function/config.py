"""The functionConfig as checked values: from a function's own kind, or from the data of a ConfigMap.

The fields of an own kind stand under `spec` where its schema has one, and else beside `metadata`. The strings of a
ConfigMap are read as the types that the schema asks for; a list or a map is YAML in such a string. Where the one field
is a map of strings (labels, say), the data of a ConfigMap is this map.
"""

from __future__ import annotations

from krm_functions_sdk.document import field_path, scalar, tree
from krm_functions_sdk.document.wanted import MISSING
from krm_functions_sdk.function.schema import ENVELOPE, Fault, Schema, own_fields

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, TypeVar

    from krm_functions_sdk.document.field_path import FieldPath
    from krm_functions_sdk.function.callable import Configured
    from krm_functions_sdk.resources.resource import Resource
    from krm_functions_sdk.resources.resource_list import ResourceList

    T = TypeVar("T")

_SCALARS = {"integer": (int,), "number": (int, float), "boolean": (bool,)}
_STRINGS = {"type": "object", "additionalProperties": {"type": "string"}}
_NOTHING = "apiVersion: v1\nkind: ConfigMap\n"
_COLLECTIONS = {"array": list, "object": dict}


class Config:
    """The checked values of a functionConfig, defaults applied, and where they stand in it."""

    def __init__(self, resource: Resource, values: dict[str, Any], prefix: FieldPath, is_whole: bool = False) -> None:
        self.resource = resource
        self.values = values
        self.prefix = prefix
        self.is_whole = is_whole  # the prefix is not where the fields stand, but the one field itself

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def get(self, name: str, default: Any = None) -> Any:
        """Return the value of a field, or `default`."""
        return self.values.get(name, default)

    def field(self, name: str) -> FieldPath:
        """Return the path of a field in the functionConfig, for a result about it."""
        return self.prefix if self.is_whole else (*self.prefix, name)


def read(resources: ResourceList, schema: Schema, kind: str | Sequence[str]) -> Config | None:
    """Return the functionConfig, or None where there is none, it is empty, or it has faults (then in the results).

    `schema` is that of the function's own `kind`, or of several. Raises YamlFault where the functionConfig is no YAML.
    """
    resource = resources.function_config
    if resource is None or (is_config_map(resource) and resource.get("data") in (None, {})):
        return None
    config, faults = _checked(resource, schema, (kind,) if isinstance(kind, str) else kind)
    _report(resources, faults)
    return config


def load(resources: ResourceList, shape: type[T]) -> T | None:
    """Return the functionConfig as an instance of the dataclass `shape`, or None where it has faults, in the results.

    Without a functionConfig the defaults hold, and a field without one is missing. A ValueError of `__post_init__` is
    an error result. Raises TypeError where a field of `shape` has a type that no schema can express, and YamlFault
    where the functionConfig is no YAML.
    """
    from krm_functions_sdk.function import typed_config
    from krm_functions_sdk.resources.resource import Resource

    kinds, api_version = typed_config.kinds(shape), typed_config.api_version(shape)
    given = resources.function_config
    if given is not None and given.kind in kinds and given.api_version != api_version:
        message = f"found {given.api_version or 'no apiVersion'}, expected {api_version}"
        resources.results.error(message, given, "apiVersion", current=given.api_version or MISSING)
        return None
    if given is not None and is_config_map(given) and (data := typed_config.of_data(shape)) is not None:
        made: T | None = _of_config_map(resources, shape, data, given)
        return made
    config, faults = _checked(given or Resource(_NOTHING), typed_config.schema(shape), kinds)
    if given is None and faults:
        missing = "; ".join(f"{field_path.show(fault.path[1:])} is {fault.message}" for fault in faults)
        resources.results.error(
            f"no functionConfig, expected one of kind {' or '.join(kinds)} or a ConfigMap: {missing}"
        )
        return None
    _report(resources, faults)
    if config is None:
        return None
    try:
        return typed_config.instance(shape, config.values)
    except ValueError as error:
        resources.results.error(str(error), given, config.prefix)
        return None


def _of_config_map(resources: ResourceList, shape: Any, data: Any, given: Resource) -> Any:
    """Return the instance that `of_config_map` makes of the checked data, or None where that has faults."""
    from krm_functions_sdk.function import typed_config

    is_open = data == dict[str, str]
    schema = Schema(_STRINGS) if is_open else typed_config.schema(data)
    config, faults = _checked(given, schema, (), is_open=is_open)
    _report(resources, faults)
    if config is None:
        return None
    try:
        return shape.of_config_map(config.values if is_open else typed_config.instance(data, config.values))
    except ValueError as error:
        resources.results.error(str(error), given, ("data",))
        return None


def call(function: type[Configured], resources: ResourceList) -> None:
    """Make an instance of a function that is a class, of a dataclass from the functionConfig, and call it."""
    instance = load(resources, function) if hasattr(function, "__dataclass_fields__") else function()
    if instance is not None:
        instance(resources)


def error(resources: ResourceList, message: str, name: str) -> None:
    """Add an error about the field `name` of the functionConfig, with its value, wherever it stands there."""
    resource = resources.function_config
    if resource is None:
        resources.results.error(f"{name}: {message}")
        return
    path: FieldPath = ("data" if is_config_map(resource) else "spec", name)
    if resource.find(name) is not None and resource.find(path[:1]) is None:
        path = (name,)  # it stands beside metadata
    found = resource.find(path)
    current = MISSING if found is None else tree.value(found)
    resources.results.error(message, resource, path, current=current)


def is_config_map(resource: Resource) -> bool:
    """Say whether it is a ConfigMap, whose data hands the fields over as strings."""
    return resource.kind == "ConfigMap" and resource.api_version == "v1"


def _checked(
    resource: Resource, schema: Schema, kinds: Sequence[str], *, is_open: bool = False
) -> tuple[Config | None, list[Fault]]:
    """Return the values of the functionConfig, or None and its faults, with their paths in it."""
    prefix, openapi = own_fields(schema.openapi)
    if is_config_map(resource):
        value, prefix, only = resource.get("data"), ("data",), _only_map(openapi)
        if is_open:
            return _validated(resource, {} if value is None else value, openapi, prefix)
        if only and value:
            return _validated(resource, {only: value}, openapi, prefix, is_whole=True)
        if isinstance(value, dict):
            value = {name: _typed(text, openapi.get("properties", {}).get(name, {})) for name, text in value.items()}
    elif resource.kind not in kinds:
        message = f"found {resource.kind or 'no kind'}, expected {', '.join(kinds)} or ConfigMap"
        return None, [Fault(("kind",), message, resource.kind)]
    elif prefix:
        value = resource.get("spec")
    else:
        value = {name: part for name, part in resource.data.items() if name not in ENVELOPE}
    return _validated(resource, {} if value is None else value, openapi, prefix)


def _validated(
    resource: Resource, value: Any, openapi: dict[str, Any], prefix: FieldPath, *, is_whole: bool = False
) -> tuple[Config | None, list[Fault]]:
    fields = Schema(openapi)
    found = fields.check(value)
    faults = [Fault((*prefix, *fault.path[is_whole:]), fault.message, fault.current) for fault in found]
    return (None, faults) if faults else (Config(resource, fields.with_defaults(value), prefix, is_whole), [])


def _report(resources: ResourceList, faults: list[Fault]) -> None:
    for fault in faults:
        resources.results.error(fault.message, resources.function_config, fault.path, current=fault.current)


def _only_map(openapi: dict[str, Any]) -> str:
    """Return the name of the one field that there is, where it is a map of strings; "" where it is not so."""
    properties = openapi.get("properties", {})
    if len(properties) != 1:
        return ""
    ((name, part),) = properties.items()
    extra = part.get("additionalProperties")
    return name if isinstance(extra, dict) and extra.get("type") == "string" else ""


def _typed(text: Any, openapi: dict[str, Any]) -> Any:
    """Read a ConfigMap's string as the type that the schema asks for; what does not fit stays a string."""
    if not isinstance(text, str):
        return text
    value: Any
    wanted = openapi.get("type", "")
    if openapi.get("x-kubernetes-int-or-string"):
        wanted = "integer"
    if wanted in _SCALARS:
        value = scalar.read(text)
        is_bool = isinstance(value, bool)
        return value if isinstance(value, _SCALARS[wanted]) and is_bool == (wanted == "boolean") else text
    if wanted in _COLLECTIONS:
        from krm_functions_sdk.document import parser

        try:
            parsed = tree.value(parser.parse(text))
        except tree.YamlFault:
            return text
        fits: type = _COLLECTIONS[wanted]
        return parsed if isinstance(parsed, fits) else text
    return text
