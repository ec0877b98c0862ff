"""Field specs: one path for many fields, lists gone into, nothing else touched."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from krm_functions_sdk import Resource, YamlFault, field_specs

TEXT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  annotations:
    example.com/with/slashes: a
spec: # of the web
  template:
    spec:
      containers:
      # the first
      - name: web # named
        envFrom: [{configMapRef: {name: "cm"}}] # flow
        command: [a, b]
        grace: 12:30:45
      - name: sidecar
        envFrom:
        - configMapRef:
            name: 'cm' # quoted
        - secretRef:
            name: cm
"""


def dev(value: Any) -> Any:
    return f"dev-{value}"


def test_every_field_of_a_path_changes() -> None:
    """Lists on the way are gone into; quotes, comments and flow style stay."""
    resource = Resource(TEXT)
    changes = field_specs.update(resource, "spec/template/spec/containers/envFrom/configMapRef/name", dev)
    assert len(changes) == 2
    assert resource.text == TEXT.replace('"cm"', '"dev-cm"').replace("'cm'", "'dev-cm'")


@pytest.mark.parametrize(
    "path", ["spec/no/such", "spec/template/spec/containers/name/deeper", "metadata/name/deeper", "nothing", ""]
)
def test_what_is_not_there_stays_away(path: str) -> None:
    """A path that leads nowhere changes nothing."""
    resource = Resource(TEXT)
    assert field_specs.update(resource, path, dev) == []
    assert resource.text == TEXT
    assert not resource.is_changed


def test_the_same_value_is_no_change() -> None:
    """What `change` gives back as it was is not written."""
    resource = Resource(TEXT)
    assert field_specs.update(resource, "spec/template/spec/containers/name", str) == []
    assert not resource.is_changed


def test_a_slash_in_a_key() -> None:
    """An escaped slash belongs to the key."""
    resource = Resource(TEXT)
    field_specs.update(resource, r"metadata/annotations/example.com\/with\/slashes", dev)
    assert resource.text == TEXT.replace("slashes: a", "slashes: dev-a")


def test_items_at_the_end_of_a_path() -> None:
    """A list at the end is changed item by item, and its values are read one by one."""
    resource = Resource(TEXT)
    path = "spec/template/spec/containers/command"
    assert field_specs.values(resource, path) == ["a", "b"]
    field_specs.update(resource, path, dev)
    assert "[dev-a, dev-b]" in resource.text
    assert field_specs.values(resource, "spec/template/spec/containers/name") == ["web", "sidecar"]


def test_a_field_is_made() -> None:
    """With `create`, missing parents are made; `change` gets None."""
    resource = Resource(TEXT)
    seen: list[Any] = []

    def label(value: Any) -> Any:
        seen.append(value)
        return {**(value or {}), "on": "1e3"}

    field_specs.update(resource, "spec/template/metadata/labels", label, create=True)
    assert seen == [None]
    assert resource.text == TEXT + '    metadata:\n      labels:\n        "on": "1e3"\n'
    field_specs.update(resource, "spec/template/spec/containers/labels", label, create=True)
    assert resource.text.count('"on": "1e3"') == 3


@pytest.mark.parametrize("path", ["spec/volumes[]/name", "spec/template/spec/volumes[]/configMap/name"])
def test_a_list_is_never_made(path: str) -> None:
    """A key with brackets is one of a list: it is gone into where it is there, and not made."""
    resource = Resource(TEXT)
    assert field_specs.update(resource, path, dev, create=True) == []
    assert field_specs.update(resource, "spec/template/spec/containers[]/name", dev, create=True)


def test_none_stays_unwritten() -> None:
    """Where `change` makes nothing of nothing, nothing is made."""
    resource = Resource(TEXT)
    assert field_specs.update(resource, "metadata/namespace", lambda value: value, create=True) == []
    assert resource.text == TEXT


