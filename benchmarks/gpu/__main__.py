"""Measure on this machine's GPU: `python -m gpu measure 1b 8b …`, `python -m gpu drain`."""

from __future__ import annotations

import argparse
import importlib.metadata
import platform
import subprocess
import sys
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


def main() -> int:
    """Run what the command line asks for; results go to results.jsonl, servers' logs beside it."""
    parser = argparse.ArgumentParser(prog="python -m gpu", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("gpu-results"))
    parser.add_argument("--work", type=Path, default=Path("/tmp/gpu-shapes"))
    parser.add_argument("--seconds", type=float, default=3600, help="begin no measurement after so many seconds")
    parser.add_argument("--drains", type=int, default=0, help="stop so many fresh servers at the bound")
    parser.add_argument("--queued", type=int, default=0, help="and so many with three times the bound")
    parser.add_argument("--slots", type=int, default=3, help="servers side by side while draining")
    parser.add_argument("--port", type=int, default=8100, help="first port: two GPUs can be measured side by side")
    parser.add_argument("--tiny", action="store_true", help="drain a tiny model instead (a rehearsal without a GPU)")
    parser.add_argument("runs", nargs="*", choices=[*RUNS, []], metavar="RUN", help=f"of {', '.join(RUNS)}")
    asked = parser.parse_args()
    book = Book(asked.out, time.monotonic() + asked.seconds)
    book.write(kind="about", **versions())
    good = True
    for name in asked.runs:
        if book.left > 90:
            good &= perform(name, asked.work, book, asked.port)
            book.write(kind="clock", run=name, left_s=round(book.left))
    if asked.drains or asked.queued:
        closings = [Closing(4, 32, 512, 512, 60)] if asked.tiny else [AT_BOUND]
        queued = [Closing(12, 32, 512, 512, 5)] if asked.tiny else [QUEUED]
        run = TINY if asked.tiny else DRAINED
        repeat_drains(asked.work, book, run, closings * asked.drains + queued * asked.queued, asked.slots, asked.port + 1)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
