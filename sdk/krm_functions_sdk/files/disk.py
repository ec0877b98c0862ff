"""New files on a disk, where what waits for it waits for many files at once; and what its errors say."""

from __future__ import annotations

import os
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_AT_ONCE = 16  # threads: a disk may take a millisecond to keep or to free one file, and takes many at once
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL


def write(path: str, data: bytes, like: str | None = None) -> None:
    """Write a new file, with mode and owner of the file `like`."""
    with open(os.open(path, _NEW, 0o666), "wb", buffering=0) as file, _named(path):
        rest = memoryview(data)
        while rest:
            rest = rest[file.write(rest) :]  # a disk that is nearly full takes a part, and refuses the next
        if like is not None:
            had, has = os.stat(like), os.fstat(file.fileno())
            if (had.st_uid, had.st_gid) != (has.st_uid, has.st_gid):
                _give(file.fileno(), had.st_uid, had.st_gid)
            if had.st_mode != has.st_mode:
                os.fchmod(file.fileno(), had.st_mode & 0o7777)


@contextmanager
def _named(path: str) -> Iterator[None]:
    """Let an error of the system say of which file: one of an open file does not."""
    try:
        yield
    except OSError as error:
        if error.filename is None and error.errno is not None:
            raise OSError(error.errno, error.strerror, path) from None
        raise


def _give(file: int, user: int, group: int) -> None:
    try:
        os.fchown(file, user, group)
    except PermissionError:  # only root gives files away: a folder that users share keeps the mode, not the owner
        return


def link(path: str, beside: str) -> None:
    """Give a file, or a symbolic link, a second name; where it cannot have one, a copy has it."""
    try:
        os.link(path, beside, follow_symlinks=False)
    except OSError:  # a file system without links, or a file of another user
        from shutil import copy2

        copy2(path, beside, follow_symlinks=False)


def sync(path: str) -> None:
    """See a file or a folder on disk; what a disk took and cannot keep is an error here."""
    handle = os.open(path, os.O_RDONLY)
    try:
        with _named(path):
            os.fsync(handle)
    finally:
        os.close(handle)


def each(call: Callable[[str], object], paths: list[str]) -> None:
    """Call for each path, in no order. Raises OSError, of one of those that failed."""
    if len(paths) < _AT_ONCE:
        for path in paths:
            call(path)
        return
    from threading import Thread

    faults: list[OSError] = []

    def work(part: list[str]) -> None:
        try:
            for path in part:
                call(path)
        except OSError as error:
            faults.append(error)

    threads = [Thread(target=work, args=(paths[number::_AT_ONCE],)) for number in range(_AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]


def told(error: Exception, *, is_named: bool = False) -> str:
    """Return what an error of the system says, of which file (unless it is named elsewhere), and what to do."""
    import errno

    advice = {
        errno.EACCES: "give yourself permission",
        errno.EPERM: "give yourself permission",
        errno.EROFS: "mount it for writing, or write elsewhere",
        errno.ENOSPC: "free some, and run it again",
        errno.EDQUOT: "free some, and run it again",
        errno.EFBIG: "raise the limit (ulimit -f), and run it again",
        errno.EEXIST: "move it",
        errno.ENOTDIR: "move it",
        errno.EISDIR: "move it",
        errno.ELOOP: "fix the link, or remove it",
    }
    if not isinstance(error, OSError) or error.errno is None or not error.strerror:
        return str(error)
    said = f"{error.strerror[0].lower()}{error.strerror[1:]}"
    name = "" if is_named else error.filename2 or error.filename
    return (f"{name}: " if name else "") + said + (f"; {advice[error.errno]}" if error.errno in advice else "")
