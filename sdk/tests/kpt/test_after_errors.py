"""What still runs after an error: one run tells what all functions find, and nothing that comes of the first fault."""

from collections.abc import Callable
from pathlib import Path

import pytest
from krm_functions_sdk import Resource, ResourceList, after_errors
from krm_functions_sdk.function import registry
from krm_functions_sdk.kpt.render import render

Function = Callable[[ResourceList], None]
HEAD = "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: p\npipeline:\n"
WANTED = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: wanted\ndata:\n  a: b\n"


@after_errors
def check_first(resources: ResourceList) -> None:
    """Refuse what is called wanted."""
    for one in resources.where(name="wanted"):
        resources.results.error("is wrong", one, "data.a", current="b")


@after_errors
def check_again(resources: ResourceList) -> None:
    """Refuse the same in the same words, and something else; change and tell of it."""
    check_first(resources)
    for one in resources.where(name="wanted"):
        resources.results.error("is wrong too", one, "metadata.name", current="wanted")
        resources.results.info("labelled", one, "metadata.labels")
        one.set("metadata.labels.seen", "yes")


@after_errors
def miss(resources: ResourceList) -> None:
    """Miss an object, unless what makes it may have failed."""
    if not resources.is_incomplete and not resources.where("Service"):
        resources.results.error("no Service")


@after_errors
def find(resources: ResourceList) -> None:
    """Find something of its own."""
    resources.results.warning("is found", resources.where(name="wanted")[0], "data.a")


def refuse(resources: ResourceList) -> None:
    """Refuse, without a promise about what is left."""
    check_first(resources)


def label(resources: ResourceList) -> None:
    """Change a resource, without a promise."""
    resources.results.warning("labelled")


@after_errors
def crash(resources: ResourceList) -> None:
    """Crash half way, whatever was promised."""
    resources.items[0].set("metadata.labels.half", "yes")
    raise RuntimeError("on purpose")


