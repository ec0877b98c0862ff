"""Rules about hardware: GPUs and their memory."""

from __future__ import annotations

from krm_functions_sdk import ERROR, WARNING

from krm_inference.validate_inference import hardware
from krm_inference.validate_inference.findings import Rule, Topic

# fmt: off
TOPIC = Topic("Hardware", "Whether a server gets the GPUs that it wants, and fits into their memory.", (
    Rule("gpu-count", ERROR, hardware.counts,
         "A container gets a GPU for each part of its model (tensor × pipeline parallel size)",
         "vLLM does not start with fewer",
         "vLLM 0.33, config/parallel.py",
         "Raise the limit, or lower the parallel size"),
    Rule("gpu-idle", WARNING, hardware.idle,
         "A server uses every GPU that its container gets",
         "The others are paid for and do nothing",
         "vLLM 0.33, config/parallel.py",
         "Raise --tensor-parallel-size, or lower the limit"),
    Rule("gpu-machine", ERROR, hardware.machines,
         "A machine with the accelerator has as many GPUs as a Pod wants",
         "The Pod stays Pending",
         "GKE's machine types",
         "Lower the number, or take another accelerator"),
    Rule("gpu-heads", ERROR, hardware.heads,
         "The attention heads of the model can be split over the GPUs",
         "vLLM does not start otherwise",
         "vLLM 0.33, config/model.py and layers/linear.py; config.json of the model",
         "Choose another --tensor-parallel-size"),
    Rule("gpu-memory", ERROR, hardware.memory,
         "Weights and the KV cache of one sequence of --max-model-len fit into the share of GPU memory that vLLM takes",
         "vLLM does not start otherwise",
         "vLLM 0.33, v1/core/kv_cache_planning.py; model cards and config.json",
         "Lower --max-model-len, or use more or larger GPUs"),
    Rule("gpu-memory-tight", WARNING, hardware.tight,
         "Activations and CUDA graphs fit beside weights and one sequence",
         "vLLM may not start",
         "estimate: about 2 GiB, as vLLM reports at its start with the usual settings",
         "Lower --max-model-len, or use more or larger GPUs"),
))
# fmt: on
