"""krmfn completion: what a person gets who presses the tabulator, in the real shells."""

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

KRMFN = Path(sys.executable).with_name("krmfn")
PATIENCE = 30.0  # seconds for a shell to answer


def shell(name: str) -> str:
    """Return the path of a shell; CI has all of them."""
    found = shutil.which(name)
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"needs {name}, as from Debian", pytrace=False)
        pytest.skip(f"needs {name}, as from Debian")
    return found


def script(name: str, place: Path) -> Path:
    """Write the completion of a shell, as its help says."""
    file = place / f"_krmfn.{name}"
    done = subprocess.run([KRMFN, "completion", name], capture_output=True, text=True, check=True)
    file.write_text(done.stdout)
    return file


class Terminal:
    """A shell on a terminal of its own, as somebody types into it."""

    def __init__(self, command: list[str], place: Path) -> None:
        leader, follower = pty.openpty()
        environment = {**os.environ, "TERM": "dumb", "HOME": str(place), "PS1": "> ", "PROMPT": "> "}
        self._process = subprocess.Popen(
            command,
            stdin=follower,
            stdout=follower,
            stderr=follower,
            cwd=place,
            env=environment,
            start_new_session=True,
        )
        os.close(follower)
        self._leader = leader

    def type(self, keys: str, until: str) -> str:
        """Type keys, and return what is shown until a pattern is."""
        os.write(self._leader, keys.encode())
        shown, end = "", time.monotonic() + PATIENCE
        while not re.search(until, shown):
            ready, _, _ = select.select([self._leader], [], [], max(0.0, end - time.monotonic()))
            assert ready, f"typed {keys!r}, expected {until!r}, found {shown!r}"
            shown += os.read(self._leader, 4096).decode(errors="replace")
        return shown

    def close(self) -> None:
        """End the shell."""
        self._process.kill()
        self._process.wait()
        os.close(self._leader)


def test_zsh_completes_commands_and_options(tmp_path: Path) -> None:
    """A command by its beginning, an option of this command, and all that begin alike."""
    file = script("zsh", tmp_path)
    terminal = Terminal([shell("zsh"), "-f", "-i"], tmp_path)
    try:
        terminal.type(f"autoload -U compinit; compinit -u -D; source {file}; print rea''dy\n", r"ready\r?\n")
        terminal.type("krmfn rend\t", r"krmfn render ")
        terminal.type("--che\t", r"--che\x07?ck ")
        terminal.type("\x15krmfn do\t\t", r"doc\s+doctor")
    finally:
        terminal.close()


def test_zsh_loads_it_from_its_folder_of_functions(tmp_path: Path) -> None:
    """As the help says: `fpath+=~/.zfunc` before compinit."""
    (tmp_path / ".zfunc").mkdir()
    script("zsh", tmp_path).rename(tmp_path / ".zfunc" / "_krmfn")
    terminal = Terminal([shell("zsh"), "-f", "-i"], tmp_path)
    try:
        terminal.type("fpath+=~/.zfunc; autoload -U compinit; compinit -u -D; print rea''dy\n", r"ready\r?\n")
        terminal.type("krmfn rend\t", r"krmfn render ")
        terminal.type("--che\t", r"--che\x07?ck ")
    finally:
        terminal.close()


@pytest.mark.parametrize(
    ("typed", "wanted", "others"),
    [
        ("krmfn re", {"render"}, set()),
        ("krmfn do", {"doc", "doctor"}, {"render"}),
        ("krmfn render --", {"--check", "--diff", "--help", "--quiet"}, {"--allow-version"}),
        ("krmfn doctor --o", {"--output"}, {"--check"}),
    ],
)
def test_fish_completes_commands_and_options(tmp_path: Path, typed: str, wanted: set[str], others: set[str]) -> None:
    """By its own `complete -C`, which says what it would offer."""
    file = script("fish", tmp_path)
    environment = {**os.environ, "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    command = [shell("fish"), "--no-config", "-c", f"source {file}; complete -C '{typed}'"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=60)
    assert done.returncode == 0, done.stderr
    offered = {line.partition("\t")[0] for line in done.stdout.splitlines()}
    assert wanted <= offered
    assert not others & offered


def test_fish_still_completes_files_behind_a_command(tmp_path: Path) -> None:
    """A package is a folder, and `krmfn render` takes one."""
    (tmp_path / "my-package").mkdir()
    file = script("fish", tmp_path)
    command = [shell("fish"), "--no-config", "-c", f"source {file}; complete -C 'krmfn render my-'"]
    environment = {**os.environ, "HOME": str(tmp_path)}
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=tmp_path, env=environment, timeout=60
    )
    assert "my-package/" in done.stdout
