"""Each package of the repository is remembered, and what is then said and written is what its functions say."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = sorted(file.parent.name for file in (ROOT / "packages").glob("*/Kptfile"))
# What a render that is remembered does not import: functions, libraries, and what is slow of Python's own.
LEFT_OUT = {
    *("krm_inference", "yaml", "jsonschema_rs", "hashlib", "importlib.metadata", "inspect"),
    *("subprocess", "tempfile", "shutil", "datetime", "concurrent.futures", "multiprocessing"),
}
# krmfn in a process that says at its end whether one of them was. Code may be edited just before tests run.
KRMFN = f"""\
import sys
from krm_functions_sdk import krmfn
from krm_functions_sdk.function import installation
installation._YOUNG = 0
status = krmfn.main()
print(*({LEFT_OUT!r} & sys.modules.keys()))
sys.exit(status)
"""


def run(folder: Path, *arguments: str) -> tuple[int, str, str, str]:
    """Return what a render left, and which of those modules it imported."""
    environment = {name: value for name, value in os.environ.items() if name != "KRMFN_CACHE"}
    done = subprocess.run(
        [sys.executable, "-P", "-c", KRMFN, "render", *arguments],
        cwd=folder,
        env={**environment, "XDG_CACHE_HOME": str(folder / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    *lines, imported = done.stdout.splitlines()
    return done.returncode, "\n".join(lines), done.stderr, imported


@pytest.mark.parametrize("name", [*PACKAGES, "."])
def test_a_package_is_remembered_and_says_what_its_functions_say(tmp_path: Path, name: str) -> None:
    """All of them together too, as many packages; nothing but the cache and the file of results is written."""
    shutil.copytree(ROOT / "packages", tmp_path / "packages")
    package = f"packages/{name}"
    more = ["--jobs=1"] if name == "." else []  # else others would import the functions
    option = "--report=report.json" if name == "." else "--results-dir=results"
    wrote = tmp_path / ("report.json" if name == "." else "results/results.yaml")
    assert "krm_inference" in run(tmp_path, package, *more)[3]
    had = {file: file.stat().st_mtime_ns for file in (tmp_path / "packages").rglob("*")}
    for options in ((), ("--check",), ("--diff",), ("--quiet",), (option,)):
        anew = run(tmp_path, package, "--no-cache", *more, *options)
        text = wrote.read_text() if options == (option,) else ""
        assert run(tmp_path, package, *more, *options) == (*anew[:3], "")
        assert not text or wrote.read_text() == text
    assert {file: file.stat().st_mtime_ns for file in (tmp_path / "packages").rglob("*")} == had
