"""krmfn diff: overlays, packages, commits and streams, by object and field, with why and what it does."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SCRIPTS, krmfn_here

NAME = "vllm-llama3.1-8b-instruct"


def diff(tree: Path, *arguments: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
    return krmfn_here(tree, "diff", *arguments, given=given)


def objects(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """Return what a JSON says of each object, by kind and name."""
    return {f"{one['kind']} {one['name']}": one for one in json.loads(done.stdout)["objects"]}


def edit(tree: Path, *replacements: tuple[str, str], file: str = "packages/llama-3.1-8b/llm.yaml") -> None:
    text = (tree / file).read_text()
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    (tree / file).write_text(text)


def test_two_environments_differ_by_their_intents_and_what_follows(tree: Path) -> None:
    """Namespaces and labels are said once, and each number with its reason and the fields that it follows from."""
    done = diff(tree, "overlays/dev", "overlays/prod")
    assert (done.returncode, done.stderr) == (1, "")
    lines = done.stdout.splitlines()
    assert "namespace: llm-dev → llm-prod, with the names that follow from it" in lines
    assert sum("environment" in line for line in lines) == 2
    at = lines.index("  spec.template.spec.containers[name=vllm].args[--max-loras]: 1 → 2")
    assert lines[at + 1].startswith("    because 2 adapters, ")
    assert lines[at + 2] == "    follows from spec.adapters"
    assert "  => 3 servers more: 3 GPUs more" in lines
    assert any(line.startswith("  => restarts 4 servers") and "1 more GPU while rolling" in line for line in lines)


def test_an_environment_and_itself_do_not_differ(tree: Path) -> None:
    done = diff(tree, "overlays/dev", "overlays/../overlays/dev")
    assert (done.returncode, done.stdout, done.stderr) == (0, "nothing differs\n", "")


# A change of the intent, an object that it changes, and what is said to follow.
EFFECTS = {
    "priority": (("priority: 20", "priority: -5"), "InferenceObjective llama3-base-model", "becomes -5, at once"),
    "priority gone": (
        ("    priority: 10\n", ""),
        "InferenceObjective food-review",
        "priority of food-review becomes 0, for whoever names it in x-gateway-inference-objective",
    ),
    "adapter gone": (
        ("  - name: cad-fabricator\n    source: redcathode/fabricator\n", ""),
        f"ConfigMap {NAME}-adapters",
        "no longer lists cad-fabricator, which stays loaded until its server restarts",
    ),
    "replicas": (("replicas: 3", "replicas: 5"), f"Deployment {NAME}", "2 servers more: 2 GPUs more"),
    "autoscaling": (
        ("replicas: 3", "autoscaling: {maxReplicas: 5, prometheus: http://prometheus:9090}"),
        f"Deployment {NAME}",
        "says no more how many servers there are",
    ),
    "class": (
        ("gke-l7-regional-external-managed", "gke-l7-rilb"),
        "Gateway inference-gateway",
        "another load balancer is made, with another address",
    ),
    "group of objectives": (
        ("gaie-v1.0", "llm-d-router-v0.11"),
        "InferenceObjective food-review",
        "clients have to name it in the header x-llm-d-inference-objective",
    ),
    "nodes": (
        ("nvidia-h100-80gb", "nvidia-a100-80gb"),
        f"Deployment {NAME}",
        "cloud.google.com/gke-accelerator=nvidia-a100-80gb",
    ),
}


@pytest.mark.parametrize("case", EFFECTS)
def test_what_a_change_does_to_what_runs_is_said(tree: Path, case: str) -> None:
    replacement, name, effect = EFFECTS[case]
    shutil.copytree(tree / "packages", tree / "before")
    edit(tree, replacement)
    subprocess.run([f"{SCRIPTS}/krmfn", "render", "packages"], cwd=tree, capture_output=True, check=True)
    done = diff(tree, "before/llama-3.1-8b", "packages/llama-3.1-8b", "-o", "json")
    assert done.returncode == 1, done.stderr
    assert any(effect in line for line in objects(done)[name]["effects"]), objects(done)[name]["effects"]


def test_a_claim_that_cannot_become_what_it_is_to_be_is_said(tree: Path) -> None:
    """A cache that shrinks, and one of another class."""
    edit(tree, ("replicas: 3", "weights: {cache: {size: 80Gi, storageClassName: nfs}}\n  replicas: 3"))
    subprocess.run([f"{SCRIPTS}/krmfn", "render", "packages"], cwd=tree, capture_output=True, check=True)
    shutil.copytree(tree / "packages", tree / "before")
    edit(tree, ("{size: 80Gi, storageClassName: nfs}", "{size: 40Gi, storageClassName: fast}"))
    done = subprocess.run(
        [f"{SCRIPTS}/krmfn", "render", "packages"], cwd=tree, capture_output=True, text=True, check=True
    )
    assert done.stderr.count("the API server refuses it") == 2, done.stderr
    done = diff(tree, "before/llama-3.1-8b", "packages/llama-3.1-8b", "-o", "json")
    (effect,) = objects(done)["PersistentVolumeClaim vllm-llama3-1-8b-instruct-cache"]["effects"]
    assert "storageClassName nfs cannot become fast; resources.requests.storage 80Gi cannot shrink to 40Gi" in effect


def test_two_commits_differ_also_where_only_the_base_changed(tree: Path) -> None:
    def git(*arguments: str) -> None:
        name = ("-c", "user.name=test", "-c", "user.email=test@example.com")
        subprocess.run(["git", *name, *arguments], cwd=tree, check=True, capture_output=True)

    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "one")
    edit(tree, ("    id: meta-llama", "    maxOutputTokens: 1024\n    id: meta-llama"))
    done = diff(tree, "HEAD:overlays/prod", "overlays/prod", "--output=json")
    assert done.returncode == 1, done.stderr
    found = objects(done)[f"Deployment {NAME}"]["differences"]
    (grace,) = (one for one in found if one["path"].endswith("terminationGracePeriodSeconds"))
    assert grace["followsFrom"] == ["spec.model.maxOutputTokens"]
    assert "1024 tokens" in grace["reason"]
    git("commit", "-qam", "two")
    again = diff(tree, "HEAD~1:overlays/prod", "HEAD:overlays/prod", "--output=json")
    assert json.loads(again.stdout)["objects"] == json.loads(done.stdout)["objects"]


def test_markdown_says_first_what_happens(tree: Path) -> None:
    done = diff(tree, "overlays/staging", "overlays/prod", "--output", "markdown")
    assert done.returncode == 1
    assert done.stdout.startswith(f"### `overlays/staging` → `overlays/prod`\n\n- **Deployment {NAME}** ")
    assert "| `spec.replicas` | `2` | `4` | from `spec.replicas` |\n" in done.stdout


def test_a_stream_is_compared_with_a_folder(tree: Path) -> None:
    built = subprocess.run(
        [f"{SCRIPTS}/krmfn", "build", "overlays/dev"], cwd=tree, capture_output=True, text=True, check=True
    )
    text = built.stdout.replace("replicas: 1\n", "replicas: 2\n", 1)
    assert text != built.stdout
    done = diff(tree, "overlays/dev", "-", given=text)
    assert done.returncode == 1
    assert "spec.replicas: 1 → 2" in done.stdout


def test_what_a_pipe_holds_is_compared(tree: Path) -> None:
    """As of `krmfn diff FOLDER <(kubectl get …)`."""
    edited = "sed 's/replicas: 3/replicas: 4/' packages/llama-3.1-8b/model-server.yaml"
    command = f"{SCRIPTS}/krmfn diff packages/llama-3.1-8b <({edited})"
    done = subprocess.run(["bash", "-c", command], cwd=tree, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "spec.replicas: 3 → 4" in done.stdout


# What cannot be compared, and what is said of it.
WRONG = {
    "one side": (("overlays/dev",), "takes two sides"),
    "the same side": (("overlays/dev", "overlays/dev"), "takes two sides"),
    "no such folder": (("overlays/dev", "overlays/deb"), "overlays/deb: no such file or folder"),
    "no such commit": (("nope:overlays/dev", "overlays/dev"), "nope:overlays/dev: no such file or folder, and as a"),
    "no manifests": (("overlays/dev", "empty.yaml"), "empty.yaml: no Kubernetes object"),
    "no YAML": (("overlays/dev", "broken.yaml"), "broken.yaml: document 1, line 1: "),
    "no UTF-8": (("overlays/dev", "latin.yaml"), "latin.yaml: byte 9 is not UTF-8"),
    "an overlay that does not build": (("overlays/dev", "overlays/bad"), "spec.replicas"),
    "a format": (("overlays/dev", "overlays/prod", "-o", "html"), "found html, expected text, markdown, json"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_compared_is_misuse(tree: Path, case: str) -> None:
    arguments, words = WRONG[case]
    (tree / "empty.yaml").write_text("# nothing\n")
    (tree / "broken.yaml").write_text("kind: [\n")
    (tree / "latin.yaml").write_bytes(b"kind: caf\xe9\n")
    shutil.copytree(tree / "overlays/dev", tree / "overlays/bad")
    edit(tree, ("replicas: 1", "replicas: -1"), file="overlays/bad/kustomization.yaml")
    done = diff(tree, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


# Two releases


def test_two_releases_of_a_package_differ_as_two_renders_do(tree: Path) -> None:
    """By object, field and effect; the package itself stays as it is."""
    package = "packages/llama-3.1-8b"
    before = {file: file.read_bytes() for file in (tree / package).rglob("*") if file.is_file()}
    for release in ("gaie-v1.5", "llm-d-router-v0.11"):
        shutil.copytree(tree / package, tree / release)
        edit(tree, ("release: gaie-v1.0", f"release: {release}"), file=f"{release}/llm.yaml")
        rendered = subprocess.run([f"{SCRIPTS}/krmfn", "render", release], cwd=tree, capture_output=True, check=False)
        assert rendered.returncode == 0, rendered.stderr
    asked = diff(tree, f"{package}@spec.release=gaie-v1.5", f"{package}@spec.release=llm-d-router-v0.11")
    assert (asked.returncode, asked.stderr) == (1, "")
    assert asked.stdout == diff(tree, "gaie-v1.5", "llm-d-router-v0.11").stdout
    assert "  spec.release: gaie-v1.5 → llm-d-router-v0.11" in asked.stdout.splitlines()
    assert "llm-d.ai" in asked.stdout
    assert "  => " in asked.stdout
    assert {file: file.read_bytes() for file in (tree / package).rglob("*") if file.is_file()} == before


def test_an_environment_in_another_release_differs_from_itself(tree: Path) -> None:
    done = diff(tree, "overlays/dev", "overlays/dev@spec.release=gaie-v1.5")
    assert (done.returncode, done.stderr) == (1, "")
    lines = done.stdout.splitlines()
    assert "  spec.release: gaie-v1.0 → gaie-v1.5" in lines
    assert not any(line.startswith("namespace") or "environment" in line for line in lines)
    same = diff(tree, "overlays/dev", "overlays/dev@spec.release=gaie-v1.0")
    assert (same.returncode, same.stdout, same.stderr) == (0, "nothing differs\n", "")


# What is asked for, and what is said of it.
NO_ALTERNATIVE = {
    "a release that is none": ("packages/llama-3.1-8b@spec.release=gaie-v9", ("llm.yaml:8", "spec.release", "gaie-v9")),
    "a field that no intent has": (
        "packages/llama-3.1-8b@spec.releese=gaie-v1.5",
        ("no intent in it has spec.releese",),
    ),
    "no package": ("packages/nothing@spec.release=gaie-v1.5", ("packages/nothing: no such file or folder",)),
    "a file": ("packages/llama-3.1-8b/llm.yaml@spec.release=gaie-v1.5", ("is a file", "takes a package or an overlay")),
    "no YAML": ("packages/llama-3.1-8b@spec.release={", ("cannot be read as YAML",)),
}


@pytest.mark.parametrize("case", NO_ALTERNATIVE)
def test_what_cannot_be_rendered_is_said(tree: Path, case: str) -> None:
    operand, words = NO_ALTERNATIVE[case]
    done = diff(tree, "packages/llama-3.1-8b", operand)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("krmfn: diff: ")
    assert all(word in done.stderr for word in words), done.stderr
    assert "Traceback" not in done.stderr
    assert "/tmp" not in done.stderr
