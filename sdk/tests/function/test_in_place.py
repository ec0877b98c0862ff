"""A function over files and folders: what it reads, what it writes, and what a user gets wrong."""

import os
import subprocess
import sys
from pathlib import Path

import krm_functions_sdk
import pytest
from krm_functions_sdk import Resource, ResourceList
from krm_functions_sdk.files import package
from krm_functions_sdk.function.call import execute
from krm_functions_sdk.function.command_line import CommandLine, Misuse
from krm_functions_sdk.function.in_place import InPlace, change

WEB = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {}\nspec:\n  replicas: 1 # few\n"
OTHER = "# c\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  at: '12:30:45'\n"
KPTFILE = "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: p\n"


def scale(resources: ResourceList) -> None:
    """Scale what is there to the number of the functionConfig."""
    config = resources.function_config
    if config is None:
        resources.results.error("no functionConfig")
        return
    number = str(config.get("data.replicas"))
    if not number.isdecimal():
        resources.results.error("no number", config, "data.replicas")
    for one in resources.where("Deployment"):
        if one.name == "broken":
            resources.results.error("too broken", one, "spec.replicas")
        if number.isdecimal():
            one.set("spec.replicas", int(number))


def generate(resources: ResourceList) -> None:
    resources.add(Resource.new({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}}), "new/secret.yaml")
    print("made one")


def delete(resources: ResourceList) -> None:
    for one in resources.where("Deployment"):
        resources.remove(one)


def delete_all(resources: ResourceList) -> None:
    resources.items.clear()


def rubbish(resources: ResourceList) -> None:
    resources.items.append(5)  # type: ignore[arg-type]  # on purpose


def escape(resources: ResourceList) -> None:
    resources.add(Resource.new({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}}), "../out.yaml")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two folders, the second with a package below it and a file that is no Kubernetes object, but ignored."""
    files = {
        "a/web.yaml": WEB.format("web") + "---\n" + OTHER,
        "a/other.yml": OTHER,
        "b/web.yaml": WEB.format("two"),
        "b/values.yaml": "a: b\n",
        "b/.krmignore": "values.yaml\n",
        "b/sub/Kptfile": KPTFILE,
        "b/sub/web.yaml": WEB.format("sub"),
        "b/note.txt": "x",
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def texts(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def config(number: str = "3") -> Resource | None:
    return CommandLine.parse([f"replicas={number}"]).config()


CHANGED = {  # paths → files that change
    ("a",): ["a/web.yaml"],
    ("./a/",): ["a/web.yaml"],
    ("b",): ["b/sub/web.yaml", "b/web.yaml"],
    ("a", "b"): ["a/web.yaml", "b/sub/web.yaml", "b/web.yaml"],
    (".",): ["a/web.yaml", "b/sub/web.yaml", "b/web.yaml"],
    ("b/web.yaml",): ["b/web.yaml"],
    ("a/web.yaml", "b/web.yaml"): ["a/web.yaml", "b/web.yaml"],
    ("a", "a/web.yaml", "a"): ["a/web.yaml"],
    ("b/sub", "a/other.yml"): ["b/sub/web.yaml"],
}


@pytest.mark.parametrize("paths", CHANGED, ids=" ".join)
def test_files_and_folders_change_in_place(folder: Path, paths: tuple[str, ...]) -> None:
    """One line in each, and a second run changes nothing."""
    if "." in paths:
        (folder / ".krmignore").write_text("b/values.yaml\n")
    before = texts(folder)
    said, errors, status = change(scale, config(), list(paths))
    assert (sorted(said.splitlines()), errors, status) == ([f"changed {path}" for path in CHANGED[paths]], "", 0)
    expected = {path: text.replace("1 # few", "3 # few") for path, text in before.items() if path in CHANGED[paths]}
    assert texts(folder) == {**before, **expected}
    assert change(scale, config(), list(paths)) == ("nothing to change\n", "", 0)


def test_paths_elsewhere(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Absolute paths and `..` do as well, alone or mixed."""
    monkeypatch.chdir(folder / "a")
    assert change(scale, config("2"), ["../b/web.yaml"]) == ("changed ../b/web.yaml\n", "", 0)
    assert change(scale, config("2"), [str(folder / "a")]) == (f"changed {folder}/a/web.yaml\n", "", 0)
    said, _, status = change(scale, config("4"), ["../b/sub", "web.yaml"])
    assert (said, status) == (f"changed {folder}/a/web.yaml\nchanged {folder}/b/sub/web.yaml\n", 0)


