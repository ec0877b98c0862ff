"""What each release of vLLM takes: its flags, its environment variables, and the metrics that it shows.

Written by functions/vllm_tables.py, which runs the parsers of the wheels from 0.8.0 to 0.33.0, the first and the
last patch of each minor version. A name that one patch has counts for all of them.

Every entry is a span of minor versions, the first and the last that has the names: (9, 11) is 0.9 to 0.11. A name has
as many spans as it came back. Flags stand without their `--`, variables without their `VLLM_`, metrics without their
`vllm:`; the few names of one hyphen are short forms. Flags are those of `vllm serve`, without the opposites that
argparse adds. What came with FIRST may be older, what LAST has may still be there.
"""

from __future__ import annotations

FIRST, LAST = 8, 33

FLAGS: dict[tuple[int, int], str] = {
    (8, 8): """
        disable-logprobs-during-spec-decoding ngram-prompt-lookup-max ngram-prompt-lookup-min num-speculative-tokens
        spec-decoding-acceptance-method speculative-disable-by-batch-size speculative-disable-mqa-scorer
        speculative-draft-tensor-parallel-size speculative-max-model-len speculative-model
        speculative-model-quantization typical-acceptance-sampler-posterior-alpha
        typical-acceptance-sampler-posterior-threshold -spec-draft-tp
    """,
    (8, 9): """
        device enable-reasoning long-lora-scaling-factors max-prompt-adapter-token max-prompt-adapters prompt-adapters
        qlora-adapter-name-or-path tokenizer-pool-extra-config tokenizer-pool-size tokenizer-pool-type
        use-v2-block-manager
    """,
    (8, 10): """
        disable-async-output-proc enable-prompt-adapter max-seq-len-to-capture multi-step-stream-outputs
        num-scheduler-steps override-neuron-config preemption-mode scheduler-delay-factor
    """,
    (8, 11): """
        enable-lora-bias guided-decoding-backend lora-extra-vocab-size num-lookahead-slots override-pooler-config
        rope-scaling rope-theta -O
    """,
    (8, 12): "disable-mm-preprocessor-cache task",
    (8, 16): "disable-log-requests logits-processor-pattern",
    (8, 17): "swap-space",
    (8, 18): "disable-frontend-multiprocessing",
    (8, 26): "max-long-partial-prefills max-num-partial-prefills",
    (8, 27): "calculate-kv-scales",
    (8, 33): """
        additional-config allow-credentials allowed-headers allowed-local-media-path allowed-methods allowed-origins
        api-key block-size chat-template chat-template-content-format code-revision collect-detailed-traces
        compilation-config config config-format cpu-offload-gb data-parallel-size disable-cascade-attn
        disable-chunked-mm-input disable-custom-all-reduce disable-fastapi-docs disable-log-stats disable-sliding-window
        disable-uvicorn-access-log distributed-executor-backend download-dir dtype enable-auto-tool-choice
        enable-chunked-prefill enable-expert-parallel enable-lora enable-prefix-caching enable-prompt-tokens-details
        enable-request-id-headers enable-server-load-tracking enable-sleep-mode enable-ssl-refresh enforce-eager
        fully-sharded-loras generation-config gpu-memory-utilization hf-config-path hf-overrides hf-token host
        ignore-patterns kv-cache-dtype kv-transfer-config limit-mm-per-prompt load-format long-prefill-token-threshold
        lora-dtype lora-modules max-cpu-loras max-log-len max-logprobs max-lora-rank max-loras max-model-len
        max-num-batched-tokens max-num-seqs max-parallel-loading-workers middleware mm-processor-kwargs model model-impl
        model-loader-extra-config num-gpu-blocks-override otlp-traces-endpoint override-generation-config
        pipeline-parallel-size port prefix-caching-hash-algo quantization ray-workers-use-nsight reasoning-parser
        response-role return-tokens-as-token-ids revision root-path scheduler-cls scheduling-policy seed
        served-model-name show-hidden-metrics-for-version skip-tokenizer-init speculative-config ssl-ca-certs
        ssl-cert-reqs ssl-certfile ssl-keyfile tensor-parallel-size tokenizer tokenizer-mode tokenizer-revision
        tool-call-parser tool-parser-plugin trust-remote-code use-tqdm-on-load uvicorn-log-level worker-cls
        worker-extension-cls -dp -pp -q -tp
    """,
    (9, 9): "expand-tools-even-if-tool-choice-none",
    (9, 11): """
        eplb-log-balancedness eplb-step-interval eplb-window-size guided-decoding-disable-additional-properties
        guided-decoding-disable-any-whitespace guided-decoding-disable-fallback num-redundant-experts
    """,
    (9, 12): "cuda-graph-sizes enable-multimodal-encoder-data-parallel",
    (9, 27): "override-attention-dtype",
    (9, 33): """
        api-server-count data-parallel-address data-parallel-backend data-parallel-rank data-parallel-rpc-port
        data-parallel-size-local data-parallel-start-rank disable-hybrid-kv-cache-manager enable-eplb
        enable-force-include-usage enable-prompt-embeds headless kv-events-config log-config-file media-io-kwargs
        pt-load-map-location -asc -dpa -dpb -dpl -dpn -dpp -dpr
    """,
    (10, 33): """
        async-scheduling convert data-parallel-hybrid-lb decode-context-parallel-size default-mm-loras
        enable-log-outputs enable-log-requests enable-tokenizer-info-endpoint eplb-config
        exclude-tools-when-tool-choice-none h11-max-header-count h11-max-incomplete-event-size interleave-mm-strings
        io-processor-plugin kv-cache-memory-bytes kv-sharing-fast-prefill log-error-stack logits-processors
        logprobs-mode mamba-cache-dtype mamba-ssm-cache-dtype mm-encoder-tp-mode mm-processor-cache-gb runner
        safetensors-load-strategy skip-mm-profiling tool-server uds -dcp
    """,
    (11, 33): """
        aggregate-engine-logging all2all-backend allowed-media-domains cudagraph-capture-sizes data-parallel-external-lb
        dbo-decode-token-threshold dbo-prefill-token-threshold dcp-kv-cache-interleave-size
        disable-nccl-for-dp-synchronization ec-transfer-config enable-dbo enable-mm-embeds expert-placement-strategy
        kv-offloading-backend kv-offloading-size mamba-block-size master-addr master-port max-cudagraph-capture-size
        mm-encoder-attn-backend mm-processor-cache-type mm-shm-cache-max-object-size-mb nnodes node-rank pooler-config
        reasoning-parser-plugin stream-interval structured-outputs-config tokens-only trust-request-chat-template
        video-pruning-rate -dpe -dph -n -r
    """,
    (12, 33): """
        cp-kv-cache-interleave-size kv-cache-metrics kv-cache-metrics-sample optimization-level
        prefill-context-parallel-size -cc -pcp
    """,
    (13, 33): "attention-backend attention-config cudagraph-metrics enable-layerwise-nvtx-tracing profiler-config -ac",
    (14, 33): """
        allow-deprecated-quantization default-chat-template-kwargs enable-log-deltas enable-logging-iteration-details
        enable-mfu-metrics enable-offline-docs enable-return-routed-experts enable-tower-connector-lora ubatch-size -ep
    """,
    (15, 33): "mamba-cache-mode mm-encoder-only ssl-ciphers",
    (16, 33): """
        disable-access-log-for-endpoints enable-flashinfer-autotune kernel-config specialize-active-lora
        weight-transfer-config
    """,
    (17, 17): "use-gpu-for-pooling-score",
    (17, 33): """
        cpu-offload-params enable-elastic-ep fail-on-environ-validation language-model-only moe-backend offload-backend
        offload-group-size offload-num-in-group offload-params offload-prefetch-step performance-mode
    """,
    (18, 33): """
        dcp-comm-backend distributed-timeout-seconds enable-ep-weight-filter gdn-prefill-backend grpc shutdown-timeout
    """,
    (19, 33): """
        kv-cache-dtype-skip-layers lora-target-modules mm-tensor-ipc reasoning-config renderer-num-workers
        scheduler-reserve-full-isl -sc
    """,
    (20, 33): """
        enable-flash-late-interaction enable-mamba-cache-stochastic-rounding ir-op-priority mamba-backend
        mamba-cache-philox-rounds numa-bind numa-bind-cpus numa-bind-nodes
    """,
    (21, 33): """
        fingerprint-mode fingerprint-value mm-encoder-attn-dtype mm-encoder-fp8-scale-path
        mm-encoder-fp8-scale-save-margin mm-encoder-fp8-scale-save-path safetensors-prefetch-block-size
        safetensors-prefetch-num-threads
    """,
    (22, 33): """
        cpu-distributed-timeout-seconds data-parallel-multi-port-external-lb data-parallel-supervisor-port
        dp-supervisor-probe-failure-threshold dp-supervisor-probe-interval-s dp-supervisor-probe-timeout-s
        enable-cumem-allocator enable-mixed-moe-lora-format linear-backend quantization-config spec-method spec-model
        spec-tokens use-fp64-gumbel -dpm
    """,
    (24, 33): "device-ids diffusion-config jit-monitor-verbose prefill-schedule-interval watermark -dc",
    (25, 33): "enable-per-request-metrics jit-monitor-mode mm-ipc-gpu-memory-gb model-class-overrides",
    (26, 29): "enable-bf16x3-router-gemm",
    (26, 33): "enable-moe-shared-loras max-num-scheduled-tokens prefix-match-unit",
    (27, 33): """
        cohere-format cohere-is-reasoning-model enable-fault-tolerance fault-tolerance-config kda-prefill-backend
        mamba-ssu-algorithm mm-hasher-algorithm replayssm-buffer-len use-replayssm video-pruning-method
    """,
    (28, 33): "ec-manager-config mm-device-do-normalize mm-processor-device return-sampling-mask",
    (29, 33): """
        dcp-q-replicate enable-batch-sharded-sampling enable-trace-replay max-num-queued-reqs max-num-queued-tokens
        per-request-spec-decode-metrics prefix-cache-retention-interval sse-keep-alive-interval
    """,
    (30, 30): "enable-mamba-fine-grained-prefix-cache",
    (30, 33): """
        dp-sync-interval elastic-ep-max-dp-size enable-nccl-comm-suspend enable-scale-out engram-config
        kda-decode-backend sparse-indexer-topk-backend watermark-config
    """,
    (31, 33): """
        anthropic-disabled-thinking-effort aux-output-config device-memory-utilization
        enable-mamba-shared-prefix-checkpoint log-level logging-config long-prefill-token-threshold-adaptive
        max-lora-cls-labels max-num-active-seqs sleep-preserve-parameter-names swa-bounded-replay tool-strict-level
        trust-request-mm-kwargs
    """,
    (32, 33): "custom-histogram-buckets enable-hc-sp enable-shm-tensor-arena grpc-port sleep-mode-offload-cudagraph",
    (33, 33): "monokernel reasoning-effort-map sleep-mode-backend watchdog-config",
}

