"""One YAML document as a tree of nodes that know where in the text they stand.

`parser` makes one from text. The text stays the truth: a tree is read from it, is never written back, and is thrown
away when the text is edited.
"""

from __future__ import annotations

from krm_functions_sdk.document import scalar
from krm_functions_sdk.document.field_path import Flag, Match

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_functions_sdk.document.field_path import FieldPath, Step

SCALAR, MAP, LIST, ALIAS = "scalar", "map", "list", "alias"
MAX_DEPTH = 200
MAX_EXPANDED = 100_000
ABSENT: Any = object()  # the value of a node that makes it when it is asked for
_MERGE = "<<"
_RESOLVED_TAGS = frozenset(f"tag:yaml.org,2002:{name}" for name in ("int", "float", "bool", "null"))
_REFUSED_TAGS = frozenset(("tag:yaml.org,2002:binary",))


class YamlFault(Exception):
    """The text is not YAML, or YAML that no Kubernetes object may hold; `line` counts from 0.

    `resource` is the Resource whose text it is, where that is known.
    """

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.resource: object = None


class Blame:
    """Says in a YamlFault that passes by which resource it is about."""

    __slots__ = ("resource",)

    def __init__(self, resource: object) -> None:
        self.resource = resource

    def __enter__(self) -> None:
        return None

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, YamlFault) and error.resource is None:
            error.resource = self.resource


class Node:
    """A scalar, map, list or alias.

    `start` and `end` are character positions in the text, `line` and `column` those of the start, all from 0.
    `value` is the text of a scalar, the (key, value) pairs of a map, the items of a list, the target of an alias.
    `style` is the quote or block indicator of a scalar, or "flow" for a map or list in braces or brackets.
    """

    __slots__ = ("anchor", "column", "end", "kind", "line", "start", "style", "tag", "value")
    lines: list[Any] = []  # noqa: RUF012  # none here: of a node whose parts are not made yet; see block_reader

    def __init__(
        self, kind: str, start: int, end: int, line: int, column: int, style: str = "", value: Any = ABSENT
    ) -> None:
        self.kind = kind
        self.start = start
        self.end = end
        self.line = line
        self.column = column
        self.style = style
        self.anchor: str | None = None
        self.tag: str | None = None
        if value is not ABSENT:
            self.value = value

    def entry(self, key: str) -> tuple[Node, Node] | None:
        """Return key and value node of a map's entry `key`."""
        if self.kind == MAP:
            for pair in self.value:
                if pair[0].value == key:
                    return pair  # type: ignore[no-any-return]  # the pairs of a map are pairs of nodes
        return None

    def child(self, key: str) -> Node | None:
        """Return the value node of a map's entry `key`, or of one that it merges in; an alias is followed."""
        pair = self.entry(key)
        if pair is not None:
            return pair[1].target
        for source in self.merged():
            found = source.entry(key)
            if found is not None:
                return found[1].target
        return None

    def merged(self) -> list[Node]:
        """Return the maps whose entries the merge keys (`<<`) of a map take over, the first one wins."""
        sources: list[Node] = []
        for key, part in self.value if self.kind == MAP else ():
            if key.value == _MERGE and not key.style:
                source = part.target
                sources += [item.target for item in source.value] if source.kind == LIST else [source]
        return [source for source in sources if source.kind == MAP]

    def value_of_lines(self) -> Any:
        """Return the value of a node that has `lines`: only such a node knows how to read them."""
        raise NotImplementedError

    @property
    def target(self) -> Node:
        """The node itself, or what an alias points to."""
        return self.value if self.kind == ALIAS else self

    @property
    def is_null(self) -> bool:
        return self.kind == SCALAR and not self.style and self.tag is None and self.value in scalar.NULL

    @property
    def is_block(self) -> bool:
        """Say whether it is a map or list that is laid out by lines and columns."""
        return self.style != "flow" and self.kind in (MAP, LIST)


def value(node: Node) -> Any:
    """Return the Python value of `node` as Kubernetes reads it: dict, list, str, int, float, bool or None.

    Raises YamlFault for a key that a map holds twice and for aliases that expand without bound.
    """
    if node.kind == SCALAR:
        return scalar_value(node)
    return node.value_of_lines() if node.lines else _value(node, [MAX_EXPANDED], ())


