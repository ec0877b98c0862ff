"""Hypothesis strategies: Kubernetes-like trees, and the many ways in which people write them down as YAML."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from krm_functions_sdk.document import scalar

Draw = st.DrawFn
Tree = dict[str, Any]

KEYS = [
    "a",
    "b",
    "name",
    "env",
    "image",
    "ports",
    "spec",
    "metadata",
    "example.com/key",
    "on",
    "8080",
    "ключ",
    "a b",
    "😀",
]
NAMES = ["one", "two", "three", "four"]
STRINGS = [
    "", "x", "plain words here", "1e3", "0644", "y", "null", "a: b", "# no comment", "it's", 'say "hi"', "- dash",
    "trailing ",
    "12:30:45", "2024-01-02", "=", "<<", "ünïcödé", "😀 astral", "tab\there", "{brace}", "[x]", "a,b", "*x", "&y",
    "!z", "%q",
    "two\nlines", "ends with break\n", "keeps breaks\n\n\n", "indented\n  more\nless\n", "with # hash\nline: two\n",
    "\n", "nbsp\u00a0",
]  # fmt: skip
COMMENTS = ["why", "TODO: later", "ключ: значение 😀", "- not an item", "'quote", "a: b"]


def scalars() -> st.SearchStrategy[Any]:
    """Return strings that need care, numbers, booleans and null."""
    return st.one_of(st.sampled_from(STRINGS), st.integers(-5, 70000), st.booleans(), st.none(), st.just(1.5))


def keyed_lists(values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Tree]]:
    """Return lists of maps with a name each."""
    parts = st.dictionaries(st.sampled_from(["value", "image", "env", "on"]), values, max_size=3)
    return st.dictionaries(st.sampled_from(NAMES), st.tuples(parts, st.booleans()), min_size=1, max_size=3).map(
        lambda items: [{"name": n, **part} if first else {**part, "name": n} for n, (part, first) in items.items()]
    )


def values() -> st.SearchStrategy[Any]:
    """Return scalars, maps and lists, some levels deep."""
    return st.recursive(
        scalars(),
        lambda inner: st.one_of(
            st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
            st.lists(inner, max_size=3),
            keyed_lists(inner),
        ),
        max_leaves=8,
    )


def trees() -> st.SearchStrategy[Tree]:
    """Return maps to be the root of a document."""
    return st.dictionaries(st.sampled_from(KEYS), values(), min_size=1, max_size=4)


class Writer:
    """Writes one tree in a style that is drawn place by place."""

    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self.wide = draw(st.sampled_from([0, 2]))
        self.step = draw(st.sampled_from([2, 2, 4]))
        self.keeps_blank_lines = False  # the last line written belongs to a block scalar that keeps what follows

    def one_of(self, *choices: Any) -> Any:
        """Return one of the choices; the first one is the simplest."""
        return self.draw(st.sampled_from(choices))

    def map(self, tree: Tree, column: int) -> str:
        """Return the lines of a block map."""
        return "".join(
            self.before(column) + self.entry(key, value, column) for key, value in tree.items()
        ) + self.after(column)

    def list(self, items: list[Any], column: int) -> str:
        """Return the lines of a block list."""
        return "".join(self.before(column) + self.item(item, column) for item in items) + self.after(column)

    def before(self, column: int) -> str:
        """Return what stands above an entry or item: blank lines and comments."""
        if self.one_of(*[0] * 6, 1) == 0:
            return ""
        blank = "" if self.keeps_blank_lines else self.one_of("", "\n", "  \n")
        return f"{blank}{' ' * column}#{self.one_of(' ', '')}{self.one_of(*COMMENTS)}\n"

    def after(self, column: int) -> str:
        """Return what stands below the last entry or item."""
        return f"{' ' * column}# foot\n" if self.one_of(*[0] * 9, 1) else ""

    def entry(self, key: str, value: Any, column: int) -> str:
        """Return the lines of one entry."""
        return f"{' ' * column}{self.key(key)}:{self.behind(value, column, column + self.wide, column + self.step)}"

    def item(self, value: Any, column: int) -> str:
        """Return the lines of one item."""
        dash = f"{' ' * column}-"
        if isinstance(value, dict) and value and self.one_of(1, 0):
            return f"{dash} {self.map_at_dash(value, column + 2)}"
        if isinstance(value, list) and value and self.one_of(1, 0):
            lines = "".join(self.item(item, column + 2) for item in value)
            return f"{dash} {lines[column + 2 :]}"
        return f"{dash}{self.behind(value, column, column + 2, column + 2)}"

    def map_at_dash(self, tree: Tree, column: int) -> str:
        """Return the lines of a map whose first key stands behind a dash."""
        (first, value), *rest = tree.items()
        return self.entry(first, value, column)[column:] + (self.map(dict(rest), column) if rest else "")

    def behind(self, value: Any, column: int, list_column: int, map_column: int) -> str:
        """Return what stands behind a colon or dash."""
        is_collection = isinstance(value, dict | list)
        if is_collection and value and self.one_of(1, 1, 1, 0):
            self.keeps_blank_lines = False
            below = self.map(value, map_column) if isinstance(value, dict) else self.list(value, list_column)
            return f"{self.comment()}\n{below}"
        if isinstance(value, str) and self.one_of(1, 0) and (block := self.block(value, column + 2)):
            return block
        self.keeps_blank_lines = False
        text = self.flow(value) if is_collection else self.scalar(value, flow=False)
        return f"{' ' * self.one_of(1, 1, 2) + text if text else ''}{self.comment()}\n"

    def comment(self) -> str:
        """Return a comment at the end of a line, or nothing."""
        return f"{self.one_of(' ', '  ')}# {self.one_of(*COMMENTS)}" if self.one_of(0, 0, 0, 1) else ""

    def key(self, key: str) -> str:
        """Return a key as text."""
        return str(self.one_of(scalar.write(key), scalar.quoted(key)))

    def scalar(self, value: Any, *, flow: bool) -> str:
        """Return a scalar on one line."""
        if value is None:
            return str(self.one_of("null", "~") if flow else self.one_of("null", "~", ""))
        if isinstance(value, str):
            single = "'" + value.replace("'", "''") + "'"
            printable = all(char.isprintable() for char in value)
            return str(
                self.one_of(scalar.write(value, flow=flow), scalar.quoted(value), *([single] if printable else []))
            )
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return str(self.one_of(str(value), hex(value)))
        return scalar.write(value)

    def flow(self, value: Any) -> str:
        """Return a map in braces or a list in brackets."""
        gap, end = str(self.one_of(", ", ",")), str(self.one_of("", " "))
        if isinstance(value, dict):
            return "{" + end + gap.join(f"{self.key_in_flow(k)}: {self.flow(v)}" for k, v in value.items()) + end + "}"
        if isinstance(value, list):
            return "[" + end + gap.join(self.flow(part) for part in value) + end + "]"
        return self.scalar(value, flow=True)

    def key_in_flow(self, key: str) -> str:
        """Return a key as text that may stand in braces."""
        return str(self.one_of(scalar.write(key, flow=True), scalar.quoted(key)))

    def block(self, value: str, column: int) -> str:
        """Return a literal or folded block, or nothing where the string cannot be one."""
        lines = value.split("\n")
        body = value.rstrip("\n")
        if not body or lines[0][:1] in (" ", "\t") or not all(char.isprintable() or char == "\n" for char in value):
            return ""
        if any(line != line.rstrip() for line in lines):
            return ""
        breaks = len(value) - len(body)
        chomping = {0: "-", 1: ""}.get(breaks, "+")
        indent = " " * column
        if breaks == 0 and "\n" not in body and " " in body and "  " not in body and self.one_of(0, 1):
            self.keeps_blank_lines = False
            return f" >-{self.comment()}\n" + "".join(f"{indent}{word}\n" for word in body.split(" "))
        self.keeps_blank_lines = chomping == "+"
        text = "".join(f"{indent}{line}\n" if line else "\n" for line in body.split("\n"))
        return f" |{chomping}{self.comment()}\n{text}" + "\n" * max(0, breaks - 1)


@st.composite
def documents(draw: Draw, tree: st.SearchStrategy[Tree] | None = None) -> str:
    """Return the text of a document."""
    writer = Writer(draw)
    value = draw(tree or trees())
    text = writer.map(value, 0) if draw(st.sampled_from([1] * 7 + [0])) else writer.flow(value) + "\n"
    if draw(st.sampled_from([0] * 7 + [1])):
        text = text.replace("\n", "\r\n")
    if draw(st.sampled_from([0] * 7 + [1])):
        text = text.rstrip("\r\n")
    return "\ufeff" + text if draw(st.sampled_from([0] * 9 + [1])) else text
