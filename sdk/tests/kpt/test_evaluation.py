"""krmfn eval, source and sink: one function on files or a stream, and resources on their way in and out."""

import io
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from krm_functions_sdk import ResourceList, krmfn
from krm_functions_sdk.function import registry

A = "# mine\napiVersion: v1\nkind: ConfigMap\nmetadata:\n    name: a   # who\n"
B = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: b\n  labels:\n    x: y\n"
CAT = f"{sys.executable} -c 'import sys; sys.stdout.write(sys.stdin.read())'"

Krmfn = Callable[..., tuple[int, str, str]]


def label(resources: ResourceList) -> None:
    """Label everything with the configured value."""
    config = resources.function_config
    value = config.get("data.value", "none") if config else "none"
    for one in resources:
        one.set("metadata.labels.seen", f"{config.kind if config else ''}-{value}")
        resources.results.info("labelled", one)


def sleep(_: ResourceList) -> None:
    """Take long."""
    time.sleep(20)


class Installed:
    """A function that stands in for an installed one."""

    version = "1"

    def __init__(self, function: Callable[[ResourceList], None]) -> None:
        self.name = function.__name__
        self.function = function

    def load(self) -> Callable[[ResourceList], None]:
        return self.function


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Krmfn:
    """Run krmfn in a folder with two resources, where the function `label` is installed."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.yaml").write_text(A)
    (tmp_path / "sub" / "b.yaml").write_text(B)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(registry, "installed", lambda: {"label": Installed(label), "sleep": Installed(sleep)})

    def run(*arguments: str, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["krmfn", *arguments])
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(stdin.encode())))
        status = krmfn.main()
        out, err = capsys.readouterr()
        return status, out, err

    return run


@pytest.mark.parametrize("paths", [(".",), ("-",)])
@pytest.mark.parametrize("selection", [(), ("--match-kind", "Secret")])
def test_a_function_is_stopped_in_time(call: Krmfn, selection: tuple[str, ...], paths: tuple[str, ...]) -> None:
    """One in this process as well, on files and on a stream; nothing changes."""
    status, out, err = call("eval", "sleep", "--timeout", "0.2", *selection, *paths, stdin=A)
    assert (status, out) == (1, A if paths == ("-",) else "")
    assert re.match(r"\[error\] sleep was stopped .* after 0.2 s; --timeout allows more\n", err)


def test_a_misspelt_function_is_guessed(call: Krmfn, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its name, by its image where no container can be run, and where the runtime finds no such image."""
    guess = '(did you mean "label"?)'
    assert guess in call("eval", "labl", ".")[2]
    monkeypatch.setenv("KPT_FN_RUNTIME", "nerdctl")
    monkeypatch.setenv("PATH", "")
    assert f"no function labl is installed for labl:v1 {guess}, and nerdctl is not" in call("eval", "-i", "labl:v1")[2]
    (Path.cwd() / "nerdctl").write_text("#!/bin/sh\necho manifest unknown >&2\nexit 125\n")
    (Path.cwd() / "nerdctl").chmod(0o755)
    monkeypatch.setenv("PATH", str(Path.cwd()))
    said = call("eval", "-i", "labl:v1")[2]
    assert f"labl:v1 failed with exit status 125 {guess}: manifest unknown\n" in said
    first, second = said.splitlines()[:2]
    assert first.endswith(f"no function labl is installed here {guess}, and nerdctl could not run the image:")
    assert second.endswith("manifest unknown")


def test_files_are_changed_in_place(call: Krmfn) -> None:
    """What changed is listed, and the rest of each file stays."""
    status, out, err = call("eval", "label", ".", "value=1")
    assert (status, out) == (0, "changed a.yaml\nchanged sub/b.yaml\n")
    assert err.count("labelled") == 2
    assert Path("a.yaml").read_text() == A + "    labels:\n        seen: ConfigMap-1\n"


def test_the_current_folder_is_meant_without_a_path(call: Krmfn) -> None:
    """As kpt fn eval takes it."""
    assert call("eval", "label")[1] == "changed a.yaml\nchanged sub/b.yaml\n"


def test_a_stream_goes_through(call: Krmfn) -> None:
    """Documents come out as documents, and a ResourceList as one; -o unwrap makes documents of it."""
    assert call("eval", "label", "-", "value=2", stdin=A)[1] == A + "    labels:\n        seen: ConfigMap-2\n"
    whole = call("source")[1]
    assert yaml.safe_load(call("eval", "label", "-", stdin=whole)[1])["kind"] == "ResourceList"
    unwrapped = call("eval", "label", "-o", "unwrap", "-", stdin=whole)[1]
    assert [each["kind"] for each in yaml.safe_load_all(unwrapped)] == ["ConfigMap", "Secret"]


def test_the_kind_of_the_configuration(call: Krmfn) -> None:
    """Behind -- a first word alone is the kind, as kpt takes it."""
    out = call("eval", "label", "-", "--", "Mine", "value=3", stdin=A)[1]
    assert "seen: Mine-3" in out


