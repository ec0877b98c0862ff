"""The process around a function: whatever happens, the resources come out and the exit status tells."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import krm_functions_sdk
import pytest
from krm_functions_sdk import Resource, ResourceList, YamlFault
from krm_functions_sdk.document import parser, tree
from krm_functions_sdk.function.call import execute
from krm_functions_sdk.function.callable import name_of
from krm_functions_sdk.function.manual import help_text

LIST = """\
apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:
- apiVersion: v1
  kind: ConfigMap
  metadata:
    name: a
    annotations:
      internal.config.kubernetes.io/path: 'a.yaml'
  data: {k: "1e3"} # c
"""
STREAM = "# header\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n---\n# foot\n"


def nothing(resources: ResourceList) -> None:
    """Do nothing."""


def prints(resources: ResourceList) -> None:
    """Print."""
    print("hello", len(resources))


def crashes(resources: ResourceList) -> None:
    """Crash after a change."""
    resources.items[0].set("data.k", "changed")
    raise KeyError("no such key")


def crashes_in_the_library(resources: ResourceList) -> None:
    """Crash below the author's code."""
    int("x" * len(resources))


def exits(_: ResourceList) -> None:
    """Leave the process."""
    sys.exit(0)


def fails(resources: ResourceList) -> None:
    """Report an error after a change."""
    resources.items[0].set("data.k", "changed")
    resources.results.warning("look here")
    resources.results.error("wrong", resources.items[0], "data.k", current="1e3")


def deletes_all(resources: ResourceList) -> None:
    """Delete all."""
    resources.items.clear()


def leaves_rubbish(resources: ResourceList) -> None:
    """Leave something behind that cannot be written."""
    resources.items.append(5)  # type: ignore[arg-type]  # on purpose


def reads(resources: ResourceList) -> None:
    """Read all."""
    for resource in resources:
        _ = resource.data


def edits(resources: ResourceList) -> None:
    """Edit all."""
    for resource in resources:
        resource.set("metadata.labels.a", "b")


def run(function: Any, text: str) -> tuple[str, str, int]:
    """Return output, errors and status of a function on a text."""
    output, errors, status = execute(function, text.encode())
    return output.decode(), errors, status


def results(text: str) -> Any:
    """Return the results in an output."""
    return tree.value(parser.parse(text)).get("results")


@pytest.mark.parametrize("text", [LIST, STREAM, LIST.replace("\n", "\r\n"), LIST.rstrip("\n"), "\ufeff" + STREAM])
def test_a_function_that_does_nothing_returns_the_same_bytes(text: str) -> None:
    """Nothing done, nothing changed, nothing said."""
    assert run(nothing, text) == (text, "", 0)


def test_what_a_function_prints_goes_to_standard_error() -> None:
    """Standard output is for the resources."""
    assert run(prints, LIST) == (LIST, "hello 1\n", 0)


def test_a_crash_is_a_result_and_the_input_comes_out() -> None:
    """A crash names its place in the author's code, and no change of it comes out."""
    output, errors, status = run(crashes, LIST)
    assert status == 1
    assert output.startswith(LIST)
    (result,) = results(output)
    assert result["severity"] == "error"
    assert result["message"].startswith("crashes crashed at test_run.py:")
    assert result["message"].endswith(" in crashes: KeyError: 'no such key'")
    assert errors == f"[error] {result['message']}\n"


def test_a_crash_in_a_library_names_the_authors_line() -> None:
    """What counts is where the author's code was."""
    _, errors, status = run(crashes_in_the_library, LIST)
    assert status == 1
    assert "test_run.py:" in errors
    assert "in crashes_in_the_library: ValueError" in errors


def test_leaving_the_process_is_a_crash() -> None:
    """A function that calls sys.exit does not get away with an empty output."""
    output, errors, status = run(exits, LIST)
    assert (status, output.startswith(LIST)) == (1, True)
    assert "SystemExit: 0" in errors


