"""krmfn: what each command says, and its exit status."""

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from krm_functions_sdk import commands, krmfn
from krm_functions_sdk.commands import options
from krm_functions_sdk.files import package
from krm_functions_sdk.function import registry
from krm_functions_sdk.function.command_line import Misuse
from krm_functions_sdk.function.entry_points import EntryPoint

KPTFILE = "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: p\n"


def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: str) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["krmfn", *arguments])
    status = krmfn.main()
    out, err = capsys.readouterr()
    return status, out, err


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",), ("help",)])
def test_help_is_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    """Asked for help, or for nothing, it prints a line for each command and exits 0."""
    status, out, err = run(capsys, monkeypatch, *arguments)
    assert (status, out, err) == (0, krmfn.usage() + "\n", "")
    assert all(f"\n  {name} " in out for name in krmfn.BUILT_IN)


@pytest.mark.parametrize("command", krmfn.BUILT_IN)
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_each_command_has_a_usage(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: str, flag: str
) -> None:
    """It begins with how the command is called, and has a line for each of its options."""
    status, out, err = run(capsys, monkeypatch, command, flag)
    assert (status, err) == (0, "")
    assert out.startswith(f"usage: krmfn {command}")
    module = import_module(f"krm_functions_sdk.commands.{command}")
    words = {word.strip(",") for line in out.splitlines() if line.startswith("  ") for word in line.split()}
    assert getattr(module, "OPTIONS", {}).keys() <= words


def test_every_module_of_a_command_is_one() -> None:
    """The table of commands names each module beside it."""
    folder = Path(str(commands.__file__)).parent
    assert {file.stem for file in folder.glob("*.py")} - {"__init__", "options", "watch"} == {*krmfn.BUILT_IN}


def test_commands_of_other_distributions(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """They get the arguments as they are, stand in the help, and are not looked up for a command that is built in."""
    found = {
        "count": EntryPoint("count", "builtins:len"),
        "gone": EntryPoint("gone", "no_such_module:main"),
    }
    monkeypatch.setattr(registry, "commands", lambda: found)
    assert run(capsys, monkeypatch, "count", "--help", "a") == (2, "", "")
    assert "\n  count " in run(capsys, monkeypatch, "--help")[1]
    assert "\n  gone " not in run(capsys, monkeypatch, "--help")[1]
    assert run(capsys, monkeypatch, "cuont")[2] == "krmfn: unknown command 'cuont' (did you mean 'count'?)\n"
    message = "krmfn: gone cannot be loaded: ModuleNotFoundError: No module named 'no_such_module'\n"
    assert run(capsys, monkeypatch, "gone") == (2, "", message)
    monkeypatch.delattr(registry, "commands")
    assert run(capsys, monkeypatch, "new")[0] == 2


KNOWN = {"--jobs": "N", "--check": "", "-o": "FOLDER"}
GIVEN = {
    "operands between": (["a", "--check", "b"], {"--check": [""]}, ["a", "b"]),
    "a value behind": (["--jobs", "2", "a"], {"--jobs": ["2"]}, ["a"]),
    "a value in it": (["--jobs=2", "-o=x=y"], {"--jobs": ["2"], "-o": ["x=y"]}, []),
    "a value twice": (["--jobs=1", "--jobs", "2"], {"--jobs": ["1", "2"]}, []),
    "the end of options": (["--", "--check", "-x"], {}, ["--check", "-x"]),
    "standard input": (["-"], {}, ["-"]),
}


@pytest.mark.parametrize("case", GIVEN)
def test_options_are_read(case: str) -> None:
    """A flag takes its value from behind it or behind `=`; the rest are operands."""
    arguments, values, operands = GIVEN[case]
    given = options.parse(arguments, KNOWN)
    assert (given.values, given.operands) == (values, operands)


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("--chek", "unknown option '--chek' (did you mean '--check'?)"),
        ("--zzz", "unknown option '--zzz'; see --help"),
        ("--check=yes", "--check takes no value, found 'yes'"),
        ("--jobs", "--jobs takes a value: --jobs N"),
        ("--jobs=", "--jobs takes a value: --jobs N"),
    ],
)
def test_options_that_make_no_sense(argument: str, message: str) -> None:
    """The message names the option, what was found, and the nearest known one."""
    with pytest.raises(Misuse, match=f"^{re.escape(message)}$"):
        options.parse([argument], KNOWN)


