"""Changed files put in place all together: a write that is killed at any moment is finished or undone later.

New texts are staged in the folder `.krmfn` at the root of the tree, with a second link to each old file. Nothing
else is touched before the file `journal` is there, which lists what has to be done; from then on the write is
finished, by `settle` if by nobody else. Where a file cannot be put in place, `journal` becomes `undo`, and what was
done is taken back. None of the staged files has a name that kpt, kustomize or Config Sync read, and git ignores them.
A file that somebody edited after a write was killed is left as it is.
"""

from __future__ import annotations

import os
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    Entry = dict[str, Any]  # path, old and new: the signatures of the file before and after, None where there is none

WORK = ".krmfn"
JOURNAL, UNDO = "journal", "undo"
_CHANGED = "changed on disk since it was read; run it again"
_UNFINISHED = "some files are new and some old, the next krmfn command tries again"
_SYNC_ALL = 32  # from so many files on, one sync of all file systems costs less than one of each file


class Changed(OSError):
    """A file on disk is not what was read."""


class Unfinished(OSError):
    """A write could neither be finished nor undone."""


def write(root: Path, changes: Iterable[tuple[Path, str | None, str | None]]) -> None:
    """Put files below `root` in place: (path, text that was read, new text), None for a file that is not there.

    Raises OSError, and then every file is as it was; Changed where a file is not what was read; and Unfinished.
    """
    targets = _targets(root, changes)
    if not targets:
        return
    import json

    work = root / WORK
    work.mkdir()
    try:
        (work / ".gitignore").write_text("*\n", encoding="utf-8")
        each = len(targets) <= _SYNC_ALL
        entries = [_stage(root, work, number, *target, sync=each) for number, target in enumerate(targets)]
        if len(entries) > _SYNC_ALL:
            os.sync()
        _require_unchanged(entries, targets)
        _put(work / JOURNAL, json.dumps({"entries": entries, "folders": _missing(root, targets)}).encode())
        _sync_folder(work)
    except BaseException:
        if not (work / JOURNAL).exists():
            _remove(work)
            raise
    _finish(root, work)


def settle(root: Path) -> str:
    """Finish or undo the write below `root` that was killed; return what was done, "" where there was nothing to do.

    Raises OSError where neither can be done.
    """
    work = root / WORK
    if not work.is_dir() or work.is_symlink():
        return ""
    if (work / UNDO).exists():
        _undo(root, work)
        return f"{root}: undid a render that was killed and could not be finished; every file is as it was before"
    if not (work / JOURNAL).exists():
        from shutil import rmtree

        was_empty = {path.name for path in work.iterdir()} <= {".gitignore"}  # nothing begun, or all done
        rmtree(work)
        if was_empty:
            return ""
        return f"{root}: dropped what a render had prepared that was killed; no file was changed"
    kept = _finish(root, work)
    also = f", but kept {', '.join(kept)}, edited since" if kept else ""
    return f"{root}: finished a render that was killed{also}"


def _targets(
    root: Path, changes: Iterable[tuple[Path, str | None, str | None]]
) -> list[tuple[Path, str | None, str | None]]:
    """Return what to do with which file; a link is followed to be written, and is itself what a deletion takes."""
    found: dict[Path, tuple[Path, str | None, str | None]] = {}
    for path, old, new in changes:
        target = path.parent.resolve() / path.name if new is None else path.resolve()
        if not target.is_relative_to(root.resolve()):
            raise OSError(f"{path}: outside of {root}")
        if found.setdefault(target, (target, old, new))[2] != new:
            raise OSError(f"{path}: the same file under two names, which would get two different texts")
    return sorted(found.values(), key=lambda target: target[2] is None)


def _stage(root: Path, work: Path, number: int, path: Path, old: str | None, new: str | None, *, sync: bool) -> Entry:
    """Put the new text and a link to the old file into the folder, and return the entry of the journal."""
    entry: Entry = {"path": path.relative_to(root.resolve()).as_posix(), "old": _signature(path), "new": None}
    found = path.read_bytes() if entry["old"] is not None else None
    if found != (None if old is None else old.encode()):
        raise Changed(f"{path}: {_CHANGED}")
    if entry["old"] is not None:
        _link(path, work / f"old-{number}")
    if new is not None:
        staged = work / f"new-{number}"
        _write(staged, new.encode(), like=path if entry["old"] is not None else None, sync=sync)
        entry["new"] = _signature(staged)
    return entry


def _link(path: Path, beside: Path) -> None:
    try:
        os.link(path, beside, follow_symlinks=False)
    except OSError:  # a file system without links, or a file of another user
        from shutil import copy2

        copy2(path, beside, follow_symlinks=False)


def _put(path: Path, data: bytes) -> None:
    """Write a new file: `path` is whole and on disk, or it is absent."""
    beside = path.with_name(f"{path.name}.part")
    _write(beside, data)
    beside.replace(path)


