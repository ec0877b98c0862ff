"""Manifests as other tools print them, piped through validate-inference: the report, the status, and the same bytes."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import SCRIPTS

HELM = os.environ.get("HELM") or shutil.which("helm") or ""
CHART = {
    "Chart.yaml": "apiVersion: v2\nname: chat\nversion: 0.1.0\n",
    "values.yaml": "image: vllm/vllm-openai:v0.18.0\nflags:\n- --model=Qwen/Qwen3-8B\n- --max-lora=4\n",
    "templates/server.yaml": """\
{{- /* What a team keeps in a chart of its own. */}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}-server
  namespace: {{ .Release.Namespace }}
spec:
  selector:
    matchLabels: {app: {{ .Release.Name }}}
  template:
    metadata:
      labels: {app: {{ .Release.Name }}}
    spec:
      containers:
      - name: vllm
        image: {{ .Values.image }}
        args:
        {{- range .Values.flags }}
        - {{ . | quote }}
        {{- end }}
""",
    "templates/service.yaml": """\
apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}
spec:
  selector: {app: {{ .Release.Name }}}
  ports:
  - port: 8000
""",
}


def validate(stream: bytes, *arguments: str) -> tuple[list[str], int]:
    """Pipe a stream through the executable, which must pass it on; return the lines of the report and the status."""
    done = subprocess.run([SCRIPTS / "validate-inference", *arguments], input=stream, capture_output=True, check=False)
    assert done.stdout == stream
    return done.stderr.decode().splitlines(), done.returncode


def line_of(stream: bytes, text: str) -> int:
    """Return the line of the stream, from 1, on which a text stands."""
    return next(number for number, line in enumerate(stream.decode().splitlines(), 1) if text in line)


def test_what_an_overlay_breaks_is_reported(require: Callable[[str], str], tmp_path: Path) -> None:
    """A patch that misspells a flag is found in what kustomize makes of it."""
    (tmp_path / "server.yaml").write_text(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: chat, namespace: llm}\nspec:\n"
        "  selector: {matchLabels: {app: chat}}\n  template:\n    metadata: {labels: {app: chat}}\n    spec:\n"
        "      containers:\n      - name: vllm\n        image: vllm/vllm-openai:v0.18.0\n"
        "        args: [--model=Qwen/Qwen3-8B]\n"
    )
    (tmp_path / "kustomization.yaml").write_text(
        "resources: [server.yaml]\npatches:\n- target: {kind: Deployment}\n  patch: |-\n"
        "    - {op: add, path: /spec/template/spec/containers/0/args/-, value: --max-lora=4}\n"
    )
    done = subprocess.run([require("kubectl"), "kustomize", tmp_path], capture_output=True, check=True)
    lines, status = validate(done.stdout)
    assert status == 1
    assert lines[0] == "line 1: Deployment llm/chat"
    assert lines[1].startswith(
        "  error   server-flag: spec.template.spec.containers[name=vllm].args[--max-lora]: "
        f"line {line_of(done.stdout, '--max-lora=4')}: "
    )
    assert lines[-1].startswith("1 error")


@pytest.fixture
def rendered(tmp_path: Path) -> bytes:
    """What helm makes of the chart."""
    for name, text in CHART.items():
        (tmp_path / "chat" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "chat" / name).write_text(text)
    command = [HELM, "template", "mine", str(tmp_path / "chat"), "--namespace", "llm"]
    home = {f"HELM_{name}_HOME": str(tmp_path / "home") for name in ("CACHE", "CONFIG", "DATA")}
    return subprocess.run(command, capture_output=True, check=True, env={**os.environ, **home}).stdout


@pytest.mark.skipif(not HELM, reason="no helm on the PATH, and HELM names none; tests/helm fetches one")
def test_what_helm_prints_has_a_report(rendered: bytes) -> None:
    """One mistake of a chart's values is one error, at its line below the Deployment; the Service has none."""
    lines, status = validate(rendered)
    assert status == 1
    assert lines[0] == f"line {line_of(rendered, 'apps/v1')}: Deployment llm/mine-server"
    errors = [line for line in lines if line.startswith("  error ")]
    assert [line.partition(": line ")[0] for line in errors] == [
        "  error   server-flag: spec.template.spec.containers[name=vllm].args[--max-lora]"
    ]
    assert f": line {line_of(rendered, '--max-lora=4')}: " in errors[0]
    assert lines[-1].startswith("1 error")
    assert lines[-1].endswith(" in 2 objects")
    assert "Service" not in "".join(line for line in lines if not line.startswith("  "))


@pytest.mark.skipif(not HELM, reason="no helm on the PATH, and HELM names none; tests/helm fetches one")
def test_a_rule_can_be_switched_off_for_what_helm_prints(rendered: bytes) -> None:
    """Settings come as arguments where no Kptfile holds them."""
    lines, status = validate(rendered, "server-flag=off")
    assert status == 0
    assert not [line for line in lines if "server-flag" in line]
