"""The digest of the images' base, as a real registry has it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.judge.test_delivery import registry, tool

pytestmark = pytest.mark.judge
__all__ = ["registry"]


def test_the_base_is_renewed_by_the_digest_of_a_real_registry(registry: str, tmp_path: Path) -> None:
    """Of an image for several platforms it is that of the index, which is the same on each."""
    shutil.copy(ROOT / "Dockerfile", tmp_path)
    (tmp_path / "release").mkdir()
    shutil.copy(ROOT / "release" / "base.py", tmp_path / "release")
    with tarfile.open(tmp_path / "layer.tar", "w") as tar:
        tar.add(ROOT / "LICENSE", "LICENSE")
    name = f"{registry}/library/python:3.13-slim"
    environment = {**os.environ, "REGISTRY_URL": f"http://{registry}"}

    def crane(*arguments: str) -> str:
        command = [str(tool("crane")), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    for platform in ("linux/amd64", "linux/arm64"):
        one = f"{registry}/library/python:{platform.replace('/', '-')}"
        crane("append", "--new_layer", str(tmp_path / "layer.tar"), "--new_tag", one)
        crane("mutate", "--set-platform", platform, one, "--tag", one)
    crane("index", "append", "-m", f"{registry}/library/python:linux-amd64", "-m",
          f"{registry}/library/python:linux-arm64", "-t", name)  # fmt: skip
    command: list[str | Path] = [sys.executable, tmp_path / "release" / "base.py"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    digest = crane("digest", name)
    assert re.search(rf"^ARG BASE_IMAGE=\S+:3\.13-slim@{digest}$", (tmp_path / "Dockerfile").read_text(), re.MULTILINE)
    assert subprocess.run([*command, "--check"], env=environment, capture_output=True, check=False).returncode == 0
