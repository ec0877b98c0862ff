"""Writes that are killed at every step, and disks that refuse: the tree is the old one or the new one."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from krm_functions_sdk.files import journal

OLD = {"a.yaml": "a: 1\n", "b/b.yaml": "b: 1\n", "gone.yaml": "g: 1\n", "same.yaml": "s: 1\n"}
NEW = {"a.yaml": "a: 2\n", "b/b.yaml": "b: 2\n", "new/deep/n.yaml": "n: 2\n", "same.yaml": "s: 1\n"}

# Runs in a process of its own, which is killed before call number `step` that the write makes of the system.
KILLED = """
import os, signal, sys
from pathlib import Path
from krm_functions_sdk.files import journal

root, step, old, new = Path(sys.argv[1]), int(sys.argv[2]), *map(eval, sys.argv[3:])
calls = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "open", "os.chmod", "shutil.rmtree"}

def count(event, arguments):
    global step
    if event in calls and (event != "open" or isinstance(arguments[2], int) and arguments[2] & os.O_CREAT):
        step -= 1
        if step < 0:
            os.kill(os.getpid(), signal.SIGKILL)

changes = [(root / path, old.get(path), new.get(path)) for path in {**old, **new} if old.get(path) != new.get(path)]
sys.addaudithook(count)
REFUSE
journal.write(root, changes) if step < 1000 else print(journal.settle(root))
step = 10**6
"""
REFUSE = """
replaced = os.replace
def refuse(path, target):
    if "deep" in str(target):
        raise PermissionError(1, "Operation not permitted")
    return replaced(path, target)
os.replace = refuse
"""


def tree(root: Path) -> dict[str, str]:
    files = sorted(path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_text() for path in files}


def make(root: Path, files: dict[str, str] = OLD) -> Path:
    shutil.rmtree(root, ignore_errors=True)
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def changes(root: Path) -> list[tuple[Path, str | None, str | None]]:
    names = [name for name in {**OLD, **NEW} if OLD.get(name) != NEW.get(name)]
    return [(root / name, OLD.get(name), NEW.get(name)) for name in names]


def kill(root: Path, step: int, refuse: str = "") -> int:
    code = KILLED.replace("REFUSE", refuse)
    command = [sys.executable, "-c", code, str(root), str(step), repr(OLD), repr(NEW)]
    return subprocess.run(command, capture_output=True, check=False).returncode


@pytest.mark.parametrize("refuse", ["", REFUSE], ids=["written", "undone"])
def test_a_write_that_is_killed_before_any_of_its_calls(tmp_path: Path, refuse: str) -> None:
    """For each call of the system: killed before it, settled, the tree is old or new, and nothing is left behind."""
    seen: list[dict[str, str]] = []
    for step in range(200):
        root = make(tmp_path / "p")
        status = kill(root, step, refuse)
        said = journal.settle(root)
        found = tree(root)
        assert found in (OLD, NEW), f"killed before call {step}: {said}"
        assert (": finished" in said) <= (found == NEW)
        assert (": dropped" in said or ": undid" in said) <= (found == OLD)
        assert not (root / ".krmfn").exists()
        assert journal.settle(root) == ""
        seen.append(found)
        if status != -9:
            break
    assert len(seen) > 15
    assert seen[0] == OLD
    assert seen[-1] == (OLD if refuse else NEW)


def test_settling_that_is_killed_is_settled_again(tmp_path: Path) -> None:
    """Killed in the write and then in settling it, at each call: settled once more it is whole."""
    code = KILLED.replace("REFUSE", "").replace("step < 1000", "False")
    for step in range(30):
        root = make(tmp_path / "p")
        prepare(root)
        command = [sys.executable, "-c", code, str(root), str(step), repr(OLD), repr(NEW)]
        subprocess.run(command, capture_output=True, check=False)
        journal.settle(root)
        assert tree(root) == NEW


def prepare(root: Path) -> None:
    """Leave what a write leaves that was killed as soon as its journal was there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(journal, "_finish", lambda *_: [])
        journal.write(root, changes(root))
    assert all((root / name).read_text() == text for name, text in OLD.items())


def test_what_was_edited_after_the_kill_is_kept(tmp_path: Path) -> None:
    """Edited in place, replaced, created or deleted by somebody: that stays, all else is finished."""
    root = make(tmp_path / "p")
    prepare(root)
    with (root / "a.yaml").open("a") as file:
        file.write("mine: 1\n")
    (root / "new/deep").mkdir(parents=True)
    (root / "new/deep/n.yaml").write_text("mine: 1\n")
    line = journal.settle(root)
    assert line == f"{root}: finished a render that was killed, but kept a.yaml, new/deep/n.yaml, edited since"
    assert tree(root) == {**NEW, "a.yaml": "a: 1\nmine: 1\n", "new/deep/n.yaml": "mine: 1\n"}


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"entries": [{"path": "../x", "old": null, "new": null}], "folders": []}']
)
def test_a_journal_that_makes_no_sense_changes_nothing(tmp_path: Path, text: str) -> None:
    """Half a journal, or one that reaches out of its tree, is an error that says what to do."""
    root = make(tmp_path / "p")
    (root / ".krmfn").mkdir()
    (root / ".krmfn/journal").write_text(text)
    with pytest.raises(OSError, match=r"no journal of a render \(.*\); compare the files in .*, then delete it"):
        journal.settle(root)
    assert tree(root) == {**OLD, ".krmfn/journal": text}


