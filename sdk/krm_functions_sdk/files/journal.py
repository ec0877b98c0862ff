"""Changed files put in place all together: a write that is killed at any moment is finished or undone later.

New texts are staged in the folder `.krmfn` at the root of the tree, with a second link to each old file. Nothing
else is touched before the file `journal` is there, which lists what has to be done; from then on the write is
finished, by `settle` if by nobody else. Where a file cannot be put in place, `journal` becomes `undo`, and what was
done is taken back. None of the staged files has a name that kpt, kustomize or Config Sync read, and git ignores them.
A file that somebody edited after a write was killed is left as it is.

Thousands of files are written in one go, so paths are strings here.
"""

from __future__ import annotations

import os
from contextlib import suppress

from krm_functions_sdk.files import disk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from typing import Any, TypeAlias

    Target: TypeAlias = tuple[str, str | None, str | None]  # path, text that was read, new text
    Entry: TypeAlias = dict[str, Any]  # path, old and new: signatures of the file before and after, None for no file
    Plan: TypeAlias = tuple[list[tuple[str, str, str, Entry]], list[str]]  # (path, old, new, entry), and new folders

WORK = ".krmfn"
JOURNAL, UNDO = "journal", "undo"
_CHANGED = "changed on disk since it was read; run it again"
_UNFINISHED = "some files are new and some old, the next krmfn command tries again"


class Changed(OSError):
    """A file on disk is not what was read."""


class Unfinished(OSError):
    """A write could neither be finished nor undone."""


def write(root: Path, changes: Iterable[tuple[Path, str | None, str | None]]) -> None:
    """Put files below `root` in place: (path, text that was read, new text), None for a file that is not there.

    Raises OSError, and then every file is as it was; Changed where a file is not what was read; and Unfinished.
    """
    top = os.path.realpath(root)
    try:
        if targets := _targets(root, top, changes):
            _replace(root, top, targets)
    except OSError as error:
        if error.errno is None:
            raise
        said = disk.told(error)
        raise type(error)(f"{root}{said.removeprefix(top)}" if said.startswith(top) else said) from None


def _replace(root: Path, top: str, targets: list[Target]) -> None:
    work = os.path.join(top, WORK)
    try:
        os.mkdir(work)
    except FileExistsError:
        raise OSError(f"{root / WORK} is in the way: new files are staged in a folder of that name; move it") from None
    try:
        plan = _prepare(top, work, targets)
    except BaseException:
        with suppress(OSError):
            os.unlink(os.path.join(work, JOURNAL))
        _remove(work)
        raise
    _finish(root, plan)


def _prepare(top: str, work: str, targets: list[Target]) -> Plan:
    """Stage everything, and write the journal; return what it says."""
    import json

    disk.write(os.path.join(work, ".gitignore"), b"*\n")
    entries = [_stage(top, work, number, *target) for number, target in enumerate(targets)]
    disk.each(disk.sync, [f"{work}/new-{number}" for number, entry in enumerate(entries) if entry["new"]])
    for entry, (path, _, _) in zip(entries, targets, strict=True):
        _require(_signature(path) == entry["old"], path)
    folders = _missing(top, targets)
    plan = _plan(top, entries, folders)
    _put(os.path.join(work, JOURNAL), json.dumps({"entries": entries, "folders": folders}).encode())
    with suppress(OSError):  # some file systems do so by themselves, and refuse it
        disk.sync(work)
    return plan


