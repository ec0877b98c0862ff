"""Files that are looked at again and again, until one of them changes.

Polling sees every kind of file system, network mounts and containers among them, and needs no library: a look at the
500 packages of a large repository takes some hundredths of a second.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from krm_functions_sdk.files import journal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    State = dict[str, tuple[int, int, int]]  # path: inode, size and time of the last change

INTERVAL = 0.3  # seconds between two looks
_NOT_LOOKED_AT = (".git", journal.WORK)


def forever(
    folders: list[Path], work: Callable[[], set[Path]], say: Callable[[str], None], interval: float = INTERVAL
) -> None:
    """Do the work, and again each time that somebody else changed a file; it returns what it wrote itself.

    Files that are being saved are waited for: the work begins when two looks see the same.
    """
    while True:
        before = state(folders)
        own = {os.fspath(path.resolve()) for path in work()}
        known = state(folders)
        say("watching; Ctrl-C ends")  # and whoever reads it may save: what is known is known
        changed = _changed(before, known) - own
        while not changed:
            time.sleep(interval)
            changed = _changed(known, state(folders))
        _settle(folders, interval)
        first, *more = sorted(changed)
        say(f"{os.path.relpath(first)}{f' and {len(more)} more' if more else ''} changed")


def state(folders: list[Path]) -> State:
    """Return what tells whether a file changed, of each file in the folders and below."""
    return {name: signature for folder in folders for name, signature in _files(os.fspath(folder.resolve()))}


def _files(folder: str) -> Iterator[tuple[str, tuple[int, int, int]]]:
    try:
        with os.scandir(folder) as entries:
            found = list(entries)
    except OSError:  # it went away, or may not be read: the work says more about it
        return
    for entry in found:
        try:
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in _NOT_LOOKED_AT:
                    yield from _files(entry.path)
            else:
                status = entry.stat()
                yield entry.path, (status.st_ino, status.st_size, status.st_mtime_ns)
        except OSError:  # it went away, or is a link to nothing
            continue


def _changed(before: State, after: State) -> set[str]:
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def _settle(folders: list[Path], interval: float) -> None:
    before = state(folders)
    while True:
        time.sleep(interval)
        after = state(folders)
        if after == before:
            return
        before = after
