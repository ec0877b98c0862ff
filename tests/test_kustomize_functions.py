"""The example deploy/kustomize: a real kustomize runs the pipeline, and gives what `krmfn build` gives, less its words.

With the images as transformers in containers, and with the same functions as executables, which need none.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import PACKAGE, ROOT, SCRIPTS
from tests.test_images import BUILD, engine  # noqa: F401  # the second is a fixture

EXAMPLE = ROOT / "deploy" / "kustomize"
ENVIRONMENTS = [
    file.parent.name for file in sorted(EXAMPLE.glob("*/kustomization.yaml")) if "patches" in file.read_text()
]
GROUP, VERSION = "fn.kpt.dev", "v1alpha1"

Objects = dict[tuple[str, str], dict[str, Any]]
Kustomize = Callable[..., subprocess.CompletedProcess[str]]


def by_name(text: str) -> Objects:
    return {(one["kind"], one["metadata"]["name"]): one for one in yaml.safe_load_all(text) if one}


def functions() -> list[str]:
    """Return the functions of the example in their order."""
    text = (EXAMPLE / "functions/functions.yaml").read_text()
    return [one["metadata"]["name"] for one in yaml.safe_load_all(text)]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return shutil.copytree(EXAMPLE, tmp_path / "kustomize")


@pytest.fixture
def in_containers(engine: str, tree: Path, require: Callable[[str], str]) -> Kustomize:  # noqa: F811
    """Build an environment with the images: kustomize starts containers by a program of the name docker."""
    kubectl = require("kubectl")
    folder = tree.parent / "bin"
    folder.mkdir()
    found = shutil.which(engine)
    assert found
    (folder / "docker").symlink_to(found)
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"

    def build(environment: str) -> subprocess.CompletedProcess[str]:
        command = [kubectl, "kustomize", "--enable-alpha-plugins", str(tree / environment)]
        return subprocess.run(command, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False)

    return build


@pytest.fixture
def by_executables(tree: Path, require: Callable[[str], str]) -> Kustomize:
    """Build an environment with the console scripts as plugins, a kind for each, as docs/environments.md says."""
    kubectl = require("kubectl")
    configs = []
    for function in functions():
        kind = "".join(map(str.capitalize, function.split("-")))
        plugin = tree.parent / "plugins" / GROUP / VERSION / kind.lower() / kind
        plugin.parent.mkdir(parents=True)
        plugin.symlink_to(SCRIPTS / function)
        configs.append({"apiVersion": f"{GROUP}/{VERSION}", "kind": kind, "metadata": {"name": function}})
    (tree / "functions/functions.yaml").write_text(yaml.safe_dump_all(configs))
    variables = {**os.environ, "KUSTOMIZE_PLUGIN_HOME": str(tree.parent / "plugins")}

    def build(environment: str) -> subprocess.CompletedProcess[str]:
        command = [kubectl, "kustomize", "--enable-alpha-plugins", str(tree / environment)]
        return subprocess.run(command, env=variables, capture_output=True, text=True, check=False)

    return build


def krmfn_build(tree: Path, environment: str) -> str:
    """Return what `krmfn build` prints of the same intent and overlay, with a Kptfile in place of the transformers."""
    shutil.copy(PACKAGE / "Kptfile", tree / "service/Kptfile")
    file = tree / environment / "kustomization.yaml"
    file.write_text(file.read_text().replace("transformers: [../functions]\n", ""))
    command = [f"{SCRIPTS}/krmfn", "build", str(tree / environment)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def edit(tree: Path, environment: str, old: str, new: str) -> None:
    file = tree / environment / "kustomization.yaml"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))


def test_the_example_runs_the_functions_of_a_package_in_their_order() -> None:
    pipeline = yaml.safe_load((PACKAGE / "Kptfile").read_text())["pipeline"]
    images = [step["image"] for field in ("mutators", "validators") for step in pipeline[field]]
    configs = list(yaml.safe_load_all((EXAMPLE / "functions/functions.yaml").read_text()))
    specs = [yaml.safe_load(one["metadata"]["annotations"]["config.kubernetes.io/function"]) for one in configs]
    assert [spec["container"]["image"] for spec in specs] == images
    assert [image.rpartition("/")[2].partition(":")[0] for image in images] == functions()


@pytest.mark.container
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_kustomize_with_our_images_gives_the_objects_of_a_build(
    in_containers: Kustomize, tree: Path, environment: str
) -> None:
    done = in_containers(environment)
    assert done.returncode == 0, done.stderr
    assert by_name(done.stdout) == by_name(krmfn_build(tree, environment))


@pytest.mark.container
def test_an_error_of_an_image_fails_the_build_of_kustomize(in_containers: Kustomize, tree: Path) -> None:
    edit(tree, "dev", "nvidia-l4", "nvidia-l5")
    done = in_containers("dev")
    assert (done.returncode, done.stdout) == (1, "")
    assert "spec.accelerator.type" in done.stderr
    assert "nvidia-l5" in done.stderr


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_kustomize_with_executables_gives_the_objects_of_a_build(
    by_executables: Kustomize, tree: Path, environment: str
) -> None:
    done = by_executables(environment)
    assert done.returncode == 0, done.stderr
    built = krmfn_build(tree, environment)
    assert by_name(done.stdout) == by_name(built)
    assert "#" in built
    assert "#" not in done.stdout  # the reasons are comments, and kustomize keeps none


def test_what_a_kustomization_gives_to_all_objects_misses_those_that_its_functions_make(
    by_executables: Kustomize, tree: Path
) -> None:
    """Its own transformers come first. A kustomization above it reaches all."""
    edit(tree, "dev", "namespace: llm-dev\n", "namespace: llm-dev\nlabels: [{pairs: {team: search}}]\n")
    (tree / "above").mkdir()
    (tree / "above/kustomization.yaml").write_text("resources: [../prod]\nlabels: [{pairs: {team: search}}]\n")
    found = {name: by_name(by_executables(name).stdout).values() for name in ("dev", "above")}
    assert found["dev"]
    assert found["above"]
    assert {one["metadata"].get("labels", {}).get("team") for one in found["dev"]} == {None}
    assert {one["metadata"].get("labels", {}).get("team") for one in found["above"]} == {"search"}
    assert {one["metadata"].get("labels", {}).get("team") for one in by_name(krmfn_build(tree, "dev")).values()} == {
        "search"
    }


def test_a_patch_of_what_functions_make_stands_in_a_kustomization_above(by_executables: Kustomize, tree: Path) -> None:
    name = "{name: llama-8b, namespace: llm-prod}"
    patch = (
        f'- patch: "{{apiVersion: apps/v1, kind: Deployment, metadata: {name}, spec: {{revisionHistoryLimit: 4}}}}"\n'
    )
    (tree / "above").mkdir()
    (tree / "above/kustomization.yaml").write_text(f"resources: [../prod]\npatches:\n{patch}")
    done = by_executables("above")
    assert done.returncode == 0, done.stderr
    assert by_name(done.stdout)["Deployment", "llama-8b"]["spec"]["revisionHistoryLimit"] == 4
    edit(tree, "prod", "patches:\n", f"patches:\n{patch}")
    refused = by_executables("prod")
    assert refused.returncode == 1
    assert "no matches for Id Deployment" in refused.stderr
