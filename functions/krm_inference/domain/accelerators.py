"""Accelerators: what a GKE node is labelled with, what one GPU holds, and how many a machine offers.

Source: GKE's label `cloud.google.com/gke-accelerator` and the A2, A3, A4, A4X, G2 and G4 machine families; memory as
nvidia-smi shows it, which is a little more than what a process gets.
"""

from __future__ import annotations

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
# Other names of the label, of which nothing is known here.
OTHERS = (
    "nvidia-b300", "nvidia-gb200", "nvidia-gb300", "nvidia-l4-vws", "nvidia-tesla-k80",
    "nvidia-tesla-p100", "nvidia-tesla-p4", "nvidia-tesla-p4-vws", "nvidia-tesla-t4", "nvidia-tesla-t4-vws",
    "nvidia-tesla-v100",
)  # fmt: skip
_NEAR = 0.75


def meant(name: str) -> str | None:
    """Return the accelerator that was meant by a name that is none: a part of its name, or a slip in its letters."""
    known = (*ACCELERATORS, *OTHERS)
    if name in known:
        return None
    plain = name.lower().replace("_", "-")
    longer = [other for other in known if f"{other}-".startswith(f"{plain}-") or other.endswith(f"-{plain}")]
    for other in (plain, plain.replace("nvidia-", "nvidia-tesla-", 1), *sorted(longer, key=len)):
        if other in known and _numbers(plain):
            return other
    numbers = _numbers(plain)
    near = [other for other in known if _numbers(other) == numbers]
    return nearest(plain, near, _NEAR)


def _numbers(name: str) -> list[str]:
    return "".join(letter if letter.isdecimal() else " " for letter in name).split()
