"""What of a replica's split over engines, stages and machines cannot be.

Sources: vLLM 0.11.2, 0.12.0, 0.20.2 and 0.33.0, engine/arg_utils.py (create_engine_config), which infers from --nnodes
and --node-rank the engines of a machine; config/parallel.py of 0.33.0, whose multiprocessing across machines is for
CUDA, and says that TPUs have Ray only. For the name: kubernetes-sigs/lws v0.9.0, leaderworkerset_webhook.go.
"""

from __future__ import annotations

from krm_functions_sdk import Result
from krm_functions_sdk.document.pattern import pattern

from krm_inference.domain.facts import models, vllm
from krm_inference.domain.facts.backends import BACKENDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from krm_inference.domain.service import LLMService

# Other ways to start engines and machines (vLLM 0.33, engine/arg_utils.py), which contradict that of our flags.
_OTHER_WAYS = (
    "--data-parallel-address", "--data-parallel-backend", "--data-parallel-external-lb", "--data-parallel-hybrid-lb",
    "--data-parallel-multi-port-external-lb", "--data-parallel-rank", "--data-parallel-rpc-port",
    "--data-parallel-size-local", "--data-parallel-start-rank", "--distributed-executor-backend", "--master-port",
)  # fmt: skip
_COUNT, _DATA = "spec.accelerator.count", "spec.parallelism.data"
_NNODES = "--nnodes"
# A name of a Service; the labels of a StatefulSet's Pods put a number and a hash behind it, in 63 characters.
_LABEL = pattern(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_LONGEST = 46


def split(service: LLMService) -> Iterator[Result]:
    """Yield a number of GPUs that does not divide as it shall, in the order in which it is divided."""
    count, most, parts = service.gpus, service.accelerator.most, service.pipeline * service.data
    if count > most:
        fault = _machines(service, count, most)
        if fault:
            yield service.fault(_COUNT, fault, count)
            return
    if count % service.pipeline:
        message = f"{count} GPUs do not divide into {service.pipeline} stages of as many each"
        yield service.fault("spec.parallelism.pipeline", message, service.pipeline)
    elif count % parts:
        each = f" of {service.pipeline} stages each" if service.pipeline > 1 else ""
        message = f"{count} GPUs do not divide into {service.data} engines{each}, of as many GPUs each"
        yield service.fault(_DATA, message, service.data)
    elif count > most and (count // service.data) % most and most % (count // service.data):
        message = (
            f"{service.data} engines of {count // service.data} GPUs each do not begin with a machine of {most}, or "
            "divide one; vLLM starts none of them otherwise"
        )
        yield service.fault(_DATA, message, service.data)


def _machines(service: LLMService, count: int, most: int) -> str:
    """Return why a replica cannot be on several machines, "" where it can."""
    kind, unit = service.spec["accelerator"]["type"], service.backend.unit
    has = f"{count} {unit}s per replica, but a machine with {kind} has at most {most}"
    if service.backend is not BACKENDS["cuda"]:
        return f"{has}, and vLLM's image for {kind} is not tested on several machines"
    if count % most:
        below, above = count // most * most, (count // most + 1) * most
        return f"{has}, and a replica that is larger takes whole machines; expected {below} or {above}"
    if service.tensor and (service.tensor > most or most % service.tensor):
        machines = service.machines
        return (
            f"{has}; on {machines} machines, which share no layer, it takes spec.parallelism.pipeline of {machines}, "
            "or spec.parallelism.data for a mixture of experts"
        )
    return ""


def check(service: LLMService) -> Iterator[Result]:
    """Yield every fault of a service that has several engines or several machines."""
    if service.data > 1:
        yield from _engines(service)
    if service.machines > 1:
        yield from _group(service)
    if service.data > 1 or service.machines > 1:
        yield from (*_other_ways(service), *_prefill(service))


def _prefill(service: LLMService) -> Iterator[Result]:
    """Yield prompts that are read elsewhere: each engine of a server would have a side channel of its own."""
    if "prefill" in service.spec:
        message = (
            f"with {service.data} engine{'s' * (service.data > 1)} on {service.machines} "
            f"machine{'s' * (service.machines > 1)} it is not worked out here which of them hands over a cache to "
            "which; leave it out, or take one engine on one machine"
        )
        yield service.fault("spec.prefill", message, service.spec["prefill"])


def _other_ways(service: LLMService) -> Iterator[Result]:
    for index, item in enumerate(service.spec["server"]["extraArgs"]):
        name = item.partition("=")[0].replace("_", "-")
        if name in _OTHER_WAYS:
            message = f"{name} starts engines in another way than parallelism and accelerator.count say; leave it out"
            yield service.fault(f"spec.server.extraArgs[{index}]", message, item)


def _engines(service: LLMService) -> Iterator[Result]:
    model = models.known(service.model, service.spec["model"]["facts"])
    if model is not None and not model.experts:
        message = (
            f"{service.model} is no mixture of experts, so its engines would be servers that share nothing; take "
            f"spec.accelerator.count of {service.gpus // service.data} and {service.data} times as many replicas, "
            "each of which the picker sees"
        )
        yield service.fault(_DATA, message, service.data)
    if service.backend is not BACKENDS["cuda"]:
        kind = service.spec["accelerator"]["type"]
        yield service.fault(_DATA, f"vLLM's image for {kind} is not tested with several engines", service.data)
    said = service.spec.get("autoscaling")
    if said is not None and said["scaler"] == "hpa":
        message = (
            f"a server with {service.data} engines shows each metric once for each, of which an adapter may take one "
            "or the sum; take scaler keda, whose query adds them up"
        )
        yield service.fault("spec.autoscaling.scaler", message, "hpa")
    elif said is not None and said["metric"] == "kvCacheUtilization":
        message = f"the shares of {service.data} engines do not add up; take runningRequests or waitingRequests"
        yield service.fault("spec.autoscaling.metric", message, said["metric"])


def _group(service: LLMService) -> Iterator[Result]:
    image = service.server_image
    version, span = vllm.minor(image), vllm.flag_span(_NNODES)
    if version is not None and span is not None and not vllm.takes_flag(_NNODES, version):
        message = (
            f"{image} has no {_NNODES}, by which it starts on the {service.machines} machines of "
            f"{service.gpus} GPUs; vLLM 0.{span.first} to 0.{span.last} have it"
        )
        yield service.fault("spec.server.image", message, image)
    if not _LABEL.fullmatch(service.name) or len(service.name) > _LONGEST:
        message = (
            f"a replica on {service.machines} machines is a LeaderWorkerSet, after which a Service and labels of Pods "
            f'are named; expected a letter, then lower-case letters, digits and "-", {_LONGEST} characters at most'
        )
        yield service.fault("metadata.name", message, service.name)
    cache = service.spec.get("weights", {}).get("cache", {})
    if cache and "claim" not in cache and cache["accessMode"] == "ReadWriteOnce":
        message = (
            f"a replica runs on {service.machines} nodes, and one node alone can mount a ReadWriteOnce claim; take "
            "ReadWriteMany with a StorageClass that has it, such as one of NFS"
        )
        yield service.fault("spec.weights.cache.accessMode", message, cache["accessMode"])
