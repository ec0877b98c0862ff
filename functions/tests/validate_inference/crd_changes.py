"""Objects that differ in one field from one that every API server takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from crds import Json, replaced
from krm_inference.validate_inference.rules.fields.declared import Shape, shapes
from krm_inference.validate_inference.rules.fields.tables import TABLES

NEAR: tuple[Any, ...] = (None, True, "", "a", "A", "-", "a.b", "a" * 63, "a" * 64, [], {}, {"a": "b"}, 1.5, "1")


def values(shape: Shape) -> list[Any]:
    """Return values that a field may hold, and others that are at or beyond its limits or of another type."""
    numbers = [end + by for end in (shape.low, shape.high) if end is not None for by in (-1, 0, 1)]
    texts = ["a" * size for size in numbers if shape.type == "text" and 0 < size < 3000]
    return [*NEAR, *shape.values, *(numbers if "int" in shape.type else ()), *texts]


def changes(kind: Json) -> Iterator[tuple[str, Json]]:
    """Yield the object with one field dropped, misspelt, or set to a value that is at or beyond a limit."""
    table = shapes(TABLES[kind["apiVersion"], kind["kind"]])

    def walk(value: Any, path: tuple[Any, ...], shape_path: str) -> Iterator[tuple[tuple[Any, ...], str]]:
        yield path, shape_path
        if isinstance(value, dict):
            is_map = table[shape_path].type == "map"
            for key, part in value.items():
                yield from walk(part, (*path, key), f"{shape_path}{{}}" if is_map else f"{shape_path}.{key}")
        elif isinstance(value, list):
            for index, part in enumerate(value):
                yield from walk(part, (*path, index), f"{shape_path}[]")

    for path, shape_path in walk(kind["spec"], ("spec",), "spec"):
        for value in values(table[shape_path]):
            yield f"{shape_path} = {str(value)[:20]!r}", replaced(kind, path, value)
        if not isinstance(path[-1], int):
            yield f"{shape_path} dropped", replaced(kind, path, ...)
            yield f"{shape_path} misspelt", replaced(replaced(kind, path, ...), (*path[:-1], f"{path[-1]}x"), "a")