VARIABLES: dict[tuple[int, int], str] = {
    (8, 8): """
        OPENVINO_CPU_KV_CACHE_PRECISION OPENVINO_DEVICE OPENVINO_ENABLE_QUANTIZED_WEIGHTS OPENVINO_KVCACHE_SPACE
        USE_RAY_COMPILED_DAG_NCCL_CHANNEL
    """,
    (8, 9): """
        CONTIGUOUS_PA DELAYED_SAMPLING ENABLE_MOE_ALIGN_BLOCK_SIZE_TRITON GC_THR_MULTIPLIER GRAPH_DECODE_STRATEGY
        GRAPH_PROMPT_RATIO GRAPH_PROMPT_STRATEGY GRAPH_RESERVED_MEM HPU_LOG_STEP_CPU_FALLBACKS
        HPU_LOG_STEP_CPU_FALLBACKS_ALL HPU_LOG_STEP_GRAPH_COMPILATION HPU_LOG_STEP_GRAPH_COMPILATION_ALL
        HPU_USE_DELAYED_SAMPLING PROMPT_USE_FUSEDSDPA PT_PROFILE REGIONAL_COMPILATION SKIP_WARMUP USE_FAKE_HPU
        USE_HPU_CONTIGUOUS_CACHE_FETCH
    """,
    (8, 10): """
        FLASHINFER_FORCE_TENSOR_CORES NO_DEPRECATION_WARNING TEST_DYNAMO_FULLGRAPH_CAPTURE
        TEST_ENABLE_ARTIFICIAL_PREEMPT
    """,
    (8, 11): """
        CPU_MOE_PREPACK LOGITS_PROCESSOR_THREADS USE_RAY_COMPILED_DAG USE_RAY_SPMD_WORKER USE_TRITON_FLASH_ATTN USE_V1
        V0_USE_OUTLINES_CACHE
    """,
    (8, 12): "MM_INPUT_CACHE_GIB TEST_USE_PRECOMPILED_NIGHTLY_WHEEL",
    (8, 14): "ATTENTION_BACKEND FLASH_ATTN_VERSION",
    (8, 15): "TORCH_PROFILER_DIR",
    (8, 17): "FUSED_MOE_CHUNK_SIZE",
    (8, 18): "ROCM_CUSTOM_PAGED_ATTN",
    (8, 22): "RPC_TIMEOUT",
    (8, 25): "CI_USE_S3 ROCM_USE_AITER_PAGED_ATTN TPU_BUCKET_PADDING_GAP",
    (8, 28): "TEST_FORCE_FP8_MARLIN",
    (8, 31): "ENGINE_ITERATION_TIMEOUT_S",
    (8, 32): "USE_RAY_COMPILED_DAG_CHANNEL_TYPE USE_RAY_COMPILED_DAG_OVERLAP_COMM",
    (8, 33): """
        ALLOW_LONG_MAX_MODEL_LEN ALLOW_RUNTIME_LORA_UPDATING API_KEY ASSETS_CACHE AUDIO_FETCH_TIMEOUT CACHE_ROOT
        CONFIGURE_LOGGING CONFIG_ROOT CPU_KVCACHE_SPACE CPU_OMP_THREADS_BIND CUDART_SO_PATH
        DEBUG_LOG_API_SERVER_RESPONSE DISABLED_KERNELS DISABLE_COMPILE_CACHE DIST_IDENT DO_NOT_TRACK DP_MASTER_IP
        DP_MASTER_PORT DP_RANK DP_RANK_LOCAL DP_SIZE ENABLE_V1_MULTIPROCESSING HOST_IP IMAGE_FETCH_TIMEOUT
        KEEP_ALIVE_ON_ENGINE_DEATH LOGGING_CONFIG_PATH LOGGING_LEVEL LOGGING_PREFIX LOG_BATCHSIZE_INTERVAL
        MARLIN_USE_ATOMIC_ADD MLA_DISABLE MODEL_REDIRECT_PATH MSGPACK_ZERO_COPY_THRESHOLD NCCL_SO_PATH NO_USAGE_STATS
        PLUGINS PORT PP_LAYER_PARTITION PRECOMPILED_WHEEL_LOCATION RAY_BUNDLE_INDICES RAY_PER_WORKER_GPUS
        RINGBUFFER_WARNING_INTERVAL ROCM_FP8_PADDING ROCM_MOE_PADDING ROCM_USE_AITER ROCM_USE_AITER_LINEAR
        ROCM_USE_AITER_MLA ROCM_USE_AITER_MOE ROCM_USE_AITER_RMSNORM ROCM_USE_SKINNY_GEMM RPC_BASE_PATH SERVER_DEV_MODE
        SKIP_P2P_CHECK TARGET_DEVICE TEST_FORCE_LOAD_FORMAT TRACE_FUNCTION USAGE_SOURCE USAGE_STATS_SERVER USE_DEEP_GEMM
        USE_FLASHINFER_SAMPLER USE_MODELSCOPE USE_PRECOMPILED USE_TRITON_AWQ V1_OUTPUT_PROC_CHUNK_SIZE
        VIDEO_FETCH_TIMEOUT WORKER_MULTIPROC_METHOD XGRAMMAR_CACHE_MB XLA_CACHE_PATH XLA_CHECK_RECOMPILATION
    """,
    (9, 9): "QUARK_EMU_MEM_OPT TEST_STANDALONE_COMPILE",
    (9, 10): "NEURON_FRAMEWORK",
    (9, 14): "V1_USE_PREFILL_DECODE_ATTENTION",
    (9, 15): "ALL2ALL_BACKEND",
    (9, 17): "ENABLE_FUSED_MOE_ACTIVATION_CHUNKING SLEEP_WHEN_IDLE",
    (9, 19): "MOE_DP_CHUNK_SIZE",
    (9, 23): "USE_NVFP4_CT_EMULATIONS",
    (9, 25): "TPU_MOST_MODEL_LEN",
    (9, 27): "CPU_SGL_KERNEL",
    (9, 33): """
        ALLOW_INSECURE_SERIALIZATION COMPUTE_NANS_IN_LOGITS CPU_CI_ENV CPU_NUM_OF_RESERVED_CPU
        EXECUTE_MODEL_TIMEOUT_SECONDS HTTP_TIMEOUT_KEEP_ALIVE KV_CACHE_LAYOUT LORA_RESOLVER_CACHE_DIR
        MAX_TOKENS_PER_EXPERT_FP4_MOE MQ_MAX_CHUNK_BYTES_MB NIXL_SIDE_CHANNEL_HOST NIXL_SIDE_CHANNEL_PORT
        RANDOMIZE_DP_DUMMY_INPUTS ROCM_QUICK_REDUCE_CAST_BF16_TO_FP16 ROCM_QUICK_REDUCE_MAX_SIZE_BYTES_MB
        ROCM_QUICK_REDUCE_QUANTIZATION ROCM_USE_AITER_MHA TOOL_PARSE_REGEX_TIMEOUT_SECONDS USE_STANDALONE_COMPILE
        VIDEO_LOADER_BACKEND XLA_USE_SPMD
    """,
    (10, 10): "GPT_OSS_USE_CONTAINER_TOOL USE_TRTLLM_DECODE_ATTENTION",
    (10, 11): """
        DISABLE_PAD_FOR_CUDAGRAPH SKIP_DEEP_GEMM_WARMUP USE_AITER_UNIFIED_ATTENTION USE_DEEP_GEMM_E8M0_HOPPER
        USE_TRTLLM_FP4_GEMM
    """,
    (10, 14): "FLASHINFER_DISABLE_Q_QUANTIZATION USE_CUDNN_PREFILL USE_TRTLLM_ATTENTION",
    (10, 15): """
        TORCH_PROFILER_RECORD_SHAPES TORCH_PROFILER_WITH_FLOPS TORCH_PROFILER_WITH_PROFILE_MEMORY
        TORCH_PROFILER_WITH_STACK
    """,
    (10, 21): "NIXL_ABORT_REQUEST_TIMEOUT",
    (10, 23): """
        FLASHINFER_MOE_BACKEND MXFP4_USE_MARLIN USE_FLASHINFER_MOE_FP4 USE_FLASHINFER_MOE_FP8
        USE_FLASHINFER_MOE_MXFP4_BF16 USE_FLASHINFER_MOE_MXFP4_MXFP8 USE_FLASHINFER_MOE_MXFP4_MXFP8_CUTLASS
    """,
    (10, 25): "FLASHINFER_ALLREDUCE_FUSION_THRESHOLDS_MB",
    (10, 32): "USE_RAY_WRAPPED_PP_COMM",
    (10, 33): """
        ALLOW_CHUNKED_LOCAL_ATTN_WITH_HYBRID_KV_CACHE ALLREDUCE_USE_SYMM_MEM CUSTOM_SCOPES_FOR_PROFILING
        DOCKER_BUILD_CONTEXT ELASTIC_EP_SCALE_UP_LAUNCH ENABLE_CUDAGRAPH_GC ENABLE_RESPONSES_API_STORE
        GPT_OSS_HARMONY_SYSTEM_INSTRUCTIONS HAS_FLASHINFER_CUBIN KV_EVENTS_USE_INT_BLOCK_HASHES LOGGING_STREAM
        LOG_STATS_INTERVAL LOOPBACK_IP MAX_AUDIO_CLIP_FILESIZE_MB MEDIA_LOADING_THREAD_COUNT
        MOE_ROUTING_SIMULATION_STRATEGY PROCESS_NAME_PREFIX ROCM_USE_AITER_FP8BMM TPU_USING_PATHWAYS TUNED_CONFIG_FOLDER
        USE_DEEP_GEMM_E8M0 USE_FUSED_MOE_GROUPED_TOPK V1_USE_OUTLINES_CACHE
    """,
    (11, 11): "DISABLE_NCCL_FOR_DP_SYNCHRONIZATION FLAT_LOGPROBS ROCM_USE_TRITON_ROPE",
    (11, 14): "DISABLE_FLASHINFER_PREFILL FLASH_ATTN_MAX_NUM_SPLITS_FOR_CUDA_GRAPH USE_TRTLLM_RAGGED_DEEPSEEK_PREFILL",
    (11, 15): "TORCH_CUDA_PROFILE",
    (11, 23): "NVFP4_GEMM_BACKEND USE_FBGEMM USE_FLASHINFER_MOE_FP16",
    (11, 28): "ROCM_USE_AITER_FP4_ASM_GEMM",
    (11, 33): """
        ASSETS_CACHE_MODEL_CLEAN COMPILE_CACHE_SAVE_FORMAT DBO_COMM_SMS DEBUG_DUMP_PATH DEEPEP_BUFFER_SIZE_MB
        DEEPEP_HIGH_THROUGHPUT_FORCE_INTRA_NODE DEEPEP_LOW_LATENCY_USE_MNNVL DEEP_GEMM_WARMUP DISABLE_PYNCCL
        DISABLE_SHARED_EXPERTS_STREAM ENABLE_INDUCTOR_COORDINATE_DESCENT_TUNING ENABLE_INDUCTOR_MAX_AUTOTUNE
        FLASHINFER_WORKSPACE_BUFFER_SIZE FORCE_AOT_LOAD GC_DEBUG GPT_OSS_SYSTEM_TOOL_MCP_LABELS MAIN_CUDA_VERSION
        MEDIA_CONNECTOR MEDIA_URL_ALLOW_REDIRECTS MOE_USE_DEEP_GEMM NCCL_INCLUDE_PATH NVTX_SCOPES_FOR_PROFILING
        OBJECT_STORAGE_SHM_BUFFER_NAME PATTERN_MATCH_DEBUG RAY_DP_PACK_STRATEGY ROCM_FP8_MFMA_PAGE_ATTN
        ROCM_SLEEP_MEM_CHUNK_SIZE ROCM_USE_AITER_FUSION_SHARED_EXPERTS ROCM_USE_AITER_TRITON_GEMM
        ROCM_USE_AITER_TRITON_ROPE ROCM_USE_AITER_UNIFIED_ATTENTION SHARED_EXPERTS_STREAM_TOKEN_THRESHOLD
        TOOL_JSON_ERROR_AUTOMATIC_RETRY USE_AOT_COMPILE USE_BYTECODE_HOOK USE_NCCL_SYMM_MEM
    """,
    (12, 15): """
        PROFILER_DELAY_ITERS PROFILER_MAX_ITERS TORCH_PROFILER_DISABLE_ASYNC_LLM TORCH_PROFILER_DUMP_CUDA_TIME_TOTAL
        TORCH_PROFILER_USE_GZIP
    """,
    (12, 33): "BATCH_INVARIANT DEEPEPLL_NVFP4_DISPATCH LOGGING_COLOR MARLIN_INPUT_DTYPE USE_V2_MODEL_RUNNER",
    (13, 19): "ENABLE_MOE_DP_CHUNK",
    (13, 33): """
        DEBUG_WORKSPACE FLOAT32_MATMUL_PRECISION MOONCAKE_ABORT_REQUEST_TIMEOUT MOONCAKE_BOOTSTRAP_PORT
        SKIP_PRECOMPILED_VERSION_SUFFIX USE_EXPERIMENTAL_PARSER_CONTEXT
    """,
    (14, 22): "MORIIO_CONNECTOR_READ_MODE MORIIO_NUM_WORKERS MORIIO_POST_BATCH_SIZE MORIIO_QP_PER_TRANSFER",
    (14, 33): "BLOCKSCALE_FP8_GEMM_FLASHINFER DEBUG_MFU_METRICS ENGINE_READY_TIMEOUT_S LOG_MODEL_INSPECTION",
    (15, 29): "MM_HASHER_ALGORITHM",
    (15, 33): """
        DISABLE_LOG_LOGO LORA_DISABLE_PDL ROCM_SHUFFLE_KV_CACHE_LAYOUT ROCM_USE_AITER_FP4BMM
        USE_DEEP_GEMM_TMA_ALIGNED_SCALES USE_MEGA_AOT_ARTIFACT
    """,
    (16, 16): "FUN_AUDIOCHAT_DEBUG FUN_AUDIOCHAT_DUMP_PATH",
    (16, 33): "CPU_SIM_MULTI_NUMA LORA_RESOLVER_HF_REPO_LIST USE_FLASHINFER_MOE_INT4",
    (17, 33): """
        ALLREDUCE_USE_FLASHINFER CUDA_COMPATIBILITY_PATH DISABLE_REQUEST_ID_RANDOMIZATION ELASTIC_EP_DRAIN_REQUESTS
        ENABLE_CUDA_COMPATIBILITY ENABLE_PREGRAD_PASSES FLASHINFER_ALLREDUCE_BACKEND RAY_EXTRA_ENV_VARS_TO_COPY
        RAY_EXTRA_ENV_VAR_PREFIXES_TO_COPY SYSTEM_START_DATE USE_OINK_OPS WEIGHT_OFFLOADING_DISABLE_PIN_MEMORY
        WEIGHT_OFFLOADING_DISABLE_UVA
    """,
    (18, 29): "NIXL_EP_MAX_NUM_RANKS",
    (18, 33): "ENABLE_FLA_PACKED_RECURRENT_DECODE MEMORY_PROFILER_ESTIMATE_CUDAGRAPHS ZENTORCH_WEIGHT_PREPACK",
    (19, 30): "XPU_ENABLE_XPU_GRAPH",
    (19, 33): "MAX_N_SEQUENCES MEDIA_FETCH_MAX_RETRIES SPARSE_INDEXER_MAX_LOGITS_MB USE_SIMPLE_KV_OFFLOAD",
    (20, 32): "USE_RAY_V2_EXECUTOR_BACKEND",
    (20, 33): """
        CPU_ATTN_SPLIT_KV CPU_INT4_W4A8 HUMMING_INPUT_QUANT_CONFIG HUMMING_MOE_GEMM_TYPE HUMMING_ONLINE_QUANT_CONFIG
        HUMMING_USE_F16_ACCUM LORA_ENABLE_DUAL_STREAM MEDIA_CACHE MEDIA_CACHE_MAX_SIZE_MB MEDIA_CACHE_TTL_HOURS
        MULTI_STREAM_GEMM_TOKEN_THRESHOLD SSM_CONV_STATE_LAYOUT USE_LAYERNAME
    """,
    (21, 33): "ENFORCE_STRICT_TOOL_CALLING SKIP_MODEL_NAME_VALIDATION XPU_USE_SAMPLER_KERNEL",
    (22, 28): "TRITON_ATTN_USE_TD",
    (22, 33): """
        FLASHINFER_AUTOTUNE_CACHE_DIR MOONCAKE_DISK_STAGING_USABLE_RATIO MOONCAKE_STORE_TIER_LOG
        ROCM_QUICK_REDUCE_MIN_SIZE_BYTES_MB ROCM_QUICK_REDUCE_QUANTIZATION_MIN_SIZE_KB RUST_FRONTEND_PATH
        USE_BREAKABLE_CUDAGRAPH USE_FASTOKENS USE_PRECOMPILED_RUST USE_RUST_FRONTEND USE_SPINLOOP_EXT
    """,
    (23, 29): "PREFIX_CACHE_RETENTION_INTERVAL",
    (23, 33): """
        DISTRIBUTED_USE_SPLIT_GROUP GPU_NIC_PCIE_MAPPING NIC_SELECTION_VARS RAY_DP_PLACEMENT_NODE_IPS
        ROCM_AITER_MOE_DISPATCH_POLICY ROCM_USE_AITER_LINEAR_HIPBMM
    """,
    (24, 33): """
        DEEPEP_V2_ALLOW_HYBRID_MODE DEEPEP_V2_ALLOW_MULTIPLE_REDUCTION DEEPEP_V2_PREFER_OVERLAP
        FASTSAFETENSORS_QUEUE_SIZE MAX_AUDIO_DECODE_DURATION_S MAX_AUDIO_PREPROCESS_WORKERS
        MXFP8_EMULATION_DEQUANT_AT_LOAD REGEX_COMPILATION_TIMEOUT_S TRITON_FORCE_FIRST_CONFIG
        WORKER_SHUTDOWN_TIMEOUT_SECONDS WSL2_ENABLE_PIN_MEMORY
    """,
    (25, 33): "GPU_SYNC_CHECK MAX_IMAGE_PIXELS MOE_SKIP_PADDING MOONCAKE_LOAD_RECV_THREADS ROCM_USE_AITER_CUSTOM_AR",
    (26, 33): """
        BUILD_COMMIT BUILD_PIPELINE BUILD_URL EC_SIDE_CHANNEL_HOST EC_SIDE_CHANNEL_PORT ENABLE_STARTUP_PLAN
        FLASHINFER_AUTOTUNE_SKIP_OPS IMAGE_TAG MAX_COMPLETION_PROMPTS P2P_SIDE_CHANNEL_HOST P2P_SIDE_CHANNEL_PORT
        TRITON_USE_TD
    """,
    (27, 33): "DCP_Q_REPLICATE ENABLE_COHERE_API KIMI_K3_SHARD_SP_SHARED_EXPERT USE_RUST_BENCH",
    (28, 30): "KIMI_K3_GEMM_RS ROCM_USE_AITER_MOE_SITUV2_A8W4",
    (28, 33): """
        ADAPTIVE_VERIFICATION_PROFILE_CONTEXT_LEN GDN_DECODE_KERNEL KIMI_K3_AUX_ATTN_RES_STREAM MAX_AUDIO_DECODE_BYTES
        MAX_BAD_WORDS_TOTAL_TOKENS MAX_NUM_BAD_WORDS MAX_STOP_STRINGS MORIIO_TRANSFER_TIMEOUT_S RAISE_ON_LOGIT_NANS
        ROCM_AITER_MLA_ASM_PADDING USE_DIRECT_DCP_A2A USE_DIRECT_DCP_KV_GATHER USE_DIRECT_DCP_Q_GATHER USE_HW_AGNOSTIC
    """,
    (29, 33): """
        B12X_MOE_FP4_FORCE_A16 DISABLE_DSV4_MEGAMOE_SHARED_EXPERT_FUSION ENABLE_HPC_OPS KIMI_K3_GEMM_AR
        KV_OFFLOAD_MAX_BATCH_DESCRIPTORS MAX_MEDIA_DOWNLOAD_SIZE_MB REPLICATE_EMBED XPU_FORCE_N_CONTIG_WEIGHT
        XPU_INC_WNA16_BACKEND
    """,
    (30, 30): "PLE_CPU_OFFLOAD",
    (30, 33): "ALLREDUCE_USE_FLASHINFER_PCIE_IPC MAX_EMBED_DECODE_BYTES",
    (31, 32): "ROCM_AITER_MLA_DCP_VERIFY ROCM_USE_AITER_FP4_ASM_GEMM",
    (31, 33): """
        ENABLE_GEMM_RS MOONCAKE_CONNECTOR_TIMEOUT MXFP4_EMULATION_DEQUANT_AT_LOAD ROCM_USE_AITER_MOE_SITUV2
        SKIP_VERSION_SUFFIX SNAPSHOT_TIMEOUT_S TRITON_JIT_WARMUP_NUM_THREADS XPU_PP_MICROBATCH
    """,
    (32, 32): "ROCM_AITER_MEGA_MOE_FUSE_SHARED_EXPERTS ROCM_MONO_DECODE",
    (32, 33): """
        CHAT_TEMPLATE_RENDER_TIMEOUT CUSTOM_ALLREDUCE_ALGO FLASHINFER_MOE_A2A_LOW_PRECISION_COMBINE
        P2P_HANDSHAKE_TIMEOUT_S P2P_IDLE_TIMEOUT_S P2P_MAX_PEERS ROCM_USE_AITER_MOE_A4W4_DSV4
        ROCM_USE_AITER_TRITON_SPARSE_MLA
    """,
    (33, 33): """
        BEAM_ALWAYS_CONSTRAIN_OUTPUT CHAT_TEMPLATE_FUEL COHERE2_ATTN_MOE_DUAL_STREAM_TOKEN_THRESHOLD
        HTTP_MAX_REQUEST_BODY_SIZE MAX_MEDIA_REQUEST_DECODE_BYTES MAX_MEDIA_REQUEST_DOWNLOAD_SIZE_MB
        MINIMAX_M3_MSA_CUTLASS_MIN_BATCH REQUEST_BODY_LOG_LEVEL ROCM_MUSE_MOE_ONLINE_QUANT ROCM_MUSE_MOE_REDUCE_DTYPE
        STEP5_SHARD_SP_SHARED_EXPERT
    """,
}