MISUSED = (
    (("rendr",), "krmfn: unknown command 'rendr' (did you mean 'render'?)\n"),
    (("render", "--dry-run"), "krmfn: unknown option '--dry-run'; see --help\n"),
    (("render", "nowhere"), "krmfn: nowhere: no such folder\n"),
    (("render", "empty"), "krmfn: empty: no Kptfile here or below\n"),
    (("render", "p", "nowhere"), "krmfn: nowhere: no such folder\n"),
    (("render", "p/Kptfile"), "krmfn: p/Kptfile: no such folder\n"),
    (("test", "empty"), "krmfn: no golden case below empty\n"),
    (("test", "lost"), "krmfn: lost/set_labels/examples/case: no installed function is called set-labels, nor does "),
    (("functions", "all"), "krmfn: functions takes no argument, found 'all'\n"),
    (("doc",), "krmfn: doc takes one FUNCTION: a name, or a folder with a definition.yaml\n"),
    (("doc", "a", "b"), "krmfn: doc takes one FUNCTION: a name, or a folder with a definition.yaml\n"),
    (("doc", "empty"), "krmfn: empty: no folder with a definition.yaml, and no installed function. Installed: "),
    (("doc", "two"), "krmfn: two: several functions here: a, b\n"),
    (("doc", "two/a"), "krmfn: two/a: definition.yaml cannot be read as YAML: line "),
    (("doc", "--schema", "two/b"), "krmfn: two/b: its definition.yaml has no schema\n"),
    (("doc", "binary"), "krmfn: binary: definition.yaml cannot be read: "),
    (("new",), "krmfn: new takes the NAME of the function, and the FOLDER to write it into\n"),
    (("new", "a", "b", "c"), "krmfn: new takes the NAME of the function, and the FOLDER to write it into\n"),
    (("new", "--force", "a"), "krmfn: unknown option '--force'; see --help\n"),
    (("new", "SetOwner"), "krmfn: found 'SetOwner', expected lower-case words "),
    (("new", "empty"), "krmfn: empty: already exists; nothing was written\n"),
    (("new", "a", "p/Kptfile"), "krmfn: cannot be written: "),
)


@pytest.mark.parametrize(("arguments", "message"), MISUSED)
def test_misuse_is_named(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    arguments: tuple[str, ...],
    message: str,
) -> None:
    """What cannot be done is said on standard error, with exit status 2."""
    for name in ("empty", "p", "lost/set_labels/examples/case"):
        (tmp_path / name).mkdir(parents=True)
    for name, data in (("two/a", b"a: [\n"), ("two/b", b"spec: 5\n"), ("binary", b"\xff")):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "definition.yaml").write_bytes(data)
    (tmp_path / "p" / "Kptfile").write_text(KPTFILE)
    (tmp_path / "lost/set_labels/examples/case/input.yaml").write_text("")
    monkeypatch.chdir(tmp_path)
    status, out, err = run(capsys, monkeypatch, *arguments)
    assert (status, out) == (2, "")
    assert err.startswith(message)


def test_a_folder_that_cannot_be_read(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What the system says is passed on, without a traceback."""

    def refuse(_: Path) -> list[Path]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(package, "find", refuse)
    status, _, err = run(capsys, monkeypatch, "render", str(tmp_path))
    assert (status, err) == (2, f"krmfn: {tmp_path}: cannot be read: [Errno 13] Permission denied\n")


def test_every_package_below_a_folder_is_rendered(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """One that fails does not keep the others from it, but the exit status is 1."""
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "Kptfile").write_text(KPTFILE)
    monkeypatch.chdir(tmp_path)
    assert run(capsys, monkeypatch, "render")[0] == 0
    (tmp_path / "b" / "values.yaml").write_text("a: b\n")
    status, out, err = run(capsys, monkeypatch, "render", ".")
    assert status == 1
    assert out.count("files: unchanged") == 2
    assert err.splitlines()[0].startswith("[error] b/values.yaml:1: not a Kubernetes object: ")
    assert err.splitlines()[1] == "b: not rendered, no file was changed"


def test_the_current_folder_has_its_own_name(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Rendered as `.`, errors name files as they are seen from there."""
    (tmp_path / "Kptfile").write_text(KPTFILE)
    (tmp_path / "x.yaml").write_text("a: b\n")
    monkeypatch.chdir(tmp_path)
    _, _, err = run(capsys, monkeypatch, "render")
    assert err.startswith("[error] x.yaml:1: ")


def test_functions_are_listed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Each installed function has a line with its version, in order."""
    status, out, _ = run(capsys, monkeypatch, "functions")
    assert status == 0
    assert out.splitlines() == sorted(out.splitlines())
    assert all(len(line.split()) == 2 for line in out.splitlines())


def test_the_console_script_runs(tmp_path: Path) -> None:
    """The installed script renders a package and passes the exit status on."""
    script = Path(sys.executable).parent / "krmfn"
    (tmp_path / "Kptfile").write_text(KPTFILE)
    assert subprocess.run([script, "render", tmp_path], capture_output=True, check=False).returncode == 0
    (tmp_path / "Kptfile").write_text("")
    broken = subprocess.run([script, "render", tmp_path], capture_output=True, text=True, check=False)
    assert broken.returncode == 1
    assert "Traceback" not in broken.stderr


def test_a_reader_that_goes_away_is_no_crash(tmp_path: Path) -> None:
    """`krmfn … | head` ends without a traceback."""
    script = Path(sys.executable).parent / "krmfn"
    process = subprocess.Popen([script, "--help"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert b"Traceback" not in process.stderr.read()
    process.stderr.close()
    assert process.wait() == 1
