"""GPUs of a server, and whether what it holds fits into their memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from krm_functions_sdk import MISSING

from krm_inference.domain.adapters import DEFAULT_RANK
from krm_inference.domain.facts import models, vllm
from krm_inference.domain.facts.accelerators import ACCELERATORS, Accelerator
from krm_inference.domain.facts.memory import ACTIVATIONS, Load
from krm_inference.domain.facts.models import Model
from krm_inference.domain.facts.vllm_releases import LAST
from krm_inference.manifests.index import Index
from krm_inference.manifests.objects import Field
from krm_inference.manifests.quantities import whole
from krm_inference.manifests.servers import Server, servers
from krm_inference.validate_inference.findings import Finding
from krm_inference.validate_inference.rules.hardware.gpus import GPU, accelerator

_TENSOR = ("--tensor-parallel-size", "-tp")
_PIPELINE = ("--pipeline-parallel-size", "-pp")
_LENGTH, _SEQUENCES = "--max-model-len", "--max-num-seqs"
# With one of these the GPUs of one Pod are not all, or more than one copy of the model is on them.
_SEVERAL = (
    "--data-parallel-size", "-dp", "--data-parallel-size-local", "-dpl", "--data-parallel-rank", "-dpn",
    "--data-parallel-external-lb", "--data-parallel-hybrid-lb", "--nnodes", "-n", "--node-rank", "-r", "--headless",
    "--distributed-executor-backend", "--prefill-context-parallel-size", "-pcp", "--enable-expert-parallel", "-ep",
)  # fmt: skip
# With one of these the plain sum of weights and cache does not hold.
_SUM_DIFFERS = (
    "--quantization", "-q", "--load-format", "--cpu-offload-gb", "--kv-cache-memory-bytes", "--num-gpu-blocks-override",
    "--kv-cache-dtype", "--dtype", "--hf-overrides", "--model-class-overrides", "--offload-backend",
    "--device-memory-utilization", "--kv-offloading-size", "--max-num-batched-tokens", "--language-model-only",
    "--decode-context-parallel-size", "-dcp", "--config-format", "--revision", "--speculative-config", "-sc",
)  # fmt: skip


class Fit(NamedTuple):
    """What a server holds on one GPU, and the GiB that it may take there."""

    load: Load
    budget: float
    gpu: str

    @property
    def sum(self) -> str:
        """The whole comparison, written out."""
        return f"{self.load.sum} on each GPU, of which vLLM may take {self.gpu} = {self.budget:.1f} GiB"


def lacks_gpus(index: Index) -> Iterator[Finding]:
    """Yield servers that want more GPUs than their container gets."""
    for server in servers(index):
        wanted, got = split(server), _gpus(server)
        if wanted and got.number is not None and wanted[0] * wanted[1] > got.number:
            message = f"{_factors(*wanted)} GPUs are wanted, but the container gets {got.number}"
            yield Finding(got, message, wanted[0] * wanted[1])


def leaves_gpus_idle(index: Index) -> Iterator[Finding]:
    """Yield servers that leave GPUs of their container idle."""
    for server in servers(index):
        wanted, got = split(server), _gpus(server)
        if wanted and got.number is not None and wanted[0] * wanted[1] < got.number:
            yield Finding(got, f"the container gets {got.number} GPUs, and vLLM takes {_factors(*wanted)}")


def more_gpus_than_a_machine(index: Index) -> Iterator[Finding]:
    """Yield containers that want more GPUs than a machine with their accelerator has."""
    for server in servers(index):
        known, got = _accelerator(server), _gpus(server)
        if known and got.number is not None and got.number > known.most:
            kind = accelerator(server.pod).text
            yield Finding(got, f"{got.number} GPUs, but a machine with {kind} has at most {known.most}")


def unsplittable_models(index: Index) -> Iterator[Finding]:
    """Yield servers whose model cannot be split over so many GPUs."""
    for server in servers(index):
        model, flag, tensor = served(index, server), server.flag(*_TENSOR), server.number(None, *_TENSOR)
        fault = models.split_fault(model, tensor) if model and tensor else ""
        if flag and fault:
            yield Finding(flag.field, fault)


def does_not_fit(index: Index) -> Iterator[Finding]:
    """Yield servers that cannot start: weights and one sequence of the full length are more than there is."""
    for server in servers(index):
        fit = _fit(index, server)
        if fit and fit.load.total > fit.budget:
            yield Finding(*_place(server, fit))


def barely_fits(index: Index) -> Iterator[Finding]:
    """Yield servers that may not start: little is left for activations."""
    for server in servers(index):
        fit = _fit(index, server)
        if fit and fit.budget - ACTIVATIONS < fit.load.total <= fit.budget:
            field, message, proposed = _place(server, fit)
            yield Finding(
                field, f"{message}, with about {ACTIVATIONS} GiB for activations and CUDA graphs on top", proposed
            )


def more_sequences_than_fit(index: Index) -> Iterator[Finding]:
    """Yield servers that admit more sequences at once than fit at the full length."""
    for server in servers(index):
        flag, most, fit = server.flag(_SEQUENCES), server.number(None, _SEQUENCES), _fit(index, server)
        if flag is None or most is None or fit is None or not fit.load.sequence:
            continue
        load, room = fit.load, fit.budget - ACTIVATIONS
        held = load.sequences(room)
        if 0 < held < most:
            kept = f"{load.weights + load.adapters:.1f} GiB of weights and adapters"
            message = f"({fit.gpu} = {fit.budget:.1f} GiB - {ACTIVATIONS} GiB for activations - {kept})"
            message += f" ÷ {load.sequence:.1f} GiB for {load.length} tokens = {held} sequences at once, not {most}"
            yield Finding(flag.field, message)


def _place(server: Server, fit: Fit) -> tuple[Field, str, object]:
    flag, length = server.flag(_LENGTH), fit.load.length_for(fit.budget - ACTIVATIONS)
    field = flag.field if flag else server.missing(_LENGTH)
    return field, fit.sum, f"{_LENGTH}={length}" if length else MISSING


def _fit(index: Index, server: Server) -> Fit | None:
    """Return what is on a GPU and what may be, or None where either cannot be known."""
    known, model, parts = _accelerator(server), served(index, server), split(server)
    if not (known and model and parts) or not server.has_all_flags or server.flag(*_SUM_DIFFERS):
        return None
    if models.split_fault(model, parts[0]):
        return None
    share = _share(server)
    length = server.length if server.flag(_LENGTH) else model.context
    if share is None or (length is None and server.flag(_LENGTH) is not None):
        return None
    loras = server.number(vllm.DEFAULT_LORAS, "--max-loras") if server.flag("--enable-lora") else 0
    rank = server.number(DEFAULT_RANK, "--max-lora-rank")
    # Weights of one byte come with a cache of two.
    cache = max(2.0, model.bytes)
    load = Load(model, length, *parts, loras or 0, rank or 0, model.bytes, cache)
    return Fit(load, known.memory * share, f"{known.memory:.1f} GiB × {share:g}")


def _share(server: Server) -> float | None:
    flag = server.flag("--gpu-memory-utilization")
    try:
        return float(flag.value or "") if flag else vllm.utilization(server.minor or LAST)
    except ValueError:
        return None


def split(server: Server) -> tuple[int, int] | None:
    """Return over how many GPUs tensors and layers are split, or None where that is not all there is to it."""
    if not server.has_all_flags or server.flag(*_SEVERAL) or server.pod.object.kind == "LeaderWorkerSet":
        return None
    tensor, pipeline = server.number(1, *_TENSOR), server.number(1, *_PIPELINE)
    return (tensor, pipeline) if tensor and pipeline else None


def _factors(tensor: int, pipeline: int) -> str:
    return f"{tensor} × {pipeline} = {tensor * pipeline}" if pipeline > 1 else str(tensor)


def _gpus(server: Server) -> Field:
    """Return the field with the number of GPUs of the container; a quantity in quotes is not looked at."""
    resources = server.container.field["resources"]
    limit = resources["limits"][GPU]
    text = limit.text
    return Field(limit.object, limit.path, number) if (number := whole(text)) is not None else limit


def _accelerator(server: Server) -> Accelerator | None:
    return ACCELERATORS.get(accelerator(server.pod).text)


def served(index: Index, server: Server) -> Model | None:
    """Return the shape of the model of a server: of the table, or as its LLMService describes it."""
    owner = server.pod.object
    facts = index.derive(_facts).get((owner.name, owner.namespace, server.model))
    return models.known(server.model, facts)


def _facts(index: Index) -> dict[tuple[str, str, str], dict[str, object]]:
    return {
        (service.name, service.namespace, service.model): service.spec["model"]["facts"] for service in index.services
    }
