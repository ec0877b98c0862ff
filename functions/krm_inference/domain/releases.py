"""Releases of the inference gateway: groups, versions, images, flags and metric names that belong together."""

from __future__ import annotations

from typing import NamedTuple


class Release(NamedTuple):
    """One release of the Gateway API Inference Extension and the model server that fits it.

    `objective_header` is the request header that selects an InferenceObjective. `backend_timeout` is the timeout in
    seconds that the release's chart gives the backend.
    """

    version: str
    pool_api: str
    objective_api: str
    picker_config_api: str
    picker_image: str
    syncer_image: str
    server_image: str
    kv_cache_metric: str
    scorers: tuple[str, ...]
    adapter_scorer: str
    objective_header: str
    backend_timeout: int
    has_ordered_priorities: bool


RELEASES: dict[str, Release] = {
    "gaie-v1.0": Release(
        version="v1.0.0",
        pool_api="inference.networking.k8s.io/v1",
        objective_api="inference.networking.x-k8s.io/v1alpha2",
        picker_config_api="inference.networking.x-k8s.io/v1alpha1",
        picker_image="registry.k8s.io/gateway-api-inference-extension/epp:v1.0.0",
        syncer_image="registry.k8s.io/gateway-api-inference-extension/lora-syncer:v1.0.0",
        server_image="docker.io/vllm/vllm-openai:v0.32.0",
        # The picker's own default, vllm:gpu_cache_usage_perc, is gone from vLLM since 0.12.
        kv_cache_metric="vllm:kv_cache_usage_perc",
        scorers=("queue-scorer", "kv-cache-utilization-scorer", "prefix-cache-scorer"),
        adapter_scorer="lora-affinity-scorer",
        objective_header="x-gateway-inference-objective",
        backend_timeout=300,
        has_ordered_priorities=False,
    ),
}
