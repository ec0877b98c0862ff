"""The text of a ResourceList: taken apart into the texts of its items without parsing them, and put together again.

That is possible where it is laid out as kpt, kustomize and kubectl lay it out, by lines and columns; everything else
(JSON, braces) is parsed as a whole, and comes out unchanged as long as nothing in it changes.
"""

from __future__ import annotations

import re

from krm_functions_sdk import documents, node
from krm_functions_sdk.node import LIST, MAP, Node, YamlFault, line_after
from krm_functions_sdk.resource import Resource

_TOP_KEY = re.compile(r"([A-Za-z][A-Za-z0-9]*):(?=[ \t\r\n]|\Z)")
_KIND = re.compile(r"^kind:[ \t]*[\"']?(ResourceList|List)[\"']?[ \t]*(?:#.*)?\r?$", re.MULTILINE)
_JSON_KIND = re.compile(r"[\"']?kind[\"']?\s*:\s*[\"']?(?:ResourceList|List)\b")
_HEAD_OF_ITEMS = re.compile(r"items:[ \t]*(?:#[^\n]*)?\r?\n(?:[ \t]*(?:#[^\n]*)?\r?\n)*( *)(?=-[ \r\n])")
_NO_ITEMS = re.compile(r"items:[ \t]*(?:\[[ \t]*\]|null|~)?[ \t]*(?:#[^\n]*)?(?:\s|#[^\n]*\n)*\Z")
_NOTHING = re.compile(r"[ \t]*(?:\{[ \t]*\}|null|~)?[ \t]*(?:#[^\n]*)?\s*\Z")
_BOM = "\ufeff"
_KINDS = ("ResourceList", "List")
_ITEMS, _CONFIG, _RESULTS = "items", "functionConfig", "results"


class InputFault(Exception):
    """The input is no ResourceList and no stream of documents; the message says why."""


class ListText:
    """The sections of a list in their order, by key (`""` for what stands before the first one), its items and config.

    `whole` is the text of a list that is not laid out by lines.
    """

    def __init__(self, sections: list[tuple[str, str]], kind: str, whole: str = "") -> None:
        self.sections = sections
        self.takes_results = kind == "ResourceList"
        self.whole = whole
        self.items: list[Resource] = []
        self.function_config: Resource | None = None
        self.column = 0  # of the dashes
        self._config = ""  # the text of the functionConfig as it came

    @classmethod
    def empty(cls, api_version: str) -> ListText:
        """Return the text of a ResourceList without items."""
        lines = [
            ("apiVersion", f"apiVersion: {api_version}\n"),
            ("kind", "kind: ResourceList\n"),
            (_ITEMS, "items: []\n"),
        ]
        return cls(lines, "ResourceList")

    def write(self, items: list[Resource], function_config: Resource | None, results: str) -> str:
        """Return the text with these items, this functionConfig and these results."""
        if self.whole and not results and self._is_unchanged(items, function_config):
            return self.whole
        parts: list[str] = []
        done: set[str] = set()
        for key, text in self.sections:
            done.add(key)
            if key == _ITEMS:
                parts += self._item_lines(items, text)
            elif key == _CONFIG and (function_config is not None or self.function_config is not None):
                parts += self._config_lines(function_config)
            elif key != _RESULTS:
                parts.append(text)
        if _ITEMS not in done and items:
            parts += self._item_lines(items, "items: []\n")
        if _CONFIG not in done:
            parts += self._config_lines(function_config)
        parts.append(results)
        parts = [part for part in parts if part]
        return "".join([part if part.endswith(("\n", _BOM)) else part + "\n" for part in parts[:-1]] + parts[-1:])

    def _is_unchanged(self, items: list[Resource], function_config: Resource | None) -> bool:
        same_items = len(items) == len(self.items) and all(a is b for a, b in zip(items, self.items, strict=True))
        return (
            same_items
            and function_config is self.function_config
            and all(item.envelope is not None for item in items)
            and (function_config is None or function_config.envelope is not None)
        )

    def _item_lines(self, items: list[Resource], section: str) -> list[str]:
        head = _HEAD_OF_ITEMS.match(section)
        if not items:
            return [section if not head else "items: []\n"]
        lines = [section[: head.start(1)] if head else "items:\n"]
        for item in items[:-1]:
            text = self._item(item)
            lines.append(text if text.endswith("\n") else _dashed(item.ended(), self.column))
        return [*lines, self._item(items[-1])]

    def _item(self, item: Resource) -> str:
        if item.envelope is not None and not self.whole:
            return item.envelope
        return _dashed(item.indented(self.column + 2), self.column)

    def _config_lines(self, function_config: Resource | None) -> list[str]:
        if function_config is None:
            return []
        if function_config is self.function_config and function_config.envelope is not None and self._config:
            return [self._config]
        return ["functionConfig:\n", re.sub(r"\A(?:[ \t]*\r?\n)+", "", function_config.indented(2))]


