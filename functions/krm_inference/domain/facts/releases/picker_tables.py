# Written by functions/picker_tables.py: change that, not this file.
# ruff: noqa: E501  # an entry stands on one line
"""What each release of the inference gateway takes and shows, as its own sources say.

A line stands once, below all releases that have it; picker_lines.py reads that.
Read at

- gaie-v1.0: kubernetes-sigs/gateway-api-inference-extension v1.0.0
- gaie-v1.5: kubernetes-sigs/gateway-api-inference-extension v1.5.0
- gaie-v1.6: kubernetes-sigs/gateway-api-inference-extension v1.6.0
- llm-d-router-v0.10: llm-d/llm-d-router v0.10.0
- llm-d-router-v0.11: llm-d/llm-d-router ebab6879
"""

from __future__ import annotations

# Flags of the picker, each with its default.
FLAGS = {
    "gaie-v1.0": r"""
--kubeconfig
--kv-cache-usage-percentage-metric vllm:gpu_cache_usage_perc
--pool-namespace default
""",
    "gaie-v1.0 gaie-v1.5": r"""
--model-server-metrics-https-insecure-skip-verify true
--model-server-metrics-path /metrics
--model-server-metrics-port 0
--model-server-metrics-scheme http
""",
    "gaie-v1.0 gaie-v1.5 llm-d-router-v0.10 llm-d-router-v0.11": r"""
--cert-path
--config-file
--config-text
--enable-pprof true
--grpc-health-port 9003
--grpc-port 9002
--ha-enable-leader-election false
--health-checking false
--lora-info-metric vllm:lora_requests_info
--metrics-port 9090
--metrics-staleness-threshold 2s
--pool-group inference.networking.k8s.io
--pool-name
--refresh-metrics-interval 50ms
--refresh-prometheus-metrics-interval 5s
--secure-serving true
--total-queued-requests-metric vllm:num_requests_waiting
--v 2
--zap-devel true
--zap-encoder
--zap-log-level
--zap-stacktrace-level
--zap-time-encoding
""",
    "gaie-v1.5 llm-d-router-v0.10 llm-d-router-v0.11": r"""
--cache-info-metric vllm:cache_config_info
--disable-endpoint-subset-filter false
--enable-cert-reload false
--endpoint-selector
--endpoint-target-ports
--kv-cache-usage-percentage-metric vllm:kv_cache_usage_perc
--metrics-endpoint-auth true
--pool-namespace
--total-running-requests-metric vllm:num_requests_running
--tracing true
""",
    "llm-d-router-v0.10 llm-d-router-v0.11": r"""
--allow-experimental-plugins false
--drain-timeout 30s
--emit-endpoint-scores false
--enable-grpc-stream-metrics false
--grpc-max-recv-msg-size
--grpc-max-send-msg-size
--metrics-cert-dir
--metrics-client-ca-file
--tls-cipher-suites
--tls-min-version
""",
}

