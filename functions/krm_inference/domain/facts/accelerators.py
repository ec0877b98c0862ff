"""Accelerators: what a GKE node is labelled with, what one of them holds, and how many a machine offers.

Source: Compute Engine's page of GPU machine types (compute/docs/gpus, S3NS's edition of 2026-08-26) for accelerator
types, machines and their numbers of GPUs; N1 takes a T4 beside any number of processors, so the machines there are
examples. GKE labels a node with the accelerator type, `cloud.google.com/gke-accelerator` (AI-Hypercomputer/xpk
02b0c09, system_characteristics.py). Memory is what a process gets of it, of which vLLM takes its share: the "total
capacity" in PyTorch's messages of 2025 and 2026, and where drivers differ the smaller one. nvidia-smi shows up to 1 GiB
more. Of a TPU it is what the compiler says ("of 31.25G hbm").

Bandwidth, compute and links are those of the vendor's data sheets, in their dense figures (a footnote of NVIDIA's
halves those "with sparsity"); each row names its sheet. What has no FP8 of its own computes in BF16, and a T4, which
has no BF16 either, in FP16: vLLM then takes that by itself. Eight sheets were not at hand, and these quote them:

- GB200, L40S: ai-dynamo/aiconfigurator 095f58a, aic-core/src/aiconfigurator_core/systems, which is NVIDIA's own.
- MI300X: pytorch/pytorch 00604d0, torch/_inductor/analysis/device_info.py. MI325X: awesomeagents.ai, "AMD Instinct
  MI325X", 2026, and the same compute as an MI300X.
- A10, T4: Lightning-AI/pytorch-lightning 0810121, src/lightning/fabric/utilities/throughput.py, for compute; for the
  memory baseten.co, "NVIDIA A10 vs A10G", and sysrqmts.com, "Tesla T4", both of 2026.
- H100 NVL: notes of 2026 in several repositories, which quote NVIDIA's page with 3.9 TB/s, and 1,671 and 3,341 TFLOPS
  with sparsity; tables of others have an H100 SXM's compute there.
- A10G: its memory by the same page of baseten.co. Its 70 TFLOPS are from memory: tables have an A10's 125 there.

Links are the sum of both directions, NVLink, Infinity Fabric, ICI or the PCIe slot. Only an H200 was measured
(benchmarks/gpu): all other figures follow from the sheets.
"""

from __future__ import annotations

import re