def test_an_error_fails_the_run_and_nothing_is_changed() -> None:
    """The output holds the resources as they came in, and all results."""
    output, errors, status = run(fails, LIST)
    assert status == 1
    assert output.startswith(LIST)
    reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": "a"}
    assert results(output) == [
        {"message": "look here", "severity": "warning"},
        {
            "message": "wrong",
            "severity": "error",
            "resourceRef": reference,
            "field": {"path": "data.k", "currentValue": "1e3"},
            "file": {"path": "a.yaml", "index": 0},
        },
    ]
    assert errors == "[warning] look here\n[error] a.yaml: ConfigMap a: data.k: wrong\n"


def test_after_an_error_a_stream_comes_out_as_it_came_in() -> None:
    """A stream has no place for results; they are on standard error."""
    assert run(fails, STREAM)[0] == STREAM
    assert run(fails, STREAM)[2] == 1


def test_deleting_everything_is_refused() -> None:
    """An empty list would make kpt delete the whole package."""
    output, errors, status = run(deletes_all, LIST)
    assert (status, output.startswith(LIST)) == (1, True)
    assert "no resources at all" in errors
    assert run(deletes_all, "kind: ResourceList\nitems: []\n") == ("kind: ResourceList\nitems: []\n", "", 0)


def test_what_cannot_be_written_is_a_crash() -> None:
    """The last step is guarded as well."""
    output, errors, status = run(leaves_rubbish, LIST)
    assert (status, output.startswith(LIST)) == (1, True)
    assert "AttributeError" in errors


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "[error] standard input is empty; expected a ResourceList or a stream of Kubernetes objects\n"),
        (b"a: 1\nb: \xff\n", "[error] standard input is not UTF-8: line 2, byte 8: invalid start byte\n"),
        (b"kind: ResourceList\nitems: 5\n", "[error] items: expected a list of Kubernetes objects\n"),
    ],
)
def test_unreadable_input_comes_out_with_a_reason(data: bytes, message: str) -> None:
    """What is no input is refused, and comes out as it is."""
    assert execute(nothing, data) == (data, message, 1)


