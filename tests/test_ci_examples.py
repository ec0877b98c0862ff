"""deploy/ci: the commands of the examples, as GitHub and GitLab would run them, in a clone with two commits."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT, SCRIPTS

COMMENTS = '#!/bin/sh\necho "$@" >> commented\n'  # takes the place of gh and curl, which need the network


@pytest.fixture
def clone(tmp_path: Path, hydrated: Path) -> Path:
    """A repository whose environments are hydrated and committed, with what the examples call."""
    return Path(shutil.copytree(hydrated, tmp_path / "clone", symlinks=True))


@pytest.fixture(scope="module")
def hydrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tree = tmp_path_factory.mktemp("hydrated") / "clone"
    for name in ("packages", "overlays", "deploy"):
        shutil.copytree(ROOT / name, tree / name)
    (tree / ".gitignore").write_text(".venv/\nbuild/\nbin/\ncommented\n")
    (tree / "Makefile").write_text(".venv/.locked: ;\n")
    (tree / ".venv").mkdir()
    (tree / ".venv/bin").symlink_to(SCRIPTS)
    (tree / "bin").mkdir()
    for name in ("gh", "curl"):
        (tree / "bin" / name).write_text(COMMENTS)
        (tree / "bin" / name).chmod(0o755)
    hydrate(tree)
    git(tree, "init", "-qb", "main")
    commit(tree)
    git(tree, "update-ref", "refs/remotes/origin/main", "HEAD")
    return tree


def git(tree: Path, *arguments: str) -> None:
    name = ("-c", "user.name=test", "-c", "user.email=test@example.com")
    subprocess.run(["git", *name, *arguments], cwd=tree, check=True, capture_output=True)


def commit(tree: Path) -> None:
    git(tree, "add", ".")
    git(tree, "commit", "-qm", "state")


def hydrate(tree: Path) -> None:
    subprocess.run([f"{SCRIPTS}/krmfn", "hydrate"], cwd=tree, check=True, capture_output=True)


def edit(tree: Path) -> None:
    file = tree / "overlays/prod/kustomization.yaml"
    text = file.read_text()
    assert "replicas: 4" in text
    file.write_text(text.replace("replicas: 4", "replicas: 5"))


def github() -> list[str]:
    (job,) = yaml.safe_load((ROOT / "deploy/ci/github-actions.yaml").read_text())["jobs"].values()
    return [step["run"] for step in job["steps"] if "run" in step]


def gitlab() -> list[str]:
    job = yaml.safe_load((ROOT / "deploy/ci/gitlab-ci.yaml").read_text())["environments"]
    return [*job["before_script"], *job["script"]]


def run(tree: Path, commands: list[str]) -> subprocess.CompletedProcess[str]:
    names = dict.fromkeys(("NUMBER", "TOKEN", "CI_PROJECT_ID", "CI_MERGE_REQUEST_IID"), "1")
    branch = {"GITHUB_BASE_REF": "main", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main", "CI_API_V4_URL": "https://git"}
    environment = {**os.environ, **names, **branch, "PATH": f"{tree}/bin{os.pathsep}{os.environ['PATH']}"}
    script = "\n".join(commands)
    return subprocess.run(
        ["bash", "-euc", script], cwd=tree, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("commands", [github(), gitlab()], ids=["GitHub", "GitLab"])
def test_a_pull_request_gets_the_difference_its_effects_and_a_picture(clone: Path, commands: list[str]) -> None:
    edit(clone)
    hydrate(clone)
    commit(clone)
    done = run(clone, commands)
    assert done.returncode == 0, done.stdout + done.stderr
    said = (clone / "build/changes.md").read_text()
    assert re.findall("^### (.*)$", said, re.MULTILINE) == ["`origin/main:clusters/prod` → `clusters/prod`"]
    assert "1 server more: 1 GPU more" in said
    assert "| `spec.replicas` | `4` | `5` | from `spec.replicas` |" in said
    assert "```mermaid\nflowchart LR\n" in said
    assert "build/changes.md" in (clone / "commented").read_text()


def test_a_pull_request_that_deletes_an_environment_says_so(clone: Path) -> None:
    for folder in ("overlays/staging", "clusters/staging"):
        shutil.rmtree(clone / folder)
    commit(clone)
    done = run(clone, github())
    assert done.returncode == 0, done.stdout + done.stderr
    said = (clone / "build/changes.md").read_text()
    assert said.startswith("### `clusters/staging` goes: ")
    assert said.count("###") == 1


def test_what_somebody_forgot_to_hydrate_fails(clone: Path) -> None:
    edit(clone)
    commit(clone)
    done = run(clone, github())
    assert done.returncode == 1
    assert "clusters/prod/model-server.yaml: differs" in done.stderr
    assert not (clone / "commented").exists()


def test_a_pull_request_that_changes_no_environment_says_so(clone: Path) -> None:
    done = run(clone, github())
    assert done.returncode == 0, done.stderr
    assert (clone / "build/changes.md").read_text() == "No environment changes.\n"
