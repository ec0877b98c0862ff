"""Definitions that somebody else keeps: those that GKE brings, where an intent says so."""

from __future__ import annotations

from collections.abc import Iterator

from krm_functions_sdk.resources import depends_on

from krm_inference.domain.facts.releases.definitions import MANAGED
from krm_inference.manifests.groups import CRD
from krm_inference.manifests.index import Index
from krm_inference.validate_inference.findings import Finding


def beside_those_of_gke(index: Index) -> Iterator[Finding]:
    """Yield definitions that GKE brings by what an LLMService says, and waits for them, which no applier can grant."""
    says = next((service for service in index.services if service.spec["managedDefinitions"]), None)
    if says is None:
        return
    kept = {f"{kind.lower()}s.{says.release.apis[kind].partition('/')[0]}" for kind in MANAGED}
    for item in index.of(CRD):
        if item.name in kept:
            message = f"LLMService {says.name} leaves {item.name} to GKE, and this would be written over GKE's"
            yield Finding(item.at("metadata.name"), message)
    for item in index.objects:
        for group, kind, _, name in depends_on.read(item.resource):
            if (group, kind) == CRD and name in kept:
                message = f"it waits for {name}, which is GKE's and so not among what is applied"
                yield Finding(item.at("metadata.annotations")[depends_on.ANNOTATION], message)