BROKEN = {
    "no YAML": ("x: [\n", "line 10: "),
    "NUL": ("x: \x00\n", "line 10: "),
    "twice": ("x: 1\nx: 2\n", "line 11: "),
    "a bomb": (
        "".join(f"x{n}: &x{n} [{', '.join([f'*x{n - 1}' if n else 'x'] * 10)}]\n" for n in range(9)),
        "aliases expand",
    ),
    "deep": ("x: " + "[" * 10000 + "\n", "nested deeper"),
    "itself": ("x: &x [*x]\n", "inside its own anchor"),
    "a tab": ("x:\n\ty: 1\n", "line 11: "),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_item_is_a_result_when_it_is_read(case: str) -> None:
    """What is wrong with which resource is said, with the line, and without a traceback; unread it passes."""
    body, message = BROKEN[case]
    good, bad = (
        f"apiVersion: v1\nkind: {kind}\nmetadata:\n  name: {name}\n" for kind, name in (("A", "good"), ("B", "bad"))
    )
    text = f"{good}---\n{bad}{body}"
    assert run(nothing, text) == (text, "", 0)
    for function in (reads, edits):
        output, errors, status = run(function, text)
        assert (output, status) == (text, 1)
        assert errors.startswith("[error] B bad: cannot be read or edited as YAML: line ")
        assert message in errors
        assert "Traceback" not in errors


def test_the_broken_item_that_was_read_is_blamed() -> None:
    """Another broken item that nobody read is not."""

    def reads_last(resources: ResourceList) -> None:
        _ = resources.items[-1].data

    text = "".join(f"---\napiVersion: v1\nkind: A\nmetadata:\n  name: x{n}\nb: [\n" for n in range(2))
    assert "A x1: " in run(reads_last, text)[1]


def test_a_fault_of_no_resource_is_a_crash() -> None:
    """A fault of another text is the function's own."""

    def parses(_: ResourceList) -> None:
        raise YamlFault("of mine", 3)

    assert "crashed at test_run.py" in run(parses, LIST)[1]


def test_name_and_help() -> None:
    """A function is called by its name with hyphens, and helps with its docstring where it has no README."""
    assert name_of(deletes_all) == "deletes-all"
    assert help_text(deletes_all) == "deletes-all: Delete all."


PROGRAM = """
import ctypes, os, subprocess, sys, threading, time
sys.path.insert(0, {sdk!r})
from krm_functions_sdk import run
def noisy(resources):
    "Be noisy."
    print("printed")
    os.write(1, b"written\\n")
    subprocess.run(["echo", "echoed"])
    sys.__stdout__.write("late\\n")
    ctypes.CDLL(None).printf(b"buffered\\n")
    def chat():
        while True:
            print("chat")
            os.write(1, b"chat\\n")
            time.sleep(0.001)
    threading.Thread(target=chat, daemon=True).start()
    if "leave" in os.environ:
        sys.exit(0)
    if "shout" in os.environ:
        print("x" * 5_000_000)
    if len(resources) > 1:
        resources.results.error("too many")
sys.exit(run(noisy))
"""


@pytest.fixture
def program(tmp_path: Path) -> str:
    """Return the path of a program that is a function."""
    file = tmp_path / "noisy.py"
    file.write_text(PROGRAM.format(sdk=str(Path(krm_functions_sdk.__file__).parent.parent)))
    return str(file)


def start(program: str, *arguments: str, stdin: bytes | None = LIST.encode()) -> subprocess.CompletedProcess[bytes]:
    """Run the program."""
    return subprocess.run(
        [sys.executable, program, *arguments], input=stdin, capture_output=True, check=False, timeout=120
    )


def test_the_process_writes_nothing_but_the_resources(program: str) -> None:
    """Prints, and what child processes, C code with its buffers, and threads write, go to standard error."""
    done = start(program)
    assert (done.stdout, done.returncode) == (LIST.encode(), 0)
    assert set(done.stderr.split()) >= {b"buffered", b"echoed", b"late", b"printed", b"written"}


def test_leaving_the_process_fails_it(program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`sys.exit(0)` in a function is a crash: the input comes out, with a result, and the exit status is 1."""
    monkeypatch.setenv("leave", "yes")
    done = start(program)
    assert done.returncode == 1
    assert done.stdout.startswith(LIST.encode() + b'results:\n- message: "noisy crashed at noisy.py:')
    assert b"SystemExit: 0" in done.stderr
    assert b"Traceback" not in done.stderr


def test_much_on_standard_error_holds_nothing_up(program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five megabytes of prints pass, and the resources after them."""
    monkeypatch.setenv("shout", "yes")
    done = start(program)
    assert (done.stdout, done.returncode) == (LIST.encode(), 0)
    assert len(done.stderr) > 5_000_000


def test_real_kpt_reads_what_a_noisy_function_answers(program: str, kpt: str, tmp_path: Path) -> None:
    """Under `kpt fn eval`, on a file: the function works or fails by its results, and the file is as it should be."""
    package = tmp_path / "package"
    package.mkdir()
    text = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata: {k: "1e3"} # c\n'
    (package / "a.yaml").write_text(text)
    script = tmp_path / "noisy"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{program}"\n')
    script.chmod(0o755)
    command = [kpt, "fn", "eval", str(package), "--exec", str(script), "--results-dir", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, (package / "a.yaml").read_text()) == (0, text), done.stderr
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "leave": "yes"})
    assert (done.returncode, (package / "a.yaml").read_text()) == (1, text)
    assert "noisy crashed at noisy.py:" in done.stderr
    results = tree.value(parser.parse((tmp_path / "results.yaml").read_text()))
    assert results["items"][0]["results"][0]["severity"] == "error"


