"""Many packages rendered in parallel: one line each, what failed in full, one summary, and a report for machines.

Each package is rendered in a process of a pool, which is forked, so that a function that takes its process down
takes one package with it and no other.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, Self

from krm_functions_sdk.files import package
from krm_functions_sdk.files.output import Mode
from krm_functions_sdk.kpt import render
from krm_functions_sdk.kpt.external import Limits
from krm_functions_sdk.resources.results import WARNING

FAILED, CHANGED, UNCHANGED = "failed", "changed", "unchanged"
_LOOKS = 0.5  # seconds between two looks of a worker whether the command is still there
_WIDTH = 30  # characters of the bar of progress


class Task(NamedTuple):
    """What is done with each package."""

    limits: Limits
    is_preview: bool = False
    remembers: bool = False  # what was answered of the same files before


class Outcome(NamedTuple):
    """What became of one package; plain data, so that it can cross from one process to another."""

    entry: dict[str, object]  # as in the report
    notes: list[str]  # what a user hears of even where all is well: locks, killed renders, what functions print
    complaints: list[str]
    patch: list[str]

    @property
    def result(self) -> str:
        """FAILED, CHANGED or UNCHANGED."""
        return str(self.entry["result"])

    @property
    def files(self) -> int:
        """How many files it writes and deletes."""
        return len(_list(self.entry["written"])) + len(_list(self.entry["deleted"]))

    def paths(self, root: Path) -> list[Path]:
        """Return the files of the package in `root` that it wrote and deleted."""
        return [root / str(name) for key in ("written", "deleted") for name in _list(self.entry[key])]

    def line(self, *, is_preview: bool) -> str:
        """Return the one line about the package."""
        if self.result == FAILED:
            return f"{self.entry['package']}: FAILED"
        written, deleted = len(_list(self.entry["written"])), len(_list(self.entry["deleted"]))
        verb = "to be " if is_preview else ""
        counts = [f"{written} {verb}written"] * bool(written) + [f"{deleted} {verb}deleted"] * bool(deleted)
        did = ", ".join(counts) or UNCHANGED
        warnings = sum(result["severity"] == WARNING for result in _list(self.entry["results"]))
        more = f", {warnings} warning{'s' * (warnings > 1)}" if warnings else ""
        return f"{self.entry['package']}: files: {did}{more}"


def run(roots: list[Path], jobs: int, task: Task) -> Iterator[Outcome]:
    """Yield what became of each package, in the order of `roots`, as soon as it is known."""
    if min(jobs, len(roots)) == 1 or not hasattr(os, "fork"):
        yield from (_one(root, task) for root in roots)
        return
    yield from _parallel(roots, min(jobs, len(roots)), task)


def _parallel(roots: list[Path], jobs: int, task: Task) -> Iterator[Outcome]:
    import multiprocessing
    from concurrent.futures import Future, ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    futures: list[Future[Outcome]] = []
    told = 0
    pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("fork"), begin, (os.getpid(),))
    try:
        with without_interrupts():
            futures += [pool.submit(_one, root, task) for root in roots]
        for future in futures:
            yield future.result()
            told += 1
    except BrokenProcessPool:  # those that are not done get a process each; one may turn out to be written already
        pass
    finally:
        pool.shutdown(cancel_futures=True)
    for number, root in enumerate(roots[told:], told):
        if number < len(futures) and futures[number].exception() is None:
            yield futures[number].result()
        elif jobs > 1:
            yield next(_parallel([root], 1, task))
        else:
            yield _broken(root, "a function took its process down; is it out of memory, or does it call os._exit?")


@contextlib.contextmanager
def without_interrupts() -> Iterator[None]:
    """Hold Ctrl-C back while workers are made: one that has not begun yet would die of it, and say so."""
    import signal

    held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)


def begin(parent: int) -> None:
    """Let a worker finish what it renders where the user ends the command, and end it where the command was killed."""
    import signal
    import threading

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})  # what the parent held back while it made this worker
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    import time

    while os.getppid() == parent:
        time.sleep(_LOOKS)
    os._exit(1)  # nobody waits for what it does; what it was writing is finished or undone by the next command


def _one(root: Path, task: Task) -> Outcome:
    complaints: list[str] = []
    patch: list[str] = []
    try:
        if task.is_preview:
            worked, done = render.preview(root, patch.append, complaints.append, task.limits, remembers=task.remembers)
        else:
            worked, done = render.perform(
                root, _say_nothing, complaints.append, task.limits, Mode(), remembers=task.remembers
            )
    except Exception as error:  # noqa: BLE001  # a fault of ours in one package must not stop the others
        return _broken(root, f"{type(error).__name__}: {error}")
    results = {*map(str, done.results)}
    printed = {line: f"{root}: {line}" for line in done.printed}
    changed = {
        (found.root.relative_to(root) / path).as_posix(): text
        for found, texts in done.changes
        for path, text in texts.items()
    }
    entry: dict[str, object] = {
        "package": str(root),
        "result": FAILED if not worked else CHANGED if changed else UNCHANGED,
        "written": sorted(path for path, text in changed.items() if worked and text is not None),
        "deleted": sorted(path for path, text in changed.items() if worked and text is None),
        "steps": [
            {
                "package": name,
                "function": step.name,
                "added": step.added,
                "changed": step.changed,
                "deleted": step.deleted,
                "failed": step.failed,
            }
            for name, step in done.steps
            if step.was_run
        ],
        "results": [result.to_dict() for result in done.results],
    }
    notes = [printed.get(line, line) for line in complaints if line not in results]
    return Outcome(entry, notes, complaints, patch)


def _say_nothing(_: str) -> None:
    return


def _broken(root: Path, message: str) -> Outcome:
    results = [{"severity": "error", "message": message}]
    entry: dict[str, object] = {
        "package": str(root),
        "result": FAILED,
        "written": [],
        "deleted": [],
        "steps": [],
        "results": results,
    }
    return Outcome(entry, [], [f"[error] {root}: {message}"], [])


def _list(value: object) -> list[dict[str, object]]:
    return value if isinstance(value, list) else []


def render_all(
    roots: list[Path], jobs: int, task: Task, show: Callable[[str], None], complain: Callable[[str], None]
) -> list[Outcome]:
    """Render packages; tell of each as soon as it and those before it are done, and of all at the end."""
    tell = complain if task.is_preview else show
    outcomes: list[Outcome] = []
    with Progress(len(roots)) as progress:
        for outcome in run(roots, jobs, task):
            progress.clear()
            for text in outcome.patch:
                show(text)
            tell(outcome.line(is_preview=task.is_preview))
            for line in outcome.complaints if outcome.result == FAILED else outcome.notes:
                complain(line)
            outcomes.append(outcome)
            progress.step()
    counts = {result: sum(outcome.result == result for outcome in outcomes) for result in (CHANGED, UNCHANGED, FAILED)}
    tell(f"{len(outcomes)} packages: {', '.join(f'{count} {result}' for result, count in counts.items() if count)}")
    for outcome in outcomes:
        if outcome.result == FAILED:
            errors = [result["message"] for result in _list(outcome.entry["results"]) if result["severity"] == "error"]
            more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
            complain(f"  {outcome.entry['package']}: {errors[0] if errors else 'see above'}{more}")
    return outcomes


def write_report(file: Path, outcomes: list[Outcome]) -> None:
    """Write what became of each package as JSON; keys are documented in docs/fleets.md. Raises OSError."""
    report = {
        "apiVersion": "krm-functions-sdk/v1",
        "kind": "RenderReport",
        "packages": [outcome.entry for outcome in outcomes],
    }
    file.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def usable_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def distinct(roots: list[Path]) -> list[Path]:
    """Return `roots` without those that are named twice, and without subpackages that another one renders."""
    found = {root.resolve(): root for root in reversed(roots)}
    kept = {
        place
        for place in found
        if not any(outer in found and package.contains(outer, place) for outer in place.parents)
    }
    return [root for root in dict.fromkeys(roots) if root.resolve() in kept and found[root.resolve()] == root]


class Progress:
    """How far a fleet is: a bar on standard error until the block ends; nothing where that is no terminal."""

    def __init__(self, total: int) -> None:
        self.total, self.done = total, 0
        self.is_shown = sys.stderr.isatty()

    def __enter__(self) -> Self:
        self._draw()
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def step(self) -> None:
        """Count one more."""
        self.done += 1
        self._draw()

    def clear(self) -> None:
        """Make room for a line."""
        if self.is_shown:
            sys.stderr.write(f"\r{' ' * len(self._bar())}\r")
            sys.stderr.flush()

    def _draw(self) -> None:
        if self.is_shown:
            sys.stderr.write(f"\r{self._bar()}")
            sys.stderr.flush()

    def _bar(self) -> str:
        full = _WIDTH * self.done // self.total
        return f"[{'#' * full}{'.' * (_WIDTH - full)}] {self.done}/{self.total}"
