"""What one function may not leave behind for the next one in the same process."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def isolated() -> Iterator[None]:
    """Put back the environment, the working directory, the module path, the streams and the handling of Ctrl-C."""
    environment, path, folder = dict(os.environ), list(sys.path), _folder()
    streams, interrupt = (sys.stdin, sys.stdout, sys.stderr), signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        if dict(os.environ) != environment:
            os.environ.clear()
            os.environ.update(environment)
        sys.path[:] = path
        if folder is not None and _folder() != folder:
            with suppress(OSError):
                os.chdir(folder)
        sys.stdin, sys.stdout, sys.stderr = streams
        if signal.getsignal(signal.SIGINT) is not interrupt:
            with suppress(ValueError):  # only the main thread may
                signal.signal(signal.SIGINT, interrupt)


def _folder() -> str | None:
    try:
        return os.getcwd()  # noqa: PTH109  # pathlib is not imported for it
    except OSError:  # it was deleted
        return None
