"""What one function may not leave behind for the next one in the same process: settings of the process, and resources.

kpt gives each function a process, where nothing can be kept. Here a function might keep a resource in a global or in a
thread, and change it when another function has its turn. One that it still refers to when it returns is told by its
count of references, which costs nothing, and is given up: the render goes on with a copy.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from krm_functions_sdk.document.wanted import MISSING
from krm_functions_sdk.resources.resource import Resource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from krm_functions_sdk.resources.resource_list import ResourceList

References = tuple[dict[int, int], tuple[int, int]]  # how many there are: by `id()` of a resource, and of the lists


@contextmanager
def isolated() -> Iterator[None]:
    """Put back the environment, the working directory, the module path, the streams and the handling of Ctrl-C."""
    environment, path, folder = _environment().copy(), list(sys.path), _folder()
    streams, interrupt = (sys.stdin, sys.stdout, sys.stderr), signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        if _environment() != environment:
            os.environ.clear()
            os.environ.update({os.fsdecode(name): os.fsdecode(text) for name, text in environment.items()})
        sys.path[:] = path
        if folder is not None and _folder() != folder:
            with suppress(OSError):
                os.chdir(folder)
        sys.stdin, sys.stdout, sys.stderr = streams
        if signal.getsignal(signal.SIGINT) is not interrupt:
            with suppress(ValueError):  # only the main thread may
                signal.signal(signal.SIGINT, interrupt)


def _environment() -> dict[Any, Any]:
    """Return the environment as the system has it: what `os.environ` shows decodes each name and value once more."""
    environment: Any = os.environ
    return getattr(environment, "_data", environment)  # type: ignore[no-any-return]  # by name and value


def _folder() -> str | None:
    try:
        return os.getcwd()  # noqa: PTH109  # pathlib is not imported for it
    except OSError:  # it was deleted
        return None


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
