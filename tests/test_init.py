"""A package that `krmfn init` makes is one to kpt and kustomize too: two commands from an empty folder."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.conftest import SCRIPTS, Copy

FLAGS = (
    ("--model=Qwen/Qwen3-8B",),
    ("--model=meta-llama/Llama-3.3-70B-Instruct", "--gateway-class=istio", "--release=llm-d-router-v0.11"),
    ("--model=openai/gpt-oss-120b", "--accelerator=nvidia-h100-80gb", "--adapter=poems=example/poems"),
)


@pytest.mark.parametrize("flags", FLAGS, ids=[flags[0].partition("=")[2] for flags in FLAGS])
def test_two_commands_from_an_empty_folder_to_a_validated_package(
    tmp_path: Path, kpt: str, require: Callable[[str], str], flags: tuple[str, ...]
) -> None:
    """The second one judges: kpt renders the same files, and kustomize builds every object that is in them."""
    package = Copy(tmp_path / "mine")
    subprocess.run([SCRIPTS / "krmfn", "init", "mine", *flags], cwd=tmp_path, check=True, capture_output=True)
    subprocess.run([SCRIPTS / "krmfn", "render", "--check", "mine"], cwd=tmp_path, check=True, capture_output=True)
    before = package.texts()
    done = package.render_with_kpt(kpt)
    assert done.returncode == 0, done.stderr
    assert package.texts() == before
    built = subprocess.run([require("kubectl"), "kustomize", package.root], check=True, capture_output=True, text=True)
    names = {(item["kind"], item["metadata"]["name"]) for item in yaml.safe_load_all(built.stdout)}
    assert names == {
        (item["kind"], item["metadata"]["name"]) for item in package.objects() if item["kind"] != "Kptfile"
    }
    checked = subprocess.run(
        [SCRIPTS / "validate-inference"], input=built.stdout, check=False, text=True, capture_output=True
    )
    assert checked.returncode == 0, checked.stderr
