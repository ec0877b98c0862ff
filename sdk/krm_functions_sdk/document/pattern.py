"""Regular expressions that are compiled when they are first used: each costs a start as much as the import of a module.

A pattern that every run needs may as well be compiled at once, with `re.compile`.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    """Return what `re.compile` returns, but for its type: it is compiled when it is first asked for something.

    A text that is no pattern raises `re.error` only then.
    """
    return _Pattern(text, flags)  # type: ignore[return-value]  # it has all that a pattern has


class _Pattern:
    def __init__(self, text: str, flags: int) -> None:
        self._text = text
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        """Find what a compiled pattern has, and keep it: the next call finds it without this one."""
        found = getattr(re.compile(self._text, self._flags), name)
        setattr(self, name, found)
        return found