def read(text: str) -> ListText | None:
    """Return the list in `text`, or None where it is a stream of other documents. Raises InputFault."""
    bare = text.removeprefix(_BOM)
    if not bare.strip():
        raise InputFault("standard input is empty; expected a ResourceList or a stream of Kubernetes objects")
    kind = _KIND.search(bare)
    if kind is None and not _JSON_KIND.search(bare):
        return None
    if "\n---" in bare:
        first, *others = [document for document in documents.split(bare) if not document.is_empty]
        if others:
            found = _KIND.search(first.text)
            if found and found[1] == "ResourceList":
                raise InputFault("a ResourceList must be the only document of its stream")
            return None
    if kind is None:
        return _parsed(text, bare)
    sections = _sections(text)
    if sections is None:
        return _parsed(text, bare)
    result = ListText(sections, kind[1])
    return result if _take(result) else _parsed(text, bare)


def _sections(text: str) -> list[tuple[str, str]] | None:
    """Return the lines below each key at column 0; None where a line there is no key, item or comment."""
    starts: list[tuple[str, int]] = []
    for match in re.finditer(r"(?:\A\ufeff?|\n)(?=[^\s#-])", text):
        key = _TOP_KEY.match(text, match.end())
        if not key or key[1] in [name for name, _ in starts]:
            return None
        starts.append((key[1], match.end()))
    if not starts:
        return None
    ends = [start for _, start in starts[1:]] + [len(text)]
    preamble = [("", text[: starts[0][1]])] if starts[0][1] else []
    return preamble + [(key, text[start:end]) for (key, start), end in zip(starts, ends, strict=True)]


def _take(result: ListText) -> bool:
    """Find items and functionConfig in the sections; say whether all was laid out by lines."""
    for key, text in result.sections:
        if key == _ITEMS:
            head = _HEAD_OF_ITEMS.match(text)
            if head:
                result.column = len(head[1])
                body = text[head.start(1) :]
                if re.search(rf"\n {{0,{result.column}}}(?![ \t\r\n#]|-[ \r\n]|\Z)", body):
                    return False
                result.items = _items(body, result.column)
            elif not _NO_ITEMS.match(text):
                return False
        elif key == _CONFIG and not _NOTHING.match(text[len(_CONFIG) + 1 :]):
            result.function_config = Resource(" " * (len(_CONFIG) + 1) + text[len(_CONFIG) + 1 :])
            result.function_config.envelope = result._config = text  # noqa: SLF001  # one module
        elif key != _CONFIG and key not in ("", _RESULTS) and "\n-" in text:
            return False
    return True


def _items(body: str, column: int) -> list[Resource]:
    dash = " " * column + "-"
    items: list[Resource] = []
    start = 0
    while start < len(body):
        end = start
        while True:
            end = body.find("\n" + dash, end + 1)
            if end < 0 or body[end + len(dash) + 1 : end + len(dash) + 2] in (" ", "\r", "\n"):
                break
        end = len(body) if end < 0 else end + 1
        raw = body[start:end]
        resource = Resource(" " * len(dash) + raw[len(dash) :])
        resource.envelope = raw
        items.append(resource)
        start = end
    return items


def _parsed(text: str, bare: str) -> ListText | None:
    """Read a list that is not laid out by lines; None where it is another document."""
    try:
        root = node.parse(bare)
        if root.kind != MAP:
            raise InputFault("standard input holds no Kubernetes object")
        kind = root.child("kind")
        if kind is None or kind.value not in _KINDS:
            return None
        result = ListText([], kind.value, text)
        api_version = root.child("apiVersion")
        if api_version is not None:
            result.sections.append(("apiVersion", f"apiVersion: {api_version.value}\n"))
        result.sections.append(("kind", f"kind: {kind.value}\n"))
        node.value(root)
    except YamlFault as fault:
        raise InputFault(f"standard input is not YAML: line {fault.line + 1}: {fault.message}") from None
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
    resource = Resource(" " * column + text[part.start : end] + ("\n" if part.style == "flow" else ""))
    resource.envelope = resource.text
    return resource


def _dashed(text: str, column: int) -> str:
    """Turn the document `text`, whose map stands two columns behind the dash, into a list item."""
    text = text.lstrip("\r\n")
    dash = " " * column + "-"
    room, rest = text[: len(dash)], text[len(dash) :]
    return dash + rest if room.isspace() and rest[:1] in (" ", "\r", "\n") else f"{dash}\n{text}"
