"""The text of a ResourceList: taken apart into the texts of its items without parsing them, and put together again.

That is possible where it is laid out as kpt, kustomize and kubectl lay it out, by lines and columns; everything else
(JSON, braces) is parsed as a whole, and comes out unchanged as long as nothing in it changes.
"""

from __future__ import annotations

import re

from krm_functions_sdk.document import tree
from krm_functions_sdk.document.pattern import pattern
from krm_functions_sdk.document.tree import LIST, MAP, Node, YamlFault, line_after
from krm_functions_sdk.resources.resource import Resource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_TOP_KEY = pattern(r"([A-Za-z][A-Za-z0-9]*):(?=[ \t\r\n]|\Z)")
_KIND = pattern(r"^kind:[ \t]*[\"']?(ResourceList|List)[\"']?[ \t]*(?:#.*)?\r?$", re.MULTILINE)
_JSON_KIND = pattern(r"[\"']?kind[\"']?\s*:\s*[\"']?(?:ResourceList|List)\b")
_HEAD_OF_ITEMS = pattern(r"items:[ \t]*(?:#[^\n]*)?\r?\n(?:[ \t]*(?:#[^\n]*)?\r?\n)*( *)(?=-[ \r\n])")
_NO_ITEMS = pattern(r"items:[ \t]*(?:\[[ \t]*\]|null|~)?[ \t]*(?:#[^\n]*)?(?:\s|#[^\n]*\n)*\Z")
_NOTHING = pattern(r"[ \t]*(?:\{[ \t]*\}|null|~)?[ \t]*(?:#[^\n]*)?\s*\Z")
_LIST = "List"  # without it there is none, and a word is found much faster than a pattern
_BOM = "\ufeff"
_KINDS = ("ResourceList", "List")
_LONG = 2**16  # characters: what is written in pieces is never in memory twice
_ITEMS, _CONFIG, _RESULTS = "items", "functionConfig", "results"


class InputFault(Exception):
    """The input is no ResourceList and no stream of documents; the message says why."""


class ListText:
    """The sections of a list in their order, by key (`""` for what stands before the first one), its items and config.

    Of the items its section has only what stands above the first one. `whole` says that it is not laid out by lines:
    it is written as it came, or anew.
    """

    def __init__(self, sections: list[tuple[str, str]], kind: str, text: str = "", *, whole: bool = False) -> None:
        self.sections = sections
        self.takes_results = kind == "ResourceList"
        self.text = text
        self.whole = whole
        self.items: list[Resource] = []
        self.function_config: Resource | None = None
        self.column = 0  # of the dashes

    @classmethod
    def empty(cls, api_version: str) -> ListText:
        """Return the text of a ResourceList without items."""
        lines = [
            ("apiVersion", f"apiVersion: {api_version}\n"),
            ("kind", "kind: ResourceList\n"),
            (_ITEMS, "items: []\n"),
        ]
        return cls(lines, "ResourceList")

    def results(self) -> Any:
        """Return what stands under `results`, None where nothing does. Raises YamlFault."""
        from krm_functions_sdk.document import parser

        written = self.text if self.whole else dict(self.sections).get(_RESULTS, "")
        return tree.value(parser.parse(written)).get(_RESULTS) if written.strip() else None

    def write(self, items: list[Resource], function_config: Resource | None, results: str) -> Iterator[str]:
        """Yield the pieces of the text with these items, this functionConfig and these results."""
        if self.whole and not results and self._is_unchanged(items, function_config):
            yield self.text
            return
        waiting = ""
        for piece in self._pieces(items, function_config, results):
            if waiting and piece:
                yield waiting
                if not waiting.endswith(("\n", _BOM)):
                    yield "\n"
            waiting = piece or waiting
        yield waiting

    def _pieces(self, items: list[Resource], function_config: Resource | None, results: str) -> Iterator[str]:
        done: set[str] = set()
        for key, text in self.sections:
            done.add(key)
            if key == _ITEMS:
                yield from self._items(items, text)
            elif key == _CONFIG and (function_config is not None or self.function_config is not None):
                yield from self._function_config(function_config, text)
            elif key != _RESULTS:
                yield text
        if _ITEMS not in done and items:
            yield from self._items(items, "items: []\n")
        if _CONFIG not in done:
            yield from self._function_config(function_config, "")
        yield results

    def _is_unchanged(self, items: list[Resource], function_config: Resource | None) -> bool:
        same_items = len(items) == len(self.items) and all(a is b for a, b in zip(items, self.items, strict=True))
        return (
            same_items
            and function_config is self.function_config
            and all(item.excerpt for item in items)
            and (function_config is None or function_config.excerpt is not None)
        )

    def _items(self, items: list[Resource], section: str) -> Iterator[str]:
        if not items:
            yield "items: []\n" if self.items and not self.whole else section
            return
        yield section if self.items and not self.whole else "items:\n"
        start = end = 0  # of a run of items that stand in the text as they came
        for item in items:
            place = self._place(item, is_last=item is items[-1])
            if place and start < end == place[0] and end - start < _LONG:
                end = place[1]
                continue
            yield self.text[start:end]
            start, end = place or (0, 0)
            if not place:
                from krm_functions_sdk.document.lines import indented

                text = item.text if item is items[-1] else item.ended()
                yield _dashed(indented(text, item.column, self.column + 2), self.column)
        yield self.text[start:end]

    def _place(self, item: Resource, *, is_last: bool) -> tuple[int, int] | None:
        """Return where an item stands in the text, if it can be written as it is there."""
        if self.whole or item.excerpt is None or item.excerpt[0] is not self.text:
            return None
        _, start, end, _ = item.excerpt
        return (start, end) if is_last or self.text[end - 1] == "\n" else None

    def _function_config(self, function_config: Resource | None, section: str) -> Iterator[str]:
        if function_config is None:
            return
        if function_config is self.function_config and function_config.excerpt is not None and not self.whole:
            yield section
            return
        yield "functionConfig:\n"
        yield re.sub(r"\A(?:[ \t]*\r?\n)+", "", function_config.indented(2))


