"""Nodes: by which label a platform tells the nodes with an accelerator, and how many GPUs its machines have.

GKE labels a node with the name that an accelerator has here, and its machines stand in `accelerators.py`. Elsewhere:

- GPU feature discovery labels by the name that the driver gives the GPU, with hyphens for spaces
  (NVIDIA/k8s-device-plugin 0719b2a, internal/lm/resource.go). Each value here was read in a public manifest.
- AMD's node labeller says the PCI device by `amd.com/gpu.device-id`, which no driver spells otherwise: 74a1 is an
  MI300X, 74a5 an MI325X (vllm-project/vllm vllm/platforms/rocm.py, _ROCM_DEVICE_ID_NAME_MAP, of 2026). A node whose
  GPUs are virtual functions has another id there, 74b5 or 74b9: its intent names the label by
  `accelerator.nodeSelector`.
- EKS labels by the GPU's model in lower case. Two A100 have one name there, so their instance type tells them. Names
  and numbers of GPUs: aws/karpenter-provider-aws 1d92708, website, reference/instance-types.md.
- AKS: the size of the machine (kaito-project/kaito 056b828, pkg/sku/azure_sku_handler.go; microsoft/aspire 5bd693a,
  AksNodeVmSizes.cs, which Azure's API wrote: T4, MI300X, and Standard_ND96asr_v4, which kaito spells otherwise).
  Those with up to four A100 have the PCIe card, whose memory is 5 % slower than that of the SXM card with which
  numbers are worked out.
- Nodes without an accelerator need no label.

An H100 of `nvidia-h100-mega-80gb` is that of `nvidia-h100-80gb`: only GKE's machines tell the two apart.
"""

from __future__ import annotations

from krm_inference.domain.facts.accelerators import ACCELERATORS
from krm_inference.domain.record import Record


class Nodes(Record):
    """The nodes of a platform that have an accelerator.

    `value` is what the platform's label says of them, "" where the label is the size of the machine, and `label` is
    another label than the platform's. `machines` has the machine type by number of GPUs, "" where it has no name.
    """

    value: str
    machines: dict[int, str]
    label: str = ""


_MOST = 8
_TYPE = "node.kubernetes.io/instance-type"
_DEVICE = "amd.com/gpu.device-id"
# For a CPU: no label, and each Pod is one.
_CPU = Nodes("", {1: ""}, "")
_ANY = dict.fromkeys(range(1, _MOST + 1), "")
_PRODUCTS = {
    "nvidia-a100-80gb": "NVIDIA-A100-SXM4-80GB",
    "nvidia-a10": "NVIDIA-A10",
    "nvidia-a10g": "NVIDIA-A10G",
    "nvidia-b200": "NVIDIA-B200",
    "nvidia-gb200": "NVIDIA-GB200",
    "nvidia-h100-80gb": "NVIDIA-H100-80GB-HBM3",
    "nvidia-h100-nvl": "NVIDIA-H100-NVL",
    "nvidia-h200-141gb": "NVIDIA-H200",
    "nvidia-l4": "NVIDIA-L4",
    "nvidia-l40s": "NVIDIA-L40S",
    "nvidia-rtx-pro-6000": "NVIDIA-RTX-PRO-6000-Blackwell-Server-Edition",
    "nvidia-tesla-a100": "NVIDIA-A100-SXM4-40GB",
    "nvidia-tesla-t4": "Tesla-T4",
}
_DEVICES = {"amd-mi300x": "74a1", "amd-mi325x": "74a5"}
_DISCOVERED = {
    **{name: Nodes(value, _ANY) for name, value in _PRODUCTS.items()},
    **{name: Nodes(value, _ANY, _DEVICE) for name, value in _DEVICES.items()},
    "cpu": _CPU,
}

_EKS = {
    "nvidia-a100-80gb": Nodes("p4de.24xlarge", {8: "p4de.24xlarge"}, _TYPE),
    "nvidia-a10g": Nodes("a10g", {1: "g5.4xlarge", 4: "g5.12xlarge", 8: "g5.48xlarge"}),
    "nvidia-b200": Nodes("b200", {8: "p6-b200.48xlarge"}),
    "nvidia-h100-80gb": Nodes("h100", {1: "p5.4xlarge", 8: "p5.48xlarge"}),
    "nvidia-h200-141gb": Nodes("h200", {8: "p5en.48xlarge"}),
    "nvidia-l4": Nodes("l4", {1: "g6.4xlarge", 4: "g6.12xlarge", 8: "g6.48xlarge"}),
    "nvidia-l40s": Nodes("l40s", {1: "g6e.4xlarge", 4: "g6e.12xlarge", 8: "g6e.48xlarge"}),
    "nvidia-rtx-pro-6000": Nodes(
        "rtx-pro-server-6000", {1: "g7e.4xlarge", 2: "g7e.12xlarge", 4: "g7e.24xlarge", 8: "g7e.48xlarge"}
    ),
    "nvidia-tesla-a100": Nodes("p4d.24xlarge", {8: "p4d.24xlarge"}, _TYPE),
    "nvidia-tesla-t4": Nodes("t4", {1: "g4dn.4xlarge", 4: "g4dn.12xlarge", 8: "g4dn.metal"}),
    "cpu": _CPU,
}
_AKS = {
    "amd-mi300x": Nodes("", {8: "Standard_ND96isr_MI300X_v5"}),
    "nvidia-a10": Nodes("", {1: "Standard_NV36ads_A10_v5", 2: "Standard_NV72ads_A10_v5"}),
    "nvidia-a100-80gb": Nodes(
        "",
        {
            1: "Standard_NC24ads_A100_v4",
            2: "Standard_NC48ads_A100_v4",
            4: "Standard_NC96ads_A100_v4",
            8: "Standard_ND96amsr_A100_v4",
        },
    ),
    "nvidia-h100-80gb": Nodes("", {8: "Standard_ND96isr_H100_v5"}),
    "nvidia-h100-nvl": Nodes("", {1: "Standard_NC40ads_H100_v5", 2: "Standard_NC80adis_H100_v5"}),
    "nvidia-h200-141gb": Nodes("", {8: "Standard_ND96isr_H200_v5"}),
    "nvidia-tesla-a100": Nodes("", {8: "Standard_ND96asr_v4"}),
    "nvidia-tesla-t4": Nodes("", {1: "Standard_NC8as_T4_v3", 4: "Standard_NC64as_T4_v3"}),
    "cpu": _CPU,
}
NODES: dict[str, dict[str, Nodes]] = {"kubernetes": _DISCOVERED, "eks": _EKS, "aks": _AKS, "openshift": _DISCOVERED}


def known(platform: str, accelerator: str) -> Nodes | None:
    """Return the nodes of a platform that have an accelerator, None where the table has none or the platform none."""
    return NODES.get(platform, {}).get(accelerator)


def machines(platform: str) -> dict[str, dict[int, str]]:
    """Return the machines of each accelerator that a platform's nodes have; those of GKE where it has no table."""
    rows = NODES.get(platform)
    if rows is None:
        return {name: row.machines for name, row in ACCELERATORS.items() if row.machines}
    return {name: row.machines for name, row in rows.items()}


def accelerator(value: str) -> str:
    """Return the accelerator of which the nodes of some platform have this value in a label, "" where none is known."""
    for rows in NODES.values():
        for name, nodes in rows.items():
            if value and value in ((nodes.value,) if nodes.value else nodes.machines.values()):
                return name
    return ""
