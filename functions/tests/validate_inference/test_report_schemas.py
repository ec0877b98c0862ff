"""SARIF by OASIS's own schema and JUnit by that of Jenkins: each rule's example, nothing at all, and odd characters."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from krm_functions_sdk import Result
from krm_inference.validate_inference import validate_inference
from krm_inference.validate_inference.reports import command, formats

SCHEMAS = os.environ.get("REPORT_SCHEMAS", "")
PACKAGE = Path(__file__).resolve().parents[2] / "krm_inference"
FOLDERS = sorted(PACKAGE.glob("validate_inference/rules/*/examples/*"))
# What a quoted text of YAML can hold and XML, or UTF-8, cannot; and what both can.
ODD = [
    r"\0",
    r"\a",
    r"\e[31m",
    r"\x7f",
    r"\x85",
    r"\uFFFE",
    r"\uFFFF",
    r"\uD800",
    r"\U0001F600",
    "]]>",
    "<a&b>",
    r"\r",
    r"\n",
]
ODD_NAME = """\
apiVersion: v1
kind: Service
metadata:
  name: "web{odd}"
  labels:
    "a{odd}": "b{odd}"
spec:
  type: "Foo{odd}"
  ports:
  - port: 80
"""
Faults = Callable[[str], list[str]]

needs_schemas = pytest.mark.skipif(
    not SCHEMAS, reason="REPORT_SCHEMAS names no folder; tests/report-schemas fetches them"
)


def said(capsys: pytest.CaptureFixture[str], form: str, *arguments: str) -> str:
    command.main(validate_inference, [f"--format={form}", *arguments])
    out, err = capsys.readouterr()
    assert not err
    return str(out)


@pytest.fixture(scope="module")
def judges() -> dict[str, Faults]:
    """Return for each format what its schema says against a report; each refuses what is no report."""
    schema = json.loads((Path(SCHEMAS) / "sarif-2.1.0.json").read_text(encoding="utf-8"))
    assert schema["id"].startswith("https://docs.oasis-open.org/sarif/")
    sarif = jsonschema_rs.validator_for(schema, validate_formats=True)
    assert not sarif.is_valid({"version": "2.1.0", "runs": [{"results": []}]})
    import xmlschema  # it takes a tenth of a second

    junit = xmlschema.XMLSchema(str(Path(SCHEMAS) / "junit-4.xsd"))
    assert not junit.is_valid("<testsuites><testsuite name='a'/></testsuites>")
    assert not junit.is_valid("<testsuites><testsuite name='a' tests='1'><testcase/></testsuite></testsuites>")
    return {
        "sarif": lambda report: [error.message for error in sarif.iter_errors(json.loads(report))],
        "junit": lambda report: [str(error.reason) for error in junit.iter_errors(report)],
    }


@needs_schemas
@pytest.mark.parametrize("form", ["sarif", "junit"])
def test_the_schema_takes_what_is_found_in_each_example(
    form: str, judges: dict[str, Faults], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    count = 0
    for folder in FOLDERS:
        monkeypatch.chdir(folder)
        config = ["--config", "config.yaml"] if (folder / "config.yaml").exists() else []
        report = said(capsys, form, *config, "fails.yaml")
        assert judges[form](report) == [], folder.name
        count += report.count('"ruleId"') + report.count("<testcase ")
    assert count > len(FOLDERS)


@needs_schemas
@pytest.mark.parametrize("form", ["sarif", "junit"])
@pytest.mark.parametrize("manifests", ["", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n"])
def test_the_schema_takes_a_report_of_nothing(
    form: str, manifests: str, judges: dict[str, Faults], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "map.yaml").write_text(manifests)
    assert judges[form](said(capsys, form, str(tmp_path))) == []


@needs_schemas
@pytest.mark.parametrize("form", ["sarif", "junit"])
@pytest.mark.parametrize("odd", ODD)
def test_the_schema_takes_what_is_said_of_odd_characters(
    form: str, odd: str, judges: dict[str, Faults], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "odd.yaml").write_text(ODD_NAME.replace("{odd}", odd))
    report = said(capsys, form, str(tmp_path))
    assert ("readable" if odd == "\\uD800" else "built-in-field") in report  # half of a pair is no text of YAML
    assert judges[form](report) == []


@needs_schemas
@pytest.mark.parametrize("form", ["sarif", "junit"])
def test_the_schema_takes_a_file_whose_name_is_no_text(
    form: str, judges: dict[str, Faults], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\x07.yaml")).write_text("kind: Service\n  x: [\n")
    report = said(capsys, form, str(tmp_path))
    assert "readable" in report
    assert judges[form](report) == []


@pytest.mark.parametrize("form", formats.FORMATS)
@pytest.mark.parametrize("odd", [chr(code) for code in (*range(32), 0x7F, 0x85, 0x2028, 0xD800, 0xFFFE, 0xFFFF)])
def test_each_format_can_be_written_whatever_a_message_holds(form: str, odd: str) -> None:
    """It is UTF-8, and moves no cursor where a terminal shows it."""
    result = Result("error", f"found a{odd}b", field=f"metadata.labels[a{odd}b]", tags={"rule": "label"})
    result.file, result.line = f"a{odd}b.yaml", 3
    report = formats.FORMATS[form]([result], 1)
    assert report.encode()
    if form != "junit" or odd not in "\t\r\n":
        assert not any(ord(character) in {7, 8, 27, 0} for character in report)


def test_a_name_of_a_file_is_an_address(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a b%#ü.yaml"
    file.write_text("kind: Service\n  x: [\n")
    report: Any = json.loads(said(capsys, "sarif", str(file)))
    (found,) = report["runs"][0]["results"]
    place = found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert place.endswith("/a%20b%25%23%C3%BC.yaml")
