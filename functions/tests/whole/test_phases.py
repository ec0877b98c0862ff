"""One run of `krmfn render` tells the faults of generators and of validators, on the fields that a user writes."""

import re
import shutil
from pathlib import Path

import pytest
from krm_functions_sdk.kpt.render import render

PACKAGES = Path(__file__).resolve().parents[3] / "packages"
HAND_WRITTEN = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: mine
spec:
  selector:
    matchLabels:
      app: mine
  template:
    metadata:
      labels:
        app: other
    spec:
      containers:
      - name: mine
        image: example.com/mine:v1
"""
SERVER = "  server:\n    extraArgs:\n    - --max-modell-len=3\n"
INTENT = "LLMService vllm-llama3.1-8b-instruct"
MISSPELT = f"llm.yaml:14: {INTENT}: spec.server.extraArgs[0]: vLLM 0.33 has no --max-modell-len"
SHOWS = "Deployment vllm-llama3.1-8b-instruct: spec.template.spec.containers[name=vllm].args[--max-modell-len])"


class Copy:
    """A copy of a package, with or without what is generated in it."""

    def __init__(self, root: Path, package: str, *, is_rendered: bool) -> None:
        self.root = root
        shutil.copytree(PACKAGES / package, root)
        kustomization = root / "kustomization.yaml"
        for file in [] if is_rendered else re.findall(r"^- (\S+)$", kustomization.read_text(), re.MULTILINE):
            (root / file).unlink(missing_ok=True)

    def edit(self, file: str, old: str, new: str) -> None:
        text = (self.root / file).read_text()
        assert old in text
        (self.root / file).write_text(text.replace(old, new, 1))

    def errors(self) -> list[str]:
        """Render, and return the errors without the folder in front of files; no file may have changed."""
        before = {path: path.read_bytes() for path in self.root.rglob("*") if path.is_file()}
        said: list[str] = []
        assert not render(self.root, lambda _: None, said.append)
        assert {path: path.read_bytes() for path in self.root.rglob("*") if path.is_file()} == before
        lines = (line.replace(f"{self.root.as_posix()}/", "") for line in said)
        return [line.removeprefix("[error] ") for line in lines if line.startswith("[error] ")]


@pytest.fixture
def fresh(tmp_path: Path) -> Copy:
    """The package before its first render."""
    return Copy(tmp_path / "p", "llama-3.1-8b", is_rendered=False)


@pytest.fixture
def rendered(tmp_path: Path) -> Copy:
    """The package as it is."""
    return Copy(tmp_path / "p", "llama-3.1-8b", is_rendered=True)


@pytest.fixture
def shared(tmp_path: Path) -> Copy:
    """The package of two services, as it is."""
    return Copy(tmp_path / "p", "shared-gateway", is_rendered=True)


def test_a_first_render_names_the_field_of_the_intent(fresh: Copy) -> None:
    """No file is named that was never written."""
    fresh.edit("llm.yaml", "  replicas: 3\n", f"  replicas: 3\n{SERVER}")
    (said,) = fresh.errors()
    assert said.startswith(MISSPELT)
    assert said.endswith(f"(shows in {SHOWS}")


def test_a_later_render_names_both(rendered: Copy) -> None:
    """The line in the manifest is that of the file as it is: here nothing of the flag is in it yet."""
    rendered.edit("llm.yaml", "  replicas: 3\n", f"  replicas: 3\n{SERVER}")
    (said,) = rendered.errors()
    assert said.startswith(MISSPELT)
    assert re.search(rf"\(shows in model-server\.yaml:\d+: {re.escape(SHOWS)}\Z", said)


def test_faults_of_an_intent_and_of_manifests_come_in_one_run(fresh: Copy) -> None:
    """The first is found by each function and told once, the other by the last one only."""
    fresh.edit("llm.yaml", "replicas: 3", "replicas: three")
    (fresh.root / "mine.yaml").write_text(HAND_WRITTEN)
    intent, manifest = fresh.errors()
    assert intent.startswith("llm.yaml:11: LLMService vllm-llama3.1-8b-instruct: spec.replicas: ")
    assert manifest.startswith("mine.yaml:12: Deployment mine: spec.template.metadata.labels")


@pytest.mark.parametrize("package", ["llama-3.1-8b", "shared-gateway"])
@pytest.mark.parametrize("is_rendered", [False, True])
def test_one_fault_has_no_follow_up(tmp_path: Path, package: str, *, is_rendered: bool) -> None:
    """What is missing or out of date because the functions could not go on is not told."""
    copy = Copy(tmp_path / "p", package, is_rendered=is_rendered)
    file = "llm.yaml" if package == "llama-3.1-8b" else "llama.yaml"
    copy.edit(file, "  release: gaie-v1.", "  release: gaie-v9.")
    (said,) = copy.errors()
    assert said.startswith(f"{file}:")


def test_another_service_is_looked_at_to_its_end(shared: Copy) -> None:
    """Of two services one cannot be generated; what the validator finds of the other is told in the same run."""
    shared.edit("llama.yaml", "type: nvidia-l4", "type: nvidia-l5")
    shared.edit("qwen.yaml", "spec:\n", "spec:\n  server:\n    extraArgs: [--max-modell-len=3]\n")
    found = shared.errors()
    assert [line.split(":")[0] for line in found] == ["llama.yaml", "qwen.yaml"]
    assert "spec.server.extraArgs[0]: vLLM 0.33 has no --max-modell-len" in found[1]


def test_a_file_that_cannot_be_read_hides_nothing_else(rendered: Copy) -> None:
    """Neither the faults of the intent, nor those that the validator finds; and nothing follows from its absence."""
    rendered.edit("llm.yaml", "  replicas: 3\n", f"  replicas: 3\n{SERVER}")
    rendered.edit("route.yaml", "spec:\n", "<<<<<<< ours\nspec:\n=======\n>>>>>>> theirs\n")
    conflict, misspelt = rendered.errors()
    assert conflict.startswith("route.yaml:")
    assert "merge conflict" in conflict
    assert misspelt.startswith(MISSPELT)


def test_an_intent_that_cannot_be_read_takes_nothing_with_it(rendered: Copy) -> None:
    """What was generated for it is not told as left behind."""
    rendered.edit("llm.yaml", "spec:\n", "<<<<<<< ours\nspec:\n=======\n>>>>>>> theirs\n")
    (said,) = rendered.errors()
    assert said.startswith("llm.yaml:7: a merge conflict")
