"""The fast reader says what the YAML parser says, or nothing."""

from __future__ import annotations

from random import Random

import pytest
import yaml_documents
from hypothesis import given, settings
from hypothesis import strategies as st
from krm_functions_sdk import Resource, YamlFault
from krm_functions_sdk.document import block_reader, parser
from krm_functions_sdk.document import tree as nodes
from krm_functions_sdk.document.plan import MapTarget, scalar_changes
from krm_functions_sdk.document.wanted import same
from searches import EXAMPLES
from yaml_trees import TOKENS, described, disagreement, mutant

ACCEPTED = [
    "a: 1\n",
    "a:\n",
    "a: \nb:   \n",
    "a: # c\nb: 1 # c\n",
    "# c\n\n   # c\na: 1\n\n# c\n",
    "  a: 1\n# left\n  b: 2\n      # right\n",
    "a:\n  b:\n    c: 1\n  d: 2\ne: 3\n",
    "a:\n- b\n- c: 1\n  d: 2\n- e:\n  - f\n  g: 1\nh:\n",
    "a:\n  - b\n  - c:\n    - d\n  - e:\n      - f\n",
    "a:\n    b: 1\nc:\n      d: 1\n",
    "a: {}\nb: []\nc:\n- {}\n- [] # c\n",
    "a: 'it''s'\nb: ''\nc: \"x # y: z\"\nd: \"\" # c\n",
    "'a b': 1\n\"c: d\": 2\n'': 3\n",
    "a: |\n  one\n   two\n\n  # three\nb: |-\n  x\n\n\nc: 1\n",
    "a:\n- |\n  x\n- b: | # c\n    x\n\n  # left of it\n",
    "a: http://x:80/y#z\nb: x#y\nc: a:b\nd: --flag=1\ne: -1\nf: a - b ? c\ng: .5\nh: =\ni: <<\n",
    "a: x, y]}\nb: $(X)\nc: ~\nd: (x)\ne: 12:30:45\nf: é 😀\ng: 𠀀\n",
    "8080: a\n.x: b\na/b.c_d-e: c\non: d\n",
    "a: " + "x" * 3000 + "\nb:\n- " + "y " * 900 + "z\n",
]
REFUSED = [
    "", "\n", "# c\n", "x\n", "- a\n", "a: 1", "a: 1\n---\nb: 2\n", "---\na: 1\n", "a: 1\n...\n",
    "%YAML 1.1\n---\na: 1\n",
    "\ufeffa: 1\n", "a: 1\r\n", "a:\t1\n", "a: x\ty\n", "a: x\x85\n", "a: x\u2028y\n", "a: x\u2029y\n",
    "a: \x00\n", "a: \ufffe\n",
    "a: x\ufeffy\n", "a: 1\na: 2\n", "a:\n- b: 1\n  b: 2\n", "a: 1\n'a': 2\n",
    "a: plain\n  goes on\n", "a: 'x\n  y'\n", 'a: "x\n  y"\n', 'a: "\\n"\n', "a: 'x' y\n", "a: 'x'#y\n",
    'a: "x"y\n',
    "a: b: c\n", "a: b:\n", "a: x :y: z\n", "a : b\n", "a:b\n", "a: - b\n", "a: -\n", "a: ?\n", "a: ? b\n",
    "a: :b\n",
    *(f"a: {sign}x\n" for sign in "?:,[]{}#&*!|>'\"%@`" if sign != "#"), "a: &x 1\nb: *x\n", "a: !!str 1\n",
    "!!map\na: 1\n",
    "<<: x\n", "? a\n: b\n", "? a\n", "? |\n  x\n: y\n", "a:\n- - b\n", "a:\n-\n  b: 1\n", "a:\n- \n",
    "a:\n-\n", "a:\n- ? b\n", "a:\n-  b\n",
    "a: {b: 1}\n", "a: [b]\n", "a: { }\n", "a: {} b\n", "a: []]\n", "a: >\n  x\n", "a: |+\n  x\n",
    "a: |2\n  x\n", "a: |\nb: 1\n",
    "a: |\n\n  x\n", "a: |\n  x\n \nb: 1\n", "a: |\n    x\n  y\n", "a: |#c\n  x\n", "a: |\n  x",
    "a: 1\n b: 2\n", "  a: 1\nb: 2\n", "a:\n  b: 1\n c: 2\n", "a:\n    b: 1\n  c: 2\n", "a: 1\n- b\n",
    "a: 1\n  - b\n", "- a: 1\nb: 2\n",
    "a:\n- b\n - c\n", "a:\n  - b\n- c\n", "a:\n  - b\n  c: 1\n", "a:\n- b: 1\n   c: 2\n",
    "a:\n- b: 1\n - c: 2\n", "a:\n- b\n  c\n",
    "a" * 2000 + ": 1\n", "\n".join(" " * n + "a:" for n in range(100)) + "\n",
]  # fmt: skip