class Installed:
    """A function that stands in for an installed one."""

    version = "1.2.0"

    def __init__(self, function: Function) -> None:
        self.name, self.load = function.__name__.replace("_", "-"), lambda: function


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the functions of this file installed, and no image that can run."""
    monkeypatch.setenv("KRM_FN_RUNTIME", "")
    monkeypatch.setenv("KPT_FN_RUNTIME", "none")
    functions = [Installed(each) for each in (check_first, check_again, miss, find, refuse, label, crash)]
    monkeypatch.setattr(registry, "installed", lambda: {each.name: each for each in functions})


def run(root: Path, mutators: str, validators: str, **files: str) -> tuple[list[str], list[str]]:
    """Render a package with a ConfigMap; return the report and the complaints, and hold that no file changed."""
    steps = {"mutators": mutators.split(), "validators": validators.split()}
    declared = (
        f"  {section}:\n" + "".join(f"  - image: example.com/{name}\n" for name in names)
        for section, names in steps.items()
        if names
    )
    texts = {"Kptfile": HEAD + "".join(declared), "wanted.yaml": WANTED, **files}
    root.mkdir()
    for name, text in texts.items():
        (root / name).write_text(text)
    shown: list[str] = []
    said: list[str] = []
    assert not render(root, shown.append, said.append)
    assert {path.name: path.read_text() for path in root.iterdir()} == texts
    lines = [line.replace(f"{root.as_posix()}/", "") for line in said]
    assert lines[-1] == f"{root}: not rendered, no file was changed"
    return "\n".join(shown).splitlines()[1:], lines[:-1]


WRONG = "[error] wanted.yaml:6: ConfigMap wanted: data.a: is wrong"
TOO = "[error] wanted.yaml:4: ConfigMap wanted: metadata.name: is wrong too"
FOUND = "[warning] wanted.yaml:6: ConfigMap wanted: data.a: is found"


def test_faults_of_mutators_and_validators_come_in_one_run(tmp_path: Path) -> None:
    """Each is told once, what nobody will write is not told, and what may be missing for the first is not missed."""
    shown, said = run(tmp_path / "p", "check-first check-again", "miss find")
    assert said == [WRONG, TOO, FOUND]
    assert shown == [
        "  check-first  FAILED",
        "  check-again  FAILED",
        "  miss         looked at only",
        "  find         looked at only",
    ]


def test_what_makes_no_promise_does_not_run_after_a_mutator_that_failed(tmp_path: Path) -> None:
    """The report says which functions were left out."""
    shown, said = run(tmp_path / "p", "check-first label", "find refuse")
    assert said == [WRONG, FOUND]
    assert shown[1:] == ["  label        not run", "  find         looked at only", "  refuse       not run"]


@pytest.mark.parametrize("first", ["refuse", "crash"])
def test_nothing_runs_behind_what_was_left_half_done(tmp_path: Path, first: str) -> None:
    """A crash, or an error of a function without a promise, ends the render as under kpt."""
    shown, said = run(tmp_path / "p", first, "find")
    assert shown == [f"  {first}  FAILED"]
    assert len(said) == 1


def test_all_validators_run_since_they_change_nothing(tmp_path: Path) -> None:
    """No promise is needed behind a validator: each sees the whole package."""
    shown, said = run(tmp_path / "p", "", "refuse label miss")
    assert said == [WRONG, "[warning] labelled", "[error] no Service"]
    assert shown == ["  refuse  FAILED", "  label   nothing to change", "  miss    FAILED"]


def test_a_file_that_cannot_be_read_hides_no_fault_of_another(tmp_path: Path) -> None:
    """The functions look at the rest."""
    conflict = "<<<<<<< ours\na: 1\n=======\na: 2\n>>>>>>> theirs\n"
    _, said = run(tmp_path / "p", "check-first label", "miss", **{"broken.yaml": conflict})
    assert said[0].startswith("[error] broken.yaml:1: ")
    assert "merge conflict" in said[0]
    assert said[1:] == [WRONG]


def test_a_fault_of_the_kptfile_ends_the_render(tmp_path: Path) -> None:
    """Nobody knows what would run."""
    shown, said = run(tmp_path / "p", "check-first no-such-function", "find")
    assert shown == []
    assert said
    assert all("Kptfile" in line for line in said)


def test_a_mark_is_no_change_of_the_function() -> None:
    """It is called as before, alone as well."""
    resources = ResourceList([Resource(WANTED, path="wanted.yaml")])
    check_first(resources)
    assert [result.message for result in resources.results] == ["is wrong"]


@after_errors
def move_and_refuse(resources: ResourceList) -> None:
    """Push lines down, make a new object, and refuse both."""
    one = resources.where(name="wanted")[0]
    one.set("metadata.labels.seen", "yes")
    resources.add(Resource(WANTED.replace("wanted", "new")), "new.yaml")
    for each in resources.where("ConfigMap"):
        resources.results.error("is wrong", each, "data.a")


def test_lines_are_those_of_the_files_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was written: a line of what would have been leads nowhere, and so does a file that is not there."""
    found = {"move-and-refuse": Installed(move_and_refuse)}
    monkeypatch.setattr(registry, "installed", lambda: found)
    _, said = run(tmp_path / "p", "move-and-refuse", "")
    assert said == [WRONG, "[error] ConfigMap new: data.a: is wrong (new.yaml, not written)"]


def test_all_that_cannot_be_read_is_told_at_once(tmp_path: Path) -> None:
    """Each document, and each conflict, with its line; also what is found out late, in a file that was read in part."""
    conflict = "<<<<<<< ours\n---\n=======\n---\n>>>>>>> theirs\n"
    late = WANTED.replace("wanted", "late") + "more: [\n"
    _, said = run(tmp_path / "p", "check-first", "", **{"a.yaml": WANTED + conflict + WANTED, "b.yaml": late})
    places = [line.split(": ")[0].removeprefix("[error] ") for line in said]
    assert places == ["a.yaml:7", "b.yaml:7", "wanted.yaml:6"]
