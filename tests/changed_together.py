"""The changes of tests/judge/changes.yaml, those together that no other one hides: a render then shows many."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from tests.effects import CHANGES, release
from tests.judge.sets import merged

# Fields that cannot stand beside others: another size or another place of the same thing.
ALONE = (
    "ensure",
    "gateway.create",
    "model.id",
    "managedDefinitions",
    "autoscaling.metric",
    "autoscaling.prometheus",
    "accelerator.partition",
    "accelerator.sharedBy",
    "gateway.namespace",
    "gateway.listener",
    "weights.cache.claim",
    "model.maxOutputTokens",
    "model.tokenSecret.optional",
    "model.tokenSecret.providerClass",
    "route.paths[]",
    "drain.maxGraceSeconds",
)


# What takes or refuses parts of others: these stand beside fields of their own sections only.
APART = ("autoscaling", "gateway.jwt", "parallelism", "prefill", "rewrites", "route.byModel", "server.apiKeySecret")
# More would be hard to tell apart where a test fails.
MOST = 24


class Group(NamedTuple):
    """Fields that change together, in one release: what is there before, and what they change it to.

    `before` and `to` are parts of a spec, in which null stands for a field that is taken out; `needs` has the namespace
    and the services beside it, as in CHANGES.
    """

    fields: tuple[str, ...]
    before: dict[str, Any]
    to: dict[str, Any]
    needs: dict[str, Any]

    @property
    def patch(self) -> dict[str, Any]:
        return merged(self.before, self.to)  # type: ignore[no-any-return]  # of two maps it is one

    @property
    def name(self) -> str:
        return f"{self.fields[0]} and {len(self.fields) - 1} more"


def leaves(value: Any, path: str = "") -> dict[str, str]:
    """Return each value by its path, lists as they are."""
    if isinstance(value, dict) and value:
        return {key: text for name, part in value.items() for key, text in leaves(part, f"{path}.{name}").items()}
    return {path: json.dumps(value)}


def groups(*alone: str) -> list[Group]:
    """Return all fields of CHANGES, each in one group with those that say nothing different; `alone` by themselves."""
    found: list[Group] = []
    for field in CHANGES:
        one = of(field)
        for at, group in enumerate(found):
            by_itself = {field, group.fields[0]} & {*ALONE, *alone}
            apart = any(each.startswith(APART) for each in (field, *group.fields))
            near = one.patch.keys() == group.patch.keys() or not apart
            if near and not by_itself and len(group.fields) < MOST and _agree(one, group):
                found[at] = Group(
                    (*group.fields, field), merged(group.before, one.before), merged(group.to, one.to), one.needs
                )
                break
        else:
            found.append(one)
    return found


def of(field: str) -> Group:
    """Return the change of one field."""
    row = CHANGES[field]
    before = {} if release(field) == "gaie-v1.0" else {"release": release(field)}
    before |= row.get("with", {}) | ({row["without"]: None} if "without" in row else {})
    return Group((field,), before, row["to"], {key: row[key] for key in ("namespace", "beside") if key in row})


def _agree(one: Group, other: Group) -> bool:
    """Say whether two changes say nothing different, and neither is there before the other one."""
    said, others = leaves(one.patch), leaves(other.patch)
    agree = all(said[path] == others[path] for path in said.keys() & others.keys())
    hidden = leaves(one.to).items() & leaves(other.before).items()
    hides = leaves(other.to).items() & leaves(one.before).items()
    places = [(each.needs, each.patch.get("release")) for each in (one, other)]
    return agree and not hidden and not hides and places[0] == places[1]
