"""What a server runs on and what follows from it: its accelerator, how its model is split, and its numbers."""

from __future__ import annotations

from krm_inference.domain.adapters import DEFAULT_RANK
from krm_inference.domain.facts import accelerators, models, nodes, partitions, vllm
from krm_inference.domain.facts.accelerators import Accelerator
from krm_inference.domain.facts.backends import BACKENDS
from krm_inference.domain.facts.models import Model
from krm_inference.domain.facts.platforms import PLATFORMS
from krm_inference.domain.facts.vllm_releases import LAST
from krm_inference.domain.record import Record
from krm_inference.domain.service import LLMService
from krm_inference.domain.sizing import MOST_SEQUENCES, PROMPT, Demand, Sizing, Wishes
from krm_inference.manifests import templates
from krm_inference.manifests.index import Index
from krm_inference.manifests.objects import Field
from krm_inference.manifests.pods import Pod
from krm_inference.manifests.servers import Server

# The extended resources by which Pods ask for accelerators; whoever asks for none is missing the first.
DEVICES = tuple(backend.resource for backend in BACKENDS.values() if backend.resource)
_PARTITION = "cloud.google.com/gke-gpu-partition-size"
LABEL = PLATFORMS["gke-standard"].accelerator_label
# Of these any value counts, since they name GPUs and nothing else.
_OF_GPUS = (
    LABEL,
    "nvidia.com/gpu.product",
    "eks.amazonaws.com/instance-gpu-name",
    "karpenter.k8s.aws/instance-gpu-name",
    "amd.com/gpu.device-id",
    "cloud.google.com/gke-tpu-accelerator",
)
_LABELS = (*_OF_GPUS, "node.kubernetes.io/instance-type")
TENSOR = ("--tensor-parallel-size", "-tp")
SEQUENCES, QUEUED, SHARE = "--max-num-seqs", "--max-num-queued-reqs", "--gpu-memory-utilization"
_PIPELINE = ("--pipeline-parallel-size", "-pp")
_LENGTH = "--max-model-len"
# With one of these the GPUs of one Pod are not all, or more than one copy of the model is on them.
SEVERAL = (
    "--data-parallel-size", "-dp", "--data-parallel-size-local", "-dpl", "--data-parallel-rank", "-dpn",
    "--data-parallel-external-lb", "--data-parallel-hybrid-lb", "--nnodes", "-n", "--node-rank", "-r", "--headless",
    "--distributed-executor-backend", "--prefill-context-parallel-size", "-pcp", "--enable-expert-parallel", "-ep",
    "--omni",
)  # fmt: skip
# With one of these the plain sum of weights and cache does not hold.
_SUM_DIFFERS = (
    "--quantization", "-q", "--load-format", "--cpu-offload-gb", "--kv-cache-memory-bytes", "--num-gpu-blocks-override",
    "--kv-cache-dtype", "--dtype", "--hf-overrides", "--model-class-overrides", "--offload-backend",
    "--device-memory-utilization", "--kv-offloading-size", "--max-num-batched-tokens", "--language-model-only",
    "--decode-context-parallel-size", "-dcp", "--config-format", "--revision", "--speculative-config", "-sc",
)  # fmt: skip
# vLLM's own --max-num-seqs on GPUs of 70 GiB and more, other than an A100 (vLLM 0.32, engine/arg_utils.py).
_LARGE_GIB, _LARGE_SEQUENCES = 70, 1024


class Parts(Record):
    """Over how many GPUs tensors and layers of a model are split."""

    tensor: int
    pipeline: int

    @property
    def gpus(self) -> int:
        """GPUs of one copy of the model."""
        return self.tensor * self.pipeline

    def __str__(self) -> str:
        """The product for messages: `4`, `4 × 2 = 8`."""
        return f"{self.tensor} × {self.pipeline} = {self.gpus}" if self.pipeline > 1 else str(self.tensor)


def accelerator_field(pod: Pod) -> Field:
    """Return the field with the one accelerator that a Pod asks of its node; of several none is sure."""
    asked = pod.spec["nodeSelector"]
    for label in _LABELS:
        if label in asked.map:
            field = asked[label]
            if field.exists and (label in _OF_GPUS or nodes.accelerator(field.text)):
                return field
    field = asked[LABEL]
    terms = list(pod.spec.at("affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms"))
    for expression in terms[0]["matchExpressions"] if len(terms) == 1 else ():
        values = list(expression["values"])
        if expression["key"].text == LABEL and expression["operator"].text == "In" and len(values) == 1:
            return values[0]
    return field


def is_gke_name(field: Field) -> bool:
    """Say whether what `accelerator_field` found is a name that GKE labels nodes with, and not another platform's."""
    return not set(_LABELS[1:]) & set(field.path)


def accelerator_kind(pod: Pod) -> str:
    """Return the accelerator that a Pod asks of its node, by its name in the tables or as it stands there."""
    field = accelerator_field(pod)
    return field.text if field.text in accelerators.ACCELERATORS else nodes.accelerator(field.text) or field.text


