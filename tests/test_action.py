"""validate-inference where people run it on their repository: as a GitHub Action and as a hook of pre-commit."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
REFUSED = "apiVersion: v1\nkind: Service\nmetadata:\n  name: vllm\nspec:\n  type: Foo\n  ports:\n  - port: 80\n"
SOUND = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: one\n"
BIN = Path(sys.executable).parent


def step(name: str) -> dict[str, Any]:
    [found] = [step for step in ACTION["runs"]["steps"] if step["name"] == name]
    return dict(found)


def checked(folder: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """Run the action's check as a runner does: with the values of its inputs as environment variables."""
    values = {name: str(each["default"]) for name, each in ACTION["inputs"].items()} | inputs
    environment = {
        name: re.sub(r"\$\{\{ inputs\.([-a-z]+) \}\}", lambda match: values[match[1]], text)
        for name, text in step("Check")["env"].items()
    }
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    script = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step("Check")["run"]]
    return subprocess.run(
        script, cwd=folder, env={**os.environ, **environment, "PATH": path}, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(("text", "status"), [(REFUSED, 1), (SOUND, 0)], ids=["refused", "sound"])
def test_the_action_fails_where_an_error_is_found_and_says_so_beside_its_line(
    tmp_path: Path, text: str, status: int
) -> None:
    (tmp_path / "service.yaml").write_text(text, encoding="utf-8")
    run = checked(tmp_path)
    assert run.returncode == status, run.stderr
    assert run.stdout.startswith("::error file=" if status else "")
    report = json.loads((tmp_path / "validate-inference.sarif").read_text(encoding="utf-8"))
    assert len(report["runs"][0]["results"]) == status


def test_the_action_takes_several_folders_a_severity_and_a_baseline(tmp_path: Path) -> None:
    for name in ("one folder", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "service.yaml").write_text(REFUSED.replace("vllm", name[:3]), encoding="utf-8")
    both = {"path": "one folder\ntwo"}
    assert checked(tmp_path, **both).stdout.count("::error") == 2
    assert checked(tmp_path, **both, **{"fail-on": "never"}).returncode == 0
    known = [str(BIN / "validate-inference"), "--write-baseline", "known.yaml", "one folder", "two"]
    subprocess.run(known, cwd=tmp_path, check=True, capture_output=True)
    assert checked(tmp_path, **both, baseline="known.yaml").returncode == 0


@pytest.mark.parametrize("value", ["$(touch made)", "`touch made`", "; touch made", '"; touch made; "'])
def test_no_input_of_the_action_is_run(tmp_path: Path, value: str) -> None:
    (tmp_path / "one.yaml").write_text(SOUND, encoding="utf-8")
    for name in ACTION["inputs"]:
        checked(tmp_path, **{name: value})
    assert not (tmp_path / "made").exists()


def test_the_action_installs_what_is_in_the_repository() -> None:
    named = re.findall(r"\$GITHUB_ACTION_PATH/([-.\w]+)", step("Install")["run"])
    assert sorted(named) == ["functions", "requirements.lock", "sdk"]
    assert all((ROOT / name).exists() for name in named)


def test_the_hook_checks_a_repository(tmp_path: Path) -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    [hook] = [hook for hook in hooks if hook["id"] == "validate-inference"]
    for text, status in ((SOUND, 0), (REFUSED, 1)):
        (tmp_path / "service.yaml").write_text(text, encoding="utf-8")
        run = subprocess.run([BIN / hook["entry"], *hook["args"]], cwd=tmp_path, capture_output=True, check=False)
        assert run.returncode == status
