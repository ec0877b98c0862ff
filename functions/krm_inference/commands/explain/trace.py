"""What a run of the pipeline left: the objects after each step, and what each function read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from krm_functions_sdk import Resource, Results
from krm_functions_sdk.document.field_path import FieldPath
from krm_functions_sdk.files.package import Package
from krm_functions_sdk.function.callable import Function
from krm_functions_sdk.kpt.steps import Step
from krm_functions_sdk.resources.leaves import leaves

from krm_inference.commands.explain.experiments import Key
from krm_inference.commands.explain.reads import Read
from krm_inference.domain.service import is_llm_service

Values = dict[str, Any]
Snapshot = dict[Key, Values]
Pipeline = list[tuple[Step, Function]]


Fault = tuple[str, FieldPath]  # an intent, as reads call it, and the field that is said to be wrong
METADATA = "metadata"  # its name and namespace, which every function reads


class Done(NamedTuple):
    """What one step left: all resources, and what its function read (None: that is not known)."""

    function: str
    items: list[Resource]
    reads: frozenset[Read] | None
    is_validator: bool

    def may_read(self, read: Read) -> bool:
        """Say whether the function may have read a place."""
        return self.reads is None or read in self.reads or read[1][0] == METADATA

    def may_read_any(self, reads: Iterable[Read]) -> bool:
        """Say whether the function may have read one of some places."""
        return any(self.may_read(read) for read in reads)


class Trace(NamedTuple):
    """The run without changes: the resources on disk, each step, the results, and whether steps may be left out."""

    read: list[Resource]
    steps: list[Done]
    results: Results
    packages: list[Package]

    def first(self, read: Read) -> int:
        """Return the number of the first step that may read a place, or that of all steps where none does."""
        return next((at for at, step in enumerate(self.steps) if step.may_read(read)), len(self.steps))

    @property
    def values(self) -> Snapshot:
        """The values of all objects at the end."""
        return {item.identity: leaves(item.data) for item in made(self.steps[-1].items)} if self.steps else {}


class Outcome(NamedTuple):
    """A run with a change: the objects after each step that left something else, and the step that failed.

    `refused` has the faults of the intents, for which each function would refuse them.
    """

    steps: dict[int, dict[Key, Resource]]
    failed: int | None
    refused: tuple[Fault, ...] = ()


def made(items: Iterable[Resource]) -> list[Resource]:
    """Return the objects that reach a cluster."""
    return [item for item in items if not is_for_tools(item)]


def is_for_tools(resource: Resource) -> bool:
    """Say whether a resource never reaches a cluster."""
    return resource.is_local_config or resource.kind == "Kptfile" or is_llm_service(resource)
