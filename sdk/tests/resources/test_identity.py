"""The quick look at a text says what the parser says, or nothing."""

from __future__ import annotations

from typing import Any

import pytest
import yaml_documents
from hypothesis import given
from hypothesis import strategies as st
from krm_functions_sdk import Resource, YamlFault, because
from krm_functions_sdk.resources import identity

OBJECT = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n"
    "  name: web\n  namespace: prod\n  annotations:\n    a/b: '0'\n    c: d.e\n"
)
CERTAIN = {
    "plain": (OBJECT + "spec: {}\n", "Deployment", "web", "0"),
    "indented": ("".join(f"  {line}\n" for line in OBJECT.splitlines()), "Deployment", "web", "0"),
    "windows": (OBJECT.replace("\n", "\r\n"), "Deployment", "web", "0"),
    "comments": ("# c\n\n" + OBJECT.replace("\n", " # c\n") + "# c\n", "Deployment", "web", "0"),
    "no line end": ("kind: 'List'\napiVersion: v1\nmetadata:\n  name: \"x\"", "List", "x", ""),
    "broken below": (OBJECT + "spec: [\n\t", "Deployment", "web", "0"),
    "blocks": (
        "apiVersion: v1\nkind: K\nmetadata:\n  annotations:\n    a/b: |\n      kind: X\n      {\n  name: x\n",
        "K",
        "x",
        None,
    ),
}
UNCERTAIN = {
    "braces": "{apiVersion: v1, kind: K, metadata: {name: x}}\n",
    "no kind": "apiVersion: v1\nmetadata:\n  name: x\n",
    "kind twice": "apiVersion: v1\nkind: K\nkind: L\nmetadata:\n  name: x\n",
    "an anchor": "apiVersion: v1\nkind: &k K\nmetadata:\n  name: x\n",
    "an escape": 'apiVersion: v1\nkind: "\\x4b"\nmetadata:\n  name: x\n',
    "quotes that hide a field": 'x: "foo\nkind: Fake\n  "\napiVersion: v1\nmetadata:\n  name: x\n',
    "quotes that hide all": 'a: "\napiVersion: v1\nkind: Fake\nmetadata:\n  name: x\n"\n',
    "braces that hide all": "a: {\napiVersion: v1,\nkind: Fake\n}\n",
    "a kind that goes on": "apiVersion: v1\nkind: K\n\n  L\nmetadata:\n  name: x\n",
    "a list": "- apiVersion: v1\n",
    "nothing": "",
}
HALF_CERTAIN = {
    "a name that goes on": "apiVersion: v1\nkind: K\nmetadata:\n  name: a\n    -\n",
    "an annotation that goes on": OBJECT.replace("kind: Deployment", "kind: K") + "      f\n",
    "metadata in braces": "apiVersion: v1\nkind: K\nmetadata: {name: x}\n",
    "a merge key": "apiVersion: v1\nkind: K\nmetadata:\n  <<: *x\n",
    "annotations in braces": "apiVersion: v1\nkind: K\nmetadata:\n  name: x\n  annotations: {a: b}\n",
    "quotes in metadata": "apiVersion: v1\nkind: K\nmetadata:\n  labels:\n    a: 'x\n  name: Fake'\n",
}


@pytest.mark.parametrize("case", CERTAIN)
def test_certain(case: str) -> None:
    """What kpt and people usually write is found."""
    text, kind, name, annotation = CERTAIN[case]
    found = identity.scan(text)
    assert found is not None
    assert found["kind",] == kind
    assert found["metadata", "name"] == name
    assert found.get(("metadata", "annotations", "a/b"), "") == annotation


@pytest.mark.parametrize("case", UNCERTAIN)
def test_uncertain(case: str) -> None:
    """What is written in another way is left to the parser."""
    assert identity.scan(UNCERTAIN[case]) is None


