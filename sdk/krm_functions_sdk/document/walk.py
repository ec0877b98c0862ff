"""All fields of a document, one after the other, and patterns that take some of them.

A pattern is a field path in which `*` stands for any one key or item and `**` for any number of them, none included:
`spec.**.containers[*].image`. `[name=web]` and `[--port]` name an item by what it says, `[0]` by its position.
"""

from __future__ import annotations

from krm_functions_sdk.document import field_path
from krm_functions_sdk.document import tree as nodes
from krm_functions_sdk.document.tree import LIST, MAP, SCALAR, Node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from krm_functions_sdk.document.field_path import FieldPath, Step

ANY, ANY_NUMBER = "*", "**"


class Field:
    """One field or list item of a document, as it was when the walk began; what it says is read when it is asked for.

    `steps` lead to it, items by their positions.
    """

    __slots__ = ("_around", "_text", "node", "steps")

    def __init__(self, text: str, around: tuple[Node, ...], node: Node, steps: FieldPath) -> None:
        self._text = text
        self._around = around  # the maps and lists that it is in, from the root on
        self.node = node
        self.steps = steps

    def __repr__(self) -> str:
        return f"<Field {self.path}>"

    @property
    def path(self) -> str:
        """The field path, items by their positions: `spec.containers[0].image`."""
        return field_path.show(self.steps)

    @property
    def value(self) -> Any:
        """The value as Kubernetes reads it."""
        return nodes.value(self.node)

    @property
    def text(self) -> str:
        """The value as it is written, with its quotes."""
        return self._text[self.node.start : self.node.end]

    @property
    def comment(self) -> str:
        """The comment on its line, for a map or list that of its key or dash; "" where there is none."""
        from krm_functions_sdk.document import comments

        return comments.line(self._text, self._around[0], self.steps)

    @property
    def is_scalar(self) -> bool:
        """Say whether it is neither a map nor a list."""
        return self.node.target.kind == SCALAR

    def matches(self, pattern: str) -> bool:
        """Say whether the pattern takes the field. Raises ValueError for what is no path."""
        return self._fits(field_path.parse(pattern), 0)

    def _fits(self, pattern: FieldPath, at: int) -> bool:
        for number, wanted in enumerate(pattern):
            if wanted == ANY_NUMBER:
                rest = pattern[number + 1 :]
                return any(self._fits(rest, start) for start in range(at, len(self.steps) + 1))
            if at == len(self.steps) or not self._is(at, wanted):
                return False
            at += 1
        return at == len(self.steps)

    def _is(self, at: int, wanted: Step) -> bool:
        if wanted == ANY or wanted == self.steps[at]:
            return True
        part = self._around[at + 1] if at + 1 < len(self._around) else self.node
        return not isinstance(wanted, str) and nodes.find(self._around[at], (wanted,)) is part


def walk(text: str, root: Node) -> Iterator[Field]:
    """Yield all fields and items, each before what is inside; an alias and a merge key are not gone into."""
    todo: list[tuple[tuple[Node, ...], Node, FieldPath]] = [((), root, ())]
    while todo:
        around, node, steps = todo.pop()
        if steps:
            yield Field(text, around, node, steps)
        within = (*around, node)
        inner: list[tuple[Step, Node]] = []
        if node.kind == MAP:
            inner = [(key.value, part) for key, part in node.value]
        elif node.kind == LIST:
            inner = list(enumerate(node.value))
        todo += [(within, part, (*steps, step)) for step, part in reversed(inner)]
