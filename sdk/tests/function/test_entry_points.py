"""Entry points are read as `importlib.metadata` reads them."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from krm_functions_sdk.function import entry_points

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT = "[krm_functions]\n# c\none = my.one:One\n two=my.two:run.it [extra]\n\n[other]\nthree = my:three\n"
NEW = "Metadata-Version: 2.1\nName: My.Dist\nVersion: 1.2\n\nVersion: in the description\n"


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    entry_points.of_group.cache_clear()
    yield
    entry_points.of_group.cache_clear()


def of(group: str) -> list[tuple[str, str, str]]:
    return sorted((each.name, each.value, each.version) for each in entry_points.of_group(group))


def of_importlib(group: str) -> list[tuple[str, str, str]]:
    found = metadata.entry_points(group=group)
    return sorted((each.name, each.value, each.dist.version if each.dist else "") for each in found)


def distribution(folder: Path, name: str, text: str = TEXT, about: str = NEW) -> None:
    (folder / name).mkdir(parents=True)
    (folder / name / "entry_points.txt").write_text(text)
    (folder / name / ("METADATA" if name.endswith(".dist-info") else "PKG-INFO")).write_text(about)


@pytest.mark.parametrize("group", sorted(metadata.entry_points().groups))
def test_each_group_of_this_environment(group: str) -> None:
    assert of(group) == of_importlib(group)


def test_of_two_the_first_on_the_path_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    distribution(tmp_path / "a", "my_dist-1.2.dist-info")
    distribution(tmp_path / "b", "My.Dist-9.dist-info", "[krm_functions]\nold = my:old\n")
    distribution(tmp_path / "b", "legacy.egg-info", "[krm_functions]\nlegacy = my:legacy\n")
    distribution(tmp_path / "b", "broken-1.dist-info", "[krm_functions\nno = my:no\n[]\n= x\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "gone"), str(tmp_path / "a"), str(tmp_path / "b")])
    assert of("krm_functions") == of_importlib("krm_functions")
    assert [name for name, *_ in of("krm_functions")] == ["legacy", "one", "two"]


def test_in_an_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(tmp_path / "my.zip", "w") as archive:
        archive.writestr("my_dist-1.2.dist-info/entry_points.txt", TEXT)
        archive.writestr("my_dist-1.2.dist-info/METADATA", NEW)
    monkeypatch.syspath_prepend(tmp_path / "my.zip")
    assert ("one", "my.one:One", "1.2") in of("krm_functions")
    assert of("krm_functions") == of_importlib("krm_functions")


def test_with_a_finder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    distribution(tmp_path, "my_dist-1.2.dist-info")
    found = metadata.Distribution.at(tmp_path / "my_dist-1.2.dist-info")

    class Finder:
        find_spec = staticmethod(lambda *_: None)
        find_distributions = staticmethod(lambda _context: [found])

    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Finder()])
    assert ("two", "my.two:run.it [extra]", "1.2") in of("krm_functions")
    assert of("krm_functions") == of_importlib("krm_functions")


def test_what_an_entry_point_names_is_imported() -> None:
    assert entry_points.EntryPoint("x", "os.path:join.__name__ [extra]").load() == "join"
    assert entry_points.EntryPoint("x", "os.path").load() is sys.modules["os.path"]
    with pytest.raises(ModuleNotFoundError):
        entry_points.EntryPoint("x", "no_such_module:x").load()


def test_a_distribution_without_metadata_has_no_version(tmp_path: Path) -> None:
    assert entry_points.EntryPoint("x", "y", tmp_path).version == ""


def test_what_is_no_longer_there_is_known_without_an_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "of_mine").mkdir()
    (tmp_path / "of_mine" / "__init__.py").write_text("raise SystemExit('imported')\n")
    (tmp_path / "of_mine" / "one.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    there = ("of_mine:run", "of_mine.one:run.it [extra]", "email.message:Message", "sys:exit")
    gone = ("of_mine.two:run", "of_mine.one.deep:run", "no_such_module:x", "no_such_module.x:y", "os.path.x:y")
    for values, expected in ((there, True), (gone, False)):
        assert [entry_points.EntryPoint("x", value).is_there for value in values] == [expected] * len(values)
    assert "of_mine" not in sys.modules


def test_what_was_deleted_is_not_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither as a function nor as a command, though its metadata still lies there."""
    distribution(tmp_path, "my_dist-1.2.dist-info")
    text = "[krm_functions]\nlost-function = my.lost:run\n[krmfn_commands]\nlost-command = my.lost:run\n"
    (tmp_path / "my_dist-1.2.dist-info" / "entry_points.txt").write_text(text)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    krmfn = Path(sys.executable).parent / "krmfn"
    for argument in ("functions", "--help"):
        said = subprocess.run([krmfn, argument], capture_output=True, text=True, check=True).stdout
        assert "lost" not in said
