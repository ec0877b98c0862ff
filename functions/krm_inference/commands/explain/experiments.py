"""What can be tried: each field of the intents and each column of the rows that they name, with another value in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from krm_functions_sdk import Resource
from krm_functions_sdk.document import field_path
from krm_functions_sdk.document.field_path import FieldPath
from krm_functions_sdk.function import schema as schemas

from krm_inference.commands.explain.reads import Read, source_of
from krm_inference.commands.explain.tables import TABLES, rows_of
from krm_inference.commands.explain.variations import others, replaced, varied
from krm_inference.domain import intent
from krm_inference.domain.service import is_llm_service

Key = tuple[str, str, str, str]  # group, kind, namespace and name
Rows = dict[str, Any]  # of a table, by name
About = tuple[str, str]  # the source and the path of what is varied

NAMES = (("metadata", "name"), ("metadata", "namespace"))
_NAMES_A_ROW = frozenset(path for _, _, path in TABLES)
SHARED = ""  # what belongs to no service alone


class Cause(NamedTuple):
    """A field of an intent, or a column of a table's row, that a value follows from."""

    source: str  # the name of the LLMService, or of the table and its row
    path: str
    value: Any
    is_default: bool = False


class Variation(NamedTuple):
    """Another value in one place: of an intent, `service`, or of a row of a table, `row`."""

    cause: Cause
    read: Read
    path: FieldPath
    other: Any
    whole: Any  # the intent or the row
    lane: str  # the service that it belongs to, or SHARED
    is_switch: bool  # one that decides what else counts
    is_row: bool = False  # one that names a row of a table, or objects
    service: Key | None = None
    row: tuple[Rows, str] | None = None

    @property
    def about(self) -> About:
        """What it is a variation of: a field that has several has them one after the other."""
        return self.cause.source, self.cause.path

    @property
    def is_name(self) -> bool:
        """Say whether objects get other names and namespaces by it."""
        return self.service is not None and self.path in NAMES

    @property
    def section(self) -> tuple[str, FieldPath]:
        """The part of an intent, or the row, in which it may switch something."""
        return self.read[0], self.path[:2] if self.service is not None else self.path

    def meets(self, other: Variation) -> bool:
        """Say whether the two cannot be tried together, since one is in the other."""
        short, long = sorted((self.path, other.path), key=len)
        return self.whole is other.whole and long[: len(short)] == short


class Change(NamedTuple):
    """What is tried at once: other contents of intents, and other rows of tables."""

    intents: Mapping[Key, dict[str, Any]]
    rows: list[tuple[Rows, str, Any]]
    reads: frozenset[Read]

    @contextmanager
    def varied(self) -> Iterator[None]:
        """Have the other rows in their tables."""
        before = [rows[name] for rows, name, _ in self.rows]
        for rows, name, other in self.rows:
            rows[name] = other
        try:
            yield
        finally:
            for (rows, name, _), row in zip(self.rows, before, strict=True):
                rows[name] = row


def together(variations: Iterable[Variation]) -> Change:
    """Return the change in which all variations are."""
    wholes: dict[int, tuple[Variation, dict[FieldPath, Any]]] = {}
    reads = set()
    for item in variations:
        wholes.setdefault(id(item.whole), (item, {}))[1][item.path] = item.other
        reads.add(item.read)
    intents, rows = {}, []
    for one, places in wholes.values():
        if one.service is not None:
            intents[one.service] = replaced(one.whole, places)
        elif one.row is not None:
            rows.append((*one.row, replaced(one.whole, places)))
    return Change(intents, rows, frozenset(reads))


def variations(read: list[Resource]) -> list[Variation]:
    """Return each place with another value in it, of all intents among the resources that were read."""
    services = [item for item in read if is_llm_service(item)]
    return [*_of_intents(services), *_of_rows(services)]


def _of_intents(services: list[Resource]) -> Iterator[Variation]:
    enums = {
        path: part["enum"] for path, part, _ in schemas.fields(intent.schema().openapi) if len(part.get("enum", ())) > 1
    }

    def vary(path: FieldPath, value: Any) -> Iterator[Any]:
        known = enums.get(shape(path))
        return (other for other in known if other != value) if known else others(value)

    for service in services:
        full = intent.schema().with_defaults(service.data)
        for path, value, other in varied(full, vary):
            if path[0] != "spec" and path not in NAMES:
                continue
            if path == ("spec", "ensure"):  # takes the whole service away, and so explains no value of it
                continue
            shown = field_path.show(path)
            cause = Cause(service.name, shown, value, service.find(shown) is None)
            source, names_row = source_of(service), path in _NAMES_A_ROW or path in NAMES
            is_switch = names_row or isinstance(value, bool | list) or shape(path) in enums
            yield Variation(
                cause, (source, path), path, other, full, source, is_switch, names_row, service=service.identity
            )


def _of_rows(services: list[Resource]) -> Iterator[Variation]:
    users: dict[tuple[str, str], list[str]] = defaultdict(list)
    for service in services:
        for table, _, name in rows_of([service]):
            users[table, name].append(source_of(service))
    for table, rows, name in rows_of(services):
        source, used = f"{table} {name}", users[table, name]
        lane = used[0] if len(used) == 1 else SHARED
        for path, value, other in varied(rows[name]):
            cause = Cause(source, field_path.show(path), value)
            is_switch = isinstance(value, bool | list)
            yield Variation(cause, (source, path[:1]), path, other, rows[name], lane, is_switch, row=(rows, name))


def shape(path: FieldPath) -> str:
    """Return a path as the schema's own table writes it: `spec.adapters[].ensure`."""
    return "".join(f".{step}" if isinstance(step, str) else "[]" for step in path).removeprefix(".")
