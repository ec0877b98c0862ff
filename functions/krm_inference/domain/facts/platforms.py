"""Platforms: what differs from one kind of cluster to another."""

from __future__ import annotations

from typing import NamedTuple


class Platform(NamedTuple):
    """A kind of cluster.

    `gpu_resource` is the extended resource and the taint of GPU nodes, `driver_libraries` the folders where the
    platform mounts the driver, `collector` the ServiceAccount and namespace that scrape metrics.
    """

    accelerator_label: str
    gpu_resource: str
    driver_libraries: str
    collector: tuple[str, str]


PLATFORMS: dict[str, Platform] = {
    "gke-standard": Platform(
        accelerator_label="cloud.google.com/gke-accelerator",
        gpu_resource="nvidia.com/gpu",
        driver_libraries="/usr/local/nvidia/lib:/usr/local/nvidia/lib64",
        collector=("collector", "gmp-system"),
    ),
}
