"""The pipeline of a package, run in memory as often as it takes to learn what depends on what."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from krm_functions_sdk import Resource, Results
from krm_functions_sdk.kpt.render import Rendering
from krm_functions_sdk.resources.leaves import leaves

from krm_inference.domain.service import is_llm_service

Key = tuple[str, str, str, str]  # group, kind, namespace and name
Values = dict[str, Any]
Snapshot = dict[Key, Values]


class Trace(NamedTuple):
    """One run: the resources on disk, the values of all objects after each function, and the results."""

    read: list[Resource]
    steps: list[tuple[str, Snapshot]]
    results: Results

    @property
    def values(self) -> Snapshot:
        """The values of all objects at the end."""
        return self.steps[-1][1] if self.steps else {}


class Trial:
    """A package rendered in memory from its intent alone, with changes; nothing is ever written."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._known: dict[str, Values] = {}  # by text: most objects are the same from run to run

    def run(self, changed: Mapping[Key, dict[str, Any]] | None = None) -> Trace:
        """Render without any object that reaches a cluster, and with other contents of some of the rest."""
        trace = Trace([], [], Results())

        def amend(resources: list[Resource]) -> list[Resource]:
            trace.read.extend(resources)
            return [_with(item, (changed or {}).get(item.identity)) for item in resources if is_for_tools(item)]

        def observe(function: str, resources: list[Resource]) -> None:
            made = (item for item in resources if not is_for_tools(item))
            trace.steps.append((function, {item.identity: self._values(item) for item in made}))

        rendering = Rendering(self.root, amend, observe)
        rendering.run()
        trace.results.extend(rendering.results)
        return trace

    def _values(self, resource: Resource) -> Values:
        if resource.text not in self._known:
            self._known[resource.text] = leaves(resource.data)
        return self._known[resource.text]


def _with(resource: Resource, value: dict[str, Any] | None) -> Resource:
    return resource if value is None else Resource.new(value, path=resource.path, index=resource.index)


def is_for_tools(resource: Resource) -> bool:
    """Say whether a resource never reaches a cluster."""
    return resource.is_local_config or resource.kind == "Kptfile" or is_llm_service(resource)
