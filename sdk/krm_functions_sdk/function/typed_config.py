"""A functionConfig as a dataclass: its fields are the schema, its defaults the defaults, its name the kind.

    @dataclass
    class SetReplicas:
        replicas: Annotated[int, "How many replicas a Deployment gets", {"minimum": 0}]
        deployment: str = ""

A field of Python's `read_only` is `readOnly` in YAML. Inside `Annotated` a string is the description, and a map holds
further keywords of OpenAPI v3. What a class says beside its fields stands in constants: `API_VERSION`, `KIND` (one, or
several, of which the first is that of the definition), `IMAGE`, and `IS_FLAT = True` where the fields stand beside
`metadata` instead of under `spec`. Where the data of a ConfigMap has another shape, a class method takes that and makes
an instance of it:

    @classmethod
    def of_config_map(cls, data: Data) -> SetReplicas: ...

`Data` is another dataclass, or `dict[str, str]` for data with any keys.
"""

from __future__ import annotations

import dataclasses
import enum
import types
import typing
from typing import Any

from krm_functions_sdk.function.schema import Schema

T = typing.TypeVar("T")

DEFAULT_API_VERSION = "fn.kpt.dev/v1alpha1"
_SCALARS = {str: "string", int: "integer", float: "number", bool: "boolean"}
_LISTS = (list, tuple)
_OPEN = {"x-kubernetes-preserve-unknown-fields": True}
_ENVELOPE = {
    "apiVersion": {"type": "string"},
    "kind": {"type": "string"},
    "metadata": {"type": "object", **_OPEN},
}
_EXPECTED = (
    "str, int, float, bool, Literal, Enum, a dataclass, list, tuple[X, ...], dict[str, X], X | None, int | str or Any"
)


def kind(shape: type) -> str:
    """Return the kind of the functionConfig: the name of the class, or its `KIND`, the first one of several."""
    return kinds(shape)[0]


def kinds(shape: type) -> tuple[str, ...]:
    """Return all kinds that a functionConfig can have."""
    given = getattr(shape, "KIND", shape.__name__)
    return (given,) if isinstance(given, str) else tuple(given)


def of_data(shape: type) -> Any:
    """Return what the data of a ConfigMap is read as where it has a shape of its own, else None. Raises TypeError."""
    make = getattr(shape, "of_config_map", None)
    if make is None:
        return None
    hints = [hint for name, hint in typing.get_type_hints(make).items() if name != "return"]
    if len(hints) != 1 or not (hints[0] == dict[str, str] or dataclasses.is_dataclass(hints[0])):
        raise TypeError(f"{shape.__name__}.of_config_map: expected one parameter, of a dataclass or dict[str, str]")
    return hints[0]


def api_version(shape: type) -> str:
    """Return the apiVersion of the functionConfig."""
    return str(getattr(shape, "API_VERSION", DEFAULT_API_VERSION))


def schema(shape: type) -> Schema:
    """Return the OpenAPI v3 schema of the whole functionConfig. Raises TypeError."""
    fields = _object(shape)
    if getattr(shape, "IS_FLAT", False):
        return Schema({**fields, "properties": {**_ENVELOPE, **fields["properties"]}})
    required = {"required": ["spec"]} if fields.get("required") else {}
    return Schema({"type": "object", **required, "properties": {**_ENVELOPE, "spec": fields}})


def definition(shape: type, name: str) -> dict[str, Any]:
    """Return the KRMFunctionDefinition of the function `name` that is configured so. Raises TypeError."""
    group, _, version = api_version(shape).rpartition("/")
    first, _, rest = _about(shape).partition("\n")
    image = getattr(shape, "IMAGE", "")
    newest = {
        "name": version,
        "idempotent": True,
        **({"usage": " ".join(rest.split())} if rest.strip() else {}),
        **({"runtime": {"container": {"image": image}}} if image else {}),
        "schema": {"openAPIV3Schema": schema(shape).openapi},
    }
    return {
        "apiVersion": "config.kubernetes.io/v1alpha1",
        "kind": "KRMFunctionDefinition",
        "metadata": {"name": name},
        "spec": {
            "group": group,
            "names": {"kind": kind(shape)},
            "description": first.rstrip("."),
            "versions": [newest],
        },
    }


def instance(shape: type[T], values: dict[str, Any]) -> T:
    """Return an instance that holds the checked `values`. Raises what its `__post_init__` raises."""
    hints = _hints(shape)
    given = {
        field.name: _value(hints[field.name], values[_name(field)])
        for field in _fields(shape)
        if _name(field) in values
    }
    return shape(**given)


