"""What really differs between two sets of objects: which object is which, and which of its values are others.

Comments, order and layout are no differences. Two environments differ in their namespaces and in what follows from
them; that is said once.
"""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from krm_functions_sdk.document.wanted import MISSING
from krm_functions_sdk.kpt import server_fields
from krm_functions_sdk.resources.leaves import leaves
from krm_functions_sdk.resources.resource import Resource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from krm_functions_sdk.kpt.server_fields import ServerField

CHANGED, ADDED, REMOVED = "changed", "added", "removed"
_COMMON = 2  # objects in which the same change is one line


class Difference(NamedTuple):
    """One value that is another: MISSING where it is not there. `reason` is the comment on the line of the new one."""

    path: str
    old: Any
    new: Any
    reason: str = ""
    causes: tuple[str, ...] = ()  # fields of intents that it follows from


class Change(NamedTuple):
    """One object that differs, `before` and `after`; one of them is None for one that comes or goes."""

    before: Resource | None
    after: Resource | None
    differences: tuple[Difference, ...]

    @property
    def what(self) -> str:
        """CHANGED, ADDED or REMOVED."""
        return ADDED if self.before is None else REMOVED if self.after is None else CHANGED

    @property
    def item(self) -> Resource:
        """The object as it is afterwards, or as it was where it goes."""
        found = self.after if self.after is not None else self.before
        assert found is not None
        return found


class Comparison(NamedTuple):
    """All that differs. `spaces` are the namespaces that became others, `common` the changes of many objects."""

    changes: list[Change]
    spaces: dict[str, str]
    common: list[tuple[Difference, int]]
    foreign: int = 0  # objects of a cluster that are no business of the other side

    def __bool__(self) -> bool:
        return bool(self.changes or self.spaces or self.common)


def compare(
    before: Iterable[Resource],
    after: Iterable[Resource],
    *,
    live: str = "",
    fields: Iterable[ServerField] = (),
) -> Comparison:
    """Compare two sets of objects; `live` says which of them, "before" or "after", a cluster holds.

    What a server fills in by itself, as `fields` and the table of Kubernetes' own kinds say, is no difference there.
    """
    olds, news = list(before), list(after)
    pairs = list(_pairs(olds, news))
    spaces = _spaces(pairs) if not live else {}
    table = server_fields.Table(fields)
    changes, foreign = [], 0
    for old, new in pairs:
        if old is None or new is None:
            if live and (old if live == "before" else new) is not None:
                foreign += 1
            else:
                changes.append(Change(old, new, ()))
            continue
        found = _differences(old, new, spaces)
        if live:
            found = (one for one in found if not _is_of_server(one, new, live, table))
        if differences := tuple(found):
            changes.append(Change(old, new, differences))
    common = _common(changes)
    known = {(one.path, repr(one.old), repr(one.new)) for one, _ in common}
    left = []
    for one in changes:
        own = tuple(each for each in one.differences if (each.path, repr(each.old), repr(each.new)) not in known)
        if own or one.what != CHANGED:
            left.append(one._replace(differences=own))
    return Comparison(left, spaces, common, foreign)


def is_same(old: Any, new: Any) -> bool:
    """Say whether two values are the same, of the same type."""
    return bool(old == new) and isinstance(old, bool) == isinstance(new, bool)


def _differences(old: Resource, new: Resource, spaces: dict[str, str]) -> Iterator[Difference]:
    was, now = leaves(old.data), leaves(new.data)
    was.pop("metadata.namespace", None)
    now.pop("metadata.namespace", None)
    for path in {**now, **was}:
        one, other = was.get(path, MISSING), now.get(path, MISSING)
        if is_same(one, other) or _follows(one, other, spaces):
            continue
        if (one is MISSING and _is_empty(other)) or (other is MISSING and _is_empty(one)):
            continue
        yield Difference(path, one, other, new.comment(path) if other is not MISSING else "")


def _is_empty(value: Any) -> bool:
    return isinstance(value, dict | list) and not value


def _is_of_server(one: Difference, item: Resource, live: str, table: server_fields.Table) -> bool:
    alone = one.old if live == "before" else one.new
    other = one.new if live == "before" else one.old
    return other is MISSING and table.fills_in(item, one.path, alone)


def _pairs(before: list[Resource], after: list[Resource]) -> Iterator[tuple[Resource | None, Resource | None]]:
    """Yield which object became which: the same one, one of another namespace or group, or the only one of its kind."""
    olds, news = list(before), list(after)
    found: dict[int, Resource] = {}
    moved: dict[str, str] = {}

    def match(key_of_old: Any, key_of_new: Any) -> None:
        by_key = defaultdict(list)
        for new in news:
            by_key[key_of_new(new)].append(new)
        for old in list(olds):
            met = by_key.get(key_of_old(old), ())
            if len(met) == 1:
                new = met[0]
                found[id(new)] = old
                olds.remove(old)
                news.remove(new)
                by_key.pop(key_of_old(old))
                moved[old.namespace] = new.namespace

    match(lambda one: one.identity, lambda one: one.identity)
    match(lambda one: (one.group, one.kind, one.name), lambda one: (one.group, one.kind, one.name))
    match(lambda one: (one.kind, one.name), lambda one: (one.kind, one.name))
    names = {old or "default": new or "default" for old, new in moved.items()}
    match(lambda one: (one.kind, _renamed(one.name, names)), lambda one: (one.kind, one.name))
    match(lambda one: (one.group, one.kind), lambda one: (one.group, one.kind))
    yield from ((found.get(id(new)), new) for new in after)
    yield from ((old, None) for old in olds)


def _spaces(pairs: Iterable[tuple[Resource | None, Resource | None]]) -> dict[str, str]:
    found: dict[str, set[str]] = defaultdict(set)
    for old, new in pairs:
        if old is not None and new is not None and (old.namespace or new.namespace):
            found[old.namespace].add(new.namespace)
    return {old: next(iter(new)) for old, new in found.items() if len(new) == 1 and {old} != new}


def _follows(old: Any, new: Any, spaces: dict[str, str]) -> bool:
    """Say whether a value is another one because of the namespace alone."""
    if not spaces:
        return False
    if old is MISSING or new is MISSING:
        return False
    names = {space or "default": other or "default" for space, other in spaces.items()}
    return isinstance(old, str) and isinstance(new, str) and _renamed(old, names) == new


def _renamed(text: str, names: dict[str, str]) -> str:
    for old, new in names.items():
        if text == old or text.startswith(f"{old}-"):
            return new + text[len(old) :]
    return text


def _common(changes: list[Change]) -> list[tuple[Difference, int]]:
    """Return what changes in the same way in many objects, in labels and annotations, with the number of objects."""
    counts: dict[tuple[str, str, str], list[Difference]] = defaultdict(list)
    for change in changes:
        for one in change.differences:
            if ".labels" in one.path or ".annotations" in one.path:
                counts[one.path, repr(one.old), repr(one.new)].append(one)
    return [(found[0], len(found)) for found in counts.values() if len(found) >= _COMMON]
