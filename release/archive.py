"""Build the archive of a release: krmfn with every function and all that they need, in one file that Python runs.

It is a zip file with a first line, made by shiv, which unpacks itself below ~/.shiv (or SHIV_ROOT) when it first runs,
since one of the libraries is machine code. So it is for one platform; the name says which.
Usage: archive.py FOLDER, with the wheels in it that dist.py built, by default dist.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

from version import version

ROOT = Path(__file__).resolve().parent.parent
_PIP = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]


def name() -> str:
    """Return the name of the archive for this platform."""
    return f"krmfn-{version()}-{sysconfig.get_platform().replace('_', '-')}.pyz"


def build(folder: Path) -> Path:
    """Build the archive from the wheels in `folder`, and return it."""
    wheels = sorted(folder.glob("*.whl"))
    if len(wheels) != 2:
        sys.exit(f"{folder}: found {len(wheels)} wheels, expected two; make dist builds them")
    with tempfile.TemporaryDirectory() as place:
        lock = ["--require-hashes", "--only-binary=:all:", "-r", str(ROOT / "requirements.lock")]
        subprocess.run([*_PIP, "--target", place, *lock], check=True)
        subprocess.run([*_PIP, "--target", place, "--no-deps", *map(str, wheels)], check=True)
        for note in ("RECORD", "direct_url.json"):  # pip's own, and different in every build
            for path in Path(place).glob(f"*.dist-info/{note}"):
                path.unlink()
        shutil.rmtree(Path(place) / "bin", ignore_errors=True)  # launchers of this machine's Python
        for path in Path(place).rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
        archive = folder / name()
        shiv = ["--site-packages", place, "--output-file", str(archive), "--reproducible", "--compressed"]
        entry = ["--entry-point", "krm_functions_sdk.krmfn:main", "--python", "/usr/bin/env python3"]
        environment = {**os.environ, "SOURCE_DATE_EPOCH": os.environ.get("SOURCE_DATE_EPOCH", "315532800")}
        subprocess.run([sys.executable, "-m", "shiv", *shiv, *entry], check=True, env=environment)
    return archive


def main() -> None:
    """Build it."""
    print(build(Path(*sys.argv[1:2] or ["dist"])))


if __name__ == "__main__":
    main()