def settle(root: Path) -> str:
    """Finish or undo the write below `root` that was killed; return what was done, "" where there was nothing to do.

    Raises OSError where neither can be done.
    """
    work = os.path.join(root, WORK)
    if not os.path.isdir(work) or os.path.islink(work):
        return ""
    names = os.listdir(work)
    if UNDO in names:
        _undo(root, _read(root, UNDO))
        return f"{root}: undid a render that was killed and could not be finished; every file is as it was before"
    if JOURNAL not in names:
        if foreign := sorted(name for name in names if name != ".gitignore" and not _is_staged(name)):
            raise OSError(f"{work} holds {', '.join(foreign)}, which no render has put there; move it elsewhere")
        _remove(work, ignore_errors=False)
        if {*names} <= {".gitignore"}:  # nothing begun, or all done
            return ""
        return f"{root}: discarded the files that a killed render had prepared; no file was changed"
    kept = _finish(root, _read(root, JOURNAL))
    also = f", but kept {', '.join(kept)}, edited since" if kept else ""
    return f"{root}: finished a render that was killed{also}"


# What is to be done


def _targets(root: Path, top: str, changes: Iterable[tuple[Path, str | None, str | None]]) -> list[Target]:
    """Return what to do with which file; a link is followed to be written, and is itself what a deletion takes."""
    found: dict[str, Target] = {}
    resolve = resolver()
    for path, old, new in changes:
        target = resolve(os.fspath(path))
        if new is not None and os.path.islink(target):
            target = os.path.realpath(target)
        if not _is_inside(top, target):
            raise OSError(f"{path}: outside of {root}")
        if found.setdefault(target, (target, old, new))[2] != new:
            raise OSError(f"{path}: the same file under two names, which would get two different texts")
    return sorted(found.values(), key=lambda target: target[2] is None)


def resolver() -> Callable[[str], str]:
    """Return what follows the links in a path down to its last folder, each folder once; not the last link itself."""
    known: dict[str, str] = {}

    def resolve(path: str) -> str:
        folder, name = os.path.split(path)
        if folder not in known:
            known[folder] = os.path.realpath(folder)
        return os.path.join(known[folder], name)

    return resolve


def _is_inside(top: str, path: str) -> bool:
    return path.startswith(os.path.join(top, "")) and os.path.normpath(path) == path


def _missing(top: str, targets: list[Target]) -> list[str]:
    """Return the folders that new files need, outer ones first."""
    found: set[str] = set()
    wanted = {os.path.dirname(path) for path, _, new in targets if new is not None}
    while wanted := {folder for folder in wanted - found if _is_inside(top, folder) and not os.path.exists(folder)}:
        found |= wanted
        wanted = {os.path.dirname(folder) for folder in wanted}
    return sorted(_relative(top, folder) for folder in found)


def _relative(top: str, path: str) -> str:
    return path[len(os.path.join(top, "")) :].replace(os.sep, "/")


def _signature(path: str) -> list[int] | None:
    """Return what tells one state of a file from another without reading it; None where there is no file."""
    try:
        status = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return [status.st_ino, status.st_size, status.st_mtime_ns]


def _require(is_unchanged: bool, path: str) -> None:
    if not is_unchanged:
        raise Changed(f"{path}: {_CHANGED}")


# Staging


def _stage(top: str, work: str, number: int, path: str, old: str | None, new: str | None) -> Entry:
    """Put the new text and a link to the old file into the folder, and return the entry of the journal."""
    entry: Entry = {"path": _relative(top, path), "old": _signature(path), "new": None}
    found = None
    if entry["old"] is not None:
        with open(path, "rb", buffering=0) as file:
            found = file.read()
    _require(found == (None if old is None else old.encode()), path)
    try:
        if found is not None:
            disk.link(path, f"{work}/old-{number}")
        if new is not None:
            disk.write(f"{work}/new-{number}", new.encode(), like=path if found is not None else None)
            entry["new"] = _signature(f"{work}/new-{number}")
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from None
    return entry


def _put(path: str, data: bytes) -> None:
    """Write a new file: `path` is whole and on disk, or it is absent."""
    disk.write(f"{path}.part", data)
    disk.sync(f"{path}.part")
    os.replace(f"{path}.part", path)


# Putting in place


