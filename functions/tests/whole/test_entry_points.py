"""One list of functions: folders, entry points, definitions, images and tables name the same."""

import re
import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from krm_functions_sdk.function import registry

ROOT = Path(__file__).resolve().parents[3]
FUNCTIONS = ROOT / "functions"
FOLDERS = sorted(file.parent for file in (FUNCTIONS / "krm_inference").glob("*/definition.yaml"))
NAMES = {folder.name.replace("_", "-") for folder in FOLDERS}
PROJECT: dict[str, Any] = tomllib.loads((FUNCTIONS / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OF_CLUSTERS = {"generate-node-pool", "validate-inference"}
KPTFILES = [file for file in (ROOT / "Kptfile", *ROOT.glob("packages/*/Kptfile")) if "pipeline:" in file.read_text()]
IMAGE = re.compile(r"image: ghcr\.io/krm-inference/([a-z-]+):v(\S+)")


def test_there_are_functions_and_pipelines() -> None:
    """The globs of these tests find something."""
    assert NAMES
    assert KPTFILES


def test_every_folder_is_a_room_or_a_function() -> None:
    """A folder of the distribution is a room that functions share, or has the definition of a function."""
    folders = {file.parent for file in (FUNCTIONS / "krm_inference").glob("*/__init__.py")}
    commands = PROJECT["entry-points"]["krmfn_commands"]
    assert {folder.name for folder in folders} == {folder.name for folder in FOLDERS} | {
        "cluster",
        "commands",
        "domain",
        "manifests",
    }
    assert commands == {name: f"krm_inference.commands.{name.replace('-', '_')}:main" for name in commands}
    assert registry.commands().keys() >= commands.keys()


def test_entry_points() -> None:
    """Console scripts and entry points name each function, its callable and its main."""
    modules = {name: f"krm_inference.{name.replace('-', '_')}" for name in NAMES}
    commands = {"krmfn": "krm_functions_sdk.krmfn:main"}
    assert PROJECT["scripts"] == {**commands, **{name: f"{module}:main" for name, module in modules.items()}}
    assert PROJECT["entry-points"]["krm_functions"] == {
        name: f"{module}:{name.replace('-', '_')}" for name, module in modules.items()
    }
    assert set(registry.installed()) >= NAMES


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_definition(folder: Path) -> None:
    """A definition names the function as its folder does, and the image of this version."""
    name = folder.name.replace("_", "-")
    definition = yaml.safe_load((folder / "definition.yaml").read_text(encoding="utf-8"))
    assert definition["kind"] == "KRMFunctionDefinition"
    assert definition["metadata"]["name"] == name
    image = definition["spec"]["versions"][-1]["runtime"]["container"]["image"]
    assert image == f"ghcr.io/krm-inference/{name}:v{PROJECT['version']}"


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_callable(folder: Path) -> None:
    """A module has the callable of its folder's name with a docstring, main, and a README of that name."""
    module = import_module(f"krm_inference.{folder.name}")
    assert getattr(module, folder.name).__doc__
    assert callable(module.main)
    readme = (folder / "README.md").read_text(encoding="utf-8")
    assert readme.startswith(f"# {folder.name.replace('_', '-')}\n")
    assert f"image: ghcr.io/krm-inference/{folder.name.replace('_', '-')}:v{PROJECT['version']}\n" in readme


@pytest.mark.parametrize("file", KPTFILES, ids=lambda file: file.parent.name)
def test_images_of_a_kptfile(file: Path) -> None:
    """A pipeline runs every function once, in the version that is here; that of a cluster those for clusters."""
    found = IMAGE.findall(file.read_text(encoding="utf-8"))
    wanted = OF_CLUSTERS if file.parent.name == "cluster" else NAMES - OF_CLUSTERS | {"validate-inference"}
    assert sorted(name for name, _ in found) == sorted(wanted)
    assert {version for _, version in found} == {PROJECT["version"]}


def test_table_of_the_readme() -> None:
    """The README's table has one row a function, which links to its own README, in the order of its pipeline."""
    readme = (FUNCTIONS / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[`([a-z-]+)`\]\(krm_inference/([a-z_]+)/README\.md\) \|", readme, re.MULTILINE)
    assert {name for name, _ in rows} == NAMES
    assert all(name.replace("-", "_") == folder for name, folder in rows)
    assert [name for name, _ in IMAGE.findall(readme)] == [name for name, _ in rows]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_declared_image_is_found(folder: Path) -> None:
    """A render warns of an image of the same name from elsewhere, since the installed function runs instead."""
    name = folder.name.replace("_", "-")
    function = registry.load(registry.installed()[name])
    assert registry.declared_image(function) == f"ghcr.io/krm-inference/{name}"
