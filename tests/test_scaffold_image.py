"""The image of a function that `krmfn new` wrote: its recipe builds as it is, and the image answers kpt."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pip
import pytest
from krm_functions_sdk.commands import new

from tests.conftest import ROOT
from tests.test_images import BUILD, CONFINED

IMAGE = "localhost/krm-test-set-owner:v1"
WORKLOAD = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 1 # few\n"
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata:\n  replicas: '3'\n"
LIST = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- {}functionConfig:\n  {}"
BASE_PACKAGES = "/usr/lib/python3/dist-packages/pip"  # of the stand-in base, which has no pip of its own


def call(*command: str, stdin: str = "") -> str:
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def wheels(engine: str, folder: Path) -> Path:
    """Return the folder with all wheels that the recipe installs."""
    run = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
    locked = ("--require-hashes", "-r", str(ROOT / "requirements.lock"))
    call(*run, "download", "--no-deps", *BUILD.wheel_options(engine), *locked, "--dest", str(folder))
    call(*run, "download", "--no-deps", f"setuptools=={version('setuptools')}", "--dest", str(folder))
    stale = shutil.ignore_patterns("build", "*.egg-info")
    sdk = shutil.copytree(ROOT / "sdk", folder.parent.parent / "sdk", ignore=stale)
    call(*run, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(sdk))
    return folder


@pytest.mark.container
def test_the_recipe_of_a_new_function_builds(require: Callable[[str], str], tmp_path: Path) -> None:
    """Without a network, from wheels; the image runs as nobody, with nowhere to write, and changes one line."""
    engine = require("podman")  # docker mounts nothing into a build
    folder = new.create("set-owner", tmp_path)
    (folder / "wheels").mkdir()
    wheels(engine, folder / "wheels")
    options = ["--volume", f"{Path(pip.__file__).parent}:{BASE_PACKAGES}:ro"]
    base = ("--build-arg", f"BASE_IMAGE={BUILD.BASE}", "--build-arg", "PIP_NO_INDEX=1")
    call(engine, "build", "--quiet", "--network", "none", *base, *options, "--tag", IMAGE, str(folder))
    try:
        items, config = (text.replace("\n", "\n  ").removesuffix("  ") for text in (WORKLOAD, CONFIG))
        text = LIST.format(items, config)
        assert call(engine, *CONFINED, IMAGE, stdin=text) == text.replace("1 # few", "3 # set by set-owner")
        assert call(engine, *CONFINED, IMAGE, "--help").startswith("# set-owner\n")
    finally:
        call(engine, "image", "rm", "--force", IMAGE)
