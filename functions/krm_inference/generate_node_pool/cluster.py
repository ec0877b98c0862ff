"""The cluster, the APIs that it needs, and the subnet of the load balancers' proxies.

Sources: GKE, Deploy GKE Inference Gateway (2026): the APIs of Compute Engine, GKE and Network Services, a VPC-native
cluster, the add-on HttpLoadBalancing, a proxy-only subnet. The tutorial's command for the rest: Workload Identity,
managed Prometheus, metrics SYSTEM and DCGM, the Gateway API's standard channel, release channel rapid. Fields: Config
Connector's CRDs (GoogleCloudPlatform/k8s-config-connector cdb85ec).
"""

from __future__ import annotations

from krm_functions_sdk import because

from krm_inference.domain.generation import metadata
from krm_inference.domain.llm_cluster import LLMCluster

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

CONTAINER = "container.cnrm.cloud.google.com/v1beta1"
DELETION = "cnrm.cloud.google.com/deletion-policy"
_APIS = ("compute.googleapis.com", "container.googleapis.com", "networkservices.googleapis.com")


def meta(name: str, cluster: LLMCluster) -> dict[str, Any]:
    """Return the metadata of an object of Config Connector."""
    return {**metadata(name, cluster), "annotations": {"cnrm.cloud.google.com/project-id": cluster.project}}


def services(cluster: LLMCluster) -> list[dict[str, Any]]:
    """Return the APIs that have to be on in the project."""
    return [_service(cluster, api) for api in _APIS]


def _service(cluster: LLMCluster, api: str) -> dict[str, Any]:
    head = meta(f"{cluster.name}-{api.partition('.')[0]}", cluster)
    head["annotations"][DELETION] = because("abandon", "others use the API too: it stays on when this goes")
    return {
        "apiVersion": "serviceusage.cnrm.cloud.google.com/v1beta1",
        "kind": "Service",
        "metadata": head,
        "spec": {"resourceID": api},
    }


def network(cluster: LLMCluster) -> dict[str, str]:
    """Return the reference to the VPC network, which is there before the cluster."""
    return {"external": f"projects/{cluster.project}/global/networks/{cluster.spec['network']}"}


def subnet(cluster: LLMCluster) -> dict[str, Any]:
    """Return the subnet in which GKE's regional load balancers have their proxies."""
    return {
        "apiVersion": "compute.cnrm.cloud.google.com/v1beta1",
        "kind": "ComputeSubnetwork",
        "metadata": meta(f"{cluster.name}-proxy-only", cluster),
        "spec": {
            "ipCidrRange": cluster.spec["proxyOnlySubnet"]["range"],
            "networkRef": network(cluster),
            "purpose": "REGIONAL_MANAGED_PROXY",
            "region": cluster.location,
            "role": "ACTIVE",
        },
    }


def cluster(item: LLMCluster) -> dict[str, Any]:
    """Return the cluster."""
    spec: dict[str, Any] = {
        "location": item.location,
        "networkRef": network(item),
        **_subnetwork(item),
        "networkingMode": "VPC_NATIVE",
        "ipAllocationPolicy": {"stackType": "IPV4"},
        "releaseChannel": {"channel": item.spec["channel"]},
        "gatewayApiConfig": {"channel": because("CHANNEL_STANDARD", "GKE installs the Gateway API's definitions")},
    }
    spec |= {"enableAutopilot": True} if item.is_autopilot else _standard(item)
    return {
        "apiVersion": CONTAINER,
        "kind": "ContainerCluster",
        "metadata": meta(item.name, item),
        "spec": spec,
    }


def _subnetwork(item: LLMCluster) -> dict[str, Any]:
    name = item.spec.get("subnetwork")
    path = f"projects/{item.project}/regions/{item.location}/subnetworks/{name}"
    return {"subnetworkRef": {"external": path}} if name else {}


def _standard(item: LLMCluster) -> dict[str, Any]:
    """Return what Autopilot decides by itself."""
    return {
        "addonsConfig": {"httpLoadBalancing": {"disabled": False}},
        "workloadIdentityConfig": {"workloadPool": f"{item.project}.svc.id.goog"},
        "monitoringConfig": {
            "enableComponents": ["SYSTEM_COMPONENTS", because("DCGM", "metrics of the GPUs")],
            "managedPrometheus": {"enabled": because(True, "PodMonitorings are read by it")},
        },
        "initialNodeCount": because(item.spec["system"]["nodes"], "in each zone, for pickers and what GKE runs"),
        "nodeConfig": {
            "machineType": item.spec["system"]["machineType"],
            "workloadMetadataConfig": {"mode": "GKE_METADATA"},
        },
    }
