"""Edits inside braces and brackets, where there are no lines and no comments to care for."""

from __future__ import annotations

import re

from krm_functions_sdk.document import emitter, scalar
from krm_functions_sdk.document.plan import ListTarget, MapTarget, resolve
from krm_functions_sdk.document.tree import MAP, SCALAR, Node, scalar_value
from krm_functions_sdk.document.wanted import same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_functions_sdk.document.spans import Spans


def edit(edits: Spans, target: MapTarget | ListTarget) -> None:
    """Collect the edits of a map in braces or a list in brackets."""
    node = target.node
    is_json = _is_json(node)
    new = _parts(target, json=is_json)
    stays = len(new) == len(node.value) and all(item is not None for item, _, _ in new)
    if not new or all(item is None for item, _, _ in new) or (not stays and _is_bare(node, edits.text)):
        edits.replace(node.start, node.end, emitter.flow(resolve(target), json=is_json))
        return
    spans = [_span(part, edits.text) for part in node.value]
    ends = {id(_value_of(part)): end for part, (_, end) in zip(node.value, spans, strict=True)}
    kept = {id(item): part for item, part, _ in new if item is not None}
    gone = [id(_value_of(part)) not in kept for part in node.value]
    _remove(edits, spans, gone)
    last: int | None = None
    leading = unwritten = ""
    for item, part, text in new:
        if item is None:
            if last is None:
                leading += text + ", "
            else:
                edits.replace(last, last, f"{unwritten}, {text}")
                unwritten = ""
            continue
        last = ends[id(item)]
        unwritten = " null" if part is item and edits.text[last - 1] == ":" and item.start == item.end else ""
        if part is not item:
            _change(edits, node, item, part, json=is_json)
    if leading:
        first = next(start for (start, _), is_gone in zip(spans, gone, strict=True) if not is_gone)
        edits.replace(first, first, leading)


def _parts(target: MapTarget | ListTarget, *, json: bool) -> list[tuple[Node | None, Any, str]]:
    """Return (node that was there, target, text of a new part) of each entry or item, in the wanted order."""
    if isinstance(target, ListTarget):
        return [
            (item, part, "" if item is not None else emitter.flow_part(part, json=json)) for item, part in target.items
        ]
    have = {key.value: part for key, part in target.node.value}
    return [
        (have.get(key), part, "" if key in have else emitter.flow({key: part}, json=json)[1:-1])
        for key, part in target.entries.items()
    ]


def _change(edits: Spans, parent: Node, node: Node, target: Any, *, json: bool) -> None:
    if isinstance(target, MapTarget | ListTarget) and target.node is node:
        edit(edits, target)
        return
    value = resolve(target)
    if node.kind == SCALAR and not isinstance(value, dict | list) and same(scalar_value(node), value):
        return
    new = emitter.flow_part(value, scalar.style_after(node.style, node.value, value), json=json)
    if node.start < node.end:
        edits.replace(node.start, node.end, new)
        return
    # A null that is not written: behind the colon, or behind a key that has none.
    at = next(_span(pair, edits.text)[1] for pair in parent.value if pair[1] is node)
    edits.replace(at, at, f" {new}" if edits.text[at - 1] == ":" else f": {new}")


def _remove(edits: Spans, spans: list[tuple[int, int]], gone: list[bool]) -> None:
    """Remove parts, each with the comma before it, or with the one behind it where it comes first."""
    first = gone.index(False)
    if first:
        edits.replace(spans[0][0], spans[first][0], "")
    for index in range(first + 1, len(spans)):
        if gone[index]:
            edits.replace(spans[index - 1][1], spans[index][1], "")


def _span(part: Any, text: str) -> tuple[int, int]:
    if not isinstance(part, tuple):
        return part.start, part.end
    key, value = part
    if value.start < value.end:
        return key.start, value.end
    colon = re.compile(r"\s*:").match(text, key.end)
    return key.start, colon.end() if colon else key.end


def _value_of(part: Any) -> Node:
    return part[1] if isinstance(part, tuple) else part  # type: ignore[no-any-return]  # parts are nodes or pairs of them


def _is_bare(node: Node, text: str) -> bool:
    """Say whether it is a map of one pair in brackets, without braces, or a list with a null that is not written."""
    if node.kind != MAP:
        return any(item.start == item.end for item in node.value)
    opened = re.compile(r"(?:[&!]\S*\s+)*").match(text, node.start)
    return text[opened.end() if opened else node.start] != "{"


def _is_json(node: Node) -> bool:
    named = [part[0] if isinstance(part, tuple) else part for part in node.value]
    return bool(named) and all(part.style == '"' for part in named)
