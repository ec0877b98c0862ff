"""Accelerators: what a GKE node is labelled with, what one GPU holds, and how many a machine offers.

Source: Compute Engine's page of GPU machine types (compute/docs/gpus, S3NS's edition of 2026-08-26) for accelerator
types, machines and their numbers of GPUs. GKE labels a node with the accelerator type,
`cloud.google.com/gke-accelerator` (AI-Hypercomputer/xpk 02b0c09, system_characteristics.py). Memory is as nvidia-smi
shows it, a little more than what a process gets.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from krm_inference.domain.spelling import nearest


class Accelerator(NamedTuple):
    """One kind of GPU: memory of one in MiB, and machine type by number of GPUs."""

    memory_mib: int
    machines: dict[int, str]

    @property
    def memory(self) -> float:
        """Memory of one GPU in GiB."""
        return self.memory_mib / 1024

    @property
    def most(self) -> int:
        """The most GPUs that one machine offers."""
        return max(self.machines)

    def machine(self, count: int) -> str:
        """Return the smallest machine type with at least `count` GPUs."""
        return self.machines[min(number for number in self.machines if number >= count)]


ACCELERATORS: dict[str, Accelerator] = {
    "nvidia-a100-80gb": Accelerator(
        81920, {1: "a2-ultragpu-1g", 2: "a2-ultragpu-2g", 4: "a2-ultragpu-4g", 8: "a2-ultragpu-8g"}
    ),
    "nvidia-b200": Accelerator(183359, {8: "a4-highgpu-8g"}),
    "nvidia-h100-80gb": Accelerator(
        81559, {1: "a3-highgpu-1g", 2: "a3-highgpu-2g", 4: "a3-highgpu-4g", 8: "a3-highgpu-8g"}
    ),
    "nvidia-h100-mega-80gb": Accelerator(81559, {8: "a3-megagpu-8g"}),
    "nvidia-h200-141gb": Accelerator(143771, {8: "a3-ultragpu-8g"}),
    "nvidia-l4": Accelerator(
        23034, {1: "g2-standard-8", 2: "g2-standard-24", 4: "g2-standard-48", 8: "g2-standard-96"}
    ),
    "nvidia-rtx-pro-6000": Accelerator(
        97887, {1: "g4-standard-48", 2: "g4-standard-96", 4: "g4-standard-192", 8: "g4-standard-384"}
    ),
    "nvidia-tesla-a100": Accelerator(
        40960, {1: "a2-highgpu-1g", 2: "a2-highgpu-2g", 4: "a2-highgpu-4g", 8: "a2-highgpu-8g", 16: "a2-megagpu-16g"}
    ),
}
# The other accelerator types of that page: A4X, whose processors are Arm; N1, which takes GPUs in numbers of its own;
# and virtual workstations. Nothing more is known of them here.
OTHERS = (
    *("nvidia-gb200", "nvidia-gb300", "nvidia-l4-vws", "nvidia-rtx-pro-6000-vws", "nvidia-tesla-p100"),
    *("nvidia-tesla-p100-vws", "nvidia-tesla-p4", "nvidia-tesla-p4-vws", "nvidia-tesla-t4", "nvidia-tesla-t4-vws"),
    "nvidia-tesla-v100",
)
_NEAR = 0.75
_MODEL = re.compile(r"(?<![a-z])[a-z]*[0-9]+")


def meant(name: str) -> str | None:
    """Return the accelerator that was meant by a name that is none: a part of its name, or a slip in its letters."""
    known = (*ACCELERATORS, *OTHERS)
    if name in known:
        return None
    plain = name.lower().replace("_", "-")
    longer = [other for other in known if f"{other}-".startswith(f"{plain}-") or other.endswith(f"-{plain}")]
    for other in (plain, plain.replace("nvidia-", "nvidia-tesla-", 1), *sorted(longer, key=len)):
        if other in known and _models(plain):
            return other
    models = _models(plain)
    near = [other for other in known if _models(other) == models]
    return nearest(plain, near, _NEAR)


def _models(name: str) -> list[str]:
    """Return the numbers in a name with the letters before them: an h100 is no slip of v100, nor a b300 of gb300."""
    return _MODEL.findall(name)
