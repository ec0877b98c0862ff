"""Servers whose image is built for a GPU and whose container asks for none."""

from __future__ import annotations

from collections.abc import Iterator

from krm_functions_sdk.document.pattern import pattern

from krm_inference.domain.facts.backends import BACKENDS
from krm_inference.manifests import foreign
from krm_inference.manifests.hardware import SEVERAL
from krm_inference.manifests.index import Index
from krm_inference.manifests.kustomize import kustomize
from krm_inference.manifests.pods import Pod
from krm_inference.manifests.quantities import is_device
from krm_inference.manifests.servers import Server, servers
from krm_inference.validate_inference.findings import Finding

# Images that are built for CUDA alone; those for other hardware have other names, or say so in their tag.
_CUDA = pattern(
    r"(?:\A|/)(?:vllm/vllm-openai|llm-d/llm-d-cuda)(?::(?!.*(?:cpu|rocm|tpu|xpu|hpu|neuron))[^@]*)?(?:@|\Z)"
)
_ADDING = ("patches", "patchesStrategicMerge", "patchesJson6902", "components", "transformers", "replacements")


def without_gpu(index: Index) -> Iterator[Finding]:
    """Yield servers of CUDA images that ask for no device, where nothing in these manifests may give them one."""
    is_patched = index.whole.derive(_is_patched)
    for server in servers(index):
        if is_patched and kustomize(index).takes(server.pod.object):
            continue
        if _CUDA.search(server.container.image) and not (_may_have_device(server) or server.flag(*SEVERAL)):
            message = f"{server.container.image} is built for CUDA, and the container asks for no GPU"
            yield Finding(server.container.field.at("resources.limits")[BACKENDS["cuda"].resource], message)


def _may_have_device(server: Server) -> bool:
    pod, container = server.pod, server.container.field
    resources = container["resources"]
    asked = [name for part in (resources["limits"], resources["requests"]) for name in part.map if is_device(str(name))]
    return bool(asked) or resources["claims"].exists or _is_let_in(pod, server)


def _is_let_in(pod: Pod, server: Server) -> bool:
    """Say whether a Pod reaches devices in another way: by its runtime, as root of the node, or by its controller."""
    context, variables = server.container.field["securityContext"], server.container.field["env"]
    return (
        pod.is_merged
        or pod.object.kind in ("LeaderWorkerSet", "Job", "CronJob")  # of several Pods, some need none
        or "roleTemplates" in pod.spec.path  # roles add to it
        or pod.spec["runtimeClassName"].exists
        or pod.spec["resourceClaims"].exists
        or context["privileged"].value is True
        or any(volume.at("hostPath.path").text.startswith("/dev") for volume in pod.spec["volumes"])
        or any(item["name"].text in ("NVIDIA_VISIBLE_DEVICES", "CUDA_VISIBLE_DEVICES") for item in variables)
        or server.flag("--device") is not None
    )


def _is_patched(index: Index) -> bool:
    """Say whether kustomize merges something into files of these manifests, which may ask for what is not there."""
    if any(reason == foreign.PATCH for _, reason in index.foreign):
        return True
    return any(data.get(key) for _, data in foreign.kustomizations(index.for_tools, index.foreign) for key in _ADDING)
