"""One run with a change: the functions that the change can reach, without what only a report needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from krm_functions_sdk import ERROR, Resource, ResourceList, Result, Schema
from krm_functions_sdk.document import field_path
from krm_functions_sdk.files.package import Package
from krm_functions_sdk.function.call import call
from krm_functions_sdk.function.callable import Function
from krm_functions_sdk.kpt import isolation, runners
from krm_functions_sdk.kpt.external import External
from krm_functions_sdk.kpt.render import Rendering
from krm_functions_sdk.kpt.steps import Step

from krm_inference.commands.explain.experiments import Change, Key
from krm_inference.commands.explain.known import Known
from krm_inference.commands.explain.made import Intent, unwritten
from krm_inference.commands.explain.trace import Fault, Outcome, Pipeline, is_for_tools, made
from krm_inference.domain import image_lock, intent
from krm_inference.domain.service import GROUP, LLMService, is_llm_service


class _Found(runners.Pipelines):
    """The pipelines that were found in another run."""

    def __init__(self, pipelines: dict[Path, Pipeline]) -> None:
        self._known = pipelines

    def of(self, package: Package) -> Pipeline:
        return self._known[package.root]


class Replay(Rendering):
    """A render that begins where it can differ from the one that was recorded, and ends behind the last step asked for.

    Validators change nothing and are left out.
    """

    stops_early = True

    def __init__(self, known: Known, pipelines: dict[Path, Pipeline], change: Change) -> None:
        super().__init__(known.root, self._begin)
        self._kept, self._base = known, known.base
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
        known = _Schema(schema(), self._kept.defaults, self._changed.values())

        def read(resources: ResourceList, **options: Any) -> list[LLMService]:
            if are_sound:
                return _services(resources, known)
            services = plain(resources, **options)
            if resources.results.failed:
                faults.extend(_fault(result) for result in resources.results if result.severity == ERROR)
                raise Refused
            return services

        intent.read, intent.schema = read, lambda: known  # type: ignore[assignment]  # it does as much
        try:
            yield faults
        finally:
            intent.read, intent.schema = plain, schema

    def begun(self, resources: list[Resource]) -> list[Resource]:
        """Return what the first function gets."""
        return [self._with(item) for item in resources if is_for_tools(item)]

    def _begin(self, resources: list[Resource]) -> list[Resource]:
        if self._kept.is_alone and self._first:
            return []
        return self.begun(resources)

    def _with(self, resource: Resource) -> Resource:
        value = self._changed.get(resource.identity)
        if value is None:
            return self._kept.copy(resource)
        return Intent(value, path=resource.path, index=resource.index)

    def _run(
        self, package: Package, pipeline: Pipeline, items: list[Resource], owner: dict[int, Package]
    ) -> list[Resource]:
        for step, function in pipeline:
            number = self._number
            self._number += 1
            if step.is_validator or not self._first <= number <= self._last or self._failed is not None:
                continue
            if self._kept.is_alone and self._is_same:
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
        return len(left) == len(base) and all(self._kept.is_same(*pair) for pair in zip(left, base, strict=True))


class Refused(Exception):  # it is no error: a variation need not be right
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
    intents = [item for item in resources if is_llm_service(item)]
    services = intent.present([LLMService(item, schema.with_defaults(item.data)) for item in intents])
    image_lock.apply(resources, services)
    return services


def _fault(result: Result) -> Fault:
    names = result.reference
    identity = (GROUP, names.get("kind", ""), names.get("namespace", ""), names.get("name", ""))
    return "/".join(identity), field_path.parse(result.field)
