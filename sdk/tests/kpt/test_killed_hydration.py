"""A hydrate that is killed, or whose disk is full: all environments are the old ones, or all are the new ones."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from kills import CONFIG_MAP, FILES, KILLS, KPTFILE, SEED, WORK, Commands, restore, tree
from real_tools import install, require

NAMES = ("dev", "prod")
PER_ENVIRONMENT = max(FILES // 10, 2)
# Writes into each object what the overlay says of its environment.
FUNCTION = """
def mark(resources):
    for resource in resources.where("ConfigMap"):
        resource.set("data.mark", resource.get("metadata.labels.step", "none") + "x" * 50)
"""
OLD = "resources: [../../many]\nnamespace: {0}\nlabels: [{{pairs: {{step: old}}}}]\n"
NEW = """resources: [../../many, own.yaml]
namespace: {0}
labels: [{{pairs: {{step: new}}}}]
patches:
- patch: "{{apiVersion: v1, kind: ConfigMap, metadata: {{name: c1}}, $patch: delete}}"
"""


@pytest.fixture
def hydrations(tmp_path: Path) -> Commands:
    """Hydrations of two environments, below tmp_path/work, with a function that is installed for them alone."""
    require("kubectl")
    home = tmp_path / "work"
    (home / "many").mkdir(parents=True)
    (home / "many/Kptfile").write_text(KPTFILE)
    for number in range(PER_ENVIRONMENT):
        (home / f"many/{number}.yaml").write_text(CONFIG_MAP.format(number))
    listed = [f"{number}.yaml" for number in range(PER_ENVIRONMENT)]
    (home / "many/kustomization.yaml").write_text(f"resources: {listed}\n")
    for name in NAMES:
        folder = home / "overlays" / name
        folder.mkdir(parents=True)
        (folder / "own.yaml").write_text(CONFIG_MAP.format("own"))
    return Commands(("hydrate",), home, home / "clusters", install(tmp_path, "mark", FUNCTION))


def overlays(hydrations: Commands, text: str) -> None:
    for name in NAMES:
        (hydrations.home / "overlays" / name / "kustomization.yaml").write_text(text.format(name))


@pytest.mark.parametrize("seed", [pytest.param(SEED, id=f"KILL_SEED={SEED}")])
@pytest.mark.parametrize("is_first", [True, False], ids=["nothing was there", "others were there"])
def test_a_hydration_that_is_killed_at_any_moment(
    hydrations: Commands, is_first: bool, seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """The next command, whichever reads an environment, finishes or discards what was begun, for all of them."""
    dice = Random(seed)
    old: dict[str, bytes] = {}
    if not is_first:
        overlays(hydrations, OLD)
        assert hydrations.run("hydrate")[0] == 0
        old = tree(hydrations.root)
    overlays(hydrations, NEW)
    takes = hydrations.measure()
    new = tree(hydrations.root)
    assert len({*new.items()} - {*old.items()}) >= len(NAMES) * PER_ENVIRONMENT
    assert len({*old} - {*new}) == (0 if is_first else len(NAMES))

    ends: Counter[str] = Counter()
    kills = (KILLS + 1) // 2
    for number in range(kills):
        restore(hydrations.root, old)
        hydrations.kill(dice, takes)
        for name, data in tree(hydrations.root).items():
            assert data in (old.get(name), new.get(name)), f"{name} is half written"
        at = hydrations.reached()
        by_source = number % 2 and (hydrations.root / NAMES[0]).is_dir()
        status, said = hydrations.run(*(("source", f"clusters/{NAMES[0]}") if by_source else ("hydrate", "--check")))
        assert "Traceback" not in said
        found = tree(hydrations.root)
        assert found in (old, new), said
        assert status == (1 if found == old and not by_source else 0), said
        assert not (hydrations.root / WORK).exists()
        ends[f"{at}: {'new' if found == new else 'old'}"] += 1
    with capsys.disabled():
        print(f"KILL_SEED={seed}, {kills} kills, by what was on disk then: {dict(ends)}")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 512 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=512k", "none", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small disk cannot be mounted here: it takes the superuser, and a container that allows it")
    yield folder
    subprocess.run(["umount", folder], check=True)


def fill(disk: Path, pages: int) -> Path:
    """Leave so many pages free, and return the file that takes the others."""
    ballast = disk / "ballast"
    ballast.write_bytes(b"x" * (shutil.disk_usage(disk).free - pages * 4096))
    return ballast


@pytest.mark.parametrize("pages", [0, 1, 6], ids=["not a page is free", "one page is free", "some pages are free"])
@pytest.mark.parametrize("is_first", [True, False], ids=["nothing was there", "others were there"])
def test_a_full_disk_leaves_all_environments_as_they_were(
    hydrations: Commands, small_disk: Path, pages: int, is_first: bool
) -> None:
    """Not one file is written where not all fit, and what was staged does not stay to fill the disk."""
    clusters = small_disk / "clusters"
    command = ("hydrate", "--output", str(clusters))
    overlays(hydrations, OLD)
    if not is_first:
        assert hydrations.run(*command)[0] == 0
    overlays(hydrations, NEW)
    ballast = fill(small_disk, pages)
    before, entries = tree(small_disk), sorted(small_disk.rglob("*"))
    status, said = hydrations.run(*command)
    assert status == 1, said
    *_, fault, end = said.splitlines()
    assert fault.startswith(f"[error] {clusters}"), said
    assert fault.endswith(": no space left on device; free some, and run it again"), said
    assert fault.count(str(clusters)) == 1
    assert end == "not hydrated, no file was changed"
    assert (tree(small_disk), sorted(small_disk.rglob("*"))) == (before, entries)
    ballast.unlink()
    assert hydrations.run(*command)[0] == 0
    assert hydrations.run(*command, "--check")[0] == 0


def test_a_full_temporary_folder_is_said(hydrations: Commands, small_disk: Path) -> None:
    """What kustomize reads is copied there; when one of two builds has failed, there may be room for the other."""
    overlays(hydrations, NEW)
    ballast = fill(small_disk, 1)
    hydrations.environment["TMPDIR"] = str(small_disk)
    status, said = hydrations.run("hydrate")
    assert status == 1, said
    faults = [line for line in said.splitlines() if line.startswith("[error] ")]
    assert 1 <= len(faults) <= len(NAMES), said
    for line in faults:
        assert any(line.startswith(f"[error] overlays/{name}: cannot be built: {small_disk}/") for name in NAMES), said
        assert line.endswith(": no space left on device; free some, and run it again"), said
    assert said.splitlines()[-1].endswith("; nothing was written")
    assert not hydrations.root.exists()
    assert [*small_disk.iterdir()] == [ballast]
