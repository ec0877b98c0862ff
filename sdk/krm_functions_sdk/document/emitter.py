"""Python values as YAML text in the format that kpt itself writes.

Maps are indented by two spaces, lists stand at the column of their key (or as the document has them), strings of
several lines become literal blocks, and a reason becomes a comment at the end of its line.
"""

from __future__ import annotations

from krm_functions_sdk.document import scalar
from krm_functions_sdk.document.wanted import Commented

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Layout:
    """How a document is laid out: columns between a key and its list, and between a key and its map."""

    __slots__ = ("list_indent", "map_indent")

    def __init__(self, list_indent: int = 0, map_indent: int = 2) -> None:
        self.list_indent = list_indent
        self.map_indent = map_indent


COMPACT = Layout(0)


def document(value: dict[str, Any], layout: Layout = COMPACT) -> str:
    """Return the text of one document."""
    return entries(value, 0, layout) if value else "{}\n"


def entries(value: dict[str, Any], column: int, layout: Layout) -> str:
    """Return the lines of a block map whose keys stand at `column`."""
    indent = " " * column
    return "".join([f"{indent}{scalar.write(key)}:{after_key(part, column, layout)}\n" for key, part in value.items()])


def item(value: Any, column: int, layout: Layout) -> str:
    """Return the lines of one item of a block list whose dashes stand at `column`."""
    return f"{' ' * column}-{after_dash(value, column, layout)}\n"


def after_key(value: Any, column: int, layout: Layout) -> str:
    """Return what follows `key:`, without the last line end, for a key at `column`."""
    if type(value) is str and "\n" not in value:  # most are
        return " " + scalar.write(value)
    if isinstance(value, Commented) and isinstance(value.value, dict | list | tuple) and value.value:
        return (f" # {value.comment}" if value.comment else "") + after_key(value.value, column, layout)
    if isinstance(value, dict) and value:
        return "\n" + entries(value, column + layout.map_indent, layout)[:-1]
    if isinstance(value, list | tuple) and value:
        indent = column + layout.list_indent
        return "\n" + "".join([item(part, indent, layout) for part in value])[:-1]
    return " " + inline(value, column)


def after_dash(value: Any, column: int, layout: Layout) -> str:
    """Return what follows the dash of a list item at `column`, without the last line end."""
    if type(value) is str and "\n" not in value:
        return " " + scalar.write(value)
    if isinstance(value, Commented) and isinstance(value.value, dict | list | tuple) and value.value:
        new = after_dash(value.value, column, layout)
        return f" # {value.comment}\n{' ' * (column + 2)}{new[1:]}" if value.comment else new
    if isinstance(value, dict) and value:
        return " " + entries(value, column + 2, layout)[column + 2 : -1]
    if isinstance(value, list | tuple) and value:
        return " " + "".join([item(part, column + 2, layout) for part in value])[column + 2 : -1]
    return " " + inline(value, column)


def inline(value: Any, column: int, style: str = "") -> str:
    """Return a scalar or an empty map or list; `column` is that of the key or dash it belongs to."""
    comment = ""
    if isinstance(value, Commented):
        comment = f" # {value.comment}" if value.comment else ""
        value = value.value
    if isinstance(value, str):
        if "\n" in value and _fits_literal_block(value):
            return _literal_block(value, column, comment)
        return scalar.write(value, style=style) + comment
    return flow(value, style) + comment


def flow(value: Any, style: str = "", *, json: bool = False) -> str:
    """Return `value` on one line, maps in braces, lists in brackets; with `json`, every string in double quotes."""
    if isinstance(value, Commented):
        return flow(value.value, style, json=json)
    if isinstance(value, dict):
        key = scalar.quoted if json else _flow_key
        return "{" + ", ".join(f"{key(k)}: {flow_part(v, json=json)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow_part(part, json=json) for part in value) + "]"
    return scalar.quoted(value) if json and isinstance(value, str) else scalar.write(value, style=style)


def flow_part(value: Any, style: str = "", *, json: bool = False) -> str:
    """Return `value` as it stands inside braces or brackets."""
    value = value.value if isinstance(value, Commented) else value
    if isinstance(value, dict | list | tuple) or json:
        return flow(value, json=json)
    return scalar.write(value, style=style, flow=True)


def _flow_key(key: str) -> str:
    return scalar.write(key, flow=True)


# Line breaks and tabs fit a literal block, though Python does not call them printable.
_BLANKS = str.maketrans("\n\t", "  ")


def _fits_literal_block(text: str) -> bool:
    lines = text.split("\n")
    return not (
        lines[0].startswith((" ", "\t"))
        or not lines[0]
        or text.endswith("\n\n")  # kept line breaks would swallow the blank lines that follow in the document
        or any(line != line.rstrip() for line in lines)
        or not text.translate(_BLANKS).isprintable()
    )


def _literal_block(text: str, column: int, comment: str) -> str:
    body = text.removesuffix("\n")
    header = ("|-" if body == text else "|") + comment
    indent = " " * (column + 2)
    lines = "\n".join(indent + line if line else "" for line in body.split("\n"))
    return f"{header}\n{lines}"
