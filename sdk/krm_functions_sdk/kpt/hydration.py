"""Build many overlays, each into a folder of its own: all of them are written, or none."""

from __future__ import annotations

import os
from contextlib import ExitStack, nullcontext, suppress
from pathlib import Path
from typing import NamedTuple

from krm_functions_sdk.files import disk, journal, lock
from krm_functions_sdk.files.package import KUSTOMIZATIONS
from krm_functions_sdk.kpt import fleet
from krm_functions_sdk.kpt.build import KUSTOMIZATION, Environment, is_head
from krm_functions_sdk.kpt.chain import Fault
from krm_functions_sdk.kpt.overlay import NO_KUSTOMIZE, Overlay, kustomize
from krm_functions_sdk.resources.results import ERROR, INFO, WARNING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from krm_functions_sdk.kpt.external import Limits

    Say = Callable[[str], None]

_RANK = {INFO: 0, WARNING: 1, ERROR: 2}


class Outcome(NamedTuple):
    """What one overlay became: the text of each file, what was said, and whether it may be written."""

    overlay: Path
    files: dict[str, str]
    said: list[str]
    worked: bool


class Targets(NamedTuple):
    """What has to be done on disk: (path, text that is there, new text), None for no file."""

    changes: list[tuple[Path, str | None, str | None]]

    def told(self, *, is_preview: bool) -> str:
        """Return how many files are written and deleted, or with `is_preview` would be."""
        verb = "to be " if is_preview else ""
        written = sum(new is not None for _, _, new in self.changes)
        deleted = len(self.changes) - written
        counts = [f"{written} {verb}written"] * bool(written) + [f"{deleted} {verb}deleted"] * bool(deleted)
        return ", ".join(counts) or "unchanged"

    def each(self) -> Iterator[str]:
        """Yield what is wrong with each file as it is now."""
        for path, old, new in self.changes:
            yield f"{path}: {'is missing' if old is None else 'differs' if new is not None else 'is no longer built'}"


def find(folder: Path) -> list[Path]:
    """Return the overlays right below a folder."""
    below = sorted(entry for entry in folder.iterdir() if entry.is_dir() and not entry.name.startswith("."))
    return [entry for entry in below if any((entry / name).is_file() for name in KUSTOMIZATIONS)]


def left_over(overlays: list[Path], clusters: Path) -> list[Path]:
    """Return the folders of `clusters` that were built and whose overlay is none of these."""
    known = {overlay.name for overlay in overlays}
    below = sorted(entry for entry in clusters.iterdir() if entry.name not in known) if clusters.is_dir() else []
    return [entry for entry in below if is_head(entry / KUSTOMIZATION, entry.name)]


def hydrate(overlays: list[Path], clusters: Path, limits: Limits, show: Say, complain: Say, *, check: bool) -> bool:
    """Build overlays into folders of their names in `clusters`, and say whether that worked. Raises OSError.

    With `check` nothing is written, and a difference is a failure.
    """
    if not kustomize():
        complain(f"[error] {NO_KUSTOMIZE}")
        complain("not hydrated, no file was changed")
        return False
    with ExitStack() as stack:
        for top in sorted(_tops(overlays)):
            stack.enter_context(lock.held(top, complain))
        if is_there := clusters.is_dir():
            stack.enter_context(lock.held(clusters, complain))
        failed: list[Path] = []
        targets = Targets([])
        with fleet.Progress(len(overlays)) as progress:
            for outcome in _run(overlays, limits):
                progress.clear()
                for line in outcome.said:
                    complain(line)
                if outcome.worked:
                    own = _targets(clusters / outcome.overlay.name, outcome.files)
                    targets.changes.extend(own.changes)
                    show(f"{outcome.overlay}: {clusters / outcome.overlay.name}: {own.told(is_preview=True)}")
                else:
                    failed.append(outcome.overlay)
                    complain(f"{outcome.overlay}: FAILED")
                progress.step()
        count = f"{len(overlays)} environments" if len(overlays) != 1 else "1 environment"
        if failed:
            complain(f"{count}: {len(failed)} failed ({', '.join(map(str, failed))}); nothing was written")
            return False
        if check:
            for line in targets.each():
                complain(line)
        elif targets.changes:
            _write(clusters, targets, complain, is_held=is_there)
        advice = "; run krmfn hydrate" if check and targets.changes else ""
        show(f"{count}: files: {targets.told(is_preview=check)}{advice}")
        return not (check and targets.changes)


