"""All commands of krmfn, of both distributions: what is the same for each of them."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from krm_functions_sdk import krmfn
from krm_functions_sdk.commands import completion
from krm_functions_sdk.function import registry

from tests.conftest import SCRIPTS, Copy, krmfn_here

COMMANDS = sorted({*krmfn.BUILT_IN, *registry.commands()})
KRMFN = str(SCRIPTS / "krmfn")

Call = Callable[..., subprocess.CompletedProcess[str]]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([KRMFN, *arguments], capture_output=True, text=True, encoding="utf-8", check=False)


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    """Call the executable in this process: a hundred starts take seconds."""

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        monkeypatch.setattr(sys, "argv", [KRMFN, *arguments])
        return subprocess.CompletedProcess(arguments, krmfn.main(), *capsys.readouterr())

    return call


@pytest.mark.parametrize("command", COMMANDS)
def test_help_version_and_quiet_are_taken_everywhere(call: Call, command: str) -> None:
    """`--help` shows the usage, `--version` what is installed, and `--quiet` is no unknown option."""
    usage = call(command, "--help")
    assert (usage.returncode, usage.stderr) == (0, "")
    assert usage.stdout.startswith(f"usage: krmfn {command}")
    assert call(command, "--version").stdout == call("--version").stdout
    assert call(command, "--quiet", "--help").stdout == usage.stdout
    assert max(map(len, usage.stdout.splitlines())) <= 120


@pytest.mark.parametrize("command", COMMANDS)
def test_the_short_form_of_the_output_is_there_wherever_the_long_one_is(call: Call, command: str) -> None:
    """The usage names both, and both are read alike."""
    usage = call(command, "--help").stdout
    if "--output" in re.sub(r"--output-tokens", "", usage):
        assert re.search(r"--output \S+, -o", usage), usage
        short, long = call(command, "-o", ""), call(command, "--output", "")
        assert (short.returncode, short.stderr.replace("-o ", "--output ")) == (
            long.returncode,
            long.stderr.replace("-o ", "--output "),
        )


def test_the_version_is_that_of_the_distributions() -> None:
    """One line for the SDK and Python, and one for each distribution with functions."""
    said = run("--version")
    assert said.returncode == 0
    first, second = said.stdout.splitlines()
    assert re.fullmatch(r"krmfn \d+\.\d+\.\d+ on Python 3\.\d+\.\d+", first)
    assert re.fullmatch(r"krm_inference \d+\.\d+\.\d+: 10 functions", second)


def test_quiet_keeps_warnings_and_errors_and_what_was_asked_for(package: Copy) -> None:
    """A sound render says nothing, a broken one its errors, and a patch is no report."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return krmfn_here(package.root, *arguments)

    loud, quiet = run("render", str(package.root)), run("render", "--quiet", str(package.root))
    assert "[info]" in loud.stderr
    assert loud.stdout
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")
    assert run("-q", "render", str(package.root)).stdout == ""
    package.edit(("replicas: 3", "replicas: 4"))
    assert "+  replicas: 4" in run("render", "--diff", "--quiet", str(package.root)).stdout
    package.edit(("replicas: 4", "replicas: four"))
    broken = run("render", "--quiet", str(package.root))
    assert broken.returncode == 1
    assert "[error]" in broken.stderr


def test_what_is_acknowledged_in_the_intent_stays_silent(package: Copy, kpt: str) -> None:
    """Each notice of a sound package, by its rule and with a reason; kpt reads the same annotation."""
    found = subprocess.run(
        [SCRIPTS / "validate-inference", "--format=json", "--fail-on=error", str(package.root)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    rules = sorted(set(re.findall(r'"rule": "([a-z-]+)"', found.stdout)))
    assert len(rules) >= 3, found.stdout + found.stderr
    lines = "".join(f'    validate.inference.fn.kpt.dev/{rule}: "off: we know"\n' for rule in rules)
    package.edit(("  annotations:\n", f"  annotations:\n{lines}"))
    assert package.render(), package.said
    assert package.said == []
    done = package.render_with_kpt(kpt)
    assert done.returncode == 0
    assert "[info]" not in done.stderr + done.stdout


def test_an_acknowledgement_of_nothing_is_said(package: Copy) -> None:
    """What no object has any more is to be taken out, and a reason has to be there."""
    line = '    validate.inference.fn.kpt.dev/replicas: "off: one is enough"\n'
    package.edit(("  annotations:\n", f"  annotations:\n{line}"))
    assert package.render()
    assert any("no rule" in said or "is not needed" in said for said in package.said)


def test_bash_completes_commands_options_and_files(require: Callable[[str], str], tmp_path: Path) -> None:
    """A real bash is asked what it would offer."""
    script = tmp_path / "krmfn.bash"
    script.write_text(run("completion", "bash").stdout)
    asked = "source {}; COMP_WORDS=({}); COMP_CWORD={}; _krmfn; printf '%s\\n' \"${{COMPREPLY[@]}}\""

    def offers(*words: str) -> list[str]:
        line = asked.format(script, " ".join(words), len(words) - 1)
        return subprocess.run([require("bash"), "-c", line], capture_output=True, text=True, check=True).stdout.split()

    assert offers("krmfn", "ex") == ["explain"]
    assert {*COMMANDS} <= {*offers("krmfn", "''")}
    assert offers("krmfn", "init", "--mo") == ["--model"]
    assert offers("krmfn", "render", "--che") == ["--check"]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_the_other_shells_read_theirs(shell: str, tmp_path: Path) -> None:
    """A shell that is here takes it without a word; in either case every command and option is in it."""
    text = run("completion", shell).stdout
    for command, flags in completion.flags().items():
        assert command in text
        assert all(flag.removeprefix("--") in text for flag in flags)
    if path := shutil.which(shell):
        (tmp_path / "it").write_text(text)
        done = subprocess.run([path, "-n", tmp_path / "it"], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
