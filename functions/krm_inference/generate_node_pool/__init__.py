"""Generate the GKE cluster and the node pools of each LLMCluster, as objects of Config Connector, and compute classes.

May import: the domain and the SDK, no other function.
"""

from __future__ import annotations

from krm_functions_sdk import ResourceList, after_errors, repeatable, run

from krm_inference.domain import cluster_consistency, intent
from krm_inference.domain.generation import Generation, Table
from krm_inference.domain.llm_cluster import is_llm_cluster
from krm_inference.generate_node_pool import classes, cluster, pools

SERVICES, NETWORK, CLUSTER = "services.yaml", "network.yaml", "cluster.yaml"
POOLS, CLASSES = "node-pools.yaml", "compute-classes.yaml"
_PROJECT = "metadata.annotations[cnrm.cloud.google.com/project-id]"

OWNS: Table = {
    "Service": (_PROJECT, f"metadata.annotations[{cluster.DELETION}]", "spec.resourceID"),
    "proxy-only subnet": (
        _PROJECT,
        *(f"spec.{name}" for name in ("ipCidrRange", "networkRef", "purpose", "region", "role")),
    ),
    "ContainerCluster": (
        _PROJECT,
        "spec.addonsConfig.httpLoadBalancing",
        "spec.enableAutopilot",
        "spec.gatewayApiConfig",
        "spec.initialNodeCount",
        "spec.ipAllocationPolicy",
        "spec.location",
        "spec.monitoringConfig",
        "spec.networkRef",
        "spec.networkingMode",
        "spec.nodeConfig.machineType",
        "spec.nodeConfig.workloadMetadataConfig",
        "spec.releaseChannel",
        "spec.subnetworkRef",
        "spec.workloadIdentityConfig",
    ),
    "ContainerNodePool": (
        _PROJECT,
        "spec.autoscaling",
        "spec.clusterRef",
        "spec.initialNodeCount",
        "spec.location",
        "spec.nodeConfig.diskSizeGb",
        "spec.nodeConfig.guestAccelerator",
        "spec.nodeConfig.machineType",
        "spec.nodeConfig.oauthScopes",
        "spec.nodeConfig.reservationAffinity",
        "spec.nodeConfig.spot",
        "spec.nodeConfig.workloadMetadataConfig",
        "spec.nodeLocations",
    ),
    "ComputeClass": (
        "metadata.annotations[config.kubernetes.io/local-config]",
        "spec.nodePoolAutoCreation",
        "spec.priorities",
        "spec.priorityDefaults",
        "spec.whenUnsatisfiable",
    ),
}


@after_errors
@repeatable
def generate_node_pool(resources: ResourceList) -> None:
    """Generate the GKE cluster and the node pools of each LLMCluster, and its compute classes."""
    services = intent.read(resources, takes_other_config=True)
    clusters = cluster_consistency.read(resources)
    if clusters:
        resources.results.extend(cluster_consistency.room(clusters, services))
    generation = Generation(resources, clusters, "generate-node-pool", OWNS, is_llm_cluster)
    for item in clusters:
        for service in cluster.services(item):
            generation.apply(item, "Service", service, SERVICES)
        if item.spec["proxyOnlySubnet"]["create"]:
            generation.apply(item, "proxy-only subnet", cluster.subnet(item), NETWORK)
        generation.apply(item, "ContainerCluster", cluster.cluster(item), CLUSTER)
        for nodes in item.nodes:
            if nodes.is_class(item.platform):
                generation.apply(item, "ComputeClass", classes.compute_class(item, nodes), CLASSES)
            elif not item.is_autopilot:
                generation.apply(item, "ContainerNodePool", pools.node_pool(item, nodes), POOLS)
    generation.sweep()


def main() -> None:
    """Be the executable."""
    run(generate_node_pool)
