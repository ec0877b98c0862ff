"""Measure on this machine's GPU, record the results, and report them beside what the renderer derives."""

from __future__ import annotations

import argparse
import importlib.metadata
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from .runs import RUNS, Book, Closing, Run, perform, repeat_drains

# 64 streams of 2,000 + 1,024 tokens are 193,536 tokens of 128 KiB: 24 GiB hold 196,608.
DRAINED = Run("8b", max_num_seqs=64, flags=("--kv-cache-memory-bytes=25769803776", "--gpu-memory-utilization=0.1"))
AT_BOUND = Closing(64, 2000, 1024, 1024, 20)
QUEUED = Closing(192, 2000, 1024, 1024, 20)
TINY = Run("tiny", max_num_seqs=4, flags=("--enforce-eager", "--max-model-len=4096"))


def versions() -> dict[str, Any]:
    """Return what a measurement depends on: versions, driver, GPU and the day."""
    found: dict[str, Any] = {"date": time.strftime("%Y-%m-%d", time.gmtime()), "python": platform.python_version()}
    for name in ("vllm", "torch", "transformers", "triton"):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = None
    command = ["nvidia-smi", "--query-gpu=name,driver_version,memory.total,clocks.max.sm", "--format=csv,noheader"]
    try:
        found["gpu"] = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip().splitlines()
    except (OSError, subprocess.CalledProcessError) as fault:
        found["gpu"] = str(fault)
    return found


def _measure(asked: argparse.Namespace) -> int:
    book = Book(asked.out, time.monotonic() + asked.seconds)
    book.write(kind="about", **versions())
    good = True
    for name in asked.runs:
        if book.left > 90:
            good &= perform(name, asked.work, book, asked.port)
    if asked.drains or asked.queued:
        closings = [Closing(4, 32, 512, 512, 60)] if asked.tiny else [AT_BOUND]
        queued = [Closing(12, 32, 512, 512, 5)] if asked.tiny else [QUEUED]
        run = TINY if asked.tiny else DRAINED
        every = closings * asked.drains + queued * asked.queued
        repeat_drains(asked.work, book, run, every, asked.slots, asked.port + 1)
    return 0 if good else 1


def _record(asked: argparse.Namespace) -> int:
    from .record import write

    write(asked.results, asked.to)
    return 0


def _report(asked: argparse.Namespace) -> int:
    from .report import PAGE, page

    text = page()
    if not asked.check:
        PAGE.write_text(text, encoding="utf-8")
    elif PAGE.read_text(encoding="utf-8") != text:
        print(f"{PAGE.name} is out of date: run `python -m benchmarks.gpu report`", file=sys.stderr)
        return 1
    return 0


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description=__doc__)
    commands = parser.add_subparsers(required=True)
    measure = commands.add_parser("measure", help="put loads on real servers; results go to OUT/results.jsonl at once")
    measure.set_defaults(call=_measure)
    measure.add_argument("--out", type=Path, default=Path("gpu-results"), help="folder for results and servers' logs")
    measure.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "gpu-shapes", help="for shapes")
    measure.add_argument("--seconds", type=float, default=7200, help="begin no measurement after so many seconds")
    measure.add_argument("--drains", type=int, default=0, help="stop so many fresh servers at the bound")
    measure.add_argument("--queued", type=int, default=0, help="and so many with three times the bound")
    measure.add_argument("--slots", type=int, default=3, help="servers side by side while draining")
    measure.add_argument("--port", type=int, default=8100, help="first port: two GPUs can be measured side by side")
    measure.add_argument("--tiny", action="store_true", help="drain a tiny model instead (a rehearsal without a GPU)")
    measure.add_argument("runs", nargs="*", metavar="RUN", help=f"of {', '.join(RUNS)}")
    record = commands.add_parser("record", help="write the recorded table from results")
    record.set_defaults(call=_record)
    record.add_argument("results", type=Path, nargs="+", help="files results.jsonl")
    record.add_argument("--to", type=Path, default=Path(__file__).with_name("measured.yaml"))
    report = commands.add_parser("report", help="write docs/numbers.md from the recorded tables")
    report.set_defaults(call=_report)
    report.add_argument("--check", action="store_true", help="write nothing, and fail where the page is out of date")
    asked = parser.parse_args()
    if unknown := set(getattr(asked, "runs", [])) - RUNS.keys():
        parser.error(f"no run {', '.join(sorted(unknown))}; there are {', '.join(RUNS)}")
    code: int = asked.call(asked)
    return code


if __name__ == "__main__":
    sys.exit(main())
