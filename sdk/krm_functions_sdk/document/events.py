"""The tree of a document while it grows, event by event of the YAML parser, and what its faults mean."""

from __future__ import annotations

import re

from krm_functions_sdk.document.tree import ALIAS, LIST, MAP, MAX_DEPTH, SCALAR, Node, YamlFault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# What to do about what the parser says.
_ADVICE = {
    "mapping values are not allowed in this context": "put a value that holds ': ' in quotes",
    "did not find expected key": "indent it as the lines above, or put the value in quotes",
}
_NO_TOKEN = "found character that cannot start any token"
_CONFLICT = r"^(?:<{7}|\|{7}|={7}|>{7})(?: .*)?$"  # as git writes its marks
_TOO_DEEP = "maximum nesting depth"  # newer ones of libyaml have a bound of their own, above ours


class Reader:
    """The tree while it grows: one call of `take` for each event of the parser."""

    __slots__ = ("anchors", "keys", "root", "stack", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.stack: list[Node] = []
        self.keys: list[Node | None] = []  # for each open map or list: the key that waits for its value
        self.anchors: dict[str, Node] = {}
        self.root: Node | None = None

    def take(self, event: Any) -> bool:
        """Add what an event says; return whether another one follows."""
        name = event.__class__.__name__
        if name == "ScalarEvent":
            node = _node(SCALAR, event, event.style or "", event.value)
            node.tag = event.tag
        elif name in ("MappingEndEvent", "SequenceEndEvent"):
            self._close(event)
            return True
        elif name == "MappingStartEvent":
            node = _node(MAP, event, "flow" if event.flow_style else "", [])
        elif name == "SequenceStartEvent":
            node = _node(LIST, event, "flow" if event.flow_style else "", [])
        elif name == "AliasEvent":
            if event.anchor not in self.anchors:
                raise YamlFault(f"unknown anchor {event.anchor!r}", event.start_mark.line)
            node = _node(ALIAS, event, "", self.anchors[event.anchor])
        else:
            return bool(name != "StreamEndEvent")
        if node.anchor is not None and node.kind != ALIAS:
            self.anchors[node.anchor] = node
        self._place(node)
        if node.kind in (MAP, LIST):
            if len(self.stack) >= MAX_DEPTH:
                raise YamlFault(f"nested deeper than {MAX_DEPTH} levels", node.line)
            self.stack.append(node)
            self.keys.append(None)
        return True

    def _place(self, node: Node) -> None:
        if not self.stack:
            if self.root is not None:
                raise YamlFault("one document was expected, and a second one begins here", node.line)
            self.root = node
            return
        parent = self.stack[-1]
        if parent.kind == LIST:
            parent.value.append(node)
        elif self.keys[-1] is not None:
            parent.value.append((self.keys[-1], node))
            self.keys[-1] = None
        elif node.kind == SCALAR:
            self.keys[-1] = node
        else:
            is_template = self.text.startswith("{{", node.start - 1)
            advice = ": a template of Helm has to be rendered first" if is_template else ""
            raise YamlFault(f"a key of a map must be a plain string{advice}", node.line)

    def _close(self, event: Any) -> None:
        closed = self.stack.pop()
        self.keys.pop()
        if closed.style == "flow":
            closed.end = event.end_mark.index
        elif self.text[closed.start] in "&!" and closed.value:
            self._after_properties(closed)

    def _after_properties(self, node: Node) -> None:
        """Let a block map or list with an anchor or a tag begin where its first key or dash stands."""
        first = node.value[0][0] if node.kind == MAP else node.value[0]
        position = self.text.rfind("\n", 0, first.start) + 1
        if node.kind == LIST:
            position = self.text.find("\n", node.start) + 1
            while self.text[position:].lstrip(" ")[:1] in ("#", "\n", "\r"):
                position = self.text.find("\n", position) + 1
        if position > node.start:
            line = self.text[position : self.text.find("\n", position)]
            node.column = len(line) - len(line.lstrip(" "))
            node.start = position + node.column


def _node(kind: str, event: Any, style: str, value: Any) -> Node:
    mark = event.start_mark
    node = Node(kind, mark.index, event.end_mark.index, mark.line, mark.column, style, value)
    node.anchor = event.anchor
    return node


def fault_of(error: Any, text: str) -> YamlFault:
    """Return what a yaml.MarkedYAMLError about the text says, with the line to look at and what to do about it.

    What is still open at the end of the text is mended where it was opened.
    """
    if conflict := re.search(_CONFLICT, text, re.MULTILINE):
        line = text.count("\n", 0, conflict.start())
        return YamlFault("a merge conflict is left: keep what is right, and take out the marks", line)
    problem, mark = error.problem or str(error), error.problem_mark or error.context_mark
    where = error.context or ""
    if mark is None:
        return YamlFault(problem, 0)
    line = mark.line
    if _TOO_DEEP in problem:
        where, problem = "", f"nested deeper than {MAX_DEPTH} levels"
    elif _NO_TOKEN in problem:
        sign = text[mark.index : mark.index + 1]
        where, problem = "", f"no value begins with {sign!r}: put it in quotes"
        if sign == "\t":
            problem = "a tab stands where YAML takes spaces only"
    elif not text[mark.index :].strip():
        problem = problem if "end of stream" in problem else f"{problem} before the end"
        line = (error.context_mark or mark).line
    elif problem in _ADVICE:
        problem = f"{problem}: {_ADVICE[problem]}"
    return YamlFault(f"{where}, {problem}" if where else problem, min(line, text.rstrip().count("\n")))
