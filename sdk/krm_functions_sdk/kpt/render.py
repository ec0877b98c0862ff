"""Render packages as `kpt fn render` does, with installed Python functions in this one process.

An image that is not installed runs in a container, and an `exec` as a process, as kpt runs them.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

from krm_functions_sdk.files import lock, output
from krm_functions_sdk.files import package as packages
from krm_functions_sdk.files.journal import Unfinished
from krm_functions_sdk.files.output import Mode
from krm_functions_sdk.files.package import Package
from krm_functions_sdk.function.call import call
from krm_functions_sdk.function.callable import Function, runs_after_errors
from krm_functions_sdk.kpt import isolation, kustomization, places, runners, summary
from krm_functions_sdk.kpt.external import External, Limits
from krm_functions_sdk.kpt.isolation import isolated
from krm_functions_sdk.kpt.runners import Pipelines
from krm_functions_sdk.kpt.steps import Step
from krm_functions_sdk.kpt.summary import StepReport
from krm_functions_sdk.resources.resource import Resource
from krm_functions_sdk.resources.resource_list import ResourceList
from krm_functions_sdk.resources.results import INFO, Result, Results

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from krm_functions_sdk.kpt.answers import Answer, Memory
    from krm_functions_sdk.kpt.runners import Pipeline

Amend = Callable[[list[Resource]], list[Resource]]
Observe = Callable[[str, list[Resource]], None]


class Rendering:
    """One render of a package and its subpackages: reports of the steps, results, and what changes on disk.

    `amend` may put other resources in the place of those that were read; `observe` sees what each function leaves.
    After an error the functions that can go on do, so that one run tells what all of them find; where it `stops_early`
    none does. Where it `remembers`, what was answered of the same files before is the answer, and no function runs.
    """

    stops_early = False

    def __init__(
        self,
        root: Path,
        amend: Amend | None = None,
        observe: Observe | None = None,
        limits: Limits | None = None,
        *,
        remembers: bool = False,
    ) -> None:
        self.root = root
        self.limits = limits or Limits()
        self.resources: list[Resource] = []
        self.owner: dict[int, Package] = {}
        self._amend, self._observe = amend, observe
        self._remembers = remembers
        self._memory: Memory | None = None
        self.answer: Answer | None = None  # what was answered before, where nothing was run
        self.results = Results()
        self.steps: list[tuple[str, StepReport]] = []
        self.printed: list[str] = []
        self.changes: list[tuple[Package, dict[str, str | None]]] = []
        self._pipelines = Pipelines(self.limits, self.results)
        self._of_package: dict[int, Pipeline] = {}  # by id()
        self._is_incomplete = self._is_over = False
        self._unread: set[int] = set()
        self._seen: list[Resource] = []  # keeps what a function deleted, so that no new resource gets its id()

    def run(self) -> bool:
        """Render and say whether it worked; nothing is written."""
        read = self._read(self.root, self.root.resolve().name)
        if self._remembers and not self.results:
            from krm_functions_sdk.kpt.answers import Memory  # others, such as a build of an overlay, have none

            memory = Memory(self.root, read, self.limits)
            self.answer, self._memory = memory.answer, memory if memory.key else None
        if self.answer is not None:
            self.results.extend(self.answer.results)
            self.steps, self.printed = self.answer.steps, self.answer.printed
            return True
        with self._memory.witness if self._memory else nullcontext():
            worked = self._run_all(read)
        if not worked and not self.stops_early:
            self._set_aside(read)
            places.as_on_disk(self.results, read, self._seen)
        return worked

    def _set_aside(self, read: list[Package]) -> None:
        """Say of all that cannot be read what is wrong with it, and give it to no function."""
        told = {(result.file, result.line) for result in self.results}
        for package in read:
            for resource, fault in package.unreadable():
                self._unread.add(id(resource))
                if (fault.file, fault.line) not in told:
                    told.add((fault.file, fault.line))
                    self.results.append(fault)

    def _run_all(self, read: list[Package]) -> bool:
        if self.results.failed:
            self._look_at_pipelines(read)
            self._is_incomplete = True
            if self._is_over or self.stops_early:
                return False
            self._set_aside(read)
        owner: dict[int, Package] = {}
        hydrate = self._hydrate_down if runners.is_top_down(read[0]) else self._hydrate
        resources = hydrate(read[0], read, owner)
        if self.results.failed:
            return False
        self.resources, self.owner = resources, owner
        for package in read:
            changed = package.changes([resource for resource in resources if owner[id(resource)] is package])
            for path, reason in package.refusals(changed):
                self.results.append(package.fault(path, f"a function wants to write this file, {reason}"))
            self.results.extend(kustomization.hidden(package, changed))
            if changed:
                self.changes.append((package, changed))
        return not self.results.failed

    def _look_at_pipelines(self, read: list[Package]) -> None:
        """Add what is wrong with the Kptfiles that can be read, so that one run says it together with the rest."""
        broken = {result.file for result in self.results}
        for package in read:
            if (package.root / packages.KPTFILE).as_posix() in broken or not runners.declaration(package):
                self._is_over = True
            else:
                self._pipeline(package)

    def _pipeline(self, package: Package) -> Pipeline:
        """Return the steps of a package; an error in its Kptfile ends the render, since nobody knows what shall run."""
        if id(package) not in self._of_package:
            had = len(self.results)
            self._of_package[id(package)] = self._pipelines.of(package)
            self._is_over |= Results(self.results[had:]).failed
        return self._of_package[id(package)]

    def placed(self) -> output.Placed:
        """Return the resources with their paths from the root of the package."""
        return [
            ((self.owner[id(item)].root.relative_to(self.root) / output.place(item)).as_posix(), item)
            for item in self.resources
        ]

    def write(self) -> None:
        """Write what the render changed. Raises OSError, before the first file is touched."""
        packages.write(self.root, self.changes)

    def figures(self) -> list[str]:
        """Return the lines of figures about what was rendered; and keep the answer, where nothing was changed."""
        if self.answer is not None:
            return self.answer.figures
        with self._memory.witness if self._memory else nullcontext():
            lines, are_repeatable = summary.figures(self.resources)
        if self._memory and are_repeatable and not self.changes:
            from krm_functions_sdk.kpt.answers import Answer

            functions = [function for pipeline in self._of_package.values() for _, function in pipeline]
            self._memory.keep(functions, Answer(self.results, self.steps, self.printed, lines))
        return lines

    def _read(self, root: Path, name: str) -> list[Package]:
        package = Package.read(root, name, self.results)
        found = [package]
        for folder in package.subpackages:
            found += self._read(folder, f"{name}/{folder.relative_to(root).as_posix()}")
        return found

    def _hydrate(self, package: Package, read: list[Package], owner: dict[int, Package]) -> list[Resource]:
        """Run the pipelines of the subpackages and then that of `package`, over all their resources."""
        items: list[Resource] = []
        for subpackage in _subpackages(package, read):
            items += self._hydrate(subpackage, read, owner)
            if self._is_over:
                return items
        items += self._own(package, owner)
        return self._run(package, self._pipeline(package), items, owner)

    def _hydrate_down(self, root: Package, read: list[Package], owner: dict[int, Package]) -> list[Resource]:
        """Run the pipelines from `root` down, level by level, each over its package and those below.

        What runs is what the Kptfiles say on disk, as under kpt from 1.0.0-beta.60 on.
        """
        levels = [root]
        for package in levels:
            levels += _subpackages(package, read)
        items = {id(package): self._own(package, owner) for package in levels}
        pipeline = {id(package): self._pipeline(package) for package in levels}
        for package in levels:
            inside = [package, *_inside(package, read)]
            seen = [item for one in inside for item in items[id(one)]]
            left = self._run(package, pipeline[id(package)], seen, owner)
            if self._is_over:
                break
            items |= {id(one): [item for item in left if owner[id(item)] is one] for one in inside}
        return [item for package in levels for item in items[id(package)]]

    def _own(self, package: Package, owner: dict[int, Package]) -> list[Resource]:
        """Return the resources of a package without its subpackages."""
        readable = [item for item in package.resources if id(item) not in self._unread]
        items = list(self._amend(readable) if self._amend else readable)
        owner.update({id(item): package for item in items})
        self._seen += items
        return items

    def _run(
        self, package: Package, pipeline: Pipeline, items: list[Resource], owner: dict[int, Package]
    ) -> list[Resource]:
        for step, function in pipeline:
            if self._is_over:
                break
            if self._is_incomplete and not runs_after_errors(function):
                self.steps.append((package.name, StepReport.of_one_left_out(runners.name(step))))
                continue
            items = self._step(package, step, function, items, owner)
            if self._observe is not None:
                self._observe(runners.name(step), items)
        return items

    def _step(
        self, package: Package, step: Step, function: Function, items: list[Resource], owner: dict[int, Package]
    ) -> list[Resource]:
        had = len(self.results)
        config = self._config(package, step, items, owner)
        if len(self.results) > had:
            self._is_over = True
            return items
        seen = [item for item in items if step.selects(item)] if step.selectors or step.exclude else list(items)
        self._seen += seen
        before = {id(item): item.text for item in seen}
        resources = ResourceList([item.copy() for item in seen] if step.is_validator else seen, config)
        resources.is_part, resources.is_incomplete = len(seen) < len(items), self._is_incomplete
        if isinstance(function, External):
            pairs = zip(resources, seen, strict=True)
            function.folders = {id(item): str(owner[id(known)].root.resolve()) for item, known in pairs}
        before_call = isolation.references(resources)
        with isolated():
            printed = call(function, resources, 0 if isinstance(function, External) else self.limits.timeout)
        self.printed += [f"{runners.name(step)}: {line}" for line in printed.splitlines()]
        places.locate(resources.results, package, step, seen, owner)
        found = self._news(resources.results, step) if self.results.failed else list(resources.results)
        self.results += found
        after = before if step.is_validator else {id(item): item.text for item in resources}
        report = StepReport(runners.name(step), before, after, found, only_looked=self._is_incomplete)
        report.declared = {"exec": step.exec} if step.exec else {"image": step.image}
        report.said, report.status = printed, getattr(function, "status", 0) or int(report.failed)
        self.steps.append((package.name, report))
        self._go_on(step, function, resources)
        if step.is_validator:
            return items
        owner.update({id(item): package for item in resources if id(item) not in owner})
        copies = self._copies(isolation.kept(resources, before_call), owner)
        items, seen, left = ([copies.get(id(item), item) for item in part] for part in (items, seen, resources.items))
        isolation.read_anew(seen)
        return merged(items, seen, left)

    def _go_on(self, step: Step, function: Function, resources: ResourceList) -> None:
        """Decide what may still run: all after a validator, which changes nothing, and some after a mutator."""
        if not resources.results.failed:
            return
        is_left_half_done = not step.is_validator and (resources.has_crash or not runs_after_errors(function))
        self._is_over |= self.stops_early or is_left_half_done
        self._is_incomplete |= not step.is_validator

    def _news(self, results: Results, step: Step) -> list[Result]:
        """Return what was not told yet; what a mutator did is no news either where nothing is written."""
        told = {str(result) for result in self.results}
        hides_info = self._is_incomplete and not step.is_validator
        return [item for item in results if str(item) not in told and not (hides_info and item.severity == INFO)]

    def _copies(self, kept: list[Resource], owner: dict[int, Package]) -> dict[int, Resource]:
        """Return copies, by `id()`, that take the place of resources which a function keeps a reference to."""
        copies = {id(item): item.copy() for item in kept}
        for item in kept:
            owner[id(copies[id(item)])] = owner[id(item)]
        for package in {id(found): found for found in (owner[id(item)] for item in kept)}.values():
            package.exchange(copies)
        self._seen += [*kept, *copies.values()]
        return copies

    def _config(
        self, package: Package, step: Step, items: list[Resource], owner: dict[int, Package]
    ) -> Resource | None:
        if step.config_path:
            found = [item for item in items if item.path == step.config_path and owner[id(item)] is package]
            if len(found) == 1:
                return found[0].copy()
            message = f"found {len(found)} resources in {step.config_path}, expected one"
            self.results.append(runners.fault(package, f"{step.field}.configPath", message))
        if step.config_map:
            return Resource.new(
                {
                    "apiVersion": "v1",
                    "kind": "ConfigMap",
                    "metadata": {"name": runners.CONFIG_MAP},
                    "data": dict(sorted(step.config_map.items())),
                }
            )
        return None


def _subpackages(package: Package, read: list[Package]) -> list[Package]:
    """Return the packages right below one, in their order."""
    return [next(other for other in read if other.root == folder) for folder in package.subpackages]


def _inside(package: Package, read: list[Package]) -> Iterator[Package]:
    """Yield the packages below one, at any depth, each before those below it."""
    for subpackage in _subpackages(package, read):
        yield subpackage
        yield from _inside(subpackage, read)


def merged(items: list[Resource], seen: list[Resource], left: list[Resource]) -> list[Resource]:
    """Return all items, of which a function saw `seen` and left `left`: the others stay where they are."""
    if len(seen) == len(items):
        return list(left)
    known, shown, kept = ({id(item) for item in part} for part in (items, seen, left))
    return [item for item in items if id(item) in kept or id(item) not in shown] + [
        item for item in left if id(item) not in known
    ]


def preview(
    root: Path,
    show: Callable[[str], None],
    complain: Callable[[str], None],
    limits: Limits | None = None,
    *,
    remembers: bool = False,
) -> tuple[bool, Rendering]:
    """Show as unified diffs what a render of the package in `root` would change, and write nothing.

    Return whether it would work, and the rendering.
    """
    rendering = Rendering(root, limits=limits, remembers=remembers)
    worked = False
    try:
        with lock.held(root, complain):
            worked = rendering.run()
    except OSError as error:
        rendering.results.error(f"cannot be read: {error}")
    for line in (*rendering.printed, *map(str, rendering.results)):
        complain(line)
    if not worked:
        complain(f"{root}: cannot be rendered")
        return False, rendering
    for text in summary.differences(rendering.changes):
        show(text)
    return True, rendering


def render(
    root: Path,
    show: Callable[[str], None],
    complain: Callable[[str], None],
    limits: Limits | None = None,
    mode: Mode | None = None,
    *,
    remembers: bool = False,
) -> bool:
    """Render the package in `root` in place; `show` gets the report, `complain` the results; say whether it worked.

    With a place in `mode` the outcome goes there, and the package stays as it is.
    """
    return perform(root, show, complain, limits, mode or Mode(), remembers=remembers)[0]


def perform(
    root: Path,
    show: Callable[[str], None],
    complain: Callable[[str], None],
    limits: Limits | None,
    mode: Mode,
    *,
    remembers: bool = False,
) -> tuple[bool, Rendering]:
    """Do what `render` does, and return the rendering too."""
    rendering = Rendering(root, limits=limits, remembers=remembers and not mode.place)
    worked, outcome, elsewhere = False, "no file was changed", ""
    try:
        with lock.held(root, complain):
            worked = rendering.run()
            if worked and mode.place:
                elsewhere = output.put(rendering.placed(), mode.place)
            elif worked:
                rendering.write()
    except (OSError, output.Refusal) as error:
        rendering.results.error(f"cannot be written: {error}")
        worked, outcome = False, "some files were changed" if isinstance(error, Unfinished) else outcome
    tell = complain if mode.place else show
    if report := summary.table(rendering.steps):
        tell(report)
    for line in rendering.printed:
        complain(line)
    for result in rendering.results:
        complain(str(result))
    if mode.results is not None:
        worked = summary.report(rendering.steps, mode.results, complain, failed=not worked) and worked
    if elsewhere:
        show(elsewhere.removesuffix("\n"))
    if worked:
        tell(f"  {summary.summary(rendering.changes, mode)}")
        for line in rendering.figures():
            tell(f"  {line}")
    else:
        complain(f"{root}: not rendered, {outcome}")
    return worked, rendering
