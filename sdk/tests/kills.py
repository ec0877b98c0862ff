"""Commands that are killed while they write: started as processes of their own, from one of some moments on.

`make kill` runs such tests as often, and over as many files, as takes some minutes; the seed of a run is printed.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

FILES = int(os.environ.get("KILL_FILES", "150"))
KILLS = int(os.environ.get("KILLS", "8"))
RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID")  # the same in all processes of one run: so are the names of tests
SEED = int(os.environ.get("KILL_SEED") or (int(RUN, 16) % 10**18 if RUN else time.time_ns()))
WORK = ".krmfn"
MOMENTS = ("", WORK, f"{WORK}/journal")  # from its start, from its first staged file, or from where it is decided
MAIN = "from krm_functions_sdk.krmfn import main; exit(main())"

CONFIG_MAP = """apiVersion: v1
kind: ConfigMap
metadata:
  name: c{0}
data:
  # written by hand
  number: "{0}"
"""
KPTFILE = """apiVersion: kpt.dev/v1
kind: Kptfile
metadata:
  name: many
pipeline:
  mutators:
  - image: mark
"""


def tree(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and WORK not in path.parts
    }


def restore(root: Path, wanted: dict[str, bytes]) -> None:
    """Make the files those that are wanted, and remove folders without a file."""
    have = tree(root)
    for name in have.keys() - wanted.keys():
        (root / name).unlink()
    for name, data in wanted.items():
        if have.get(name) != data:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(data)
    for path in sorted(root.rglob("*"), reverse=True):
        if path.is_dir() and WORK not in path.parts and not any(path.iterdir()):
            path.rmdir()


class Commands:
    """Runs of one command of krmfn in the folder `home`, that writes below `root`."""

    def __init__(self, command: tuple[str, ...], home: Path, root: Path, environment: dict[str, str]) -> None:
        self.command, self.home, self.root, self.environment = command, home, root, environment

    def start(self, *command: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", MAIN, *command],
            cwd=self.home, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def run(self, *command: str) -> tuple[int, str]:
        process = self.start(*command)
        said, _ = process.communicate()
        return process.returncode, said

    def measure(self) -> list[float]:
        """Run the command, and return how long it takes from each of the MOMENTS to its end."""
        process = self.start(*self.command)
        begins = []
        for moment in MOMENTS:
            self._wait(process, moment)
            begins.append(time.monotonic())
        said, _ = process.communicate()
        assert process.returncode == 0, said
        return [time.monotonic() - begin for begin in begins]

    def kill(self, dice: Random, takes: list[float]) -> None:
        """Start the command and kill it, from each of the MOMENTS on equally often."""
        process = self.start(*self.command)
        moment = dice.randrange(len(MOMENTS))
        self._wait(process, MOMENTS[moment])
        time.sleep(dice.uniform(0, takes[moment]))
        process.send_signal(signal.SIGKILL)
        process.communicate()

    def reached(self) -> str:
        """Return how far the command that was killed had come, by what is on disk."""
        return next((name for name in ("undo", "journal") if (self.root / WORK / name).exists()), "") or (
            "staging" if (self.root / WORK).exists() else "nothing or all"
        )

    def _wait(self, process: subprocess.Popen[str], moment: str) -> None:
        while process.poll() is None and not (self.root / moment).exists():
            time.sleep(0.0002)
