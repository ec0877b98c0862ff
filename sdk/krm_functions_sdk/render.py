"""Render packages as `kpt fn render` does, with installed Python functions in this one process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from krm_functions_sdk import kptfile, lock, registry
from krm_functions_sdk import package as packages
from krm_functions_sdk.journal import Unfinished
from krm_functions_sdk.kptfile import Step
from krm_functions_sdk.node import YamlFault
from krm_functions_sdk.package import KPTFILE, Package
from krm_functions_sdk.registry import Installed
from krm_functions_sdk.resource import Resource
from krm_functions_sdk.resource_list import ResourceList
from krm_functions_sdk.results import ERROR, WARNING, Result, Results
from krm_functions_sdk.run import call

Amend = Callable[[list[Resource]], list[Resource]]
Observe = Callable[[str, list[Resource]], None]


class StepReport:
    """What one function did in one package."""

    def __init__(self, name: str, before: dict[int, str], after: dict[int, str], results: list[Result]) -> None:
        self.name = name
        self.added = len(after.keys() - before.keys())
        self.deleted = len(before.keys() - after.keys())
        self.changed = sum(before[key] != after[key] for key in before.keys() & after.keys())
        self.results = results

    @property
    def failed(self) -> bool:
        """Say whether it reported an error."""
        return any(result.severity == "error" for result in self.results)


class Rendering:
    """One render of a package and its subpackages: reports of the steps, results, and what changes on disk.

    `amend` may put other resources in the place of those that were read; `observe` sees what each function leaves.
    """

    def __init__(self, root: Path, amend: Amend | None = None, observe: Observe | None = None) -> None:
        self.root = root
        self._amend, self._observe = amend, observe
        self.results = Results()
        self.steps: list[tuple[str, StepReport]] = []
        self.printed: list[str] = []
        self.changes: list[tuple[Package, dict[str, str | None]]] = []
        self._functions = registry.installed()
        self._seen: list[Resource] = []  # keeps what a function deleted, so that no new resource gets its id()

    def run(self) -> bool:
        """Render and say whether it worked; nothing is written."""
        read = self._read(self.root, self.root.resolve().name)
        if self.results.failed:
            return False
        owner: dict[int, Package] = {}
        resources = self._hydrate(read[0], read, owner)
        if self.results.failed:
            return False
        for package in read:
            changed = package.changes([resource for resource in resources if owner[id(resource)] is package])
            for path, reason in package.refusals(changed):
                self.results.append(package.fault(path, f"a function wants to write this file, {reason}"))
            if changed:
                self.changes.append((package, changed))
        return not self.results.failed

    def write(self) -> None:
        """Write what the render changed. Raises OSError, before the first file is touched."""
        packages.write(self.root, self.changes)

    def _read(self, root: Path, name: str) -> list[Package]:
        package = Package.read(root, name, self.results)
        found = [package]
        for folder in package.subpackages:
            found += self._read(folder, f"{name}/{folder.relative_to(root).as_posix()}")
        return found

    def _hydrate(self, package: Package, read: list[Package], owner: dict[int, Package]) -> list[Resource]:
        """Run the pipelines of the subpackages and then that of `package`, over all their resources."""
        items: list[Resource] = []
        for folder in package.subpackages:
            subpackage = next(other for other in read if other.root == folder)
            items += self._hydrate(subpackage, read, owner)
            if self.results.failed:
                return items
        for resource in self._amend(package.resources) if self._amend else package.resources:
            owner[id(resource)] = package
            self._seen.append(resource)
            items.append(resource)
        for step, function in self._pipeline(package):
            if self.results.failed:
                break
            items = self._step(package, step, function, items, owner)
            if self._observe is not None:
                self._observe(function.name, items)
        return items

    def _pipeline(self, package: Package) -> list[tuple[Step, Installed]]:
        """Return the steps of a package with their functions; what is wrong with any of them becomes an error."""
        declaration = _declaration(package)
        if declaration is None:
            self.results.append(package.fault(KPTFILE, "empty, expected a Kptfile of kpt.dev/v1", 1))
            return []
        try:
            steps, faults = kptfile.steps(declaration)
        except YamlFault as fault:
            line = declaration.first_line + fault.line
            self.results.append(package.fault(KPTFILE, f"cannot be read as YAML: {fault.message}", line))
            return []
        self.results.extend(_fault(package, field, message) for field, message in faults)
        found = [(step, self._function(step, package)) for step in steps]
        return [(step, function) for step, function in found if function is not None]

    def _function(self, step: Step, package: Package) -> Installed | None:
        if step.exec:
            message = f"found {step.exec}, expected an image; kpt fn render --allow-exec runs any executable"
            self.results.append(_fault(package, f"{step.field}.exec", message))
            return None
        name, tag = registry.parse_image(step.image)
        function = self._functions.get(name)
        field = f"{step.field}.image"
        if function is None:
            known = ", ".join(sorted(self._functions)) or "none"
            message = (
                f"no function {name} is installed for {step.image}; kpt fn render runs any image. Installed: {known}"
            )
            self.results.append(_fault(package, field, message))
            return None
        if tag.removeprefix("v") not in ("", function.version):
            warning = _fault(package, field, f"found {step.image}, installed is {function.version}")
            warning.severity = WARNING
            self.results.append(warning)
        try:
            function.load()
        except Exception as error:  # noqa: BLE001  # whatever the import of a function raises, the render reports it
            message = f"{name} cannot be loaded: {type(error).__name__}: {error}"
            self.results.append(_fault(package, field, message))
            return None
        return function

    def _step(
        self, package: Package, step: Step, function: Installed, items: list[Resource], owner: dict[int, Package]
    ) -> list[Resource]:
        config = self._config(package, step, items, owner)
        if self.results.failed:
            return items
        seen = [item for item in items if step.selects(item)] if step.selectors or step.exclude else list(items)
        self._seen += seen
        before = {id(item): item.text for item in seen}
        resources = ResourceList([item.copy() for item in seen] if step.is_validator else seen, config)
        printed = call(function.load(), resources)
        self.printed += [f"{function.name}: {line}" for line in printed.splitlines()]
        self._place(resources.results, package, seen, owner)
        self.results += resources.results
        after = before if step.is_validator else {id(item): item.text for item in resources}
        self.steps.append((package.name, StepReport(function.name, before, after, list(resources.results))))
        if step.is_validator:
            return items
        for item in resources:
            owner.setdefault(id(item), package)
        hidden = [item for item in items if id(item) not in before]
        if hidden:
            kept = {id(item) for item in resources} | {id(item) for item in hidden}
            known = {id(item) for item in items}
            return [item for item in items if id(item) in kept] + [item for item in resources if id(item) not in known]
        return list(resources.items)

    def _place(self, results: Results, package: Package, seen: list[Resource], owner: dict[int, Package]) -> None:
        """Make the files of a function's results, which are relative to the package of each resource, real ones."""
        places = {(item.identity, item.path, item.index): owner[id(item)].root for item in seen}
        for result in results:
            if result.file:
                names = result.reference
                group = names.get("apiVersion", "").rpartition("/")[0]
                identity = (group, names.get("kind", ""), names.get("namespace", ""), names.get("name", ""))
                root = places.get((identity, result.file, result.index), package.root)
                result.file = (root / result.file).as_posix()

    def _config(
        self, package: Package, step: Step, items: list[Resource], owner: dict[int, Package]
    ) -> Resource | None:
        if step.config_path:
            found = [item for item in items if item.path == step.config_path and owner[id(item)] is package]
            if len(found) == 1:
                return found[0]
            message = f"found {len(found)} resources in {step.config_path}, expected one"
            self.results.append(_fault(package, f"{step.field}.configPath", message))
        if step.config_map:
            return Resource.new(
                {
                    "apiVersion": "v1",
                    "kind": "ConfigMap",
                    "metadata": {"name": "function-input"},
                    "data": dict(sorted(step.config_map.items())),
                }
            )
        return None


