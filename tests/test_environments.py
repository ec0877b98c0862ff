"""The environments that the README shows, as they stand there: what is in ten lines, and what comes of it."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT, Copy, krmfn_here

SHOWN = {name: (ROOT / f"overlays/{name}/kustomization.yaml").read_text() for name in ("dev", "prod")}
# What each of them wants: replicas, accelerator and adapters.
WANTED = {
    "dev": (1, "nvidia-l4", ["food-review"]),
    "prod": (4, "nvidia-h100-80gb", ["cad-fabricator", "food-review"]),
}


def server(folder: Path) -> dict[str, Any]:
    documents: list[dict[str, Any]] = list(yaml.safe_load_all((folder / "model-server.yaml").read_text()))
    return next(one for one in documents if one["kind"] == "Deployment")


def hydrate(tree: Path) -> subprocess.CompletedProcess[str]:
    return krmfn_here(tree, "hydrate")


@pytest.mark.parametrize("name", SHOWN)
def test_the_readme_shows_an_environment_in_ten_lines(name: str) -> None:
    assert f"```yaml\n{SHOWN[name]}```" in (ROOT / "README.md").read_text()
    assert len(SHOWN[name].splitlines()) <= 10


def test_an_l4_with_one_adapter_stands_beside_h100_with_two(tree: Path) -> None:
    done = hydrate(tree)
    assert (done.returncode, done.stderr) == (0, "")
    for name, (replicas, accelerator, adapters) in WANTED.items():
        folder = tree / "clusters" / name
        spec = server(folder)["spec"]
        assert spec["replicas"] == replicas
        assert spec["template"]["spec"]["nodeSelector"]["cloud.google.com/gke-accelerator"] == accelerator
        assert f"--max-loras={len(adapters)}" in " ".join(spec["template"]["spec"]["containers"][0]["args"])
        syncer = next(one for one in yaml.safe_load_all((folder / "lora-adapters.yaml").read_text()) if one)
        assert sorted(re.findall(r"id: (\S+)", syncer["data"]["configmap.yaml"])) == adapters


def test_what_follows_from_a_patch_is_an_error_at_the_line_of_the_patch(tree: Path) -> None:
    """The manifest that does not fit is nobody's file: the accelerator in the overlay is what somebody can change."""
    assert hydrate(tree).returncode == 0
    dev = tree / "overlays/dev/kustomization.yaml"
    assert " model: {maxModelLen: 8192}," in dev.read_text()
    dev.write_text(dev.read_text().replace(" model: {maxModelLen: 8192},", ""))
    before = (tree / "clusters/dev/model-server.yaml").read_bytes()
    done = hydrate(tree)
    assert done.returncode == 1
    place = "overlays/dev: [error] overlays/dev/kustomization.yaml:9: LLMService vllm-llama3.1-8b-instruct: "
    (line,) = (line for line in done.stderr.splitlines() if "[error]" in line)
    assert line.startswith(f"{place}spec.accelerator.type: ")
    assert re.search(r"args\[--max-model-len\]: .*GiB", line)
    assert (tree / "clusters/dev/model-server.yaml").read_bytes() == before


def without_labels(text: str, environment: str) -> str:
    """Return a file without the label that an overlay gives to everything."""
    alone = rf"( +)labels:\n\1  environment: {environment}\n(?!\1  \S)"
    return re.sub(rf" +environment: {environment}\n", "", re.sub(alone, "", text))


@pytest.mark.parametrize("name", sorted(path.parent.name for path in (ROOT / "overlays").glob("*/kustomization.yaml")))
def test_each_environment_is_what_its_intent_renders_by_hand(tree: Path, name: str) -> None:
    """Byte by byte, but for the label of the environment, which no intent says."""
    assert hydrate(tree).returncode == 0
    built = {file.name: file.read_text() for file in (tree / "clusters" / name).glob("*.yaml")}
    package = Copy(tree / "packages/llama-3.1-8b")
    package.write("llm.yaml", without_labels(built["llm.yaml"], name))
    assert package.render(), package.said
    rendered = package.texts()
    made = [file for file in built if file != "kustomization.yaml"]
    assert {file: without_labels(built[file], name) for file in made} == {file: rendered[file] for file in made}