@pytest.mark.parametrize(
    ("options", "changed"),
    [
        (("--match-kind", "Secret"), "changed sub/b.yaml\n"),
        (("--match-name=a",), "changed a.yaml\n"),
        (("--match-labels", "x=y"), "changed sub/b.yaml\n"),
        (("--exclude-kind", "Secret"), "changed a.yaml\n"),
        (("--match-namespace", "n"), "nothing to change\n"),
    ],
)
def test_only_what_is_selected_is_seen(call: Krmfn, options: tuple[str, ...], changed: str) -> None:
    """The others keep their bytes and their place."""
    assert call("eval", "label", *options, ".")[:2] == (0, changed)


def test_the_outcome_goes_elsewhere(call: Krmfn) -> None:
    """With -o the files stay; a new folder gets them all, and one that is there is refused."""
    status, out, _ = call("eval", "label", "-o", "new", ".")
    assert (status, out) == (0, "")
    assert Path("new/a.yaml").read_text().endswith("seen: -none\n")
    assert Path("a.yaml").read_text() == A
    status, _, err = call("eval", "label", "-o", "new", "a.yaml")
    assert status == 1
    assert "new already exists; nothing was written" in err


def test_what_a_killed_write_of_a_folder_left_is_dropped(call: Krmfn) -> None:
    """The new folder holds what belongs there, and nothing is left beside it."""
    Path(".new.krmfn").mkdir()
    Path(".new.krmfn/stale.yaml").write_text(A)
    assert call("eval", "label", "-o", "new", "a.yaml", "sub")[0] == 0
    assert sorted(path.name for path in Path().iterdir()) == ["a.yaml", "new", "sub"]
    assert sorted(path.name for path in Path("new").rglob("*.yaml")) == ["a.yaml", "b.yaml"]


def test_an_executable(call: Krmfn) -> None:
    """`cat` changes nothing, and what it says is passed on; results go to a file where one is asked for."""
    status, out, _ = call("eval", "--exec", CAT, "--results-dir", "results", ".")
    assert (status, out) == (0, "nothing to change\n")
    assert yaml.safe_load(Path("results/results.yaml").read_text()) == {
        "apiVersion": "kpt.dev/v1",
        "kind": "FunctionResultList",
        "metadata": {"name": "fnresults"},
        "exitCode": 0,
        "items": [{"exec": CAT, "exitCode": 0}],
    }


def test_a_failure_changes_nothing(call: Krmfn) -> None:
    """The exit status is 1, and the files are as they were."""
    status, out, err = call("eval", "--exec", "false", ".")
    assert (status, out) == (1, "")
    assert err.splitlines()[-1].endswith("failed, no file was changed")
    assert Path("a.yaml").read_text() == A


def test_there_and_back_again(call: Krmfn) -> None:
    """What source writes and sink reads has the same bytes."""
    status, text, _ = call("source")
    assert status == 0
    assert call("sink", "copy", stdin=text) == (0, "", "")
    assert Path("copy/a.yaml").read_text() == A
    assert Path("copy/sub/b.yaml").read_text() == B
    assert [each["kind"] for each in yaml.safe_load_all(call("source", "-o", "unwrap", "a.yaml")[1])] == ["ConfigMap"]


MISUSE = (
    (("eval",), "eval takes a FUNCTION, --image or --exec"),
    (("eval", "lable", "."), 'lable: no installed function (did you mean "label"?), and no folder. Installed: label'),
    (("eval", "--image", "a", "--exec", "b"), "found --image and --exec, expected one of them"),
    (("eval", "--exec", "'"), "--exec: found ', expected a command: No closing quotation"),
    (("eval", "label", "nowhere"), "nowhere: no such file or folder"),
    (("eval", "label", "--match-labels", "x", "."), "--match-labels takes key=value"),
    (("eval", "label", "--timeout", "0", "."), "--timeout: found 0, expected a number above 0"),
    (
        ("eval", "label", "--image-pull-policy", "often"),
        "--image-pull-policy: found often, expected Always, IfNotPresent",
    ),
    (("eval", "label", ".", "--", "Mine", "more"), "found more behind --, expected key=value"),
    (("source", "-o", "stdin"), "--output: found stdin, expected unwrap"),
    (("sink",), "sink takes one FOLDER, a new one"),
)


@pytest.mark.parametrize(("arguments", "message"), MISUSE)
def test_misuse_is_named(call: Krmfn, arguments: tuple[str, ...], message: str) -> None:
    """What makes no sense is said in a line, with exit status 2."""
    status, out, err = call(*arguments)
    assert (status, out) == (2, "")
    assert err.startswith(f"krmfn: {message}")


def test_what_cannot_be_read(call: Krmfn) -> None:
    """A broken file, an empty stream, and a path that leads out are errors, and nothing is written."""
    Path("a.yaml").write_text("a: [\n")
    assert call("source")[0] == call("eval", "label")[0] == 1
    assert call("sink", "copy")[0] == 1
    outside = (
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: b\n  annotations:\n    config.kubernetes.io/path: ../b.yaml\n"
    )
    status, _, err = call("sink", "copy", stdin=outside)
    assert (status, err) == (1, "[error] Secret b belongs to ../b.yaml, which is outside the folder\n")
    assert not Path("copy").exists()
