"""The most common edit, of one scalar that stands on its line, without a plan of the whole document.

It is made of the same parts as any other edit, and proved by the same check of the line. What is not this plain is left
to `Resource.apply`; a test compares the two.
"""

from __future__ import annotations

from krm_functions_sdk.document import block_reader, emitter, scalar, values
from krm_functions_sdk.document.tree import Node, scalar_value
from krm_functions_sdk.document.wanted import same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_functions_sdk.document.field_path import FieldPath

_TYPES = (str, int, float, bool)
_GUARDED = "metadata"  # what tools and the API server want of it is the business of `apply`


def edited(text: str, root: Node, path: FieldPath, value: Any) -> str | None:
    """Return the text in which the scalar at a path of keys is `value`; None where it takes more to edit it."""
    if type(value) not in _TYPES or not isinstance(root, block_reader.BlockNode) or path[:1] == (_GUARDED,):
        return None
    found = block_reader.scalar_at(root, path)
    if found is None or found.style == "|" or found.start == found.end:
        return None
    try:
        values.check(value)
    except ValueError:
        return None
    if same(scalar_value(found), value):
        return text
    style = scalar.style_after(found.style, found.value, value)
    new = text[: found.start] + emitter.inline(value, 0, style) + text[found.end :]
    return new if block_reader.is_edit(text, new, [(found, value)]) else None