def _write(path: Path, data: bytes, like: Path | None = None, *, sync: bool = True) -> None:
    """Write a new file, with mode and owner of another, and see it on disk with `sync`."""
    with path.open("xb") as file:
        file.write(data)
        if like is not None:
            status = like.stat()
            os.fchmod(file.fileno(), status.st_mode & 0o7777)
            if (status.st_uid, status.st_gid) != (os.geteuid(), os.getegid()):
                _give(file.fileno(), status.st_uid, status.st_gid)
        file.flush()
        if sync:
            os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _give(file: int, user: int, group: int) -> None:
    try:
        os.fchown(file, user, group)
    except PermissionError:  # only root gives files away: a folder that users share keeps the mode, not the owner
        return


def _signature(path: Path) -> list[int] | None:
    """Return what tells one state of a file from another without reading it; None where there is no file."""
    try:
        status = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return [status.st_ino, status.st_size, status.st_mtime_ns]


def _require_unchanged(entries: list[Entry], targets: list[tuple[Path, str | None, str | None]]) -> None:
    for entry, (path, _, _) in zip(entries, targets, strict=True):
        if _signature(path) != entry["old"]:
            raise Changed(f"{path}: {_CHANGED}")


def _missing(root: Path, targets: list[tuple[Path, str | None, str | None]]) -> list[str]:
    """Return the folders that new files need, outer ones first."""
    top = root.resolve()
    wanted = {parent for path, _, new in targets if new is not None for parent in path.parents if parent != top}
    return sorted(
        parent.relative_to(top).as_posix() for parent in wanted if parent.is_relative_to(top) and not parent.exists()
    )


def _read(root: Path, file: Path) -> tuple[list[tuple[Path, Path, Path, Entry]], list[Path]]:
    """Return (target, old, new, entry) of each entry, and the new folders. Raises OSError where it makes no sense."""
    import json

    top = root.resolve()
    try:
        journal = json.loads(file.read_bytes())
        entries = [
            (_inside(top, entry["path"]), file.with_name(f"old-{number}"), file.with_name(f"new-{number}"), entry)
            for number, entry in enumerate(journal["entries"])
        ]
        return entries, [_inside(top, folder) for folder in journal["folders"]]
    except (ValueError, KeyError, TypeError) as error:
        raise OSError(
            f"{file}: no journal of a render ({error}); compare the files in {file.parent} with yours, then delete it"
        ) from None


def _inside(top: Path, name: str) -> Path:
    """Return the path of a name in a journal; nobody's journal reaches out of the tree that it lies in."""
    path = top / name
    if ".." in path.parts or not (path.parent.resolve() / path.name).is_relative_to(top):
        raise ValueError(f"{name} is outside")
    return path


def _finish(root: Path, work: Path) -> list[str]:
    """Do what the journal says that is not done yet; return the files that were edited meanwhile and are kept."""
    try:
        kept = _apply(*_read(root, work / JOURNAL))
    except BaseException:
        if (work / JOURNAL).exists() and _readable(root, work / JOURNAL):
            (work / JOURNAL).replace(work / UNDO)
            try:
                _undo(root, work)
            except OSError as error:
                raise Unfinished(
                    f"{error}; some files are new and some old, the next krmfn command tries again"
                ) from None
        raise
    _clear(work, JOURNAL)
    return kept


def _readable(root: Path, journal: Path) -> bool:
    try:
        _read(root, journal)
    except OSError:
        return False
    return True


def _apply(entries: list[tuple[Path, Path, Path, Entry]], folders: list[Path]) -> list[str]:
    kept: list[str] = []
    for folder in folders:
        folder.mkdir(exist_ok=True)
    for path, _, new, entry in entries:
        now = _signature(path)
        if entry["new"] is None:
            if now == entry["old"]:
                path.unlink(missing_ok=True)
            elif now is not None:
                kept.append(entry["path"])
        elif new.exists():
            if now == entry["old"]:
                new.replace(path)
            else:
                kept.append(entry["path"])
    return kept


def _undo(root: Path, work: Path) -> None:
    """Take back what was done; what somebody edited meanwhile stays."""
    entries, folders = _read(root, work / UNDO)
    for path, old, _, entry in entries:
        if _signature(path) == entry["new"]:
            if old.exists() or old.is_symlink():
                old.replace(path)
            elif entry["old"] is None:
                path.unlink(missing_ok=True)
    for folder in reversed(folders):
        _discard(folder.rmdir)
    _clear(work, UNDO)


def _clear(work: Path, last: str) -> None:
    """Remove the folder, the journal behind all others: until then the write counts as unfinished."""
    for path in work.iterdir():
        if path.name not in (last, ".gitignore"):
            path.unlink()
    (work / last).unlink()
    _remove(work)


def _remove(work: Path) -> None:
    """Remove a folder in which nothing is left to be done; what stays of it is dropped by the next command."""
    from shutil import rmtree

    rmtree(work, ignore_errors=True)


def _discard(call: Callable[[], object]) -> None:
    try:
        call()
    except OSError:  # not there, or no longer empty
        return