def accelerator(index: Index, server: Server) -> Accelerator | None:
    """Return the accelerator of a server: of the table, or as its LLMService describes it."""
    kind, service = accelerator_kind(server.pod), service_of(index, server)
    said = service.spec["accelerator"] if service else {}
    if service and (kind == said["type"] or "nodeSelector" in said):
        return service.accelerator
    found, name = accelerators.ACCELERATORS.get(kind), server.pod.spec["nodeSelector"][_PARTITION].text
    if found is None or not name:
        return found
    return partitions.of(found, kind, name) if name in partitions.PARTITIONS.get(kind, {}) else None


def device(resources: Field) -> Field:
    """Return the field with the number of accelerators among limits or requests."""
    found = (resources[name] for name in DEVICES)
    return next((field for field in found if field.exists), resources[DEVICES[0]])


def split(server: Server) -> Parts | None:
    """Return over how many GPUs a model is split, or None where that is not all there is to it."""
    owner = server.pod.object
    has_several_pods = (owner.group, owner.kind) in templates.POD_SPECS  # one server may be spread over them
    if not server.has_all_flags or server.flag(*SEVERAL) or has_several_pods:
        return None
    tensor, pipeline = server.number(1, *TENSOR), server.number(1, *_PIPELINE)
    return Parts(tensor, pipeline) if tensor and pipeline else None


def share(server: Server) -> float | None:
    """Return the share of GPU memory that vLLM takes, None where it cannot be known."""
    flag = server.flag(SHARE)
    try:
        return float(flag.value or "") if flag else vllm.utilization(server.minor or LAST)
    except ValueError:
        return None


def served(index: Index, server: Server) -> Model | None:
    """Return the shape of the model of a server: of the table, or as its LLMService describes it."""
    service = service_of(index, server)
    facts = service.spec["model"]["facts"] if service and service.model == server.model else None
    return models.known(server.model, facts)


def slots(server: Server) -> tuple[int, int]:
    """Return how many adapters a server keeps in GPU memory, and of which rank; 0 without any."""
    if not server.flag("--enable-lora"):
        return 0, 0
    return server.number(vllm.DEFAULT_LORAS, "--max-loras") or 0, server.number(DEFAULT_RANK, "--max-lora-rank") or 0


def has_plain_sum(server: Server) -> bool:
    """Say whether weights and cache are all that a server's flags make of its memory."""
    return server.has_all_flags and not server.flag(*_SUM_DIFFERS)


def differing(server: Server) -> tuple[Field, str] | None:
    """Return what makes the memory of a server another sum than that of the tables, None where nothing does."""
    flag = server.flag(*SEVERAL) or server.flag(*_SUM_DIFFERS) or server.flag("--config")
    if flag:
        return flag.field, flag.name
    owner = server.pod.object
    several = (owner.group, owner.kind) in templates.POD_SPECS
    return (owner.at("kind"), owner.kind) if several else None


def default_sequences(accelerator: Accelerator, kind: str) -> int:
    """Return vLLM's own --max-num-seqs."""
    return _LARGE_SEQUENCES if accelerator.memory >= _LARGE_GIB and "a100" not in kind else MOST_SEQUENCES


def service_of(index: Index, server: Server) -> LLMService | None:
    """Return the LLMService from which the server was made, where it is there."""
    owner = server.pod.object
    return index.derive(_services).get((owner.name, owner.namespace or "default"))


def sizing(index: Index, server: Server) -> Sizing | None:
    """Return the numbers of a server as its flags make them; None where model, hardware or flags are not known.

    An LLMService says what its flags cannot: the longest prompt, and times that somebody measured.
    """
    return index.derive_of(_sizing, server)


def _sizing(index: Index, server: Server) -> Sizing | None:
    known, model, parts, part = accelerator(index, server), served(index, server), split(server), share(server)
    if not (known and model and parts and part and server.output_bound) or not has_plain_sum(server):
        return None
    if parts.pipeline > 1 or models.split_fault(model, parts.tensor):
        return None
    service, output = service_of(index, server), server.output_bound
    sequences, queued = server.number(None, SEQUENCES), server.number(None, QUEUED)
    drain = service.spec["drain"] if service else {}
    demand = Demand(
        model, known, parts.tensor, PROMPT, output, *slots(server), part, is_share_given=True,
        cache_bytes=max(2.0, model.bytes),
    )  # fmt: skip
    wishes = Wishes(
        drain.get("preStopSeconds", 30),
        drain.get("safetyFactor", 1.5),
        drain.get("timePerOutputTokenMs"),
        drain.get("prefillShare"),
        sequences,
        max(0, queued - sequences) if queued is not None and sequences is not None else 0,
    )
    return Sizing(demand._replace(prompt=_prompt(server, service, Sizing(demand, wishes))), wishes)


def _prompt(server: Server, service: LLMService | None, found: Sizing) -> int:
    """Return the longest prompt that a server is meant for: by its LLMService, by --max-model-len, or what fits."""
    output, wishes = found.demand.output, found.wishes
    if service is not None:
        return service.sizing.demand.prompt
    if server.length is not None:
        return max(1, server.length - output)
    room = found.tokens // wishes.concurrency - output if wishes.concurrency and found.tokens else PROMPT
    return max(1, min(PROMPT, room))


def _services(index: Index) -> dict[tuple[str, str], LLMService]:
    return {(service.name, service.namespace or "default"): service for service in index.services}
