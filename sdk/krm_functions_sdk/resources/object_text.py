"""The text of one Kubernetes object, its tree and its values, each made once when it is asked for."""

from __future__ import annotations

from krm_functions_sdk.document import tree
from krm_functions_sdk.document.tree import MAP, SCALAR, Blame, Node, YamlFault
from krm_functions_sdk.document.wanted import MISSING
from krm_functions_sdk.resources import identity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_functions_sdk.document.emitter import Layout

    Excerpt = tuple[str, int, int, int]  # a text, start and end in it, and how many characters of it are not its own


class ObjectText:
    """One YAML document whose root is a map; the text is the truth, and reading never changes it.

    `first_line` (from 1) says where it stands in its file, 0 where that is not known. Raises YamlFault where the
    text cannot be read.
    """

    # A list may hold thousands of them: each is small, and its text stays part of that of the list.
    __slots__ = (
        "__weakref__", "_column", "_data", "_excerpt", "_head", "_root", "_scanned", "_text", "first_line",
        "is_changed",
    )  # fmt: skip
    _last: ObjectText | None = None  # of those that were edited, the one that still has its tree

    def __init__(self, text: str, first_line: int = 0) -> None:
        self._text: str | None = text
        self._excerpt: Excerpt | None = None
        self._root: Node | None = None
        self._data: Any = MISSING
        self._column: int | None = None  # of its root, once an edit found that out
        self._head: Any = MISSING
        self._scanned: Any = MISSING
        self.first_line = first_line
        self.is_changed = False

    @property
    def text(self) -> str:
        """The YAML document."""
        if self._text is not None or self._excerpt is None:
            return self._text or ""
        text, start, end, hidden = self._excerpt
        return " " * hidden + text[start + hidden : end]

    @property
    def excerpt(self) -> Excerpt | None:
        """Where it stands in the text of its list, while nothing is changed."""
        return self._excerpt

    @property
    def root(self) -> Node:
        """The tree of the document."""
        if self._root is None:
            from krm_functions_sdk.document import parser

            with Blame(self):
                root = parser.parse(self.text)
                if root.kind != MAP:
                    raise YamlFault("a Kubernetes object must be a map", root.line)
                self._root = root
        return self._root

    @property
    def column(self) -> int:
        """The column at which the keys of the object stand."""
        return self.root.column if self._column is None else self._column

    @property
    def data(self) -> dict[str, Any]:
        """The whole object as Python values, as Kubernetes reads it. Not to be changed."""
        if self._data is MISSING:
            with Blame(self):
                self._data = tree.value(self.root)
        return self._data  # type: ignore[no-any-return]  # the value of a map node is a dict

    def indented(self, column: int) -> str:
        """Return the document with its root map at `column`."""
        from krm_functions_sdk.document.lines import indented

        return indented(self.text, self.column, column)

    def layout(self) -> Layout:
        """Return how the document is laid out."""
        from krm_functions_sdk.document.lines import layout_of

        return layout_of(self.root)

    def ended(self) -> str:
        """Return the document with a line break at its end, so that another one can follow."""
        text = self.text
        if text.endswith("\n"):
            return text
        from krm_functions_sdk.document.lines import ended

        try:
            return ended(text, self.root)
        except YamlFault:
            return text + "\n"

    def _string(self, *keys: str) -> str:
        """Return the text of a scalar, "" where there is none; without parsing where its identity tells."""
        known = self._scanned
        if type(known) is dict and (text := identity.look_up(known, keys)) is not None:
            return text  # each function asks each resource, most of them again and again
        if len(keys) == 1 or self._root is None or self._scanned is not MISSING:  # once looked at, it is known
            found = self._top(keys[0]) if len(keys) == 1 else self._scan(keys)
            if found is not None:
                return found
        if self._data is not MISSING and self.root.lines:  # its values are made, and its nodes are not
            value = self._data
            for key in keys:
                value = value.get(key) if isinstance(value, dict) else None
            if value is None or isinstance(value, str | dict | list):
                return value if isinstance(value, str) else ""
        current: Node | None = self.root
        for key in keys:
            current = current.child(key) if current is not None else None
        return str(current.value) if current is not None and current.kind == SCALAR and not current.is_null else ""

    def _top(self, key: str) -> str | None:
        if self._head is MISSING:
            self._head = identity.head(self.text)
        return None if self._head is None else str(self._head[key == "kind"])

    def _scan(self, keys: tuple[str, ...]) -> str | None:
        if self._scanned is MISSING:
            self._scanned = None if self._head is None else identity.scan(self.text)
        return None if self._scanned is None else identity.look_up(self._scanned, keys)

    def _replace(self, text: str, root: Node | None, data: Any) -> None:
        """Take over an edited text; only what was edited last keeps its tree, for another edit of it."""
        if text == self.text:
            return
        last = ObjectText._last
        if last is not None and last is not self:
            last._root, last._data = None, MISSING  # noqa: SLF001  # one class
        ObjectText._last = self
        self._column = self.root.column if root is None else root.column
        self._text, self._root, self._data = text, root, data
        self._head = self._scanned = MISSING
        self._excerpt, self.is_changed = None, True
