"""What is told of a render: what each function did, what differs, and the results in kpt's format.

Each entry point of the group `krmfn_summary` is a function that takes the rendered resources and returns lines of what
is worth knowing of them, which stand at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from krm_functions_sdk.files.output import Mode
from krm_functions_sdk.files.package import Package
from krm_functions_sdk.function import entry_points
from krm_functions_sdk.function.callable import is_repeatable
from krm_functions_sdk.resources.resource import Resource
from krm_functions_sdk.resources.results import Result

GROUP = "krmfn_summary"


class StepReport:
    """What one function did in one package; `said` is what it wrote to standard error, or printed.

    It has `only_looked` where an earlier one had failed, so that nothing of what it did is ever written.
    """

    was_run = True

    def __init__(
        self,
        name: str,
        before: dict[int, str],
        after: dict[int, str],
        results: list[Result],
        *,
        only_looked: bool = False,
    ) -> None:
        self.name = name
        self.only_looked = only_looked
        self.declared: dict[str, str] = {}
        self.said = ""
        self.status = 0
        self.added = len(after.keys() - before.keys())
        self.deleted = len(before.keys() - after.keys())
        self.changed = sum(before[key] != after[key] for key in before.keys() & after.keys())
        self.results = results

    @classmethod
    def of_one_left_out(cls, name: str) -> StepReport:
        """Return the report of a function that was not run, since an earlier one had failed."""
        report = cls(name, {}, {}, [])
        report.was_run = False
        return report

    @property
    def did(self) -> str:
        """What is said of it in one line."""
        if not self.was_run:
            return "not run"
        if self.failed:
            return "FAILED"
        if self.only_looked:
            return "looked at only"
        counts: list[tuple[int, str]] = [(self.added, "added"), (self.changed, "changed"), (self.deleted, "deleted")]
        return ", ".join(f"{number} {word}" for number, word in counts if number) or "nothing to change"

    @property
    def failed(self) -> bool:
        """Say whether it reported an error."""
        return any(result.severity == "error" for result in self.results)


Steps = Iterable[tuple[str, StepReport]]  # the name of the package, and what a function did there
Changes = list[tuple[Package, dict[str, str | None]]]


def table(steps: Steps) -> str:
    """Return what each function did, one line each, below the name of its package."""
    lines: list[str] = []
    width = max((len(step.name) for _, step in steps), default=0)
    current = ""
    for package, step in steps:
        if package != current:
            lines.append(package)
            current = package
        lines.append(f"  {step.name:<{width}}  {step.did}")
    return "\n".join(lines)


def differences(changes: Changes) -> Iterator[str]:
    """Yield the unified diff of each file that was rendered otherwise than it is on disk."""
    for package, changed in changes:
        for path, text in sorted(changed.items()):
            file = package.files.get(path)
            yield diff((package.root / path).as_posix(), None if file is None else file.text, text)


def diff(path: str, old: str | None, new: str | None) -> str:
    """Return the unified diff of one file, as `patch -p0` takes it; None is a file that is not there."""
    import difflib
    import io

    old_name, new_name = (path if text is not None else "/dev/null" for text in (old, new))
    before, after = (list(io.StringIO(text or "", newline="\n")) for text in (old, new))
    found = difflib.unified_diff(before, after, old_name, new_name)
    ended = (line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in found)
    return "".join(ended).removesuffix("\n")


def report(steps: Steps, folder: Path, complain: Callable[[str], None], *, failed: bool) -> bool:
    """Write what the functions reported, in kpt's format, and say whether that worked."""
    from krm_functions_sdk.kpt import results_file
    from krm_functions_sdk.kpt.results_file import Executed

    ran = (step for _, step in steps if step.was_run)
    executed = [Executed(step.declared, step.said, step.status, step.results) for step in ran]
    try:
        results_file.write(folder, executed, failed=failed)
    except OSError as error:
        complain(f"[error] {folder}: the results cannot be written: {error}")
        return False
    return True


def figures(resources: list[Resource]) -> tuple[list[str], bool]:
    """Return the lines that installed distributions have to say of rendered resources; one that fails says so.

    With them, whether they would be said again of the same resources.
    """
    lines: list[str] = []
    are_repeatable = True
    for entry_point in entry_points.of_group(GROUP):
        try:
            function = entry_point.load()
            are_repeatable &= is_repeatable(function)
            lines.extend(function(resources))
        except Exception as fault:  # noqa: BLE001  # the render is done, and no line about it may undo that
            lines.append(f"{entry_point.name} has nothing to say of it: {type(fault).__name__}: {fault}")
            are_repeatable = False
    return lines, are_repeatable


def summary(changes: Changes, mode: Mode) -> str:
    """Return the last line of a report."""
    texts = [text for _, changed in changes for text in changed.values()]
    if mode.place:
        return "files: the package is as it was"
    if not texts:
        return "files: unchanged"
    written, deleted = len(texts) - texts.count(None), texts.count(None)
    return f"files: {written} written, {deleted} deleted"
