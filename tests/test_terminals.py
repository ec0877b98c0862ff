"""Everything that krmfn prints, on real terminals of 40 and 120 columns, with and without colour.

Each command runs at a pseudo-terminal. What it prints for people fits; what it prints for other tools, such as a stream
or a page, is theirs.
"""

import fcntl
import os
import pty
import re
import select
import shutil
import struct
import termios
from pathlib import Path

import pytest
from krm_functions_sdk import krmfn
from krm_functions_sdk.function import registry

from tests.conftest import PACKAGE, ROOT, SCRIPTS

# Whatever fits the narrow one has been broken for it; the other one is tried where searches go far.
COLUMNS = (40, 120) if os.environ.get("SEARCH") == "far" else (40,)
COLOUR = {"in colour": {}, "NO_COLOR": {"NO_COLOR": "1"}, "dumb": {"TERM": "dumb"}}
# A line of an intent, as it can be copied into a file.
YAML = re.compile(r"\s*(- )?[\w./-]+: \S+\Z")
# All that krmfn init would ask for at a terminal, but for the accelerator.
GIVEN = "--model Qwen/Qwen3-8B --count 1 --platform gke-standard --release gaie-v1.5 --gateway-class gke-l7-rilb"
PATIENCE = 120  # seconds without a word
COMMANDS = {
    "help": "--help",
    "version": "--version",
    "an unknown command": "rendr",
    "an unknown option": "render --chek pkg",
    "functions": "functions",
    "doctor": "doctor",
    "render": "render pkg",
    "render of nothing": "render nowhere",
    "render with faults": "render broken",
    "check": "render --check pkg",
    "test": "test cases",
    "test of nothing": "test nowhere",
    "explain": "explain pkg spec.replicas",
    "explain of nothing": "explain pkg spec.nothing",
    "plan": "plan pkg",
    "diff": "diff pkg pkg@spec.replicas=5",
    "facts": "facts",
    "facts of a difference": "facts diff gaie-v1.0 gaie-v1.5",
    "facts of nothing": "facts gaie-v9",
    "adopt": "adopt manifests",
    "adopt of nothing": "adopt cases",
    "init": f"init {GIVEN} --accelerator nvidia-l4 fresh",
    "init with faults": f"init {GIVEN} --accelerator nvidia-h101 fresh",
    "upgrade": "upgrade pkg --to gaie-v1.5",
    "upgrade to nothing": "upgrade pkg --to gaie-v1.7",
    "build of nothing": "build nowhere",
    "hydrate of nothing": "hydrate nowhere",
    "promote of nothing": "promote pkg",
    "new": "new my-function",
    "new with a fault": "new My-Function",
    "lock of nothing": "lock nowhere",
    "completion of nothing": "completion tcsh",
}
EVERY = sorted({*krmfn.BUILT_IN, *registry.commands()})


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a package, one with faults, its manifests alone, and a golden case."""
    shutil.copytree(PACKAGE, tmp_path / "pkg")
    shutil.copytree(PACKAGE, tmp_path / "broken")
    intent = tmp_path / "broken" / "llm.yaml"
    intent.write_text(intent.read_text().replace("replicas: 3", "replicas: three\n  replica: 3"))
    (tmp_path / "manifests").mkdir()
    for name in ("model-server.yaml", "inference-pool.yaml"):
        shutil.copy(PACKAGE / name, tmp_path / "manifests")
    example = ROOT / "functions" / "krm_inference" / "generate_objectives" / "examples" / "adapter-gone"
    shutil.copytree(example, tmp_path / "cases" / "adapter-gone")
    return tmp_path


def printed(arguments: list[str], columns: int, place: Path, **environment: str) -> str:
    """Return what krmfn prints on a terminal of so many columns."""
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(place)
        left = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "LINES", "NO_COLOR")}
        os.execve(SCRIPTS / "krmfn", ["krmfn", *arguments], {**left, "TERM": "xterm-256color", **environment})
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    found = b""
    while True:
        assert select.select([terminal], [], [], PATIENCE)[0], f"krmfn {arguments} waits for an answer: {found!r}"
        try:
            part = os.read(terminal, 65536)
        except OSError:  # Linux says so where the other side is closed
            break
        if not part:
            break
        found += part
    os.waitpid(process, 0)
    os.close(terminal)
    return found.decode().replace("\r\n", "\n")


def too_wide(said: str, columns: int) -> list[str]:
    """Return the lines that are wider than the terminal and could be broken."""
    shown = [re.sub(r"\x1b\[[0-9;]*m", "", line.rpartition("\r")[2]) for line in said.split("\n")]
    return [line for line in shown if len(line) > columns and len(line.split()) > 1 and not YAML.match(line)]


@pytest.mark.parametrize("columns", COLUMNS)
@pytest.mark.parametrize("command", COMMANDS)
def test_what_a_command_prints_fits_the_terminal(command: str, columns: int, place: Path) -> None:
    said = printed(COMMANDS[command].split(), columns, place)
    assert said.strip()
    assert too_wide(said, columns) == []
    assert "Traceback" not in said


@pytest.mark.parametrize("columns", COLUMNS)
@pytest.mark.parametrize("command", EVERY)
def test_the_help_of_a_command_fits_the_terminal(command: str, columns: int, place: Path) -> None:
    said = printed([command, "--help"], columns, place)
    assert said.startswith(f"usage: krmfn {command}")
    assert too_wide(said, columns) == []


@pytest.mark.parametrize("name", ["NO_COLOR", "dumb"])
@pytest.mark.parametrize("command", ["render with faults", "explain", "adopt", "doctor"])
def test_whoever_wants_no_colour_gets_no_escape(command: str, name: str, place: Path) -> None:
    assert "\x1b" not in printed(COMMANDS[command].split(), 80, place, **COLOUR[name])


def test_every_command_is_in_the_table() -> None:
    """But for those whose output another tool reads: a stream, a page, a picture or a script."""
    tools = {"eval", "source", "sink", "doc", "graph", "smoke-test"}
    assert {words.split()[0] for words in COMMANDS.values() if words[0] != "-"} - {"rendr"} == {*EVERY} - tools