def read(text: str, source: str) -> ListText | None:
    """Return the list in `text`, or None where it is a stream of other documents.

    Raises InputFault, which calls the text by its `source`.
    """
    bare = text.removeprefix(_BOM)
    if not bare.strip():
        raise InputFault(f"{source} is empty; expected a ResourceList or a stream of Kubernetes objects")
    if _LIST not in bare:
        return None
    kind = _KIND.search(bare)
    if kind is None and not _JSON_KIND.search(bare):
        return None
    if "\n---" in bare:
        from krm_functions_sdk.document import stream

        first, *others = [document for document in stream.split(bare) if not document.is_empty]
        if others:
            found = _KIND.search(first.text)
            if found and found[1] == "ResourceList":
                raise InputFault("a ResourceList must be the only document of its stream")
            return None
    if kind is None:
        return _parsed(text, bare, source)
    return _by_lines(text, kind[1]) or _parsed(text, bare, source)


def _by_lines(text: str, kind: str) -> ListText | None:
    """Return the list with the sections, items and functionConfig found in its lines; None where these do not tell."""
    spans = _spans(text)
    if spans is None:
        return None
    result = ListText([], kind, text)
    for key, start, end in spans:
        section_end = end
        if key == _ITEMS:
            head = _HEAD_OF_ITEMS.match(text, start, end)
            if head:
                result.column = len(head[1])
                section_end = head.start(1)
                stray = re.compile(rf"\n {{0,{result.column}}}(?![ \t\r\n#]|-[ \r\n]|\Z)")
                if stray.search(text, section_end, end):
                    return None
                result.items = _items(text, section_end, end, result.column)
            elif not _NO_ITEMS.match(text, start, end):
                return None
        elif key == _CONFIG and not _NOTHING.match(text, start + len(_CONFIG) + 1, end):
            result.function_config = Resource.of_list(text, start, end, len(_CONFIG) + 1)
        elif key not in ("", _CONFIG, _RESULTS) and text.find("\n-", start, end) >= 0:
            return None
        result.sections.append((key, text[start:section_end]))
    return result


def _spans(text: str) -> list[tuple[str, int, int]] | None:
    """Return start and end of the lines below each key at column 0; None where a line is no key, item or comment."""
    starts: list[tuple[str, int]] = [("", 0)]
    first = int(text.startswith(_BOM))
    lines = [match.end() for match in re.finditer(r"\n(?=[^\s#-])", text)]
    for line in [first, *lines] if re.compile(r"[^\s#-]").match(text, first) else lines:
        key = _TOP_KEY.match(text, line)
        if not key or key[1] in [name for name, _ in starts]:
            return None
        starts.append((key[1], line))
    ends = [start for _, start in starts[1:]] + [len(text)]
    return [(key, start, end) for (key, start), end in zip(starts, ends, strict=True)] if len(starts) > 1 else None


def _items(text: str, start: int, end: int, column: int) -> list[Resource]:
    dash = "\n" + " " * column + "-"
    items: list[Resource] = []
    while start < end:
        next_start = start
        while True:
            next_start = text.find(dash, next_start + 1, end)
            if next_start < 0 or text[next_start + len(dash) : next_start + len(dash) + 1] in (" ", "\r", "\n"):
                break
        next_start = end if next_start < 0 else next_start + 1
        items.append(Resource.of_list(text, start, next_start, column + 1))
        start = next_start
    return items


def _parsed(text: str, bare: str, source: str) -> ListText | None:
    """Read a list that is not laid out by lines; None where it is another document."""
    from krm_functions_sdk.document import parser

    try:
        root = parser.parse(bare)
        if root.kind != MAP:
            raise InputFault(f"{source} holds no Kubernetes object")
        kind = root.child("kind")
        if kind is None or kind.value not in _KINDS:
            return None
        result = ListText([], kind.value, text, whole=True)
        api_version = root.child("apiVersion")
        if api_version is not None:
            result.sections.append(("apiVersion", f"apiVersion: {api_version.value}\n"))
        result.sections.append(("kind", f"kind: {kind.value}\n"))
        tree.value(root)
    except YamlFault as fault:
        raise InputFault(f"{source} is not YAML: line {fault.line + 1}: {fault.message}") from None
    items, config = root.child(_ITEMS), root.child(_CONFIG)
    if items is not None and not items.is_null:
        if items.kind != LIST or not all(item.kind == MAP for item in items.value):
            raise InputFault("items: expected a list of Kubernetes objects")
        result.items = [_cut(item, bare) for item in items.value]
    if config is not None and not config.is_null and config.value:
        if config.kind != MAP:
            raise InputFault("functionConfig: expected a Kubernetes object")
        result.function_config = _cut(config, bare)
    return result


def _cut(part: Node, text: str) -> Resource:
    """Return the object that is `part` of a parsed list."""
    end = part.end if part.style == "flow" else line_after(part, text)
    column = 0 if part.style == "flow" else part.column
    document = " " * column + text[part.start : end] + ("\n" if part.style == "flow" else "")
    return Resource.of_list(document, 0, len(document), 0)


def _dashed(text: str, column: int) -> str:
    """Turn the document `text`, whose map stands two columns behind the dash, into a list item."""
    text = text.lstrip("\r\n")
    dash = " " * column + "-"
    room, rest = text[: len(dash)], text[len(dash) :]
    return dash + rest if room.isspace() and rest[:1] in (" ", "\r", "\n") else f"{dash}\n{text}"
