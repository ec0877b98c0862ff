"""The environments that overlays/README.md shows, as they stand there."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import yaml

from tests.conftest import ROOT, SCRIPTS

PAGE = (ROOT / "overlays/README.md").read_text()
SECTION = PAGE.partition("## One service, two environments\n")[2].partition("\n## ")[0]
SHOWN = dict(re.findall(r"`(overlays/\w+/kustomization\.yaml)`.*?```yaml\n(.*?)```", SECTION, re.DOTALL))


def server(folder: Path) -> dict[str, Any]:
    documents: list[dict[str, Any]] = list(yaml.safe_load_all((folder / "model-server.yaml").read_text()))
    for one in documents:
        if one["kind"] == "Deployment":
            return one
    raise AssertionError("no model server")


def hydrate(tree: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([f"{SCRIPTS}/krmfn", "hydrate"], cwd=tree, capture_output=True, text=True, check=False)


def test_an_l4_with_one_adapter_stands_beside_h100_with_two_in_ten_lines_each(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "packages/llama-3.1-8b", tmp_path / "packages/llama-3.1-8b")
    assert list(SHOWN) == [f"overlays/{name}/kustomization.yaml" for name in ("small", "large")]
    for path, text in SHOWN.items():
        assert len(text.splitlines()) <= 10
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text(text)
    done = hydrate(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    wanted = {
        "small": (1, "nvidia-l4", ["food-review"]),
        "large": (4, "nvidia-h100-80gb", ["cad-fabricator", "food-review"]),
    }
    for name, (replicas, accelerator, adapters) in wanted.items():
        folder = tmp_path / "clusters" / name
        spec = server(folder)["spec"]
        assert spec["replicas"] == replicas
        assert spec["template"]["spec"]["nodeSelector"]["cloud.google.com/gke-accelerator"] == accelerator
        assert f"--max-loras={len(adapters)}" in " ".join(spec["template"]["spec"]["containers"][0]["args"])
        syncer = next(one for one in yaml.safe_load_all((folder / "lora-adapters.yaml").read_text()) if one)
        assert sorted(re.findall(r"id: (\S+)", syncer["data"]["configmap.yaml"])) == adapters

    small = tmp_path / "overlays/small/kustomization.yaml"
    assert "model: {maxModelLen: 8192}," in small.read_text()
    small.write_text(small.read_text().replace(" model: {maxModelLen: 8192},", ""))
    before = (tmp_path / "clusters/small/model-server.yaml").read_bytes()
    done = hydrate(tmp_path)
    assert done.returncode == 1
    assert re.search(r"overlays/small: \[error\].*--max-model-len.*GiB", done.stderr)
    assert (tmp_path / "clusters/small/model-server.yaml").read_bytes() == before
