"""Edit the text of a document, and make sure that it then says what was meant and nothing else."""

from __future__ import annotations

from krm_functions_sdk.document import block_reader, parser
from krm_functions_sdk.document import tree as nodes
from krm_functions_sdk.document.edits import Edits
from krm_functions_sdk.document.plan import resolve, scalar_changes
from krm_functions_sdk.document.tree import Node, YamlFault
from krm_functions_sdk.document.wanted import MISSING, same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def revised(text: str, root: Node, target: Any) -> tuple[str, Node | None, Any]:
    """Return the text in which `root`, its tree, has become `target`, and its tree and value where these were read.

    Raises YamlFault where the text cannot be edited, or says something else afterwards.
    """
    new = Edits(text, root).run(target)
    is_plain = isinstance(root, block_reader.BlockNode)
    if is_plain:
        changes = scalar_changes(root, target)
        if changes and block_reader.is_edit(text, new, changes):
            return new, None, MISSING
    expected = resolve(target)
    if new == text or not is_plain:  # a plain one has no fault that its value would tell
        data = nodes.value(root)
        if new == text and same(data, expected):
            return text, root, data
    for candidate in (new,) if new.endswith("\n") else (new, new + "\n"):  # a block scalar may want the line end
        try:
            tree = parser.parse(candidate)
            value = nodes.value(tree)
        except YamlFault:
            continue
        if same(value, expected):
            return candidate, tree, value
    what = "an anchor or alias stands in what has to change; write its value out"
    raise YamlFault(what if "&" in text else "the document is laid out in a way that cannot be edited", 0)
