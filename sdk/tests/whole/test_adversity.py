"""krmfn render where the system refuses or a function misbehaves: what is wrong and what to do is said, all is kept.

All runs are processes of their own, as a user without special rights: the superuser may read and write what others may
not.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

NOBODY = 65534
CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {}\ndata:\n  key: old\n"
EDIT = "sed s/ol[d]/new/"  # and nothing in the Kptfile


def kptfile(command: str) -> str:
    head = "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: p\npipeline:\n  mutators:\n"
    return f"{head}  - exec: {json.dumps(command)}\n"


OLD = {"Kptfile": kptfile(EDIT), "a.yaml": CONFIG_MAP.format("a"), "b/b.yaml": CONFIG_MAP.format("b")}
NEW = {name: text.replace("key: old", "key: new") for name, text in OLD.items()}
MAIN = "from krm_functions_sdk.krmfn import main; exit(main())"


def as_a_user() -> list[str]:
    """Return the command that runs Python as somebody without special rights."""
    prefix = []
    if os.geteuid() == 0:
        prefix = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    return [*prefix, sys.executable, "-c"]


@pytest.fixture(scope="module", autouse=True)
def _a_user() -> None:
    try:
        subprocess.run([*as_a_user(), MAIN, "help"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no user without special rights can run krmfn here: {error}")


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that any user may reach."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def make(root: Path, files: dict[str, str] = OLD) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def give_away(root: Path) -> None:
    if os.geteuid() == 0:
        for path in (root, *root.rglob("*")):
            os.chown(path, NOBODY, NOBODY, follow_symlinks=False)


def render(root: Path, *options: str, main: str = MAIN) -> tuple[int, str]:
    command = [*as_a_user(), main, "render", "--allow-exec", *options, str(root)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


def tree(root: Path) -> dict[str, str]:
    """Return all there is, links as where they lead."""
    return {
        path.relative_to(root).as_posix(): f"-> {path.readlink()}" if path.is_symlink() else path.read_text()
        for path in sorted(root.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


def modes(path: str, mode: int) -> Callable[[Path], object]:
    return lambda root: (root / path).chmod(mode)


def link(path: str, to: str) -> Callable[[Path], object]:
    return lambda root: (root / path).symlink_to(to)


def text(path: str, written: str) -> Callable[[Path], object]:
    return lambda root: make(root, {path: written})


RIGHT = "permission denied; give yourself permission"
MOVE = "sed 's,path: a.yaml,path: ring/a.yaml,'"
REFUSED: dict[str, tuple[Callable[[Path], object], str]] = {
    "a file that may not be read": (modes("a.yaml", 0), f"[error] ROOT/a.yaml: cannot be read: {RIGHT}"),
    "a folder that may not be read": (modes("b", 0), f"[error] ROOT: cannot be read: ROOT/b/Kptfile: {RIGHT}"),
    "a package that may not be read": (modes(".", 0o311), f"[error] ROOT: cannot be read: ROOT: {RIGHT}"),
    "a package that may not be written": (modes(".", 0o555), f"[error] cannot be written: ROOT/.krmfn: {RIGHT}"),
    "a folder that may not be written": (modes("b", 0o555), f"[error] cannot be written: ROOT/b/b.yaml: {RIGHT}"),
    "files in a circle": (
        link("c.yaml", "c.yaml"),
        "[error] ROOT/c.yaml: cannot be read: not a regular file; is it a symbolic link to nothing, or in a loop?",
    ),
    "a function that writes into a circle": (
        lambda root: (link("ring", "ring")(root), text("Kptfile", kptfile(MOVE))(root)),
        "ROOT/ring/a.yaml: too many levels of symbolic links; fix the link, or remove it",
    ),
    "a file of the folder's name": (
        text(".krmfn", "mine"),
        "[error] cannot be written: ROOT/.krmfn is in the way: new files are staged in a folder of that name; move it",
    ),
    "a folder of the folder's name": (
        text(".krmfn/notes", "mine"),
        "[error] cannot be written: ROOT/.krmfn holds notes, which no render has put there; move it elsewhere",
    ),
    "a Kptfile of no bytes": (text("Kptfile", ""), "[error] ROOT/Kptfile:1: empty, expected a Kptfile of kpt.dev/v1"),
    "a function that hangs": (
        text("Kptfile", kptfile("sleep 60")),
        "[error] sleep 60 did not end within 1 s",
    ),
    "a function that hangs and does not listen": (
        text("Kptfile", kptfile("""sh -c 'trap "" TERM; sleep 60 & wait; sleep 60'""")),
        "did not end within 1 s",
    ),
    "a function that writes no resources": (
        text("Kptfile", kptfile("true")),
        "[error] true wrote nothing to standard output; this would delete the whole package",
    ),
    "a function that floods standard error": (
        text("Kptfile", kptfile("sh -c 'yes | head -c 50000000 >&2; exit 3'")),
        "failed with exit status 3: y",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_is_told_and_nothing_changes(home: Path, case: str) -> None:
    """The error names file, reason and what to do, the exit status is 1, and every file is as it was."""
    spoil, expected = REFUSED[case]
    root = make(home / "p")
    spoil(root)
    give_away(root)
    before = tree(root)
    main = f"from krm_functions_sdk.kpt import process; process._GRACE = 0.5; {MAIN}" if "listen" in case else MAIN
    status, said = render(root, "--timeout", "1" if "hangs" in case else "120", main=main)
    assert status == 1, said
    lines = said.splitlines()
    expected = expected.replace("ROOT", str(root))
    assert any(line.startswith(expected) or line.endswith(expected) for line in lines), said
    assert lines[-1] == f"{root}: not rendered, no file was changed"
    assert "Traceback" not in said
    assert len(said) < 2_000_000
    assert tree(root) == before


def test_all_faults_come_at_once(home: Path) -> None:
    """A file that may not be read does not hide what is wrong with others."""
    root = make(home / "p", {**OLD, "c.yaml": "a: b\n"})
    (root / "a.yaml").chmod(0)
    (root / "b/b.yaml").chmod(0)
    give_away(root)
    status, said = render(root)
    found = [line.split(": ")[0] for line in said.splitlines()]
    assert status == 1
    assert found == [f"[error] {root}/a.yaml", f"[error] {root}/b/b.yaml", f"[error] {root}/c.yaml:1", str(root)]


@pytest.mark.parametrize("case", ["a file that may not be read", "a folder that may not be written"])
def test_once_it_is_mended_it_renders(home: Path, case: str) -> None:
    """A refusal leaves nothing behind that stands in the way of the next render."""
    root = make(home / "p")
    REFUSED[case][0](root)
    give_away(root)
    assert render(root)[0] == 1
    (root / "a.yaml").chmod(0o644)
    (root / "b").chmod(0o755)
    assert render(root) == (0, "")
    assert tree(root) == NEW


def test_what_looks_like_trouble_and_is_none(home: Path) -> None:
    """A file that may only be read is replaced and keeps its mode; folders in a circle are not entered."""
    root = make(home / "p")
    (root / "a.yaml").chmod(0o444)
    (root / "ring").symlink_to(".")
    give_away(root)
    assert render(root) == (0, "")
    assert tree(root) == {**NEW, "ring": "-> ."}
    assert (root / "a.yaml").stat().st_mode & 0o777 == 0o444


def test_a_package_of_nothing(home: Path) -> None:
    """A Kptfile alone renders; a folder without any is no package, and that is said."""
    root = make(home / "p", {"Kptfile": kptfile(EDIT)})
    (home / "empty").mkdir()
    give_away(root)
    assert render(root) == (0, "")
    assert tree(root) == {"Kptfile": kptfile(EDIT)}
    status, said = render(home / "empty")
    assert (status, said) == (2, f"krmfn: {home}/empty: no Kptfile here or below\n")


@pytest.mark.parametrize("number", [2, 60], ids=["few files", "many files"])
def test_a_file_that_is_larger_than_allowed(home: Path, number: int) -> None:
    """The limit on the size of a file is named, and no file is written, also where most would fit."""
    files = {f"{index}.yaml": CONFIG_MAP.format(f"c{index}") for index in range(number)}
    root = make(home / "p", {**OLD, **files, "b/b.yaml": OLD["b/b.yaml"] + "  long: " + "x" * 30_000 + "\n"})
    give_away(root)
    before = tree(root)
    status, said = render(
        root, main=f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)); {MAIN}"
    )
    advice = "file too large; raise the limit (ulimit -f), and run it again"
    assert (status, said.splitlines()[0]) == (1, f"[error] cannot be written: {root}/b/b.yaml: {advice}")
    assert tree(root) == before


@pytest.mark.parametrize("number", [2, 60], ids=["few files", "many files"])
def test_a_full_disk(home: Path, number: int) -> None:
    """No file is written where not all fit, and what was staged does not stay to fill the disk."""
    (home / "p").mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=512k,mode=755", "none", str(home / "p")]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small disk cannot be mounted here: it takes the superuser, and a container that allows it")
    try:
        files = {f"{index}.yaml": CONFIG_MAP.format(f"c{index}") for index in range(number)}
        root = make(home / "p", {**OLD, **files})
        give_away(root)
        free = shutil.disk_usage(root).free
        (root / "ballast").write_bytes(b"x" * (free - 4096))  # a page is left, for one file
        before = tree(root)
        status, said = render(root)
        assert (status, said.splitlines()[-1]) == (1, f"{root}: not rendered, no file was changed")
        assert "no space left on device; free some, and run it again" in said
        assert tree(root) == before
        (root / "ballast").unlink()
        assert render(root) == (0, "")
    finally:
        subprocess.run(["umount", home / "p"], check=True)
