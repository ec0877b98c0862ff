"""What a function says of itself: the KRMFunctionDefinition in its definition.yaml."""

from __future__ import annotations

from krm_functions_sdk.document import tree
from krm_functions_sdk.function.schema import ENVELOPE, json_schema, own_fields

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from krm_functions_sdk.function.callable import Function

FILE = "definition.yaml"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


class Definition:
    """A KRMFunctionDefinition, or as much of one as there is; `newest` is its last version."""

    def __init__(self, value: Any) -> None:
        self.value = value = _map(value)
        self.spec = _map(value.get("spec"))
        self.name = str(_map(value.get("metadata")).get("name", ""))
        versions = self.spec.get("versions")
        self.newest = _map(versions[-1] if isinstance(versions, list) and versions else None)

    @classmethod
    def read(cls, file: Path) -> Definition:
        """Return the definition in a file, or an empty one where the file is not there. Raises YamlFault."""
        if not file.is_file():
            return cls(None)
        from krm_functions_sdk.document import parser

        return cls(tree.value(parser.parse(file.read_text(encoding="utf-8"))))

    @classmethod
    def of(cls, function: Function) -> Definition:
        """Return what the dataclass of a function says, or else the definition.yaml in its folder.

        Raises YamlFault, OSError and UnicodeError; TypeError where a field of the dataclass fits no schema.
        """
        from krm_functions_sdk.function.callable import folder_of, name_of

        if isinstance(function, type) and hasattr(function, "__dataclass_fields__"):
            from krm_functions_sdk.function import typed_config

            return cls(typed_config.definition(function, name_of(function)))
        return cls.read(folder_of(function) / FILE)

    @property
    def kind(self) -> str:
        """The kind of its functionConfig."""
        return str(_map(self.spec.get("names")).get("kind", ""))

    @property
    def api_version(self) -> str:
        """The apiVersion of its functionConfig."""
        return "/".join(str(part) for part in (self.spec.get("group"), self.newest.get("name")) if part)

    @property
    def image(self) -> str:
        """The image that runs it."""
        return str(_map(_map(self.newest.get("runtime")).get("container")).get("image", ""))

    @property
    def openapi(self) -> dict[str, Any]:
        """The OpenAPI v3 schema of its functionConfig."""
        return _map(_map(self.newest.get("schema")).get("openAPIV3Schema"))

    @property
    def fields(self) -> dict[str, Any]:
        """The schema of what a user sets: of the `spec` of its functionConfig, or of all but its envelope."""
        return own_fields(self.openapi)[1]

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON Schema of its functionConfig, for editors."""
        properties = dict(_map(self.openapi.get("properties")))
        for name, value in (("apiVersion", self.api_version), ("kind", self.kind)):
            if value:
                properties[name] = {"enum": [value], **_map(properties.get(name))}
        required = [*ENVELOPE[:2], *self.openapi.get("required", [])]
        openapi = {**self.openapi, "properties": properties, "required": list(dict.fromkeys(required))}
        return {"$schema": _DIALECT, "title": self.kind, **json_schema(openapi)}


def _map(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
