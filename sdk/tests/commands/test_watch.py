"""krmfn render --watch: renders again when somebody changes a file, and only then."""

from __future__ import annotations

import queue
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest
from krm_functions_sdk import krmfn
from krm_functions_sdk.commands import watch
from real_tools import install

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KPTFILE = """apiVersion: kpt.dev/v1
kind: Kptfile
metadata:
  name: p
pipeline:
  mutators:
  - image: count-up
"""
CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\ndata:\n  n: '1'\n"
# Never idempotent: a watch that took its own writes for those of others would never rest.
FUNCTION = """
def count_up(resources):
    for one in resources.where("ConfigMap"):
        one.set("data.n", str(int(one.get("data.n")) + 1))
        print("counted")
"""
PATIENCE = 120  # seconds, of a machine that does much else


class Watching:
    """A process that watches, and the lines that it says."""

    def __init__(self, home: Path, *arguments: str) -> None:
        # Whoever runs the tests in the background may have them ignore Ctrl-C, and all that they start.
        listen = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
        code = f"{listen}; from krm_functions_sdk.krmfn import main; exit(main())"
        self.process = subprocess.Popen(
            [sys.executable, "-u", "-c", code, "render", "--watch", *arguments],
            cwd=home, env=install(home, "count_up", FUNCTION),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        self.lines: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        with self.process.stdout as lines:
            for line in lines:
                self.lines.put(line)

    def until(self, wanted: str) -> str:
        said = ""
        while wanted not in said:
            said += self.lines.get(timeout=PATIENCE)
        return said

    def end(self) -> int:
        self.process.send_signal(signal.SIGINT)
        status = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return status


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    for name in ("p", "many/a", "many/b"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "Kptfile").write_text(KPTFILE)
        (tmp_path / name / "c.yaml").write_text(CONFIG_MAP)
    yield tmp_path
    assert not list(tmp_path.rglob(".krmfn"))


def test_a_package_is_rendered_again_when_a_file_changes(home: Path) -> None:
    watching, file = Watching(home, "p"), home / "p" / "c.yaml"
    try:
        assert "count-up: counted" in watching.until("watching")
        assert "n: '2'" in file.read_text()
        time.sleep(5 * watch.INTERVAL)
        assert watching.lines.empty(), "it renders what it wrote itself"

        file.write_text(CONFIG_MAP.replace("'1'", "'5'"))
        assert watching.until("watching").startswith("p/c.yaml changed\n")
        assert "n: '6'" in file.read_text()

        file.write_text("data: {\n")
        said = watching.until("watching")
        assert "[error] p/c.yaml:" in said
        assert "Traceback" not in said
        assert file.read_text() == "data: {\n"

        file.write_text(CONFIG_MAP)
        (home / "p" / "new.txt").write_text("no resource, but perhaps an ignore file\n")
        assert watching.until("watching").startswith("p/c.yaml and 1 more changed\n")
        assert "n: '2'" in file.read_text()

        (home / "p" / "Kptfile").rename(home / "Kptfile")
        assert "krmfn: p: no Kptfile here or below" in watching.until("no Kptfile")
        (home / "Kptfile").rename(home / "p" / "Kptfile")
        watching.until("watching")
    finally:
        assert watching.end() == 130
    assert watching.until("interrupted")


def test_packages_of_a_folder_are_watched_together(home: Path) -> None:
    watching = Watching(home, "--jobs", "2", "many")
    try:
        said = watching.until("watching")
        assert "many/a: files: 1 written\n" in said
        assert "many/a: count-up: counted\n" in said
        (home / "many" / "c").mkdir()
        (home / "many" / "c" / "c.yaml").write_text(CONFIG_MAP)
        (home / "many" / "c" / "Kptfile").write_text(KPTFILE)
        assert "many/c: files: 1 written\n" in watching.until("watching")
    finally:
        assert watching.end() == 130


@pytest.mark.parametrize("option", ["--check", "--diff", "--output=x", "--results-dir=x", "--report=x"])
def test_what_does_not_go_with_it(
    home: Path, option: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(home)
    monkeypatch.setattr(sys, "argv", ["krmfn", "render", "--watch", option, "p"])
    assert krmfn.main() == 2
    name = option.partition("=")[0]
    message = f"krmfn: --watch renders in place, again and again; it cannot be combined with {name}\n"
    assert capsys.readouterr() == ("", message)
    monkeypatch.setattr(sys, "argv", ["krmfn", "render", "--watch", "nowhere"])
    assert krmfn.main() == 2
    assert capsys.readouterr() == ("", "krmfn: nowhere: no such folder\n")