METRICS: dict[tuple[int, int], str] = {
    (8, 8): "spec_decode_num_drafts_total",
    (8, 9): """
        cpu_cache_usage_perc cpu_prefix_cache_hit_rate gpu_prefix_cache_hit_rate model_execute_time_milliseconds
        model_forward_time_milliseconds num_requests_swapped spec_decode_draft_acceptance_rate spec_decode_efficiency
        spec_decode_num_accepted_tokens_total spec_decode_num_draft_tokens_total spec_decode_num_emitted_tokens_total
        time_in_queue_requests
    """,
    (8, 11): """
        generation_tokens_total gpu_cache_usage_perc gpu_prefix_cache_hits gpu_prefix_cache_queries
        num_preemptions_total prompt_tokens_total request_success_total
    """,
    (8, 14): "time_per_output_token_seconds",
    (8, 33): """
        cache_config_info e2e_request_latency_seconds iteration_tokens_total lora_requests_info num_requests_running
        num_requests_waiting request_decode_time_seconds request_generation_tokens request_inference_time_seconds
        request_max_num_generation_tokens request_params_max_tokens request_params_n request_prefill_time_seconds
        request_prompt_tokens request_queue_time_seconds spec_decode_num_accepted_tokens_per_pos
        time_to_first_token_seconds
    """,
    (9, 33): """
        generation_tokens kv_cache_usage_perc num_preemptions prefix_cache_hits prefix_cache_queries prompt_tokens
        request_success spec_decode_num_accepted_tokens spec_decode_num_draft_tokens spec_decode_num_drafts
    """,
    (10, 33): "inter_token_latency_seconds",
    (11, 33): """
        corrupted_requests engine_sleep_state external_prefix_cache_hits external_prefix_cache_queries mm_cache_hits
        mm_cache_queries nixl_bytes_transferred nixl_num_descriptors nixl_num_failed_notifications
        nixl_num_failed_transfers nixl_post_time_seconds nixl_xfer_time_seconds request_time_per_output_token_seconds
    """,
    (12, 33): "kv_block_idle_before_evict_seconds kv_block_lifetime_seconds kv_block_reuse_gap_seconds",
    (13, 33): "request_prefill_kv_computed_tokens",
    (14, 33): "spec_decode",
    (15, 33): "nixl_num_kv_expired_reqs",
    (16, 19): "prompt_tokens_recomputed",
    (16, 33): """
        kv_offload_size kv_offload_total_bytes kv_offload_total_time prompt_tokens_by_source prompt_tokens_cached
    """,
    (17, 33): "estimated_flops_per_gpu_total estimated_read_bytes_per_gpu_total estimated_write_bytes_per_gpu_total",
    (18, 33): "websocket_connection_duration_seconds websocket_connections_active websocket_connections_total",
    (20, 33): """
        hf3fs_load_duration_seconds hf3fs_num_failed_load hf3fs_num_failed_save hf3fs_save_duration_seconds
        num_requests_waiting_by_reason
    """,
    (22, 33): """
        mooncake_store_operation_bytes_total mooncake_store_operation_failed_keys_total
        mooncake_store_operation_keys_total mooncake_store_operation_time_seconds mooncake_store_operation_total
    """,
    (24, 33): """
        diffusion diffusion_num_canvas_positions diffusion_num_committed_tokens diffusion_num_denoising_steps
        kv_offload_cpu_cache_usage_perc kv_offload_load_bytes kv_offload_load_size kv_offload_load_time
        kv_offload_store_bytes kv_offload_store_size kv_offload_store_time kv_offload_stores_skipped
        tool_call_parser_invocations_total
    """,
    (26, 33): """
        kv_offload_allocation_failure kv_offload_cpu_allocation_size kv_offload_cpu_cache_read_usage_perc
        kv_offload_cpu_cache_write_usage_perc kv_offload_lookup_async_delay_seconds kv_offload_lookup_sync_delay_seconds
        kv_offload_tiering_lookup_async_delay_seconds kv_offload_tiering_lookup_sync_delay_seconds
    """,
    (28, 33): """
        kv_offload_tiering_active_cascade_jobs kv_offload_tiering_active_promotion_jobs
        kv_offload_tiering_cascade_job_failures kv_offload_tiering_chunk_hits kv_offload_tiering_chunk_queries
        kv_offload_tiering_primary_read_usage_perc kv_offload_tiering_primary_write_usage_perc
        kv_offload_tiering_promotion_allocation_failures kv_offload_tiering_promotion_job_failures
        kv_offload_tiering_read_bytes kv_offload_tiering_read_time kv_offload_tiering_write_bytes
        kv_offload_tiering_write_time
    """,
    (30, 31): "hisparse_",
    (30, 33): "request_num_preemptions",
    (31, 33): """
        kv_offload_tiering_backpressure_blocks_dropped kv_offload_tiering_backpressure_store_latency_ema
        kv_offload_tiering_backpressure_stores_dropped simple_kv_offload_info simple_kv_offload_load_blocks_total
        simple_kv_offload_pending_store_blocks simple_kv_offload_save_outcomes_total simple_kv_offload_used_blocks
    """,
    (32, 33): """
        admission_rejections hisparse_cache_hits hisparse_cache_misses hisparse_host_block_idle_before_evict_seconds
        hisparse_host_block_lifetime_seconds hisparse_host_block_reuse_gap_seconds hisparse_host_cache_usage_perc
        hisparse_host_to_device_bytes hisparse_pending_page_transfers nixl_num_notifications_after_expiry
        num_requests_kv_fetch_by_stage prompt_tokens_cached_by_source rl_weight_update_operation_duration_seconds
        rl_weight_update_operations_in_flight sleep_mode_operation_duration_seconds sleep_mode_operations_in_flight
        watermark_requests
    """,
    (33, 33): """
        kv_offload_config_info kv_offload_tiering_promotion_latency_seconds mooncake_bytes_transferred
        mooncake_num_descriptors mooncake_num_failed_recvs mooncake_num_failed_transfers mooncake_num_kv_expired_reqs
        mooncake_xfer_time_seconds umbp_transfer_bytes_total umbp_transfer_completed_total umbp_transfer_failed_total
        umbp_transfer_submitted_total
    """,
}
