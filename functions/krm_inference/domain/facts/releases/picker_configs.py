"""What the picker of each release reads of its configuration: keys, feature gates, and plugins with their parameters.

The names were read where the release registers its plugins and where it decodes their parameters; a later release
that only adds to an earlier one is written as what it adds. Where the sources at hand lie before and after a release
and differ, the table has what either knows, so that nothing is called unknown that the release may have.
"""

from __future__ import annotations

from krm_inference.domain.record import Record

Parameters = dict[str, str]


class PickerConfig(Record):
    """The configuration that the picker of one release takes.

    `source` says where the facts are from. `apis` are values of apiVersion, `keys` those beside apiVersion and kind.
    `weight` is the JSON type of a scorer's weight. `gates` are the feature gates. `plugins` are the types, each with
    its parameters and their JSON types; None where its parameters are not known here. `strict` says whether the picker
    exits with a parameter that it does not know; where it does not, it ignores it. `successors` are what took the place
    of keys and plugins that an earlier release has. With one of `experimental` it exits, unless a flag allows them.
    """

    source: str
    apis: tuple[str, ...]
    keys: tuple[str, ...]
    weight: str
    gates: tuple[str, ...]
    plugins: dict[str, Parameters | None]
    strict: bool
    successors: dict[str, str]
    experimental: frozenset[str]


# Plugins that a picker adds under the name of their type where it needs them and nobody declares them
# (pkg/epp/config/loader/defaults.go of GAIE and of llm-d-router).
ADDED = (
    *("single-profile-handler", "max-score-picker", "global-strict-fairness-policy", "fcfs-ordering-policy"),
    *("static-usage-limit-policy", "openai-parser", "utilization-detector"),
    *("metrics-data-source", "core-metrics-extractor"),
)

_PICKER: Parameters = {"maxNumOfEndpoints": "integer"}
_BLOCKS: Parameters = {
    "autoTune": "boolean",
    "blockSize": "integer",
    "blockSizeTokens": "integer",
    "maxPrefixBlocksToMatch": "integer",
    "maxPrefixTokensToMatch": "integer",
    "lruCapacityPerServer": "integer",
}
_SOURCE: Parameters = {"scheme": "string", "path": "string", "insecureSkipVerify": "boolean"}
_ENGINES: Parameters = {"engineLabelKey": "string", "defaultEngine": "string", "engineConfigs": "array"}
_UTILIZATION: Parameters = {
    "queueDepthThreshold": "integer",
    "kvCacheUtilThreshold": "number",
    "metricsStalenessThreshold": "string",
    "headroom": "number",
}
_CONCURRENCY: Parameters = {
    "maxConcurrency": "integer",
    "maxTokenConcurrency": "integer",
    "concurrencyMode": "string",
    "headroom": "number",
}
_LOAD: Parameters = {"inFlightLoadProducerName": "string"}
_PREFIX_MATCH: Parameters = {"prefixMatchInfoProducerName": "string"}
_DISAGGREGATED: Parameters = {"prefillProfile": "string", "encodeProfile": "string"}

