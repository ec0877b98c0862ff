"""What a function reads of an intent and of the rows of tables, recorded while it runs.

It is the bound of what a value may follow from: only that has to be varied. More may be recorded than a value follows
from, and never less: whoever takes a map or a list as a whole reads all of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from krm_functions_sdk import Resource
from krm_functions_sdk.document.field_path import FieldPath, Match, Step

from krm_inference.domain import intent
from krm_inference.domain.service import LLMService

Read = tuple[str, FieldPath]  # the name of what holds it: a service by its identity, or a table's row; and the path


class Reads:
    """The places that were read since the last `begin`."""

    def __init__(self) -> None:
        self._found: set[Read] = set()
        self._is_paused = self._is_on = False

    def begin(self) -> None:
        self._found = set()

    @property
    def found(self) -> frozenset[Read]:
        return frozenset(self._found)

    def add(self, source: str, path: FieldPath) -> None:
        if not self._is_paused:
            self._found.add((source, path))

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Record nothing, such as while an intent is only checked."""
        before, self._is_paused = self._is_paused, True
        try:
            yield
        finally:
            self._is_paused = before

    @contextmanager
    def recorded(self, tables: list[tuple[str, dict[str, Any], str]]) -> Iterator[None]:
        """Record what is read of all intents, and of rows of tables: name and rows of a table, and name of the row."""
        plain = intent.read
        rows = [(table, name, table[name]) for _, table, name in tables]  # where packages nest, those of the outer one

        def read(*arguments: Any, **options: Any) -> list[LLMService]:
            with self.paused():
                services = plain(*arguments, **options)
            return [self._service(service) for service in services]

        if not self._is_on:
            intent.read = read
        self._is_on = True
        for title, table, name in tables:
            table[name] = _row(self, f"{title} {name}", table[name])
        try:
            yield
        finally:
            intent.read, self._is_on = plain, False
            for table, name, row in rows:
                table[name] = row

    def _service(self, service: LLMService) -> LLMService:
        """Return a service whose spec, and whose resource's data, say what is read of them."""
        source = source_of(service.resource)
        data = {"metadata": service.resource.data["metadata"], "spec": service.spec}
        resource = _Watched(service.resource, lambda value: _watched(self, source, (), value))
        return LLMService(resource, {**data, "spec": _watched(self, source, ("spec",), service.spec)})


def source_of(resource: Resource) -> str:
    """Return the name by which reads call a service."""
    return "/".join(resource.identity)


class _Watched(Resource):
    """A resource whose data is watched."""

    def __init__(self, resource: Resource, watch: Any) -> None:
        super().__init__(resource.text, path=resource.path, index=resource.index)
        self._watch = watch

    @property
    def data(self) -> Any:
        return self._watch(super().data)


def _watched(reads: Reads, source: str, path: FieldPath, value: Any) -> Any:
    if isinstance(value, dict):
        return _Map(reads, source, path, value)
    if isinstance(value, list):
        return _List(reads, source, path, value)
    return value


def _all(reads: Reads, source: str, path: FieldPath, value: Any) -> None:
    reads.add(source, path)
    for step, part in _steps(value):
        _all(reads, source, (*path, step), part)


def _steps(value: Any) -> Iterator[tuple[Step, Any]]:
    if isinstance(value, dict):
        yield from dict.items(value)
    elif isinstance(value, list):
        for index, part in enumerate(list.__iter__(value)):
            name = dict.get(part, "name") if isinstance(part, dict) else None
            yield (Match("name", name) if isinstance(name, str) else index), part


class _Collection:
    """What a map and a list that say what is read of them have in common: to compare or copy one reads all of it."""

    _place: tuple[Reads, str, FieldPath]

    def __eq__(self, other: object) -> bool:
        _all(*self._place, self)
        return super().__eq__(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None  # type: ignore[assignment]  # as of any map or list

    def __reduce_ex__(self, _protocol: Any) -> Any:
        _all(*self._place, self)
        return type(_plain(self)), (_plain(self),)


class _Map(_Collection, dict[Any, Any]):
    """A map that says which of its values are read."""

    def __init__(self, reads: Reads, source: str, path: FieldPath, value: dict[Any, Any]) -> None:
        super().__init__({key: _watched(reads, source, (*path, key), part) for key, part in value.items()})
        self._place = reads, source, path

    def _read(self, key: Any) -> None:
        reads, source, path = self._place
        reads.add(source, (*path, key))

    def __getitem__(self, key: Any) -> Any:
        self._read(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self._read(key)
        return super().__contains__(key)

    def get(self, key: Any, default: Any = None) -> Any:
        self._read(key)
        return super().get(key, default)

    def __iter__(self) -> Iterator[Any]:
        for key in super().__iter__():
            self._read(key)
            yield key

    def keys(self) -> Any:
        return [*self]

    def values(self) -> Any:
        return [self[key] for key in self]

    def items(self) -> Any:
        return [(key, self[key]) for key in self]

    def copy(self) -> Any:
        return dict(self.items())

    def __or__(self, other: Any) -> Any:
        return {**self, **other}

    def __ror__(self, other: Any) -> Any:
        return {**other, **self}


class _List(_Collection, list[Any]):
    """A list that says which of its items are read; how many there are is read with the list itself."""

    def __init__(self, reads: Reads, source: str, path: FieldPath, value: list[Any]) -> None:
        super().__init__(_watched(reads, source, (*path, step), part) for step, part in _steps(value))
        self._place = reads, source, path

    def _read(self) -> None:
        reads, source, path = self._place
        for step, _ in _steps(self):
            reads.add(source, (*path, step))

    def __iter__(self) -> Iterator[Any]:
        self._read()
        return super().__iter__()

    def __getitem__(self, index: Any) -> Any:
        self._read()
        return super().__getitem__(index)

    def __contains__(self, item: object) -> bool:
        _all(*self._place, self)
        return super().__contains__(item)

    def __add__(self, other: Any) -> Any:
        return [*self, *other]

    def __radd__(self, other: Any) -> Any:
        return [*other, *self]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in dict.items(value)}
    if isinstance(value, list):
        return [_plain(part) for part in list.__iter__(value)]
    return value


def _row(reads: Reads, source: str, row: Any) -> Any:
    """Return a row of a table that says which of its columns are read."""
    kind = type(row)
    columns = frozenset(row._fields)

    def every() -> None:
        for column in columns:
            reads.add(source, (column,))

    class Row(kind):  # type: ignore[misc,valid-type]  # the class is that of the table
        def __getattribute__(self, name: str) -> Any:
            if name in columns:
                reads.add(source, (name,))
            return super().__getattribute__(name)

        def __iter__(self) -> Iterator[Any]:
            every()
            return iter(tuple.__iter__(self))

        def __getitem__(self, index: Any) -> Any:
            every()
            return super().__getitem__(index)

        def __eq__(self, other: object) -> bool:
            every()
            return bool(super().__eq__(other))

        def __hash__(self) -> int:
            every()
            return hash(tuple(super().__iter__()))

    Row.__name__ = Row.__qualname__ = kind.__name__
    return Row(*tuple.__iter__(row))
