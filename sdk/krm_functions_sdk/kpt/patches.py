"""Where in the files of an overlay a field is patched."""

from __future__ import annotations

import re
from pathlib import Path

from krm_functions_sdk.document import stream
from krm_functions_sdk.document.tree import LIST, MAP, SCALAR, Node, YamlFault, line, value
from krm_functions_sdk.resources.resource import Resource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from krm_functions_sdk.kpt.overlay import Overlay

Steps = tuple[str, ...]


def place(overlay: Overlay, before: dict[str, Any], steps: Steps) -> tuple[Path, int | None]:
    """Return file and line of the patch of a field, the line only where one can be meant.

    `before` is the object as it was. Without a patch that names the field, it is the kustomization of the overlay.
    """
    found = list(dict.fromkeys(_places(overlay, before, steps)))
    if found:
        return found[0] if len(found) == 1 else (found[0][0], None)
    last = re.compile(rf"(?:^|[\s/{{,\"-]){re.escape(steps[-1])}\"?\s*(?::|$)")
    for file, text in overlay.files():
        lines = [number for number, part in enumerate(text.splitlines(), 1) if last.search(part)]
        if lines:
            return file, lines[0] if len(lines) == 1 else None
    return overlay.file, None


def _places(overlay: Overlay, before: dict[str, Any], steps: Steps) -> Iterator[tuple[Path, int]]:
    for file, first, text in _texts(overlay):
        for document in stream.split(text):
            if document.is_empty:
                continue
            begin = first + document.first_line - 1
            try:
                patch = Resource(document.text)
                root = patch.root
            except YamlFault:
                continue
            if root.kind == LIST:
                yield from ((file, begin + operation.line) for operation in root.value if _writes(operation, steps))
            elif root.kind == MAP and patch.kind in ("", before.get("kind")) and patch.find(steps) is not None:
                yield file, begin + line(root, steps)


def _texts(overlay: Overlay) -> Iterator[tuple[Path, int, str]]:
    """Yield each patch: its file, the line there on which it begins, and its text."""
    for folder, kustomization in overlay.own.items():
        file = overlay.file_of(folder)
        found = kustomization.root.child("patches")
        for patch in found.value if found is not None and found.kind == LIST else ():
            text, path = (patch.target.child(name) for name in ("patch", "path"))
            if text is not None and text.kind == SCALAR:
                yield file, text.line + (2 if text.style in "|>" and text.style else 1), value(text)
            if path is not None and path.kind == SCALAR and (folder / path.value).is_file():
                yield folder / path.value, 1, (folder / path.value).read_text("utf-8", "replace")


def _writes(operation: Node, steps: Steps) -> bool:
    """Say whether an operation of a JSON patch is about a field, one inside of it or one around it."""
    path = operation.target.child("path") if operation.target.kind == MAP else None
    if path is None or path.kind != SCALAR:
        return False
    names = [part.replace("~1", "/").replace("~0", "~") for part in str(path.value).split("/")[1:]]
    length = min(len(names), len(steps))
    return tuple(names[:length]) == steps[:length]
