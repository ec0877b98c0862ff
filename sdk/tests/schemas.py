"""A schema that uses whatever a schema of a functionConfig can say."""

from __future__ import annotations

from typing import Any

OPENAPI: dict[str, Any] = {
    "type": "object",
    "required": ["model"],
    "properties": {
        "model": {
            "type": "object",
            "description": "The model to serve. More about it.",
            "required": ["id"],
            "properties": {"id": {"type": "string", "minLength": 1, "description": "Name of the repository."}},
        },
        "replicas": {"type": "integer", "format": "int32", "minimum": 0, "default": 1},
        "priority": {"type": "integer", "format": "int32"},
        "port": {"type": "integer", "minimum": 1, "maximum": 65535, "default": 8000},
        "ratio": {"type": "number", "exclusiveMinimum": True, "minimum": 0},
        "kind": {"type": "string", "enum": ["small", "medium", "large"]},
        "share": {"type": "number", "exclusiveMaximum": False, "maximum": 1},
        "only": {"type": "string", "enum": ["one"]},
        "name": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 5},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "anything": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        "size": {"x-kubernetes-int-or-string": True},
        "maybe": {"type": "string", "nullable": True},
        "flag": {"type": "boolean", "default": False},
        "empty": {"type": "object", "properties": {}},
        "adapters": {
            "type": "array",
            "maxItems": 3,
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["name"],
                "properties": {"name": {"type": "string"}, "rank": {"type": "integer", "default": 16}},
            },
        },
        "sets": {
            "type": "object",
            "additionalProperties": {"type": "object", "properties": {"n": {"type": "integer", "default": 3}}},
        },
        "hosts": {"type": "array", "uniqueItems": True, "items": {"type": "string"}},
    },
}
