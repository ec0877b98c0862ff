"""SARIF as OASIS's own schema takes it: what is found in each rule's example, and odd names of files."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from krm_inference.validate_inference import validate_inference
from krm_inference.validate_inference.reports import command

SCHEMA = os.environ.get("SARIF_SCHEMA", "")
PACKAGE = Path(__file__).resolve().parents[2] / "krm_inference"
FOLDERS = sorted(PACKAGE.glob("validate_inference/rules/*/examples/*"))


def sarif(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    command.main(validate_inference, ["--format=sarif", *arguments])
    return json.loads(capsys.readouterr().out)


@pytest.mark.skipif(not SCHEMA, reason="SARIF_SCHEMA names no schema; tests/sarif-schema fetches it")
def test_the_schema_takes_what_is_found_in_each_example(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It also refuses what is no SARIF, so it is not a schema of everything."""
    schema = json.loads(Path(SCHEMA).read_text(encoding="utf-8"))
    assert schema["id"].startswith("https://docs.oasis-open.org/sarif/")
    judge = jsonschema_rs.validator_for(schema, validate_formats=True)
    assert not judge.is_valid({"version": "2.1.0", "runs": [{"results": []}]})
    count = 0
    for folder in FOLDERS:
        monkeypatch.chdir(folder)
        config = ["--config", "config.yaml"] if (folder / "config.yaml").exists() else []
        found = sarif(capsys, *config, "fails.yaml")
        assert [error.message for error in judge.iter_errors(found)] == [], folder.name
        count += len(found["runs"][0]["results"])
    assert count > len(FOLDERS)


def test_a_name_of_a_file_is_an_address(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a b%#ü.yaml"
    file.write_text("kind: Service\n  x: [\n")
    (found,) = sarif(capsys, str(file))["runs"][0]["results"]
    place = found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert place.endswith("/a%20b%25%23%C3%BC.yaml")