_V1_0 = PickerConfig(
    source="cmd/epp/runner/runner.go and pkg/epp/scheduling/framework/plugins of GAIE v1.0.0",
    apis=("inference.networking.x-k8s.io/v1alpha1",),
    keys=("plugins", "schedulingProfiles"),
    weight="integer",
    gates=(),
    plugins={
        "queue-scorer": {},
        "kv-cache-utilization-scorer": {},
        # Later releases call it blockSize.
        "prefix-cache-scorer": {
            "hashBlockSize": "integer",
            "maxPrefixBlocksToMatch": "integer",
            "lruCapacityPerServer": "integer",
        },
        "lora-affinity-scorer": {},
        "max-score-picker": _PICKER,
        "random-picker": _PICKER,
        "weighted-random-picker": _PICKER,
        "single-profile-handler": {},
        "header-based-testing-filter": {},
    },
    strict=False,
    successors={},
    experimental=frozenset(),
)
_V1_5 = _V1_0._replace(
    source=(
        "cmd/epp/runner/runner.go and apix/config/v1alpha1 of GAIE v1.5.0; "
        "parameters as in pkg/epp/framework/plugins around it"
    ),
    keys=(*_V1_0.keys, "featureGates", "saturationDetector", "dataLayer", "flowControl", "parser"),
    weight="number",
    gates=("flowControl", "dataLayer", "enableLegacyMetrics"),
    plugins={
        **_V1_0.plugins,
        "kv-cache-utilization-scorer": {"normalizeScore": "boolean"},
        "prefix-cache-scorer": {**_BLOCKS, **_PREFIX_MATCH},
        "running-requests-size-scorer": {},
        "token-load-scorer": None,
        "latency-scorer": None,
        "predicted-latency-scorer": None,
        "prefix-cache-affinity-filter": None,
        "slo-headroom-tier-filter": None,
        "latency-slo-admitter": None,
        "predicted-latency-producer": None,
        "approx-prefix-cache-producer": _BLOCKS,
        "inflight-load-producer": None,
        # Each metric by itself was a parameter before there were engines.
        "core-metrics-extractor": {
            **_ENGINES,
            "enableMultiEngine": "boolean",
            "queuedRequestsSpec": "string",
            "runningRequestsSpec": "string",
            "kvUsageSpec": "string",
            "loraSpec": "string",
            "cacheInfoSpec": "string",
        },
        "metrics-data-source": _SOURCE,
        "k8s-notification-source": None,
        "endpoint-notification-source": None,
        "openai-parser": {},
        "vllmgrpc-parser": None,
        "passthrough-parser": None,
        "global-strict-fairness-policy": None,
        "round-robin-fairness-policy": None,
        "fcfs-ordering-policy": {},
        "edf-ordering-policy": None,
        "slo-deadline-ordering-policy": None,
        "utilization-detector": _UTILIZATION,
        "concurrency-detector": _CONCURRENCY,
        "static-usage-limit-policy": {"threshold": "number"},
        "request-attribute-reporter": None,
        "destination-endpoint-served-verifier": None,
    },
)
# Registered as alpha in v0.10.0: without the flag --allow-experimental-plugins the picker exits with one of them.
_EXPERIMENTAL = frozenset(
    (
        *("agent-identity", "burst-prefix-cache-producer", "dcgm-data-source", "dcgm-extractor"),
        *("disaggregatedset-rollout-screener", "endpoint-attribute-filter", "endpoint-attribute-scorer"),
        *("header-label-affinity-scorer", "header-profile-handler", "multicluster-approx-prefix-cache-producer"),
        *("multicluster-file-discovery", "multicluster-kv-cache-utilization-scorer"),
        *("multicluster-metrics-data-source", "multicluster-metrics-extractor", "multicluster-prefix-cache-scorer"),
        *("multicluster-queue-scorer", "multicluster-session-affinity-filter", "p2p-source-producer"),
        *("priority-holdback-policy", "priority-then-time-eviction-order-policy", "session-affinity-filter"),
        *("session-affinity-scorer", "sheddable-eviction-filter", "soft-reflective-ceiling-policy"),
        *("topology-affinity-filter", "topology-affinity-scorer", "topology-extractor", "utilization-filter"),
    )
)
_V0_10 = _V1_5._replace(
    source=(
        "cmd/epp/runner/runner.go and apix/config of llm-d-router v0.10.0; parameters as in pkg/epp/framework/plugins "
        "around it; llm-d-router 1134"
    ),
    apis=("llm-d.ai/v1alpha1", *_V1_5.apis),
    keys=(*_V1_5.keys, "requestHandler"),
    gates=("flowControl", "haPopulateNonLeaderDatastore"),
    plugins={
        **{kind: known for kind, known in _V1_5.plugins.items() if kind != "predicted-latency-scorer"},
        "sheddable-eviction-filter": None,
        "priority-then-time-eviction-order-policy": None,
        "kv-cache-utilization-scorer": {},
        "prefix-cache-scorer": {
            **_PREFIX_MATCH,
            "prefixLengthWeight": "number",
            "maxModelLen": "integer",
            "matchLengthWeight": "number",
            "matchLengthScaleTokens": "integer",
        },
        "max-score-picker": {**_PICKER, "topScoreRatio": "number"},
        "random-picker": None,
        "weighted-random-picker": None,
        "single-profile-handler": None,
        "header-based-testing-filter": None,
        "fcfs-ordering-policy": None,
        "core-metrics-extractor": _ENGINES,
        "metrics-data-source": {
            **_SOURCE,
            "port": "integer",
            "caCertPath": "string",
            "clientCertPath": "string",
            "clientKeyPath": "string",
            "interval": "string",
        },
        "utilization-detector": {**_UTILIZATION, **_LOAD},
        "concurrency-detector": {**_CONCURRENCY, **_LOAD},
        "active-request-scorer": {
            **_LOAD,
            "requestTimeout": "string",
            "idleThreshold": "integer",
            "maxBusyScore": "number",
        },
        "context-length-aware": None,
        "endpoint-attribute-scorer": None,
        "header-label-affinity-scorer": {
            "headerName": "string",
            "labelKey": "string",
            "stampResponseHeader": "boolean",
        },
        "load-aware-scorer": None,
        "mm-embeddings-cache-scorer": None,
        "no-hit-lru-scorer": {
            **_PREFIX_MATCH,
            "prefixPluginType": "string",
            "prefixPluginName": "string",
            "lruSize": "integer",
        },
        "precise-prefix-cache-scorer": None,
        "session-affinity-scorer": None,
        "topology-affinity-scorer": None,
        "multicluster-kv-cache-utilization-scorer": None,
        "multicluster-prefix-cache-scorer": None,
        "multicluster-queue-scorer": None,
        "by-label": None,
        "by-label-selector": None,
        "label-selector-filter": None,
        "decode-filter": {},
        "encode-filter": {},
        "prefill-filter": {},
        "endpoint-attribute-filter": None,
        "session-affinity-filter": None,
        "topology-affinity-filter": None,
        "utilization-filter": None,
        "multicluster-session-affinity-filter": None,
        "disaggregatedset-rollout-screener": None,
        "data-parallel-profile-handler": {"primaryPort": "integer"},
        "disagg-headers-handler": _DISAGGREGATED,
        "prefill-header-handler": _DISAGGREGATED,
        "disagg-profile-handler": None,
        "header-profile-handler": None,
        "pd-profile-handler": None,
        "always-disagg-multimodal-decider": None,
        "always-disagg-pd-decider": None,
        "prefix-based-pd-decider": None,
        "probabilistic-admitter": {
            "queueDepthThreshold": "integer",
            "kvCacheUtilThreshold": "number",
            "power": "number",
            "k": "number",
        },
        "burst-prefix-cache-producer": None,
        "mm-embeddings-cache-producer": None,
        "multicluster-approx-prefix-cache-producer": None,
        "p2p-source-producer": None,
        "precise-prefix-cache-producer": None,
        "session-id-producer": None,
        "token-producer": None,
        "tokenizer": None,
        "agent-identity": None,
        "models-data-source": None,
        "models-data-extractor": None,
        "topology-extractor": None,
        "dcgm-data-source": None,
        "dcgm-extractor": None,
        "multicluster-metrics-data-source": None,
        "multicluster-metrics-extractor": None,
        "file-discovery": None,
        "multicluster-file-discovery": None,
        "anthropic-parser": None,
        "vertexai-parser": None,
        "vllmhttp-parser": None,
        "priority-holdback-policy": None,
        "soft-reflective-ceiling-policy": None,
        "program-aware-fairness": None,
    },
    strict=True,
    experimental=_EXPERIMENTAL,
)

