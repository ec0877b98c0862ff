"""Reading a document: what it says, where it stands, and what is wrong with it."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from typing import Any

import pytest
import yaml
import yaml_documents
from hypothesis import given
from hypothesis import strategies as st
from krm_functions_sdk.document import parser, tree
from krm_functions_sdk.document.tree import Node, YamlFault


def bomb(levels: int) -> str:
    """Return a document whose aliases expand to ten to the power of `levels`."""
    lines = ["l0: &l0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, levels)]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 0, "empty"),
        ("# only\n# comments\n", 0, "empty"),
        ("a: 1\nb:\n\t- x\n", 2, "a tab stands where YAML takes spaces only"),
        ("a: 1\nb: @x\n", 1, "no value begins with '@': put it in quotes"),
        ("a: 1\nb: %x\n", 1, "no value begins with '%': put it in quotes"),
        ("a: 1\nb: [1\n", 1, "flow sequence, did not find expected ',' or ']' before the end"),
        ("a: 1\nb: [1\nc: 2\nd: 3\n", 2, "flow sequence, did not find expected ',' or ']'"),
        ("a: 1\nb:\n  c: 1\n  d\n", 3, "simple key, could not find expected ':'"),
        ("a: 1\nb: {{ .Values.b }}\n", 1, "a template of Helm has to be rendered first"),
        ("a: 'x\n", 0, "quoted scalar"),
        ("a: 1\nb: *nowhere\n", 1, "unknown anchor 'nowhere'"),
        ("a: 1\n---\nb: 2\n", 2, "second one begins here"),
        ("a: 1\nb: x\x00y\n", 1, "0x00 is not allowed"),
        ("é: 1\nb: x\x00y\n", 1, "0x00 is not allowed"),
        ("a: \ud800\n", 0, "surrogate"),
        ("a: 1\n? [x]\n: 2\n", 1, "a key of a map must be a plain string"),
        ("a: 1\n{b: 1}: 2\n", 1, "a key of a map must be a plain string"),
        ("a: b: c\n", 0, "mapping values are not allowed in this context: put a value that holds ': ' in quotes"),
        ("%YAML 3.0\n---\na: 1\n", 0, "incompatible YAML document"),
    ],
)
def test_faults_of_the_text(text: str, line: int, message: str) -> None:
    """What is no YAML is a fault with its line, and no other exception."""
    with pytest.raises(YamlFault, match=message) as caught:
        parser.parse(text)
    assert caught.value.line == line


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", 2, "key 'a' appears twice in one map, first on line 1"),
        ("x:\n- {a: 1, a: 2}\n", 1, "appears twice"),
        ("a: &a [*a]\n", 0, "inside its own anchor"),
        ("a: &a {b: {c: *a}}\n", 0, "inside its own anchor"),
        ("a: &a\n  <<: *a\n", 1, "inside its own anchor"),
        ("a:\n  <<: 5\n", 1, "a merge key"),
        ("a: !!binary aGk=\n", 0, "binary"),
        (bomb(9), 1, "expand to more than"),
    ],
)
def test_faults_of_the_value(text: str, line: int, message: str) -> None:
    """What no Kubernetes object may hold is a fault with its line."""
    with pytest.raises(YamlFault, match=message) as caught:
        tree.value(parser.parse(text))
    assert caught.value.line == line


LIMITED = """
import resource, sys
from krm_functions_sdk.function.call import execute
limit = int(sys.argv[1]) << 20
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
output, errors, status = execute(lambda resources: [one.data for one in resources], sys.stdin.buffer.read())
print(status, errors, file=sys.stderr)
sys.exit(0 if output else 1)
"""
HUGE = {
    "aliases of aliases": (bomb(30), "aliases expand to more than"),
    "merge keys of merge keys": (
        "m0: &m0 {a: 1}\n" + "".join(f"m{n}: &m{n}\n  <<: [{', '.join([f'*m{n - 1}'] * 10)}]\n" for n in range(1, 30)),
        "aliases expand to more than",
    ),
    "aliases as keys' values, wide": (
        "a: &a [" + "x, " * 50_000 + "x]\nb: [" + "*a, " * 5_000 + "*a]\n",
        "aliases expand",
    ),
    "brackets": ("a: " + "[" * 2_000_000 + "\n", "nested deeper than"),
    "braces": ("a: " + "{b: " * 1_000_000 + "\n", "nested deeper than"),
    "dashes": ("a:\n" + "- " * 1_000_000 + "x\n", "nested deeper than"),
}


@pytest.mark.parametrize("case", HUGE)
def test_what_expands_without_bound_is_refused_in_bounded_memory_and_time(case: str) -> None:
    """A process of 200 MiB and 20 seconds of CPU lives through it, says why and where, and gives back its input."""
    text, message = HUGE[case]
    item = "".join(f"    {line}\n" for line in text.splitlines())
    text = f"kind: ResourceList\nitems:\n- apiVersion: v1\n  kind: A\n  metadata:\n    name: a\n  spec:\n{item}"
    command = [sys.executable, "-c", LIMITED, "200"]
    done = subprocess.run(command, input=text.encode(), capture_output=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr.decode()[-500:]
    said = done.stderr.decode()
    assert re.match(r"1 \[error\] A a: .*: line \d+ of the resource: ", said)
    assert message in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    "text", ["[" * 10_000, "{a: " * 10_000, "- " * 10_000 + "x", "".join(" " * n + "a:\n" for n in range(5_000))]
)
def test_deep_nesting_is_refused_at_once(text: str) -> None:
    """Thousands of levels are a fault and neither exhaust the stack nor take long."""
    begin = time.process_time()
    with pytest.raises(YamlFault, match="nested deeper than 200 levels"):
        parser.parse(text)
    assert time.process_time() - begin < 5


def test_many_values_without_aliases_are_no_bomb() -> None:
    """A large document is read as what it is."""
    count = tree.MAX_EXPANDED * 2
    assert len(tree.value(parser.parse("a: [" + "1, " * count + "]"))["a"]) == count


def test_aliases_may_repeat_as_long_as_they_stay_small() -> None:
    """Aliases that expand to some thousand values are read."""
    assert len(tree.value(parser.parse(bomb(3)))["l2"]) == 10


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 1\n", {"a": 1}),
        ("1: a\ntrue: b\n~: c\nn: d\n0x10: e\n", {"1": "a", "true": "b", "~": "c", "n": "d", "0x10": "e"}),
        ("a: '1'\nb: !!str 1\nc: !foo 1\nd: ! 1\n", {"a": "1", "b": "1", "c": "1", "d": "1"}),
        ('a: !!int "5"\nb: !!bool "yes"\nc: !!null ""\n', {"a": 5, "b": True, "c": None}),
        ("b: &x {c: 1, d: 2}\na:\n  <<: *x\n  d: 3\n", {"b": {"c": 1, "d": 2}, "a": {"c": 1, "d": 3}}),
        (
            "b: &x {c: 1}\ne: &y {c: 2, d: 5}\na: {<<: [*x, *y]}\n",
            {"b": {"c": 1}, "e": {"c": 2, "d": 5}, "a": {"c": 1, "d": 5}},
        ),
        ('a: {"<<": 4}\n', {"a": {"<<": 4}}),
        ("a: &x 1\nb: *x\n", {"a": 1, "b": 1}),
        ("a: [b: c]\n", {"a": [{"b": "c"}]}),
        ("{a, b: }", {"a": None, "b": None}),
        ("\ufeffa: 1\n", {"a": 1}),
    ],
)
def test_value(text: str, value: Any) -> None:
    """A document says what kubectl reads; only the keys keep their text."""
    assert tree.value(parser.parse(text)) == value


def places(root: Node, text: str) -> list[tuple[str, str]]:
    """Return value and text of all scalars."""
    found: list[tuple[str, str]] = []
    todo = [root]
    while todo:
        current = todo.pop()
        if current.kind == tree.SCALAR:
            found.append((current.value, text[current.start : current.end]))
        elif current.kind == tree.MAP:
            todo += [part for pair in current.value for part in pair]
        elif current.kind == tree.LIST:
            todo += current.value
    return found


@given(yaml_documents.documents())
def test_nodes_know_where_they_stand(text: str) -> None:
    """The text between start and end of a scalar is the text of that scalar, also behind a byte order mark."""
    for value, part in places(parser.parse(text), text):
        if part[:1] not in ("'", '"', "|", ">"):
            assert part == value
        elif part[:1] in ("'", '"'):
            assert yaml.safe_load(part) == value


@given(yaml_documents.documents(), st.data())
def test_lines_and_columns_are_those_of_the_start(text: str, data: st.DataObject) -> None:
    """Line and column of a field count from the start of the text."""
    root = parser.parse(text)
    if root.kind != tree.MAP or not root.value:
        return
    key, _ = data.draw(st.sampled_from(root.value))
    assert key.line == text.count("\n", 0, key.start)


@given(st.text(alphabet="ab:-[]{}&*!|>'\"#%@`? \t\n\r,0\x85\u2028\ufeff\x00", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text at all makes the reader raise anything but a YamlFault."""
    line = 0
    try:
        tree.value(parser.parse(text))
    except YamlFault as fault:
        line = fault.line
    assert 0 <= line <= sum(text.count(end) for end in "\n\r\x85\u2028")


@pytest.mark.parametrize(
    ("text", "column"),
    [("a: &x\n  k: v\n", 2), ("a: &x\n- k\n", 0), ("a: !!seq\n\n  # c\n  - k\n", 2), ("a: !!map\n    k: v\n", 4)],
)
def test_a_collection_begins_at_its_first_key_or_dash(text: str, column: int) -> None:
    """An anchor or tag in front does not move the place where a map or list begins."""
    child = parser.parse(text).child("a")
    assert child is not None
    assert child.column == column
    assert text[child.start] in "k-"
