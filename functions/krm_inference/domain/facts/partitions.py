"""Partitions: GPUs that MIG cuts into slices, and what of one a slice has.

Source: NVIDIA's MIG User Guide (r580, "Supported MIG Profiles"), for those accelerators that GKE partitions (GKE, "Run
multi-instance GPUs"). A GPU has eight parts of memory, with their bandwidth, and seven of compute; an RTX PRO 6000 has
four of each. Memory is that part of what a process gets of the whole GPU, which is right within 1 %.
"""

from __future__ import annotations

from krm_inference.domain.facts.accelerators import Accelerator

_EIGHTHS, _SEVENTHS = 8, 7
# Parts of the memory and of the compute, by what stands before the dot and whether the slice has the larger memory.
_SLICES = ((1, 1), (2, 1), (2, 2), (4, 3), (4, 4), (8, 7))
_NAMES = {
    "nvidia-a100-80gb": ("1g.10gb", "1g.20gb", "2g.20gb", "3g.40gb", "4g.40gb", "7g.80gb"),
    "nvidia-b200": ("1g.23gb", "1g.45gb", "2g.45gb", "3g.90gb", "4g.90gb", "7g.180gb"),
    "nvidia-h100-80gb": ("1g.10gb", "1g.20gb", "2g.20gb", "3g.40gb", "4g.40gb", "7g.80gb"),
    "nvidia-h200-141gb": ("1g.18gb", "1g.35gb", "2g.35gb", "3g.71gb", "4g.71gb", "7g.141gb"),
    "nvidia-tesla-a100": ("1g.5gb", "1g.10gb", "2g.10gb", "3g.20gb", "4g.20gb", "7g.40gb"),
}
_OF_RTX = {"1g.24gb": (1 / 4, 1 / 4), "2g.48gb": (2 / 4, 2 / 4), "4g.96gb": (1.0, 1.0)}
# Of each accelerator, by the name of the slice: the shares of memory with its bandwidth, and of compute.
PARTITIONS: dict[str, dict[str, tuple[float, float]]] = {
    **{
        kind: {
            name: (memory / _EIGHTHS, compute / _SEVENTHS)
            for name, (memory, compute) in zip(names, _SLICES, strict=True)
        }
        for kind, names in _NAMES.items()
    },
    "nvidia-rtx-pro-6000": _OF_RTX,
}
# A slice has the PCIe slot alone: NVLink does not join slices.
_LINK = 64.0


def of(accelerator: Accelerator, kind: str, name: str) -> Accelerator:
    """Return the accelerator that a slice of a GPU is: one in each Pod.

    Raises:
        KeyError: A GPU of this kind has no such slice.

    """
    memory, compute = PARTITIONS[kind][name]
    return accelerator._replace(
        memory=round(accelerator.memory * memory, 2),
        bandwidth=round(accelerator.bandwidth * memory),
        bf16=round(accelerator.bf16 * compute),
        fp8=round(accelerator.fp8 * compute),
        link=_LINK,
    )
