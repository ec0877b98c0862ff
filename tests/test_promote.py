"""krmfn promote: one environment takes over fields of another, as a change of its patch and of nothing else."""

import difflib
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT, krmfn_here

HEAD = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
{}resources:
- ../../packages/llama-3.1-8b
namespace: {} # where it lives
patches:
- patch: |
    apiVersion: inference.fn.kpt.dev/v1alpha1
    kind: LLMService
    metadata:
      name: vllm-llama3.1-8b-instruct
    spec:
"""
DEV = (
    HEAD.format("", "llm-dev")
    + """\
      release: gaie-v1.5
      replicas: 1
      model:
        maxOutputTokens: 1024
      server:
        image: "docker.io/vllm/vllm-openai@sha256:{}"
"""
)
PINS = "fn.kpt.dev/promoted-fields: spec.release, spec.server.image, spec.adapters"
METADATA = f"metadata:\n  name: prod\n  annotations:\n    {PINS}\n"
PROD = (
    HEAD.format(METADATA, "llm-prod")
    + """\
      # Tested for a week.
      release: 'gaie-v1.0' # pinned
      replicas: 4   # one for each zone
"""
)
IMAGE = DEV.format("a" * 64)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "packages/llama-3.1-8b", tmp_path / "packages/llama-3.1-8b")
    for name, text in (("dev", IMAGE), ("prod", PROD)):
        (tmp_path / f"overlays/{name}").mkdir(parents=True)
        (tmp_path / f"overlays/{name}/kustomization.yaml").write_text(text)
    return tmp_path


def promote(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return krmfn_here(tree, "promote", *arguments)


def prod(tree: Path) -> str:
    return (tree / "overlays/prod/kustomization.yaml").read_text()


def changed(old: str, new: str) -> list[str]:
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=0)
    return [line for line in lines if line[:3] not in ("---", "+++") and line[:2] != "@@"]


def test_what_is_pinned_is_taken_and_nothing_else_of_the_file_changes(tree: Path) -> None:
    """Comments and quotes stay, and so do the fields that are the environment's own."""
    shown = promote(tree, "dev", "prod")
    assert (shown.returncode, prod(tree)) == (0, PROD), shown.stderr
    done = promote(tree, "overlays/dev", "overlays/prod", "--write")
    assert done.returncode == 0, done.stderr
    assert changed(PROD, prod(tree)) == [
        "-      release: 'gaie-v1.0' # pinned",
        "+      release: 'gaie-v1.5' # pinned",
        "+      server:",
        f"+        image: docker.io/vllm/vllm-openai@sha256:{'a' * 64}",
    ]
    assert "+      release: 'gaie-v1.5' # pinned\n" in shown.stdout
    assert "spec.release: gaie-v1.0 → gaie-v1.5" in done.stderr
    again = promote(tree, "dev", "prod", "--write")
    assert again.stderr.endswith("overlays/dev → overlays/prod: nothing to promote\n")


def test_what_is_shown_is_a_patch_that_git_applies(tree: Path) -> None:
    shown = promote(tree, "dev", "prod")
    subprocess.run(["git", "apply", "-p0", "--unidiff-zero"], cwd=tree, input=shown.stdout, text=True, check=True)
    assert "gaie-v1.5" in prod(tree)


def test_a_field_that_is_named_is_taken_alone(tree: Path) -> None:
    done = promote(tree, "dev", "prod", "--field", "spec.model.maxOutputTokens", "--write")
    assert done.returncode == 0, done.stderr
    assert changed(PROD, prod(tree)) == ["+      model:", "+        maxOutputTokens: 1024"]


def test_a_field_that_is_gone_goes(tree: Path) -> None:
    """Also where the package itself has it: the patch then says that it is none."""
    done = promote(tree, "prod", "dev", "--field", "spec.model.maxOutputTokens", "--field", "spec.server", "--write")
    assert done.returncode == 0, done.stderr
    assert promote(tree, "prod", "dev", "--field", "spec.server").stderr.endswith("nothing to promote\n")


# A container beside the server, which no function owns.
SIDECAR = """\
- patch: |-
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: vllm-llama3.1-8b-instruct}
    spec: {template: {spec: {containers: [{name: proxy, image: "example.com/proxy:v0"}]}}}
"""
IMAGES = "images:\n- name: {}\n  newTag: v1\n"


def test_images_of_kustomize_are_taken_where_they_are_named(tree: Path) -> None:
    images = IMAGES.format("example.com/proxy")
    for name, more in (("dev", SIDECAR + images), ("prod", SIDECAR)):
        file = tree / f"overlays/{name}/kustomization.yaml"
        file.write_text(file.read_text() + more)
    done = promote(tree, "dev", "prod", "--field", "images", "--write")
    assert done.returncode == 0, done.stderr
    assert images in prod(tree)


