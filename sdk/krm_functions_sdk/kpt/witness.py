"""What code of functions does beside what it is asked for: no answer may be kept of what no key covers.

Python tells each file that is opened, each process and each connection (https://peps.python.org/pep-0578), and who
writes past `print` of a function is heard here. Nothing tells of the clock, of the environment and of chance: there
a function gives its word, see `function.callable.repeatable`.
"""

from __future__ import annotations

import os
import sys

from krm_functions_sdk.function import installation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, Self, TextIO

# Events whose first argument is a file or a folder that is read or changed.
_FILES = frozenset(
    (
        *("open", "os.listdir", "os.scandir", "os.chmod", "os.chown", "os.link", "os.mkdir", "os.remove", "os.rename"),
        *("os.rmdir", "os.symlink", "os.truncate", "os.utime"),
    )
)
# What begins the name of any other event that counts: processes, other code, and everything of the network.
_OUTSIDE = (
    *("subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "pty."),
    *("socket.", "ctypes.dl"),
)
_METADATA = (".dist-info", ".egg-info")  # names, versions and entry points stand in the digest of the installation
_TRIAL = __name__
_STREAMS = (0, 1, 2)
_COMPILED = "__pycache__"


class Witness:
    """Notes in a `with` block what is done of which no answer can be kept."""

    _listening: Witness | None = None
    _is_hooked = False

    def __init__(self) -> None:
        self.noted: list[str] = []
        self._touched: set[str] = set()

    def __enter__(self) -> Self:
        if not Witness._is_hooked:
            Witness._is_hooked = True
            sys.addaudithook(_hear)
        Witness._listening = self
        self._hears = False
        sys.audit(_TRIAL)
        if not self._hears:
            self.noted.append("a hook that was there before keeps others from hearing anything")
        self._streams = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = (_Heard(stream, self) for stream in self._streams)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        Witness._listening = None
        sys.stdout, sys.stderr = self._streams

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Note an event."""
        if event in _FILES:
            file = arguments[0]
            if not isinstance(file, int) or file in _STREAMS:  # any other number was heard as a name before
                self._touched.add(file if isinstance(file, str) else repr(file))
        elif event.startswith(_OUTSIDE):
            self.noted.append(event)
        elif event == _TRIAL:
            self._hears = True

    @property
    def outside(self) -> list[str]:
        """What was done that has to do with anything else than installed code, its data, and files of Python."""
        found = installation.at_start()
        return [*self.noted, *sorted(path for path in self._touched if not _is_installed(path, found))]


class _Heard:
    """A stream that notes that somebody writes to it."""

    def __init__(self, stream: TextIO, witness: Witness) -> None:
        self._stream, self._witness = stream, witness

    def write(self, text: str) -> int:
        self._witness.noted.append("a line that is not part of the report")
        return self._stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    if (witness := Witness._listening) is not None:  # noqa: SLF001  # a hook of Python is a function, and stays
        witness.hear(event, arguments)


def _is_installed(path: str, found: installation.Installation) -> bool:
    if path == os.devnull or path in found.folders or path in sys.path or found.covers(path):
        return True
    above, name = os.path.split(path)
    within, folder = os.path.split(above)
    if _COMPILED in (name, folder):  # Python writes there what it makes of a module
        return (above if name == _COMPILED else within) in found.folders
    return above.endswith(_METADATA)
