"""The pipeline of a package, run in memory as often as it takes to learn what depends on what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from krm_functions_sdk import ERROR, Resource, ResourceList, Result, Results, Schema
from krm_functions_sdk.document import field_path
from krm_functions_sdk.document.field_path import FieldPath
from krm_functions_sdk.document.wanted import MISSING
from krm_functions_sdk.files.package import Package
from krm_functions_sdk.function.call import call
from krm_functions_sdk.function.callable import Function
from krm_functions_sdk.kpt import isolation, runners
from krm_functions_sdk.kpt.external import External
from krm_functions_sdk.kpt.render import Rendering
from krm_functions_sdk.kpt.steps import Step
from krm_functions_sdk.resources.leaves import leaves

from krm_inference.commands.explain.experiments import Change, Key
from krm_inference.commands.explain.made import Intent, Made, unwritten
from krm_inference.commands.explain.reads import Read, Reads
from krm_inference.commands.explain.tables import rows_of
from krm_inference.domain import intent
from krm_inference.domain.service import GROUP, LLMService, is_llm_service

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


class Trial:
    """A package rendered in memory from its intent alone, with changes; nothing is ever written."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.base = Trace([], [], Results(), [])
        self._pipelines: dict[Path, Pipeline] = {}
        self._known: dict[str, Values] = {}  # by text: most objects are the same from run to run
        self._of_base: dict[str, dict[str, Any]] = {}
        self._intents: dict[Key, tuple[str, dict[str, Any]]] = {}
        self._services: list[Resource] = []
        self.defaults: dict[int, dict[str, Any]] = {}  # by id() of what an intent says: that with its defaults

    def run(self) -> Trace:
        """Render without any object that reaches a cluster, and record what each function reads."""
        with ExitStack() as stack:
            rendering = _Recording(self.root, stack)
            rendering.run()
        self.base = Trace(rendering.found, rendering.done, rendering.results, rendering.packages)
        self._pipelines = rendering.pipelines
        self._services = [item for item in rendering.found if is_llm_service(item)]
        return self.base

    @property
    def is_alone(self) -> bool:
        """Say whether the package has no subpackages, so that its steps are one after the other."""
        return len(self.base.packages) == 1

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
        replay = _Replay(self, self._pipelines, change)
        with change.varied(), replay.sound() as found:
            try:
                intent.read(ResourceList(replay.begun(self._services)))
            except _Refused:
                return tuple(found)
            except Exception:  # noqa: BLE001  # a row of a table may hold what no code expects
                return (("", ()),)
        return ()

    def _replay(self, change: Change, first: int, last: int, *, are_sound: bool) -> Outcome:
        with change.varied():
            return _Replay(self, self._pipelines, change).replay(first, last, are_sound=are_sound)

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


class _Recording(Rendering):
    """A render that remembers what each step read and left."""

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
        self.reads.begin()
        left = super()._step(package, step, function, items, owner)
        is_ours = str(getattr(function, "__module__", "")).startswith("krm_inference.")
        reads = self.reads.found if is_ours else None
        self.done.append(Done(runners.name(step), [item.copy() for item in left], reads, step.is_validator))
        return left


class _Found(runners.Pipelines):
    """The pipelines that were found in another run."""

    def __init__(self, pipelines: dict[Path, Pipeline]) -> None:
        self._known = pipelines

    def of(self, package: Package) -> Pipeline:
        return self._known[package.root]


