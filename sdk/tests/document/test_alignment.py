"""Which items of a list belong to which wanted ones."""

from __future__ import annotations

from typing import Any

import pytest
from krm_functions_sdk import MISSING
from krm_functions_sdk.document import parser, tree
from krm_functions_sdk.document.alignment import align


@pytest.mark.parametrize(
    ("have", "want", "pairs"),
    [
        ("[1, 2]", [1, 2], [(1, 1), (2, 2)]),
        ("[1, 3]", [1, 2, 3], [(1, 1), (None, 2), (3, 3)]),
        ("[1, 2, 3]", [1, 3], [(1, 1), (2, MISSING), (3, 3)]),
        ("[1, 2, 3]", [1, 5, 3], [(1, 1), (2, 5), (3, 3)]),
        ("[1]", [2], [(1, 2)]),
        ("[1, 2]", [2, 1], [(1, MISSING), (2, 2), (None, 1)]),
        (
            "[{name: a, v: 1}]",
            [{"name": "b"}, {"name": "a", "v": 2}],
            [(None, {"name": "b"}), ({"name": "a", "v": 1}, {"name": "a", "v": 2})],
        ),
        (
            "[{containerPort: 80}]",
            [{"containerPort": 80, "x": 1}],
            [({"containerPort": 80}, {"containerPort": 80, "x": 1})],
        ),
        ("[[1]]", [[1, 2]], [([1], [1, 2])]),
    ],
)
def test_align(have: str, want: list[Any], pairs: list[tuple[Any, Any]]) -> None:
    """Equal items belong together, then those of one name, then those that stand at one place."""
    items = parser.parse(f"l: {have}").value[0][1].value
    found = align(items, want, MISSING)
    assert [(None if item is None else tree.value(item), part) for item, part in found] == pairs
