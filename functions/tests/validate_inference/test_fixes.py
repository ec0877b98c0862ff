"""`--fix`: which rules it mends, that the rule then passes, that nothing else changes, and what it leaves alone."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from checked import results
from krm_functions_sdk import MISSING, Resource
from krm_inference.validate_inference import validate_inference
from krm_inference.validate_inference.reports import command, fixes
from krm_inference.validate_inference.rules import RULES

FOLDERS = Path(__file__).resolve().parents[2] / "krm_inference" / "validate_inference" / "rules"
EXAMPLES = {folder.name: folder for folder in FOLDERS.glob("*/examples/*")}
QUOTES = """\
apiVersion: v1
kind: Service # the web
metadata:
  name: web
  labels:
    shared: true # not false
spec:
  ports:
  - port: 80
"""


def example(rule: str, folder: Path) -> tuple[Path, list[str]]:
    """Return a copy of what fails, with a comment at the end of each line, and the arguments that set its config."""
    text = (EXAMPLES[rule] / "fails.yaml").read_text(encoding="utf-8")
    file = folder / "in" / "set.yaml"
    file.parent.mkdir()
    file.write_text(f"# head\n{text}# tail\n", encoding="utf-8")
    config = EXAMPLES[rule] / "config.yaml"
    if config.exists():
        shutil.copy(config, folder)
    return file, [*(["--config", str(folder / "config.yaml")] if config.exists() else []), str(file.parent)]


def proposing(file: Path) -> set[str]:
    """Return the rules that still propose a value."""
    return {result.tags.get("rule", "") for result in results(file) if result.proposed is not MISSING}


def test_the_table_names_rules() -> None:
    assert set(fixes.CERTAIN) <= {rule.id for rule in RULES}


def test_the_page_names_the_rules_of_the_table() -> None:
    page = (FOLDERS.parent / "README.md").read_text(encoding="utf-8")
    between = page.partition("<!-- fixes -->")[2].partition("<!-- /fixes -->")[0]
    assert between == ", ".join(f"`{rule}`" for rule in fixes.CERTAIN)


@pytest.mark.parametrize("rule", fixes.CERTAIN)
def test_what_fails_passes_after_it(rule: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The rule proposes nothing more, lines that were not named are the same, and a second run changes none."""
    file, arguments = example(rule, tmp_path)
    before = file.read_text(encoding="utf-8").splitlines()
    command.main(validate_inference, ["--fix", *arguments])
    said = capsys.readouterr().err
    mended = [line for line in said.splitlines() if line.startswith("mended ")]
    assert mended
    assert all(f": {rule}: " in line for line in mended)
    after = file.read_text(encoding="utf-8").splitlines()
    assert rule not in proposing(file)
    assert after[0] == "# head"
    assert after[-1] == "# tail"
    assert len([line for line in before if line not in after]) <= len(mended)
    command.main(validate_inference, ["--fix", *arguments])
    assert "mended 0 findings" in capsys.readouterr().err
    assert file.read_text(encoding="utf-8").splitlines() == after


def found(file: Path) -> set[tuple[str, str, str]]:
    """Return rule, object and field of all that is found but for notices."""
    shown = (result for result in results(file) if result.severity != "info")
    return {(result.tags.get("rule", ""), result.reference.get("name", ""), result.field) for result in shown}


def mended(file: Path, capsys: pytest.CaptureFixture[str]) -> str:
    command.main(validate_inference, ["--fix", str(file)])
    capsys.readouterr()
    return file.read_text(encoding="utf-8")


