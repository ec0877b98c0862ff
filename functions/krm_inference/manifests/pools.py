"""Pools and the Pods that they select."""

from __future__ import annotations

from krm_inference.manifests import groups
from krm_inference.manifests.index import Index
from krm_inference.manifests.objects import Object
from krm_inference.manifests.pickers import pool_selector
from krm_inference.manifests.pods import Pod, pods


def pool_pods(index: Index, pool: Object) -> list[Pod]:
    """Return the Pods that a pool selects."""
    return index.derive(_pool_pods).get(pool, [])


def pools_of_server(index: Index, pod: Pod) -> list[Object]:
    """Return the pools that select a Pod."""
    return index.derive(pools_by_pod).get(pod, [])


def _pool_pods(index: Index) -> dict[Object, list[Pod]]:
    found = {}
    for pool in index.of(groups.POOL, groups.POOL_X):
        labels = pool_selector(pool).map
        found[pool] = pods(index).selected(labels, pool.namespace) if labels else []
    return found


def pools_by_pod(index: Index) -> dict[Pod, list[Object]]:
    """Return the pools that select each Pod."""
    found: dict[Pod, list[Object]] = {}
    for pool, selected in index.derive(_pool_pods).items():
        for pod in selected:
            found.setdefault(pod, []).append(pool)
    return found
