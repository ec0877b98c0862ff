"""The distributions as an index gets them: reproducible, described, and enough to work without a clone."""

import email
import os
import re
import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile
from email.message import Message
from pathlib import Path

import pytest

from tests.conftest import ROOT

ROOMS = ("sdk", "functions")


def build(folder: Path, epoch: str = "1700000000") -> list[Path]:
    """Build both wheels into a folder."""
    environment = {**os.environ, "SOURCE_DATE_EPOCH": epoch}
    command: list[str | Path] = [sys.executable, ROOT / "release" / "dist.py", folder]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return sorted(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return build(tmp_path_factory.mktemp("dist"))


def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return email.message_from_bytes(archive.read(name))


def test_a_second_build_gives_the_same_bytes(wheels: list[Path], tmp_path: Path) -> None:
    """Whoever builds the tag can compare what an index serves."""
    again = build(tmp_path)
    assert [wheel.name for wheel in again] == [wheel.name for wheel in wheels]
    assert [wheel.read_bytes() for wheel in again] == [wheel.read_bytes() for wheel in wheels]
    assert wheels[0].read_bytes() != build(tmp_path / "later", "1800000000")[0].read_bytes()


def test_an_index_can_describe_them(wheels: list[Path]) -> None:
    """License, authors, addresses, classifiers and words, and a README whose links lead on from any page."""
    assert len(wheels) == len(ROOMS)
    for wheel in wheels:
        said = metadata(wheel)
        assert said["License-Expression"] == "Apache-2.0"
        assert said["License-File"] == "LICENSE"
        assert said["Author"]
        assert said["Keywords"]
        assert len(said.get_all("Project-URL", [])) >= 4
        assert "Programming Language :: Python :: 3.11" in said.get_all("Classifier", [])
        text = str(said.get_payload())
        links = re.findall(r"\]\(([^)]*)\)", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
        assert links
        assert [link for link in links if not link.startswith(("https://", "#"))] == []
        own = [link for link in links if "/krm-inference/blob/" in link]
        for link in own:
            path = link.partition(f"/blob/v{said['Version']}/")[2].partition("#")[0]
            assert (ROOT / path).exists(), link


def test_the_licence_of_each_is_that_of_the_repository() -> None:
    """A distribution can only ship what lies in its own folder."""
    for room in ROOMS:
        assert (ROOT / room / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


def test_an_install_without_a_clone_has_all_commands(wheels: list[Path], tmp_path: Path) -> None:
    """The one name brings krmfn and every function, as pipx makes it; a package begins and renders with it alone."""
    place = tmp_path / "venv"
    venv.create(place, with_pip=True)
    pip: list[str | Path] = [place / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--require-hashes", "-r", ROOT / "requirements.lock"], check=True)
    own: list[str | Path] = ["--no-index", "--find-links", wheels[0].parent, "krm-inference"]
    subprocess.run([*pip, *own], check=True)
    project = tomllib.loads((ROOT / "functions" / "pyproject.toml").read_text())["project"]
    assert all((place / "bin" / name).is_file() for name in project["scripts"])
    environment = {"PATH": f"{place / 'bin'}{os.pathsep}{os.environ['PATH']}", "HOME": str(tmp_path)}
    for command in (
        ["krmfn", "init", "mine", "--model", "Qwen/Qwen3-8B"],
        ["krmfn", "render", "--check", "mine"],
        ["krmfn", "doctor", "-o", "json"],
        ["krmfn", "completion", "bash"],
        ["krmfn", "facts", "gaie-v1.5", "image"],
        ["krmfn", "explain", "mine", "replicas"],
    ):
        found = shutil.which(command[0], path=environment["PATH"])
        assert found is not None
        assert Path(found).parent == place / "bin"
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        is_found = done.returncode == 0 or command[1] == "doctor"  # which says what this machine lacks
        assert is_found, done.stderr


def test_versions_are_one(wheels: list[Path]) -> None:
    """The two go together, and the functions ask for just this SDK."""
    sdk, functions = (metadata(wheel) for wheel in wheels)
    assert sdk["Version"] == functions["Version"]
    assert functions["Requires-Dist"] == f"krm-functions-sdk=={sdk['Version']}"
