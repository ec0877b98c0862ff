"""The user's cache: small files that may go at any time. Where anything is wrong with it, there is none, and no word.

It is the folder `krmfn` of $XDG_CACHE_HOME, or of ~/.cache. What another user owns, or could write, is not read.
"""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager, suppress

from krm_functions_sdk.files import digest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

VARIABLE = "KRMFN_CACHE"
OFF = ("off", "0", "no", "false")  # values of it
MOST = 2_000  # files: some are left when there are more, the youngest
LARGEST = 2**20  # bytes of one
_CHECK = digest.SIZE  # bytes at the head of a file: the digest of the others
_ABANDONED = 3600.0  # seconds after which a file that was never finished is removed


def is_off() -> bool:
    """Say whether the user wants none."""
    return os.environ.get(VARIABLE, "").strip().lower() in OFF


def place() -> str:
    """Return the folder, whether it is there or not; "" where there is none, or none is wanted."""
    if is_off() or not hasattr(os, "geteuid"):  # Windows says in other ways whose a folder is
        return ""
    home, base = os.environ.get("HOME", ""), os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base):  # so the specification: a relative one is none
        base = os.path.join(home, ".cache") if os.path.isabs(home) and os.path.isdir(home) else ""
    return os.path.join(base, "krmfn") if base else ""


def read(name: str) -> bytes | None:
    """Return what was written by that name, None where there is nothing, or where it is not what was written."""
    with suppress(OSError), _folder() as folder:
        handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
        with open(handle, "rb") as file:
            status = os.fstat(handle)
            if stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid() and status.st_size <= LARGEST:
                check, data = file.read(_CHECK), file.read()
                return data if check == digest.of_bytes(data) else None
    return None


def write(name: str, data: bytes) -> None:
    """Keep data by a name, whole or not at all; the oldest go where there are too many."""
    if len(data) + _CHECK > LARGEST:
        return
    with suppress(OSError):
        for folder in (os.path.dirname(place()), place()):
            os.makedirs(folder, 0o700, exist_ok=True)
        with _folder() as opened:
            _write(opened, name, digest.of_bytes(data) + data)
            _tidy(opened)


def size() -> tuple[int, int]:
    """Return how many files are kept, and their bytes. Raises OSError where the folder is there and not to be used."""
    try:
        with _folder() as folder, os.scandir(folder) as entries:
            sizes = [entry.stat(follow_symlinks=False).st_size for entry in entries if _is_kept(entry.name)]
    except FileNotFoundError:
        return 0, 0
    return len(sizes), sum(sizes)


@contextmanager
def _folder() -> Iterator[int]:
    """Open the folder. Raises OSError, also where it is not the user's alone."""
    handle = os.open(place(), os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        status = os.fstat(handle)
        if status.st_uid != os.geteuid():
            raise OSError("it belongs to another user")
        if status.st_mode & 0o022:
            raise OSError("other users may write into it")
        yield handle
    finally:
        os.close(handle)


def _write(folder: int, name: str, data: bytes) -> None:
    beside = f".{os.getpid()}-{name}"
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=folder)
    try:
        with open(handle, "wb") as file:
            file.write(data)
        os.replace(beside, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with suppress(OSError):
            os.unlink(beside, dir_fd=folder)
        raise


def _tidy(folder: int) -> None:
    import time

    names = os.listdir(folder)
    abandoned = [name for name in names if not _is_kept(name)]
    old = [name for name in abandoned if _age_of(folder, name) < time.time() - _ABANDONED]
    kept = [name for name in names if _is_kept(name)]
    if len(kept) > MOST:
        kept.sort(key=lambda name: _age_of(folder, name))
        old += kept[: len(kept) - MOST * 3 // 4]
    for name in old:
        with suppress(OSError):  # another process was first
            os.unlink(name, dir_fd=folder)


def _age_of(folder: int, name: str) -> float:
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False).st_mtime
    except OSError:
        return 0.0


def _is_kept(name: str) -> bool:
    return not name.startswith(".")
