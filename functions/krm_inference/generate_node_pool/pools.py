"""Node pools with accelerators, from the same row of the table as the node selectors of Pods.

GKE labels and taints such nodes by itself, by the accelerator, the slice and the sharing that the pool has (GKE, About
GPUs), so that nothing of it is said twice. A machine with TPUs brings them by its type, and one without
accelerators has none to name.
"""

from __future__ import annotations

from krm_functions_sdk import because

from krm_inference.domain.llm_cluster import RESERVATION, SPOT, LLMCluster, Nodes
from krm_inference.generate_node_pool.cluster import CONTAINER, meta

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_RESERVATION_KEY = "compute.googleapis.com/reservation-name"


def node_pool(cluster: LLMCluster, nodes: Nodes) -> dict[str, Any]:
    """Return the node pool of these nodes."""
    spec = nodes.spec
    return {
        "apiVersion": CONTAINER,
        "kind": "ContainerNodePool",
        "metadata": meta(nodes.name, cluster),
        "spec": {
            "clusterRef": {"name": cluster.name},
            "location": cluster.location,
            **({"nodeLocations": cluster.spec["zones"]} if cluster.spec["zones"] else {}),
            "initialNodeCount": because(0, "the autoscaler makes what Pods ask for"),
            "autoscaling": {
                "totalMinNodeCount": spec["minNodes"],
                "totalMaxNodeCount": because(spec["maxNodes"], f"machines of {nodes.each} × {nodes.kind}"),
                "locationPolicy": because("ANY", "of the zones, where there are machines"),
            },
            "nodeConfig": {
                "machineType": nodes.machine,
                **_accelerator(nodes),
                **({"spot": True} if nodes.capacity == [SPOT] else {}),
                **_reservation(nodes),
                "diskSizeGb": spec["diskGB"],
                "oauthScopes": ["https://www.googleapis.com/auth/cloud-platform"],
                "workloadMetadataConfig": {"mode": "GKE_METADATA"},
            },
        },
    }


def _accelerator(nodes: Nodes) -> dict[str, Any]:
    if nodes.accelerator.backend in ("tpu", "cpu"):
        return {}
    part = nodes.part
    sharing = {"gpuSharingStrategy": "TIME_SHARING", "maxSharedClientsPerGpu": part.shared_by}
    card = {
        "type": nodes.kind,
        "count": nodes.each,
        "gpuDriverInstallationConfig": {"gpuDriverVersion": "LATEST"},
        **({"gpuPartitionSize": part.partition} if part.partition else {}),
        **({"gpuSharingConfig": sharing} if part.shared_by > 1 else {}),
    }
    return {"guestAccelerator": [card]}


def _reservation(nodes: Nodes) -> dict[str, Any]:
    if nodes.capacity != [RESERVATION]:
        return {}
    affinity = {
        "consumeReservationType": "SPECIFIC_RESERVATION",
        "key": _RESERVATION_KEY,
        "values": [nodes.spec["reservation"]],
    }
    return {"reservationAffinity": affinity}
