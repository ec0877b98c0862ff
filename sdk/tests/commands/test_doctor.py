"""krmfn doctor: what it says of the tools that are there, are not, and are broken."""

import json
from pathlib import Path

import pytest
from krm_functions_sdk.commands import doctor
from krm_functions_sdk.function import registry, terminal
from krm_functions_sdk.function.command_line import Misuse
from krm_functions_sdk.function.entry_points import EntryPoint


def tool(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def found(capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, dict[str, str]]]:
    status = doctor.main(["-o", "json"])
    return status, {each["name"]: each for each in json.loads(capsys.readouterr().out)}


def test_what_is_missing_is_said_with_what_will_not_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without any tool only rendering is left, and that is no fault of the installation."""
    monkeypatch.setenv("PATH", str(tmp_path))
    status, said = found(capsys)
    assert status == 0
    assert {name for name, each in said.items() if each["state"] == "missing"} >= {
        "kpt",
        "kubectl",
        "containers",
        "git",
    }
    assert "krmfn build" in said["kubectl"]["means"]
    assert "kpt pkg get" in said["git"]["means"]


def test_what_is_broken_is_said_with_what_it_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A tool that fails, an engine that does not answer, and a function whose code is gone."""
    monkeypatch.setenv("PATH", str(tmp_path))
    tool(tmp_path, "kpt", "echo no such library >&2; exit 127")
    tool(tmp_path, "docker", "echo 'Cannot connect' >&2; exit 1")
    gone = {"gone": EntryPoint("gone", "no_such_module:gone", "1.2.3")}
    monkeypatch.setattr(registry, "installed", lambda: gone)
    status, said = found(capsys)
    assert status == 1
    assert said["kpt"]["means"] == "no such library"
    assert "Cannot connect" in said["containers"]["means"]
    assert "No module named 'no_such_module'" in said["no_such_module"]["means"]


def test_another_kpt_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Which one it is compared with is said beside the one that is here."""
    monkeypatch.setenv("PATH", str(tmp_path))
    tool(tmp_path, "kpt", "echo v1.0.0-beta.70")
    tool(tmp_path, "kustomize", "echo v5.0.0")
    _, said = found(capsys)
    assert said["kpt"] == {
        "name": "kpt", "state": "ok", "found": f"v1.0.0-beta.70 at {tmp_path}/kpt",
        "means": "krmfn is compared with 1.0.0-beta.56; others may render otherwise",
    }  # fmt: skip
    assert said["kubectl"]["found"] == f"kustomize at {tmp_path}/kustomize builds instead"


def test_misuse() -> None:
    """Formats and arguments that it does not know."""
    with pytest.raises(Misuse, match="found xml, expected text or json"):
        doctor.main(["--output=xml"])
    with pytest.raises(Misuse, match="takes no argument, found 'x'"):
        doctor.main(["x"])


def test_a_line_for_each(capsys: pytest.CaptureFixture[str]) -> None:
    """State, name and what was found stand in columns."""
    doctor.main([])
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith("ok       python ")]


LONG = [
    doctor.Finding("python", doctor.OK, "3.13.1 in /home/somebody/a/place/with/a/rather/long/name/.venv"),
    doctor.Finding(
        "containers", doctor.MISSING, "docker is not on the PATH, and podman neither", "images need it " * 6
    ),
]


@pytest.mark.parametrize("columns", [40, 60, 80, 120])
def test_no_line_is_wider_than_the_terminal(columns: int) -> None:
    """But for a word that is; and all of it is there."""
    said = terminal.folded(doctor.text(LONG), columns)
    assert [line for line in said.splitlines() if len(line) > columns and len(line.split()) > 1] == []
    assert said.split() == doctor.text(LONG).split()


def test_a_file_gets_one_line_for_each() -> None:
    """Where no terminal is, nothing is wrapped: a program may read it."""
    assert len(doctor.text(LONG).splitlines()) == 3
