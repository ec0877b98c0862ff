"""What no longer works from one release on, as the projects themselves report it, and what to do about it."""

from __future__ import annotations

from krm_inference.domain.record import Record

_GAIE = "kubernetes-sigs/gateway-api-inference-extension"
_ROUTER = "llm-d/llm-d-router"


class Breakage(Record):
    """Something that worked before `release` and no longer does: what, what to do instead, and who says so.

    `source` is the repository with an issue or pull request, or with a file at a tag.
    """

    release: str
    what: str
    instead: str
    source: str


# In the order of the releases. The releases between gaie-v1.0 and gaie-v1.5 count for gaie-v1.5.
BREAKAGES = (
    Breakage(
        "gaie-v1.5",
        "a flag that names a metric, such as --kv-cache-usage-percentage-metric, makes the picker exit",
        "leave it out: the picker asks for vLLM's current metrics by itself",
        f"{_GAIE} v1.5.0 pkg/epp/server/options.go, Validate",
    ),
    Breakage(
        "gaie-v1.5",
        "the variables SD_QUEUE_DEPTH_THRESHOLD and SD_KV_CACHE_UTIL_THRESHOLD are no longer read",
        "set queueDepthThreshold and kvCacheUtilThreshold of the plugin utilization-detector",
        f"{_GAIE} v1.5.0 pkg/epp/framework/plugins/flowcontrol/saturationdetector/utilization",
    ),
    Breakage(
        "gaie-v1.5",
        "InferencePool of inference.networking.x-k8s.io is no longer defined",
        "use inference.networking.k8s.io/v1",
        f"{_GAIE} v1.5.0 config/crd/bases",
    ),
    Breakage(
        "gaie-v1.5",
        "metrics that began with inference_model begin with inference_objective",
        "rename them in dashboards and alerts",
        f"{_GAIE} v1.5.0 pkg/epp/metrics/metrics.go",
    ),
    Breakage(
        "gaie-v1.5",
        "the flag --kubeconfig is unknown, and the picker exits with it",
        "set the variable KUBECONFIG; in a cluster neither is needed",
        f"{_GAIE} v1.5.0 pkg/epp/server/options.go",
    ),
    Breakage(
        "gaie-v1.6",
        "InferenceObjective, InferenceModelRewrite, the picker and the charts are no longer there",
        "take them from llm-d-router",
        f"{_GAIE} 2430",
    ),
    Breakage(
        "llm-d-router-v0.10",
        "InferenceObjective and InferenceModelRewrite went from inference.networking.x-k8s.io to llm-d.ai; where both "
        "groups are installed, the old ones are ignored",
        "make them anew in llm-d.ai/v1alpha2, and delete the old ones when the new picker runs",
        f"{_ROUTER} 1033, 1269, 1449",
    ),
    Breakage(
        "llm-d-router-v0.10",
        "a parameter that a plugin does not know makes the picker exit; before, it was ignored",
        "take it out, or correct it",
        f"{_ROUTER} 1134",
    ),
    Breakage(
        "llm-d-router-v0.10",
        "the feature gates dataLayer and enableLegacyMetrics are unknown, and the picker exits with one of them",
        "take them out: the data layer is always on",
        f"{_ROUTER} 1728, 1418",
    ),
    Breakage(
        "llm-d-router-v0.10",
        "an experimental plugin makes the picker exit",
        "pass --allow-experimental-plugins, or use another plugin",
        f"{_ROUTER} 2073",
    ),
    Breakage(
        "llm-d-router-v0.10",
        "a queued request leaves after 60 s, and each priority has room for 5,000 requests, unless said otherwise",
        "set requestTTLSeconds and maxRequests of spec.picker.flowControl",
        f"{_ROUTER} 2095, 2123",
    ),
    Breakage(
        "llm-d-router-v0.10",
        "the values of the charts begin with router; inferenceExtension and inferencePool are ignored or refused",
        "rename them; a package of functions has none",
        f"{_ROUTER} 1262, 1271",
    ),
    Breakage(
        "llm-d-router-v0.10",
        "metrics of the picker begin with llm_d_epp; the old names are shown beside them until they are taken out",
        "rename them in dashboards and alerts",
        f"{_ROUTER} 1071, 1661, 1070",
    ),
    Breakage(
        "llm-d-router-v0.10",
        "the flags --model-server-metrics-scheme, --model-server-metrics-port, --model-server-metrics-path and "
        "--model-server-metrics-https-insecure-skip-verify are unknown, and the picker exits with one of them",
        "set scheme, port, path and insecureSkipVerify of the plugin metrics-data-source",
        "kserve/kserve 5877, 5892",
    ),
    Breakage(
        "llm-d-router-v0.11",
        "a top-level saturationDetector fails to load",
        "name it as flowControl.saturationDetector, which v0.10 reads as well",
        f"{_ROUTER} 1308, 2838",
    ),
    Breakage(
        "llm-d-router-v0.11",
        "provider.name gke of the chart no longer chooses managed Prometheus for its monitors",
        "set router.monitoring.provider.name to gmp; a package of functions has its monitors by itself",
        f"{_ROUTER} 2374",
    ),
    Breakage(
        "llm-d-router-v0.11",
        "a top-level parser fails to load",
        "name it in requestHandler.parsers, which v0.10 reads as well",
        f"{_ROUTER} 1308, 2838",
    ),
    Breakage(
        "llm-d-router-v0.11",
        "the plugin precise-prefix-cache-scorer is gone",
        "use precise-prefix-cache-producer, and prefix-cache-scorer with prefixMatchInfoProducerName",
        f"{_ROUTER} 2841, 2844",
    ),
    Breakage(
        "llm-d-router-v0.11",
        "the plugins by-label and by-label-selector are gone",
        "use label-selector-filter, or decode-filter, prefill-filter and encode-filter",
        f"{_ROUTER} 2859, 2865",
    ),
    Breakage(
        "llm-d-router-v0.11",
        "the plugin tokenizer is gone",
        "use token-producer",
        f"{_ROUTER} 2859, 2869",
    ),
    Breakage(
        "llm-d-router-v0.11",
        "the plugins disagg-headers-handler and prefill-header-handler are gone",
        "use disagg-profile-handler",
        f"{_ROUTER} 936, 2815",
    ),
    Breakage(
        "llm-d-router-v0.11",
        "the plugin pd-profile-handler and the flat parameters of disagg-profile-handler are gone, and a Pod with the "
        "label llm-d.ai/role: both is neither prefill nor decode",
        "use disagg-profile-handler with profiles and deciders, and the role prefill-decode",
        f"{_ROUTER} 2493, 2509",
    ),
)