def test_items_keep_their_places() -> None:
    """Items are changed where they stand, also where one becomes what another was."""
    resource = Resource("a:\n- b: {c: p} # one\n- b: {c: q} # two\n")
    field_specs.update(resource, "a/b/c", lambda value: {"p": "q", "q": "p"}[value])
    assert resource.text == "a:\n- b: {c: q} # one\n- b: {c: p} # two\n"


@pytest.mark.parametrize("before", ["a:\n", "a: {}\n", "a: null # c\n", "a:\n  b:\n", "a: ~\n"])
def test_an_empty_map_is_filled(before: str) -> None:
    """A null or empty map on the way takes the field."""
    resource = Resource(before)
    assert field_specs.update(resource, "a/b/c", lambda _: 1, create=True)
    assert resource.data == {"a": {"b": {"c": 1}}}
    assert field_specs.update(Resource(before), "a/b/c", lambda _: 1) == []


ALIASED = "a:\n- &x {b: {c: 1}}\n- *x\n- {b: &y 2}\n- <<: {b: {c: 3}}\n"


def test_aliases_and_merge_keys() -> None:
    """What is read through an alias is read; a field that a merge key gives is not edited, with a reason."""
    assert field_specs.values(Resource(ALIASED), "a/b/c") == [1, 1, 3]
    assert field_specs.update(Resource(ALIASED), "a/b/c", lambda value: value) == []
    with pytest.raises(YamlFault, match="merge key") as caught:
        field_specs.update(Resource(ALIASED), "a/b/c", lambda value: value + 1)
    assert isinstance(caught.value.resource, Resource)


TREES = st.recursive(
    st.sampled_from(["x", "y", 1, None]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3),
    max_leaves=12,
)


def expected(value: Any, keys: list[str]) -> Any:
    if isinstance(value, list):
        return [expected(item, keys) for item in value]
    if not keys:
        return {"was": value}
    if not isinstance(value, dict) or keys[0] not in value:
        return value
    return {**value, keys[0]: expected(value[keys[0]], keys[1:])}


@given(st.dictionaries(st.sampled_from(["a", "b", "c"]), TREES), st.lists(st.sampled_from(["a", "b", "c"]), min_size=1))
def test_the_edited_tree_is_the_edit_of_the_tree(tree: dict[str, Any], keys: list[str]) -> None:
    """Over any tree and path: the text says what the edited value says."""
    resource = Resource.new({"kind": "A", **tree})
    field_specs.update(resource, "/".join(keys), lambda value: {"was": value})
    assert resource.data == {"kind": "A", **{key: expected({key: tree[key]}, keys)[key] for key in tree}}


def test_specs_with_group_version_and_kind() -> None:
    """A spec is for the kinds that it names; with create, what is missing is made there and nowhere else."""
    texts = (
        "apiVersion: apps/v1\nkind: Deployment\n",
        "apiVersion: example.com/v1\nkind: Own\n",
        "apiVersion: v1\nkind: Pod\n",
    )
    resources = [Resource(text) for text in texts]
    written: list[dict[str, Any]] = [
        {"group": "example.com", "version": "v1", "kind": "Own", "path": "spec/image", "create": True},
        {"group": "apps", "path": "spec/image"},
        {"kind": "Pod", "version": "v2", "path": "spec/image", "create": True},
    ]
    specs = [field_specs.FieldSpec.of(each) for each in written]
    done = field_specs.update_all(resources, specs, lambda _: "new")
    assert [(resource.kind, change.after) for resource, change in done] == [("Own", {"image": "new"})]
    assert [resource.text for resource in resources] == [texts[0], texts[1] + "spec:\n  image: new\n", texts[2]]
    assert field_specs.FieldSpec("spec/image").is_for(resources[2])


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({"kind": "Pod"}, "found no path"),
        ({"path": "a", "kinds": "Pod"}, "found the field 'kinds', expected path, group"),
    ],
)
def test_specs_that_are_none(written: dict[str, str], message: str) -> None:
    """A mistake in one is named."""
    with pytest.raises(ValueError, match=message):
        field_specs.FieldSpec.of(written)
