"""The report and every format at terminals of 40 and 120 columns, with and without colour, and in a pipe."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest
from krm_inference.validate_inference.reports import formats

PROGRAM = Path(sys.executable).with_name("validate-inference")
COLUMNS = (40, 120)
COLOUR = {"in colour": {}, "NO_COLOR": {"NO_COLOR": "1"}, "dumb": {"TERM": "dumb"}}
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
FOLDER = "a-folder-with-a-long-name/of/manifests"
POD = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: a-server-of-a-language-model
spec:
  selector:
    matchLabels: {app: llm}
  template:
    metadata:
      labels: {app: llm}
    spec:
      containers:
      - name: vllm
        image: vllm/vllm-openai:v0.32.0
        args: [--model=microsoft/phi-4, --max-model-len=4096, --max-num-seq=1]
        env:
        - {name: A, values: b}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / FOLDER).mkdir(parents=True)
    (tmp_path / FOLDER / "deployment.yaml").write_text(POD)
    return tmp_path


def environment(**more: str) -> dict[str, str]:
    left_out = ("NO_COLOR", "TERM", "COLUMNS", "LINES", "FORCE_COLOR")
    return {"TERM": "xterm", **{key: value for key, value in os.environ.items() if key not in left_out}, **more}


def at_terminal(folder: Path, columns: int, colour: dict[str, str], *arguments: str) -> str:
    """Return what the program writes to a terminal of so many columns, by standard output and standard error."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    command = [str(PROGRAM), *arguments, FOLDER]
    running = subprocess.Popen(
        command, cwd=folder, stdin=subprocess.DEVNULL, stdout=follower, stderr=follower, env=environment(**colour)
    )
    os.close(follower)
    said = b""
    try:
        while part := os.read(leader, 65536):
            said += part
    except OSError:  # the end, on Linux
        pass
    os.close(leader)
    running.wait()
    return said.decode().replace("\r\n", "\n")


def in_pipe(folder: Path, *arguments: str) -> str:
    command = [str(PROGRAM), *arguments, FOLDER]
    done = subprocess.run(
        command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, env=environment(), check=False
    )
    return (done.stdout + done.stderr).decode()


def joined(said: str) -> list[str]:
    """Return the words, wherever a line was broken."""
    return ESCAPE.sub("", said).split()


@pytest.mark.parametrize("arguments", [(), ("--format=text",)], ids=["the report", "the format"])
@pytest.mark.parametrize("colour", COLOUR)
@pytest.mark.parametrize("columns", COLUMNS)
def test_a_report_fits_its_terminal_and_keeps_its_words(
    columns: int, colour: str, arguments: tuple[str, ...], folder: Path
) -> None:
    """Words are paths, fields, rules and flags too; only one that is longer than a line may be wider than it."""
    said = at_terminal(folder, columns, COLOUR[colour], *arguments)
    plain = in_pipe(folder, *arguments)
    assert joined(said) == joined(plain)
    assert bool(ESCAPE.search(said)) == (colour == "in colour")
    for line in ESCAPE.sub("", said).splitlines():
        words = [word for word in line.split() if word not in ("error", "warning", "info")]
        is_value = line.startswith("    proposed: ")  # it may be copied
        assert len(line) <= columns or is_value or len(words) == 1, line


@pytest.mark.parametrize("arguments", [(), ("--format=text",)], ids=["the report", "the format"])
def test_no_line_is_broken_in_a_pipe(arguments: tuple[str, ...], folder: Path) -> None:
    said = in_pipe(folder, *arguments)
    assert "\x1b" not in said
    findings = [line for line in said.splitlines() if line.startswith(("  error ", "  warning ", "  info "))]
    assert findings
    assert max(map(len, findings)) > 120


@pytest.mark.parametrize("name", [name for name in formats.FORMATS if name != "text"])
@pytest.mark.parametrize("columns", COLUMNS)
def test_what_a_program_reads_is_the_same_at_a_terminal(name: str, columns: int, folder: Path) -> None:
    assert at_terminal(folder, columns, {}, f"--format={name}") == in_pipe(folder, f"--format={name}")


@pytest.mark.parametrize("columns", COLUMNS)
def test_a_report_in_a_file_is_plain_beside_a_terminal(columns: int, folder: Path) -> None:
    file = folder / "report.txt"
    at_terminal(folder, columns, {}, "--format=text", f"--output={file}")
    assert file.read_text() == in_pipe(folder, "--format=text")