def test_files_are_created_and_deleted(folder: Path) -> None:
    """A new one goes below what was given; what a function prints is said."""
    assert change(generate, None, ["a"]) == ("created a/new/secret.yaml\n", "made one\n", 0)
    assert "kind: Secret" in (folder / "a/new/secret.yaml").read_text()
    assert change(delete, None, ["b"])[0] == "deleted b/sub/web.yaml\ndeleted b/web.yaml\n"
    assert not (folder / "b/web.yaml").exists()
    assert (folder / "b/values.yaml").exists()


FAILING = {
    "a function's error": (scale, "broken.yaml", WEB.format("broken"), "[error] a/broken.yaml:6: Deployment broken: "),
    "no object": (scale, "values.yaml", "a: b\n", "[error] a/values.yaml:1: not a Kubernetes object: "),
    "no YAML": (scale, "x.yaml", "a: [\n", "[error] a/x.yaml:1: cannot be read as YAML: "),
    "no UTF-8": (scale, "x.yaml", "\udcff", "[error] a/x.yaml: cannot be read: byte 0 is not UTF-8"),
    "all deleted": (delete_all, "x.yaml", OTHER, "[error] the function returned no resources at all"),
    "rubbish": (rubbish, "x.yaml", OTHER, "[error] rubbish crashed"),
    "outside": (
        escape,
        "x.yaml",
        OTHER,
        "out.yaml: the function wants to write this file, which is outside the folder",
    ),
    "not read": (generate, "new/secret.yaml", OTHER, ""),
}


@pytest.mark.parametrize("case", FAILING)
def test_after_an_error_no_file_is_changed(folder: Path, case: str) -> None:
    """The fault is named with its file, and everything stays as it was."""
    function, name, text, message = FAILING[case]
    (folder / "a" / name).parent.mkdir(exist_ok=True)
    (folder / "a" / name).write_bytes(text.encode(errors="surrogateescape"))
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    paths = ["a/web.yaml"] if case == "not read" else ["a"]
    said, errors, status = change(function, config(), paths)
    not_given = "but what is there is not part of what was given"
    message = message or f"[error] a/new/secret.yaml: the function wants to write this file, {not_given}"
    assert (said, status) == ("", 1)
    assert message in errors
    assert errors.endswith(": failed, no file was changed\n")
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_one_file_may_be_anything(folder: Path) -> None:
    """A file that is named passes, whatever else it holds; what a function cannot read is named with its line."""
    (folder / "mixed.txt").write_text("a: b\n---\n" + WEB.format("web"))
    assert change(scale, config(), ["mixed.txt"]) == ("changed mixed.txt\n", "", 0)
    (folder / "bad.yaml").write_bytes(b"\xff")
    assert "[error] bad.yaml: cannot be read: " in change(scale, config(), ["bad.yaml"])[1]
    (folder / "bad.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n---\n x: [\nkind: Foo\n")
    assert change(scale, config(), ["bad.yaml"])[1].startswith(
        "[error] bad.yaml:6: cannot be read or edited as YAML: while "
    )
    (folder / "bad.yaml").write_text(OTHER + "---\n" + WEB.format("x") + "  b: [\n")
    assert "[error] bad.yaml:" in change(scale, config(), ["bad.yaml"])[1]


