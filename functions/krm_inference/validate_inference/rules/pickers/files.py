"""Configuration files: what pickers and LoRA syncers read must be in the ConfigMap that is mounted there."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from krm_functions_sdk import MISSING

from krm_inference.manifests.files import mounts
from krm_inference.manifests.index import Index
from krm_inference.manifests.objects import Field
from krm_inference.manifests.pickers import inference_pods, pickers
from krm_inference.manifests.pods import Container, Pod
from krm_inference.validate_inference.findings import Finding, listed

_SYNCER_VARIABLE = "DYNAMIC_LORA_ROLLOUT_CONFIG"


def missing_files(index: Index) -> Iterator[Finding]:
    """Yield paths of configuration files that no mounted ConfigMap holds."""
    for picker in pickers(index):
        flag = picker.flag("--config-file")
        if flag is not None and flag.value:
            yield from _file(index, picker.pod, picker.container, flag.field, flag.value)
    for pod in inference_pods(index):
        for container in pod.containers:
            for variable in container.field["env"]:
                if variable["name"].text == _SYNCER_VARIABLE and variable["value"].text:
                    yield from _file(index, pod, container, variable["value"], variable["value"].text)


def _file(index: Index, pod: Pod, container: Container, field: Field, path: str) -> Iterator[Finding]:
    known = mounts(index, pod, container)
    at_place = [mount for mount in known if _is_below(path, mount.folder)]
    candidates = at_place or [mount for mount in known if posixpath.basename(path) in mount.keys]
    for mount in candidates[-1:]:
        found = posixpath.relpath(path, mount.folder)
        if found in mount.keys:
            return
        key = (
            posixpath.basename(path) if posixpath.basename(path) in mount.keys else mount.keys[0] if mount.keys else ""
        )
        right = posixpath.join(mount.folder, key)
        proposed = field.text.replace(path, right) if key and len(mount.keys) == 1 and path in field.text else MISSING
        yield Finding(
            field, f"no such file; {mount.config} is mounted at {mount.folder} with: {listed(mount.keys)}", proposed
        )


def _is_below(path: str, folder: str) -> bool:
    return path.startswith(folder.rstrip("/") + "/")
