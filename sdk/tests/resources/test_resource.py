"""Resources: what they say and where, and edits by path."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
from krm_functions_sdk import Resource, YamlFault, because

TEXT = """\
# head
apiVersion: apps/v1 # the API
kind: Deployment
metadata:
  name: web
  namespace: prod
  labels: {app: web}
  annotations:
    internal.config.kubernetes.io/path: 'a/b.yaml'
    internal.config.kubernetes.io/index: '2'
    internal.config.kubernetes.io/package-path: '/tmp/p'
    config.kubernetes.io/local-config: "true"
spec:
  replicas: 3 # why
  text: | # a block
    x
  containers:
  - name: app
    args: ["--port=80", x]
    ports:
    - containerPort: 80
  - name: side
"""


def test_identity_and_place() -> None:
    """A resource knows its names and where it belongs."""
    resource = Resource(TEXT)
    assert (resource.api_version, resource.group, resource.kind) == ("apps/v1", "apps", "Deployment")
    assert resource.identity == ("apps", "Deployment", "prod", "web")
    assert (resource.path, resource.index, resource.package_path) == ("a/b.yaml", 2, "/tmp/p")
    assert resource.is_local_config
    assert resource.labels == {"app": "web"}
    assert str(resource) == "Deployment prod/web"
    assert repr(resource) == "<Resource Deployment prod/web>"
    assert resource._root is not None


def test_reading_what_it_is_needs_no_parser() -> None:
    """Names and place are found without parsing the text."""
    resource = Resource(TEXT)
    assert (resource.identity, resource.path, resource.index) == (("apps", "Deployment", "prod", "web"), "a/b.yaml", 2)
    assert resource._root is None


@pytest.mark.parametrize("null", ["namespace: null", "namespace: ~", "namespace:", ""])
def test_a_namespace_that_is_null_is_none(null: str) -> None:
    """A null is no name."""
    text = f"apiVersion: v1\nkind: K\nmetadata:\n  name: x\n  {null}\n"
    assert Resource(text).namespace == ""
    assert str(Resource(text)) == "K x"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("spec.replicas", 3),
        ("spec.text", "x\n"),
        ("spec.containers[name=app].ports[containerPort=80].containerPort", 80),
        ("spec.containers[1].name", "side"),
        ("spec.containers[9].name", None),
        ("spec.containers[name=app].args[--port]", "--port=80"),
        ("spec.containers[name=app].args[-]", "x"),
        ("spec.replicas.deeper", None),
        ("spec[0]", None),
        ("spec.nothing", None),
    ],
)
def test_get(path: str, value: object) -> None:
    """A field is found by its path, and what is not there is None."""
    assert Resource(TEXT).get(path) == value
    assert Resource(TEXT).get("spec.nothing", 7) == 7


def test_get_through_aliases_and_merge_keys() -> None:
    """Fields behind an alias or a merge key are found."""
    resource = Resource("x: &x {a: {b: 1}}\ny: *x\nz: {<<: *x, c: 2}\n")
    assert (resource.get("y.a.b"), resource.get("z.a.b"), resource.get("z.c")) == (1, 1, 2)


@pytest.mark.parametrize(
    ("path", "comment"),
    [
        ("apiVersion", "the API"),
        ("spec.replicas", "why"),
        ("kind", ""),
        ("spec", ""),
        ("spec.text", "a block"),
        ("no", ""),
    ],
)
def test_comment(path: str, comment: str) -> None:
    """The comment of a line is found by the field on it."""
    assert Resource(TEXT).comment(path) == comment


def test_line() -> None:
    """The line of a field counts in its file, that of a missing field is the nearest one above."""
    resource = Resource(TEXT, first_line=10)
    assert resource.line("spec.replicas") == 23
    assert resource.line("spec.replicas.x") == 23
    assert resource.line("spec.nothing") == 22
    assert Resource(TEXT).line("spec") is None


def test_set_and_remove() -> None:
    """Fields are set with missing parents and removed without empty ones, and reading sees it."""
    resource = Resource("apiVersion: v1\nkind: K\nmetadata:\n  name: x\n")
    assert not resource.is_changed
    resource.set("metadata.annotations[example.com/a]", because("1", "why"))
    resource.set("spec.c[name=one].v", 5)
    resource.set("spec.args[--port]", "--port=80")
    assert resource.text.endswith(
        'x\n  annotations:\n    example.com/a: "1" # why\n'
        "spec:\n  c:\n  - name: one\n    v: 5\n  args:\n  - --port=80\n"
    )
    assert resource.is_changed
    assert resource.annotations == {"example.com/a": "1"}
    resource.remove("metadata.annotations[example.com/a]")
    resource.remove("spec.c[0]")
    resource.remove("spec.args[--port]")
    resource.remove("spec.args[--port]")
    assert resource.text == "apiVersion: v1\nkind: K\nmetadata:\n  name: x\n"
    resource.set("kind", "L")
    assert resource.kind == "L"


@pytest.mark.parametrize(
    ("path", "value", "line", "new"),
    [
        ("spec.containers[1].name", "last", "  - name: side\n", "  - name: last\n"),
        ("spec.containers[0].ports[0].containerPort", 81, "    - containerPort: 80\n", "    - containerPort: 81\n"),
        ("spec.containers[name=app].args[1]", "w", '["--port=80", x]', '["--port=80", w]'),
        ("spec.containers[0].args[--port]", "--port=81", '"--port=80"', '"--port=81"'),
        ("spec.containers[1].env[name=A].value", "1", "side\n", 'side\n    env:\n    - name: A\n      value: "1"\n'),
        ("spec.containers[1]", {"name": "side", "tty": True}, "side\n", "side\n    tty: true\n"),
        ("spec.containers[1].name", because("side", "why"), "side\n", "side # why\n"),
        ("spec.containers[0].args[-]", "z", '["--port=80", x]', '["--port=80", x, z]'),
        ("spec.containers[name=app].ports[-]", {"containerPort": 9}, "80\n  -", "80\n    - containerPort: 9\n  -"),
        ("spec.containers[name=app].args[-]", "x", '["--port=80", x]', '["--port=80", x, x]'),
        ("spec.containers[1].args[-]", "x", "side\n", "side\n    args:\n    - x\n"),
        ("metadata.finalizers[-]", "x", 'config: "true"\n', 'config: "true"\n  finalizers:\n  - x\n'),
    ],
)
def test_set_takes_the_positions_that_get_takes(path: str, value: object, line: str, new: str) -> None:
    """What a position names changes and all else stays; `[-]` appends, and replaces nothing."""
    resource = Resource(TEXT)
    resource.set(path, value)
    assert line in TEXT
    assert resource.text == TEXT.replace(line, new, 1)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("spec.containers[2].name", r"spec.containers\[2\]: the list has 2 items; a position has to be there"),
        ("spec.gone[0].name", r"spec.gone\[0\]: there is no spec.gone; a position has to be there"),
        ("spec.replicas[0]", r"spec.replicas\[0\]: there is no spec.replicas\[0\]; a position"),
        ("spec.replicas[-]", "spec.replicas: found a scalar, expected a list"),
    ],
)
def test_a_position_that_is_not_there_is_a_fault(path: str, message: str) -> None:
    """Nothing is made up for it, and the resource is named."""
    resource = Resource(TEXT)
    with pytest.raises(YamlFault, match=message) as caught:
        resource.set(path, "x")
    assert caught.value.resource is resource
    assert resource.text == TEXT
    with pytest.raises(ValueError, match="stands at the end of a path"):
        resource.set("spec.containers[-].name", "x")


def test_positions_behind_aliases() -> None:
    """What an alias stands for is written out where it changes, and the anchor stays as it is."""
    resource = Resource("a: &a [{x: 1}]\nb: *a\nc: 2\n")
    resource.set("b[0].x", 3)
    assert resource.text == "a: &a [{x: 1}]\nb:\n- x: 3\nc: 2\n"


@pytest.mark.parametrize("field", ["labels", "annotations"])
def test_a_change_of_labels_or_annotations_as_they_are_read_raises(field: str) -> None:
    """It would be lost; the message says what to call. A copy can be changed, and equals what was read."""
    resource = Resource(f"kind: K\nmetadata:\n  {field}: {{a: b}}\n")
    read = getattr(resource, field)
    changes: list[Callable[[], object]] = [
        lambda: read.__setitem__("x", "y"),
        lambda: read.update(x="y"),
        lambda: read.update([("x", "y")]),
        lambda: read.setdefault("x", "y"),
        lambda: read.__ior__({"x": "y"}),
    ]
    for change in changes:
        with pytest.raises(TypeError, match=rf'lost: write resource.set\("metadata.{field}\[x\]", value\)$'):
            change()
    for change in (lambda: read.__delitem__("a"), lambda: read.pop("a")):
        with pytest.raises(TypeError, match=rf'write resource.remove\("metadata.{field}\[a\]"\)$'):
            change()
    for change in (read.clear, read.popitem):
        with pytest.raises(TypeError, match="would be lost"):
            change()
    assert read == {"a": "b"} == copy.deepcopy(read)
    assert type(copy.deepcopy(read)) is type(read.copy()) is type(read | {"x": "y"}) is dict
    assert {**read, "x": "y"} == {"a": "b", "x": "y"}


def test_place_wins_over_annotations_and_follows_them() -> None:
    """The place that was set counts; where none was, the annotation does, also after it changed."""
    resource = Resource(TEXT)
    assert resource.path == "a/b.yaml"
    resource.set("metadata.annotations[internal.config.kubernetes.io/path]", "c.yaml")
    assert resource.path == "c.yaml"
    resource.place("d.yaml", 1)
    assert (resource.path, resource.index) == ("d.yaml", 1)


@pytest.mark.parametrize(
    ("text", "message"), [("[1]", "must be a map"), ("a", "must be a map"), ("a: [", "flow"), ("", "empty")]
)
def test_broken_resources_are_faults_that_name_them(text: str, message: str) -> None:
    """What cannot be read says so, knows the resource, and has a name for messages all the same."""
    resource = Resource(text)
    with pytest.raises(YamlFault, match=message) as caught:
        _ = resource.data
    assert caught.value.resource is resource
    assert str(resource) == "resource"


def test_copy_is_independent() -> None:
    """Edits of a copy leave the resource alone."""
    resource = Resource(TEXT)
    resource.copy().set("spec.replicas", 9)
    assert resource.get("spec.replicas") == 3
    assert resource.text == TEXT


def test_new() -> None:
    """A new resource says what it was made of, with its reasons."""
    resource = Resource.new({"kind": "K", "spec": {"a": because(1, "why")}}, path="p.yaml", index=3)
    assert resource.text == "kind: K\nspec:\n  a: 1 # why\n"
    assert resource.is_new
    assert (resource.path, resource.index) == ("p.yaml", 3)


@pytest.mark.parametrize(
    "text", ["a: 1\n\n# c\nb:\n  c: |\n    x\n\n    y\n", "  a: 1\n  b: 2\n", "a: 1", '{"a": {\n  "b": 1\n}}\n']
)
def test_indented_moves_all_and_means_the_same(text: str) -> None:
    """A document moved to the right and back is the same."""
    resource = Resource(text)
    moved = Resource(resource.indented(4))
    assert moved.root.column == 4
    assert moved.data == resource.data
    assert moved.indented(resource.root.column) == text


def test_ended() -> None:
    """A text gets a line end without its value getting one."""
    assert Resource("a: 1\n").ended() == "a: 1\n"
    assert Resource("a: 1").ended() == "a: 1\n"
    for header in ("|", "|+", ">", "|2", "&x |", "|2+"):
        resource = Resource(f"a: {header}\n  x")
        assert Resource(resource.ended()).data == resource.data
    assert Resource("a: [").ended() == "a: [\n"


def test_layout() -> None:
    """The layout of a document is seen from its first list and map."""
    layout = Resource("a:\n    b:\n      - c\n").layout()
    assert (layout.map_indent, layout.list_indent) == (4, 2)
    assert Resource("a: 1\n").layout().list_indent == 0
