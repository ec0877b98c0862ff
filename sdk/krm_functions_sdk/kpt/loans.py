"""Resources that are lent to a function of this process: what it keeps for later is no longer what the render has.

kpt gives each function a process, where nothing can be kept. Here a function might keep a resource in a global or in a
thread, and change it when another function has its turn. One that it still refers to when it returns is told by its
count of references, which costs nothing, and is given up: the render goes on with a copy.
"""

from __future__ import annotations

import sys

from krm_functions_sdk.document.wanted import MISSING
from krm_functions_sdk.resources.resource import Resource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from krm_functions_sdk.resources.resource_list import ResourceList


References = tuple[dict[int, int], tuple[int, int]]  # how many there are: by `id()` of a resource, and of the lists


def references(resources: ResourceList) -> References:
    """Count what refers to resources, before they are lent."""
    return dict(zip(map(id, resources.items), _counts(resources.items), strict=True)), _of_lists(resources)


def kept(resources: ResourceList, before: References) -> list[Resource]:
    """Return those that something refers to that did not when they were lent, or were made.

    Both are called with the list in the same number of variables: each of them counts.
    """
    of_each, of_lists = before
    if any(now > then for now, then in zip(_of_lists(resources), of_lists, strict=True)):
        return list(resources.items)
    counts = zip(resources.items, _counts(resources.items), strict=True)
    return [item for item, count in counts if count > of_each.get(id(item), _ALONE)]


def read_anew(items: list[Resource]) -> None:
    """Let values be read anew when they are next asked for: whoever had them may have changed them."""
    for item in items:
        item._data = MISSING  # noqa: SLF001  # as below


def _of_lists(resources: ResourceList) -> tuple[int, int]:
    return sys.getrefcount(resources), sys.getrefcount(resources.items)


def _counts(items: Iterable[Resource]) -> list[int]:
    count, last = sys.getrefcount, Resource._last  # noqa: SLF001  # the two know each other
    return [count(item) - 2 * (item is last) for item in items]  # once here, and once where it is known as the last


_ALONE = _counts([Resource("")])[0]  # of a resource that nothing but the list of resources refers to