@pytest.mark.parametrize("rule", [rule for rule in fixes.CERTAIN if not (EXAMPLES[rule] / "config.yaml").exists()])
def test_it_makes_no_new_finding(rule: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, _ = example(rule, tmp_path)
    before = found(file)
    mended(file, capsys)
    assert found(file) < before


@pytest.mark.parametrize(
    ("path", "after"),
    [
        ("/healthz", "/health"),
        ("/", "/health"),
        ("/ready", "/health"),
        ("/status", "/health"),
        ("/v1/model", "/v1/models"),
        ("/metric", "/metrics"),
        ("/v2/health/ready", "/health"),
    ],
)
def test_a_path_is_mended_to_the_one_that_is_meant(
    path: str, after: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, _ = example("server-path", tmp_path)
    file.write_text(file.read_text().replace("/healthz", path))
    before, said = found(file), mended(file, capsys)
    assert f"path: {after}\n" in said
    assert found(file) < before
    assert mended(file, capsys) == said


@pytest.mark.parametrize("servers", [150, 31, 3600])
@pytest.mark.parametrize("picker", [0, 30, None])
def test_a_picker_outlives_its_servers_and_they_stay_as_they_are(
    servers: int, picker: int | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, _ = example("drain-picker", tmp_path)
    server, pool, rest = file.read_text().partition("kind: InferencePool")
    server = server.replace("terminationGracePeriodSeconds: 150", f"terminationGracePeriodSeconds: {servers}")
    rest = re.sub(r" +terminationGracePeriodSeconds: .*\n", "", rest)
    if picker is not None:
        rest = rest.replace("      containers:", f"      terminationGracePeriodSeconds: {picker}\n      containers:", 1)
    file.write_text(server + pool + rest)
    before, said = found(file), mended(file, capsys)
    assert said.startswith(server)
    assert f"terminationGracePeriodSeconds: {servers}\n" in said.partition(pool)[2]
    assert found(file) < before
    assert mended(file, capsys) == said


def test_a_definition_is_not_renamed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its name, plural or group may be the wrong one."""
    file, _ = example("definition-name", tmp_path)
    before = file.read_text()
    assert mended(file, capsys) == before
    assert "definition-name" in {rule for rule, _, _ in found(file)}


def test_comments_stay(tmp_path: Path) -> None:
    file = tmp_path / "service.yaml"
    file.write_text(QUOTES)
    assert command.main(validate_inference, ["--fix", str(file)]) == 0
    assert file.read_text() == QUOTES.replace("shared: true", 'shared: "true"')


@pytest.mark.parametrize("written", ["1.10", "0x10", "010", "1e3", "on", "yes", "~"])
def test_a_value_that_yaml_reads_as_another_is_left(
    written: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "service.yaml"
    file.write_text(QUOTES.replace("true", written))
    assert command.main(validate_inference, ["--fix", str(file)]) == 1
    assert f"it is written {written}, which YAML reads as " in capsys.readouterr().err
    assert file.read_text() == QUOTES.replace("true", written)


def test_of_two_fields_that_contradict_none_is_chosen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "set.yaml"
    text = (EXAMPLES["health-check-port"] / "fails.yaml").read_text(encoding="utf-8")
    file.write_text(text.replace("port: 8000", "port: 8000\n        portSpecification: USE_SERVING_PORT"))
    before = file.read_text()
    assert command.main(validate_inference, ["--fix", str(file)]) == 1
    assert "keep the one that you mean" in capsys.readouterr().err
    assert file.read_text() == before


def test_a_check_says_what_would_be_mended_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "service.yaml"
    file.write_text(QUOTES)
    assert command.main(validate_inference, ["--fix", "--check", "--fail-on=never", str(file)]) == 1
    err = capsys.readouterr().err
    assert f'would be mended {file}:6: Service web: metadata.labels.shared: label: true -> "true"' in err
    assert "1 finding would be mended; no file was changed" in err
    assert file.read_text() == QUOTES
    file.write_text(QUOTES.replace("true", '"true"'))
    assert command.main(validate_inference, ["--fix", "--check", str(file)]) == 0


def test_all_files_are_written_or_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(QUOTES.replace("name: web", f"name: {name}"))
    monkeypatch.setattr("krm_functions_sdk.files.package.write", _full)
    assert command.main(validate_inference, ["--fix", str(tmp_path)]) == 2
    assert "disk is full" in capsys.readouterr().err
    assert all("shared: true" in file.read_text() for file in tmp_path.glob("*.yaml"))


def _full(*_: object) -> None:
    raise OSError("disk is full")


def test_what_a_render_writes_is_left_to_the_intent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "service.yaml"
    resource = Resource(QUOTES)
    resource.set("metadata.annotations[inference.fn.kpt.dev/generated-by]", "generate-inference-pool/web")
    file.write_text(resource.text)
    assert command.main(validate_inference, ["--fix", str(file)]) == 1
    assert "generate-inference-pool writes it; mend the intent, and render" in capsys.readouterr().err
    assert file.read_text() == resource.text


def test_what_is_in_a_list_is_left(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "list.yaml"
    item = QUOTES.replace("\n", "\n  ").rstrip()
    file.write_text(f"apiVersion: v1\nkind: List\nitems:\n- {item}\n")
    before = file.read_text()
    command.main(validate_inference, ["--fix", str(file)])
    assert "it stands in a list of objects" in capsys.readouterr().err
    assert file.read_text() == before


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(["--fix"], "has no file to mend"), (["--check", "."], "--check goes with --fix")],
)
def test_misuse_is_told(arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(validate_inference, arguments) == 2
    assert says in capsys.readouterr().err