@pytest.mark.parametrize("text", ["edited: 1\n", None])
def test_a_file_that_changed_since_it_was_read_is_refused(tmp_path: Path, text: str | None) -> None:
    """Edited or deleted between reading and writing: the error names it, and nothing is written."""
    root = make(tmp_path / "p")
    (root / "b/b.yaml").write_text(text) if text else (root / "b/b.yaml").unlink()
    before = tree(root)
    with pytest.raises(journal.Changed, match=r"b/b\.yaml: changed on disk since it was read; run it again"):
        journal.write(root, changes(root))
    assert tree(root) == before


def test_modes_stay_and_links_are_followed(tmp_path: Path) -> None:
    """A written file keeps its mode, a link stays one, and a deletion takes the link and not what it leads to."""
    root = make(tmp_path / "p")
    (root / "a.yaml").chmod(0o640)
    (root / "link.yaml").symlink_to("b/b.yaml")
    (root / "dead.yaml").symlink_to("same.yaml")
    journal.write(root, [
        (root / "a.yaml", "a: 1\n", "a: 2\n"),
        (root / "link.yaml", "b: 1\n", "b: 2\n"),
        (root / "dead.yaml", "s: 1\n", None),
    ])  # fmt: skip
    assert (root / "a.yaml").stat().st_mode & 0o777 == 0o640
    assert (root / "link.yaml").is_symlink()
    assert tree(root) == {**OLD, "a.yaml": "a: 2\n", "b/b.yaml": "b: 2\n", "link.yaml": "b: 2\n"}
    with pytest.raises(OSError, match="the same file under two names, which would get two different texts"):
        journal.write(root, [(root / "link.yaml", "b: 2\n", "x"), (root / "b/b.yaml", "b: 2\n", "y")])


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "none", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("may not mount a file system here")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk(small_disk: Path) -> None:
    """What does not fit is not written, nor is anything else, and no staged file is left to fill the disk."""
    root = make(small_disk / "p")
    wanted = [*changes(root)[:-1], (root / "big.yaml", None, "x" * 100_000)]
    with pytest.raises(OSError, match=r"big\.yaml: no space left on device; free some, and run it again"):
        journal.write(root, wanted)
    assert tree(root) == OLD
    assert not (root / ".krmfn").exists()


def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    """Found out while files are put in place: what was written before is taken back."""
    nobody = shutil.which("setpriv")
    if os.geteuid() != 0 or not nobody:
        pytest.skip("needs root and setpriv to be somebody else")
    root = make(tmp_path / "p")
    for path in (root, *root.rglob("*")):
        os.chown(path, 65534, 65534)
    (root / "b").chmod(0o500)
    for folder in (tmp_path, *tmp_path.parents):  # as deep as tests that run side by side have their folders
        if folder.name.startswith(("test_", "popen-", "pytest-")):
            folder.chmod(0o755)
    edits = [("a.yaml", "a: 1\n", "a: 2\n"), ("b/b.yaml", "b: 1\n", "b: 2\n")]
    code = f"from pathlib import Path\nfrom krm_functions_sdk.files import journal\nroot = Path({str(root)!r})\n"
    code += f"journal.write(root, [(root / name, old, new) for name, old, new in {edits!r}])"
    run = [nobody, "--reuid=65534", "--regid=65534", "--clear-groups", sys.executable, "-c"]
    if subprocess.run([*run, ""], capture_output=True, check=False).returncode:
        pytest.skip("this Python stands where only its owner may read it")
    done = subprocess.run([*run, code], capture_output=True, text=True, check=False)
    assert f"PermissionError: {root}/b/b.yaml: permission denied; give yourself permission" in done.stderr
    (root / "b").chmod(0o700)
    assert tree(root) == OLD


def test_git_and_kpt_see_nothing_of_what_is_staged(tmp_path: Path) -> None:
    """Git ignores the folder, and no file in it has a name that kpt, kustomize or Config Sync read."""
    root = make(tmp_path / "p")
    subprocess.run(["git", "init", "-q", root], check=True)
    subprocess.run(["git", "-C", root, "add", "."], check=True)
    prepare(root)
    status = subprocess.run(["git", "-C", root, "status", "--porcelain"], capture_output=True, text=True, check=True)
    assert ".krmfn" not in status.stdout
    staged = sorted(path.name for path in (root / ".krmfn").iterdir())
    assert "journal" in staged
    assert not [name for name in staged if name.endswith((".yaml", ".yml", ".json")) or name == "Kptfile"]
    assert len(json.loads((root / ".krmfn/journal").read_text())["entries"]) == 4
