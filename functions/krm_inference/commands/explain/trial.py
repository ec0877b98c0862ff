"""The pipeline of a package, run in memory as often as it takes to learn what depends on what."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from krm_functions_sdk import Resource, ResourceList
from krm_functions_sdk.files.package import Package
from krm_functions_sdk.function.callable import Function
from krm_functions_sdk.kpt import runners
from krm_functions_sdk.kpt.render import Rendering
from krm_functions_sdk.kpt.steps import Step

from krm_inference.commands.explain.experiments import Change
from krm_inference.commands.explain.known import Known
from krm_inference.commands.explain.reads import Reads
from krm_inference.commands.explain.replay import Refused, Replay
from krm_inference.commands.explain.tables import rows_of
from krm_inference.commands.explain.trace import Done, Fault, Outcome, Pipeline, Trace, is_for_tools
from krm_inference.domain import intent
from krm_inference.domain.service import is_llm_service


class Trial(Known):
    """A package rendered in memory from its intent alone, with changes; nothing is ever written."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self._pipelines: dict[Path, Pipeline] = {}
        self._services: list[Resource] = []

    def run(self) -> Trace:
        """Render without any object that reaches a cluster, and record what each function reads."""
        with ExitStack() as stack:
            rendering = _Recording(self.root, stack)
            rendering.run()
        self.base = Trace(rendering.found, rendering.done, rendering.results, rendering.packages)
        self._pipelines = rendering.pipelines
        self._services = [item for item in rendering.found if is_llm_service(item)]
        return self.base

    def vary(self, change: Change, last: int, *, are_sound: bool = False) -> Outcome:
        """Render with a change up to the step number `last`; with intents that `are_sound` this is not looked at.

        A function that reads nothing of what differs, and gets what it got, is left out.
        """
        return self._replay(change, 0, last, are_sound=are_sound)

    def alone(self, change: Change, step: int, *, are_sound: bool = False) -> Outcome:
        """Run one step with a change, over what it got without one. Only where the package `is_alone`."""
        return self._replay(change, step, step, are_sound=are_sound)

    def faults(self, change: Change) -> tuple[Fault, ...]:
        """Return what each function would refuse in the intents with a change."""
        replay = Replay(self, self._pipelines, change)
        with change.varied(), replay.sound() as found:
            try:
                intent.read(ResourceList(replay.begun(self._services)))
            except Refused:
                return tuple(found)
            except Exception:  # noqa: BLE001  # a row of a table may hold what no code expects
                return (("", ()),)
        return ()

    def _replay(self, change: Change, first: int, last: int, *, are_sound: bool) -> Outcome:
        with change.varied():
            return Replay(self, self._pipelines, change).replay(first, last, are_sound=are_sound)


class _Recording(Rendering):
    """A render that remembers what each step read and left. Validators set no value and are left out."""

    stops_early = True

    def __init__(self, root: Path, stack: ExitStack) -> None:
        self._stack = stack
        self.found: list[Resource] = []
        super().__init__(root, self._begin)
        self.reads = Reads()
        self.done: list[Done] = []
        self.packages: list[Package] = []
        self.pipelines: dict[Path, Pipeline] = {}

    def _begin(self, resources: list[Resource]) -> list[Resource]:
        self.found.extend(resources)
        self._stack.enter_context(self.reads.recorded(rows_of(resources)))
        return [item.copy() for item in resources if is_for_tools(item)]

    def _read(self, root: Path, name: str) -> list[Package]:
        found = super()._read(root, name)
        self.packages = found if root == self.root else self.packages
        return found

    def _run(
        self, package: Package, pipeline: Pipeline, items: list[Resource], owner: dict[int, Package]
    ) -> list[Resource]:
        self.pipelines[package.root] = pipeline
        return super()._run(package, pipeline, items, owner)

    def _step(
        self, package: Package, step: Step, function: Function, items: list[Resource], owner: dict[int, Package]
    ) -> list[Resource]:
        if step.is_validator:
            self.done.append(Done(runners.name(step), [item.copy() for item in items], frozenset(), is_validator=True))
            return items
        self.reads.begin()
        left = super()._step(package, step, function, items, owner)
        is_ours = str(getattr(function, "__module__", "")).startswith("krm_inference.")
        reads = self.reads.found if is_ours else None
        self.done.append(Done(runners.name(step), [item.copy() for item in left], reads, is_validator=False))
        return left
