"""krmfn hydrate: all overlays into clusters/, validated, all of them or none."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import krmfn_here

INTENT = """\
- target: {kind: LLMService}
  patch: |-
    apiVersion: inference.fn.kpt.dev/v1alpha1
    kind: LLMService
    metadata: {name: any}
"""
DEPLOYMENT = """\
- patch: |-
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: vllm-llama3.1-8b-instruct}
    spec: {LINE}
"""


def hydrate(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return krmfn_here(tree, "hydrate", *arguments)


def state(tree: Path) -> dict[str, tuple[int, bytes]]:
    files = [file for file in tree.rglob("*") if file.is_file()]
    return {file.relative_to(tree).as_posix(): (file.stat().st_mtime_ns, file.read_bytes()) for file in files}


def objects(folder: Path) -> list[dict[str, Any]]:
    done = subprocess.run(["kubectl", "kustomize", folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


def add(tree: Path, environment: str, text: str) -> None:
    file = tree / f"overlays/{environment}/kustomization.yaml"
    file.write_text(file.read_text() + text)


def test_the_overlays_of_this_repository_hydrate_without_a_finding_and_only_what_changed_is_written(tree: Path) -> None:
    first = hydrate(tree)
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.splitlines()[-1].startswith("3 environments: files: ")
    replicas = {}
    for name in ("dev", "staging", "prod"):
        found = objects(tree / "clusters" / name)
        assert {one["metadata"].get("labels", {}).get("environment") for one in found} == {name}
        server = next(one for one in found if one["metadata"]["name"] == "vllm-llama3.1-8b-instruct")
        assert server["metadata"]["namespace"] == f"llm-{name}"
        replicas[name] = next(
            one["spec"]["replicas"]
            for one in found
            if one["kind"] == "Deployment" and "epp" not in one["metadata"]["name"]
        )
    assert replicas == {"dev": 1, "staging": 2, "prod": 4}
    before = state(tree)
    again = hydrate(tree)
    assert (again.returncode, again.stdout.splitlines()[-1]) == (0, "3 environments: files: unchanged")
    assert state(tree) == before
    assert hydrate(tree, "--check").returncode == 0

    add(tree, "dev", DEPLOYMENT.replace("LINE", "revisionHistoryLimit: 4"))
    (tree / "clusters/dev/mine.txt").write_text("mine")
    changed = state(tree)
    check = hydrate(tree, "--check")
    assert check.returncode == 1
    assert check.stderr.splitlines() == ["clusters/dev/model-server.yaml: differs"]
    assert state(tree) == changed
    assert hydrate(tree, "overlays/dev").returncode == 0
    after = state(tree)
    assert [name for name in after if after[name] != changed.get(name)] == ["clusters/dev/model-server.yaml"]
    assert after.keys() == changed.keys()


# What is added to the overlay dev, and what is said of it.
REFUSED = {
    "what the schema refuses": (
        INTENT + "    spec: {replicas: -1}\n",
        ("overlays/dev/kustomization.yaml", "spec.replicas"),
    ),
    "what the validator refuses": (
        INTENT + "    spec: {model: {maxModelLen: null}}\n",
        ("[error]", "overlays/dev/kustomization.yaml:9", "spec.accelerator.type", "--max-model-len", "of KV cache"),
    ),
    "a patch that the pipeline undoes": (
        DEPLOYMENT.replace("LINE", "progressDeadlineSeconds: 77"),
        ("[warning]", "overlays/dev/kustomization.yaml", "spec.progressDeadlineSeconds", "the overlay says 77"),
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_finding_above_info_fails_and_nothing_is_written_for_any_environment(tree: Path, case: str) -> None:
    text, words = REFUSED[case]
    add(tree, "dev", text)
    before = state(tree)
    done = hydrate(tree, "overlays/dev", "overlays/prod")
    assert done.returncode == 1
    assert any(all(word in line for word in words) for line in done.stderr.splitlines()), done.stderr
    assert done.stderr.splitlines()[-1] == "2 environments: 1 failed (overlays/dev); nothing was written"
    assert state(tree) == before


def test_an_environment_lets_warnings_pass_where_it_says_so(tree: Path) -> None:
    add(tree, "dev", REFUSED["a patch that the pipeline undoes"][0])
    add(tree, "dev", "metadata:\n  name: dev\n  annotations:\n    fn.kpt.dev/allowed-findings: warning\n")
    done = hydrate(tree, "overlays/dev")
    assert done.returncode == 0, done.stderr
    assert "[warning]" in done.stderr


def test_a_manifest_that_is_no_longer_built_goes_and_a_users_file_stays(tree: Path) -> None:
    kustomization = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n- gone.yaml\n"
    folder = tree / "clusters/dev"
    folder.mkdir(parents=True)
    for name, text in {"kustomization.yaml": kustomization, "gone.yaml": "a: b\n", "mine.yaml": "a: b\n"}.items():
        (folder / name).write_text(text)
    done = hydrate(tree, "overlays/dev")
    assert "1 deleted" in done.stdout
    assert not (folder / "gone.yaml").exists()
    assert (folder / "mine.yaml").exists()


def test_check_says_of_each_file_what_is_wrong_with_it_and_writes_nothing(tree: Path) -> None:
    first = hydrate(tree, "--check", "overlays/dev")
    assert first.returncode == 1
    assert "clusters/dev/gateway.yaml: is missing" in first.stderr.splitlines()
    assert {line.partition(": ")[2] for line in first.stderr.splitlines()} == {"is missing"}
    count = len(first.stderr.splitlines())
    assert first.stdout.splitlines() == [
        f"overlays/dev: clusters/dev: {count} to be written",
        f"1 environment: files: {count} to be written; run krmfn hydrate",
    ]
    assert not (tree / "clusters").exists()

    assert hydrate(tree, "overlays/dev").returncode == 0
    folder = tree / "clusters/dev"
    (folder / "gateway.yaml").unlink()
    (folder / "route.yaml").write_text("a: b\n")
    (folder / "gone.yaml").write_text("a: b\n")
    with (folder / "kustomization.yaml").open("a") as file:
        file.write("- gone.yaml\n")
    then = hydrate(tree, "--check", "overlays/dev")
    assert then.returncode == 1
    assert then.stderr.splitlines() == [
        "clusters/dev/gateway.yaml: is missing",
        "clusters/dev/kustomization.yaml: differs",
        "clusters/dev/route.yaml: differs",
        "clusters/dev/gone.yaml: is no longer built",
    ]
    end = "1 environment: files: 3 to be written, 1 to be deleted; run krmfn hydrate"
    assert then.stdout.splitlines()[-1] == end


def test_two_overlays_of_one_name_are_refused(tree: Path) -> None:
    (tree / "more/dev").mkdir(parents=True)
    done = hydrate(tree, "overlays/dev", "more/dev")
    assert (done.returncode, done.stderr) == (
        2,
        "krmfn: overlays/dev and more/dev would both be written to dev: rename one\n",
    )


def test_a_folder_whose_overlay_is_gone_is_told_and_stays(tree: Path) -> None:
    """It is still applied. A folder that nobody built is nobody's business, nor is any where overlays are named."""
    assert hydrate(tree).returncode == 0
    shutil.rmtree(tree / "overlays/staging")
    (tree / "clusters/mine").mkdir()
    (tree / "clusters/mine/kustomization.yaml").write_text("resources: []\n")
    said = "clusters/staging: its overlay is gone, and it is still applied: delete it, or put the overlay back"
    for arguments in ((), ("--check",)):
        done = hydrate(tree, *arguments)
        assert (done.returncode, done.stderr.splitlines()) == (0, [said])
    assert hydrate(tree, "overlays/dev").stderr == ""
    assert (tree / "clusters/staging/gateway.yaml").exists()


def test_without_kustomize_it_is_said_once(tree: Path) -> None:
    """And not of each environment."""
    command = [f"{SCRIPTS}/krmfn", "hydrate"]
    done = subprocess.run(command, cwd=tree, env={"PATH": ""}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        "[error] neither kubectl nor kustomize is in PATH; install one of them",
        "not hydrated, no file was changed",
    ]