# Metrics of the picker, each with its type.
METRICS = {
    "gaie-v1.0": r"""
inference_model_input_tokens histogram
inference_model_normalized_time_per_output_token_seconds histogram
inference_model_output_tokens histogram
inference_model_request_duration_seconds histogram
inference_model_request_error_total counter
inference_model_request_sizes histogram
inference_model_request_total counter
inference_model_response_sizes histogram
inference_model_running_requests gauge
""",
    "gaie-v1.0 gaie-v1.5 llm-d-router-v0.10 llm-d-router-v0.11": r"""
inference_extension_info gauge
inference_extension_plugin_duration_seconds histogram
inference_extension_prefix_indexer_hit_bytes histogram
inference_extension_prefix_indexer_hit_ratio histogram
inference_extension_prefix_indexer_size gauge
inference_extension_scheduler_e2e_duration_seconds histogram
inference_pool_average_kv_cache_utilization gauge
inference_pool_average_queue_size gauge
inference_pool_per_pod_queue_size gauge
inference_pool_ready_pods gauge
""",
    "gaie-v1.5 llm-d-router-v0.10 llm-d-router-v0.11": r"""
inference_extension_flow_control_dispatch_cycle_duration_seconds histogram
inference_extension_flow_control_pool_saturation gauge
inference_extension_flow_control_queue_bytes gauge
inference_extension_flow_control_queue_size gauge
inference_extension_flow_control_request_enqueue_duration_seconds histogram
inference_extension_flow_control_request_queue_duration_seconds histogram
inference_extension_model_rewrite_decisions_total counter
inference_extension_scheduler_attempts_total counter
inference_objective_inference_request_metric gauge
inference_objective_input_tokens histogram
inference_objective_normalized_time_per_output_token_seconds histogram
inference_objective_output_tokens histogram
inference_objective_prompt_cached_tokens histogram
inference_objective_request_duration_seconds histogram
inference_objective_request_error_total counter
inference_objective_request_predicted_tpot_seconds histogram
inference_objective_request_predicted_ttft_seconds histogram
inference_objective_request_sizes histogram
inference_objective_request_slo_violation_total counter
inference_objective_request_total counter
inference_objective_request_tpot_prediction_duration_seconds histogram
inference_objective_request_tpot_seconds histogram
inference_objective_request_ttft_prediction_duration_seconds histogram
inference_objective_request_ttft_seconds histogram
inference_objective_response_sizes histogram
inference_objective_running_requests gauge
inference_pool_average_running_requests gauge
""",
    "llm-d-router-v0.10 llm-d-router-v0.11": r"""
llm_d_epp_average_kv_cache_utilization gauge
llm_d_epp_average_queue_size gauge
llm_d_epp_average_running_requests gauge
llm_d_epp_datalayer_extract_errors_total counter
llm_d_epp_datalayer_poll_errors_total counter
llm_d_epp_disagg_decision_total counter
llm_d_epp_encoder_cache_hit_ratio histogram
llm_d_epp_encoder_cache_hits_total counter
llm_d_epp_encoder_cache_queries_total counter
llm_d_epp_extproc_stream_duration_seconds histogram
llm_d_epp_extproc_streams_inflight gauge
llm_d_epp_extproc_streams_total counter
llm_d_epp_flow_control_dispatch_cycle_duration_seconds histogram
llm_d_epp_flow_control_pending_reclaim gauge
llm_d_epp_flow_control_pool_saturation gauge
llm_d_epp_flow_control_queue_bytes gauge
llm_d_epp_flow_control_queue_size gauge
llm_d_epp_flow_control_reclaim_target gauge
llm_d_epp_flow_control_request_enqueue_duration_seconds histogram
llm_d_epp_flow_control_request_queue_duration_seconds histogram
llm_d_epp_flow_control_requests_total counter
llm_d_epp_flow_control_revocation_confirmation_seconds histogram
llm_d_epp_flow_control_revocations_issued_total counter
llm_d_epp_flow_control_revocations_total counter
llm_d_epp_flow_control_stale_endpoints gauge
llm_d_epp_inference_request_metric gauge
llm_d_epp_inflight_requests gauge
llm_d_epp_inflight_tokens gauge
llm_d_epp_info gauge
llm_d_epp_model_rewrite_decisions_total counter
llm_d_epp_pd_decision_total counter
llm_d_epp_per_endpoint_queue_size gauge
llm_d_epp_plugin_duration_seconds histogram
llm_d_epp_prefix_indexer_hit_bytes histogram
llm_d_epp_prefix_indexer_hit_ratio histogram
llm_d_epp_prefix_indexer_size gauge
llm_d_epp_program_aware_attained_service_tokens gauge
llm_d_epp_program_aware_avg_wait_time_milliseconds gauge
llm_d_epp_program_aware_jains_fairness_index gauge
llm_d_epp_ready_endpoints gauge
llm_d_epp_request_cached_tokens histogram
llm_d_epp_request_duration_seconds histogram
llm_d_epp_request_error_total counter
llm_d_epp_request_input_tokens histogram
llm_d_epp_request_ntpot_seconds histogram
llm_d_epp_request_output_tokens histogram
llm_d_epp_request_predicted_tpot_seconds histogram
llm_d_epp_request_predicted_ttft_seconds histogram
llm_d_epp_request_processing_duration_seconds histogram
llm_d_epp_request_running gauge
llm_d_epp_request_size_bytes histogram
llm_d_epp_request_slo_violation_total counter
llm_d_epp_request_streaming_itl_seconds histogram
llm_d_epp_request_streaming_tpot_seconds histogram
llm_d_epp_request_total counter
llm_d_epp_request_tpot_prediction_duration_seconds histogram
llm_d_epp_request_ttft_prediction_duration_seconds histogram
llm_d_epp_request_ttft_seconds histogram
llm_d_epp_response_processing_duration_seconds histogram
llm_d_epp_response_size_bytes histogram
llm_d_epp_scheduler_attempts_total counter
llm_d_epp_scheduler_e2e_duration_seconds histogram
llm_d_epp_std_dev_kv_cache_utilization gauge
llm_d_epp_std_dev_queue_size gauge
llm_d_epp_std_dev_running_requests gauge
llm_d_inference_scheduler_datalayer_extract_errors_total counter
llm_d_inference_scheduler_datalayer_poll_errors_total counter
llm_d_inference_scheduler_disagg_decision_total counter
llm_d_inference_scheduler_pd_decision_total counter
""",
    "llm-d-router-v0.11": r"""
llm_d_epp_flow_control_capacity_utilization_bytes gauge
llm_d_epp_flow_control_capacity_utilization_requests gauge
llm_d_epp_flow_control_global_capacity_utilization_bytes gauge
llm_d_epp_flow_control_global_capacity_utilization_requests gauge
llm_d_epp_plugin_data_scope_violations_total counter
""",
}

# Fields of the EndpointPickerConfig, each with its type; [] is an item of a list.
CONFIGURATION = {
    "gaie-v1.0": r"""
schedulingProfiles[].plugins[].weight integer
""",
    "gaie-v1.0 gaie-v1.5 llm-d-router-v0.10 llm-d-router-v0.11": r"""
plugins[].name string
plugins[].parameters any
plugins[].type string
schedulingProfiles[].name string
schedulingProfiles[].plugins[].pluginRef string
""",
    "gaie-v1.5 llm-d-router-v0.10": r"""
parser.pluginRef string
saturationDetector.pluginRef string
""",
    "gaie-v1.5 llm-d-router-v0.10 llm-d-router-v0.11": r"""
dataLayer.sources[].extractors[].pluginRef string
dataLayer.sources[].pluginRef string
featureGates list
flowControl.defaultPriorityBand.fairnessPolicyRef string
flowControl.defaultPriorityBand.maxBytes quantity
flowControl.defaultPriorityBand.maxRequests quantity
flowControl.defaultPriorityBand.orderingPolicyRef string
flowControl.defaultPriorityBand.priority integer
flowControl.defaultRequestTTL string
flowControl.maxBytes quantity
flowControl.maxRequests quantity
flowControl.priorityBands[].fairnessPolicyRef string
flowControl.priorityBands[].maxBytes quantity
flowControl.priorityBands[].maxRequests quantity
flowControl.priorityBands[].orderingPolicyRef string
flowControl.priorityBands[].priority integer
flowControl.usageLimitPolicyPluginRef string
schedulingProfiles[].plugins[].weight number
""",
    "llm-d-router-v0.10 llm-d-router-v0.11": r"""
dataLayer.crossReplicaSyncInterval string
dataLayer.crossReplicaSyncerPluginRef string
dataLayer.discovery.pluginRef string
dataLayer.injectDefaults boolean
flowControl.defaultNegativePriorityBand.fairnessPolicyRef string
flowControl.defaultNegativePriorityBand.maxBytes quantity
flowControl.defaultNegativePriorityBand.maxRequests quantity
flowControl.defaultNegativePriorityBand.orderingPolicyRef string
flowControl.defaultNegativePriorityBand.priority integer
flowControl.enableEviction boolean
flowControl.saturationDetector.pluginRef string
requestHandler.parsers[].pluginRef string
""",
    "llm-d-router-v0.11": r"""
dataLayer.peerDiscovery.pluginRef string
flowControl.defaultNegativePriorityBand.defaultRequestTTL string
flowControl.defaultPriorityBand.defaultRequestTTL string
flowControl.noEndpointRequestTTL string
flowControl.priorityBands[].defaultRequestTTL string
""",
}