def _fields(shape: type) -> list[dataclasses.Field[Any]]:
    if not dataclasses.is_dataclass(shape):
        raise TypeError(f"{shape.__name__} is not a dataclass; write @dataclass above it")
    return [field for field in dataclasses.fields(shape) if field.init]


def _hints(shape: type) -> dict[str, Any]:
    return typing.get_type_hints(shape, include_extras=True)


def _name(field: dataclasses.Field[Any]) -> str:
    """Return the name of a field in YAML: as Kubernetes writes names, or as the field's metadata says."""
    first, *others = field.name.rstrip("_").split("_")
    return str(field.metadata.get("name") or first + "".join(word.capitalize() for word in others))


def _about(shape: type) -> str:
    """Return the docstring, but not the one that a dataclass without one makes up."""
    text = shape.__doc__ or ""
    return "" if text.startswith(f"{shape.__name__}(") else text.strip()


def _object(shape: type) -> dict[str, Any]:
    hints, properties, required = _hints(shape), {}, []
    for field in _fields(shape):
        try:
            part = _schema(hints[field.name])
        except TypeError as error:
            raise TypeError(f"{shape.__name__}.{field.name}: {error}") from None
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            required.append(_name(field))
        elif (default := _default(field)) is not None:
            part = {**part, "default": default}
        properties[_name(field)] = part
    return {"type": "object", **({"required": required} if required else {}), "properties": properties}


def _default(field: dataclasses.Field[Any]) -> Any:
    """Return the default as the schema writes it, None where it has none to write."""
    if field.default_factory is not dataclasses.MISSING:
        return _plain(field.default_factory())
    return _plain(field.default)


def _plain(value: Any) -> Any:
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {}  # the fields inside have their own
    return value


def _schema(hint: Any) -> dict[str, Any]:
    """Return the schema of one type. Raises TypeError."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return _annotated(_schema(arguments[0]), arguments[1:])
    if hint is Any or hint is object:
        return dict(_OPEN)
    if origin is typing.Literal:
        return _enum(arguments)
    if origin in (typing.Union, types.UnionType):
        return _union(arguments)
    if origin in _LISTS and arguments and (origin is list or arguments[1:] == (...,)):
        return {"type": "array", "items": _schema(arguments[0])}
    if origin is dict and arguments and arguments[0] is str:
        return {"type": "object", "additionalProperties": _schema(arguments[1])}
    if isinstance(hint, type):
        if hint in _SCALARS:
            return {"type": _SCALARS[hint]}
        if issubclass(hint, enum.Enum):
            return _enum([member.value for member in hint])
        if dataclasses.is_dataclass(hint):
            about = " ".join(_about(hint).split())
            return {**({"description": about} if about else {}), **_object(hint)}
    raise TypeError(f"found the type {getattr(hint, '__name__', hint)}, expected {_EXPECTED}")


def _annotated(part: dict[str, Any], extras: tuple[Any, ...]) -> dict[str, Any]:
    for extra in extras:
        if isinstance(extra, str):
            part = {**part, "description": extra}
        elif isinstance(extra, dict):
            part = {**part, **extra}
    return part


def _enum(values: typing.Sequence[Any]) -> dict[str, Any]:
    found = {_SCALARS.get(type(value), "") for value in values}
    if len(found) != 1 or "" in found:
        raise TypeError(f"found the values {list(values)}, expected values of one type, strings or numbers")
    return {"type": found.pop(), "enum": list(values)}


def _union(parts: tuple[Any, ...]) -> dict[str, Any]:
    rest = [part for part in parts if part is not types.NoneType]
    nullable = {"nullable": True} if len(rest) < len(parts) else {}
    if len(rest) == 1:
        return {**_schema(rest[0]), **nullable}
    if set(rest) == {int, str}:
        return {"x-kubernetes-int-or-string": True, **nullable}
    raise TypeError(f"found a choice of {len(rest)} types, expected {_EXPECTED}")


def _value(hint: Any, value: Any) -> Any:
    """Return a checked value as the type that the field has."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if value is None:
        return None
    if origin is typing.Annotated:
        return _value(arguments[0], value)
    if origin in (typing.Union, types.UnionType):
        rest = [part for part in arguments if part is not types.NoneType]
        return _value(rest[0], value) if len(rest) == 1 else value
    if origin in _LISTS and arguments:
        return origin(_value(arguments[0], item) for item in value)
    if origin is dict and arguments:
        return {key: _value(arguments[1], item) for key, item in value.items()}
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return hint(value)
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return instance(hint, value)
    return float(value) if hint is float else value
