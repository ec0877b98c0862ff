"""A render that is killed at any moment: no file is half written, and the next command leaves the old tree or the new.

`make kill` runs it as often, and over as many files, as takes some minutes; the seed of a run is printed.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from real_tools import install

FILES = int(os.environ.get("KILL_FILES", "150"))
KILLS = int(os.environ.get("KILLS", "8"))
RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID")  # the same in all processes of one run: so are the names of tests
SEED = int(os.environ.get("KILL_SEED") or (int(RUN, 16) % 10**18 if RUN else time.time_ns()))
WORK = ".krmfn"
MOMENTS = ("", WORK, f"{WORK}/journal")  # from its start, from its first staged file, or from where it is decided

FUNCTION = """
def mark(resources):
    for resource in resources.where("ConfigMap"):
        number = resource.get("data.number")
        resource.set("data.mark", number + "x" * 50)
        if number.endswith("7"):
            resources.remove(resource)
        if number.endswith("9"):
            resources.move(resource, f"moved/{number}.yaml")
"""
KPTFILE = """apiVersion: kpt.dev/v1
kind: Kptfile
metadata:
  name: many
pipeline:
  mutators:
  - image: mark
"""
CONFIG_MAP = """apiVersion: v1
kind: ConfigMap
metadata:
  name: c{0}
data:
  # written by hand
  number: "{0}"
"""


def tree(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and WORK not in path.parts
    }


def restore(root: Path, wanted: dict[str, bytes]) -> None:
    have = tree(root)
    for name in have.keys() - wanted.keys():
        (root / name).unlink()
    for name, data in wanted.items():
        if have.get(name) != data:
            (root / name).write_bytes(data)
    if (root / "moved").exists():
        (root / "moved").rmdir()


class Renders:
    """Renders of one package by processes of their own, with a function that is installed for them alone."""

    def __init__(self, home: Path) -> None:
        self.root = home / "many"
        self.root.mkdir()
        (self.root / "Kptfile").write_text(KPTFILE)
        for number in range(FILES):
            (self.root / f"{number}.yaml").write_text(CONFIG_MAP.format(number))
        self.environment = install(home, "mark", FUNCTION)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", "from krm_functions_sdk.krmfn import main; exit(main())", *arguments]
        return subprocess.Popen(
            [*command, str(self.root)],
            env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def run(self, *arguments: str) -> tuple[int, str]:
        process = self.start(*arguments)
        said, _ = process.communicate()
        return process.returncode, said

    def measure(self) -> list[float]:
        """Render, and return how long it takes from each of the MOMENTS to its end."""
        process = self.start("render")
        begins = []
        for moment in MOMENTS:
            self._wait(process, moment)
            begins.append(time.monotonic())
        said, _ = process.communicate()
        assert process.returncode == 0, said
        return [time.monotonic() - begin for begin in begins]

    def kill(self, dice: Random, takes: list[float]) -> None:
        """Start a render and kill it, from each of the MOMENTS on equally often."""
        process = self.start("render")
        moment = dice.randrange(len(MOMENTS))
        self._wait(process, MOMENTS[moment])
        time.sleep(dice.uniform(0, takes[moment]))
        process.send_signal(signal.SIGKILL)
        process.communicate()

    def _wait(self, process: subprocess.Popen[str], moment: str) -> None:
        while process.poll() is None and not (self.root / moment).exists():
            time.sleep(0.0002)


@pytest.mark.parametrize("seed", [pytest.param(SEED, id=f"KILL_SEED={SEED}")])
def test_a_render_that_is_killed_at_any_moment(tmp_path: Path, seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    dice = Random(seed)
    renders = Renders(tmp_path)
    old = tree(renders.root)
    takes = renders.measure()
    new = tree(renders.root)
    assert len({*new.items()} - {*old.items()}) >= FILES * 4 // 5

    ends: Counter[str] = Counter()
    for number in range(KILLS):
        restore(renders.root, old)
        renders.kill(dice, takes)
        for name, data in tree(renders.root).items():
            assert data in (old.get(name), new.get(name)), f"{name} is half written"
        at = next((name for name in ("undo", "journal", "") if (renders.root / WORK / name).exists()), "else")
        status, said = renders.run(*(("render", "--check"), ("source",))[number % 2])
        assert "Traceback" not in said
        found = tree(renders.root)
        assert found in (old, new), said
        assert status == (1 if found == old and number % 2 == 0 else 0), said
        assert not (renders.root / WORK).exists()
        ends[f"{at or 'staging'}: {'new' if found == new else 'old'}"] += 1
    with capsys.disabled():
        print(f"KILL_SEED={seed}, {KILLS} kills, by what was on disk then: {dict(ends)}")
