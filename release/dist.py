"""Build the distributions of sdk/ and functions/ as an index wants them: the same bytes each time, links that lead on.

Each is staged apart, so that nothing of an earlier build gets in. Relative links of its README become those of the tag.
Times are SOURCE_DATE_EPOCH's, or else those of the last commit. Usage: dist.py FOLDER, by default dist.
"""

from __future__ import annotations

import os
import posixpath
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("sdk", "functions")
_LEFT_OUT = shutil.ignore_patterns("build", "*.egg-info", "__pycache__", "tests", "*.pyc")
_LINK = re.compile(r"(?<=\]\()(?!https?://|#|mailto:)([^)#\s]*)(#[^)\s]*)?(?=\))")
_BUILD = "import sys; from setuptools import build_meta; print(build_meta.build_wheel(sys.argv[1]))"


def epoch() -> str:
    """Return the time that all files get, in seconds."""
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return given
    done = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "315532800"  # the first moment that a zip file can hold


def absolute(text: str, room: str, address: str) -> str:
    """Return a README whose relative links lead to the repository at its tag."""

    def lead(match: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join(room, match[1]))
        return f"{address}/{path}{match[2] or ''}"

    return _LINK.sub(lead, text)


def build(room: str, folder: Path) -> Path:
    """Build the wheel of a room into `folder` and return it."""
    project = tomllib.loads((ROOT / room / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    address = f"{project['urls']['Source']}/blob/v{project['version']}"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        stage = Path(place) / room
        shutil.copytree(ROOT / room, stage, ignore=_LEFT_OUT)
        readme = stage / "README.md"
        readme.write_text(absolute(readme.read_text(encoding="utf-8"), room, address), encoding="utf-8")
        for path in stage.rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
        environment = {**os.environ, "SOURCE_DATE_EPOCH": epoch()}
        command = [sys.executable, "-c", _BUILD, str(folder.resolve())]
        done = subprocess.run(command, cwd=stage, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{room} cannot be built:\n{done.stderr}")
    return folder / done.stdout.splitlines()[-1]


def main() -> None:
    """Build both into the folder that is named."""
    folder = Path(*sys.argv[1:2] or ["dist"])
    for room in ROOMS:
        print(build(room, folder))


if __name__ == "__main__":
    main()
