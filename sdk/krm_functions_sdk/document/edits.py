"""Edits of a document's text: what is not named stays, byte for byte.

Every position comes from the tree of the text as it is; the replacements are collected and made at once.
"""

from __future__ import annotations

import re

from krm_functions_sdk.document import emitter, flow_edits, scalar
from krm_functions_sdk.document.lines import BLOCK_SCALARS, COMMENT, comment_of, layout_of, unended
from krm_functions_sdk.document.plan import ListTarget, MapTarget, resolve
from krm_functions_sdk.document.spans import Spans
from krm_functions_sdk.document.tree import ALIAS, SCALAR, Node, YamlFault, line_after
from krm_functions_sdk.document.tree import value as value_of
from krm_functions_sdk.document.wanted import Commented, same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_functions_sdk.document.emitter import Layout

_REST_OF_LINE = rf"{COMMENT}|[ \t]+(?=[\r\n]|\Z)"
_COLON = r"[ \t]*:(?=\s|\Z)"


class Edits(Spans):
    """Replacements in one text, collected against one tree of it."""

    def __init__(self, text: str, root: Node) -> None:
        super().__init__(text)
        self.root = root
        self._layout: Layout | None = None

    @property
    def layout(self) -> Layout:
        """How the document is laid out; found where something new is written into it, since it takes the whole tree."""
        if self._layout is None:
            self._layout = layout_of(self.root)
        return self._layout

    def run(self, target: Any) -> str:
        """Return the text in which the root has become `target`."""
        if isinstance(target, Node | MapTarget):
            self._node(self.root, target, 0, 0)
        else:
            is_flow = not target or (self.root.style == "flow" and self.root.value)
            new = emitter.flow(target) if is_flow else self._entries(target)
            self.replace(self.root.start, self._end(self.root, self.root.column), new)
        return self.apply()

    # One value: `after` is the position behind its colon or dash, `column` that of its key or dash.

    def _node(self, node: Node, target: Any, after: int, column: int) -> None:
        if target is node:
            return
        if isinstance(target, MapTarget | ListTarget) and target.node is node:
            if node.style == "flow":
                flow_edits.edit(self, target)
                if target.comment is not None:
                    self.comment_of_key(node, after, target.comment)
            elif isinstance(target, MapTarget):
                self._map(node, target, after, column)
            else:
                self._list(node, target, after, column)
        else:
            self._value(node, target, after, column)

    def _value(self, node: Node, want: Any, after: int, column: int) -> None:
        value: Any = want.value if isinstance(want, Commented) else want
        if node.kind in (SCALAR, ALIAS) and not isinstance(value, dict | list | tuple) and same(value_of(node), value):
            self.comment(node, want)
            return
        is_dash = self.text[after - 1 : after] == "-"
        is_below = (node.is_block and node.value) or node.style in BLOCK_SCALARS
        comment = want.comment if isinstance(want, Commented) else comment_of(node, self.text, after)
        if isinstance(value, dict | list | tuple) and value:
            new = (emitter.after_dash if is_dash else emitter.after_key)(value, column, self.layout)
            if comment and is_dash:
                new = f" # {comment}\n{' ' * (column + 2)}{new[1:]}"
            elif comment:
                new = f" # {comment}{new}"
            self.replace(after, self._end(node, column) if is_below else self._end_of_comment(node), new)
            return
        bare: Any = value  # an empty map or list, or a scalar
        with_comment = Commented(bare, "")
        with_comment.comment = comment  # as it is, also where it holds many spaces
        style = scalar.style_after(node.style, node.value, value)
        new = emitter.inline(with_comment, column, style)
        if is_below or "\n" in new:
            end = self._end(node, column) if is_below else self._end_of_comment(node)
            below = min(self._line_end(end) + 1, len(self.text))
            foot = self._with_foot(below, column)
            self.replace(after, self._before_break(foot) if foot > below else end, " " + new)
            return
        end = self._end_of_comment(node) if isinstance(want, Commented) else node.end
        new = new if isinstance(want, Commented) else emitter.inline(value, column, style)
        self.replace(node.start, end, " " + new if node.start == after else new)

    def comment(self, node: Node, want: Any) -> None:
        """Collect the replacement of the comment of a scalar that stays as it is."""
        if not isinstance(want, Commented) or comment_of(node, self.text) == want.comment:
            return
        start = self._line_end(node.start) if node.style in BLOCK_SCALARS else node.end
        if node.style in BLOCK_SCALARS:
            start = node.start + len(re.sub(COMMENT + r"\Z", "", self.text[node.start : start].rstrip("\r")))
        have = re.compile(COMMENT).match(self.text, start)
        self.replace(start, have.end() if have else start, f" # {want.comment}" if want.comment else "")

    def comment_of_key(self, node: Node, after: int, comment: str) -> None:
        """Collect the replacement of the comment on the line of the key or dash of a map or list that stays."""
        if comment_of(node, self.text, after if node.is_block else None) == comment:
            return
        if not node.is_block or not node.value:
            self.comment(node, Commented(None, comment))
        elif node.start <= (end := self._line_end(after)):
            self.replace(after, node.start, f" # {comment}\n{' ' * node.column}" if comment else " ")
        else:
            line = self.text[after:end].rstrip("\r")
            have = re.search(r"[ \t]+#.*\Z|[ \t]*\Z", line)
            start = after + (have.start() if have else len(line))
            self.replace(start, after + len(line), f" # {comment}" if comment else "")

    # Maps

    def _map(self, node: Node, target: MapTarget, after: int, column: int) -> None:
        pairs: list[tuple[Node, Node]] = node.value
        kept = [pair for pair in pairs if pair[0].value in target.entries]
        have = {key.value for key, _ in pairs}
        fresh = {key: part for key, part in target.entries.items() if key not in have}
        if not kept:
            self._value(node, fresh if target.comment is None else Commented(fresh, target.comment), after, column)
            return
        if target.comment is not None:
            self.comment_of_key(node, after, target.comment)
        for key, part in kept:
            if target.entries[key.value] is not part:
                self._node(part, target.entries[key.value], self.colon(key), node.column)
        starts = [key.start for key, _ in pairs]
        ends = [part for _, part in pairs]
        self._remove(starts, ends, [pair not in kept for pair in pairs], node.column)
        if fresh:
            self._insert_after(kept[-1][1], node.column, emitter.entries(fresh, node.column, self.layout))

    def colon(self, key: Node) -> int:
        """Return the position behind the colon of a key. Raises YamlFault where it has none."""
        match = re.compile(_COLON).match(self.text, key.end)
        if not match:
            raise YamlFault(
                "a key with a question mark, or without a colon, cannot be edited; write `key: value`", key.line
            )
        return match.end()

    # Lists

    def _list(self, node: Node, target: ListTarget, after: int, column: int) -> None:
        items: list[Node] = node.value
        kept = {id(item) for item, _ in target.items if item is not None}
        if not kept:
            fresh = resolve_new(target)
            self._value(node, fresh if target.comment is None else Commented(fresh, target.comment), after, column)
            return
        if target.comment is not None:
            self.comment_of_key(node, after, target.comment)
        dashes = self.dashes(node)
        place = {id(item): dash for item, dash in zip(items, dashes, strict=True)}
        last: Node | None = None
        leading: list[str] = []
        for item, part in target.items:
            if item is not None:
                self._node(item, part, place[id(item)] + 1, node.column)
                last = item
            elif last is not None:
                self._insert_after(last, node.column, emitter.item(part, node.column, self.layout))
            else:
                leading.append(emitter.item(part, node.column, self.layout))
        gone = [id(item) not in kept for item in items]
        if leading and gone[0]:
            # What comes first takes the place of the first item that goes.
            run = next(index for index, is_gone in enumerate(gone) if not is_gone)
            self.replace(dashes[0], self._after(items[run - 1], node.column), "".join(leading)[node.column :])
            gone[:run] = [False] * run
        elif leading:
            self.replace(dashes[0], dashes[0], "".join(leading)[node.column :] + " " * node.column)
        self._remove(dashes, items, gone, node.column)

    def dashes(self, node: Node) -> list[int]:
        """Return the positions of the dashes of a block list."""
        dashes = [node.start]
        for item in node.value[:-1]:
            position = line_after(item, self.text)
            while self.text[position : self._line_end(position)].strip(" \t\r")[:1] in ("", "#") and position < len(
                self.text
            ):
                position = self._line_end(position) + 1
            dashes.append(position + node.column)
        if any(self.text[dash : dash + 1] != "-" for dash in dashes):
            raise YamlFault("a list is laid out in a way that cannot be edited", node.line)
        return dashes

    # Lines

    def _remove(self, starts: list[int], ends: list[Node], gone: list[bool], column: int) -> None:
        """Remove the entries or items that are `gone`, each with the comments right above it; not all are."""
        index = 0
        while index < len(gone):
            if not gone[index]:
                index += 1
                continue
            last = index
            start = self.line_start(starts[index])
            end = self._after(ends[index], column)
            if self.text[start : starts[index]].strip(" "):
                # It stands behind a dash, and what is kept moves up to there.
                while gone[last : last + 2] == [True, True]:
                    last += 1
                if last + 1 == len(gone):
                    raise YamlFault("two fields on one line cannot be edited", ends[last].line)
                start, end = starts[index], self._after(ends[last], column)
                while self.text[end : end + 1] in (" ", "\t", "\r", "\n"):
                    end += 1
            else:
                start = self.with_comments_above(start, column)
            self.replace(start, end, "")
            index = last + 1

    def _insert_after(self, last: Node, column: int, new: str) -> None:
        position = self._after(last, column)
        if position and self.text[position - 1] != "\n":
            for at, indicator in unended(last, self.text):
                self.replace(at, at + 1, indicator)
            new = "\n" + new[:-1]
        self.replace(position, position, new)

    def _entries(self, value: dict[str, Any]) -> str:
        return emitter.entries(value, self.root.column, self.layout)[self.root.column : -1]

    def _after(self, node: Node, column: int) -> int:
        """Return the start of the line behind `node` and the comments below it that stand right of `column`."""
        return self._with_foot(line_after(node, self.text), column)

    def _with_foot(self, position: int, column: int) -> int:
        foot = re.compile(rf"(?:[ \t]*\r?\n)* {{{column + 1},}}#[^\n]*(?:\n|\Z)")
        while match := foot.match(self.text, position):
            position = match.end()
        return position

    def _end(self, node: Node, column: int) -> int:
        """Return the end of the last line of `node`, before the line break."""
        return node.end if node.style == "flow" else self._before_break(self._after(node, column))

    def _before_break(self, position: int) -> int:
        if self.text[position - 1 : position] != "\n":
            return position
        return position - (2 if self.text[position - 2 : position] == "\r\n" else 1)

    def _end_of_comment(self, node: Node) -> int:
        have = re.compile(_REST_OF_LINE).match(self.text, node.end)
        return have.end() if have else node.end

    def line_start(self, position: int) -> int:
        """Return the start of the line of a position."""
        return self.text.rfind("\n", 0, position) + 1

    def _line_end(self, position: int) -> int:
        end = self.text.find("\n", position)
        return len(self.text) if end < 0 else end

    def with_comments_above(self, start: int, column: int) -> int:
        """Return the start of the comment lines right above the line that starts at `start`, those at `column`."""
        while start:
            above = self.line_start(start - 1)
            line = self.text[above:start]
            if len(line) - len(line.lstrip(" ")) != column or line.lstrip(" ")[:1] != "#":
                break
            start = above
        return start


def resolve_new(target: ListTarget) -> list[Any]:
    """Return the items of a list of which none was there before, with their comments."""
    return [part if item is None else resolve(part) for item, part in target.items]
