"""Renders that changed nothing are remembered: while all is the same no function runs, and anything else runs anew."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from krm_functions_sdk.kpt import answers
from remembering import (
    CONFIG,
    KPTFILE,
    PIPELINE,
    SDK,
    Place,
    append,
    does,
    each,
    edit,
    given,
    link,
    move,
    named,
    remove,
    said,
    write,
)  # fmt: skip

if TYPE_CHECKING:
    from remembering import Change


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_the_second_render_runs_no_function_and_says_the_same(place: Place) -> None:
    found = place.remember()
    assert found.status == 0
    assert "5 in all" in found.out
    assert "[warning] p/a.yaml:4: ConfigMap warns: metadata.name: a doubt" in found.errors
    assert "count: 5 resources, one two" in found.errors
    assert place.run("--no-cache") == found._replace(remembered=False)


# Changes of a package, of an option, of the environment and of what is installed

METADATA, ENTRIES = "site/counting-1.0.dist-info/METADATA", "site/counting-1.0.dist-info/entry_points.txt"
VARIABLES = {f"the variable {name}": said(**{name: "en_GB.UTF-8"}) for name in answers.VARIABLES if "HASH" not in name}
CHANGES: dict[str, Change] = {
    "a byte of a file": edit("work/p/a.yaml", '"1"', '"2"'),
    "a byte in a folder": edit("work/p/b/b.yaml", '"1"', '"2"'),
    "a byte of a subpackage": edit("work/p/below/c.yaml", '"1"', '"2"'),
    "a comment of the Kptfile": append("work/p/Kptfile", "# why\n"),
    "a comment of a subpackage's Kptfile": append("work/p/below/Kptfile", "# why\n"),
    "a file more": write("work/p/z.yaml", CONFIG.format("z")),
    "an empty file more": write("work/p/z.yaml", ""),
    "a file less": remove("work/p/b/b.yaml"),
    "another name of a file": move("work/p/a.yaml", "work/p/d.yaml"),
    "another name of a folder": move("work/p/b", "work/p/e"),
    "a subpackage more": write("work/p/b/Kptfile", KPTFILE),
    "a subpackage less": remove("work/p/below/Kptfile"),
    "a file that is ignored": write("work/p/.krmignore", "b.yaml\n"),
    "a link to a file": link("work/p/link.yaml", "b/b.yaml"),
    "a folder elsewhere": each(move("work/p", "p"), link("work/p", "../p")),
    "a folder spelt otherwise": named("./p/../p"),
    "an absolute path": named("FOLDER/work/p"),
    "a time limit": given("--timeout=200"),
    "executables allowed": given("--allow-exec"),
    "network allowed": given("--allow-network"),
    "a prefix of images": given("--image-prefix=example.com/x"),
    "a pull policy": given("--image-pull-policy=Never"),
    "crashes in full": given("--traceback"),
    **VARIABLES,
    "the order of sets": said(PYTHONHASHSEED="7"),
    "warnings of Python": said(PYTHONWARNINGS="error"),
    "flags of Python": said(PYTHONOPTIMIZE="1"),
    "the next day": said(DAY="2027-01-01"),
    "a byte of a function": edit("site/counting/__init__.py", "resources,", "resourceS,"),
    "a byte of what it imports": edit("site/counting/words.py", "one", "two"),
    "a byte of what it reads": edit("site/counting/data.txt", "two", "six"),
    "a module beside it": write("site/counting/more.py", ""),
    "its definition, which it had not": write("site/counting/definition.yaml", "spec:\n  image: example.com/x:v1\n"),
    "its entry points": append(ENTRIES, "y = counting:lines\n"),
    "its version": edit(METADATA, "1.0", "1.1"),
    "another distribution": write("site/other-1.0.dist-info/METADATA", "Name: other\nVersion: 1\n"),
    "a module that comes first": write("site/yaml.py", "raise ImportError\n"),
    "another folder of modules": lambda place: place.path.append(place.folder / "more"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_anything_that_a_render_could_read_runs_the_functions(place: Place, change: str) -> None:
    """What is then said is what is said without a cache; and nothing is told that was so before."""
    place.remember()
    CHANGES[change](place)
    found = place.run()
    assert not found.remembered
    assert place.run("--no-cache") == found


def test_what_is_changed_back_is_known_again(place: Place) -> None:
    """The text of a file counts, and not its times."""
    found = place.remember()
    text = (place.package / "a.yaml").read_text()
    place.write("work/p/a.yaml", text + "# more\n")
    assert not place.run().remembered
    place.write("work/p/a.yaml", text)
    assert place.run() == found


def test_a_link_counts_by_what_it_leads_to(place: Place) -> None:
    """Another target is another text; one outside of the package is an error, whatever was remembered of the text."""
    write("work/p/b/d.yaml", CONFIG.format("d").replace('"1"', '"2"'))(place)
    link("work/p/link.yaml", "b/b.yaml")(place)
    place.remember()
    link("work/p/link.yaml", "b/d.yaml")(place)
    assert not place.run().remembered
    link("work/p/link.yaml", "b/b.yaml")(place)
    assert place.run().remembered
    write("work/b.yaml", CONFIG.format("b"))(place)
    link("work/p/link.yaml", "../b.yaml")(place)
    found = place.run()
    assert found.status == 1
    assert "a symbolic link that leaves the package" in found.errors


def test_a_module_edited_in_an_install_that_is_no_copy(place: Place) -> None:
    """The code of an editable install lies elsewhere, and counts there."""
    (place.folder / "source").mkdir()
    move("site/counting", "source/counting")(place)
    place.path.insert(1, place.folder / "source")
    place.remember()
    edit("source/counting/words.py", "one", "two")(place)
    assert not place.run().remembered


def test_an_edit_of_the_sdk(place: Place) -> None:
    """A copy of it is edited, in a module that what is remembered never imports."""
    shutil.copytree(SDK, place.folder / "sdk" / SDK.name)
    place.path[1] = place.folder / "sdk"
    place.remember()
    edit(f"sdk/{SDK.name}/commands/new.py", "krmfn new", "krmfn New")(place)
    assert not place.run().remembered


# What is never remembered

HOOK = """
def alone(event, _):
    if event == "sys.addaudithook":
        raise RuntimeError
