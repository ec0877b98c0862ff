"""Reports for CI and for people: what each format says, what fails a run, and what a baseline leaves out."""

from __future__ import annotations

import json
import os
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from krm_inference.validate_inference import validate_inference
from krm_inference.validate_inference.reports import command, formats

SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  type: Foo
  selector: {app: "a<b|c"}
  ports:
  - port: 80
    targetPort: 0
"""
WARNED = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\nstringData:\n  a: bcdefgh\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "service.yaml").write_text(SERVICE)
    (tmp_path / "in" / "broken.yaml").write_text("kind: Service\n  x: [\n")
    return tmp_path / "in"


def said(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    status = command.main(validate_inference, [str(each) for each in arguments])
    out, err = capsys.readouterr()
    return status, out, err


@pytest.mark.parametrize("name", formats.FORMATS)
def test_each_format_names_each_rule_and_place(name: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = said(capsys, "--format", name, folder)
    assert status == 1
    for part in ("readable", "built-in-field", "service.yaml", "spec.type", "broken.yaml"):
        assert part in out


@pytest.mark.parametrize("name", formats.FORMATS)
def test_each_format_says_that_nothing_is_wrong(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "map.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n")
    assert said(capsys, "--format", name, tmp_path)[0] == 0


def test_sarif_has_a_page_and_a_place_for_each_result(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (run,) = json.loads(said(capsys, "--format=sarif", folder)[1])["runs"]
    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert {each["ruleId"] for each in run["results"]} == set(rules)
    assert all(rule["helpUri"].endswith(f"#{name}") for name, rule in rules.items())
    for each in run["results"]:
        place = each["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"].endswith(".yaml")
        assert place["region"]["startLine"] >= 1


def test_junit_counts_its_cases(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = ET.fromstring(said(capsys, "--format=junit", folder)[1])  # our own
    (suite,) = root
    assert suite.get("tests") == str(len(suite.findall("testcase")))
    assert suite.get("failures") == str(len(suite.findall("testcase/failure")))


def test_an_annotation_of_github_is_one_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = said(capsys, "--format=github", folder)[1].splitlines()
    assert lines
    assert all(line.startswith(("::error file=", "::warning file=", "::notice file=")) for line in lines)


def test_several_formats_go_to_their_files(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sarif, junit = folder.parent / "x.sarif", folder.parent / "x.xml"
    arguments = ("--format", "sarif", "--output", sarif, "--format=junit", f"--output={junit}", "--format=text", folder)
    _, out, _ = said(capsys, *arguments)
    assert json.loads(sarif.read_text())["version"] == "2.1.0"
    assert junit.read_text().startswith("<?xml")
    assert "service.yaml" in out


@pytest.mark.parametrize(
    ("options", "status", "is_shown"),
    [
        ((), 0, True),
        (("--fail-on=warning",), 1, True),
        (("--min-severity=error",), 0, False),
        (("--min-severity=error", "--fail-on=warning"), 1, False),
        (("--fail-on=never",), 0, True),
    ],
)
def test_what_is_shown_and_what_fails_a_run_are_two_things(
    options: tuple[str, ...],
    status: int,
    is_shown: bool,  # a column
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "secret.yaml").write_text(WARNED)
    found, out, _ = said(capsys, "--format=json", *options, tmp_path)
    assert found == status
    assert ("secret-data" in out) == is_shown


def test_a_baseline_leaves_out_what_is_known_until_it_expires(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = folder.parent / "known.yaml"
    assert said(capsys, "--write-baseline", file, folder)[0] == 0
    assert said(capsys, "--baseline", file, folder)[0] == 0
    (folder / "new.yaml").write_text(SERVICE.replace("name: web", "name: other"))
    status, out, _ = said(capsys, "--baseline", file, "--format=json", folder)
    assert status == 1
    assert {each["object"]["name"] for each in json.loads(out)["findings"]} == {"other"}
    (folder / "new.yaml").unlink()
    file.write_text(file.read_text().replace("  reason:", "  expires: 2020-01-01\n  reason:"))
    status, _, err = said(capsys, "--baseline", file, folder)
    assert status == 1
    assert "known until 2020-01-01, and counted again" in err


def test_a_row_of_nothing_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = folder.parent / "known.yaml"
    said(capsys, "--write-baseline", file, folder)
    (folder / "broken.yaml").unlink()
    assert "no longer found: readable" in said(capsys, "--baseline", file, folder)[2]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--format=html", "."), "expected one of text, json, sarif, junit, github, markdown"),
        (("--fail-on=fatal", "."), "expected one of info, warning, error, never"),
        (("--format=json", "--format=text", "."), "two formats for standard output"),
        (("--format",), "--format takes a value"),
        (("--format=text", "absent"), "no such file or folder"),
        (("--baseline=absent.yaml", "."), "absent.yaml"),
    ],
)
def test_misuse_is_told_and_is_status_2(
    arguments: tuple[str, ...],
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    status, _, err = said(capsys, *arguments)
    assert status == 2
    assert says in err


def test_a_baseline_without_a_reason_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "known.yaml"
    file.write_text("kind: ValidateInferenceBaseline\nknown:\n- {rule: a, object: b, field: c}\n")
    status, _, err = said(capsys, "--baseline", file, tmp_path)
    assert status == 2
    assert "known[0]: expected a reason" in err


def test_a_baseline_holds_a_file_whose_name_is_no_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, file = tmp_path / "in", tmp_path / "known.yaml"
    folder.mkdir()
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff.yaml")).write_text("kind: Service\n  x: [\n")
    assert said(capsys, "--write-baseline", file, folder)[0] == 0
    assert said(capsys, "--baseline", file, folder)[0] == 0