# What v0.11 took out; each fails to load. In brackets the change and the day on which it was merged or proposed.
_GONE_IN_V0_11 = {
    "saturationDetector": "flowControl.saturationDetector",  # 2838, 2026-09-14
    "parser": "requestHandler.parsers",  # 2838
    "pd-profile-handler": "disagg-profile-handler",  # 2509, 2026-08-24
    "disagg-headers-handler": "disagg-profile-handler",  # 2815, 2026-09-12
    "prefill-header-handler": "disagg-profile-handler",  # 2815
    "precise-prefix-cache-scorer": "precise-prefix-cache-producer with prefix-cache-scorer",  # 2844, 2026-09-14
    "by-label": "label-selector-filter",  # 2865, 2026-09-15
    "by-label-selector": "label-selector-filter",  # 2865
    "tokenizer": "token-producer",  # 2869, 2026-09-15
}
# Registered in cmd/epp/runner/runner.go after the tag (PyExtreme/llm-d-router 4dce892a, after 2026-09-20) and not in
# that of v0.10.0. Which of them the tag has is not known, but for max-saturation-detector (2827, 2926).
_NEW_AROUND_V0_11: dict[str, Parameters | None] = {
    "endpoint-attribute-weight-scorer": None,
    "label-producer": None,
    "k8s-peer-discovery": None,
    "latency-observation-scorer-hub": None,
    "latency-observer-producer-hub": None,
    "models-responder": None,
    "outlen-bucket": None,
    "sglanghttp-parser": None,
    "max-saturation-detector": {"detectors": "array", "stages": "object"},
    "selective-kv-policy": None,
    "session-state-producer": None,
    "strict-band-selection-policy": {},
}
_V0_11 = _V0_10._replace(
    source=(
        "llm-d-router 2509, 2815, 2838, 2844, 2865, 2869 and 2649, merged before v0.11.0; what is new: "
        "cmd/epp/runner/runner.go as before and after the release"
    ),
    keys=tuple(key for key in _V0_10.keys if key not in _GONE_IN_V0_11),
    plugins={
        **{kind: known for kind, known in _V0_10.plugins.items() if kind not in _GONE_IN_V0_11},
        **_NEW_AROUND_V0_11,
        # 2492, 2026-08-21.
        "utilization-detector": {**_UTILIZATION, **_LOAD, "stalenessPolicy": "string"},
    },
    successors=_GONE_IN_V0_11,
    # Those of v0.10 and, of what is new, those that are alpha after the tag; the tag may have more that are.
    experimental=_EXPERIMENTAL
    | {"endpoint-attribute-weight-scorer", "k8s-peer-discovery", "label-producer", "latency-observation-scorer-hub"}
    | {"latency-observer-producer-hub", "outlen-bucket", "selective-kv-policy", "session-state-producer"},
)

# By the name of the release. Others are not judged.
PICKER_CONFIGS: dict[str, PickerConfig] = {
    "gaie-v1.0": _V1_0,
    "gaie-v1.5": _V1_5,
    "llm-d-router-v0.10": _V0_10,
    "llm-d-router-v0.11": _V0_11,
}
