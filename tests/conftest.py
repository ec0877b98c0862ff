"""What tests across rooms share: the tools that they drive, and the reference data beside the repository."""

import contextlib
import io
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn
from unittest import mock

import pytest
import yaml
from krm_functions_sdk import krmfn
from krm_functions_sdk.kpt.render import render
from krm_inference.domain.facts import merging

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "packages" / "llama-3.1-8b"
# The packages that serve a model; `cluster` makes the nodes for them, in another cluster.
SERVING = sorted(
    path.parent for path in (ROOT / "packages").glob("*/Kptfile") if "generate-model-server" in path.read_text()
)
SCRIPTS = Path(sys.executable).parent

Edit = tuple[str, str]


def missing(reason: str) -> NoReturn:
    """Skip the test on a developer's machine; fail it under CI, where everything is expected."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def krmfn_here(folder: Path, *arguments: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run krmfn in a folder, in this process: a hundred starts take seconds. test_terminals.py starts each command."""
    command = ["krmfn", *arguments]
    out, err, stdin = io.StringIO(), io.StringIO(), io.TextIOWrapper(io.BytesIO((given or "").encode()))
    with (
        contextlib.chdir(folder),
        mock.patch.object(sys, "argv", command),
        mock.patch.object(sys, "stdin", stdin),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        status = krmfn.main()
    return subprocess.CompletedProcess(command, status, out.getvalue(), err.getvalue())


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def require() -> Callable[[str], str]:
    """Return the path of a real tool that the test drives, such as kpt or kubectl."""

    def find(tool: str) -> str:
        return shutil.which(tool) or missing(f"needs {tool} on the PATH")

    return find


@pytest.fixture(scope="session")
def kpt(require: Callable[[str], str]) -> str:
    """The real kpt."""
    return require("kpt")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The reference data (CRDs, charts, the tutorial), in the folder KRM_SHARED or beside the repository."""
    folder = Path(os.environ.get("KRM_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"needs the reference data in {folder} (KRM_SHARED)")
    return folder


class Copy:
    """A copy of the package in a folder of its own, to be edited and rendered."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.said: list[str] = []

    def edit(self, *replacements: tuple[str, str], file: str = "llm.yaml") -> None:
        """Replace texts in a file; each must be there."""
        text = self.read(file)
        for old, new in replacements:
            assert old in text, f"{file} holds no {old!r}"
            text = text.replace(old, new)
        self.write(file, text)

    def read(self, file: str) -> str:
        return (self.root / file).read_bytes().decode()

    def write(self, file: str, text: str) -> None:
        (self.root / file).parent.mkdir(parents=True, exist_ok=True)
        (self.root / file).write_bytes(text.encode())

    def texts(self) -> dict[str, str]:
        """Return the text of every file by its path."""
        files = sorted(path for path in self.root.rglob("*") if path.is_file())
        return {path.relative_to(self.root).as_posix(): path.read_bytes().decode() for path in files}

    def manifests(self) -> dict[str, str]:
        """Return the text of the intent and of what was made of it, by the file's name."""
        own = (".", "kust", "Kpt", "READ", "smoke")
        return {name: text for name, text in self.texts().items() if not name.startswith(own)}

    def is_golden(self, folder: Path) -> bool:
        """Render, without a fault, and say whether that gives what is stored, which is written anew where asked for."""
        assert self.render(), self.said
        rendered, stored = self.manifests(), {path.name: path.read_bytes().decode() for path in folder.glob("*.yaml")}
        if os.environ.get("UPDATE_GOLDEN") and rendered != stored:
            for name in stored.keys() - rendered.keys():
                (folder / name).unlink()
            folder.mkdir(parents=True, exist_ok=True)
            for name, text in rendered.items():
                (folder / name).write_bytes(text.encode())
            return True
        return rendered == stored

    def objects(self) -> list[dict[str, Any]]:
        """Return the Kubernetes objects that would be applied."""
        found: list[dict[str, Any]] = []
        for path in sorted(self.root.rglob("*.yaml")):
            found += [document for document in yaml.safe_load_all(path.read_text()) if document]
        return [one for one in found if one.get("kind") not in ("Kustomization", "LLMService", None)]

    def render(self) -> bool:
        """Render with the embedded renderer and say whether it worked; `said` then holds its results."""
        self.said = []
        return render(self.root, lambda _: None, self.said.append)

    def render_with_kpt(self, kpt: str, *options: str) -> subprocess.CompletedProcess[str]:
        """Render with kpt, each image replaced by the console script of its name."""
        kptfiles = {path: path.read_text() for path in self.root.rglob("Kptfile")}
        for path, text in kptfiles.items():
            path.write_text(re.sub(r"image: \S*/([a-z-]+):\S+", rf"exec: {SCRIPTS}/\1", text))
        command = [kpt, "fn", "render", str(self.root), "--allow-exec", "--truncate-output=false", *options]
        try:
            return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
        finally:
            for path, text in kptfiles.items():
                path.write_text(text)


# Packages as a reader of the guide makes them, by the options of `krmfn init`: on GKE, and elsewhere with adapters.
FRESH = {
    "fresh": ("--model=Qwen/Qwen3-8B",),
    "fresh-with-adapters": (
        "--model=meta-llama/Llama-3.3-70B-Instruct", "--platform=eks", "--gateway-class=istio",
        "--release=llm-d-router-v0.11", "--adapter=poems=example/poems", "--adapter=laws=example/laws",
    ),
}  # fmt: skip


@pytest.fixture(scope="session")
def all_packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every package of the repository, as committed, and those that the guide makes."""
    root = tmp_path_factory.mktemp("all") / "packages"
    shutil.copytree(ROOT / "packages", root)
    for name, flags in FRESH.items():
        command = [str(SCRIPTS / "krmfn"), "init", name, *flags]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    return root


def written(folder: Path) -> Copy:
    """Return a copy of the package as its author wrote it: without the files that the functions generate."""
    root = folder / "llama-3.1-8b"
    shutil.copytree(PACKAGE, root)
    for file in yaml.safe_load((root / "kustomization.yaml").read_text())["resources"]:
        (root / file).unlink(missing_ok=True)
    return Copy(root)


@pytest.fixture
def intent(tmp_path: Path) -> Copy:
    """A copy of the package as its author wrote it: without the files that the functions generate."""
    return written(tmp_path)


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """The package, rendered from its intent alone: not to be touched."""
    copy = written(tmp_path_factory.mktemp("rendered"))
    assert copy.render(), copy.said
    return copy


@pytest.fixture
def package(tmp_path: Path, rendered: Copy) -> Copy:
    """A copy of the package, rendered from its intent alone."""
    root = tmp_path / "llama-3.1-8b"
    shutil.copytree(rendered.root, root)
    return Copy(root)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the package and of all overlays, as they lie in the repository."""
    for name in ("packages/llama-3.1-8b", "overlays"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


# Changes of the intent, as replacements of its text

ADAPTERS = f"  adapters: {merging.comment('adapters')}\n"
FOOD_REVIEW = "  - name: food-review\n    source: Kawon/llama3.1-food-finetune_v14_r8\n    priority: 10\n"
CAD_FABRICATOR = "  - name: cad-fabricator\n    source: redcathode/fabricator\n"
BASE_MODEL = f"  objectives: {merging.comment('objectives')}\n  - name: llama3-base-model\n    priority: 20\n"


def at(anchor: str, more: str) -> Edit:
    """Insert text behind a text of the intent."""
    return anchor, anchor + more


def server(more: str) -> Edit:
    return at("  replicas: 3\n", f"  server:\n{more}")


def model(more: str) -> Edit:
    return at("    id: meta-llama/Llama-3.1-8B-Instruct\n", more)


def routed(more: str) -> Edit:
    return at("    className: gke-l7-regional-external-managed\n", more)


EDITS: dict[str, list[Edit]] = {
    "accelerator": [("nvidia-h100-80gb", "nvidia-a100-80gb")],
    "GPUs per replica": [at("    type: nvidia-h100-80gb\n", "    count: 2\n")],
    "adapter added, with rank and priority": [
        at(CAD_FABRICATOR, "  - name: haiku\n    source: example/haiku\n    rank: 64\n    priority: 5\n")
    ],
    "adapter removed": [(FOOD_REVIEW, "")],
    "adapter absent": [at("    priority: 10\n", "    ensure: Absent\n")],
    "all adapters removed": [(ADAPTERS + FOOD_REVIEW + CAD_FABRICATOR, "")],
    "replicas": [("replicas: 3", "replicas: 5")],
    "maximum output tokens": [model("    maxOutputTokens: 16384\n")],
    "preStop": [at(BASE_MODEL, "  drain:\n    preStopSeconds: 45\n")],
    "port": [server("    port: 8080\n")],
    "namespace": [at("  name: vllm-llama3.1-8b-instruct\n", "  namespace: llm\n")],
    "served name": [model("    servedName: llama\n")],
    "longest context": [model("    maxModelLen: 8192\n")],
    "token": [model("    tokenSecret:\n      name: token\n      key: value\n")],
    "further flag": [server("    extraArgs:\n    - --gpu-memory-utilization=0.9\n")],
    "further variable": [server("    env:\n    - name: VLLM_LOGGING_LEVEL\n      value: DEBUG\n")],
    "image": [server("    image: example.com/vllm:v1\n")],
    "Gateway of others": [routed("    create: false\n")],
    "name of the Gateway": [("inference-gateway", "other-gateway")],
    "class of the Gateway": [("gke-l7-regional-external-managed", "gke-l7-rilb")],
    "host names": [routed("  route:\n    hostnames:\n    - llm.example.com\n")],
    "path prefix": [routed("  route:\n    pathPrefix: /llama\n")],
    "objective removed": [(BASE_MODEL, "")],
    "priority": [("priority: 10", "priority: -10")],
}
# More would be hard to tell apart where a test fails.
MOST = 4


def edits_together(*alone: str) -> list[list[str]]:
    """Return the names of all changes, those in one list that leave each other's lines alone; `alone` by themselves."""
    found: list[list[str]] = []
    for name in EDITS:
        for names in found:
            if not {name, *names} & {*alone} and len(names) < MOST and _fit([*names, name]):
                names.append(name)
                break
        else:
            found.append([name])
    return found


def _fit(names: list[str]) -> bool:
    text = (PACKAGE / "llm.yaml").read_text()
    for old, new in (edit for name in names for edit in EDITS[name]):
        if old not in text:
            return False
        text = text.replace(old, new)
    sections = re.findall(r"^  \w+:", text, re.MULTILINE)
    return len(sections) == len(set(sections))
