"""Say only what matters: warnings and errors, and what somebody asked for by name."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import TextIO

_INFORMATION = "[info]"


class _Filter(io.TextIOBase):
    """A stream that passes whole lines on, but for those that are only information."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._rest = ""

    def write(self, text: str) -> int:
        *lines, self._rest = (self._rest + text).split("\n")
        self._stream.write("".join(f"{line}\n" for line in lines if not line.startswith(_INFORMATION)))
        return len(text)

    def flush(self) -> None:
        self._stream.flush()

    def end(self) -> None:
        """Pass on what no line end followed."""
        self._stream.write(self._rest)
        self._rest = ""

    def isatty(self) -> bool:
        return False  # no progress either


@contextmanager
def held(*, is_report: bool) -> Iterator[None]:
    """Keep information from standard error, and all of standard output where that `is_report`."""
    errors = _Filter(sys.stderr)
    output = open(os.devnull, "w", encoding="utf-8") if is_report else _same()  # noqa: PTH123, SIM115  # no pathlib
    with output as stream, redirect_stderr(errors), redirect_stdout(stream):
        try:
            yield
        finally:
            errors.end()


@contextmanager
def _same() -> Iterator[TextIO]:
    yield sys.stdout
