"""Objects of experiments: of most of them nobody wants the text, so it is made when somebody does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from krm_functions_sdk import Resource
from krm_functions_sdk.document import emitter, wanted
from krm_functions_sdk.resources.leaves import leaves
from krm_functions_sdk.resources.resource import LOCAL_CONFIG

_PLAIN = re.compile(r"\w+(\.\w+)*")


class Made(Resource):
    """A new resource that holds `value`; its text is written when it is asked for."""

    def __init__(self, value: dict[str, Any], *, path: str | None = None, index: int | None = None) -> None:
        super().__init__("", path=path, index=index)
        self._text = None
        self._wanted = value
        self._strings: dict[tuple[str, ...], str] = {}
        self.is_changed = True  # `is_new` has lists look into the text
        self._column = 0
        self._head = tuple(wanted.bare(value.get(key)) for key in ("apiVersion", "kind"))

    @property
    def is_plain(self) -> bool:
        """Say whether there is no text yet."""
        return self._text is None

    @cached_property
    def value(self) -> dict[str, Any]:
        """What it was made with, without its comments."""
        return wanted.plain(self._wanted)  # type: ignore[no-any-return]  # the plain value of a map is one

    @cached_property
    def leaves(self) -> dict[str, Any]:
        """The single values that it was made with."""
        return leaves(self.value)

    @property
    def text(self) -> str:
        if self._text is None:
            self._text = emitter.document(self._wanted)
        return super().text

    @property
    def data(self) -> dict[str, Any]:
        return self.value if self._text is None else super().data

    @property
    def is_local_config(self) -> bool:
        if self._text is not None:
            return super().is_local_config
        return self._string("metadata", "annotations", LOCAL_CONFIG) == "true"

    def get(self, path: str, default: Any = None) -> Any:
        if self._text is not None or not _PLAIN.fullmatch(path):
            return super().get(path, default)
        value: Any = self._wanted
        for key in path.split("."):
            value = wanted.bare(value)
            if not isinstance(value, dict) or key not in value:
                return default
            value = value[key]
        return wanted.plain(value)

    def leaf(self, path: str) -> Any:
        """Return the single value at a path, MISSING where none is."""
        if not _PLAIN.fullmatch(path):
            return self.leaves.get(path, wanted.MISSING)
        value = self.get(path, wanted.MISSING)
        return wanted.MISSING if value and isinstance(value, dict | list) else value

    def copy(self) -> Resource:
        if self._text is not None:
            return super().copy()
        other = Made(self._wanted, path=self._path, index=self._index)
        other.first_line = self.first_line
        return other

    def _string(self, *keys: str) -> str:
        if self._text is not None:
            return super()._string(*keys)
        if keys not in self._strings:
            value: Any = self._wanted
            for key in keys:
                value = wanted.bare(value)
                value = value.get(key) if isinstance(value, dict) else None
            value = wanted.bare(value)
            self._strings[keys] = value if isinstance(value, str) else ""
        return self._strings[keys]


class Intent(Made):
    """An intent that says `value`, in which no function changes anything; `text` is its own, where that is known."""

    def __init__(
        self, value: dict[str, Any], *, text: str | None = None, path: str | None = None, index: int | None = None
    ) -> None:
        super().__init__(value, path=path, index=index)
        self._given = text

    @property
    def value(self) -> dict[str, Any]:
        return self._wanted

    @property
    def text(self) -> str:
        if self._text is None:
            self._text = self._given
        return super().text

    @property
    def data(self) -> dict[str, Any]:
        return self._wanted

    def copy(self) -> Resource:
        return Intent(self._wanted, text=self._given, path=self._path, index=self._index)


@contextmanager
def unwritten() -> Iterator[None]:
    """Have `Resource.new` write no text before it is asked for."""
    plain = Resource.__dict__["new"]
    Resource.new = lambda value, *, path=None, index=None: Made(value, path=path, index=index)  # type: ignore[method-assign]  # put back below
    try:
        yield
    finally:
        Resource.new = plain  # type: ignore[method-assign]  # as above
