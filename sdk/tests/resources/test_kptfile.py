"""The Kptfile as functions edit it: what is asked changes, kpt's own marks and everybody's comments stay."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import krm_functions_sdk
import pytest
from krm_functions_sdk import Kptfile, Resource, ResourceList

TEXT = """\
apiVersion: kpt.dev/v1
kind: Kptfile
metadata:
  name: p # kpt-merge: /p
upstream:
  type: git
upstreamLock:
  type: git # of kpt
info:
  description: mine # short
pipeline:
  mutators:
  # labels first
  - image: example.com:5000/set-labels:v1 # the old one
    configMap:
      a: b # keep
  - image: example.com/x/set-namespace@sha256:abc
    name: first
    configPath: ns.yaml
  - image: example.com/x/set-namespace:v1
    name: second
    configPath: other.yaml
  validators:
  - exec: ./check.py
"""


def kptfile(text: str = TEXT) -> Kptfile:
    return Kptfile(Resource(text))


def test_of_finds_that_of_the_package() -> None:
    """Below kpt render every package's Kptfile has the same path, and only the package's folder tells them apart."""
    texts = [
        f"apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: {name}\n  annotations:\n"
        f"    internal.config.kubernetes.io/path: {path}\n    internal.config.kubernetes.io/package-path: {package}\n"
        for name, path, package in (("sub", "Kptfile", "/p/sub"), ("root", "Kptfile", "/p"), ("x", "a/Kptfile", ""))
    ]
    found = Kptfile.of(ResourceList([Resource(text) for text in texts]))
    assert found is not None
    assert found.resource.name == "root"
    assert Kptfile.of(ResourceList([Resource(texts[2])])) is None
    assert Kptfile.of(ResourceList()) is None


def test_functions_are_found_by_name_image_and_exec() -> None:
    """A tag or digest of the image is no part of its name."""
    file = kptfile()
    assert [step["image"].rpartition("/")[2] for step in file.functions()] == [
        "set-labels:v1", "set-namespace@sha256:abc", "set-namespace:v1",
    ]  # fmt: skip
    for name in ("example.com:5000/set-labels", "example.com:5000/set-labels:v1"):
        found = file.find(name)
        assert found is not None
        assert found["configMap"] == {"a": "b"}
    assert (file.find("second") or {})["configPath"] == "other.yaml"
    assert file.find("./check.py") is None
    assert file.find("./check.py", "validators") == {"exec": "./check.py"}


UPSERTS: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "the same": ({"image": "example.com:5000/set-labels:v1", "configMap": {"a": "b"}}, []),
    "another tag": (
        {"image": "example.com:5000/set-labels:v2", "configMap": {"a": "b"}},
        [("set-labels:v1", "set-labels:v2")],
    ),
    "another value": (
        {"image": "example.com:5000/set-labels:v1", "configMap": {"a": "c"}},
        [("a: b #", "a: c #")],
    ),
    "another image of a name": (
        {"name": "second", "image": "example.com/y:v1", "configPath": "other.yaml"},
        [("example.com/x/set-namespace:v1", "example.com/y:v1")],
    ),
    "a new one": (
        {"image": "example.com/new:v1"},
        [("  validators:", "  - image: example.com/new:v1\n  validators:")],
    ),
}


@pytest.mark.parametrize("case", UPSERTS)
def test_upsert_changes_what_differs(case: str) -> None:
    """And nothing else, and nothing a second time."""
    function, changes = UPSERTS[case]
    file, text = kptfile(), TEXT
    for old, new in changes:
        text = text.replace(old, new)
    for _ in range(2):
        file.upsert(function)
        assert file.resource.text == text


@pytest.mark.parametrize(
    ("before", "mark"),
    [
        ("example.com:5000/set-labels", "  # labels first\n"),
        ("first", "  - image: example.com/x/set-namespace@sha256:abc\n"),
        ("second", "  - image: example.com/x/set-namespace:v1\n"),
    ],
)
def test_a_new_function_may_stand_before_another(before: str, mark: str) -> None:
    """All others stay as they are, with their comments."""
    file = kptfile()
    new = {"image": "example.com/new:v2", "configMap": {"a": "1e3"}}
    file.upsert(new, before=before)
    names = [step.get("name", step["image"]) for step in file.functions()]
    wanted = ["example.com:5000/set-labels:v1", "first", "second"]
    at = next(at for at, name in enumerate(wanted) if before in name)
    assert names == [*wanted[:at], "example.com/new:v2", *wanted[at:]]
    added = '  - image: example.com/new:v2\n    configMap:\n      a: "1e3"\n'
    assert file.resource.text in (TEXT.replace(mark, added + mark), TEXT.replace(mark, mark + added))
    file.upsert({**new, "image": "example.com/new:v3"}, before="example.com:5000/set-labels")
    assert [step["image"] for step in file.functions()].index("example.com/new:v3") == at
    with pytest.raises(ValueError, match=r"found no nobody in the validators to put \./x before"):
        file.upsert({"exec": "./x"}, "validators", before="nobody")


def test_upsert_where_there_is_nothing() -> None:
    """A Kptfile without a pipeline gets one."""
    file = kptfile("apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: p\n")
    file.upsert({"exec": "./check.py"}, "validators")
    assert file.resource.text.endswith("  name: p\npipeline:\n  validators:\n  - exec: ./check.py\n")


@pytest.mark.parametrize(
    ("function", "section", "message"),
    [
        ({"name": "x"}, "mutators", "either image or exec"),
        ({"image": "a", "exec": "b"}, "mutators", "either image or exec"),
        ({"image": "example.com/x/set-namespace:v2"}, "mutators", "found 2 mutators .* give them names"),
        ({"image": "a"}, "mutator", "expected mutators or validators"),
    ],
)
def test_what_cannot_be_upserted(function: dict[str, str], section: str, message: str) -> None:
    """It is the author's mistake, and nothing changes."""
    file = kptfile()
    with pytest.raises(ValueError, match=message):
        file.upsert(function, section)
    assert file.resource.text == TEXT


