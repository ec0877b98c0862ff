"""Images that change under their name."""

from __future__ import annotations

from collections.abc import Iterator

from krm_inference.manifests.index import Index
from krm_inference.manifests.kustomize import kustomize
from krm_inference.manifests.pickers import inference_pods
from krm_inference.validate_inference.findings import Finding

# Tags that are moved to whatever was built last.
_MOVING = ("latest", "main", "master", "nightly", "edge")


def unpinned_images(index: Index) -> Iterator[Finding]:
    """Yield images of servers and pickers without a version."""
    for pod in inference_pods(index):
        for container in pod.containers:
            name, at, _ = container.image.partition("@")
            _, colon, tag = name.rpartition("/")[2].partition(":")
            is_replaced = name.removesuffix(f":{tag}") in kustomize(index).images
            if container.image and not at and (not colon or tag in _MOVING) and not is_replaced:
                yield Finding(
                    container.field["image"], f"{container.image} names no version, so the image can change at any time"
                )
