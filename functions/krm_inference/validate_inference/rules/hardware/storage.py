"""Storage of servers: room for the weights where they are downloaded to, and shared memory between GPUs."""

from __future__ import annotations

import math
import posixpath
from collections.abc import Iterator

from krm_inference.domain.facts.models import Model
from krm_inference.domain.record import Record
from krm_inference.manifests import groups
from krm_inference.manifests.hardware import served, split
from krm_inference.manifests.index import Index
from krm_inference.manifests.objects import Field
from krm_inference.manifests.quantities import gib
from krm_inference.manifests.servers import Server, processes
from krm_inference.validate_inference.findings import Finding

AUTOPILOT_GIB = 1  # what a container gets that asks for no ephemeral storage
_SHM = "/dev/shm"
_EPHEMERAL = "ephemeral-storage"
_EXTRA_GIB = 5  # for adapters and what is compiled
_HOME = "/root/.cache"
# Where the Hugging Face hub keeps weights: the first variable that is set, and what it puts below.
_CACHES = (
    ("HF_HUB_CACHE", ""),
    ("HUGGINGFACE_HUB_CACHE", ""),
    ("HF_HOME", "hub"),
    ("XDG_CACHE_HOME", "huggingface/hub"),
)
# With one of these, the weights come from elsewhere or are different ones.
_ELSEWHERE = ("--load-format", "--revision", "--hf-overrides", "--config-format", "--model-loader-extra-config")
_OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "VLLM_USE_MODELSCOPE")


class Place(Record):
    """Where weights go: the size that bounds them, what that is, and whether it is the disk of the node."""

    size: Field
    what: str
    is_node: bool


def too_small_for_weights(index: Index) -> Iterator[Finding]:
    """Yield volumes and limits that are smaller than the weights that go there."""
    for server in processes(index):
        model = _downloaded(index, server)
        for place in _places(index, server) if model else ():
            size = gib(place.size.value)
            if model and size is not None and size < model.weights:
                message = f"{_sum(model)} do not fit into {place.what} of {place.size.value}"
                yield Finding(place.size, message, _proposed(model))


def without_storage_request(index: Index) -> Iterator[Finding]:
    """Yield servers that keep weights on their node's disk and do not request the space."""
    for server in processes(index):
        model = _downloaded(index, server)
        resources = server.container.field["resources"]
        if model is None or not any(place.is_node for place in _places(index, server)):
            continue
        request = resources["requests"][_EPHEMERAL]
        asked = request if request.exists else resources["limits"][_EPHEMERAL]
        size = gib(asked.value) if asked.exists else 0.0
        if size is not None and size < model.weights:
            said = (
                f"only {asked.value} of {_EPHEMERAL} is requested"
                if asked.exists
                else f"no {_EPHEMERAL} is requested (GKE Autopilot gives {AUTOPILOT_GIB} GiB)"
            )
            yield Finding(request, f"{_sum(model)} go to the node's disk, but {said}", _proposed(model))


def too_little_shared_memory(index: Index) -> Iterator[Finding]:
    """Yield servers on several GPUs whose processes have no more than 64 MiB to share."""
    for server in processes(index):
        parts, spec = split(server), server.pod.spec
        if parts is None or parts[0] * parts[1] == 1 or spec["hostIPC"].value is True:
            continue
        mount, volume = _mount(server, _SHM)
        message = f"{parts[0] * parts[1]} GPUs share memory through {_SHM}, which has only 64 MiB by default"
        if mount is None:
            yield Finding(server.container.field["volumeMounts"], message)
        elif volume is not None and volume["emptyDir"].exists and volume.at("emptyDir.medium").text != "Memory":
            yield Finding(volume.at("emptyDir.medium"), f"{_SHM} is on a disk, expected medium Memory", "Memory")


def unbounded_shared_memory(index: Index) -> Iterator[Finding]:
    """Yield shared memory without a limit, which may take all of the node's."""
    for server in processes(index):
        _, volume = _mount(server, _SHM)
        if volume is not None and volume.at("emptyDir.medium").text == "Memory":
            limit = volume.at("emptyDir.sizeLimit")
            if not limit.exists:
                yield Finding(limit, f"{_SHM} counts as memory of the Pod and has no limit of its own")


def _downloaded(index: Index, server: Server) -> Model | None:
    """Return the model whose weights the server downloads, or None where that is not certain."""
    variables = server.container.variables
    if not server.has_all_flags or server.flag(*_ELSEWHERE) or any(name in variables for name in _OFFLINE):
        return None
    return served(index, server)


def _places(index: Index, server: Server) -> Iterator[Place]:
    """Yield what bounds the weights of a server: the volume, and on the node's disk the container's limit too."""
    folder = _cache(server)
    if folder is None:
        return
    mount, volume = _mount(server, folder)
    if mount is None or (volume is not None and volume["emptyDir"].exists):
        if volume is not None:
            yield Place(volume.at("emptyDir.sizeLimit"), "an emptyDir", is_node=False)
        if volume is None or volume.at("emptyDir.medium").text != "Memory":
            yield Place(server.container.field["resources"]["limits"][_EPHEMERAL], "a limit", is_node=True)
        return
    claim = volume.at("persistentVolumeClaim.claimName").text if volume is not None else ""
    held = index.find(groups.CLAIM, claim, server.pod.object.namespace) if claim else None
    templates = server.pod.object.at("spec.volumeClaimTemplates")
    own = next((item for item in templates if item.at("metadata.name").value == mount["name"].value), None)
    field = own or (held.field if held else volume.at("ephemeral.volumeClaimTemplate") if volume else None)
    if field is not None:
        yield Place(field.at("spec.resources.requests.storage"), "a claim", is_node=False)


def _cache(server: Server) -> str | None:
    """Return the folder to which weights are downloaded, or None where only the cluster knows."""
    flag, variables = server.flag("--download-dir"), server.container.variables
    if flag is not None:
        return flag.value
    if server.container.field["envFrom"].exists:
        return None
    for name, below in _CACHES:
        if name in variables:
            value = variables[name]
            return posixpath.join(value, below) if value else None
    user = [part.at("securityContext.runAsUser").number for part in (server.container.field, server.pod.spec)]
    if "HOME" in variables or any(user):
        return None
    return posixpath.join(_HOME, "huggingface/hub")


def _mount(server: Server, folder: str) -> tuple[Field | None, Field | None]:
    """Return the innermost mount that holds a folder, and its volume."""
    wanted = posixpath.normpath(folder) + "/"
    mounts = [
        mount
        for mount in server.container.field["volumeMounts"]
        if mount["mountPath"].text and wanted.startswith(posixpath.normpath(mount["mountPath"].text).rstrip("/") + "/")
    ]
    mount = max(mounts, key=lambda mount: len(mount["mountPath"].text), default=None)
    volumes = server.pod.spec["volumes"] if mount is not None else ()
    return mount, next((item for item in volumes if mount and item["name"].value == mount["name"].value), None)


def _sum(model: Model) -> str:
    return f"{model.weights:.1f} GiB of weights ({model.parameters:g}B × {model.bytes:g} bytes)"


def _proposed(model: Model) -> str:
    return f"{math.ceil(model.weights) + _EXTRA_GIB}Gi"
