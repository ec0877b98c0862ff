"""Explanations: each value of a package with what there is to say of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from krm_functions_sdk import Resource
from krm_functions_sdk.document import field_path, wanted
from krm_functions_sdk.document.field_path import FieldPath
from krm_functions_sdk.resources.leaves import leaves

from krm_inference.commands.explain.origins import Origin, Place
from krm_inference.commands.explain.trial import is_for_tools


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


def explanations(resources: list[Resource], found: dict[Place, Origin], field: FieldPath) -> Iterator[Explanation]:
    """Yield an explanation of each value whose path holds the steps of `field`, which may be empty."""
    for resource in resources:
        if is_for_tools(resource):
            continue
        for path, value in leaves(resource.data).items():
            if _holds(field_path.parse(path), field):
                yield Explanation(resource, path, value, resource.comment(path), found.get((resource.identity, path)))


def _holds(path: FieldPath, part: FieldPath) -> bool:
    return any(path[start : start + len(part)] == part for start in range(len(path) - len(part) + 1))
