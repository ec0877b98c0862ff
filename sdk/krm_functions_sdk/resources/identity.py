"""Say what a Kubernetes object is by a look at its text, where that is certain; to parse it takes ten times as long.

Certain are block maps whose fields of interest stand once, on one line each, plain or in simple quotes, with nothing
before them that runs over lines. Everything else is left to the parser.
"""

from __future__ import annotations

import re
import sys

from krm_functions_sdk.document.pattern import pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Values by path, such as ("metadata", "name"); None for what only the parser can tell, ("metadata",) for all in it.
Identity = dict[tuple[str, ...], str | None]
_METADATA = ("metadata",)
_KEYS = ("apiVersion", "kind", "metadata")
_paths: dict[tuple[str, ...], tuple[str, ...]] = {}  # each path once: thousands of resources have the same

# How nearly all objects begin.
_HEAD = pattern(
    r"( *)apiVersion: ([A-Za-z0-9/_][A-Za-z0-9._/-]*)\n\1kind: ([A-Za-z0-9/_][A-Za-z0-9._/-]*)\n\1metadata:(?=\n)"
)
_FIRST = pattern(r"(?:[ \t]*(?:#[^\n]*)?\r?\n)*( *)[A-Za-z]")
_VALUE = pattern(
    r"[ \t]+(?:'([^'\n]*)'|\"([^\"\\\n]*)\"|([A-Za-z0-9/_][A-Za-z0-9._/-]*(?::[A-Za-z0-9._/-]+)*))"
    r"[ \t]*(?:[ \t]#.*)?\r?\Z"
)
_KEY = pattern(r" *([A-Za-z0-9][A-Za-z0-9._/-]*):(.*)", re.DOTALL)
# A value that is still open at the end of its line: what looks like a field further down may be part of it.
_OPEN = pattern(
    r"(?:[:?-]|\A)[ \t]+(?:[&!]\S*[ \t]+)*(?:\"(?:[^\"\\\n]|\\.)*|'(?:[^'\n]|'')*|[{\[][^\n]*)\r?$", re.MULTILINE
)
_CLOSED = pattern(r"[ \t]+(?:\{[^{}\[\]'\"#]*\}|\[[^{}\[\]'\"#]*\])[ \t]*(?:[ \t]#.*)?\r?\Z")
_NEXT = pattern(r"(?:\n[ \t]*\r?)*\n( *)[^ \r\n]")
_NULLS = frozenset(("null", "Null", "NULL"))


def head(text: str) -> tuple[str, str] | None:
    """Return apiVersion and kind; None where the text has to be parsed. Equal ones are the same strings."""
    found = _head(text)
    return (sys.intern(found[0]), sys.intern(found[1])) if found else None


def scan(text: str) -> Identity | None:
    """Return apiVersion, kind, and of metadata name, namespace, annotations; None where the text has to be parsed."""
    top = _head(text)
    if top is None:
        return None
    api_version, kind, below, column = top
    found: Identity = {("apiVersion",): sys.intern(api_version), ("kind",): sys.intern(kind)}
    inside = dict(found)
    if below and _metadata("\n" + text, below, column, inside):
        return inside
    return {**found, _METADATA: None}


def of_value(value: dict[str, Any]) -> tuple[tuple[str, str], Identity] | None:
    """Return what `head` and `scan` find in the text of a value; None where not all of it is a text, or is commented.

    A text is written so that it is read as the same text, so nobody has to look for it.
    """
    api_version, kind, metadata = value.get("apiVersion"), value.get("kind"), value.get("metadata")
    if type(api_version) is not str or type(kind) is not str or type(metadata) is not dict:
        return None
    top = sys.intern(api_version), sys.intern(kind)
    found: Identity = {("apiVersion",): top[0], ("kind",): top[1]}
    annotations = metadata.get("annotations", {})
    if type(annotations) is not dict:
        return None
    found |= {("metadata", name): metadata[name] for name in ("name", "namespace") if name in metadata}
    found |= {("metadata", "annotations", name): text for name, text in annotations.items()}
    return (top, found) if all(type(text) is str for text in found.values()) else None


