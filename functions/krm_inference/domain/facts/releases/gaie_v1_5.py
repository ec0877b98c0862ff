"""Gateway API Inference Extension v1.5: the last one with a picker, objectives and charts."""

from __future__ import annotations

from krm_inference.domain.facts.releases.release import Flag, Release, Scorer, view

GAIE_V1_5 = Release(
    source="kubernetes-sigs/gateway-api-inference-extension v1.5.0",
    version="v1.5.0",
    server_image="docker.io/vllm/vllm-openai:v0.33.0",
    # v1.5.0 has no syncer of its own. It talks to vLLM only, so the one that other releases use serves here as well.
    syncer_image="registry.k8s.io/gateway-api-inference-extension/lora-syncer:v1.0.0",
    pool_api="inference.networking.k8s.io/v1",
    objective_api="inference.networking.x-k8s.io/v1alpha2",
    rewrite_api="inference.networking.x-k8s.io/v1alpha2",
    app_protocol="http",
    failure_mode="FailOpen",
    most_target_ports=8,
    health_check={"timeoutSec": 2, "checkIntervalSec": 2},
    backend_timeout=300,
    objective_header="x-gateway-inference-objective",
    read_headers=("x-gateway-inference-objective",),
    flow_control="flowControl",
    fairness={"RoundRobin": "round-robin-fairness-policy"},
    fairness_header="x-gateway-inference-fairness-id",
    picker_image="registry.k8s.io/gateway-api-inference-extension/epp:v1.5.0",
    picker_config_api="inference.networking.x-k8s.io/v1alpha1",
    picker_config_suffix="-gaie-v1.5",
    flags=(
        Flag("--pool-name=$(POOL_NAME)"),
        Flag("--pool-namespace=$(NAMESPACE)"),
        Flag("--pool-group=inference.networking.k8s.io"),
        Flag("--config-file=/config/default-plugins.yaml"),
        Flag("--zap-encoder=json"),
    ),
    election_flag="--ha-enable-leader-election",
    log_level=1,
    kv_cache_metric="vllm:kv_cache_usage_perc",
    # It exits where one of these is set (pkg/epp/server/options.go, Validate).
    metric_flags_refused=(
        "--total-queued-requests-metric",
        "--total-running-requests-metric",
        "--kv-cache-usage-percentage-metric",
        "--lora-info-metric",
        "--cache-info-metric",
    ),
    # The chart's weights; that of the adapters is the one that KServe gives it.
    scorers={
        "queue": Scorer("queue-scorer", 2),
        "kvCacheUtilization": Scorer("kv-cache-utilization-scorer", 2),
        "prefixCache": Scorer("prefix-cache-scorer", 3),
        "loraAffinity": Scorer("lora-affinity-scorer", 4),
    },
    plugins=(
        {
            "type": "metrics-data-source",
            "parameters": {"scheme": "http", "path": "/metrics", "insecureSkipVerify": True},
        },
        {"type": "core-metrics-extractor"},
    ),
    saturation_env={},
    saturation_plugin="utilization-detector",
    saturation_parameters={"queueDepth": "queueDepthThreshold", "kvCacheUtilization": "kvCacheUtilThreshold"},
    saturation_field=("saturationDetector",),
    trace_service="gateway-api-inference-extension/epp",
    mode_labels={"inference.networking.k8s.io/igw-mode": "inferencepool"},
    service_protocol="",
    strategy="Recreate",
    probe={"periodSeconds": 2},
    pod_fields={"POD_NAME": "metadata.name"},
    resources={"requests": {"cpu": "4", "memory": "8Gi"}, "limits": {"memory": "16Gi"}},
    rules=(
        view("inference.networking.x-k8s.io", "inferenceobjectives", "inferencemodelrewrites"),
        view("inference.networking.k8s.io", "inferencepools"),
        view("", "pods"),
    ),
    scrape_interval="10s",
    lacks={
        # Those two fields are not in apix/config/v1alpha1 of v1.5.0, which is read strictly.
        "spec.picker.flowControl.noEndpointTTLSeconds": (
            "before llm-d-router-v0.11 a picker has one time for all that wait, also while the pool has no server; "
            "set requestTTLSeconds"
        ),
        "spec.picker.flowControl.bands[].requestTTLSeconds": (
            "before llm-d-router-v0.11 a picker has one time for all priorities; set requestTTLSeconds above the bands"
        ),
        # cmd/epp/runner/runner.go of v1.5.0 registers no plugin for it, and no image of a proxy was released.
        "spec.prefill": (
            "the picker of gaie-v1.5 cannot choose one server for a prompt and another one for its answer; "
            "llm-d-router can"
        ),
    },
)
