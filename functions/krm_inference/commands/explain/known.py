"""What is known of the run without changes, and need not be found out again in each experiment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from krm_functions_sdk import Resource, Results
from krm_functions_sdk.document.wanted import MISSING
from krm_functions_sdk.resources.leaves import leaves

from krm_inference.commands.explain.experiments import Key
from krm_inference.commands.explain.made import Intent, Made
from krm_inference.commands.explain.trace import Trace, Values
from krm_inference.domain import intent
from krm_inference.domain.service import is_llm_service


class Known:
    """A package, its run without changes, `base`, and what was read of its objects."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.base = Trace([], [], Results(), [])
        self.defaults: dict[int, dict[str, Any]] = {}  # by id() of what an intent says: that with its defaults
        self._known: dict[str, Values] = {}  # by text: most objects are the same from run to run
        self._of_base: dict[str, dict[str, Any]] = {}
        self._intents: dict[Key, tuple[str, dict[str, Any]]] = {}

    @property
    def is_alone(self) -> bool:
        """Say whether the package has no subpackages, so that its steps are one after the other."""
        return len(self.base.packages) == 1

    def copy(self, resource: Resource) -> Resource:
        """Return a copy; that of an intent shares what it says, which is not found out again each time."""
        if not is_llm_service(resource):
            return resource.copy()
        key = resource.identity
        if key not in self._intents:
            self._intents[key] = (resource.text, resource.data)
            self.defaults[id(self._intents[key][1])] = intent.schema().with_defaults(resource.data)
        text, data = self._intents[key]
        return Intent(data, text=text, path=resource.path, index=resource.index)

    def is_same(self, resource: Resource, before: Resource) -> bool:
        """Say whether an object holds what it did; where one has no text, its values are compared."""
        if isinstance(resource, Made) and resource.is_plain:
            return resource.value == self._data(before)
        return resource.text == before.text

    def _data(self, resource: Resource) -> dict[str, Any]:
        if resource.text not in self._of_base:
            self._of_base[resource.text] = resource.data
        return self._of_base[resource.text]

    def values(self, resource: Resource) -> Values:
        """Return the single values of an object."""
        if resource.text not in self._known:
            self._known[resource.text] = leaves(resource.data)
        return self._known[resource.text]

    def leaf(self, resource: Resource, path: str) -> Any:
        """Return the single value of an object at a path, MISSING where none is."""
        if isinstance(resource, Made) and resource.is_plain:
            return resource.leaf(path)
        return self.values(resource).get(path, MISSING)
