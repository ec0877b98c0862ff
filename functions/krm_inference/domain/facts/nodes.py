"""Nodes: by which label a platform tells the nodes with an accelerator, and how many GPUs its machines have.

GKE labels a node with the name that an accelerator has here, and its machines stand in `accelerators.py`. Elsewhere:

- GPU feature discovery labels by the name that the driver gives the GPU, with hyphens for spaces
  (NVIDIA/k8s-device-plugin 0719b2a, internal/lm/resource.go). Each value here was read in a public manifest.
- EKS labels by the GPU's model in lower case. Two A100 have one name there, so their instance type tells them. Numbers
  of GPUs: kaito-project/kaito 46dea37, pkg/sku/aws_sku_handler.go; p5.4xlarge and p6-b200.48xlarge as public tools
  list them in 2026.
- AKS: the size of the machine (kaito-project/kaito 0d9b555, pkg/sku/azure_sku_handler.go). Those with up to four A100
  have the PCIe card, whose memory is 5 % slower than that of the SXM card with which numbers are worked out.

An H100 of `nvidia-h100-mega-80gb` is that of `nvidia-h100-80gb`: only GKE's machines tell the two apart.
"""

from __future__ import annotations

from typing import NamedTuple

from krm_inference.domain.facts.accelerators import ACCELERATORS


class Nodes(NamedTuple):
    """The nodes of a platform that have an accelerator.

    `value` is what the platform's label says of them, "" where the label is the size of the machine, and `label` is
    another label than the platform's. `machines` has the machine type by number of GPUs, "" where it has no name.
    """

    value: str
    machines: dict[int, str]
    label: str = ""


_MOST = 8
_TYPE = "node.kubernetes.io/instance-type"
_ANY = dict.fromkeys(range(1, _MOST + 1), "")
_PRODUCTS = {
    "nvidia-a100-80gb": "NVIDIA-A100-SXM4-80GB",
    "nvidia-b200": "NVIDIA-B200",
    "nvidia-h100-80gb": "NVIDIA-H100-80GB-HBM3",
    "nvidia-h200-141gb": "NVIDIA-H200",
    "nvidia-l4": "NVIDIA-L4",
    "nvidia-rtx-pro-6000": "NVIDIA-RTX-PRO-6000-Blackwell-Server-Edition",
    "nvidia-tesla-a100": "NVIDIA-A100-SXM4-40GB",
}
_DISCOVERED = {name: Nodes(value, _ANY) for name, value in _PRODUCTS.items()}

_EKS = {
    "nvidia-a100-80gb": Nodes("p4de.24xlarge", {8: "p4de.24xlarge"}, _TYPE),
    "nvidia-b200": Nodes("b200", {8: "p6-b200.48xlarge"}),
    "nvidia-h100-80gb": Nodes("h100", {1: "p5.4xlarge", 8: "p5.48xlarge"}),
    "nvidia-h200-141gb": Nodes("h200", {8: "p5en.48xlarge"}),
    "nvidia-l4": Nodes("l4", {1: "g6.4xlarge", 4: "g6.12xlarge", 8: "g6.48xlarge"}),
    "nvidia-tesla-a100": Nodes("p4d.24xlarge", {8: "p4d.24xlarge"}, _TYPE),
}
_AKS = {
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
    "nvidia-h200-141gb": Nodes("", {8: "Standard_ND96isr_H200_v5"}),
    "nvidia-tesla-a100": Nodes("", {8: "Standard_ND96asr_v4"}),
}
NODES: dict[str, dict[str, Nodes]] = {"kubernetes": _DISCOVERED, "eks": _EKS, "aks": _AKS, "openshift": _DISCOVERED}


def known(platform: str, accelerator: str) -> Nodes | None:
    """Return the nodes of a platform that have an accelerator, None where the table has none or the platform none."""
    return NODES.get(platform, {}).get(accelerator)


def machines(platform: str) -> dict[str, dict[int, str]]:
    """Return the machines of each accelerator that a platform's nodes have; those of GKE where it has no table."""
    rows = NODES.get(platform)
    if rows is None:
        return {name: row.machines for name, row in ACCELERATORS.items()}
    return {name: row.machines for name, row in rows.items()}


def accelerator(value: str) -> str:
    """Return the accelerator of which the nodes of some platform have this value in a label, "" where none is known."""
    for rows in NODES.values():
        for name, nodes in rows.items():
            if value in ((nodes.value,) if nodes.value else nodes.machines.values()):
                return name
    return ""
