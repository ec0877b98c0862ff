"""Explanations: each value of a package with what there is to say of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from krm_functions_sdk import Resource
from krm_functions_sdk.document import field_path, wanted
from krm_functions_sdk.resources.leaves import leaves

from krm_inference.commands.explain.differences import Place
from krm_inference.commands.explain.origins import Origin
from krm_inference.commands.explain.trace import is_for_tools


class Explanation(NamedTuple):
    """One value: where it stands, the reason that is written on its line, and its origin (None: no function set it)."""

    resource: Resource
    path: str
    value: Any
    reason: str
    origin: Origin | None

    @property
    def line(self) -> int | None:
        """The line in its file, from 1."""
        return self.resource.line(self.path)

    @property
    def is_rendered(self) -> bool:
        """Say whether the value is the one that the intent makes."""
        return self.origin is None or wanted.same(self.value, self.origin.value)


class Field:
    """What somebody asks for: steps of a path, or a part of what a path is written as; "" for all.

    Raises ValueError for a text that is neither.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._steps = field_path.parse(text)
        self._is_part = False

    def or_part(self, resources: list[Resource]) -> Field:
        """Return the field, as a part of a name where no value of the resources has it as steps of its path."""
        self._is_part = not any(self.holds(path) for item in _objects(resources) for path in leaves(item.data))
        return self

    def holds(self, path: str) -> bool:
        """Say whether a path has the field in it."""
        if self._is_part:
            return self.text.lower() in path.lower()
        steps, part = field_path.parse(path), self._steps
        return any(steps[start : start + len(part)] == part for start in range(len(steps) - len(part) + 1))


def explanations(resources: list[Resource], found: dict[Place, Origin], field: Field) -> Iterator[Explanation]:
    """Yield an explanation of each value that has `field` in its path."""
    for resource in _objects(resources):
        for path, value in leaves(resource.data).items():
            if field.holds(path):
                yield Explanation(resource, path, value, resource.comment(path), found.get((resource.identity, path)))


def _objects(resources: list[Resource]) -> list[Resource]:
    return [item for item in resources if not is_for_tools(item)]
