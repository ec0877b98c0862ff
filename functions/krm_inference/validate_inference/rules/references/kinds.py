"""Kinds and names in references: those that go together, and those that are among the manifests."""

from __future__ import annotations

from collections.abc import Iterator

from krm_functions_sdk import MISSING

from krm_inference.manifests import groups
from krm_inference.manifests.groups import POOL, RBAC
from krm_inference.manifests.index import Index, Kind
from krm_inference.manifests.links import ROWS, Link, links
from krm_inference.validate_inference.findings import Finding, listed
from krm_inference.validate_inference.rules.missing import is_missing, is_of_inference


def nameless(index: Index) -> Iterator[Finding]:
    """Yield references that name nothing."""
    for link in links(index):
        if not link.name.text:
            yield Finding(link.name, f"found {link.name.value}, expected a name" if link.name.exists else "no name")


def wrong_kinds(index: Index) -> Iterator[Finding]:
    """Yield references whose group and kind do not belong together, or mean an object of another kind."""
    rows = {row.name: row for row in ROWS}
    for link in links(index):
        row = rows.get(link.row)
        if row is None:
            continue
        group, kind = link.kind
        near = [fit for fit in row.kinds if fit[0] == group or fit[1] == kind]
        if link.kind in row.kinds:
            yield from _mistaken(index, link, row.kinds)
        elif near:
            said_group, said_kind = link.field[row.group_key], link.field["kind"]
            held = (fit for fit in near if index.find(fit, link.name.text, link.namespace))
            # What is written tells more than what it defaults to, and the kind more than the group.
            written = max(near, key=lambda fit: (fit[1] == said_kind.text, fit[0] == said_group.text != ""))
            meant = next(held, written)
            message = f'group "{group}" has no kind {kind}'
            if meant[0] == group:
                yield Finding(said_kind, message if said_kind.exists else "the kind is missing", meant[1])
            else:
                yield Finding(said_group, message if said_group.exists else "the group is missing", meant[0])


def _mistaken(index: Index, link: Link, kinds: tuple[Kind, ...]) -> Iterator[Finding]:
    name = link.name.text
    if index.find(link.kind, name, link.namespace) or index.whole.find(link.kind, name, link.namespace):
        return
    for other in kinds:
        if other[1] != link.kind[1] and index.find(other, name, link.namespace):
            group = f" in group {other[0]}" if other[0] else ""
            message = f"no {link.kind[1]} {name}, but {other[1]} {name} exists{group}"
            yield Finding(link.field["kind"], message, other[1])
            return


def not_here(index: Index) -> Iterator[Finding]:
    """Yield what belongs to the set and cannot be checked, since these manifests hold nothing of its kind."""
    seen = set()
    for link in links(index):
        what = (link.kind, link.name.text, link.namespace)
        is_pool = link.kind == POOL and not index.has(POOL, "") and not index.has(groups.POOL_X, "")
        is_picker = (
            link.row == "pool-picker" and link.kind == groups.SERVICE and not index.has(link.kind, link.namespace)
        )
        if link.name.text and (is_pool or is_picker) and what not in seen and not is_missing(index, link):
            seen.add(what)
            yield Finding(
                link.name,
                f"{link.kind[1]} {link.name.text} is not checked, because it is not among these manifests",
            )


def unknown_resource_names(index: Index) -> Iterator[Finding]:
    """Yield resourceNames of roles that name nothing, where the manifests hold others of that kind."""
    kinds = {"secrets": groups.SECRET, "configmaps": groups.CONFIG_MAP}
    for role in index.of((RBAC, "Role")):
        for rule in role.at("rules"):
            named = [kinds[resource.text] for resource in rule["resources"] if resource.text in kinds]
            for kind in named if is_of_inference(index, role) else ():
                for name in rule["resourceNames"]:
                    if index.has(kind, role.namespace) and index.find(kind, name.text, role.namespace) is None:
                        held = [item.name for item in index.inside(kind, role.namespace)]
                        proposed = held[0] if len(held) == 1 else MISSING
                        yield Finding(name, f"no {kind[1]} {name.text}; there is: {listed(held)}", proposed)
