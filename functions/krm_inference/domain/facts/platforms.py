"""Platforms: what differs from one kind of cluster to another.

Sources, beside those of the rows. Labels of GPU nodes: GKE's page "Deploy GPU workloads in Autopilot" (autopilot-gpus,
2026); GPU feature discovery (NVIDIA/k8s-device-plugin 0719b2a, docs/gpu-feature-discovery); EKS, "Create a node pool
for EKS Auto Mode" (create-node-pool); AKS labels a node with the size of its machine only, by Kubernetes' well-known
`node.kubernetes.io/instance-type`. A driver that the NVIDIA Container Toolkit mounts needs no LD_LIBRARY_PATH; GKE
mounts its own into a folder.
"""

from __future__ import annotations

from krm_inference.domain.record import Record


class Platform(Record):
    """A kind of cluster.

    `title` is its name in messages and `source` where it was read. `accelerator_label` is the label that tells GPU
    nodes apart, and `count_label` the one that says how many GPUs a node has, where Pods should name that too.
    `taints` are taints of theirs beside the one that has the name of their resource, as key and value.
    `driver_libraries` are the folders where the platform mounts the driver, "" where the container finds it.
    `collector` is the ServiceAccount and namespace that scrape metrics by PodMonitorings; without one the monitors are
    those of the Prometheus Operator, which reads their Secrets by its own rights. `is_gke` says that GKE's own classes
    of Gateways are there. `default_requests` are what it writes into containers that request nothing, so that we write
    it ourselves. `fixed_users` says that a Pod may name the user that it runs as.
    """

    title: str
    source: str
    accelerator_label: str
    count_label: str = ""
    taints: tuple[tuple[str, str], ...] = ()
    driver_libraries: str = ""
    collector: tuple[str, ...] = ()
    is_gke: bool = False
    default_requests: dict[str, str] = {}  # noqa: RUF012  # a row is never changed
    fixed_users: bool = True


_GKE_DRIVER = "/usr/local/nvidia/lib:/usr/local/nvidia/lib64"
_GKE_LABEL = "cloud.google.com/gke-accelerator"
_PRODUCT = "nvidia.com/gpu.product"

PLATFORMS: dict[str, Platform] = {
    "gke-standard": Platform(
        title="GKE Standard",
        source="GKE, About GPUs; chart of GAIE v1.0.1, which binds collector of gmp-system",
        accelerator_label=_GKE_LABEL,
        driver_libraries=_GKE_DRIVER,
        collector=("collector", "gmp-system"),
        is_gke=True,
    ),
    # It gives containers without requests these (GKE, Resource requests in Autopilot), and a GPU Pod without the count
    # a node of its own. Its collector lives elsewhere (chart of GAIE v1.5.0, provider.gke.autopilot).
    "gke-autopilot": Platform(
        title="GKE Autopilot",
        source="GKE, Deploy GPU workloads in Autopilot and Resource requests in Autopilot; chart of GAIE v1.5.0",
        accelerator_label=_GKE_LABEL,
        count_label="cloud.google.com/gke-accelerator-count",
        driver_libraries=_GKE_DRIVER,
        collector=("collector", "gke-gmp-system"),
        is_gke=True,
        default_requests={"cpu": "500m", "memory": "2Gi", "ephemeral-storage": "1Gi"},
    ),
    "kubernetes": Platform(
        title="plain Kubernetes",
        source="NVIDIA/k8s-device-plugin 0719b2a, docs/gpu-feature-discovery",
        accelerator_label=_PRODUCT,
    ),
    "eks": Platform(
        title="EKS",
        source="EKS, Create a node pool for EKS Auto Mode; awsdocs/amazon-eks-user-guide 049f82e, "
        "ml-inference-load-serve-model.adoc, for the taint",
        accelerator_label="eks.amazonaws.com/instance-gpu-name",
    ),
    "aks": Platform(
        title="AKS",
        source="AKS, Use GPUs, whose node pools have the taint sku=gpu; kaito-project/kaito 0d9b555, "
        "pkg/sku/azure_sku_handler.go, for the sizes",
        accelerator_label="node.kubernetes.io/instance-type",
        taints=(("sku", "gpu"),),
    ),
    # Its SCC restricted-v2 gives each namespace a range of users and refuses a Pod that names another.
    "openshift": Platform(
        title="OpenShift",
        source="openshift/cluster-kube-apiserver-operator, scc-restricted-v2.yaml; NVIDIA GPU Operator, which labels "
        "by GPU feature discovery",
        accelerator_label=_PRODUCT,
        fixed_users=False,
    ),
}
