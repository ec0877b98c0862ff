"""Sets: which files go to a cluster together, where a folder holds several that cannot.

A package and what a kustomization names are one set each. Other files are one set as long as none of them holds an
object that another one holds too; where they do, the folder is a collection, such as examples beside each other.
"""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterable

from krm_inference.manifests import foreign
from krm_inference.manifests.index import Identity, Index, identity
from krm_inference.manifests.objects import Object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_KPT = "kpt.dev"
Files = list[str]


def split(index: Index) -> list[Index]:
    """Return the sets of an index: itself, where all its files can go to one cluster."""
    items = (*index.objects, *index.for_tools)
    if not all(item.resource.path for item in items):
        return [index]  # a stream, which somebody applies as it is
    held: dict[str, set[Identity]] = defaultdict(set)
    of_unit = _units(index)
    for item in index.objects:
        if item.name:
            held[of_unit(_path(item))].add(identity(item))
    parts = _split(sorted(held), held, "") if _is_shared(held.values()) else []
    if len(parts) < 2:
        return [index]
    number = {unit: position for position, part in enumerate(parts) for unit in part}
    members: list[list[Object]] = [[] for _ in parts]
    for item in items:
        members[number.get(of_unit(_path(item)), 0)].append(item)
    return index.parted(members)


def _path(item: Object) -> str:
    return item.resource.path or ""


class _Units:
    """What is never split, by file: a package, and the files that one kustomization names."""

    def __init__(self) -> None:
        self.packages: list[str] = []
        self._above: dict[str, str] = {}

    def join(self, file: str, other: str) -> None:
        self._above[self._top(file)] = self._top(other)

    def _top(self, file: str) -> str:
        while file in self._above and self._above[file] != file:
            file = self._above[file]
        return file

    def __call__(self, file: str) -> str:
        """Return the file that stands for the unit of a file."""
        package = next((each for each in self.packages if each in ("", ".") or file.startswith(f"{each}/")), None)
        return self._top(file) if package is None else posixpath.join(package, "Kptfile")


def _units(index: Index) -> _Units:
    units = _Units()
    for item in index.for_tools:
        if item.group == _KPT and item.kind == "Kptfile":
            units.packages.append(posixpath.dirname(_path(item)))
    units.packages.sort(key=len)
    for path, data in foreign.kustomizations(index.for_tools, index.foreign):
        for file in foreign.resources(path, data):
            units.join(file, path)
    return units


def _split(units: Files, held: dict[str, set[Identity]], folder: str) -> list[Files]:
    """Return the sets of units below a folder."""
    if not _is_shared(held[unit] for unit in units):
        return [units]
    below: dict[str, Files] = defaultdict(list)
    for unit in units:
        head, slash, _ = unit.removeprefix(folder).partition("/")
        below[f"{folder}{head}/" if slash else ""].append(unit)
    parts: list[Files] = []
    for inner, files in below.items():
        parts += _split(files, held, inner) if inner else _files(files, held)
    return parts


def _files(units: Files, held: dict[str, set[Identity]]) -> list[Files]:
    """Return each file of a folder that shares an object with another one, and all others together."""
    count: dict[Identity, int] = defaultdict(int)
    for unit in units:
        for each in held[unit]:
            count[each] += 1
    alone = [unit for unit in units if any(count[each] > 1 for each in held[unit])]
    return [*([unit] for unit in alone), *([rest] if (rest := [unit for unit in units if unit not in alone]) else [])]


def _is_shared(held: Iterable[Any]) -> bool:
    seen: set[Identity] = set()
    for identities in held:
        if seen & identities:
            return True
        seen |= identities
    return False