def test_what_hydrate_would_refuse_is_refused_and_nothing_is_written(tree: Path) -> None:
    """The server's image is a field of the intent: kustomize's own image for it is a patch that a function undoes."""
    file = tree / "overlays/dev/kustomization.yaml"
    file.write_text(file.read_text() + IMAGES.format("docker.io/vllm/vllm-openai"))
    done = promote(tree, "dev", "prod", "--field", "images", "--write")
    assert (done.returncode, prod(tree)) == (1, PROD)
    start = (
        "[error] overlays/prod/kustomization.yaml: krmfn hydrate would refuse what is proposed: [warning] Deployment"
    )
    (line,) = (line for line in done.stderr.splitlines() if line.startswith(start))
    assert "image: the overlay says docker.io/vllm/vllm-openai:v1" in line
    assert "a function owns this field" in line


# What cannot be promoted, the exit status, and what is said.
REFUSED: dict[str, tuple[tuple[str, ...], int, str]] = {
    "nothing is named": (("prod", "dev"), 1, "says nothing of what it takes over; they differ in spec.model"),
    "no field of an intent": (("dev", "prod", "--field", "metadata.name"), 1, "expected a field of the intent"),
    "no such environment": (("deb", "prod"), 2, "deb: no such folder; overlays/ has dev, none, odd, prod"),
    "one environment": (("dev", "dev"), 2, "promote takes two overlays"),
    "what does not build there": (
        ("odd", "prod", "--field", "spec.accelerator"),
        1,
        "overlays/prod/kustomization.yaml: what is proposed does not build",
    ),
    "no patch to write to": (("dev", "none", "--field", "spec.release"), 1, "no patch of vllm-llama3.1-8b-instruct"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_promoted_is_refused_and_nothing_is_written(tree: Path, case: str) -> None:
    arguments, status, words = REFUSED[case]
    for name, text in {
        "odd": IMAGE + "      accelerator: {type: nvidia-l4}\n",
        "none": HEAD.format("", "none").partition("patches")[0],
    }.items():
        (tree / f"overlays/{name}").mkdir()
        (tree / f"overlays/{name}/kustomization.yaml").write_text(text)
    odd = tree / "overlays/odd/kustomization.yaml"
    odd.write_text(odd.read_text().replace("maxOutputTokens: 1024", "maxModelLen: 8192"))
    before = {file: file.read_bytes() for file in tree.rglob("*") if file.is_file()}
    done = promote(tree, *arguments, "--write")
    assert done.returncode == status
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert {file: file.read_bytes() for file in tree.rglob("*") if file.is_file()} == before


# What dev says in fields of several sections of the intent, and which of them prod takes over.
TAKEN: dict[str, str] = {
    "weights": "      weights: {uri: 'gs://weights/llama', serviceAccountName: reader}\n"
    "      availability: {maxUnavailable: 1, spread: zone, spareGPUs: 0}\n"
    "      networkPolicy: {gatewayRanges: [10.129.0.0/23]}\n"
    "      lora: {loader: syncer}\n"
    "      route: {hostnames: [llm.example.com], pathPrefix: /v1}\n",
    "server.apiKeySecret": "      server: {apiKeySecret: {name: key}}\n      route: {pathPrefix: /v1}\n"
    "      lora: {loader: static}\n",
    "accelerator.sharedBy": "      accelerator: {sharedBy: 2}\n",
    "parallelism": "      accelerator: {count: 2}\n      parallelism: {pipeline: 2}\n",
    "autoscaling": "      replicas: null\n      autoscaling: {maxReplicas: 6, scaler: hpa}\n",
}
# Fields that only make sense together are promoted together, and so are some that do not touch each other.
TOGETHER = {
    "weights": ("availability", "networkPolicy", "lora", "route"),
    "server.apiKeySecret": ("route", "lora"),
    "parallelism": ("accelerator.count",),
    "autoscaling": ("replicas",),
}


@pytest.mark.parametrize("field", TAKEN)
def test_an_environment_with_a_promoted_field_builds_what_the_other_does(tree: Path, field: str) -> None:
    """Namespaces and labels apart there is nothing left that differs."""
    head = HEAD.format("", "llm")
    for name, own in (("dev", TAKEN[field]), ("prod", "      replicas: 3\n")):
        (tree / f"overlays/{name}/kustomization.yaml").write_text(head + own)
    fields = (field, *TOGETHER.get(field, ()))
    done = promote(tree, "dev", "prod", *(f"--field=spec.{one}" for one in fields), "--write")
    assert done.returncode == 0, done.stderr
    differs = krmfn_here(tree, "diff", "overlays/dev", "overlays/prod")
    assert (differs.returncode, differs.stdout, differs.stderr) == (0, "nothing differs\n", "")


def test_one_field_is_one(tree: Path) -> None:
    done = promote(tree, "dev", "prod", "--field", "spec.model.maxOutputTokens")
    assert done.stderr.splitlines()[-1] == "overlays/dev → overlays/prod: 1 field differs"


def test_the_ends_of_lines_stay(tree: Path) -> None:
    file = tree / "overlays/prod/kustomization.yaml"
    file.write_bytes(PROD.replace("\n", "\r\n").encode())
    done = promote(tree, "dev", "prod", "--field", "spec.release", "--write")
    assert done.returncode == 0, done.stderr
    assert file.read_bytes().decode() == PROD.replace("'gaie-v1.0'", "'gaie-v1.5'").replace("\n", "\r\n")
