"""Processes and what they cost, as the kernel accounts for them: CPU time with that of their children, peak memory."""

import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

# As a user starts it: byte code is kept between runs, and nothing else is set.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}

LAUNCH = (sys.executable, "-I", "-S", str(Path(__file__).with_name("launch.py")))


class Cost(NamedTuple):
    """CPU and elapsed time in milliseconds, peak memory in megabytes."""

    cpu: float
    elapsed: float
    memory: float


class Work(NamedTuple):
    """A command, the file that is its standard input, and what has to be done before each run."""

    command: Sequence[str]
    stdin: str = os.devnull
    prepare: Callable[[], object] = bool


def run(work: Work) -> Cost:
    """Run a command once. Raises RuntimeError where it fails."""
    work.prepare()
    with Path(work.stdin).open("rb") as stdin:
        done = subprocess.run(
            [*LAUNCH, *work.command],
            stdin=stdin,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=ENVIRONMENT,
            check=True,
        )
    cpu, elapsed, memory, status = map(float, done.stderr.split())
    if status:
        raise RuntimeError(f"exit {status:.0f}: {' '.join(work.command)}")
    return Cost(cpu * 1000, elapsed * 1000, memory / 1024)


def medians(works: Sequence[Work], rounds: int, warm: Sequence[Work] | None = None) -> list[Cost]:
    """Return the median cost of each, measured in turns so that all meet the same machine.

    Before that comes a turn for warmth, of the works themselves or of smaller ones that read the same programs.
    """
    for work in works if warm is None else warm:
        run(work)
    runs = [[run(work) for work in works] for _ in range(rounds)]
    return [Cost(*map(statistics.median, zip(*costs, strict=True))) for costs in zip(*runs, strict=True)]
