"""Secrets of monitors: in a namespace from which they can be read, and here."""

from __future__ import annotations

from collections.abc import Iterator

from krm_inference.manifests.index import Index
from krm_inference.manifests.links import of_rows
from krm_inference.validate_inference.findings import Finding
from krm_inference.validate_inference.rules.missing import missing


def secrets_out_of_reach(index: Index) -> Iterator[Finding]:
    """Yield monitors whose credentials are in another namespace, or not among the Secrets that are here."""
    for link in of_rows(index, "monitor-secret"):
        monitor, field = link.field.object, link.field["namespace"]
        if monitor.kind == "PodMonitoring" and field.text and monitor.namespace and field.text != monitor.namespace:
            message = f"a PodMonitoring reads Secrets of its own namespace only, which is {monitor.namespace}"
            yield Finding(field, message, monitor.namespace)
    yield from missing("monitor-secret")(index)