def _value(node: Node, budget: list[int], inside: tuple[Node, ...]) -> Any:
    if node.kind == SCALAR:
        return scalar_value(node)
    if node.kind == ALIAS:
        if node.value in inside:
            raise YamlFault("an alias stands inside its own anchor", node.line)
        if node.value.kind != SCALAR:
            budget[0] -= _size(node.value, budget[0])
            if budget[0] < 0:
                raise YamlFault(f"aliases expand to more than {MAX_EXPANDED} values", node.line)
        return _value(node.value, budget, inside)
    if node.lines:
        return node.value_of_lines()
    within = (*inside, node) if node.anchor else inside
    if node.kind == LIST:
        return [_value(item, budget, within) for item in node.value]
    return _map_value(node, budget, within)


def _map_value(node: Node, budget: list[int], within: tuple[Node, ...]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    merges: list[Node] = []
    for key, item in node.value:
        if key.value == _MERGE and not key.style:
            merges.append(item)
        elif key.value in result:
            first = next(other.line for other, _ in node.value if other.value == key.value)
            raise YamlFault(f"key {key.value!r} appears twice in one map, first on line {first + 1}", key.line)
        else:
            result[key.value] = _value(item, budget, within)
    for item in merges:
        merged = _value(item, budget, within)
        for source in merged if isinstance(merged, list) else [merged]:
            if not isinstance(source, dict):
                raise YamlFault("a merge key (<<) takes a map, or a list of maps", item.line)
            result = {**source, **result}
    return result


def _size(node: Node, limit: int) -> int:
    """Return how many nodes are inside `node`, aliases counted as one; a little more than `limit` at most."""
    todo, count = [node], 0
    while todo and count <= limit:
        part = todo.pop()
        count += 1
        if part.kind == LIST:
            todo += part.value
        elif part.kind == MAP:
            todo += [item for _, item in part.value]
    return count


def scalar_value(node: Node) -> scalar.Scalar:
    """Return the value of a scalar node: quoted and block scalars are strings, plain ones what Kubernetes reads."""
    text: str = node.value
    if node.tag is None:
        return text if node.style else scalar.read(text)
    if node.tag in _REFUSED_TAGS:
        raise YamlFault("binary values are not supported; write the text as base64 into a plain string", node.line)
    return scalar.read(text) if node.tag in _RESOLVED_TAGS else text


def end_of_content(node: Node, text: str) -> int:
    """Return the position after the last character of `node`, without the comment or blank lines that follow it."""
    while node.is_block and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    if node.kind == SCALAR and node.style in ("|", ">"):
        header = text.find("\n", node.start) + 1
        if (
            header
            and "+" not in text[node.start : header].split("#", maxsplit=1)[0]
            and not node.value.rstrip("\n").endswith(" ")
        ):
            body = text[header : node.end].rstrip()
            line_end = text.find("\n", header + len(body))
            return min(node.end, line_end + 1) if body and line_end >= 0 else node.end
    end = node.end
    if node.start == end:  # a null that is not written: that of a key without a colon stands where the next key begins
        while end and text[end - 1] in " \t\r\n":
            end -= 1
    return end


def line_after(node: Node, text: str) -> int:
    """Return the start of the first line after the content of `node`, or the length of the text."""
    end = end_of_content(node, text)
    if end and text[end - 1] == "\n":
        return end
    newline = text.find("\n", end)
    return len(text) if newline < 0 else newline + 1


def find(root: Node, path: FieldPath) -> Node | None:
    """Return the node at the path, or None where there is none."""
    current: Node | None = root
    for step in path:
        if current is None:
            return None
        current = _step(current.target, step)
    return current


def line(root: Node, path: FieldPath) -> int:
    """Return the line, from 0, of the key or item at the path, or of its nearest ancestor."""
    for length in range(len(path), 0, -1):
        parent, step = find(root, path[: length - 1]), path[length - 1]
        pair = parent.target.entry(step) if parent is not None and isinstance(step, str) else None
        found = pair[0] if pair else find(root, path[:length])
        if found is not None:
            return found.line
    return 0


def _step(parent: Node, step: Step) -> Node | None:
    if isinstance(step, str):
        pair = parent.entry(step)
        return pair[1] if pair else parent.child(step)
    if parent.kind != LIST:
        return None
    if isinstance(step, int):
        return parent.value[step] if step < len(parent.value) else None
    if isinstance(step, Match):
        return next((item for item in parent.value if _has(item.target, step)), None)
    from krm_functions_sdk.document import arguments

    texts = [str(item.target.value) if item.target.kind == SCALAR else "" for item in parent.value]
    found = (argument for argument in arguments.parse(texts) if Flag(argument.name) == step)
    return next((parent.value[argument.first] for argument in found), None)


def _has(item: Node, step: Match) -> bool:
    child = item.child(step[0])
    return child is not None and child.kind == SCALAR and child.value == step[1]
