"""krmfn render --diff and --check: what would change, and nothing does."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from krm_functions_sdk import Resource, ResourceList, krmfn
from krm_functions_sdk.function import registry

KPTFILE = "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: p\npipeline:\n  mutators:\n  - image: change\n"
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: "


def change(resources: ResourceList) -> None:
    """Label one ConfigMap, delete one, and add one."""
    for one in resources.where("ConfigMap", name="labelled"):
        one.set("metadata.labels.seen", "yes")
    for one in resources.where("ConfigMap", name="old"):
        resources.remove(one)
    if not resources.where("ConfigMap", name="new"):
        resources.add(Resource(f"{CONFIG}new\n"), "new.yaml")


class Installed:
    name, version = "change", "1.0.0"

    def load(self) -> Callable[[ResourceList], None]:
        return change


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package that its pipeline changes."""
    monkeypatch.setattr(registry, "installed", lambda: {"change": Installed()})
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p").mkdir()
    for name, text in {"Kptfile": KPTFILE, "a.yaml": f"{CONFIG}labelled", "old.yaml": f"{CONFIG}old\n"}.items():
        (tmp_path / "p" / name).write_text(text)
    return tmp_path / "p"


def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["krmfn", "render", *arguments])
    status = krmfn.main()
    return status, *capsys.readouterr()


def texts(root: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in root.rglob("*")}


@pytest.mark.parametrize(("option", "status"), [("--diff", 0), ("--check", 1)])
def test_a_patch_of_it_gives_what_renders(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], option: str, status: int
) -> None:
    """Nothing is written; what is shown is a patch that makes of the tree what a render makes of it."""
    before = texts(root)
    found, out, err = run(monkeypatch, capsys, option, "p")
    assert (found, texts(root)) == (status, before)
    assert err == ("3 files differ from what renders; run krmfn render\n" if status else "")
    done = subprocess.run(["patch", "-p0"], input=out, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout
    patched = texts(root)
    for name in patched:
        (root / name).unlink()
    for name, text in before.items():
        (root / name).write_text(text)
    assert run(monkeypatch, capsys, "p")[0] == 0
    assert texts(root) == patched
    assert run(monkeypatch, capsys, option, "p") == (0, "", "")


def test_a_package_that_cannot_be_rendered_fails_both(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The errors are those of a render."""
    (root / "values.yaml").write_text("a: b\n")
    for option in ("--diff", "--check"):
        status, out, err = run(monkeypatch, capsys, option, "p")
        assert (status, out) == (1, "")
        assert err.startswith("[error] p/values.yaml:1: not a Kubernetes object")
        assert err.endswith("p: cannot be rendered\n")
