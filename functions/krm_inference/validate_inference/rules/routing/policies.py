"""Policies of the load balancer: one of a kind for each target."""

from __future__ import annotations

from collections.abc import Iterator

from krm_inference.manifests.index import Index
from krm_inference.manifests.links import of_rows
from krm_inference.manifests.objects import Object
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