sys.addaudithook(alone)
"""
FINDER = """
class Finder:
    @staticmethod
    def find_spec(name, path, target=None):
        if name == "jsonschema_rs":
            raise RuntimeError
sys.meta_path.insert(0, Finder)
"""
GOING = """
first = installation.Installation
def gone():
    raise FileNotFoundError
def once():
    installation.Installation = gone
    return first()
installation.Installation = once
"""
NEVER: dict[str, Change] = {
    "a function that promises nothing": write("work/p/Kptfile", KPTFILE + PIPELINE.format("unsure")),
    "lines of figures that promise nothing": append(ENTRIES, "y = counting:unsure\n"),
    "an executable": each(append("work/p/Kptfile", "  - exec: cat\n"), given("--allow-exec")),
    "a hook that lets nobody hear": said(BEFORE=HOOK),
    "a file behind a link to a folder": each(
        write("elsewhere/x.txt", ""),
        link("site/counting/linked", "../../elsewhere"),
        does("Path(__file__).with_name('linked').joinpath('x.txt').read_text()"),
    ),
    "a finder that fails": said(BEFORE=FINDER),
    "code that goes while it is looked at": said(BEFORE=GOING),
    "a file that is read": does("open('/etc/hostname').close()"),
    "a file of the package that is read past the SDK": does("open('p/notes.md').close()"),
    "a list of files": does("import os; os.listdir('.')"),
    "files that match": does("import glob; glob.glob('p/*.md')"),
    "data among the examples": each(
        write("site/counting/examples/x.txt", ""),
        does("Path(__file__).with_name('examples').joinpath('x.txt').read_text()"),
    ),
    "standard input": does("open(0).close()"),
    "a file that is written": does("open('made', 'w').close()"),
    "a folder that is made": does("import os; os.mkdir('made'); os.rmdir('made')"),
    "a process": does("import os; os.system('true')"),
    "a process of subprocess": does("import subprocess; subprocess.run(['true'])"),
    "the network": does("import socket; socket.socket().close()"),
    "words to standard error": does("import sys; print('x', file=sys.stderr)"),
    "a warning of Python": does("import warnings; warnings.warn('x')"),
    "words of an import": append("site/counting/words.py", "print('x')\n"),
    "a module of another distribution": each(write("site/stranger.py", ""), does("import stranger")),
    "a module among the examples": each(write("site/counting/examples/x.py", ""), does("import counting.examples.x")),
    "a value that JSON does not know": does("resources.results.info('x', resources.items[1], 'a', current={1: 2})"),
    "another place": given("--output=unwrap"),
    "the option": given("--no-cache"),
    "the variable": said(KRMFN_CACHE="off"),
    "an error": write("work/p/a.yaml", CONFIG.format("fails")),
    "a text that is no YAML": write("work/p/a.yaml", "a: [\n"),
}


@pytest.mark.parametrize("reason", NEVER)
def test_what_the_key_does_not_cover_is_not_remembered(place: Place, reason: str) -> None:
    NEVER[reason](place)
    first, *others = (place.run() for _ in range(3))
    assert not first.remembered
    assert others == [first] * 2
    assert place.kept == []


def test_a_render_that_changes_a_file_is_not_remembered_and_the_next_is(place: Place) -> None:
    place.run()
    had = place.kept
    place.write("work/p/z.yaml", CONFIG.format("z").replace('    seen: "yes"\n', '    other: "yes"\n'))
    found = place.run()
    assert "1 written" in found.out
    assert place.kept == had
    assert "files: unchanged" in place.run().out
    assert place.run().remembered


def test_code_that_changed_just_now_is_not_trusted_to_be_what_ran(place: Place) -> None:
    """It may change again within the tick of a clock, and two texts of one length would look like one."""
    place.remember()
    edit("site/counting/words.py", "one", "two")(place)
    assert not place.run(YOUNG="2").remembered
    assert not place.run(YOUNG="2").remembered
    time.sleep(2.1)
    place.run(YOUNG="2")
    assert place.run(YOUNG="2").remembered


def test_code_that_changes_while_it_runs_is_not_remembered(place: Place) -> None:
    change = f"import atexit, pathlib, counting; pathlib.Path({str(place.site)!r}, 'counting/words.py').touch()"
    for _ in range(2):
        found = place.run(BEFORE=f"krmfn.terminal.say = lambda text, end='': exec({change!r}) or print(text)")
        assert not found.remembered
    assert place.kept == []


# Options that say and write more


@pytest.mark.parametrize("option", ["--check", "--diff", "--quiet"])
def test_an_option_says_the_same_with_a_cache(place: Place, option: str) -> None:
    place.remember()
    found = place.run(option)
    assert found.remembered
    assert place.run(option, "--no-cache") == found._replace(remembered=False)


def test_the_file_of_results_is_the_same(place: Place) -> None:
    place.remember()
    texts = []
    for more in ((), ("--no-cache",)):
        assert place.run("--results-dir=results", *more).remembered is not bool(more)
        texts.append((place.folder / "work" / "results" / "results.yaml").read_text())
        shutil.rmtree(place.folder / "work" / "results")
    assert texts[0] == texts[1]
    assert "proposedValue" in texts[0]


def test_a_fleet_says_and_reports_the_same(place: Place) -> None:
    """One package has changed meanwhile: it is rendered, and the others are not."""
    for number in range(3):
        shutil.copytree(place.package, place.folder / "work" / "fleet" / str(number))
    place.operand = "fleet"
    place.arguments = ["--jobs=1", "--report=report.json"]
    place.remember()
    report = place.folder / "work" / "report.json"
    remembered = json.loads(report.read_text())
    found = place.run("--no-cache")
    assert json.loads(report.read_text()) == remembered
    assert place.run() == found._replace(remembered=True)
    assert place.run("--jobs=3").out == found.out
    append("work/fleet/1/a.yaml", "# more\n")(place)
    again = place.run()
    assert (again.out, again.errors, again.remembered) == (found.out, found.errors, False)


def test_a_render_that_was_killed_is_finished_all_the_same(place: Place) -> None:
    """A package that is remembered may have a write to undo, and the lock of another to wait for."""
    place.remember()
    (place.package / ".krmfn").mkdir()
    place.run()
    assert not (place.package / ".krmfn").exists()
