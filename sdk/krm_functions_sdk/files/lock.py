"""Who may change a tree: one at a time, also where one tree lies in the other.

The lock is one of the kernel on the folder itself, so it leaves no file behind, works on a read-only checkout, and
goes with the process that holds it. Where the file system knows none (some network file systems) there is none, and
only what changed on disk since it was read is refused.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from krm_functions_sdk.files import journal

KPTFILE = "Kptfile"
WAIT = 10.0  # seconds: longer than most renders, shorter than a person's patience
_SHOWN = 100  # characters of a command line


class Busy(OSError):
    """Another process works on the tree."""


@contextlib.contextmanager
def held(root: Path, say: Callable[[str], None], wait: float = WAIT) -> Iterator[None]:
    """Hold the tree at `root`, and finish or undo writes in it and around it that were killed; `say` gets a line each.

    Raises Busy where another holds it for longer than `wait` seconds, and OSError.
    """
    top = root.resolve()
    around = [folder for folder in reversed(top.parents) if (folder / KPTFILE).is_file()]
    for folder in reversed(top.parents):
        if _is_ours(folder / journal.WORK):
            with held(folder, say, wait):
                pass
    with contextlib.ExitStack() as stack:
        until = time.monotonic() + wait
        for folder in (*around, top):
            _lock(stack, folder, folder == top, (root, say, until))
        for folder in _unsettled(top):
            if line := journal.settle(folder):
                say(line)
        yield


def _is_ours(work: Path) -> bool:
    try:
        return work.stat().st_uid == os.geteuid()
    except OSError:
        return False


def _lock(
    stack: contextlib.ExitStack, folder: Path, alone: bool, waiting: tuple[Path, Callable[[str], None], float]
) -> None:
    try:
        import fcntl
    except ImportError:  # Windows
        return
    root, say, until = waiting
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:  # one that may be passed and not read, or one that reading it will say more about
        return
    stack.callback(os.close, handle)
    told = False
    while True:
        try:
            fcntl.flock(handle, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _holder(folder)
            if time.monotonic() >= until:
                raise Busy(f"{root}: {holder} is at work on {folder}; try again when it is done") from None
            if not told:
                say(f"{root}: waits for {holder}, which is at work on {folder}")
            told = True
            time.sleep(0.05)
        except OSError:  # no locks here
            return
        else:
            return


def _holder(folder: Path) -> str:
    """Return the process that holds a lock on `folder`, where the system tells."""
    try:
        status = folder.stat()
        place = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"
        for line in Path("/proc/locks").read_text(encoding="ascii").splitlines():
            words = line.split()
            if place in words and words[1] == "FLOCK":
                command = Path(f"/proc/{words[4]}/cmdline").read_bytes().decode(errors="replace")
                shown = " ".join(command.replace("\0", " ").split())
                return f"process {words[4]} ({shown[:_SHOWN]}{'…' if len(shown) > _SHOWN else ''})"
    except (OSError, IndexError):
        pass
    return "another process"


def _unsettled(top: Path) -> list[Path]:
    """Return the folders in which a write was killed, of a package without its hidden folders."""
    if not (top / KPTFILE).is_file():
        return [top]
    found: list[Path] = []
    for folder, folders, _ in os.walk(top):
        if journal.WORK in folders:
            found.append(Path(folder))
        folders[:] = [name for name in folders if not name.startswith(".")]
    return found
