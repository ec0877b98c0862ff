"""Ids: of an object now, of an object upstream, and that the SDK never writes the latter."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from krm_functions_sdk import (
    ObjectId,
    Resource,
    ResourceList,
    Scopes,
    current_id,
    depends_on,
    field_specs,
    has_origin,
    move,
    origin_id,
    rename,
    upsert,
)

ORIGIN = "internal.kpt.dev/upstream-identifier: '|Service|example|upstream' # of kpt"
TEXT = f"""\
apiVersion: v1
kind: Service
metadata:
  name: web
  namespace: prod
  annotations:
    {ORIGIN}
    config.kubernetes.io/depends-on: /namespaces/prod/Service/web
"""
NAMES = st.text(st.characters(codec="ascii", categories=["Ll", "Nd"]), min_size=1)


@given(NAMES, NAMES, NAMES, NAMES)
def test_an_id_reads_back(group: str, kind: str, namespace: str, name: str) -> None:
    """The text of an id is that of the annotation; reading it gives the id."""
    own = ObjectId(group, kind, namespace, name)
    assert ObjectId.parse(str(own)) == own
    assert (own.group, own.kind, own.namespace, own.name) == (group, kind, namespace, name)
    assert own.replace(namespace="n") == ObjectId(group, kind, "n", name)
    assert own.replace(name="n") == ObjectId(group, kind, namespace, "n")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("apps|Deployment|prod|web", ("apps", "Deployment", "prod", "web")),
        ("|Namespace|~C|example", ("", "Namespace", "~C", "example")),
        ("|Namespace||example", ("", "Namespace", "~C", "example")),
        ("apps | Deployment | prod | web", ("apps", "Deployment", "prod", "web")),
    ],
)
def test_ids_in_annotations(text: str, parts: tuple[str, ...]) -> None:
    """The forms in which kpt writes an id."""
    assert ObjectId.parse(text) == parts


@pytest.mark.parametrize("text", ["", "web", "a|b|c", "a|b|c|d|e", "a||c|d", "a|b|c|"])
def test_what_is_no_id(text: str) -> None:
    """Anything else is refused, with what it was."""
    with pytest.raises(ValueError, match=r"expected group\|Kind\|namespace\|name"):
        ObjectId.parse(text)


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("apiVersion: v1\nkind: Service\nmetadata:\n  name: x\n", "|Service|default|x"),
        ("apiVersion: v1\nkind: Service\nmetadata:\n  name: x\n  namespace: prod\n", "|Service|prod|x"),
        ("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: x\n", "|Namespace|~C|x"),
        ("apiVersion: e.com/v1\nkind: Thing\nmetadata:\n  name: x\n", "e.com|Thing|~C|x"),
        ("apiVersion: e.com/v1\nkind: Thing\nmetadata:\n  name: x\n  namespace: prod\n", "e.com|Thing|prod|x"),
    ],
)
def test_the_current_id(text: str, own: str) -> None:
    """What needs a namespace and names none is in `default`; what needs none, or may need none, is in `~C`."""
    resource = Resource(text)
    assert str(current_id(resource)) == own
    assert not has_origin(resource)
    assert origin_id(resource) == current_id(resource)


def test_the_current_id_by_a_definition() -> None:
    """A scope that the list teaches counts."""
    spec = {"group": "e.com", "names": {"kind": "Thing"}, "scope": "Namespaced"}
    crd = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "t.e.com"}}
    thing = Resource("apiVersion: e.com/v1\nkind: Thing\nmetadata:\n  name: x\n")
    assert str(origin_id(thing, Scopes([Resource.new({**crd, "spec": spec})]))) == "e.com|Thing|default|x"


def test_the_origin_id() -> None:
    """The annotation tells who the object was upstream, whatever it is now."""
    resource = Resource(TEXT)
    assert has_origin(resource)
    assert str(origin_id(resource)) == "|Service|example|upstream"
    assert str(current_id(resource)) == "|Service|prod|web"
    assert repr(origin_id(resource)) == "<ObjectId |Service|example|upstream>"


CHANGES: dict[str, Callable[[ResourceList, Resource], object]] = {
    "set": lambda _, one: one.set("metadata.annotations[example.com/owner]", "team"),
    "remove": lambda _, one: one.remove("metadata.annotations[config.kubernetes.io/depends-on]"),
    "move": lambda resources, one: move(resources, one, "elsewhere.yaml"),
    "upsert": lambda resources, one: upsert(
        resources,
        Resource.new({"apiVersion": "v1", "kind": one.kind, "metadata": {"name": "web", "namespace": "prod"}}),
    ),
    "upsert of a copy": lambda resources, one: upsert(
        resources, Resource(one.text.replace("|example|", "|other|").replace("# of kpt", "# of others"))
    ),
    "rename": lambda resources, one: rename(resources, {current_id(one): "api"}),
    "depends on": lambda _, one: depends_on.update(one, lambda have: have.replace(namespace="dev")),
    "field spec": lambda _, one: field_specs.update(one, "metadata/namespace", lambda _: "dev"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_nothing_changes_the_origin(change: str) -> None:
    """Whatever the SDK does to an object, the annotation of kpt and its comment leave as they came."""
    resources = ResourceList([Resource(TEXT)])
    CHANGES[change](resources, resources.items[0])
    assert len(resources) == 1
    written = resources.write()
    assert ORIGIN in written
    assert written.count("upstream-identifier") == 1
