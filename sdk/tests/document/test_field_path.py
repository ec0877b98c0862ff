"""Field paths and their text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from krm_functions_sdk.document import field_path
from krm_functions_sdk.document.field_path import FieldPath, Flag, Match

KEYS = st.one_of(
    st.text(max_size=6), st.sampled_from(["3", "a.b", "x=y", "--f", "-", 'q"q', "a]b", "\\", "example.com/k", ""])
)
STEPS = st.one_of(
    KEYS,
    st.integers(0, 99),
    st.builds(Match, st.sampled_from(["name", "mountPath", "key"]), KEYS),
    st.sampled_from(["", "--port", "-tp", "--max_loras"]).map(Flag),
)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("", ()),
        ("spec", ("spec",)),
        ("spec.replicas", ("spec", "replicas")),
        ("spec.containers[0].image", ("spec", "containers", 0, "image")),
        ("containers[name=vllm].args[--port]", ("containers", Match("name", "vllm"), "args", Flag("--port"))),
        ("args[-]", ("args", Flag(""))),
        ("args[--max_loras]", ("args", Flag("--max-loras"))),
        ("metadata.annotations[example.com/owner]", ("metadata", "annotations", "example.com/owner")),
        ("data[configmap.yaml]", ("data", "configmap.yaml")),
        ('data["3"]', ("data", "3")),
        ("volumeMounts[mountPath=/data]", ("volumeMounts", Match("mountPath", "/data"))),
        ("env[name=]", ("env", Match("name", ""))),
    ],
)
def test_parse_and_show(text: str, path: FieldPath) -> None:
    """A text is read as the steps, and the steps are shown as such a text."""
    assert field_path.parse(text) == path
    assert [type(step) for step in field_path.parse(text)] == [type(step) for step in path]
    assert field_path.parse(field_path.show(path)) == path


@pytest.mark.parametrize("text", ["a..b", ".a", "a.", "a[", "a]", "a[0", "[["])
def test_what_is_no_path_is_refused(text: str) -> None:
    """A text that is no path is an error that says where."""
    with pytest.raises(ValueError, match="is no field path"):
        field_path.parse(text)


@given(st.lists(STEPS, max_size=4).map(tuple))
def test_show_is_the_inverse_of_parse(path: FieldPath) -> None:
    """Every path comes back from its text, whatever its keys hold."""
    found = field_path.parse(field_path.show(path))
    assert found == path
    assert [type(step) for step in found] == [type(step) for step in path]