from krm_inference.domain.record import Record
from krm_inference.domain.spelling import nearest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Accelerator(Record):
    """One kind of accelerator.

    `memory` is the GiB that a process gets of one, `machines` has GKE's machine type by number of them, and is empty
    where GKE has none; where an LLMService describes the accelerator its machines have no name. `bandwidth` of the
    memory is in GB/s, `bf16` and `fp8` are dense TFLOPS, `link` is what one exchanges with the others in GB/s, both
    ways. `source` is the vendor's sheet of the figures, `backend` the vLLM that runs on it, and `is_arm` says that the
    processors of its machines are Arm.
    """

    memory: float
    machines: dict[int, str]
    bandwidth: float
    bf16: float
    fp8: float
    link: float
    source: str = ""
    backend: str = "cuda"
    is_arm: bool = False

    @property
    def most(self) -> int:
        """The most GPUs that one machine offers."""
        return max(self.machines, default=_MOST)

    def size(self, count: int) -> int:
        """Return how many GPUs the smallest machine has that offers at least `count`."""
        return min((number for number in self.machines if number >= count), default=count)

    def machines_for(self, count: int) -> int:
        """Return how many machines it takes to offer `count`: at least one."""
        return max(1, -(-count // self.most))

    def machine(self, count: int) -> str:
        """Return the smallest machine type with at least `count` GPUs, "" where its name is not known."""
        return self.machines.get(self.size(count), "")


# fmt: off
ACCELERATORS: dict[str, Accelerator] = {
    "amd-mi300x": Accelerator(
        191.69, {}, 5300, 1307, 2615, 896, "AMD Instinct MI300X, data sheet 2023, as PyTorch quotes it", "rocm",
    ),
    "amd-mi325x": Accelerator(
        255.69, {}, 6000, 1307, 2615, 896, "AMD Instinct MI325X, data sheet 2024, as awesomeagents.ai quotes", "rocm",
    ),
    # Four cores of a Sapphire Rapids, which are c3-standard-8: its part of a socket's eight channels of DDR5-4800, and
    # 2,048 operations a cycle and core by AMX at 2 GHz. What GKE leaves of 32 GB to Pods, and no more than half of it.
    "cpu": Accelerator(
        14.0, {1: "c3-standard-8"}, 28, 16, 16, 64, "Intel Xeon Platinum 8481C, worked out; not measured", "cpu",
    ),
    "nvidia-a100-80gb": Accelerator(
        79.14, {1: "a2-ultragpu-1g", 2: "a2-ultragpu-2g", 4: "a2-ultragpu-4g", 8: "a2-ultragpu-8g"},
        2039, 312, 312, 600, "NVIDIA A100, data sheet 1758950-r4, SXM, 80 GB",
    ),
    "nvidia-a10": Accelerator(22.03, {}, 600, 125, 125, 64, "NVIDIA A10, data sheet 2021, as Lightning quotes it"),
    "nvidia-a10g": Accelerator(22.03, {}, 600, 70, 70, 64, "NVIDIA A10G, AWS's card, 2021; memory as Baseten quotes"),
    "nvidia-b200": Accelerator(
        178.35, {8: "a4-highgpu-8g"}, 7700, 2250, 4500, 1800,
        "NVIDIA Blackwell, data sheet 3384703, 2025, HGX B200",
    ),
    "nvidia-gb200": Accelerator(
        184.31, {4: "a4x-highgpu-4g"}, 8000, 2500, 5000, 1800,
        "NVIDIA Blackwell, data sheet 3384703, GB200, as AIConfigurator quotes it", is_arm=True,
    ),
    "nvidia-h100-80gb": Accelerator(
        79.10, {1: "a3-highgpu-1g", 2: "a3-highgpu-2g", 4: "a3-highgpu-4g", 8: "a3-highgpu-8g"}, 3350, 989, 1979, 900,
        "NVIDIA H100, data sheet 2024, SXM",
    ),
    "nvidia-h100-mega-80gb": Accelerator(
        79.10, {8: "a3-megagpu-8g"}, 3350, 989, 1979, 900, "NVIDIA H100, data sheet 2024, SXM",
    ),
    "nvidia-h100-nvl": Accelerator(93.02, {}, 3900, 835, 1671, 600, "NVIDIA H100, data sheet 2024, NVL"),
    "nvidia-h200-141gb": Accelerator(
        139.80, {8: "a3-ultragpu-8g"}, 4800, 989, 1979, 900, "NVIDIA H200, product page 2024, SXM",
    ),
    "nvidia-l4": Accelerator(
        22.03, {1: "g2-standard-8", 2: "g2-standard-24", 4: "g2-standard-48", 8: "g2-standard-96"}, 300, 121, 242, 64,
        "NVIDIA L4, data sheet 2023",
    ),
    "nvidia-l40s": Accelerator(44.40, {}, 864, 362, 733, 64, "NVIDIA L40S, data sheet 2023, as AIConfigurator has it"),
    "nvidia-rtx-pro-6000": Accelerator(
        94.97, {1: "g4-standard-48", 2: "g4-standard-96", 4: "g4-standard-192", 8: "g4-standard-384"},
        1597, 500, 1000, 128, "NVIDIA RTX PRO 6000 Blackwell Server Edition, product page 2025",
    ),
    "nvidia-tesla-a100": Accelerator(
        39.38, {1: "a2-highgpu-1g", 2: "a2-highgpu-2g", 4: "a2-highgpu-4g", 8: "a2-highgpu-8g", 16: "a2-megagpu-16g"},
        1555, 312, 312, 600, "NVIDIA A100, data sheet 1758950-r4, SXM, 40 GB",
    ),
    "nvidia-tesla-t4": Accelerator(
        14.56, {1: "n1-standard-8", 2: "n1-standard-16", 4: "n1-standard-32"}, 320, 65, 65, 32,
        "NVIDIA T4, data sheet 951643, 2019, FP16, as Lightning quotes it",
    ),
    "tpu-v5-lite-podslice": Accelerator(
        15.75, {1: "ct5lp-hightpu-1t", 4: "ct5lp-hightpu-4t", 8: "ct5lp-hightpu-8t"}, 819, 197, 197, 400,
        "Cloud TPU, TPU v5e, 2026", "tpu",
    ),
    "tpu-v6e-slice": Accelerator(
        31.25, {1: "ct6e-standard-1t", 4: "ct6e-standard-4t", 8: "ct6e-standard-8t"}, 1638, 918, 918, 800,
        "Cloud TPU, TPU v6e, 2026", "tpu",
    ),
}
# fmt: on
# What a proposal chooses from: GPUs of GKE's machines, whose numbers are the surest.
PROPOSED = tuple(
    name for name, row in ACCELERATORS.items() if row.backend == "cuda" and row.machines and not row.is_arm
)
# The other accelerator types of that page: virtual workstations, and what vLLM's image does not run on.
OTHERS = (
    *("nvidia-gb300", "nvidia-l4-vws", "nvidia-rtx-pro-6000-vws", "nvidia-tesla-p100", "nvidia-tesla-p100-vws"),
    *("nvidia-tesla-p4", "nvidia-tesla-p4-vws", "nvidia-tesla-t4-vws", "nvidia-tesla-v100"),
)
# vLLM, Installation, GPU, 2026: compute capability 7.5 or higher. Its image is built with CUDA 13, which begins there.
_TOO_OLD = "vLLM's image runs on GPUs of compute capability 7.5 and higher, and it has {}"
REFUSED = {
    "nvidia-tesla-p100": _TOO_OLD.format("6.0"),
    "nvidia-tesla-p4": _TOO_OLD.format("6.1"),
    "nvidia-tesla-v100": _TOO_OLD.format("7.0"),
}
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
    named: dict[str, Any] = {_FACTS[key]: float(value) for key, value in said.items()}
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
    usual_first = sorted(longer, key=lambda other: (other not in PROPOSED, len(other)))
    for other in (plain, plain.replace("nvidia-", "nvidia-tesla-", 1), *usual_first):
        if other in known and _models(plain):
            return other
    models = _models(plain)
    near = [other for other in known if _models(other) == models]
    return nearest(plain, near, _NEAR)


def _models(name: str) -> list[str]:
    """Return the numbers in a name with the letters before them: an h100 is not a misspelt v100, nor a b300 a gb300."""
    return _MODEL.findall(name)
