"""A pool that routes and objectives name and nobody wrote down, as where a chart installs it."""

from __future__ import annotations

from krm_functions_sdk import Resource

from krm_inference.manifests.groups import POOL
from krm_inference.manifests.index import Index
from krm_inference.manifests.links import links
from krm_inference.manifests.pools import pools_of_server
from krm_inference.manifests.servers import servers


def with_pool(resources: list[Resource]) -> Index:
    """Return the index of the objects, with the pool of the one server that has none where one is named."""
    index = Index(resources)
    named = {
        link.name.text: link.field.object.namespace
        for link in links(index)
        if link.kind == POOL and link.name.text and index.find(POOL, link.name.text, link.namespace) is None
    }
    alone = [server.pod for server in servers(index) if not pools_of_server(index, server.pod)]
    if len(named) != 1 or len(alone) != 1:
        return index
    (name,) = named
    owner = alone[0].object
    metadata = {"name": name, **({"namespace": owner.namespace} if owner.namespace else {})}
    pool = {
        "apiVersion": "inference.networking.k8s.io/v1",
        "kind": POOL[1],
        "metadata": metadata,
        "spec": {"selector": {"matchLabels": dict(alone[0].labels)}},
    }
    return Index([*resources, Resource.new(pool)])
