"""An adoption as a whole: read, proposed, made as short as it gets, and brought into what people have."""

from __future__ import annotations

from typing import Any, NamedTuple

from krm_functions_sdk import Resource, ResourceList, Result
from krm_functions_sdk.resources import references
from krm_functions_sdk.resources.origin import current_id
from krm_functions_sdk.resources.scope import Scopes

from krm_inference.commands.adopt import facts, missing_pool, pairing, plain, shortest
from krm_inference.commands.adopt.plain import Theirs
from krm_inference.commands.adopt.trial import Making, is_for_tools, named, trial
from krm_inference.domain.remains import MARK


class Refused(Exception):
    """Nothing can be adopted: the lines that say why."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class Became(NamedTuple):
    """One object that people have: what its intent alone makes of it, None for one of their own, and what it is now."""

    theirs: Theirs
    made: Resource | None
    now: Resource


class Adoption(NamedTuple):
    """The intents, what became of each object, what is new, and all objects before they are rendered."""

    intents: list[dict[str, Any]]
    became: list[Became]
    new: list[Resource]
    unrendered: list[Resource]


def adopt(resources: list[Resource], accelerator: str = "", gateway_class: str = "") -> Adoption:
    """Return what comes of manifests. Raises Refused."""
    index = missing_pool.with_pool(resources)
    drafts, faults = facts.drafts(index, accelerator, gateway_class)
    found, unread = plain.plain(resources, drafts)
    if faults or unread:
        raise Refused([*faults, *unread])
    around = pairing.around(index, drafts)
    items = [each.plain for each in found]
    there = sum(len(pairing.values(item)) for item in items)
    linked = {id(each.plain) for each in found if id(each.resource) in around}
    with trial() as place:
        try:
            intents, pairs = shortest.shortest(place, drafts, lambda made: pairing.pairs(items, made, linked), there)
        except shortest.Impossible as impossible:
            raise Refused(impossible.faults) from None
        unrendered = _brought_in(found, pairs)
        given = [Resource.new(value, path=file) for value, file in named(intents)]
        making = Making(place.root, [*given, *(item.copy() for item in unrendered)])
        if not making.run():
            raise Refused([said(result) for result in making.results if result.severity == "error"])
        now = [item for item in making.resources if not is_for_tools(item)]
    by_id = {item.identity: item for item in now}
    made = {id(old): new for old, new in pairs if old is not None}
    became = [
        Became(each, made.get(id(each.plain)), _now(made.get(id(each.plain)), item, by_id))
        for each, item in zip(found, unrendered, strict=True)
    ]
    known = {id(each.now) for each in became}
    return Adoption(intents, became, [item for item in now if id(item) not in known], unrendered)


def _now(made: Resource | None, item: Resource, by_id: dict[tuple[str, str, str, str], Resource]) -> Resource:
    return by_id.get(made.identity if made is not None else item.identity, item)


def _brought_in(found: list[Theirs], pairs: shortest.Pairs) -> list[Resource]:
    """Return the objects, in their order, by the names and in the files of what is rendered in their place."""
    copies = {id(each.plain): each.plain.copy() for each in found}
    everything = ResourceList(list(copies.values()))
    scopes = Scopes(everything)
    taken = [(copies[id(old)], new) for old, new in pairs if old is not None]
    names = {current_id(old, scopes): new.name for old, new in taken if old.name != new.name}
    references.rename(everything, names)
    adopted = {id(old) for old, _ in taken}
    for copy in copies.values():
        if id(copy) not in adopted and copy.annotation(MARK):
            copy.remove(f"metadata.annotations[{MARK}]")  # of a service that nobody knows
    for old, new in taken:
        for path, value in (("apiVersion", new.api_version), ("metadata.namespace", new.namespace)):
            if value and old.get(path) != value:
                old.set(path, value)
        if old.namespace and not new.namespace:
            old.remove("metadata.namespace")
        if mark := new.annotation(MARK):
            old.annotate({MARK: mark})
        if new.path is not None:
            old.place(new.path, new.index)
    return list(copies.values())


def said(result: Result) -> str:
    """Return a result without the file, which stands in a folder that is gone."""
    result.file = None
    return str(result)
