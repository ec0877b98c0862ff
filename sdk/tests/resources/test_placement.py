"""Placement: new objects find their file, known ones keep theirs, and a second run changes nothing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from krm_functions_sdk import Resource, ResourceList, because, default_path, move, upsert

PATH, INDEX = "internal.config.kubernetes.io/path", "internal.config.kubernetes.io/index"
LIST = """\
apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:
- apiVersion: v1
  kind: ConfigMap
  metadata:
    name: web
    annotations: # of the tools
      internal.config.kubernetes.io/path: 'web.yaml'
      internal.config.kubernetes.io/index: '0'
      config.kubernetes.io/path: 'web.yaml'
      config.k8s.io/id: '1'
      internal.kpt.dev/upstream-identifier: '|ConfigMap|default|web'
  # the data
  data:
    port: "80" # of the web
    gone: x
- apiVersion: v1
  kind: ConfigMap
  metadata:
    name: other
    annotations:
      internal.config.kubernetes.io/path: 'web.yaml'
      internal.config.kubernetes.io/index: '4'
"""


def config_map(name: str, **data: Any) -> Resource:
    return Resource.new({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data})


def test_a_known_object_is_changed_in_place() -> None:
    """What is wanted is set, what is not goes; place, ids, origin, order and comments stay."""
    resources = ResourceList.read(LIST)
    upserted = upsert(resources, config_map("web", port="80", host=because("a", "why")), "ignored.yaml")
    assert upserted is resources.items[0]
    assert resources.write() == LIST.replace("    gone: x\n", "    host: a # why\n")


def test_the_same_object_is_no_change() -> None:
    """What says the same already leaves with its bytes."""
    resources = ResourceList.read(LIST)
    upsert(resources, config_map("web", gone="x", port="80"))
    assert not resources.items[0].is_changed
    assert resources.write() == LIST


def test_annotations_of_the_author_are_the_new_object_s() -> None:
    """Annotations that belong to no tool are content: they come and go with the new object."""
    resources = ResourceList.read(LIST.replace("'1'\n", "'1'\n      example.com/old: x\n"))
    new = config_map("web", port="80", gone="x")
    new.set("metadata.annotations[example.com/new]", "y")
    upserted = upsert(resources, new)
    assert "example.com/old" not in upserted.annotations
    assert upserted.annotations["example.com/new"] == "y"
    assert upserted.path == "web.yaml"


@pytest.mark.parametrize("annotations", ["5", "[a]", "null", "{}", "x"])
def test_annotations_that_are_no_map(annotations: str) -> None:
    """Broken annotations of the object that is there go like any other content."""
    resources = ResourceList([Resource(f"kind: A\nmetadata:\n  name: x\n  annotations: {annotations}\n")])
    new = Resource.new({"kind": "A", "metadata": {"name": "x", "annotations": {"example.com/a": "b"}}})
    assert upsert(resources, new).data == new.data


def test_a_reason_is_renewed() -> None:
    """The comments of the new object stand on the lines of the old one."""
    resources = ResourceList.read(LIST)
    upsert(resources, config_map("web", port=because("81", "it moved"), gone="x"))
    assert resources.write() == LIST.replace('"80" # of the web', '"81" # it moved')


def test_a_new_object_goes_to_the_end_of_its_file() -> None:
    """Its index is one that is free, also where those of the file have gaps."""
    resources = ResourceList.read(LIST)
    new = upsert(resources, config_map("new"), "web.yaml")
    assert (new.path, new.index) == ("web.yaml", 5)
    assert resources.items[-1] is new
    [written] = ResourceList.read(resources.write()).items[2:]
    assert written.annotations == {PATH: "web.yaml", INDEX: "5"}


@pytest.mark.parametrize(("namespace", "path"), [("", "configmap_new.yaml"), ("prod", "prod/configmap_new.yaml")])
def test_a_new_object_without_a_file(namespace: str, path: str) -> None:
    """It goes where kpt would put it, and two of one name do not meet there."""
    resources = ResourceList()
    for api_version in ("v1", "example.com/v1"):
        metadata = {"name": "new", **({"namespace": namespace} if namespace else {})}
        one = Resource.new({"apiVersion": api_version, "kind": "ConfigMap", "metadata": metadata})
        assert default_path(one) == path
        upsert(resources, one)
    assert [(one.path, one.index) for one in resources] == [(path, 0), (path, 1)]


def test_the_place_of_a_new_object_counts() -> None:
    """A path that the object brings along is used where none is given."""
    resources = ResourceList()
    assert upsert(resources, Resource("kind: A\nmetadata: {name: a}\n", path="own.yaml")).path == "own.yaml"


def test_move() -> None:
    """A moved object gets the new path and a free index; one that is there stays."""
    resources = ResourceList.read(LIST)
    first, second = resources.items
    move(resources, second, "web.yaml")
    assert not second.is_placed
    move(resources, first, "./sub//other.yaml")
    assert (first.path, first.index) == ("sub/other.yaml", 0)
    move(resources, second, "sub/other.yaml")
    assert (second.path, second.index) == ("sub/other.yaml", 1)
    again = ResourceList.read(resources.write())
    assert [(one.path, one.index) for one in again] == [("sub/other.yaml", 0), ("sub/other.yaml", 1)]


@pytest.mark.parametrize("path", ["/etc/a.yaml", "../a.yaml", "a/../../b.yaml", "a\\b.yaml", "", "a/"])
def test_a_path_stays_in_the_package(path: str) -> None:
    """A path that leads out of the package, or to no file, is refused before anything changes."""
    resources = ResourceList.read(LIST)
    with pytest.raises(ValueError, match="expected a file inside the package"):
        move(resources, resources.items[0], path)
    if path:
        with pytest.raises(ValueError, match="expected a file inside the package"):
            upsert(resources, config_map("new"), path)
    assert resources.write() == LIST


@given(st.lists(st.sampled_from(["web", "other", "a", "b", "c"]), max_size=8))
def test_upserting_twice_equals_once(names: list[str]) -> None:
    """Whatever is upserted, a second run on the output changes no byte, and no two objects share a place."""

    def run(text: str) -> str:
        resources = ResourceList.read(text)
        for name in names:
            upsert(resources, config_map(name, of=because(name, "its name")), "web.yaml")
        return resources.write()

    once = run(LIST)
    assert run(once) == once
    places = [(one.path, one.index) for one in ResourceList.read(once)]
    assert len(set(places)) == len(places) == len({"web", "other", *names})


FUNCTION = """\
import sys
from krm_functions_sdk import Resource, is_named, move, run, upsert
def generate(resources):
    for one in resources.select(is_named("moving")):
        move(resources, one, "sub/moved.yaml")
    for api in ("v1", "example.com/v1"):
        upsert(resources, Resource.new({"apiVersion": api, "kind": "ConfigMap", "metadata": {"name": "new"}}))
    upsert(resources, Resource.new({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}}), "a.yaml")
