"""Rules about endpoint pickers: how a pool reaches its picker, and what the picker is told."""

from __future__ import annotations

from krm_functions_sdk import ERROR, WARNING

from krm_inference.validate_inference import files, pools, ports, references, selectors
from krm_inference.validate_inference.findings import Rule, Topic

# fmt: off
TOPIC = Topic("Endpoint pickers", "How a pool reaches its endpoint picker, and what the picker is told of its pool.", (
    Rule("pool-picker", ERROR, references.missing("pool-picker"),
         "endpointPickerRef names a Service",
         "Without a picker the gateway refuses every request (failureMode FailClose)",
         "CRD of GAIE v1.0.0",
         "Name the Service of the picker"),
    Rule("picker-service-port", ERROR, ports.picker_ports,
         "endpointPickerRef names a port of the Service, which leads to the picker's --grpc-port",
         "The gateway cannot ask the picker",
         "flags of the picker v1.0.0, as run",
         "Write one number in the pool, the Service and the flag"),
    Rule("picker-service-selector", ERROR, selectors.picker_service_selects,
         "The picker's Service selects the picker's Pods",
         "The Service has no endpoints, and the gateway cannot ask the picker",
         "Kubernetes: Services",
         "Ask for labels of the picker's template"),
    Rule("picker-pool", ERROR, pools.picker_pool,
         "--pool-name and --pool-namespace of a picker mean the pool that sends it requests",
         "The picker watches another pool, or none, and answers for no endpoint",
         "flags of the picker v1.0.0 and their defaults",
         "Tell the picker the name and namespace of its pool"),
    Rule("picker-pool-group", ERROR, pools.picker_group,
         "--pool-group of a picker is its pool's group",
         "The picker watches a kind that is not there",
         "flags of the picker v1.0.0",
         "Leave the flag out, or write the pool's group"),
    Rule("picker-metric", WARNING, pools.metrics,
         "The picker asks for the KV-cache metric that vLLM emits",
         "vllm:gpu_cache_usage_perc left vLLM in 0.12; pickers before v1.3.0 ask for it and see 0",
         "GAIE 1905",
         "Set --kv-cache-usage-percentage-metric"),
    Rule("picker-probe", ERROR, ports.picker_probes,
         "Probes of a picker ask the port of its --grpc-health-port",
         "The picker never becomes ready",
         "flags of the picker v1.0.0, as run",
         "Write one number in the probe and the flag"),
    Rule("picker-account", WARNING, pools.accounts,
         "A picker runs as the ServiceAccount that has the rights",
         "It may watch neither Pods nor pools and is never ready",
         "the picker v1.0.0, as run",
         "Set serviceAccountName"),
    Rule("config-file", ERROR, files.read,
         "Configuration files of pickers and LoRA syncers are keys of the ConfigMap mounted there",
         "The picker exits; the syncer loads nothing and says so only in its log",
         "the picker v1.0.0 and the LoRA syncer v1.0.0, as run",
         "Name a file that the mounted ConfigMap holds"),
))
# fmt: on