def _head(text: str) -> tuple[str, str, int, int] | None:
    """Return apiVersion, kind, the end of the line of `metadata:` (0 where a value stands on it), and their column."""
    plain = _HEAD.match(text)
    if plain and not _NULLS.intersection(plain.group(2, 3)):
        column = plain[1]
        if any(text.find(f"\n{column}{key}:", plain.end()) >= 0 for key in _KEYS):
            return None
        return plain[2], plain[3], plain.end() + 1, len(column)
    first = _FIRST.match(text)
    if not first:
        return None
    text = "\n" + text
    found: list[str] = []
    last = below = 0
    for key in _KEYS:
        prefix = f"\n{first[1]}{key}:"
        start = text.find(prefix)
        if start < 0 or text.find(prefix, start + 1) >= 0:
            return None
        line = _line(text, start + len(prefix))
        last = max(last, start)
        if key == "metadata":
            if not line.strip() or line.lstrip().startswith("#"):
                below = start + len(prefix) + len(line)
        elif value := _value(line):
            below_it = _NEXT.match(text, start + len(prefix) + len(line))
            if below_it and len(below_it[1]) > len(first[1]):
                return None  # a plain value goes on there
            found.append(value)
        else:
            return None
    return None if _OPEN.search(text, 0, last) else (found[0], found[1], below, len(first[1]))


def look_up(found: Identity, path: tuple[str, ...]) -> str | None:
    """Return the value at a path in metadata, "" where there is none, or None where only the parser can tell."""
    return found.get(path, found.get(_METADATA, ""))


def _metadata(text: str, position: int, column: int, found: Identity) -> bool:
    """Read the lines below `metadata:`; say whether all of them could be."""
    columns = [column]  # of the keys of metadata, and of those of its annotations
    inside = ""
    last: tuple[str, ...] = ()  # what was read last: a line that stands deeper goes on with its value
    while position < len(text):
        line = _line(text, position + 1)
        position += 1 + len(line)
        content = line.lstrip(" ")
        indent = len(line) - len(content)
        if not content.strip() or content[0] == "#":  # a comment ends no map, wherever it begins
            continue
        if content[0] == "\t":  # no line of YAML begins so, or it goes on with the line above
            return False
        if indent <= column:
            break
        if len(columns) == 1:
            columns.append(indent)
        if indent == columns[1]:
            key = _read(line, ("metadata",), found)
            inside, last = key, ("metadata", key)
            del columns[2:]
        elif inside == "annotations" and indent > columns[1]:
            if len(columns) == 2:
                columns.append(indent)
            is_entry = indent == columns[2]
            if not is_entry and found.get(last) is not None:
                return False
            key = _read(line, ("metadata", "annotations"), found) if is_entry else "-"
            last = ("metadata", "annotations", key) if is_entry else last
        else:
            is_inside = indent > columns[1] and found.get(last) is None
            key = "-" if is_inside and not _OPEN.search(line) else ""
        if not key:
            return False
    return True


def _read(line: str, path: tuple[str, ...], found: Identity) -> str:
    """Read `key: value` into `found` and return the key, or "" where the line says something else or more follows."""
    match = _KEY.match(line)
    if not match:
        return ""
    key, rest = match.groups()
    value = _value(rest)
    if value is None and _OPEN.search(line) and not _CLOSED.match(rest):
        return ""
    if key == "annotations" and len(path) == 1 and rest.strip() and not rest.lstrip().startswith("#"):
        return ""
    inner = (*path, sys.intern(key))
    inner = _paths.setdefault(inner, inner)
    found[inner] = value if inner not in found else None
    return str(key)


def _value(rest: str) -> str | None:
    match = _VALUE.match(rest)
    if not match:
        return None
    single, double, plain = match.groups()
    return None if plain in _NULLS else single if single is not None else double if double is not None else plain


def _line(text: str, start: int) -> str:
    end = text.find("\n", start)
    return text[start : end if end >= 0 else len(text)]