sys.exit(run(generate))
"""


def test_real_kpt_puts_objects_where_they_belong(kpt: str, tmp_path: Path) -> None:
    """A package after one run of kpt is the package after two: nothing twice, nothing lost, files moved."""
    package, function = tmp_path / "package", tmp_path / "generate.py"
    package.mkdir()
    function.write_text(FUNCTION)
    head = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: "
    (package / "a.yaml").write_text(f"{head}staying # here\n---\n{head}moving # away\n")
    found: list[dict[str, str]] = []
    for _ in range(2):
        command = [kpt, "fn", "eval", str(package), "--exec", f"{sys.executable} {function}"]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
        assert done.returncode == 0, done.stderr
        files = sorted(path for path in package.rglob("*") if path.is_file())
        found.append({str(path.relative_to(package)): path.read_text() for path in files})
    secret = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\n"
    assert (
        found[0]
        == found[1]
        == {
            "a.yaml": f"{head}staying # here\n---\n{secret}",
            "configmap_new.yaml": f"{head}new\n---\n{head.replace('v1', 'example.com/v1', 1)}new\n",
            "sub/moved.yaml": f"{head}moving # away\n",
        }
    )


def test_the_list_has_the_methods() -> None:
    """`resources.upsert` and `resources.move` are the same."""
    resources = ResourceList.read(LIST)
    there = resources.upsert(config_map("web", port="80", host="a"))
    assert there is resources.items[0]
    added = resources.upsert(config_map("new"), "new.yaml")
    resources.move(there, "new.yaml")
    assert [(one.name, one.path, one.index) for one in (added, there)] == [
        ("new", "new.yaml", 0),
        ("web", "new.yaml", 1),
    ]


WRITES: dict[str, Callable[[Resource], object]] = {
    "all annotations": lambda one: one.set("metadata.annotations", {"example.com/a": "b"}),
    "no annotations": lambda one: one.remove("metadata.annotations"),
    "all metadata": lambda one: one.set("metadata", {"name": "web"}),
    "as they were": lambda one: one.set("metadata.annotations", one.data["metadata"]["annotations"]),
    "the same value": lambda one: one.set("metadata.annotations[config.k8s.io/id]", "1"),
}
TOOLS = (
    *("internal.config.kubernetes.io/path", "internal.config.kubernetes.io/index", "config.kubernetes.io/path"),
    *("config.k8s.io/id", "internal.kpt.dev/upstream-identifier"),
)


@pytest.mark.parametrize("write", WRITES)
def test_the_books_of_the_tools_stay(write: str) -> None:
    """Whoever writes all annotations means the own ones: place, id and origin are as they were."""
    resource = ResourceList.read(LIST).items[0]
    before = {name: resource.annotations[name] for name in TOOLS}
    WRITES[write](resource)
    assert {name: resource.annotations.get(name) for name in TOOLS} == before


@pytest.mark.parametrize(
    "write",
    [
        lambda one: one.set("metadata.annotations[internal.kpt.dev/upstream-identifier]", "|ConfigMap|x|web"),
        lambda one: one.remove("metadata.annotations[internal.kpt.dev/upstream-identifier]"),
        lambda one: one.set("metadata.annotations", {"internal.kpt.dev/upstream-identifier": "x"}),
        lambda one: one.set("metadata.annotations[internal.config.kubernetes.io/seqindent]", "wide"),
    ],
)
def test_naming_one_of_them_is_refused(write: Callable[[Resource], object]) -> None:
    """It is the author's mistake, and it is named before anything changes."""
    resource = ResourceList.read(LIST).items[0]
    with pytest.raises(ValueError, match=r"^ConfigMap web: the annotation internal\..* belongs to the tools"):
        write(resource)
    assert not resource.is_changed


