"""Functions in other processes: what they get, what is taken over, and how each way to fail is told."""

import sys
from pathlib import Path

import pytest
from krm_functions_sdk import Resource, ResourceList
from krm_functions_sdk.commands import options
from krm_functions_sdk.function.call import call
from krm_functions_sdk.kpt import external, process
from krm_functions_sdk.kpt.external import Limits

MINE = """\
# mine
apiVersion: v1
kind: ConfigMap
metadata:
    name: a   # who
data:
    a:   "1"

    b: >-
      x
"""
OTHER = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n"


def resources() -> ResourceList:
    return ResourceList([Resource(MINE, path="a.yaml", index=0), Resource(OTHER, path="sub/b.yaml", index=3)])


def run(tmp_path: Path, code: str, items: ResourceList, timeout: float = 120) -> str:
    """Run Python code as the function; return what it said on standard error."""
    script = tmp_path / "function.py"
    script.write_text(code)
    return call(external.executable(f"{sys.executable} {script}", Limits(allow_exec=True, timeout=timeout)), items)


NAIVE = "import sys, yaml\nlist = yaml.safe_load(sys.stdin)\n{}\nyaml.safe_dump(list, sys.stdout)\n"


def test_what_is_not_touched_keeps_its_bytes(tmp_path: Path) -> None:
    """A function that loads and dumps everything changes nothing."""
    items = resources()
    run(tmp_path, NAIVE.format(""), items)
    assert [item.text for item in items] == [MINE, OTHER]
    assert not items.results
    assert not any(item.is_changed for item in items)


def test_what_changes_is_written_into_the_text(tmp_path: Path) -> None:
    """Comments, quotes, folded text and blank lines stay around the one value that is another."""
    items = resources()
    run(tmp_path, NAIVE.format("list['items'][0]['data']['a'] = '2'"), items)
    assert [item.text for item in items] == [MINE.replace('"1"', '"2"'), OTHER]


def test_place_and_id_are_told_and_taken_away_again(tmp_path: Path) -> None:
    """The function gets the annotations that kpt gives, in both spellings, and none of them is left behind."""
    items = resources()
    said = run(tmp_path, NAIVE.format("print(list['items'][1]['metadata']['annotations'], file=sys.stderr)"), items)
    for name, value in (("path", "sub/b.yaml"), ("index", "3")):
        assert f"'config.kubernetes.io/{name}': '{value}'" in said
        assert f"'internal.config.kubernetes.io/{name}': '{value}'" in said
    assert "'internal.config.kubernetes.io/id': '2'" in said
    assert [item.text for item in items] == [MINE, OTHER]


def test_new_moved_and_deleted(tmp_path: Path) -> None:
    """What the function makes has its place, what it moves has another one, and what it leaves out is gone."""
    items = resources()
    change = (
        "made = {'apiVersion': 'v1', 'kind': 'Secret', 'metadata': {'name': 'c', 'annotations':"
        " {'internal.config.kubernetes.io/path': 'c.yaml', 'internal.config.kubernetes.io/index': '1'}}}\n"
        "a = list['items'][0]['metadata']['annotations']\n"
        "a['internal.config.kubernetes.io/path'] = a['config.kubernetes.io/path'] = 'new.yaml'\n"
        "list['items'] = [list['items'][0], made]"
    )
    run(tmp_path, NAIVE.format(change), items)
    assert [(item.name, item.path, item.index) for item in items] == [("a", "new.yaml", 0), ("c", "c.yaml", 1)]
    assert items.items[0].text == MINE
    assert items.items[1].text == "apiVersion: v1\nkind: Secret\nmetadata:\n  name: c\n"


def test_an_object_is_known_by_its_identity(tmp_path: Path) -> None:
    """A function that loses all annotations loses no place."""
    items = resources()
    run(tmp_path, NAIVE.format("for item in list['items']: del item['metadata']['annotations']"), items)
    assert [(item.name, item.path, item.index) for item in items] == [("a", "a.yaml", 0), ("b", "sub/b.yaml", 3)]
    assert [item.text for item in items] == [MINE, OTHER]