def _write(clusters: Path, targets: Targets, complain: Say, *, is_held: bool) -> None:
    """Put all files in place, or none: folders that were made for them go again."""
    new = [folder for folder in (clusters, *clusters.parents) if not folder.exists()]
    try:
        clusters.mkdir(parents=True, exist_ok=True)
        with nullcontext() if is_held else lock.held(clusters, complain):
            journal.write(clusters, targets.changes)
    except BaseException:
        for folder in new:
            with suppress(OSError):  # not made, or somebody else put something there
                folder.rmdir()
        raise


def _tops(overlays: list[Path]) -> set[Path]:
    found: set[Path] = set()
    for folder in overlays:
        try:
            found.update(top.resolve() for top in Overlay(folder).tops)
        except Fault:  # its build says more about it
            continue
    return {top for top in found if not any(top != other and top.is_relative_to(other) for other in found)}


def _run(overlays: list[Path], limits: Limits) -> Iterator[Outcome]:
    jobs = min(fleet.usable_cores(), len(overlays))
    if jobs == 1 or not hasattr(os, "fork"):
        yield from (_one(overlay, limits) for overlay in overlays)
        return
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("fork"), fleet.begin, (os.getpid(),))
    try:
        with fleet.without_interrupts():
            futures = [(overlay, pool.submit(_one, overlay, limits)) for overlay in overlays]
        for overlay, future in futures:
            try:
                yield future.result()
            except BrokenProcessPool:
                yield Outcome(
                    overlay, {}, [f"[error] {overlay}: a process that built overlays was ended"], worked=False
                )
    finally:
        pool.shutdown(cancel_futures=True)


def _one(overlay: Path, limits: Limits) -> Outcome:
    environment = Environment(overlay, limits)
    try:
        worked = environment.run()
        files = environment.files() if worked else {}
    except OSError as error:
        return Outcome(overlay, {}, [f"[error] {overlay}: cannot be built: {disk.told(error)}"], worked=False)
    except Exception as error:  # noqa: BLE001  # a fault of ours in one overlay must not hide the others
        return Outcome(overlay, {}, [f"[error] {overlay}: {type(error).__name__}: {error}"], worked=False)
    allowed = environment.allowed or INFO
    above = [result for result in environment.results if _RANK[result.severity] > _RANK[allowed]]
    shown = [result for result in environment.results if result.severity != INFO]
    said = [f"{overlay}: {line}" for line in environment.printed] + [f"{overlay}: {result}" for result in shown]
    return Outcome(overlay, files, said, worked=worked and not above)


def _targets(folder: Path, files: dict[str, str]) -> Targets:
    """Return what differs in a folder; a file goes that the kustomization there lists and that is not built now."""
    changes: list[tuple[Path, str | None, str | None]] = []
    for path, text in sorted(files.items()):
        old = _text(folder / path)
        if old != text:
            changes.append((folder / path, old, text))
    listed = (_text(folder / KUSTOMIZATION) or "").splitlines()
    for entry in sorted({line.removeprefix("- ") for line in listed if line.startswith("- ")}):
        file = folder / entry
        if entry not in files and file.is_file() and file.resolve().is_relative_to(folder.resolve()):
            changes.append((file, _text(file), None))
    return Targets(changes)


def _text(file: Path) -> str | None:
    return file.read_bytes().decode("utf-8") if file.is_file() else None