def _plan(top: str, entries: list[Entry], folders: list[str]) -> Plan:
    work = os.path.join(top, WORK)
    files = [
        (os.path.join(top, entry["path"]), f"{work}/old-{number}", f"{work}/new-{number}", entry)
        for number, entry in enumerate(entries)
    ]
    return files, [os.path.join(top, folder) for folder in folders]


def _read(root: Path, name: str) -> Plan:
    """Return what a journal says. Raises OSError where it makes no sense."""
    import json

    top, file = os.path.realpath(root), root / WORK / name
    try:
        journal = json.loads(file.read_bytes())
        plan = _plan(top, journal["entries"], journal["folders"])
        _require_inside(top, [path for path, *_ in plan[0]] + plan[1])
    except (ValueError, KeyError, TypeError) as error:
        raise OSError(
            f"{file}: no journal of a render ({error}); compare the files in {file.parent} with yours, then delete it"
        ) from None
    return plan


def _require_inside(top: str, paths: list[str]) -> None:
    """See that a journal, which anybody may have written, does not reach out of the tree that it lies in."""
    resolve = resolver()
    for path in paths:
        if not _is_inside(top, path) or not _is_inside(top, resolve(path)):
            raise ValueError(f"{path} is outside")


def _finish(root: Path, plan: Plan) -> list[str]:
    """Do what the journal says that is not done yet; return the files that were edited meanwhile and are kept."""
    try:
        kept = _apply(plan)
    except BaseException:
        try:
            os.replace(root / WORK / JOURNAL, root / WORK / UNDO)
            _undo(root, plan)
        except OSError as error:
            raise Unfinished(f"{disk.told(error)}; {_UNFINISHED}") from None
        raise
    try:
        _clear(root, JOURNAL)
    except OSError as error:
        raise Unfinished(f"{disk.told(error)}; every file is new, but {root / WORK} cannot be removed") from None
    return kept


def _apply(plan: Plan) -> list[str]:
    entries, folders = plan
    kept: list[str] = []
    for folder in folders:
        os.makedirs(folder, exist_ok=True)
    for path, _, new, entry in entries:
        now = _signature(path)
        if entry["new"] is None:
            if now == entry["old"]:
                if now is not None:
                    os.unlink(path)
            elif now is not None:
                kept.append(entry["path"])
        elif os.path.exists(new):
            if now == entry["old"]:
                os.replace(new, path)
            else:
                kept.append(entry["path"])
    return kept


def _undo(root: Path, plan: Plan) -> None:
    """Take back what was done; what somebody edited meanwhile stays."""
    entries, folders = plan
    for path, old, _, entry in entries:
        if _signature(path) == entry["new"]:
            if os.path.lexists(old):
                os.replace(old, path)
            elif entry["old"] is None and entry["new"] is not None:
                os.unlink(path)
    for folder in reversed(folders):
        with suppress(OSError):  # not there, or no longer empty
            os.rmdir(folder)
    _clear(root, UNDO)


def _clear(root: Path, last: str) -> None:
    """Remove the folder, the journal behind all others: until then the write counts as unfinished."""
    work = os.path.join(root, WORK)
    _drop(work)
    os.unlink(os.path.join(work, last))
    _remove(work)


def _remove(work: str, *, ignore_errors: bool = True) -> None:
    """Remove a folder in which nothing is left to be done; what stays of it is dropped by the next command."""
    try:
        _drop(work)
        with suppress(FileNotFoundError):
            os.unlink(os.path.join(work, ".gitignore"))
        os.rmdir(work)
    except OSError:
        if not ignore_errors:
            raise


def _drop(work: str) -> None:
    """Remove staged files."""
    disk.each(os.unlink, [f"{work}/{name}" for name in os.listdir(work) if _is_staged(name)])


def _is_staged(name: str) -> bool:
    kind, _, number = name.partition("-")
    return name == f"{JOURNAL}.part" or (kind in ("old", "new") and number.isdecimal())
