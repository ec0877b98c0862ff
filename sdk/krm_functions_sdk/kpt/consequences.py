"""What follows from each field of an intent that differs: found out by rendering with that field as it was."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from krm_functions_sdk.document import field_path
from krm_functions_sdk.kpt.causes import at, differences, replaced
from krm_functions_sdk.kpt.comparison import Change, is_same
from krm_functions_sdk.kpt.render import Rendering
from krm_functions_sdk.resources.leaves import leaves
from krm_functions_sdk.resources.resource import Resource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    Snapshot: TypeAlias = dict[tuple[str, str], dict[str, Any]]  # by kind and name, values by their paths

MOST = 30  # fields that are tried


def explained(changes: list[Change], package: Path) -> list[Change]:
    """Return changes with the fields of intents that each difference follows from; `package` holds what came of it."""
    tried = [
        (change, steps)
        for change in changes
        if change.before is not None and change.after is not None and change.after.is_local_config
        for steps, _ in differences(change.before.data, change.after.data)
        if steps[0] == "spec"
    ][:MOST]
    now = _rendered(package, None, {}) if tried else {}
    causes: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for change, steps in tried:
        assert change.before is not None  # as above
        assert change.after is not None
        value = replaced(change.after.data, steps, at(change.before.data, steps))
        was = _rendered(package, change.after, value)
        shown = field_path.show(steps)
        for key, values in now.items():
            other = was.get(key)
            for path, one in values.items():
                if other is not None and (path not in other or not is_same(other[path], one)):
                    causes[(*key, path)].append(shown)
            for path in () if other is None else other.keys() - values.keys():
                causes[(*key, path)].append(shown)
            if other is None:
                causes[(*key, "")].append(shown)
        for key in was.keys() - now.keys():
            causes[(*key, "")].append(shown)
    return [_with(change, causes) for change in changes]


def _with(change: Change, causes: dict[tuple[str, str, str], list[str]]) -> Change:
    item = change.item
    if item.is_local_config:
        return change
    own = [one._replace(causes=tuple(causes.get((item.kind, item.name, one.path), ()))) for one in change.differences]
    return change._replace(differences=tuple(own))


def _rendered(package: Path, intent: Resource | None, value: dict[str, Any]) -> Snapshot:
    """Return the values of all objects as functions leave them, with one intent as `value`."""
    last: dict[str, list[Resource]] = {}

    def amend(items: list[Resource]) -> list[Resource]:
        return [
            Resource.new(value, path=item.path, index=item.index)
            if intent is not None and item.identity == intent.identity
            else item
            for item in items
        ]

    def observe(_: str, items: list[Resource]) -> None:
        last["items"] = items

    Rendering(package, amend, observe).run()
    return {(item.kind, item.name): leaves(item.data) for item in last.get("items", ()) if not item.is_local_config}
