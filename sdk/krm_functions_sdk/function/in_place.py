"""A function over files and folders, which it changes in place: all of them, or after an error none.

A folder is read as `krmfn render` reads a package, with the packages below it; it needs no Kptfile. The paths of
resources are relative to the folder that holds all that was given.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from krm_functions_sdk.files import lock
from krm_functions_sdk.files import package as packages
from krm_functions_sdk.files.journal import Unfinished
from krm_functions_sdk.files.package import Package, PackageFile
from krm_functions_sdk.function.call import call, report_crash, said
from krm_functions_sdk.function.callable import Function, name_of
from krm_functions_sdk.function.command_line import Misuse
from krm_functions_sdk.resources.resource import Resource
from krm_functions_sdk.resources.resource_list import ResourceList
from krm_functions_sdk.resources.results import Results, with_derived


class InPlace:
    """One run of a function over paths: its results, what it printed, and what changes on disk.

    It is stopped after `timeout` seconds, where that is not 0. Where it `reports`, it gets whatever the files hold,
    objects or not, and is called also where a file cannot be read.
    """

    def __init__(
        self, function: Function, config: Resource | None, timeout: float = 0, *, reports: bool = False
    ) -> None:
        self.reports = reports
        self.function = function
        self.config = config
        self.timeout = timeout
        self.resources = ResourceList(None, config)
        self.printed = ""
        self.changed: dict[str, str | None] = {}
        self.package = Package(Path(), "")

    @property
    def results(self) -> Results:
        """The results of the function, and what is wrong with the files."""
        return self.resources.results

    def run(self, paths: list[str]) -> bool:
        """Run the function and say whether it worked; nothing is written. Raises Misuse."""
        self._read(_existing(paths))
        if self.results.failed and not self.reports:
            return False
        unread = {id(result) for result in self.results}
        self.resources.items = list(self.package.resources)
        self.printed = call(self.function, self.resources, self.timeout)
        if not self.results.failed:
            try:
                self.changed = self.package.changes(self.resources.items)
            except Exception as error:  # noqa: BLE001  # what the function left behind cannot be written
                report_crash(self.resources, self.function, error)
        for result in with_derived(self.results):
            if (
                result.file
                and id(result) not in unread
                and not (self.config is not None and result.file == self.config.path)
            ):
                result.file = (self.package.root / result.file).as_posix()
        for path, reason in self.package.refusals(self.changed):
            why = reason.partition(";")[0].replace("package", "folder").replace("the render", "what was given")
            self.results.append(self.package.fault(path, f"the function wants to write this file, {why}"))
        return not self.results.failed

    def write(self) -> None:
        """Write what the function changed. Raises OSError, before the first file is touched."""
        packages.write(self.package.root, [(self.package, self.changed)])

    def report(self) -> list[str]:
        """Return a line for each file: what happened to it, and its path."""
        lines: list[str] = []
        for path, text in sorted(self.changed.items()):
            did = "deleted" if text is None else "changed" if path in self.package.files else "created"
            lines.append(f"{did} {(self.package.root / path).as_posix()}")
        return lines

    def _read(self, paths: list[Path]) -> None:
        root, paths = _common(paths)
        self.package = Package(root, "")
        for path in paths:
            prefix = path.relative_to(self.package.root)
            if path.is_dir():
                self._add_folder(path, prefix)
            else:
                self._add_file(path, prefix)

    def _add_folder(self, folder: Path, prefix: Path) -> None:
        read = Package.read(folder, folder.name, self.results, takes_foreign=self.reports)
        for path, file in read.files.items():
            name = (prefix / path).as_posix()
            self.package.files[name] = PackageFile(name, file.text)
        for subpackage in read.subpackages:
            self._add_folder(subpackage, prefix / subpackage.relative_to(folder))

    def _add_file(self, path: Path, name: Path) -> None:
        try:
            text = path.read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            self.results.append(self.package.fault(name.as_posix(), f"cannot be read: {error}"))
        else:
            self.package.files[name.as_posix()] = PackageFile(name.as_posix(), text)


def change(
    function: Function, config: Resource | None, paths: list[str], *, reports: bool = False
) -> tuple[str, str, int]:
    """Run `function` over the files at `paths` and write what it changed; return output, errors, and status.

    The errors are a report where the function `reports`, and then no word is said of files, which it only checks.
    Raises Misuse.
    """
    in_place = InPlace(function, config, reports=reports)
    waited: list[str] = []
    worked, unfinished = False, False
    try:
        with held(paths, waited.append):
            worked = in_place.run(paths)
            if worked:
                in_place.write()
    except OSError as error:
        in_place.results.error(f"cannot be written: {error}")
        worked, unfinished = False, isinstance(error, Unfinished)
    errors = "".join(f"{line}\n" for line in waited) + in_place.printed + said(in_place.resources, reports=reports)
    if reports and not in_place.changed and not unfinished:
        return "", errors, int(not worked)
    if not worked:
        outcome = "some files were changed" if unfinished else "no file was changed"
        return "", f"{errors}{name_of(function)}: failed, {outcome}\n", 1
    return "".join(f"{line}\n" for line in in_place.report() or ["nothing to change"]), errors, 0


def held(paths: list[str], say: Callable[[str], None]) -> AbstractContextManager[None]:
    """Return the hold on the folder of all paths, see lock.held. Raises Misuse where one of them is not there."""
    return lock.held(_common(_existing(paths))[0], say)


def _existing(names: list[str]) -> list[Path]:
    paths = [Path(name) for name in names]
    for path in paths:
        if not path.exists():
            raise Misuse(f"{path}: no such file or folder")
    return paths


def _common(paths: list[Path]) -> tuple[Path, list[Path]]:
    """Return the folder that holds all paths (of one file, the one that it is in), and the paths as they lie in it."""
    if len(paths) > 1 and any(path.is_absolute() or ".." in path.parts for path in paths):
        paths = [path.resolve() for path in paths]
    root = Path(os.path.commonpath(paths))
    return root if root.is_dir() else root.parent, paths