def test_a_place_can_be_named() -> None:
    """Path and index are what the specification lets a function set; `move` does it right."""
    resource = ResourceList.read(LIST).items[0]
    resource.set(f"metadata.annotations[{PATH}]", "other.yaml")
    assert resource.path == "other.yaml"


def test_a_copy_is_not_what_it_was_made_from() -> None:
    """A new object that takes another one's values has another place, and no id by which tools know the other."""
    resources = ResourceList.read(LIST)
    web = resources.items[0]
    value = {**web.data, "metadata": {**web.data["metadata"], "name": "canary"}}
    copy = resources.upsert(Resource.new(value), "canary.yaml")
    assert not copy.annotations
    assert ResourceList.read(resources.write()).items[-1].path == "canary.yaml"


def test_upserting_what_is_there_twice_says_so() -> None:
    """The first one is changed, and a warning names the files of all."""
    resources = ResourceList([Resource(config_map("web").text, path=f"{name}.yaml") for name in ("a", "b")])
    assert upsert(resources, config_map("web", port="81")) is resources.items[0]
    (result,) = resources.results
    assert str(result).startswith("[warning]")
    assert "is there 2 times (a.yaml, b.yaml): the first one is changed, the others stay" in str(result)
    assert resources.items[1].get("data") == config_map("web").get("data")
