"""Accelerators: what a GKE node is labelled with, what one GPU holds, and how many a machine offers.

Source: Compute Engine's page of GPU machine types (compute/docs/gpus, S3NS's edition of 2026-08-26) for accelerator
types, machines and their numbers of GPUs. GKE labels a node with the accelerator type,
`cloud.google.com/gke-accelerator` (AI-Hypercomputer/xpk 02b0c09, system_characteristics.py). Memory is what a
process gets of it, of which vLLM takes its share: the "total capacity" in PyTorch's messages of 2025 and 2026, and
where drivers differ the smaller one. nvidia-smi shows up to 1 GiB more.

Bandwidth, compute and links are those of the vendor's data sheets, in their dense figures (a footnote of these sheets
halves those "with sparsity"): NVIDIA H100 (SXM column; resources.nvidia.com, 2024), H200 (nvidia.com/data-center/h200,
SXM column, 2024), A100 (data sheet 1758950-r4, SXM columns; its 80 GB card has 2,039 GB/s, the 40 GB one 1,555), L4
(data sheet 2023), RTX PRO 6000 Blackwell Server Edition (product page 2025; 1,597 GB/s) and HGX B200 (Blackwell data
sheet 3384703, 2025: 2.25 PFLOPS of BF16, 4.5 of FP8 and 7.7 TB/s each). What has no FP8 of its own computes in BF16.
Links are the sum of both directions, NVLink or the PCIe slot.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from krm_inference.domain.spelling import nearest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Accelerator(NamedTuple):
    """One kind of GPU.

    `memory` is the GiB that a process gets of one, `machines` has the machine type by number of GPUs, and is empty
    where an LLMService describes the accelerator. `bandwidth` of the memory is in GB/s, `bf16` and `fp8` are dense
    TFLOPS, `link` is what a GPU exchanges with the others in GB/s, both ways.
    """

    memory: float
    machines: dict[int, str]
    bandwidth: float
    bf16: float
    fp8: float
    link: float

    @property
    def most(self) -> int:
        """The most GPUs that one machine offers."""
        return max(self.machines)

    def size(self, count: int) -> int:
        """Return how many GPUs the smallest machine has that offers at least `count`."""
        return min(number for number in self.machines if number >= count)

    def machine(self, count: int) -> str:
        """Return the smallest machine type with at least `count` GPUs, "" where its name is not known."""
        return self.machines[self.size(count)]


# fmt: off
ACCELERATORS: dict[str, Accelerator] = {
    "nvidia-a100-80gb": Accelerator(
        79.14, {1: "a2-ultragpu-1g", 2: "a2-ultragpu-2g", 4: "a2-ultragpu-4g", 8: "a2-ultragpu-8g"},
        2039, 312, 312, 600,
    ),
    "nvidia-b200": Accelerator(178.35, {8: "a4-highgpu-8g"}, 7700, 2250, 4500, 1800),
    "nvidia-h100-80gb": Accelerator(
        79.10, {1: "a3-highgpu-1g", 2: "a3-highgpu-2g", 4: "a3-highgpu-4g", 8: "a3-highgpu-8g"}, 3350, 989, 1979, 900,
    ),
    "nvidia-h100-mega-80gb": Accelerator(79.10, {8: "a3-megagpu-8g"}, 3350, 989, 1979, 900),
    "nvidia-h200-141gb": Accelerator(139.80, {8: "a3-ultragpu-8g"}, 4800, 989, 1979, 900),
    "nvidia-l4": Accelerator(
        22.03, {1: "g2-standard-8", 2: "g2-standard-24", 4: "g2-standard-48", 8: "g2-standard-96"}, 300, 121, 242, 64,
    ),
    "nvidia-rtx-pro-6000": Accelerator(
        94.97, {1: "g4-standard-48", 2: "g4-standard-96", 4: "g4-standard-192", 8: "g4-standard-384"},
        1597, 500, 1000, 128,
    ),
    "nvidia-tesla-a100": Accelerator(
        39.38, {1: "a2-highgpu-1g", 2: "a2-highgpu-2g", 4: "a2-highgpu-4g", 8: "a2-highgpu-8g", 16: "a2-megagpu-16g"},
        1555, 312, 312, 600,
    ),
}
# fmt: on
# The other accelerator types of that page: A4X, whose processors are Arm; N1, which takes GPUs in numbers of its own;
# and virtual workstations. Nothing more is known of them here.
OTHERS = (
    *("nvidia-gb200", "nvidia-gb300", "nvidia-l4-vws", "nvidia-rtx-pro-6000-vws", "nvidia-tesla-p100"),
    *("nvidia-tesla-p100-vws", "nvidia-tesla-p4", "nvidia-tesla-p4-vws", "nvidia-tesla-t4", "nvidia-tesla-t4-vws"),
    "nvidia-tesla-v100",
)
# PCIe of the fourth generation, and the GPUs of most machines, where `accelerator.facts` says nothing of them.
_LINK = 64.0
_MOST = 8
_NEAR = 0.75
_MODEL = re.compile(r"(?<![a-z])[a-z]*[0-9]+")


def of(name: str, facts: dict[str, Any] | None = None) -> Accelerator:
    """Return the accelerator of this name, with what `accelerator.facts` of an LLMService says instead.

    Raises:
        KeyError: Neither the table nor the facts know it.

    """
    found = ACCELERATORS.get(name)
    if not facts:
        return ACCELERATORS[name]
    said = dict(facts)
    most = said.pop("gpusPerMachine", None)
    named = {_FACTS[key]: float(value) for key, value in said.items()}
    if found is None:
        bf16 = named["bf16"]
        defaults = {"fp8": bf16, "link": _LINK, **named}
        return Accelerator(machines=dict.fromkeys(range(1, (most or _MOST) + 1), ""), **defaults)
    machines = {number: found.machines.get(number, "") for number in range(1, most + 1)} if most else found.machines
    return found._replace(machines=machines, **named)


_FACTS = {
    "memoryGiB": "memory", "bandwidthGBps": "bandwidth", "bf16TFLOPS": "bf16", "fp8TFLOPS": "fp8", "linkGBps": "link",
}  # fmt: skip
NEEDED = ("memoryGiB", "bandwidthGBps", "bf16TFLOPS")


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
    """Return the numbers in a name with the letters before them: an h100 is not a misspelt v100, nor a b300 a gb300."""
    return _MODEL.findall(name)
