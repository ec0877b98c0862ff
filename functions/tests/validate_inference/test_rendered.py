"""`--helm` and `--kustomize`: what the tools make is checked, and told of the files that it was made from."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from krm_inference.validate_inference import validate_inference
from krm_inference.validate_inference.reports import command

HELM = os.environ.get("HELM") or shutil.which("helm") or ""
SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  ports:
  - port: 80
    targetPort: 0
"""


def findings(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, list[tuple[str, str]], str]:
    status = command.main(validate_inference, ["--format=json", *arguments])
    out, err = capsys.readouterr()
    return status, [(each["rule"], each["file"]) for each in json.loads(out)["findings"]] if out else [], err


@pytest.fixture
def overlay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in (
        ("base/service.yaml", SERVICE),
        ("base/kustomization.yaml", "resources: [service.yaml]\n"),
        ("over/kustomization.yaml", "resources: [../base]\nnamePrefix: 'mine-'\n"),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "over"


def test_what_kustomize_makes_is_told_of_the_base(overlay: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path: path.read_bytes() for path in overlay.parent.rglob("*.yaml")}
    status, found, err = findings(["--kustomize", "over"], capsys)
    assert (status, found, err) == (1, [("field-refused", "base/service.yaml")], "")
    assert {path: path.read_bytes() for path in overlay.parent.rglob("*.yaml")} == before


def test_what_kustomize_refuses_is_told(overlay: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (overlay / "kustomization.yaml").write_text("resources: [../absent]\n")
    status, _, err = findings(["--kustomize", "over"], capsys)
    assert status == 2
    assert "--kustomize over: kubectl failed" in err


@pytest.fixture
def chart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "chat"
    (folder / "templates").mkdir(parents=True)
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: chart-of-chat\nversion: 0.1.0\n")
    (folder / "values.yaml").write_text("target: 8000\n")
    service = SERVICE.replace("targetPort: 0", "targetPort: {{ .Values.target }}")
    (folder / "templates" / "service.yaml").write_text(service)
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.mark.skipif(not HELM, reason="no helm on the PATH, and HELM names none; tests/helm fetches one")
def test_what_helm_makes_is_told_of_the_template(
    chart: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With each file of values in its place; a value with characters of a shell stays a value."""
    tools = chart.parent / "bin"
    tools.mkdir()
    (tools / "helm").symlink_to(HELM)
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    for name in ("CACHE", "CONFIG", "DATA"):
        monkeypatch.setenv(f"HELM_{name}_HOME", str(chart.parent / "home"))
    assert findings(["--helm", "chat"], capsys)[0] == 0
    values = chart.parent / "a; touch mark.yaml"
    values.write_text("target: 0\n")
    status, found, _ = findings(["--helm", "chat", "--values", str(values)], capsys)
    assert (status, found) == (1, [("field-refused", "chat/templates/service.yaml")])
    status, found, _ = findings(["--helm", "chat", "--values", str(values), "--set", "target=8000"], capsys)
    assert (status, found) == (0, [])
    status, found, _ = findings(["--helm=chat", "--set=target=0"], capsys)
    assert (status, found) == (1, [("field-refused", "chat/templates/service.yaml")])
    findings(["--helm", "chat", "--set", "target=$(touch mark.yaml)"], capsys)
    assert not (chart.parent / "mark.yaml").exists()
    (chart / "templates" / "service.yaml").write_text('{{ fail "no model" }}')
    status, _, err = findings(["--helm", "chat"], capsys)
    assert status == 2
    assert "no model" in err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--helm", "chat"], "--helm needs helm on the PATH"),
        (["--kustomize", "."], "--kustomize needs kubectl or kustomize on the PATH"),
        (["--values", "a.yaml", "."], "--values goes with --helm"),
        (["--set", "a=b", "."], "--set goes with --helm"),
        (["--kustomize", ".", "--fix"], "without --fix"),
        (["--helm", "chat", "."], "beside --helm or --kustomize"),
    ],
)
def test_misuse_is_told(
    arguments: list[str], says: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    status, _, err = findings(arguments, capsys)
    assert status == 2
    assert says in err
