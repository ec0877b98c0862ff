"""Two renders at once: one waits for the other, or is refused and says for whom it waited."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from krm_functions_sdk.files import journal, lock

HOLD = "from pathlib import Path\nfrom krm_functions_sdk.files import lock\nimport sys\n"
HOLD += "with lock.held(Path(sys.argv[1]), print):\n    print('held', flush=True)\n    sys.stdin.read()\n"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package with a subpackage."""
    for folder in (tmp_path / "p", tmp_path / "p/deep/sub"):
        folder.mkdir(parents=True)
        (folder / "Kptfile").write_text("")
    return tmp_path / "p"


@pytest.fixture
def holder(package: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the subpackage."""
    command = [sys.executable, "-c", HOLD, str(package / "deep/sub")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_tree_is_changed_by_one_at_a_time(package: Path, holder: subprocess.Popen[str]) -> None:
    """The subpackage, and the package around it: who comes second waits, says for whom, and is then refused."""
    for root in (package, package / "deep/sub"):
        said: list[str] = []
        with (
            pytest.raises(lock.Busy, match=r"is at work on .*; try again when it is done"),
            lock.held(root, said.append, 0.1),
        ):
            pass
        assert len(said) == 1
        assert re.search(rf"waits for (process {holder.pid} \(.*\)|another process), which is at work on ", said[0])


def test_neighbours_do_not_wait(package: Path, holder: subprocess.Popen[str]) -> None:
    """Two subpackages of one package are rendered at once."""
    assert holder.poll() is None
    (package / "other").mkdir()
    (package / "other/Kptfile").write_text("")
    with lock.held(package / "other", pytest.fail, 0):
        pass


def test_a_lock_ends_with_its_holder(package: Path, holder: subprocess.Popen[str]) -> None:
    """One that was killed holds nothing, and one that is done neither: the next comes in while it waits."""
    holder.kill()
    with lock.held(package, lambda _: None, 10):
        pass
    assert sorted(path.name for path in package.iterdir()) == ["Kptfile", "deep"]


@pytest.mark.parametrize(("killed", "asked"), [("p", "p"), ("p", "p/deep/sub"), ("p/deep/sub", "p")])
def test_who_comes_next_settles_what_was_killed(
    package: Path, monkeypatch: pytest.MonkeyPatch, killed: str, asked: str
) -> None:
    """The next command on the package, on one around it or on one in it finishes what was killed, and says so."""
    root = package.parent / killed
    with monkeypatch.context() as patch:
        patch.setattr(journal, "_finish", lambda *_: [])
        journal.write(root, [(root / "x.yaml", None, "x")])
    said: list[str] = []
    with lock.held(package.parent / asked, said.append):
        assert (root / "x.yaml").read_text() == "x"
    assert said == [f"{root}: finished a render that was killed"]


def test_a_journal_of_another_user_above_is_none_of_ours(package: Path) -> None:
    """In a folder above that others may write to, somebody else's journal counts for nothing."""
    if os.geteuid() != 0:
        pytest.skip("only root can make a file of another user")
    (package.parent / ".krmfn").mkdir()
    os.chown(package.parent / ".krmfn", 65534, 65534)
    (package.parent / ".krmfn/journal").write_text("{")
    with lock.held(package, pytest.fail):
        pass
