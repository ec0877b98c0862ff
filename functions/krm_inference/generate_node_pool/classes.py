"""Compute classes: nodes that come from one of several ways to get machines, in an order.

Source: GKE, the reference of ComputeClass (docs.cloud.google.com/kubernetes-engine/docs/reference/crds/computeclass,
2026), and GoogleCloudPlatform/accelerated-platforms 9320f3b, custom_compute_class. A class is an object of the cluster
that it is for, and not of the one where Config Connector runs: so it carries the annotation by which kpt and kustomize
leave it out, and is applied by itself.
"""

from __future__ import annotations

from krm_functions_sdk import because

from krm_inference.domain.llm_cluster import FLEX_START, RESERVATION, SPOT, LLMCluster, Nodes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# How many chips stand together in one machine.
_TOPOLOGIES = {1: "1x1", 4: "2x2", 8: "2x4"}


def compute_class(cluster: LLMCluster, nodes: Nodes) -> dict[str, Any]:
    """Return the compute class of these nodes."""
    zones = {"priorityDefaults": {"location": {"zones": cluster.spec["zones"]}}} if cluster.spec["zones"] else {}
    return {
        "apiVersion": "cloud.google.com/v1",
        "kind": "ComputeClass",
        "metadata": {"name": nodes.name, "annotations": {"config.kubernetes.io/local-config": "true"}},
        "spec": {
            "nodePoolAutoCreation": {"enabled": True},
            "whenUnsatisfiable": because("DoNotScaleUp", "another machine would have no accelerator"),
            **zones,
            "priorities": [_priority(cluster, nodes, way) for way in nodes.capacity],
        },
    }


def _priority(cluster: LLMCluster, nodes: Nodes, way: str) -> dict[str, Any]:
    found: dict[str, Any] = {} if cluster.is_autopilot else {"machineType": nodes.machine}
    if nodes.accelerator.backend == "tpu":
        found["tpu"] = {"type": nodes.kind, "count": nodes.each, "topology": _TOPOLOGIES[nodes.each]}
    elif nodes.accelerator.backend == "cuda":
        found["gpu"] = {"type": nodes.kind, "count": nodes.each, "driverVersion": "latest"}
    if way == SPOT:
        return {**found, "spot": True}
    if way == FLEX_START:
        return {**found, "flexStart": {"enabled": True}}
    if way == RESERVATION:
        return {**found, "reservations": {"affinity": "Specific", "specific": [{"name": nodes.spec["reservation"]}]}}
    return {**found, "spot": False}