# Parameters of plugins that the sources tell in one struct: plugin, name, type and default.
PARAMETERS = {
    "gaie-v1.0": r"""
prefix-cache-scorer hashBlockSize integer 64
prefix-cache-scorer lruCapacityPerServer integer 31250
prefix-cache-scorer maxPrefixBlocksToMatch integer 256
""",
    "gaie-v1.0 gaie-v1.5": r"""
max-score-picker maxNumOfEndpoints integer 1
random-picker maxNumOfEndpoints integer 1
weighted-random-picker maxNumOfEndpoints integer 1
""",
    "gaie-v1.5": r"""
approx-prefix-cache-producer autoTune boolean true
approx-prefix-cache-producer blockSize integer 0
approx-prefix-cache-producer blockSizeTokens integer 16
approx-prefix-cache-producer lruCapacityPerServer integer 31250
approx-prefix-cache-producer maxPrefixBlocksToMatch integer 256
approx-prefix-cache-producer maxPrefixTokensToMatch integer
metrics-data-source insecureSkipVerify boolean true
metrics-data-source path string /metrics
metrics-data-source scheme string http
predicted-latency-producer contextTTL string 5m
predicted-latency-producer endpointRoleLabel string
predicted-latency-producer maxDecodeTokenSamplesForPrediction integer 0
predicted-latency-producer predictInPrepareData boolean true
predicted-latency-producer samplingMean number 1000
predicted-latency-producer sloBufferFactor number 1
predicted-latency-producer streamingMode boolean false
predicted-latency-scorer affinityGateTau number 0.80
predicted-latency-scorer affinityGateTauGlobal number 0.99
predicted-latency-scorer affinityMaxTTFTPenaltyMs number 5000.0
predicted-latency-scorer compositeKVWeight number 1
predicted-latency-scorer compositePrefixWeight number 1
predicted-latency-scorer compositeQueueWeight number 1
predicted-latency-scorer contextTTL string 5m
predicted-latency-scorer endpointRoleLabel string
predicted-latency-scorer epsilonExploreNeg number 0.01
predicted-latency-scorer epsilonExploreSticky number 0.01
predicted-latency-scorer headroomSelectionStrategy string least
predicted-latency-scorer headroomTPOTWeight number 0.2
predicted-latency-scorer headroomTTFTWeight number 0.8
predicted-latency-scorer maxSampledTokens integer 0
predicted-latency-scorer negHeadroomTPOTWeight number 0.2
predicted-latency-scorer negHeadroomTTFTWeight number 0.8
predicted-latency-scorer samplingMean number 1000
predicted-latency-scorer selectionMode string linear
predicted-latency-scorer sloBufferFactor number 1
predicted-latency-scorer streamingMode boolean true
prefix-cache-affinity-filter explorationProbability number 0.01
prefix-cache-affinity-filter maxTTFTPenaltyMs number 5000
""",
    "gaie-v1.5 llm-d-router-v0.10 llm-d-router-v0.11": r"""
concurrency-detector concurrencyMode string requests
concurrency-detector headroom number 0.0
concurrency-detector maxConcurrency integer 100
concurrency-detector maxTokenConcurrency integer 1000000
k8s-notification-source group string
k8s-notification-source kind string
k8s-notification-source version string
latency-scorer compositeKVWeight number 1
latency-scorer compositePrefixWeight number 1
latency-scorer compositeQueueWeight number 1
latency-scorer headroomSelectionStrategy string least
latency-scorer tpotWeight number 0.2
latency-scorer ttftWeight number 0.8
prefix-cache-affinity-filter affinityThreshold number 0.80
request-attribute-reporter attributes array
slo-headroom-tier-filter epsilonExploreNeg number 0.01
token-load-scorer queueThresholdTokens integer 4194304
utilization-detector headroom number 0.0
utilization-detector kvCacheUtilThreshold number 0.8
utilization-detector metricsStalenessThreshold string 200ms
utilization-detector queueDepthThreshold integer 5
""",
    "llm-d-router-v0.10 llm-d-router-v0.11": r"""
active-request-scorer idleThreshold integer
active-request-scorer inFlightLoadProducerName string
active-request-scorer maxBusyScore number
active-request-scorer requestTimeout string
agent-identity additionalSessionHeaders array
burst-prefix-cache-producer balanceBy string requests
burst-prefix-cache-producer blockSizeTokens integer 64
burst-prefix-cache-producer maxBatchSize integer 1000
burst-prefix-cache-producer maxPerReplica integer -1
burst-prefix-cache-producer maxPrefixTokensToMatch integer 0
burst-prefix-cache-producer minColocateBlocks integer 0
burst-prefix-cache-producer windowDurationMs integer 100
by-label allowsNoLabel boolean
by-label label string
by-label validValues array
concurrency-detector inFlightLoadProducerName string
context-length-aware enableFiltering boolean false
context-length-aware label string llm-d.ai/context-length-range
data-parallel-profile-handler primaryPort integer 8000
endpoint-attribute-filter algorithm object
endpoint-attribute-filter attribute string
endpoint-attribute-filter fallbackOnEmpty boolean
endpoint-attribute-filter onMissing string
endpoint-attribute-scorer algorithm object
endpoint-attribute-scorer attributeKey string
file-discovery path string
file-discovery watchFile boolean
header-label-affinity-scorer headerName string
header-label-affinity-scorer labelKey string
header-profile-handler defaultProfile string
header-profile-handler headerName string
latency-scorer latencyPredictionInfoProducerName string
latency-scorer prefixMatchInfoProducerName string
latency-slo-admitter latencyPredictionInfoProducerName string
load-aware-scorer threshold integer 128
mm-embeddings-cache-producer cacheSizeInMBPerServer integer
mm-embeddings-cache-scorer producerName string
multicluster-approx-prefix-cache-producer autoTune boolean true
multicluster-approx-prefix-cache-producer blockSize integer 0
multicluster-approx-prefix-cache-producer blockSizeTokens integer 16
multicluster-approx-prefix-cache-producer lruCapacityPerServer integer 31250
multicluster-approx-prefix-cache-producer maxPrefixBlocksToMatch integer 2048
multicluster-approx-prefix-cache-producer maxPrefixTokensToMatch integer 131072
multicluster-metrics-data-source caCertPath string
multicluster-metrics-data-source clientCertPath string
multicluster-metrics-data-source clientKeyPath string
multicluster-metrics-data-source insecureSkipVerify boolean true
multicluster-metrics-data-source interval string
multicluster-metrics-data-source path string /metrics
multicluster-metrics-data-source port integer
multicluster-metrics-data-source scheme string http
multicluster-metrics-extractor kvCacheUtilizationMetric string
multicluster-metrics-extractor queueSizeMetric string
no-hit-lru-scorer lruSize integer
no-hit-lru-scorer prefixMatchInfoProducerName string
no-hit-lru-scorer prefixPluginName string
no-hit-lru-scorer prefixPluginType string
p2p-source-producer minCachedTokenDelta integer 1
p2p-source-producer prefillProfileName string
p2p-source-producer prefixMatchInfoProducerName string
pd-profile-handler decodeProfile string decode
pd-profile-handler prefillProfile string prefill
pd-profile-handler prefixMatchInfoProducerName string
pd-profile-handler prefixPluginType string
pd-profile-handler primaryPort integer 0
precise-prefix-cache-producer indexerConfig object
precise-prefix-cache-producer kvEventsConfig object
precise-prefix-cache-producer speculativeIndexing boolean
precise-prefix-cache-producer speculativeTTL string
precise-prefix-cache-producer tokenProcessorConfig object
precise-prefix-cache-scorer indexerConfig object
precise-prefix-cache-scorer kvEventsConfig object
precise-prefix-cache-scorer speculativeIndexing boolean
precise-prefix-cache-scorer speculativeTTL string
precise-prefix-cache-scorer tokenProcessorConfig object
prefix-based-pd-decider nonCachedTokens integer 0
prefix-based-pd-decider promptTokens integer 0
prefix-cache-affinity-filter explorationProbability number 0
prefix-cache-affinity-filter inFlightLoadProducerName string
prefix-cache-affinity-filter latencyPredictionInfoProducerName string
prefix-cache-affinity-filter maxTTFTPenaltyMs number 18000
prefix-cache-affinity-filter peakPrefillThroughput number 15928
prefix-cache-affinity-filter prefixMatchInfoProducerName string
prefix-cache-affinity-filter ttftSource string prefillThroughput
prefix-cache-scorer matchLengthScaleTokens integer 8192
prefix-cache-scorer matchLengthWeight number 0.0
prefix-cache-scorer prefixMatchInfoProducerName string
priority-holdback-policy domain string rank
priority-holdback-policy maxCeiling number 1.0
priority-holdback-policy minCeiling number
priority-holdback-policy shape string linear
probabilistic-admitter k number 300.0
probabilistic-admitter kvCacheUtilThreshold number 0.8
probabilistic-admitter power number 5.0
probabilistic-admitter queueDepthThreshold integer 5
slo-headroom-tier-filter latencyPredictionInfoProducerName string
static-usage-limit-policy threshold number
token-load-scorer inFlightLoadProducerName string
topology-affinity-filter minAffinity string
topology-affinity-filter topologyProducerName string
topology-affinity-scorer topologyProducerName string
utilization-filter conditions array
utilization-filter fallbackOnEmpty boolean
utilization-filter inFlightLoadProducerName string
""",
    "llm-d-router-v0.11": r"""
endpoint-attribute-filter producer string
endpoint-attribute-scorer producer string
""",
}