class _Replay(Rendering):
    """A render that begins where it can differ from the one that was recorded, and ends behind the last step asked for.

    Validators change nothing and are left out.
    """

    stops_early = True

    def __init__(self, trial: Trial, pipelines: dict[Path, Pipeline], change: Change) -> None:
        super().__init__(trial.root, self._begin)
        self._trial, self._base = trial, trial.base
        self._changed, self._reads = change.intents, change.reads
        self._pipelines = _Found(pipelines)
        self._is_same = True  # so far, all is as it was
        self._number = 0

    def replay(self, first: int, last: int, *, are_sound: bool) -> Outcome:
        self._first, self._last = first, last
        self._outcome: dict[int, dict[Key, Resource]] = {}
        self._failed: int | None = None
        packages = self._base.packages
        hydrate = self._hydrate_down if runners.is_top_down(packages[0]) else self._hydrate
        with unwritten(), self.sound(are_sound=are_sound) as refused:
            hydrate(packages[0], packages, {})
        return Outcome(self._outcome, self._failed, tuple(refused))

    @contextmanager
    def sound(self, *, are_sound: bool = False) -> Iterator[list[Fault]]:
        """End a function whose intents have faults before it works with them; what is yielded gets these faults.

        Intents that `are_sound` have none.
        """
        faults = list[Fault]()
        plain, schema = intent.read, intent.schema
        known = _Schema(schema(), self._trial.defaults, self._changed.values())

        def read(resources: ResourceList, **options: Any) -> list[LLMService]:
            if are_sound:
                return _services(resources, known)
            services = plain(resources, **options)
            if resources.results.failed:
                faults.extend(_fault(result) for result in resources.results if result.severity == ERROR)
                raise _Refused
            return services

        intent.read, intent.schema = read, lambda: known  # type: ignore[assignment,return-value]  # it does as much
        try:
            yield faults
        finally:
            intent.read, intent.schema = plain, schema

    def begun(self, resources: list[Resource]) -> list[Resource]:
        """Return what the first function gets."""
        return [self._with(item) for item in resources if is_for_tools(item)]

    def _begin(self, resources: list[Resource]) -> list[Resource]:
        if self._trial.is_alone and self._first:
            return []
        return self.begun(resources)

    def _with(self, resource: Resource) -> Resource:
        value = self._changed.get(resource.identity)
        if value is None:
            return self._trial.copy(resource)
        return Intent(value, path=resource.path, index=resource.index)

    def _run(
        self, package: Package, pipeline: Pipeline, items: list[Resource], owner: dict[int, Package]
    ) -> list[Resource]:
        for step, function in pipeline:
            number = self._number
            self._number += 1
            if step.is_validator or not self._first <= number <= self._last or self._failed is not None:
                continue
            if self._trial.is_alone and self._is_same:
                if not self._base.steps[number].may_read_any(self._reads):
                    continue
                if number:
                    items = [self._with(item) for item in self._base.steps[number - 1].items]
                    owner.update((id(item), package) for item in items)
                    self._seen += items
            items = self._step(package, step, function, items, owner)
            if self.results.failed:
                self._failed = number
                break
            self._is_same = number < self._last and self._are_same(items, self._base.steps[number].items)
            if not self._is_same:
                left = made(items)
                kept = left if number == self._last else [item.copy() for item in left]
                self._outcome[number] = {item.identity: item for item in kept}
        return items

    def _step(
        self, package: Package, step: Step, function: Function, items: list[Resource], owner: dict[int, Package]
    ) -> list[Resource]:
        """Call one of our functions without what only a report needs."""
        if isinstance(function, External) or step.selectors or step.exclude:
            return super()._step(package, step, function, items, owner)
        resources = ResourceList(list(items), self._config(package, step, items, owner))
        if not self.results.failed:
            call(function, resources)
        self.results += resources.results
        owner.update({id(item): package for item in resources if id(item) not in owner})
        self._seen += resources.items
        isolation.read_anew(resources.items)
        return list(resources.items)

    def _are_same(self, items: list[Resource], before: list[Resource]) -> bool:
        left = [item for item in items if item.identity not in self._changed]
        base = [item for item in before if item.identity not in self._changed]
        return len(left) == len(base) and all(self._trial.is_same(*pair) for pair in zip(left, base, strict=True))


class _Refused(Exception):  # noqa: N818  # it is no error: a variation need not be right
    """The intents have faults."""


class _Schema:
    """The schema of intents, which is asked once of what is there in each experiment; what is varied has defaults."""

    def __init__(self, plain: Schema, known: dict[int, dict[str, Any]], varied: Iterable[dict[str, Any]]) -> None:
        self._plain, self._known = plain, known
        self._varied = {id(value) for value in varied}
        self.openapi = plain.openapi

    def check(self, value: Any) -> list[Any]:
        return [] if id(value) in self._known else self._plain.check(value)

    def with_defaults(self, value: Any) -> Any:
        if id(value) in self._varied:
            return value
        return self._known.get(id(value)) or self._plain.with_defaults(value)


def _services(resources: ResourceList, schema: _Schema) -> list[LLMService]:
    """Return the services of intents without a fault, as a function gets them."""
    from krm_inference.domain import image_lock

    found = [LLMService(item, schema.with_defaults(item.data)) for item in resources if is_llm_service(item)]
    services = [service for service in found if service.spec["ensure"] == "Present"]
    services.sort(key=lambda service: (service.name, service.namespace))
    if any(item.kind == "ImageLock" for item in resources):
        image_lock.apply(resources, services)
    return services


def _fault(result: Result) -> Fault:
    names = result.reference
    identity = (GROUP, names.get("kind", ""), names.get("namespace", ""), names.get("name", ""))
    return "/".join(identity), field_path.parse(result.field)


def made(items: Iterable[Resource]) -> list[Resource]:
    """Return the objects that reach a cluster."""
    return [item for item in items if not is_for_tools(item)]


def is_for_tools(resource: Resource) -> bool:
    """Say whether a resource never reaches a cluster."""
    return resource.is_local_config or resource.kind == "Kptfile" or is_llm_service(resource)