def test_what_the_disk_refuses_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure of writing is an error like any other."""

    def refuse(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(package, "write", refuse)
    said, errors, status = change(scale, config(), [str(folder / "a")])
    assert (said, status) == ("", 1)
    assert errors.startswith("[error] cannot be written: disk full\n")


MISUSED = {
    ("--verbose",): "unknown argument '--verbose'; see --help",
    ("a", "--help"): "unknown argument '--help'; see --help",
    ("x=1", "x=2"): "x is given twice",
    ("--config",): "--config takes one FILE",
    ("--config=a", "--config", "b"): "--config takes one FILE",
    ("--config=a", "x=1"): "found --config and key=value, expected one of them",
    ("-", "a"): "found - (standard input) beside files, expected one of them",
    ("--config=nowhere",): "nowhere: cannot be read: ",
    ("--config=a",): "a: cannot be read: ",
    ("--config=a/web.yaml",): "a/web.yaml: several documents, expected one functionConfig",
    ("--config=empty",): "empty: empty, expected a functionConfig",
    ("--config=broken",): "broken:1: ",
    ("--config=list",): "list:1: a Kubernetes object must be a map",
}


@pytest.mark.parametrize("arguments", MISUSED, ids=" ".join)
def test_misuse_is_named(folder: Path, arguments: tuple[str, ...]) -> None:
    """Arguments that make no sense are refused before anything is read."""
    for name, text in (("empty", "# nothing\n"), ("broken", "a: ]\n"), ("list", "- a\n")):
        (folder / name).write_text(text)
    with pytest.raises(Misuse) as caught:
        CommandLine.parse(arguments).config()
    assert str(caught.value).startswith(MISUSED[arguments])


def test_a_path_that_is_not_there(folder: Path) -> None:
    """Nothing is changed, whatever else is there."""
    before = texts(folder)
    with pytest.raises(Misuse, match="nowhere: no such file or folder"):
        InPlace(scale, config()).run(["a", "nowhere"])
    assert texts(folder) == before


def test_arguments_become_a_functionconfig(folder: Path) -> None:
    """`key=value` is a ConfigMap of strings, as kpt makes it; a file is taken as it is."""
    line = CommandLine.parse(["a", "x=1", "y.z=a=b", "e=", "dir/k=v"])
    found = line.config()
    assert found is not None
    assert (line.paths, found.get("data")) == (["a", "dir/k=v"], {"x": "1", "y.z": "a=b", "e": ""})
    (folder / "config.yaml").write_text("# mine\n" + OTHER.replace("12:30:45", "many"))
    for arguments in (["--config", "config.yaml"], ["--config=config.yaml"]):
        found = CommandLine.parse(arguments).config()
        assert found is not None
        assert (found.path, found.get("data.at")) == ("config.yaml", "many")
    assert CommandLine.parse(["-"]).config() is None


def test_a_fault_of_the_config_file_names_it(folder: Path) -> None:
    """The path is as the user gave it, with the line."""
    (folder / "config.yaml").write_text(OTHER + "  replicas: many\n")
    given = CommandLine.parse(["--config=config.yaml"]).config()
    assert "[error] config.yaml:7: ConfigMap a: data.replicas: no number\n" in change(scale, given, ["a"])[1]


LIST = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n"
ITEM = "- apiVersion: apps/v1\n  kind: Deployment\n  metadata:\n    name: web\n  spec:\n    replicas: 1\n"


@pytest.mark.parametrize("text", [LIST + ITEM, WEB.format("web")])
def test_a_functionconfig_for_standard_input(text: str) -> None:
    """It reaches the function, and stays out of the output."""
    output, errors, status = execute(scale, text.encode(), config())
    assert (output.decode(), errors, status) == (text.replace("replicas: 1", "replicas: 3"), "", 0)


def test_two_functionconfigs_are_one_too_many() -> None:
    """Neither is silently dropped."""
    text = (LIST + ITEM + "functionConfig:\n  kind: ConfigMap\n").encode()
    output, errors, status = execute(scale, text, config())
    assert (output, status) == (text, 1)
    assert errors.startswith("[error] found a functionConfig on standard input and one in the arguments")


PROGRAM = """
import os, sys
sys.path.insert(0, {sdk!r})
from krm_functions_sdk import run
def scale(resources):
    "Scale."
    os.write(1, b"noise\\n")
    for one in resources.where("Deployment"):
        one.set("spec.replicas", int(resources.function_config.get("data.replicas")))
run(scale)
"""


def test_the_process(folder: Path) -> None:
    """Files are changed, standard output reports them, and standard input is not read."""
    program = folder / "scale.py"
    program.write_text(PROGRAM.format(sdk=str(Path(krm_functions_sdk.__file__).parent.parent)))
    reader, writer = os.pipe()
    command = [sys.executable, str(program)]
    try:
        done = subprocess.run(
            [*command, "a", "replicas=3"], stdin=reader, capture_output=True, timeout=120, check=False
        )
    finally:
        os.close(reader)
        os.close(writer)
    assert (done.stdout, done.stderr, done.returncode) == (b"changed a/web.yaml\n", b"noise\n", 0)
    missing = subprocess.run([*command, "nowhere"], capture_output=True, check=False)
    assert (missing.stdout, missing.returncode) == (b"", 2)
    assert missing.stderr == b"scale: nowhere: no such file or folder\n"
    for arguments in (["replicas=5"], ["-", "replicas=5"]):
        text = WEB.format("web")
        piped = subprocess.run([*command, *arguments], input=text.encode(), capture_output=True, check=False)
        assert (piped.stdout.decode(), piped.returncode) == (text.replace("1 #", "5 #"), 0)