@pytest.mark.parametrize("text", ACCEPTED)
def test_accepted(text: str) -> None:
    """What kpt writes is read, and just as the parser reads it."""
    assert block_reader.read(text) is not None
    assert disagreement(text) == ""


@pytest.mark.parametrize("text", REFUSED)
def test_refused(text: str) -> None:
    """What lines do not prove is left to the parser."""
    assert block_reader.read(text) is None


@pytest.mark.parametrize("token", TOKENS)
def test_a_token_anywhere(token: str) -> None:
    """No token at any place of a document is read in another way than the parser does."""
    text = "a: x\nb:\n- c: 'q'\n  d: \"r\" # c\n- e f\ng:\n  h: |\n    l\n    m\n  i: {}\nj:\n"
    for at in range(len(text) + 1):
        assert disagreement(text[:at] + token + text[at:]) == ""


@pytest.mark.parametrize("plane", range(17))
def test_each_character_is_taken_as_the_parser_takes_it(plane: int) -> None:
    texts = ["".join(map(chr, range(first, first + 0x100))) for first in range(plane << 16, (plane + 1) << 16, 0x100)]
    for text in texts:
        kept = "".join(character for character in text if character.isprintable())
        assert not disagreement(f"a: x{kept.translate(dict.fromkeys(b'#:'))}y\n")
        assert all(block_reader.read(f"a: x{other}y\n") is None for other in set(text) - set(kept) - {"\n"})


@given(yaml_documents.documents(), st.integers(0, 2**32))
@settings(max_examples=3 * EXAMPLES)
def test_agreement_on_documents(text: str, number: int) -> None:
    """On documents and what becomes of them by mutation, both readers give one tree, or the fast one gives none."""
    assert disagreement(text) == ""
    dice = Random(number)
    for _ in range(10):
        assert disagreement(mutant(dice, text)) == ""


@given(st.text(alphabet="ab:-{}[]#&*!|>'\"? \n\n  ,", max_size=40))
def test_agreement_on_any_text(text: str) -> None:
    """The same for texts that mean nothing."""
    assert disagreement(f"a: 1\n{text}\n") == ""


def test_a_long_text_that_is_refused_at_its_end_is_refused_soon() -> None:
    """Thousands of comments, keys or blank lines before a fault are gone over once."""
    for line in ("# c\n", "\n", "a: |\n  x\n", "   \n"):
        assert block_reader.read("a:\n" + line * 50_000 + "%\n") is None


VALUES = [
    "x",
    "",
    "1e3",
    "a: b",
    "# c",
    "'",
    "two  words ",
    5,
    1.5,
    True,
    "é",
    "-",
    "a: b #c",
    "\u2028",
    "\t",
    "|",
    "{}",
]


@given(yaml_documents.documents(), st.data())
def test_the_check_of_lines_holds_what_the_check_of_trees_holds(text: str, data: st.DataObject) -> None:
    """An edit of scalars that is right by its lines is right by its tree, whatever happened to the text."""
    root = block_reader.read(text)
    if root is None or not root.value:
        return
    entries = {key.value: part for key, part in root.value}
    name = data.draw(st.sampled_from(sorted(entries)))
    value = data.draw(st.sampled_from(VALUES))
    changes = scalar_changes(root, MapTarget(root, {**entries, name: value}))
    edited = Resource(text)
    edited.set(f'["{name}"]' if name else '[""]', value)
    for candidate in (edited.text, mutant(Random(data.draw(st.integers(0, 2**32))), edited.text), text):
        if not changes or not block_reader.is_edit(text, candidate, changes):
            continue
        try:
            tree = nodes.value(parser.parse_events(candidate))
        except YamlFault as fault:
            pytest.fail(f"{candidate!r}: {fault}")
        assert same(tree, {**Resource(text).data, name: value})
        assert described(block_reader.read(candidate)) == described(parser.parse_events(candidate))  # type: ignore[arg-type]  # it is accepted


def test_the_check_of_lines_sees_what_is_wrong() -> None:
    """Another value, another line that changes, another key or indent: each is seen."""
    old = "a: 1 # c\nb:\n  c: x\n"
    root = block_reader.read(old)
    assert root is not None
    changes = [(root.value[0][1], 5)]
    assert block_reader.is_edit(old, "a: 5 # c\nb:\n  c: x\n", changes)
    assert block_reader.is_edit(old, "a: 5\nb:\n  c: x\n", changes)
    for new in (
        old, "a: 6\nb:\n  c: x\n", "a: '5'\nb:\n  c: x\n", "a: 5 # c\nb:\n  c: y\n", "d: 5\nb:\n  c: x\n",
        " a: 5\nb:\n  c: x\n",
        "a: 5\n\nb:\n  c: x\n", "a: 5\nb:\n  c: x\nd: 1\n", "a: 5\nb:\n", "a:\n  5\nb:\n  c: x\n", "a: 5", "",
        "- a: 5\nb:\n  c: x\n",
    ):  # fmt: skip
        assert not block_reader.is_edit(old, new, changes), new
