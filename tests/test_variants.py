"""Environments by kpt alone: a variant of a package with an intent of its own, and its update from upstream."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT, SCRIPTS, Copy

Require = Callable[[str], str]
NAME = "llama-3.1-8b"
SETTINGS = ("-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false")
TOKENS = ("    id: meta-llama", "    maxOutputTokens: 1024\n    id: meta-llama")
OVERLAY = """\
resources: [../../packages/llama-3.1-8b]
patches:
- patch: |-
    apiVersion: inference.fn.kpt.dev/v1alpha1
    kind: LLMService
    metadata: {name: vllm-llama3.1-8b-instruct}
    spec: {replicas: 1, gateway: {className: gke-l7-rilb}}
"""
OWN_INTENT = (("replicas: 3", "replicas: 1"), ("gke-l7-regional-external-managed", "gke-l7-rilb"))


class Variant(Copy):
    """A package that was got by kpt, and the upstream that it came from."""

    def __init__(self, kpt: str, git: str, folder: Path) -> None:
        super().__init__(folder / "variants/dev")
        self.kpt, self.git = kpt, git
        self.upstream = Copy(folder / "upstream/packages" / NAME)
        shutil.copytree(ROOT / "packages" / NAME, self.upstream.root)
        self.commit(folder / "upstream", "v1")
        (folder / "variants").mkdir()
        source = f"{(folder / 'upstream').as_uri()}/.git/packages/{NAME}@v1"
        self.kpt_run(folder / "variants", "pkg", "get", source, "dev")
        self.commit(folder / "variants")

    def commit(self, folder: Path, tag: str = "") -> None:
        commands = [["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "--allow-empty", "-m", "state"]]
        for words in commands + ([["tag", tag]] if tag else []):
            subprocess.run([self.git, *SETTINGS, *words], cwd=folder, check=True, capture_output=True)

    def kpt_run(self, folder: Path, *words: str) -> None:
        done = subprocess.run([self.kpt, *words], cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    def update(self) -> None:
        """Publish a second version upstream, and let the variant follow, and render."""
        self.upstream.edit(TOKENS)
        assert self.upstream.render(), self.upstream.said
        self.commit(self.upstream.root.parents[1], "v2")
        self.commit(self.root.parent)
        self.kpt_run(self.root.parent, "pkg", "update", "dev@v2")
        assert self.render(), self.said


@pytest.fixture
def variant(kpt: str, require: Require, tmp_path: Path) -> Variant:
    return Variant(kpt, require("git"), tmp_path)


def unmarked(text: str) -> str:
    """Return a text without the marks by which kpt finds an object upstream."""
    return re.sub(r" # kpt-merge: \S+|^ *internal\.kpt\.dev/upstream-identifier: .*\n", "", text, flags=re.MULTILINE)


def test_a_variant_with_its_own_intent_is_what_an_overlay_of_the_same_builds(variant: Variant, tmp_path: Path) -> None:
    """By kpt and by krmfn, byte for byte, but for what kpt writes of the package's origin."""
    shutil.copytree(ROOT / "packages", tmp_path / "packages")
    (tmp_path / "overlays/dev").mkdir(parents=True)
    (tmp_path / "overlays/dev/kustomization.yaml").write_text(OVERLAY)
    command = [f"{SCRIPTS}/krmfn", "build", "overlays/dev", "-o", "built"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    variant.edit(*OWN_INTENT)
    done = variant.render_with_kpt(variant.kpt)
    assert done.returncode == 0, done.stderr
    others = ("Kptfile", "kustomization.yaml", "kustomizeconfig.yaml", "README.md", ".krmignore", "smoke-test.sh")
    built = {name: text for name, text in Copy(tmp_path / "built").texts().items() if name not in others}
    own = {name: unmarked(text) for name, text in variant.texts().items() if name not in others}
    assert own == built


# What a user changed in the variant: file, replacement, and a text that has to be there after the update.
SIDECAR = "      - name: logger\n        image: example.com/logger:v1\n"
EDITS = {
    "a field of the intent": ("llm.yaml", OWN_INTENT[0], "replicas: 1"),
    "a field of the intent that upstream has not": (
        "llm.yaml",
        ("  replicas: 3\n", "  replicas: 3\n  picker:\n    logLevel: 4\n"),
        "logLevel: 4",
    ),
    "a comment in the intent": ("llm.yaml", ("  replicas: 3\n", "  replicas: 3 # one a zone\n"), "# one a zone"),
    "a label on a manifest": (
        "gateway.yaml",
        ("  annotations:", "  labels:\n    team: search\n  annotations:"),
        "team: search",
    ),
    "a container beside the server": (
        "model-server.yaml",
        ("      containers:\n", f"      containers:\n{SIDECAR}"),
        "logger:v1",
    ),
    "a field of a manifest that no function owns": (
        "model-server.yaml",
        ("spec:\n  replicas: 3", "spec:\n  revisionHistoryLimit: 4\n  replicas: 3"),
        "revisionHistoryLimit: 4",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", EDITS)
def test_an_edit_of_a_variant_survives_an_update(variant: Variant, case: str) -> None:
    """And what upstream changed arrives, with all that follows from it."""
    file, replacement, wanted = EDITS[case]
    variant.edit(replacement, file=file)
    assert variant.render(), variant.said
    assert wanted in variant.read(file)
    variant.update()
    assert wanted in variant.read(file)
    assert "maxOutputTokens: 1024" in variant.read("llm.yaml")
    assert "(1024 tokens × " in variant.read("model-server.yaml")


def test_a_file_of_ones_own_survives_an_update(variant: Variant) -> None:
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: mine\ndata:\n  a: b\n"
    variant.write("mine.yaml", text)
    variant.update()
    assert unmarked(variant.read("mine.yaml")).replace("  annotations:\n", "") == text


def test_a_value_that_both_sides_change_is_upstreams_after_an_update(variant: Variant) -> None:
    """Kpt tells nobody: the diff does, so read it, or keep what is an environment's own in an overlay."""
    variant.edit((TOKENS[0], TOKENS[1].replace("1024", "2048")))
    assert variant.render(), variant.said
    variant.update()
    assert "maxOutputTokens: 1024" in variant.read("llm.yaml")