# Values of the chart, each with its default.
CHART = {
    "gaie-v1.0": r"""
gke.monitoringSecret.name inference-gateway-sa-metrics-reader-secret
gke.monitoringSecret.namespace default
inferenceExtension.flags [{name: v, value: 1}]
inferenceExtension.image.hub registry.k8s.io/gateway-api-inference-extension
inferenceExtension.image.name epp
inferenceExtension.image.tag v1.0.0
inferencePool.targetPortNumber 8000
""",
    "gaie-v1.0 gaie-v1.5": r"""
inferenceExtension.env []
inferenceExtension.extProcPort 9002
inferenceExtension.extraContainerPorts []
inferenceExtension.extraServicePorts []
inferenceExtension.image.pullPolicy Always
inferenceExtension.pluginsConfigFile default-plugins.yaml
inferenceExtension.replicas 1
inferencePool.apiVersion inference.networking.k8s.io/v1
inferencePool.modelServerType vllm
inferencePool.targetPorts [{number: 8000}]
""",
    "gaie-v1.0 gaie-v1.5 llm-d-router-v0.10 llm-d-router-v0.11": r"""
provider.name none
""",
    "gaie-v1.5": r"""
experimentalHttpRoute.enabled false
experimentalHttpRoute.inferenceGatewayName inference-gateway
experimentalHttpRoute.requestTimeout 300s
inferenceExtension.affinity {}
inferenceExtension.failureMode FailOpen
inferenceExtension.flags.v 1
inferenceExtension.image.registry registry.k8s.io
inferenceExtension.image.repository gateway-api-inference-extension/epp
inferenceExtension.image.tag v1.5.0
inferenceExtension.latencyPredictor.enabled false
inferenceExtension.latencyPredictor.eppEnv.LATENCY_COALESCE_WINDOW_MS '1'
inferenceExtension.latencyPredictor.eppEnv.LATENCY_MAX_CONCURRENT_DISPATCHES '36'
inferenceExtension.latencyPredictor.eppEnv.LATENCY_MAX_SAMPLE_SIZE '10000'
inferenceExtension.latencyPredictor.predictionServers.config.LATENCY_MODEL_TYPE xgboost
inferenceExtension.latencyPredictor.predictionServers.config.LATENCY_OBJECTIVE_TYPE mean
inferenceExtension.latencyPredictor.predictionServers.config.LOCAL_TPOT_MODEL_PATH /server_models/tpot.joblib
inferenceExtension.latencyPredictor.predictionServers.config.LOCAL_TPOT_SCALER_PATH /server_models/tpot_scaler.joblib
inferenceExtension.latencyPredictor.predictionServers.config.LOCAL_TTFT_MODEL_PATH /server_models/ttft.joblib
inferenceExtension.latencyPredictor.predictionServers.config.LOCAL_TTFT_SCALER_PATH /server_models/ttft_scaler.joblib
inferenceExtension.latencyPredictor.predictionServers.config.MODEL_SYNC_INTERVAL_SEC '30'
inferenceExtension.latencyPredictor.predictionServers.config.OMP_NUM_THREADS '1'
inferenceExtension.latencyPredictor.predictionServers.config.PREDICT_HOST 0.0.0.0
inferenceExtension.latencyPredictor.predictionServers.config.UVICORN_WORKERS '28'
inferenceExtension.latencyPredictor.predictionServers.count 1
inferenceExtension.latencyPredictor.predictionServers.image.pullPolicy Always
inferenceExtension.latencyPredictor.predictionServers.image.registry registry.k8s.io
inferenceExtension.latencyPredictor.predictionServers.image.repository gateway-api-inference-extension/latency-prediction-server
inferenceExtension.latencyPredictor.predictionServers.image.tag v1.5.0
inferenceExtension.latencyPredictor.predictionServers.livenessProbe.failureThreshold 5
inferenceExtension.latencyPredictor.predictionServers.livenessProbe.httpGet.path /healthz
inferenceExtension.latencyPredictor.predictionServers.livenessProbe.initialDelaySeconds 15
inferenceExtension.latencyPredictor.predictionServers.livenessProbe.periodSeconds 15
inferenceExtension.latencyPredictor.predictionServers.livenessProbe.timeoutSeconds 5
inferenceExtension.latencyPredictor.predictionServers.readinessProbe.failureThreshold 30
inferenceExtension.latencyPredictor.predictionServers.readinessProbe.httpGet.path /readyz
inferenceExtension.latencyPredictor.predictionServers.readinessProbe.initialDelaySeconds 10
inferenceExtension.latencyPredictor.predictionServers.readinessProbe.periodSeconds 10
inferenceExtension.latencyPredictor.predictionServers.readinessProbe.timeoutSeconds 5
inferenceExtension.latencyPredictor.predictionServers.resources.limits.cpu 28000m
inferenceExtension.latencyPredictor.predictionServers.resources.limits.memory 8Gi
inferenceExtension.latencyPredictor.predictionServers.resources.requests.cpu 8000m
inferenceExtension.latencyPredictor.predictionServers.resources.requests.memory 4Gi
inferenceExtension.latencyPredictor.predictionServers.startPort 8001
inferenceExtension.latencyPredictor.predictionServers.volumeSize 10Gi
inferenceExtension.latencyPredictor.trainingServer.config.LATENCY_MAX_TRAINING_DATA_SIZE_PER_BUCKET '500'
inferenceExtension.latencyPredictor.trainingServer.config.LATENCY_MIN_SAMPLES_FOR_RETRAIN '100'
inferenceExtension.latencyPredictor.trainingServer.config.LATENCY_MODEL_TYPE xgboost
inferenceExtension.latencyPredictor.trainingServer.config.LATENCY_OBJECTIVE_TYPE mean
inferenceExtension.latencyPredictor.trainingServer.config.LATENCY_RETRAINING_INTERVAL_SEC '10'
inferenceExtension.latencyPredictor.trainingServer.config.LATENCY_TPOT_MODEL_PATH /models/tpot.joblib
inferenceExtension.latencyPredictor.trainingServer.config.LATENCY_TPOT_SCALER_PATH /models/tpot_scaler.joblib
inferenceExtension.latencyPredictor.trainingServer.config.LATENCY_TTFT_MODEL_PATH /models/ttft.joblib
inferenceExtension.latencyPredictor.trainingServer.config.LATENCY_TTFT_SCALER_PATH /models/ttft_scaler.joblib
inferenceExtension.latencyPredictor.trainingServer.image.pullPolicy Always
inferenceExtension.latencyPredictor.trainingServer.image.registry registry.k8s.io
inferenceExtension.latencyPredictor.trainingServer.image.repository gateway-api-inference-extension/latency-training-server
inferenceExtension.latencyPredictor.trainingServer.image.tag v1.5.0
inferenceExtension.latencyPredictor.trainingServer.livenessProbe.httpGet.path /healthz
inferenceExtension.latencyPredictor.trainingServer.livenessProbe.httpGet.port 8000
inferenceExtension.latencyPredictor.trainingServer.livenessProbe.initialDelaySeconds 30
inferenceExtension.latencyPredictor.trainingServer.livenessProbe.periodSeconds 20
inferenceExtension.latencyPredictor.trainingServer.port 8000
inferenceExtension.latencyPredictor.trainingServer.readinessProbe.httpGet.path /readyz
inferenceExtension.latencyPredictor.trainingServer.readinessProbe.httpGet.port 8000
inferenceExtension.latencyPredictor.trainingServer.readinessProbe.initialDelaySeconds 45
inferenceExtension.latencyPredictor.trainingServer.readinessProbe.periodSeconds 10
inferenceExtension.latencyPredictor.trainingServer.resources.limits.cpu 4000m
inferenceExtension.latencyPredictor.trainingServer.resources.limits.memory 8Gi
inferenceExtension.latencyPredictor.trainingServer.resources.requests.cpu 2000m
inferenceExtension.latencyPredictor.trainingServer.resources.requests.memory 4Gi
inferenceExtension.latencyPredictor.trainingServer.volumeSize 20Gi
inferenceExtension.metricsDataSource.insecureSkipVerify true
inferenceExtension.metricsDataSource.path /metrics
inferenceExtension.metricsDataSource.scheme http
inferenceExtension.monitoring.interval 10s
inferenceExtension.monitoring.prometheus.auth.enabled true
inferenceExtension.monitoring.prometheus.auth.secretName inference-gateway-sa-metrics-reader-secret
inferenceExtension.monitoring.prometheus.enabled false
inferenceExtension.monitoring.prometheus.extraLabels {}
inferenceExtension.resources.limits.memory 16Gi
inferenceExtension.resources.requests.cpu '4'
inferenceExtension.resources.requests.memory 8Gi
inferenceExtension.sidecar.enabled false
inferenceExtension.tolerations []
inferenceExtension.tracing.enabled false
inferenceExtension.tracing.otelExporterEndpoint http://localhost:4317
inferenceExtension.tracing.sampling.sampler parentbased_traceidratio
inferenceExtension.tracing.sampling.samplerArg '0.1'
inferenceObjectives []
inferencePool.modelServerProtocol http
inferencePool.parser ''
provider.gke.autopilot false
""",
    "gaie-v1.5 llm-d-router-v0.10 llm-d-router-v0.11": r"""
provider.istio.destinationRule.host ''
provider.istio.destinationRule.trafficPolicy {}
""",
    "llm-d-router-v0.10 llm-d-router-v0.11": r"""
httpRoute.create false
httpRoute.inferenceGatewayName inference-gateway
httpRoute.inferenceGatewayNamespace ''
httpRoute.requestTimeout 300s
provider.gke.preferredBackends.balancingMode RATE
provider.gke.preferredBackends.capacityScalerPercent 100
provider.gke.preferredBackends.defaultReplicas 1
provider.gke.preferredBackends.enabled false
provider.gke.preferredBackends.maxRatePerEndpoint 100
provider.gke.preferredBackends.preferredReplicas 1
router.clusterDomain cluster.local
router.epp.affinity {}
router.epp.env []
router.epp.extProcPort 9002
router.epp.extraContainerPorts []
router.epp.image.pullPolicy Always
router.epp.image.registry ghcr.io/llm-d
router.epp.image.repository llm-d-router-endpoint-picker
router.epp.image.tag main
router.epp.metricsDataSource.insecureSkipVerify true
router.epp.metricsDataSource.path /metrics
router.epp.metricsDataSource.scheme http
router.epp.parsers []
router.epp.pluginsConfigFile default-plugins.yaml
router.epp.pluginsCustomConfig {}
router.epp.podAnnotations {}
router.epp.replicas 1
router.epp.resources.limits.memory 16Gi
router.epp.resources.requests.cpu '8'
router.epp.resources.requests.memory 8Gi
router.epp.tolerations []
router.extraServicePorts []
router.inferenceObjectives []
router.inferencePool.create true
router.inferencePool.failureMode FailOpen
router.latencyPredictor.enabled false
router.latencyPredictor.eppEnv.LATENCY_COALESCE_WINDOW_MS '1'
router.latencyPredictor.eppEnv.LATENCY_MAX_CONCURRENT_DISPATCHES '36'
router.latencyPredictor.eppEnv.LATENCY_MAX_SAMPLE_SIZE '10000'
router.latencyPredictor.predictionServers.config.LATENCY_MODEL_TYPE xgboost
router.latencyPredictor.predictionServers.config.LATENCY_OBJECTIVE_TYPE mean
router.latencyPredictor.predictionServers.config.LOCAL_TPOT_MODEL_PATH /server_models/tpot.joblib
router.latencyPredictor.predictionServers.config.LOCAL_TPOT_SCALER_PATH /server_models/tpot_scaler.joblib
router.latencyPredictor.predictionServers.config.LOCAL_TTFT_MODEL_PATH /server_models/ttft.joblib
router.latencyPredictor.predictionServers.config.LOCAL_TTFT_SCALER_PATH /server_models/ttft_scaler.joblib
router.latencyPredictor.predictionServers.config.MODEL_SYNC_INTERVAL_SEC '30'
router.latencyPredictor.predictionServers.config.OMP_NUM_THREADS '1'
router.latencyPredictor.predictionServers.config.PREDICT_HOST 0.0.0.0
router.latencyPredictor.predictionServers.config.UVICORN_WORKERS '28'
router.latencyPredictor.predictionServers.count 1
router.latencyPredictor.predictionServers.image.pullPolicy Always
router.latencyPredictor.predictionServers.image.registry ghcr.io/llm-d
router.latencyPredictor.predictionServers.image.repository llm-d-latency-predictor-prediction-server-dev
router.latencyPredictor.predictionServers.image.tag latest
router.latencyPredictor.predictionServers.livenessProbe.failureThreshold 5
router.latencyPredictor.predictionServers.livenessProbe.httpGet.path /healthz
router.latencyPredictor.predictionServers.livenessProbe.initialDelaySeconds 15
router.latencyPredictor.predictionServers.livenessProbe.periodSeconds 15
router.latencyPredictor.predictionServers.livenessProbe.timeoutSeconds 5
router.latencyPredictor.predictionServers.readinessProbe.failureThreshold 30
router.latencyPredictor.predictionServers.readinessProbe.httpGet.path /readyz
router.latencyPredictor.predictionServers.readinessProbe.initialDelaySeconds 10
router.latencyPredictor.predictionServers.readinessProbe.periodSeconds 10
router.latencyPredictor.predictionServers.readinessProbe.timeoutSeconds 5
router.latencyPredictor.predictionServers.resources.limits.cpu 28000m
router.latencyPredictor.predictionServers.resources.limits.memory 8Gi
router.latencyPredictor.predictionServers.resources.requests.cpu 8000m
router.latencyPredictor.predictionServers.resources.requests.memory 4Gi
router.latencyPredictor.predictionServers.startPort 8001
router.latencyPredictor.predictionServers.volumeSize 10Gi
router.latencyPredictor.trainingServer.config.LATENCY_MAX_TRAINING_DATA_SIZE_PER_BUCKET '500'
router.latencyPredictor.trainingServer.config.LATENCY_MIN_SAMPLES_FOR_RETRAIN '100'
router.latencyPredictor.trainingServer.config.LATENCY_MODEL_TYPE xgboost
router.latencyPredictor.trainingServer.config.LATENCY_OBJECTIVE_TYPE mean
router.latencyPredictor.trainingServer.config.LATENCY_RETRAINING_INTERVAL_SEC '10'
router.latencyPredictor.trainingServer.config.LATENCY_TPOT_MODEL_PATH /models/tpot.joblib
router.latencyPredictor.trainingServer.config.LATENCY_TPOT_SCALER_PATH /models/tpot_scaler.joblib
router.latencyPredictor.trainingServer.config.LATENCY_TTFT_MODEL_PATH /models/ttft.joblib
router.latencyPredictor.trainingServer.config.LATENCY_TTFT_SCALER_PATH /models/ttft_scaler.joblib
router.latencyPredictor.trainingServer.image.pullPolicy Always
router.latencyPredictor.trainingServer.image.registry ghcr.io/llm-d
router.latencyPredictor.trainingServer.image.repository llm-d-latency-predictor-training-server-dev
router.latencyPredictor.trainingServer.image.tag latest
router.latencyPredictor.trainingServer.livenessProbe.httpGet.path /healthz
router.latencyPredictor.trainingServer.livenessProbe.httpGet.port 8000
router.latencyPredictor.trainingServer.livenessProbe.initialDelaySeconds 30
router.latencyPredictor.trainingServer.livenessProbe.periodSeconds 20
router.latencyPredictor.trainingServer.port 8000
router.latencyPredictor.trainingServer.readinessProbe.httpGet.path /readyz
router.latencyPredictor.trainingServer.readinessProbe.httpGet.port 8000
router.latencyPredictor.trainingServer.readinessProbe.initialDelaySeconds 45
router.latencyPredictor.trainingServer.readinessProbe.periodSeconds 10
router.latencyPredictor.trainingServer.resources.limits.cpu 4000m
router.latencyPredictor.trainingServer.resources.limits.memory 8Gi
router.latencyPredictor.trainingServer.resources.requests.cpu 2000m
router.latencyPredictor.trainingServer.resources.requests.memory 4Gi
router.latencyPredictor.trainingServer.volumeSize 20Gi
router.modelServers.protocol http
router.modelServers.targetPorts [{number: 8000}]
router.modelServers.type vllm
router.monitoring.interval 10s
router.monitoring.prometheus.auth.enabled true
router.monitoring.prometheus.auth.secretName inference-gateway-sa-metrics-reader-secret
router.monitoring.prometheus.enabled false
router.monitoring.prometheus.extraLabels {}
router.monitoring.provider.gmp.autopilot false
router.monitoring.provider.name ''
router.proxy.enabled false
router.tokenizer.args []
router.tokenizer.command []
router.tokenizer.enabled false
router.tokenizer.env [{name: HF_TOKEN, valueFrom: {secretKeyRef: {key: HF_TOKEN, name: llm-d-hf-token}}}]
router.tokenizer.extraArgs []
router.tokenizer.image.pullPolicy IfNotPresent
router.tokenizer.image.registry docker.io
router.tokenizer.image.repository vllm/vllm-openai-cpu
router.tokenizer.image.tag v0.19.1
router.tokenizer.initContainers []
router.tokenizer.modelName ''
router.tokenizer.port 8000
router.tokenizer.readinessProbe.failureThreshold 60
router.tokenizer.readinessProbe.httpGet.path /health
router.tokenizer.readinessProbe.httpGet.port render-http
router.tokenizer.readinessProbe.initialDelaySeconds 30
router.tokenizer.readinessProbe.periodSeconds 10
router.tokenizer.readinessProbe.timeoutSeconds 5
router.tokenizer.resources.requests.cpu '4'
router.tokenizer.resources.requests.memory 8Gi
router.tokenizer.volumeMounts []
router.tokenizer.volumes []
router.tracing.enabled false
router.tracing.otelExporterEndpoint http://localhost:4317
router.tracing.sampling.sampler parentbased_traceidratio
router.tracing.sampling.samplerArg '0.1'
""",
}

