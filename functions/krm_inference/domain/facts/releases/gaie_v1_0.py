"""Gateway API Inference Extension v1.0: the release of the tutorial."""

from __future__ import annotations

from krm_inference.domain.facts.releases.release import Flag, Release, Scorer, view

GAIE_V1_0 = Release(
    source="kubernetes-sigs/gateway-api-inference-extension v1.0.0",
    version="v1.0.0",
    server_image="docker.io/vllm/vllm-openai:v0.33.0",
    syncer_image="registry.k8s.io/gateway-api-inference-extension/lora-syncer:v1.0.0",
    pool_api="inference.networking.k8s.io/v1",
    objective_api="inference.networking.x-k8s.io/v1alpha2",
    rewrite_api="",
    app_protocol="",
    failure_mode="FailClose",
    most_target_ports=1,
    health_check={},
    backend_timeout=300,
    objective_header="x-gateway-inference-objective",
    read_headers=("x-gateway-inference-objective",),
    flow_control="",
    fairness={},
    fairness_header="",
    picker_image="registry.k8s.io/gateway-api-inference-extension/epp:v1.0.0",
    picker_config_api="inference.networking.x-k8s.io/v1alpha1",
    # The chart's own name, which is that of everything else of the picker.
    picker_config_suffix="",
    flags=(
        Flag("--pool-name=$(POOL_NAME)"),
        Flag("--pool-namespace=$(NAMESPACE)"),
        Flag(
            "--kv-cache-usage-percentage-metric=vllm:kv_cache_usage_perc",
            "this picker's own default left vLLM in 0.12",
        ),
        Flag("--config-file=/config/default-plugins.yaml"),
        Flag("--zap-encoder=json"),
    ),
    election_flag="--ha-enable-leader-election",
    log_level=1,
    kv_cache_metric="vllm:gpu_cache_usage_perc",
    metric_flags_refused=(),
    scorers={
        "queue": Scorer("queue-scorer"),
        "kvCacheUtilization": Scorer("kv-cache-utilization-scorer"),
        "prefixCache": Scorer("prefix-cache-scorer"),
        "loraAffinity": Scorer("lora-affinity-scorer"),
    },
    plugins=(),
    # Its configuration is read strictly and has no field for it (pkg/epp/saturationdetector/config.go).
    saturation_env={"queueDepth": "SD_QUEUE_DEPTH_THRESHOLD", "kvCacheUtilization": "SD_KV_CACHE_UTIL_THRESHOLD"},
    saturation_plugin="",
    saturation_parameters={},
    saturation_field=(),
    trace_service="",
    mode_labels={},
    service_protocol="",
    strategy="",
    probe={"periodSeconds": 10, "initialDelaySeconds": 5},
    pod_fields={},
    # The chart sets none; these keep the picker from being the first to be evicted.
    resources={"requests": {"cpu": "500m", "memory": "512Mi"}},
    rules=(
        view("inference.networking.x-k8s.io", "inferenceobjectives", "inferencepools"),
        view("inference.networking.k8s.io", "inferencepools"),
        view("", "pods"),
    ),
    scrape_interval="5s",
    lacks={
        "spec.picker.flowControl": (
            "the picker of gaie-v1.0 has no flow control, and a feature gate in its configuration makes it exit; "
            "gaie-v1.5 and llm-d-router have it"
        ),
        "spec.rewrites": (
            "gaie-v1.0 has no InferenceModelRewrite, which came with v1.2; gaie-v1.5 and llm-d-router have it"
        ),
        "spec.picker.tracing": "the picker of gaie-v1.0 emits no traces; gaie-v1.5 and llm-d-router do",
        "spec.prefill": (
            "the picker of gaie-v1.0 cannot choose one server for a prompt and another one for its answer; "
            "llm-d-router can"
        ),
    },
)
