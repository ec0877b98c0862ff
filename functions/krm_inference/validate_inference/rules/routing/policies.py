"""Policies: one of a kind for each target, and targets that are there by another name."""

from __future__ import annotations

from collections.abc import Iterator

from krm_inference.domain.spelling import is_a_letter_off
from krm_inference.manifests import groups
from krm_inference.manifests.index import Index
from krm_inference.manifests.links import of_rows
from krm_inference.manifests.objects import Field, Object
from krm_inference.validate_inference.findings import Finding


def duplicate_policies(index: Index) -> Iterator[Finding]:
    """Yield policies whose target has another policy of the same kind."""
    first: dict[object, Object] = {}
    for link in of_rows(index, "policy-target"):
        policy = link.field.object
        target = index.find(link.kind, link.name.text, link.namespace)
        meant = target or (link.kind, link.name.text, link.namespace or "default")
        other = first.setdefault((policy.group, policy.kind, meant), policy)
        if other is not policy:
            message = f"{link.kind[1]} {link.name.text} already has a {policy.kind}: {other.place}"
            yield Finding(link.field["name"], message)


# What a policy of whatever gateway is attached to.
_TARGETS = (
    *((groups.GATEWAY, "Gateway"), groups.ROUTE, (groups.GATEWAY, "GRPCRoute")),
    *(groups.SERVICE, groups.POOL, groups.POOL_X),
)


def misspelt_targets(index: Index) -> Iterator[Finding]:
    """Yield targets that are not here, where one of the kind is whose name differs in a letter."""
    said = {(link.field.object, link.name.text) for link in of_rows(index, "policy-target")}
    for item in index.objects:
        for target in _targets(item):
            kind, name = (target["group"].text, target["kind"].text), target["name"].text
            namespace = target["namespace"].text or item.namespace
            if kind not in _TARGETS or not name or index.whole.named(kind, name):
                continue
            if (item, name) in said and kind in (groups.POOL, groups.POOL_X):
                continue  # `policy-target` finds it
            near = [other.name for other in index.inside(kind, namespace) if is_a_letter_off(name, other.name)]
            if len(set(near)) == 1:
                yield Finding(target["name"], f"no {kind[1]} {name}; did you mean {near[0]}?", near[0])


def _targets(item: Object) -> Iterator[Field]:
    if "Policy" in item.kind or item.kind.startswith("GCP"):
        yield item.at("spec.targetRef")
        yield from item.at("spec.targetRefs")
