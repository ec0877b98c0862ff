"""The report of a function that only checks: objects, what was found of them, and a count; in colour for a terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from krm_functions_sdk import ResourceList
from krm_functions_sdk.function import report
from krm_functions_sdk.function.call import execute
from krm_functions_sdk.resources.results import Results

MAP = (
    "# two lines\n# above it\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {}\n  namespace: x\n"
    "data:\n  port: 1\n"
)
STREAM = f"{MAP.format('a')}---\n{MAP.format('b')}".replace("  namespace: x\n", "", 1)

Check = Callable[[ResourceList], None]


def nothing(_: ResourceList) -> None:
    """Find nothing."""


def several(resources: ResourceList) -> None:
    """Find something of each severity, the least one first."""
    a, b = resources.items
    resources.results.info("worth knowing", b, "data", tags={"rule": "known"})
    resources.results.warning("not yet", a)
    resources.results.warning("not now", b, "data.port", tags={"rule": "later"})
    resources.results.error("no port", b, "data.port", current=1, proposed=80, tags={"rule": "port"})
    resources.results.error("no name", b, "metadata.name", proposed="c")


def of_no_object(resources: ResourceList) -> None:
    """Find something of the whole."""
    resources.results.info("one", resources.items[1])
    resources.results.info("no cluster is known")


def proposes(value: object) -> Check:
    """Return a check that proposes a value."""

    def check(resources: ResourceList) -> None:
        resources.results.warning("not so", resources.items[0], "data", proposed=value)

    return check


def says(message: str) -> Check:
    """Return a check with one thing to say."""

    def check(resources: ResourceList) -> None:
        resources.results.warning(message, resources.items[0])

    return check


def crashes(_: ResourceList) -> None:
    """Crash."""
    raise KeyError("port")


PROPOSED = "line 3: ConfigMap a\n  warning data: line 7: not so\n    proposed: {}\n1 warning in 2 objects\n"
SAID = "line 3: ConfigMap a\n  warning {}\n1 warning in 2 objects\n"
CASES: dict[str, tuple[Check, str]] = {
    "nothing": (nothing, "nothing found in 2 objects\n"),
    "each severity, the worst first, below its object": (
        several,
        (
            "line 3: ConfigMap a\n"
            "  warning not yet\n"
            "line 12: ConfigMap x/b\n"
            "  error   metadata.name: line 15: no name\n"
            "    proposed: c\n"
            "  error   port: data.port: line 18: no port\n"
            "    proposed: 80\n"
            "  warning later: data.port: line 18: not now\n"
            "  info    known: data: line 17: worth knowing\n"
            "2 errors, 2 warnings, 1 info in 2 objects\n"
        ),
    ),
    "what is of no object comes first": (
        of_no_object,
        "no object\n  info    no cluster is known\nline 12: ConfigMap x/b\n  info    one\n2 infos in 2 objects\n",
    ),
    "a list is proposed on one line": (proposes(["a", {"b": "ü"}]), PROPOSED.format('["a", {"b": "ü"}]')),
    "a text of several lines is proposed on one": (proposes("a: 1\nb: 2\n"), PROPOSED.format(r"a: 1\nb: 2\n")),
    "a string has the quotes without which it is none": (proposes("true"), PROPOSED.format('"true"')),
    "what is no string has none": (proposes(value=True), PROPOSED.format("true")),
    "control characters of a message are shown": (says("\x1b[2Jgone\x9b1A\r"), SAID.format(r"\x1b[2Jgone\x9b1A\r")),
    "control characters of a value are shown": (proposes(["\x9b2J"]), PROPOSED.format(r'["\x9b2J"]')),
    "letters of all languages stay": (says("größer × 1,4"), SAID.format("größer × 1,4")),
}


@pytest.mark.parametrize("case", CASES)
def test_a_stream_comes_out_as_it_is_and_the_report_says_what_was_found(case: str) -> None:
    """The status is that of the results, and nothing is coloured where no terminal is."""
    check, said = CASES[case]
    output, errors, status = execute(check, STREAM.encode(), reports=True)
    assert (output.decode(), errors) == (STREAM, said)
    assert status == ("error" in errors)


def test_a_line_is_that_of_the_stream_and_not_of_the_file_that_an_annotation_names() -> None:
    """Both are told, and the objects stand in the order of the stream."""
    path = "metadata:\n  annotations: {internal.config.kubernetes.io/path: z.yaml}\n"
    stream = STREAM.replace("metadata:\n", path, 1)
    _, errors, _ = execute(several, stream.encode(), reports=True)
    headings = [line for line in errors.splitlines() if not line.startswith("  ")]
    assert headings[:2] == ["line 3 (z.yaml): ConfigMap a", "line 13: ConfigMap x/b"]


def test_a_crash_is_reported_and_the_stream_comes_out() -> None:
    """Nothing is lost on failure."""
    output, errors, status = execute(crashes, STREAM.encode(), reports=True)
    assert (output.decode(), status) == (STREAM, 1)
    assert errors.startswith("no object\n  error   crashes crashed at test_report.py:")
    assert errors.endswith("1 error in 2 objects\n")


def test_only_functions_that_report_do() -> None:
    """Others have a line for each result, as they had."""
    assert execute(says("look"), STREAM.encode())[1] == "[warning] ConfigMap a: look\n"


def test_a_resourcelist_has_its_results_and_a_line_for_each() -> None:
    """What kpt and kustomize see stays, also where standard output is a terminal."""
    items = "- apiVersion: v1\n  kind: ConfigMap\n  metadata:\n    name: a\n"
    text = f"apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n{items}".encode()
    plain = execute(says("look"), text)
    assert plain[1] == "[warning] ConfigMap a: look\n"
    assert execute(says("look"), text, reports=True, is_seen=True) == plain


def test_files_are_reported_with_their_names(tmp_path: Path) -> None:
    """Each object is where it begins in its file, in the order of the files."""
    (tmp_path / "b.yaml").write_text(MAP.format("b"))
    (tmp_path / "a.yaml").write_text(MAP.format("a"))
    done = process("several", str(tmp_path))
    assert [line for line in done.stderr.decode().splitlines() if not line.startswith("  ")] == [
        f"{tmp_path}/a.yaml:3: ConfigMap x/a",
        f"{tmp_path}/b.yaml:3: ConfigMap x/b",
        "2 errors, 2 warnings, 1 info in 2 objects",
    ]
    assert done.returncode == 1


# Terminals


ENVIRONMENTS: dict[str, tuple[dict[str, str], bool]] = {
    "a terminal": ({"TERM": "xterm"}, True),
    "an empty NO_COLOR is none": ({"TERM": "xterm", "NO_COLOR": ""}, True),
    "NO_COLOR": ({"TERM": "xterm", "NO_COLOR": "1"}, False),
    "a dumb terminal": ({"TERM": "dumb"}, False),
}


@pytest.mark.parametrize("case", ENVIRONMENTS)
def test_a_terminal_gets_colours_unless_they_are_refused(case: str) -> None:
    """Without the codes the report says the same, and what is piped on is the stream without one."""
    environment, is_coloured = ENVIRONMENTS[case]
    main, terminal = pty.openpty()
    done = process("several", stderr=terminal, environment=environment)
    os.close(terminal)
    said = read(main)
    assert (done.stdout.decode(), done.returncode) == (STREAM, 1)
    assert ("\x1b[31merror\x1b[0m   port: data.port" in said) == is_coloured
    for code in ("\x1b[1m", "\x1b[31m", "\x1b[33m", "\x1b[36m", "\x1b[0m"):
        assert (code in said) == is_coloured
        said = said.replace(code, "")
    assert said == CASES["each severity, the worst first, below its object"][1]


def test_a_terminal_shows_the_report_and_not_the_stream() -> None:
    """Manifests would bury the report; whoever pipes them on gets them."""
    main, terminal = pty.openpty()
    done = process("several", stdout=terminal, stderr=terminal, environment={"TERM": "dumb"})
    os.close(terminal)
    assert (read(main), done.returncode) == (CASES["each severity, the worst first, below its object"][1], 1)


@pytest.mark.parametrize("closed", ["2>&-", ">&- 2>&-"])
def test_a_closed_standard_error_is_no_terminal(closed: str) -> None:
    """Nothing can be said, and the status says it."""
    code = f'exec "$0" -c "$1" {closed}'
    done = subprocess.run(["bash", "-c", code, sys.executable, code_of("several")], input=STREAM.encode(), check=False)
    assert done.returncode == 1


def test_no_colour_where_standard_error_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python has None for it."""
    monkeypatch.setattr(sys, "stderr", None)
    assert report.text(Results(), 1, is_stream=True) == "nothing found in 1 object\n"


def code_of(check: str) -> str:
    return (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); from krm_functions_sdk import run; "
        f"import test_report; run(test_report.{check}, reports=True)"
    )


def process(
    check: str, *arguments: str, stdout: int = -1, stderr: int = -1, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run a check as a process over the stream or the arguments; -1 is a pipe."""
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "TERM")}
    command = [sys.executable, "-c", code_of(check), *arguments]
    return subprocess.run(
        command, input=STREAM.encode(), stdout=stdout, stderr=stderr, env={**kept, **(environment or {})}, check=False
    )


def read(main: int) -> str:
    """Return what was written to a terminal, of which the other end is closed."""
    pieces: list[bytes] = []
    while True:
        try:
            pieces.append(os.read(main, 65536))
        except OSError:  # Linux ends it so
            break
        if not pieces[-1]:
            break
    os.close(main)
    return b"".join(pieces).decode().replace("\r\n", "\n")
