"""What is installed that can take part in a render, as one digest: it is another one after any edit or upgrade.

It covers the files of the SDK and of each distribution whose entry points a render asks, wherever they lie, an editable
install too; the libraries of the SDK; what was imported before, such as a hook of the start of Python; the folders in
which modules are looked for; and Python itself. A file is known by its path, size, inode, and the times at which
its content and anything about it last changed.
"""

from __future__ import annotations

import os
import sys
import time
from functools import cache

from krm_functions_sdk.files import digest
from krm_functions_sdk.function import entry_points

GROUPS = ("krm_functions", "krmfn_summary")  # what a render asks installed distributions for
LIBRARIES = ("yaml", "_yaml", "jsonschema_rs")  # what the SDK itself imports of others
_OWN = __name__.partition(".")[0]
# Nanoseconds: more than the tick of a coarse clock, within which a file may change twice and show one time; and than a
# process takes that has imported modules before it looks at their files.
_YOUNG = 10 * 10**9
# What Python makes of the other files, and golden cases, which no wheel has: what is read from there is not covered.
_LEFT_OUT = ("__pycache__", "examples")
_OTHERS = ("site-packages", "dist-packages")  # folders of other distributions, which may lie among Python's own


class Installation:
    """What was found at one moment."""

    def __init__(self) -> None:
        self.files: set[str] = set()  # that lie in no folder that is looked through
        self.folders: set[str] = set()
        self._newest = 0
        self._began = time.time_ns()
        said = [
            sys.version,
            sys.executable,
            repr((*sys.flags, sys.warnoptions)),
            self._stat(os.path.realpath(sys.executable)),
        ]
        said += [self._stat(folder or ".") for folder in (*sys.path, *_of_python())]
        for group in GROUPS:
            points = entry_points.of_group(group)
            said += [f"{group} {point.name} {point.value} {point.version}" for point in points]
        for name in sorted(_names()):
            said.append(name)
            for place in _places(name):
                said += self._walk(place)
        for file in sorted(file for file in _loaded() if not self.covers(file)):
            said += self._file(_there(os.path.abspath(file)))
        self.digest = digest.of_texts(said)

    @property
    def is_settled(self) -> bool:
        """Say whether no file is so young that it may have changed again, or had when modules were imported."""
        return self._newest < self._began - _YOUNG

    def covers_all(self) -> bool:
        """Say whether all that is imported by now is part of it, or of Python."""
        return all(map(self.covers, _loaded()))

    def covers(self, file: str) -> bool:
        """Say whether a file is part of it, or of Python; one that is not there would be, where it came to be."""
        if os.path.dirname(file) in self.folders or file in self.files or _is_of_python(file):
            return True
        return _there(os.path.abspath(file)) in self.files

    def _walk(self, place: str) -> list[str]:
        """Return what is known of each file below a folder, or of a file."""
        if not os.path.isdir(place):
            return self._file(place)
        said, folders = [], [place]
        for folder in folders:
            self.folders.add(folder)
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.is_symlink():  # to nothing perhaps, as the locks of an editor, or round in a circle
                        said.append(self._stat(entry.path))
                    elif not entry.is_dir():
                        said.append(self._said(entry.path, entry.stat()))
                    elif entry.name not in _LEFT_OUT:
                        folders.append(entry.path)
        return sorted(said)

    def _file(self, path: str) -> list[str]:
        self.files.add(path)
        return [self._stat(path)]

    def _stat(self, path: str) -> str:
        try:
            return self._said(path, os.stat(path))
        except OSError:  # many folders of sys.path are not there
            return f"{path} -"

    def _said(self, path: str, found: os.stat_result) -> str:
        self._newest = max(self._newest, found.st_ctime_ns)
        return f"{path} {found.st_size} {found.st_mtime_ns} {found.st_ctime_ns} {found.st_ino}"


@cache
def at_start() -> Installation:
    """Return what was found when this process first asked, from which its modules come.

    Raises OSError, and what the finder of another distribution raises.
    """
    return Installation()


def _names() -> set[str]:
    """Return the names of the packages and modules that a render imports from distributions."""
    points = [point for group in GROUPS for point in entry_points.of_group(group)]
    return {_OWN, *LIBRARIES, *(point.value.partition(":")[0].partition(".")[0].strip() for point in points)}


def _places(name: str) -> list[str]:
    """Return the folders of a package, or the file of a module or of the archive that holds it."""
    for finder in sys.meta_path:
        find = getattr(finder, "find_spec", None)
        if find is not None and (spec := find(name, None)) is not None:
            places = spec.submodule_search_locations or [str(spec.origin)]
            return [_there(place) for place in places]
    return []


def _there(place: str) -> str:
    """Return a place, or the archive in which it lies."""
    while not os.path.exists(place) and (above := os.path.dirname(place)) != place:
        place = above
    return place


def _loaded() -> set[str]:
    """Return the files of all modules that are imported."""
    files = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    return {file for file in files if isinstance(file, str)}


@cache
def _of_python() -> tuple[str, ...]:
    """Return the folders of Python's own modules."""
    standard = os.path.dirname(str(os.__file__))
    dynamic = [folder for folder in sys.path if os.path.basename(folder) == "lib-dynload"]
    return (standard, *(folder for folder in dynamic if not folder.startswith(standard)))


def _is_of_python(file: str) -> bool:
    inside = next((file[len(home) :] for home in _of_python() if file.startswith(f"{home}{os.sep}")), "")
    return bool(inside) and not any(f"{os.sep}{other}{os.sep}" in inside for other in _OTHERS)
