"""Rows of tables: named tuples whose classes cost a start little.

`typing.NamedTuple` compiles the annotation of each field, and its module is one of the largest of the standard library:
together a tenth of a render in which nothing changes. Nothing here reads an annotation while it runs.
"""

from __future__ import annotations

from collections import namedtuple

__all__ = ["Record"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
    from typing import NamedTuple as Record
else:

    class _Records(type):
        """Makes of a class with annotated fields what `typing.NamedTuple` makes of it."""

        def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> type:
            if not bases:
                return super().__new__(cls, name, bases, body)
            fields = body["__annotations__"]
            defaults = [body[field] for field in fields if field in body]
            made = namedtuple(name, fields, defaults=defaults, module=body["__module__"])  # noqa: PYI024
            for key in body.keys() - fields.keys():
                setattr(made, key, body[key])
            return made

    class Record(metaclass=_Records):
        """A named tuple: its annotated fields in their order, with the values that stand there as defaults."""
