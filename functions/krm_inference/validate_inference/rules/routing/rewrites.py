"""Rewrites of model names: the servers of the pool must have what a request is rewritten to."""

from __future__ import annotations

from collections.abc import Iterator

from krm_functions_sdk import MISSING

from krm_inference.domain.spelling import nearest
from krm_inference.manifests import groups
from krm_inference.manifests.index import Index
from krm_inference.manifests.links import of_rows
from krm_inference.manifests.pools import pool_pods
from krm_inference.manifests.servers import servers_of
from krm_inference.manifests.syncers import model_names
from krm_inference.validate_inference.findings import Finding, listed


def unknown_targets(index: Index) -> Iterator[Finding]:
    """Yield targets of rewrites that are no model or adapter of the pool's servers, where all of these are known."""
    for link in of_rows(index, "objective-pool"):
        rewrite = link.field.object
        if (rewrite.group, rewrite.kind) not in groups.REWRITES:
            continue
        pool = index.find(link.kind, link.name.text, link.namespace)
        behind = [server for pod in pool_pods(index, pool) for server in servers_of(index, pod)] if pool else []
        names = {name for server in behind for name in model_names(index, server) or ()}
        if not behind or any(model_names(index, server) is None for server in behind):
            continue
        for rule in rewrite.at("spec.rules"):
            for target in rule["targets"]:
                name = target["modelRewrite"]
                if name.text and name.text not in names:
                    near = nearest(name.text, names)
                    message = f"{behind[0].pod.object} serves no {name.text}; it serves: {listed(names)}"
                    yield Finding(name, message, near or MISSING)
