"""Backends of vLLM: for which hardware it is built, by which resource a Pod asks for that, and by which image.

What an image cannot do is said with the reason: a field of an LLMService that has it is refused there.
"""

from __future__ import annotations

from krm_inference.domain.record import Record


class Backend(Record):
    """One kind of hardware for which vLLM is built.

    `unit` is the word for one of them. `resource` is the extended resource that a device plugin offers and the key of
    the taint of such nodes, "" where a Pod asks for no device. `image` is the one that is built for it, "" for that of
    the release. `lacks` has the fields that it cannot follow, each with the reason. `is_gke_only` says that no other
    platform has such nodes, `is_whole` that a Pod takes all of a machine or none of it. `compile_seconds` is how long
    it compiles at its start beside what is measured on GPUs.
    """

    unit: str
    resource: str
    image: str
    source: str
    lacks: dict[str, str] = {}  # noqa: RUF012  # a row is never changed
    is_gke_only: bool = False
    is_whole: bool = False
    compile_seconds: int = 0


BACKENDS: dict[str, Backend] = {
    "cuda": Backend("GPU", "nvidia.com/gpu", "", "NVIDIA/k8s-device-plugin 0719b2a"),
    # The tags are those of vLLM's releases; 0.31.0 is the newest of which a use was found (2026-11-30). A container
    # that is not root's has to be in the groups that own /dev/kfd and /dev/dri on the node.
    "rocm": Backend(
        "GPU",
        "amd.com/gpu",
        "docker.io/vllm/vllm-openai-rocm:v0.31.0",
        "AMD GPU Device Plugin for Kubernetes (instinct.docs.amd.com); release notes of vLLM 0.30, images",
        lacks={
            "spec.security": "a user other than root needs the groups that own /dev/kfd and /dev/dri, whose numbers "
            "differ from node to node",
            "spec.prefill": "the image hands over caches by RIXL, which is not known here as NVIDIA's NIXL is",
        },
    ),
    # What runs there is in the support matrices of vllm-project/tpu-inference 1dccc0a (nightly/v6e): LoRA is tested
    # with PyTorch's models alone and never by loading while the server runs; several hosts are untested.
    "tpu": Backend(
        "chip",
        "google.com/tpu",
        "docker.io/vllm/vllm-tpu:v0.27.0",
        "GoogleCloudPlatform/kubernetes-engine-samples 2b50365, ai-ml/vllm-tpu; GKE, Plan TPUs",
        lacks={
            "spec.adapters": "vLLM's image for TPUs is not tested with adapters that are loaded while it runs",
            "spec.security": "vLLM's image for TPUs is not tested as a user other than root",
            "spec.prefill": "vLLM's image for TPUs has another connector, which is not known here",
        },
        is_gke_only=True,
        is_whole=True,
        compile_seconds=1200,  # XLA, of all shapes that are served: an estimate, not measured
    ),
    "cpu": Backend(
        "CPU",
        "",
        "docker.io/vllm/vllm-openai-cpu:v0.31.0",
        "vLLM, Installation, CPU; release notes of vLLM 0.30, images",
        lacks={"spec.prefill": "vLLM's image for CPUs has no NIXL, by which caches are handed over"},
    ),
}
