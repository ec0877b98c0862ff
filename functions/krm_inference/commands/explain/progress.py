"""How far it is, on a terminal, once it takes longer."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

PATIENCE = 1.0  # seconds


def teller() -> Callable[[int, int], None]:
    """Return what is told how many of how many are done; the last one wipes the line."""
    begun = time.monotonic()
    if not sys.stderr.isatty():
        return lambda _done, _all: None

    def tell(done: int, count: int) -> None:
        if time.monotonic() - begun < PATIENCE:
            return
        said = f"explaining: {done} of {count}"
        wiped = f"\r{' ' * len(said)}\r" if done + 1 == count else ""
        print(f"\r{said}{wiped}", end="", file=sys.stderr, flush=True)

    return tell
