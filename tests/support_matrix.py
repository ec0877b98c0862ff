"""The support matrix: each platform with each class of Gateways that it can have, as a package.

A cell is the base package of `tests/golden/gaie-v1.0` with another platform and class. `tests/platforms/` holds, for
each cell, the files that differ from that.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from krm_inference.domain.facts.gateway_classes import CLASSES
from krm_inference.domain.facts.platforms import PLATFORMS

ROOT = Path(__file__).resolve().parent.parent
CELLS = ROOT / "tests" / "platforms"
BASE = ROOT / "tests" / "golden" / "gaie-v1.0"
BASE_PLATFORM, BASE_CLASS = "gke-standard", "gke-l7-regional-external-managed"


class Cell(NamedTuple):
    """A platform and a class of Gateways."""

    platform: str
    gateway: str

    def __str__(self) -> str:
        """The name of its folder."""
        return f"{self.platform}-{self.gateway}"

    @property
    def is_possible(self) -> bool:
        """Say whether the platform can have the class."""
        return PLATFORMS[self.platform].is_gke or not CLASSES[self.gateway].is_gke

    @property
    def edits(self) -> list[tuple[str, str]]:
        """The changes of the base package's intent that make it this cell."""
        release = "  release: gaie-v1.0\n"
        named = release if self.platform == BASE_PLATFORM else f"{release}  platform: {self.platform}\n"
        return [(release, named), (f"className: {BASE_CLASS}", f"className: {self.gateway}")]


def cells() -> list[Cell]:
    """Return every platform × class that routes to InferencePools, impossible pairs among them."""
    return [Cell(platform, name) for platform in PLATFORMS for name, known in CLASSES.items() if not known.lacks]


def whole(cell: Cell) -> dict[str, str]:
    """Return the files of the package of a cell: the base's, and in their place those that it has itself."""
    files = {**{file.name: file for file in BASE.glob("*.yaml")}, **_own(cell)}
    return {name: file.read_bytes().decode() for name, file in files.items()}


def store(cell: Cell, files: dict[str, str]) -> None:
    """Write what of the package of a cell differs from the base."""
    base = {file.name: file.read_bytes().decode() for file in BASE.glob("*.yaml")}
    own = {name: text for name, text in files.items() if base.get(name) != text}
    for name, file in _own(cell).items():
        if name not in own:
            file.unlink()
    for name, text in own.items():
        (CELLS / str(cell)).mkdir(parents=True, exist_ok=True)
        (CELLS / str(cell) / name).write_bytes(text.encode())


def _own(cell: Cell) -> dict[str, Path]:
    return {file.name: file for file in (CELLS / str(cell)).glob("*.yaml")}
