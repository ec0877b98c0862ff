"""Volumes that a container mounts and its Pod does not have."""

from __future__ import annotations

from collections.abc import Iterator

from krm_functions_sdk import MISSING

from krm_inference.manifests.index import Index
from krm_inference.manifests.pickers import inference_pods
from krm_inference.manifests.pods import Pod, pods
from krm_inference.validate_inference.findings import Finding, listed


def missing_volumes(index: Index) -> Iterator[Finding]:
    """Yield mounts of volumes that the Pod does not have."""
    for pod in dict.fromkeys((*inference_pods(index), *filter(_is_built_in, pods(index)))):
        known = [volume["name"].text for volume in pod.spec["volumes"]]
        claimed = [claim.at("metadata.name").text for claim in pod.object.at("spec.volumeClaimTemplates")]
        for container in pod.containers:
            for mount in container.field["volumeMounts"]:
                if mount["name"].text not in (*known, *claimed):
                    proposed = known[0] if len(known) == 1 else MISSING
                    message = f"the Pod has no volume {mount['name'].text}; it has: {listed(known)}"
                    yield Finding(mount["name"], message, proposed)


def _is_built_in(pod: Pod) -> bool:
    """Say whether the API server itself judges the Pod: the controller of a custom kind may add volumes."""
    return pod.object.group in ("", "apps", "batch")