@pytest.mark.parametrize("case", HALF_CERTAIN)
def test_only_the_kind_is_certain(case: str) -> None:
    """Where only the metadata is written in another way, the kind is found all the same."""
    found = identity.scan(HALF_CERTAIN[case])
    assert found is not None
    assert identity.look_up(found, ("kind",)) == "K"
    assert identity.look_up(found, ("metadata", "name")) is None


PIECES = [
    "apiVersion: v1",
    "kind: K",
    "kind: 'L'",
    "metadata:",
    "  name: x",
    '  name: "y"',
    "  namespace: n",
    "  annotations:",
    "    a: b",
    "    c: 'd e'",
    "  labels: {",
    "  }",
    'x: "',
    '"',
    "'",
    "y: |",
    "  kind: Z",
    "# c",
    "",
    "- kind: Q",
    "  name: 5 # c",
    "kind : W",
    "  <<: *a",
    "z: &a {name: w}",
    "metadata: {name: v}",
    "  name: null",
    "    - l",
    "  annotations: {}",
    "kind: null",
]


@given(st.lists(st.sampled_from(PIECES), max_size=9).map(lambda lines: "\n".join(["apiVersion: v1", *lines, ""])))
def test_the_quick_look_never_says_what_the_parser_does_not(text: str) -> None:
    """Wherever the text can be parsed, quick look and parser agree on what is there and on what is not."""
    quick, parsed = Resource(text), Resource(text)
    try:
        _ = parsed.data
    except YamlFault:
        return
    for path in (
        ("apiVersion",),
        ("kind",),
        ("metadata", "name"),
        ("metadata", "namespace"),
        ("metadata", "annotations", "a"),
    ):
        assert quick._string(*path) == parsed._string(*path)


@given(yaml_documents.documents())
def test_the_quick_look_takes_any_document(text: str) -> None:
    """No document makes the quick look fail, or say something else than the parser."""
    quick, parsed = Resource(text), Resource(text)
    _ = parsed.root
    assert [quick.api_version, quick.kind, quick.name, quick.namespace] == [
        parsed.api_version,
        parsed.kind,
        parsed.name,
        parsed.namespace,
    ]


NAMES = st.one_of(st.sampled_from(["v1", "K", "", "null", "5", "a: b", "x\ny\n", "é", "<<", "'q'"]), st.just(5))


@given(
    st.fixed_dictionaries(
        {"apiVersion": NAMES, "kind": NAMES},
        optional={
            "metadata": st.fixed_dictionaries(
                {},
                optional={
                    "name": NAMES | NAMES.map(lambda name: because(name, "why")),
                    "namespace": NAMES,
                    "annotations": st.dictionaries(NAMES.map(str), NAMES.map(str)),
                },
            )
        },
    )
)
def test_a_new_resource_is_known_as_its_text_is(value: dict[str, Any]) -> None:
    """What is taken from the value is what a reader finds in the text that was made of it."""
    made = Resource.new(value)
    read = Resource(made.text)
    _ = read.root  # parsed, so that no quick look is asked
    assert made.identity == read.identity
    assert [made.api_version, made.is_local_config] == [read.api_version, read.is_local_config]
    for name in ("v1", "<<", "5", "absent"):
        assert made.annotation(name) == read.annotation(name)


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  annotations:\n    a: '1'\n    b: 1\n    c: ~\n    d: \n",
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: 12\n",
        "apiVersion: v1\nkind: Pod\nmetadata: web\n",
        "apiVersion: v1\nkind: Pod\nmetadata:\n  annotations:\n  - a\n",
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: &it web\n  annotations: {a: *it, <<: {b: c}}\n",
    ],
)
def test_a_resource_has_the_names_that_it_has_before_its_values_are_made(text: str) -> None:
    before, after = Resource(text), Resource(text)
    after.data  # noqa: B018  # makes them
    for ask in ("name", "namespace", "kind"):
        assert getattr(after, ask) == getattr(before, ask)
    for annotation in "abcde":
        assert after.annotation(annotation) == before.annotation(annotation)
