"""What installed distributions declare in their entry points, read without the imports of `importlib.metadata`.

A render of a small package would spend a fifth of its time on those (email, zipfile, and more). Folders of `sys.path`
are read here, as the packaging specification lays them out; where a distribution may lie elsewhere, in an archive or
with a finder of its own, `importlib.metadata` is asked. A test compares the two.
"""

from __future__ import annotations

import os
import sys
from functools import cache, cached_property
from importlib import import_module
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_SUFFIXES = (".dist-info", ".egg-info")


class EntryPoint:
    """One line of a group: `name = value`, and the version of the distribution that declares it."""

    def __init__(self, name: str, value: str, metadata: Path | str = "") -> None:
        self.name = name
        self.value = value
        self._metadata = metadata  # the folder that says the version, or the version

    @cached_property
    def version(self) -> str:
        """The version of the distribution, "" where its metadata is not to be read."""
        if isinstance(self._metadata, str):
            return self._metadata
        for file in ("METADATA", "PKG-INFO"):
            for line in _lines(self._metadata / file):
                if line.lower().startswith("version:"):
                    return line.partition(":")[2].strip()
        return ""

    @property
    def is_there(self) -> bool:
        """Say whether its module can be found, without an import: what was deleted may still be declared."""
        from importlib.machinery import PathFinder
        from importlib.util import find_spec

        top, *inner = self.value.partition(":")[0].partition("[")[0].strip().split(".")
        try:
            spec = find_spec(top)
            for number in range(len(inner)):
                folders = None if spec is None else spec.submodule_search_locations
                spec = PathFinder.find_spec(".".join([top, *inner[: number + 1]]), folders) if folders else None
        except (ImportError, ValueError):
            return False
        return spec is not None and (spec.origin is not None or spec.loader is not None)

    def load(self) -> Any:
        """Import what `value` names, `module:attribute`. Raises what the import raises."""
        module, _, attributes = self.value.partition("[")[0].strip().partition(":")
        found: Any = import_module(module.strip())
        for attribute in filter(None, attributes.strip().split(".")):
            found = getattr(found, attribute)
        return found


@cache
def of_group(group: str) -> tuple[EntryPoint, ...]:
    """Return the entry points of a group; of a distribution that is there twice, those of the first on `sys.path`."""
    folders = tuple(sys.path)
    if _has_other_finders() or any(folder.endswith(".egg") or os.path.isfile(folder) for folder in folders):  # noqa: PTH113  # strings, as they are there
        return _of_importlib(group)
    return tuple(EntryPoint(name, value, Path(home)) for home, of, name, value in _declared(folders) if of == group)


@cache
def _declared(folders: tuple[str, ...]) -> list[tuple[str, str, str, str]]:
    """Return the folder of the metadata, group, name and value of each entry point of all distributions, read once."""
    found: list[tuple[str, str, str, str]] = []
    seen: set[str] = set()
    for folder in folders:
        for distribution in _distributions(folder):
            name = _normalized(distribution)
            if name not in seen:
                seen.add(name)
                home = f"{folder or '.'}/{distribution}"
                found += [(home, *entry) for entry in _entries(_lines(Path(home, "entry_points.txt")))]
    return found


def _has_other_finders() -> bool:
    """Say whether something beside Python's own finder knows distributions."""
    from importlib.machinery import PathFinder

    return any(hasattr(finder, "find_distributions") for finder in sys.meta_path if finder is not PathFinder)


def _of_importlib(group: str) -> tuple[EntryPoint, ...]:
    from importlib.metadata import entry_points

    found = entry_points(group=group)
    return tuple(EntryPoint(each.name, each.value, each.dist.version if each.dist else "") for each in found)


def _distributions(folder: str) -> list[str]:
    """Return the names of the folders with metadata in a folder of `sys.path`."""
    try:
        return [name for name in os.listdir(folder or ".") if name.endswith(_SUFFIXES)]  # noqa: PTH208  # thousands
    except OSError:  # many folders of sys.path are not there
        return []


def _normalized(metadata: str) -> str:
    """Return the name of a distribution in the one spelling of all of its: `a_b` for `A.b-1.0.dist-info`."""
    name = metadata.rpartition(".")[0].partition("-")[0]
    return "_".join(filter(None, name.replace(".", "_").split("_"))).lower()


def _lines(file: Path) -> Iterator[str]:
    try:
        with file.open(encoding="utf-8") as text:
            yield from text
    except (OSError, UnicodeError):  # a distribution without it declares nothing
        return


def _entries(lines: Iterator[str]) -> Iterator[tuple[str, str, str]]:
    """Yield group, name and value of each entry in `entry_points.txt`, an INI file."""
    section = ""
    for line in map(str.strip, lines):
        if line.startswith("[") and line.endswith("]"):
            section = line.strip("[]")
        elif section and line and not line.startswith("#"):
            name, _, value = line.partition("=")
            yield section, name.strip(), value.strip()
