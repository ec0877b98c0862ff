"""`make tables`: the tables of fields are what the CRDs say, and what a table cannot say is told."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import crd_tables
import pytest
import yaml
from crd_tables import FORMATS, HERE, MODULES, SOURCES, UNCHECKED, Untold, fields, lines, revisions
from crds import CRDS, needs_crds
from krm_inference.validate_inference.rules.fields.declared import FORMATS as CHECKS
from krm_inference.validate_inference.rules.fields.tables import TABLES

KINDS = [kind for _, kinds in MODULES.values() for kind in kinds]
Json = dict[str, Any]


def write(*arguments: str, shared: Path = CRDS.parent) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(HERE / "crd_tables.py"), *arguments]
    environment = {**os.environ, "KRM_SHARED": str(shared)}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


@needs_crds
def test_the_tables_are_what_the_crds_say() -> None:
    """`make tables` has nothing to write."""
    done = write("--check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_each_kind_that_is_written_is_read() -> None:
    """No table lies there that nobody looks into."""
    assert list(TABLES) == KINDS


def test_each_format_has_its_check() -> None:
    """A format that the script writes is one that a value can be compared with."""
    assert {*FORMATS.values(), "interval"} == set(CHECKS)


@needs_crds
def test_no_pattern_and_no_folder_is_left_over() -> None:
    """Each row of the script's own tables stands for something in the CRDs."""
    found = revisions(CRDS)
    parts = [part for kind in KINDS for _, schema in found[kind] for part in fields(schema).values()]
    assert {part["pattern"] for part in parts if "pattern" in part} == FORMATS.keys() | UNCHECKED.keys()
    assert {folder for kind in KINDS for folder, _ in found[kind]} == set(SOURCES)


@pytest.fixture
def others(tmp_path: Path) -> Path:
    """A copy of the CRDs, to be changed."""
    shutil.copytree(CRDS, tmp_path / "crds", copy_function=shutil.copyfile)
    for path in tmp_path.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return tmp_path


ROUTES = Path("crds/gateway-api-standard-v1.6.1/gateway.networking.k8s.io_httproutes.yaml")


def change(shared: Path, do: Callable[[Json], object]) -> None:
    """Change the schema of the spec in the newest CRD of routes."""
    file = shared / ROUTES
    crd = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    for version in crd["spec"]["versions"]:
        do(version["schema"]["openAPIV3Schema"]["properties"]["spec"])
    file.write_text(yaml.dump(crd, Dumper=yaml.CSafeDumper), encoding="utf-8")


@needs_crds
def test_a_changed_crd_makes_its_table_out_of_date(others: Path) -> None:
    """--check names the table, writes nothing and fails."""
    change(others, lambda spec: spec["properties"]["hostnames"].update(maxItems=17))
    file = crd_tables.TABLES / "gateway.py"
    before = file.read_bytes()
    done = write("--check", shared=others)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == f"{file.relative_to(HERE.parent)}: out of date, run make tables\n"
    assert file.read_bytes() == before


@needs_crds
@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ({"type": "string", "pattern": "^x$"}, "found the pattern ^x$; name its format in FORMATS"),
        ({"type": "fraction"}, "found the type 'fraction'; _TYPES has no word for it"),
    ],
    ids=["pattern", "type"],
)
def test_what_a_table_has_no_word_for_is_told(others: Path, field: Json, expected: str) -> None:
    """The kind, the field and what to do; and no table is written."""
    change(others, lambda spec: spec["properties"].update(new=field))
    done = write("--check", shared=others)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"HTTPRoute of gateway.networking.k8s.io/v1: spec.new: {expected}" in done.stderr
    assert done.stderr.endswith("; nothing was written\n")


@needs_crds
def test_a_missing_crd_is_told(others: Path) -> None:
    (others / ROUTES).unlink()
    done = write("--check", shared=others)
    assert (done.returncode, done.stdout) == (1, "")
    assert "no CRD there has HTTPRoute of gateway.networking.k8s.io/v1; nothing was written" in done.stderr


def test_missing_crds_are_told(tmp_path: Path) -> None:
    """With the variable that names them."""
    done = write("--check", shared=tmp_path / "elsewhere")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"{tmp_path}/elsewhere/crds: not there; KRM_SHARED names the folder that holds crds/\n"


def test_a_wrong_argument_is_answered_with_the_usage() -> None:
    done = write("--chek")
    assert (done.returncode, done.stdout) == (2, "")
    assert "usage: functions/crd_tables.py [--check]" in done.stderr


def spec(**properties: Json) -> Json:
    return {"properties": {"spec": {"type": "object", "properties": properties, "required": list(properties)}}}


def test_of_several_revisions_the_widest_holds() -> None:
    """A bound, a value, a format or a need that one of them does not know is none."""
    old = spec(
        count={"type": "integer", "minimum": 1, "maximum": 5},
        mode={"type": "string", "enum": ["a"]},
        name={"type": "string", "maxLength": 5, "pattern": "^([0-9]{1,5}(h|m|s|ms)){1,4}$"},
    )
    new = spec(
        added={"type": "boolean"},
        count={"type": "integer", "minimum": 0, "maximum": 4},
        mode={"type": "string", "enum": ["b", "a"]},
        name={"type": "string"},
    )
    assert list(lines([old, new])) == [
        "spec object",
        "spec.count! int 0..5",
        "spec.mode! enum a|b",
        "spec.name! text",
        "spec.added bool",
    ]


def test_a_type_that_changes_between_revisions_is_told() -> None:
    with pytest.raises(Untold, match=r"spec\.port: its type changes between revisions \(int, text\)"):
        list(lines([spec(port={"type": "integer"}), spec(port={"type": "string"})]))