@pytest.mark.parametrize("old", [6, 7])
def test_what_outgrows_porch_is_a_warning(old: int) -> None:
    """An answer above 6 MiB is said where the input was not: kpt has no bound, and Porch asks for no more."""

    def grows(resources: ResourceList) -> None:
        resources.items[0].set("data.big", "x" * 2**20 * 2)

    text = LIST.replace("# c", f"# {'c' * (old * 2**20 - 2**20)}")
    output, errors, status = run(grows, text)
    assert status == 0
    is_said = old == 6
    assert ("[warning] the output has 7.0 MiB; Porch passes at most 6 MiB" in errors) == is_said
    assert bool(results(output)) == is_said


def test_one_list_in_and_one_list_out() -> None:
    """Porch reads one document: a list with another document behind it is refused, and none is ever added."""
    assert "[error]" in run(nothing, LIST + "---\napiVersion: v1\nkind: A\n")[1]
    for function in (nothing, edits, fails, crashes):
        assert "\n---" not in run(function, LIST)[0]


def test_the_process_fails_on_an_error(program: str) -> None:
    """The exit status is 1, standard error says why, and the input comes out."""
    done = start(program, stdin=STREAM.encode() + b"---\nkind: B\n")
    assert (done.stdout, done.returncode) == (STREAM.encode() + b"---\nkind: B\n", 1)
    assert b"[error] too many\n" in done.stderr


def test_help_needs_no_input(program: str) -> None:
    """Help is printed while standard input stays open and silent."""
    reader, writer = os.pipe()
    try:
        done = subprocess.run(
            [sys.executable, program, "--help"], stdin=reader, capture_output=True, timeout=120, check=False
        )
    finally:
        os.close(reader)
        os.close(writer)
    assert (done.stdout, done.returncode) == (b"noisy: Be noisy.\n", 0)


def test_unknown_arguments(program: str) -> None:
    """An argument that nobody knows is said and nothing is done."""
    done = start(program, "--verbose")
    assert (done.stdout, done.returncode) == (b"", 2)
    assert b"unknown argument '--verbose'" in done.stderr


@pytest.mark.parametrize(
    ("redirect", "status", "error"),
    [
        ("<&-", 1, b"standard input is empty"),
        ("| true", 1, b"cannot write"),
        (">&-", 1, b"cannot write"),
        (">/dev/full", 1, b"cannot write"),
        ("2>&-", 0, b""),
    ],
)
def test_closed_and_broken_streams(program: str, redirect: str, status: int, error: bytes) -> None:
    """Nothing that is closed makes a traceback, and what could not be written is no success."""
    if redirect == "| true":
        reader, writer = os.pipe()
        os.close(reader)
        try:
            done = subprocess.run(
                [sys.executable, program],
                input=LIST.encode(),
                stdout=writer,
                stderr=subprocess.PIPE,
                check=False,
                timeout=120,
            )
        finally:
            os.close(writer)
    else:
        command = ["sh", "-c", f'"$0" "$1" {redirect}', sys.executable, program]
        done = subprocess.run(command, input=LIST.encode(), capture_output=True, check=False, timeout=120)
    assert done.returncode == status
    assert error in done.stderr
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr


def test_resources_of_kustomize_are_found() -> None:
    """The list that kustomize sends is read like that of kpt."""
    head = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- apiVersion: v1\n  kind: A\n"
    text = (
        head + "  metadata:\n    annotations:\n      config.k8s.io/id: '1'\n    name: x\nfunctionConfig:\n  kind: F\n"
    )
    assert run(edits, text)[0] == text.replace("    name: x\n", "    name: x\n    labels:\n      a: b\n")


def test_json_input() -> None:
    """JSON is a ResourceList as well, and what changes in it is read again."""
    text = '{"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", '
    text += '"items": [{"kind": "A", "metadata": {"name": "x"}}]}'
    assert run(nothing, text) == (text, "", 0)
    output, _, status = run(edits, text)
    assert status == 0
    assert tree.value(parser.parse(output))["items"] == [{"kind": "A", "metadata": {"name": "x", "labels": {"a": "b"}}}]
    assert isinstance(ResourceList.read(output).items[0], Resource)
