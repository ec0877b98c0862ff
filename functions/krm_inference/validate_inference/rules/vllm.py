"""Rules about vLLM: flags, variables and adapters."""

from __future__ import annotations

from krm_functions_sdk import ERROR, WARNING

from krm_inference.validate_inference import flags, loaders
from krm_inference.validate_inference.findings import Rule, Topic

_SOURCES = "vLLM's source, 0.8.5 to 0.33.0"

# fmt: off
TOPIC = Topic("vLLM", "Whether the version of vLLM in the image takes what it is given.", (
    Rule("server-flag", ERROR, flags.unknown_flags,
         "Flags are those of the image's version",
         "vLLM ends with exit code 2 at a flag that it does not know, and the Pod restarts for ever",
         _SOURCES,
         "Remove it, or use a version that has it"),
    Rule("server-variable", WARNING, flags.unknown_variables,
         "Variables that begin with VLLM_ are those of the image's version",
         "Others do nothing; with --fail-on-environ-validation the server ends",
         _SOURCES,
         "Remove it, or use a version that has it"),
    Rule("lora-rank", ERROR, flags.ranks,
         "--max-lora-rank is a rank that vLLM has",
         "vLLM does not start with another",
         "vLLM, config/lora.py",
         "Use the next one that is not less than the highest rank of an adapter"),
    Rule("lora-adapter-rank", ERROR, flags.adapter_ranks,
         "--max-lora-rank holds every adapter of the LLMService",
         "An adapter of a higher rank is never loaded, and the syncer asks again for ever",
         "vLLM 0.32, as run; GAIE 584",
         "Raise --max-lora-rank"),
    Rule("lora-slots", ERROR, flags.slots,
         "--max-cpu-loras is at least --max-loras",
         "vLLM does not start otherwise",
         "vLLM 0.32, as run",
         "Raise --max-cpu-loras"),
    Rule("server-metrics", ERROR, flags.silent,
         "Servers of a pool emit metrics",
         "--disable-log-stats takes all of them away, and the picker sees neither queues nor cache",
         "vLLM 0.32, as run",
         "Remove the flag"),
    Rule("server-count", ERROR, loaders.counts,
         "Flags that count something are 1 at least",
         "vLLM does not start with 0",
         "vLLM, its configuration's validators",
         "Write 1 or more"),
    Rule("syncer-sidecar", ERROR, loaders.blocking,
         "A LoRA syncer among the init containers has restartPolicy Always",
         "Without it the Pod waits for the syncer, which never ends, before it starts vLLM",
         "Kubernetes: sidecar containers",
         "Write restartPolicy: Always"),
    Rule("syncer-adapter", ERROR, loaders.incomplete,
         "Adapters of a LoRA syncer have an id and a source",
         "The syncer takes nothing out of settings that its schema refuses",
         "LoRA syncer v1.0.0, its schema",
         "Say how it is called and where it comes from"),
    Rule("syncer-closed", ERROR, loaders.closed,
         "vLLM beside a LoRA syncer has VLLM_ALLOW_RUNTIME_LORA_UPDATING",
         "It answers the syncer with 404, and no adapter is ever loaded",
         "vLLM 0.32, as run",
         "Set the variable to true"),
    Rule("syncer-api-key", ERROR, flags.keys,
         "No key is asked for where a LoRA syncer loads adapters",
         "The syncer cannot send one and crashes",
         "LoRA syncer v1.0.0, as run",
         "Leave out the key, or load the adapters by --lora-modules"),
    Rule("service-links", ERROR, flags.service_links,
         "No Service named vllm writes VLLM_PORT into a server's environment",
         "vLLM takes it for its own and does not start",
         "vLLM 0.32, as run",
         "Set enableServiceLinks to false"),
))
# fmt: on