FAILURES = {
    "silence": ("", "wrote nothing to standard output; this would delete the whole package"),
    "text": ("print('starting')", "wrote no ResourceList to standard output"),
    "bytes": ("import sys; sys.stdout.buffer.write(b'a: \\xff')", "wrote no ResourceList to standard output"),
    "status": ("import sys; print('no way', file=sys.stderr); sys.exit(3)", "failed with exit status 3: no way"),
    "an error": (NAIVE.format("list['results'] = [{'message': 'wrong', 'severity': 'error'}]"), "wrong"),
    "a severity": (NAIVE.format("list['results'] = [{'message': 'wrong', 'severity': 'fatal'}]"), "wrong"),
    "results": (NAIVE.format("list['results'] = {'message': 'wrong'}"), "results: expected a list"),
    "a result": (NAIVE.format("list['results'] = ['wrong']"), "results: found 'wrong', expected a map with a message"),
    "no items": (NAIVE.format("list['items'] = []"), "the function returned no resources at all"),
    "no object": (NAIVE.format("list['items'].append({'a': 'b'})"), "no apiVersion, kind, metadata.name in"),
    "time": ("import time; time.sleep(60)", "did not end within 0.5 s"),
    "deaf": ("import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(60)", "did not end within 0.5 s"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_failure_is_told_and_nothing_changes(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a function does, there is one error that says what, and the resources are as they were."""
    monkeypatch.setattr(process, "_GRACE", 0.2)
    code, message = FAILURES[name]
    items = resources()
    run(tmp_path, code, items, timeout=0.5 if name in ("time", "deaf") else 120)
    assert len([result for result in items.results if result.severity == "error"]) == 1
    assert message in items.results[0].message
    if name != "no items":
        assert [item.text for item in items] == [MINE, OTHER]


def test_a_flood_is_cut(tmp_path: Path) -> None:
    """Of what a function says beginning and end are kept, and how much is left out is told."""
    code = "import sys\nfor n in range(4000): sys.stderr.write(f'{n:99}\\n')\nsys.exit(3)\n"
    items = resources()
    said = run(tmp_path, code, items)
    assert len(said) < 2 * process.MOST_SAID + 100
    assert f"\n… {400_000 - 2 * process.MOST_SAID} bytes are left out …\n" in said
    assert (said.split()[0], said.split()[-1]) == ("0", "3999")
    assert items.results[0].message.endswith("failed with exit status 3: " + " " * 95 + "3999")


def test_an_executable_that_is_not_there() -> None:
    """The error names it, and why it cannot be started."""
    items = resources()
    call(external.executable("/nowhere/at/all --flag", Limits()), items)
    assert [result.message for result in items.results] == [
        "/nowhere/at/all --flag cannot be started: No such file or directory"
    ]


def test_no_shell_reads_a_command(tmp_path: Path) -> None:
    """The words of a command are split at blanks and quotes, and nothing in them is expanded."""
    function = external.executable("touch '$(touch x)' ; $HOME", Limits())
    assert function.argv == ["touch", "$(touch x)", ";", "$HOME"]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("limits", "changed"),
    [
        (Limits(), {}),
        (Limits(allow_network=True), {"none": "host"}),
        (Limits(pull="always"), {"missing": "always"}),
    ],
)
def test_a_container_gets_the_arguments_that_kpt_gives(
    monkeypatch: pytest.MonkeyPatch, limits: Limits, changed: dict[str, str]
) -> None:
    """No network, nobody, no new privileges, no mounts; an image without a slash is one of kpt's catalog."""
    monkeypatch.setenv("KRM_FN_RUNTIME", "")
    monkeypatch.setenv("KPT_FN_RUNTIME", "podman")
    argv = [
        "podman",
        "run",
        "--rm",
        "-i",
        "--network",
        "none",
        "--user",
        "nobody",
        "--security-opt=no-new-privileges",
        "--pull",
        "missing",
    ]
    expected = [changed.get(word, word) for word in argv]
    assert external.container("example.com/a:v1", limits).argv == [*expected, "example.com/a:v1"]
    assert external.container("set-labels:v0.1", limits).argv[-1] == "gcr.io/kpt-fn/set-labels:v0.1"


def test_an_image_without_a_slash_lies_where_the_user_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """The option comes before the variable, which kpt reads from 1.0.0-beta.67 on, and that before its old catalog."""
    assert external.full_name("a:v1", "example.com/functions/") == "example.com/functions/a:v1"
    monkeypatch.setenv("KPT_IMAGE_PREFIX", "example.com/others")
    assert external.full_name("a:v1") == "example.com/others/a:v1"
    assert external.full_name("a:v1", "example.com/functions") == "example.com/functions/a:v1"
    assert external.full_name("here/a:v1", "example.com/functions") == "here/a:v1"
    given = options.parse(["--image-prefix", "x.io/y"], {"--image-prefix": "PREFIX"})
    assert options.limits(given, allow_exec=False, allow_network=False).prefix == "x.io/y"