# Fields of the definitions: API, kind and path (! where needed), type, limits, format and default.
FIELDS = {
    "gaie-v1.0": r"""
inference.networking.k8s.io/v1 InferencePool spec.selector.matchLabels! map
inference.networking.k8s.io/v1 InferencePool spec.targetPorts! list 1..1
inference.networking.x-k8s.io/v1alpha2 InferencePool spec object
inference.networking.x-k8s.io/v1alpha2 InferencePool spec.extensionRef! object
inference.networking.x-k8s.io/v1alpha2 InferencePool spec.extensionRef.failureMode enum FailOpen|FailClose default FailClose
inference.networking.x-k8s.io/v1alpha2 InferencePool spec.extensionRef.group text ..253 group default
inference.networking.x-k8s.io/v1alpha2 InferencePool spec.extensionRef.kind text 1..63 kind default Service
inference.networking.x-k8s.io/v1alpha2 InferencePool spec.extensionRef.name! text 1..253
inference.networking.x-k8s.io/v1alpha2 InferencePool spec.extensionRef.portNumber int 1..65535
inference.networking.x-k8s.io/v1alpha2 InferencePool spec.selector! map
inference.networking.x-k8s.io/v1alpha2 InferencePool spec.selector{} text ..63
inference.networking.x-k8s.io/v1alpha2 InferencePool spec.targetPortNumber! int 1..65535
""",
    "gaie-v1.0 gaie-v1.5": r"""
inference.networking.k8s.io/v1 InferencePool spec.endpointPickerRef! object
inference.networking.x-k8s.io/v1alpha2 InferenceObjective spec object
inference.networking.x-k8s.io/v1alpha2 InferenceObjective spec.poolRef! object
inference.networking.x-k8s.io/v1alpha2 InferenceObjective spec.poolRef.group text ..253 group default inference.networking.k8s.io
inference.networking.x-k8s.io/v1alpha2 InferenceObjective spec.poolRef.kind text 1..63 kind default InferencePool
inference.networking.x-k8s.io/v1alpha2 InferenceObjective spec.poolRef.name! text 1..253
inference.networking.x-k8s.io/v1alpha2 InferenceObjective spec.priority int
""",
    "gaie-v1.0 gaie-v1.5 gaie-v1.6": r"""
inference.networking.k8s.io/v1 InferencePool spec! object
inference.networking.k8s.io/v1 InferencePool spec.endpointPickerRef.failureMode enum FailOpen|FailClose default FailClose
inference.networking.k8s.io/v1 InferencePool spec.endpointPickerRef.group text ..253 group default
inference.networking.k8s.io/v1 InferencePool spec.endpointPickerRef.kind text 1..63 kind default Service
inference.networking.k8s.io/v1 InferencePool spec.endpointPickerRef.name! text 1..253
inference.networking.k8s.io/v1 InferencePool spec.endpointPickerRef.port object
inference.networking.k8s.io/v1 InferencePool spec.endpointPickerRef.port.number! int 1..65535
inference.networking.k8s.io/v1 InferencePool spec.selector! object
inference.networking.k8s.io/v1 InferencePool spec.selector.matchLabels{} text ..63
inference.networking.k8s.io/v1 InferencePool spec.targetPorts[] object
inference.networking.k8s.io/v1 InferencePool spec.targetPorts[].number! int 1..65535
""",
    "gaie-v1.5": r"""
inference.networking.x-k8s.io/v1alpha2 InferenceModelRewrite spec object
inference.networking.x-k8s.io/v1alpha2 InferenceModelRewrite spec.poolRef! object
inference.networking.x-k8s.io/v1alpha2 InferenceModelRewrite spec.poolRef.group text ..253 group default inference.networking.k8s.io
inference.networking.x-k8s.io/v1alpha2 InferenceModelRewrite spec.poolRef.kind text 1..63 kind default InferencePool
inference.networking.x-k8s.io/v1alpha2 InferenceModelRewrite spec.poolRef.name! text 1..253
inference.networking.x-k8s.io/v1alpha2 InferenceModelRewrite spec.rules! list
inference.networking.x-k8s.io/v1alpha2 InferenceModelRewrite spec.rules[] object
inference.networking.x-k8s.io/v1alpha2 InferenceModelRewrite spec.rules[].matches list
inference.networking.x-k8s.io/v1alpha2 InferenceModelRewrite spec.rules[].matches[] object
inference.networking.x-k8s.io/v1alpha2 InferenceModelRewrite spec.rules[].matches[].model! object
inference.networking.x-k8s.io/v1alpha2 InferenceModelRewrite spec.rules[].matches[].model.type enum Exact default Exact
inference.networking.x-k8s.io/v1alpha2 InferenceModelRewrite spec.rules[].matches[].model.value! text 1..
inference.networking.x-k8s.io/v1alpha2 InferenceModelRewrite spec.rules[].targets list 1..
inference.networking.x-k8s.io/v1alpha2 InferenceModelRewrite spec.rules[].targets[] object
inference.networking.x-k8s.io/v1alpha2 InferenceModelRewrite spec.rules[].targets[].modelRewrite! text
inference.networking.x-k8s.io/v1alpha2 InferenceModelRewrite spec.rules[].targets[].weight int 1..1000000
""",
    "gaie-v1.5 gaie-v1.6": r"""
inference.networking.k8s.io/v1 InferencePool spec.appProtocol enum http|kubernetes.io/h2c default http
inference.networking.k8s.io/v1 InferencePool spec.selector.matchLabels! map 1..64
inference.networking.k8s.io/v1 InferencePool spec.targetPorts! list 1..8
""",
    "gaie-v1.6": r"""
inference.networking.k8s.io/v1 InferencePool spec.endpointPickerRef object
""",
    "llm-d-router-v0.10 llm-d-router-v0.11": r"""
llm-d.ai/v1alpha2 InferenceModelRewrite spec object
llm-d.ai/v1alpha2 InferenceModelRewrite spec.poolRef! object
llm-d.ai/v1alpha2 InferenceModelRewrite spec.poolRef.group text ..253 group default inference.networking.k8s.io
llm-d.ai/v1alpha2 InferenceModelRewrite spec.poolRef.kind text 1..63 kind default InferencePool
llm-d.ai/v1alpha2 InferenceModelRewrite spec.poolRef.name! text 1..253
llm-d.ai/v1alpha2 InferenceModelRewrite spec.rules! list
llm-d.ai/v1alpha2 InferenceModelRewrite spec.rules[] object
llm-d.ai/v1alpha2 InferenceModelRewrite spec.rules[].matches list
llm-d.ai/v1alpha2 InferenceModelRewrite spec.rules[].matches[] object
llm-d.ai/v1alpha2 InferenceModelRewrite spec.rules[].matches[].model! object
llm-d.ai/v1alpha2 InferenceModelRewrite spec.rules[].matches[].model.type enum Exact default Exact
llm-d.ai/v1alpha2 InferenceModelRewrite spec.rules[].matches[].model.value! text 1..
llm-d.ai/v1alpha2 InferenceModelRewrite spec.rules[].targets list 1..
llm-d.ai/v1alpha2 InferenceModelRewrite spec.rules[].targets[] object
llm-d.ai/v1alpha2 InferenceModelRewrite spec.rules[].targets[].modelRewrite! text
llm-d.ai/v1alpha2 InferenceModelRewrite spec.rules[].targets[].weight int 1..1000000
llm-d.ai/v1alpha2 InferenceObjective spec object
llm-d.ai/v1alpha2 InferenceObjective spec.poolRef! object
llm-d.ai/v1alpha2 InferenceObjective spec.poolRef.group text ..253 group default inference.networking.k8s.io
llm-d.ai/v1alpha2 InferenceObjective spec.poolRef.kind text 1..63 kind default InferencePool
llm-d.ai/v1alpha2 InferenceObjective spec.poolRef.name! text 1..253
llm-d.ai/v1alpha2 InferenceObjective spec.priority int
""",
}
