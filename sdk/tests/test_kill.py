"""A render that is killed at any moment: no file is half written, and the next command leaves the old tree or the new.

`make kill` runs it as often, and over as many files, as takes some minutes; the seed of a run is in its name.
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

FILES = int(os.environ.get("KILL_FILES", "150"))
KILLS = int(os.environ.get("KILLS", "8"))
SEED = int(os.environ.get("KILL_SEED", str(time.time_ns())))
WORK = ".krmfn"

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
        metadata = home / "lib" / "mark-1.dist-info"
        metadata.mkdir(parents=True)
        (metadata / "entry_points.txt").write_text("[krm_functions]\nmark = mark:mark\n")
        (home / "lib" / "mark.py").write_text(FUNCTION)
        self.environment = {**os.environ, "PYTHONPATH": str(home / "lib")}

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

    def kill(self, dice: Random, takes: float, writes: float) -> None:
        """Start a render and kill it: half of the times at any moment, half of the times while it writes."""
        process = self.start("render")
        if dice.random() < 0.5:
            time.sleep(dice.uniform(0, takes))
        else:
            while process.poll() is None and not (self.root / WORK).exists():
                time.sleep(0.0005)
            time.sleep(dice.uniform(0, writes))
        process.send_signal(signal.SIGKILL)
        process.communicate()


@pytest.mark.parametrize("seed", [pytest.param(SEED, id=f"KILL_SEED={SEED}")])
def test_a_render_that_is_killed_at_any_moment(tmp_path: Path, seed: int) -> None:
    dice = Random(seed)
    renders = Renders(tmp_path)
    old = tree(renders.root)
    began = time.monotonic()
    process = renders.start("render")
    while process.poll() is None and not (renders.root / WORK).exists():
        time.sleep(0.0005)
    wrote = time.monotonic()
    said, _ = process.communicate()
    assert process.returncode == 0, said
    ended = time.monotonic()
    new = tree(renders.root)
    assert len({*new.items()} - {*old.items()}) >= FILES * 4 // 5

    ends: Counter[str] = Counter()
    for number in range(KILLS):
        restore(renders.root, old)
        renders.kill(dice, ended - began, ended - wrote)
        for name, data in tree(renders.root).items():
            assert data in (old.get(name), new.get(name)), f"{name} is half written"
        was_writing = (renders.root / WORK).exists()
        status, said = renders.run(*(("render", "--check"), ("source",))[number % 2])
        assert "Traceback" not in said
        found = tree(renders.root)
        assert found in (old, new), said
        assert status == (1 if found == old and number % 2 == 0 else 0), said
        assert not (renders.root / WORK).exists()
        ends[f"{'while writing' if was_writing else 'else'}: {'new' if found == new else 'old'}"] += 1
    print(dict(ends))
