"""kpt is the judge: small packages, one behaviour each, rendered by real kpt and by krmfn, and compared."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT, krmfn_here

PARITY = ROOT / "tests" / "parity"
HEAD = "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: p\n"
CASES: dict[str, dict[str, Any]] = yaml.safe_load((PARITY / "cases.yaml").read_text())
OF_NEWER: dict[str, dict[str, Any]] = yaml.safe_load((PARITY / "newer.yaml").read_text())
NEWER = os.environ.get("NEWER_KPT", "")  # the executable of a newer kpt; tests/parity/newer-kpt builds one


def _step(step: dict[str, Any]) -> dict[str, Any]:
    name = step.get("exec", "")
    return {**step, "exec": f"{sys.executable} {PARITY / 'function.py'} {name}"} if name and "/" not in name else step


def _kptfile(declared: dict[str, Any]) -> str:
    kinds = [kind for kind in ("mutators", "validators") if kind in declared]
    pipeline = {kind: [_step(step) for step in declared[kind]] for kind in kinds}
    head = HEAD
    if "annotations" in declared:
        head += textwrap.indent(yaml.safe_dump({"annotations": declared["annotations"]}), "  ")
    return head + (yaml.safe_dump({"pipeline": pipeline}, sort_keys=False, width=1000) if pipeline else "")


def make(root: Path, case: dict[str, Any]) -> Path:
    """Write the package of a case."""
    files: dict[str, str] = {"Kptfile": _kptfile(case), **case.get("files", {})}
    for name, text in files.items():
        if text.startswith("KPTFILE"):
            declared: dict[str, Any] = yaml.safe_load(text.removeprefix("KPTFILE")) or {}
            files[name] = _kptfile({**declared.get("pipeline", {}), **declared})
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(files[name].encode())
    return root


def texts(root: Path) -> dict[str, str]:
    files = sorted(path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes().decode() for path in files}


def results(folder: Path) -> list[list[str]]:
    """Return the severities of what each function of a run said by itself."""
    file = folder / "results.yaml"
    found: dict[str, Any] = yaml.safe_load(file.read_text()) if file.is_file() else {}
    said = (
        [each for each in entry.get("results", []) if each["message"] == "as it is"]
        for entry in found.get("items") or []
    )
    return [severities for results in said if (severities := [each["severity"] for each in results])]


def kpt_render(kpt: str, root: Path, *arguments: str) -> int:
    command = [kpt, "fn", "render", str(root), "--allow-exec", *arguments]
    return subprocess.run(command, capture_output=True, check=False, timeout=120).returncode


def krmfn_render(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return krmfn_here(root.parent, "render", str(root), "--allow-exec", *arguments)


def test_there_are_enough() -> None:
    """Each case is one behaviour, and says whether both refuse it or they differ, and why."""
    assert len(CASES) >= 40
    assert not [name for name, case in CASES.items() if "fails" in case and "differs" in case]


def test_the_page_lists_every_difference() -> None:
    """docs/rendering.md shows the cases that differ with their reasons, and says how many cases there are."""
    page = (ROOT / "docs" / "rendering.md").read_text()
    rows = [f"| {name} | {case['differs']} |" for name, case in CASES.items() if "differs" in case]
    table = page.partition("<!-- differences -->\n")[2].partition("<!-- /differences -->")[0]
    assert table.splitlines()[2:] == rows
    assert f"holds {len(CASES)} small packages" in page


@pytest.mark.parametrize("name", CASES)
def test_krmfn_renders_as_kpt_does(kpt: str, tmp_path: Path, name: str) -> None:
    """The same files, results and verdict, or really others where a reason is given; and then nothing is left to do."""
    root = compare(kpt, tmp_path, CASES[name])
    if root is not None:
        settled(kpt, root, CASES[name])


@pytest.mark.skipif(not NEWER, reason="NEWER_KPT names no newer kpt; tests/parity/newer-kpt builds one")
@pytest.mark.parametrize("name", [*CASES, *OF_NEWER])
def test_krmfn_renders_as_a_newer_kpt_does(tmp_path: Path, name: str) -> None:
    """In all that kpt has always done, and in what it has learnt since."""
    compare(NEWER, tmp_path, {**CASES, **OF_NEWER}[name])


@pytest.mark.parametrize("name", OF_NEWER)
def test_what_newer_kpt_does_is_done_by_krmfn(tmp_path: Path, name: str) -> None:
    """Also seen where no newer kpt is at hand."""
    case = OF_NEWER[name]
    root = make(tmp_path / "p", case)
    before = texts(root)
    rendered = krmfn_render(root)
    assert rendered.returncode == (1 if case.get("fails") else 0), rendered.stderr
    if case.get("fails"):
        assert texts(root) == before
    else:
        assert case["writes"]
    for file, line in case.get("writes", {}).items():
        assert f"  {line}\n" in texts(root)[file]


def compare(kpt: str, tmp_path: Path, case: dict[str, Any]) -> Path | None:
    """Render with both, and return what krmfn has rendered, None where it refused."""
    theirs, ours = make(tmp_path / "kpt" / "p", case), make(tmp_path / "krmfn" / "p", case)
    before = texts(ours)
    status = kpt_render(kpt, theirs, "--results-dir", str(tmp_path / "a"))
    rendered = krmfn_render(ours, "--results-dir", str(tmp_path / "b"))
    assert "Traceback" not in rendered.stderr
    if rendered.returncode:
        assert "[error] " in rendered.stderr
        assert texts(ours) == before
    if "differs" in case:
        assert (status, texts(theirs)) != (rendered.returncode, texts(ours))
        return None if rendered.returncode else ours
    assert rendered.returncode == (1 if case.get("fails") else 0), rendered.stderr
    assert (status != 0) == (rendered.returncode != 0)
    assert texts(theirs) == texts(ours)
    if (tmp_path / "a").exists():
        assert results(tmp_path / "a") == results(tmp_path / "b")
    return None if rendered.returncode else ours


def settled(kpt: str, root: Path, case: dict[str, Any]) -> None:
    """A second render changes nothing, --check agrees, and kpt changes no resource of what krmfn has rendered."""
    once = texts(root)
    if case.get("once"):  # the function adds another object each time
        assert krmfn_render(root, "--check").returncode == 1
        return
    assert krmfn_render(root, "--check").returncode == 0
    assert krmfn_render(root).returncode == 0
    assert texts(root) == once
    if "differs" not in case:
        assert kpt_render(kpt, root) == 0
        assert texts(root) == once
