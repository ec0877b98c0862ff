"""How far a fleet is, on one line of a terminal; nothing where standard error is none."""

from __future__ import annotations

import sys
from typing import Self

_WIDTH = 30


class Progress:
    """A bar on standard error, which is there until the block ends."""

    def __init__(self, total: int) -> None:
        self.total, self.done = total, 0
        self.is_shown = sys.stderr.isatty()

    def __enter__(self) -> Self:
        self._draw()
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def step(self) -> None:
        """Count one more."""
        self.done += 1
        self._draw()

    def clear(self) -> None:
        """Make room for a line."""
        if self.is_shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def _draw(self) -> None:
        if self.is_shown:
            full = _WIDTH * self.done // self.total
            sys.stderr.write(f"\r[{'#' * full}{'.' * (_WIDTH - full)}] {self.done}/{self.total}")
            sys.stderr.flush()
