"""What the number of servers can follow: metrics of vLLM and of pickers, by their name in an intent.

Sources: the wheels of vLLM, see `vllm_releases`; the pickers' own registries, see `releases/picker_tables.py`, whose
queues have the label inference_pool (kubernetes-sigs/gateway-api-inference-extension v1.5.0, pkg/epp/metrics). GKE
brings a metric to a HorizontalPodAutoscaler as prometheus.googleapis.com|NAME|KIND (GKE, "Configure autoscaling for
LLM workloads on GPUs", 2026). KEDA v2.21.0, pkg/scalers/prometheus_scaler.go: an answer without a series is an error,
and the number of replicas stays, unless ignoreNullValues is true, which is its default.
"""

from __future__ import annotations

METRICS = {
    "runningRequests": "vllm:num_requests_running",
    "waitingRequests": "vllm:num_requests_waiting",
    "kvCacheUtilization": "vllm:kv_cache_usage_perc",
}
# Of picker releases, the newest name first: how many requests wait in its queues.
_QUEUES = ("llm_d_epp_flow_control_queue_size", "inference_extension_flow_control_queue_size")
# Seconds that a request waits in a queue where nobody says otherwise; no bound without an entry. llm-d-router
# v0.10 and v0.11, as `requestTTLSeconds` of the intent says.
QUEUE_SECONDS = {"llm-d-router-v0.10": 60, "llm-d-router-v0.11": 60}
# A HorizontalPodAutoscaler's longest periodSeconds (kubernetes v1.37.2, pkg/apis/autoscaling/validation).
LONGEST_PERIOD = 1800
ZONE, NODE = "topology.kubernetes.io/zone", "kubernetes.io/hostname"


def queue_metric(release: str) -> str:
    """Return the gauge of requests in the queues of a release's picker, "" where it has none."""
    from krm_inference.domain.facts.releases import picker_lines
    from krm_inference.domain.facts.releases.picker_tables import METRICS as OF_PICKERS

    shown = picker_lines.said(OF_PICKERS, release)
    return next((name for name in _QUEUES if name in shown), "")