def _declaration(package: Package) -> Resource | None:
    return next((resource for resource in package.resources if resource.path == KPTFILE), None)


def _fault(package: Package, field: str, message: str) -> Result:
    """Return an error about a field of the Kptfile."""
    result = Result(ERROR, message, _declaration(package), field)
    result.file = (package.root / KPTFILE).as_posix()
    return result


def table(rendering: Rendering) -> str:
    """Return what each function did, one line each, below the name of its package."""
    lines: list[str] = []
    width = max((len(step.name) for _, step in rendering.steps), default=0)
    current = ""
    for package, step in rendering.steps:
        if package != current:
            lines.append(package)
            current = package
        counts: list[tuple[int, str]] = [(step.added, "added"), (step.changed, "changed"), (step.deleted, "deleted")]
        did = ", ".join(f"{number} {word}" for number, word in counts if number) or "nothing to change"
        lines.append(f"  {step.name:<{width}}  {'FAILED' if step.failed else did}")
    return "\n".join(lines)


def preview(root: Path, show: Callable[[str], None], complain: Callable[[str], None]) -> tuple[bool, int]:
    """Show as unified diffs what a render of the package in `root` would change, and write nothing.

    Return whether it would work, and how many files it would change.
    """
    rendering = Rendering(root)
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
        return False, 0
    for package, changed in rendering.changes:
        for path, text in sorted(changed.items()):
            file = package.files.get(path)
            show(_diff((package.root / path).as_posix(), None if file is None else file.text, text))
    return True, sum(len(changed) for _, changed in rendering.changes)


def _diff(path: str, old: str | None, new: str | None) -> str:
    """Return the unified diff of one file, as `patch -p0` takes it; None is a file that is not there."""
    import difflib
    import io

    old_name, new_name = (path if text is not None else "/dev/null" for text in (old, new))
    before, after = (list(io.StringIO(text or "", newline="\n")) for text in (old, new))
    diff = difflib.unified_diff(before, after, old_name, new_name)
    ended = (line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in diff)
    return "".join(ended).removesuffix("\n")


def render(root: Path, show: Callable[[str], None], complain: Callable[[str], None]) -> bool:
    """Render the package in `root` in place; `show` gets the report, `complain` the results; say whether it worked."""
    rendering = Rendering(root)
    worked, outcome = False, "no file was changed"
    try:
        with lock.held(root, complain):
            worked = rendering.run()
            if worked:
                rendering.write()
    except OSError as error:
        rendering.results.error(f"cannot be written: {error}")
        worked, outcome = False, "some files were changed" if isinstance(error, Unfinished) else outcome
    if report := table(rendering):
        show(report)
    for line in rendering.printed:
        complain(line)
    for result in rendering.results:
        complain(str(result))
    written = sum(text is not None for _, changed in rendering.changes for text in changed.values())
    deleted = sum(text is None for _, changed in rendering.changes for text in changed.values())
    if not worked:
        complain(f"{root}: not rendered, {outcome}")
    elif written or deleted:
        show(f"  files: {written} written, {deleted} deleted")
    else:
        show("  files: unchanged")
    return worked