def test_remove() -> None:
    """By name one, by image all of them; what is not there is no change."""
    file = kptfile()
    assert not file.remove("nothing")
    assert file.resource.text == TEXT
    assert file.remove("second")
    assert [step.get("name") for step in file.functions()] == [None, "first"]
    assert file.remove("example.com/x/set-namespace")
    assert file.remove("./check.py", "validators")
    assert len(file.functions()) == 1
    assert "# kpt-merge: /p" in file.resource.text
    assert "type: git # of kpt" in file.resource.text


def test_info_and_readiness_gates() -> None:
    """Fields that kpt knows are set and removed; each gate stands once."""
    file = kptfile()
    assert file.info("description") == "mine"
    file.set_info("description", "yours")
    file.set_info("keywords", ["a"])
    assert "description: yours # short" in file.resource.text
    file.set_info("keywords", None)
    assert file.info("keywords") is None
    with pytest.raises(ValueError, match="found 'descripton', expected one of site"):
        file.set_info("descripton", "x")
    assert file.readiness_gates == []
    for _ in range(2):
        file.add_readiness_gate("Ready")
    assert file.readiness_gates == ["Ready"]
    file.remove_readiness_gate("Ready")
    assert file.readiness_gates == []


def test_conditions() -> None:
    """One of each type; status is a string of three."""
    file = kptfile()
    file.set_condition("Ready", "False", "Waiting", "for the quota")
    file.set_condition("Other", "Unknown")
    assert file.condition("Ready") == {
        "type": "Ready",
        "status": "False",
        "reason": "Waiting",
        "message": "for the quota",
    }
    before = file.resource.text
    file.set_condition("Ready", "True", "Done")
    assert before.replace('"False"', '"True"').replace("Waiting", "Done").replace(
        "    message: for the quota\n", ""
    ) == (file.resource.text)
    file.remove_condition("Ready")
    assert (file.condition("Ready"), file.condition("Other")) == (None, {"type": "Other", "status": "Unknown"})
    with pytest.raises(ValueError, match="found the status 'yes', expected one of True, False, Unknown"):
        file.set_condition("Ready", "yes")


PROGRAM = """\
#!{python}
import sys
sys.path.insert(0, {sdk!r})
from krm_functions_sdk import Kptfile, run
def mark(resources):
    file = Kptfile.of(resources)
    file.upsert({{"exec": "./check.sh"}}, "validators")
    file.add_readiness_gate("Checked")
    file.set_condition("Checked", "True", "Done")
run(mark)
"""


def test_real_kpt_takes_the_kptfile(kpt: str, tmp_path: Path) -> None:
    """What is written is a Kptfile that kpt reads, runs, and leaves alone the second time."""
    program = tmp_path / "mark"
    program.write_text(PROGRAM.format(python=sys.executable, sdk=str(Path(krm_functions_sdk.__file__).parent.parent)))
    program.chmod(0o755)
    package = tmp_path / "package"
    package.mkdir()
    (package / "check.sh").write_text("#!/bin/sh\ncat\n")
    (package / "check.sh").chmod(0o755)
    text = "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: p # kpt-merge: /p\n"
    (package / "Kptfile").write_text(f"{text}pipeline:\n  mutators:\n  - exec: {program}\n")
    command = [kpt, "fn", "render", str(package), "--allow-exec"]
    seen = []
    for _ in range(2):
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=package)
        assert done.returncode == 0, done.stderr
        seen.append((package / "Kptfile").read_text())
    assert seen[0] == seen[1]
    assert seen[0].startswith(text)
    assert "conditionType: Checked" in seen[0]
    assert 'status: "True"' in seen[0]


def test_a_condition_has_a_name() -> None:
    """A condition or a gate without one would be none that kpt could wait for."""
    kptfile = Kptfile(Resource(TEXT))
    for edit in (kptfile.add_readiness_gate, kptfile.remove_readiness_gate, kptfile.remove_condition):
        with pytest.raises(ValueError, match='ype "", expected the name of a condition'):
            edit("")
    with pytest.raises(ValueError, match='found the type "", expected the name of a condition'):
        kptfile.set_condition("", "True")
    assert kptfile.resource.text == TEXT


def test_an_image_that_is_no_string_is_no_crash() -> None:
    """What kpt would refuse stays as it is while another function is added."""
    kptfile = Kptfile(Resource("kind: Kptfile\npipeline:\n  mutators:\n  - image: 1\n"))
    kptfile.upsert({"image": "a:v1"})
    assert [step["image"] for step in kptfile.functions()] == [1, "a:v1"]


def test_an_empty_name_is_none() -> None:
    """Two functions with an empty name are told apart by what they run."""
    kptfile = Kptfile(Resource(TEXT))
    for _ in range(2):
        kptfile.upsert({"image": "a:v1", "name": ""})
        kptfile.upsert({"exec": "./b", "name": ""})
    assert kptfile.functions()[3:] == [{"image": "a:v1", "name": ""}, {"exec": "./b", "name": ""}]
