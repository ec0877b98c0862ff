"""The numbers of an LLMService: what its intent says of model, hardware and times, as `sizing` wants it."""

from __future__ import annotations

from krm_inference.domain.adapters import Adapters
from krm_inference.domain.facts import models, vllm
from krm_inference.domain.facts.shapes import GIB, Model
from krm_inference.domain.facts.vllm_releases import LAST
from krm_inference.domain.sizing import PROMPT, Demand, Sizing, Wishes
from krm_inference.domain.startup import Startup, startup

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_inference.domain.service import LLMService

QUEUE_FLAG = "--max-num-queued-reqs"
_SHARE, _CACHE_TYPE = "--gpu-memory-utilization", "--kv-cache-dtype"


def sizing(service: LLMService) -> Sizing:
    """Return the numbers of a service."""
    return Sizing(_demand(service), _wishes(service))


def start(service: LLMService) -> Startup:
    """Return the start of a server of a service."""
    rates, facts = service.spec["server"]["startup"], service.spec["model"]["facts"]
    download = None if service.model.startswith("/") else rates["downloadMiBps"]
    gib = models.weights(service.model, facts).gib
    return startup(service.sizing, gib, download, rates["loadMiBps"], rates.get("seconds"))


def shape(service: LLMService) -> tuple[Model, bool]:
    """Return the shape or at least the size of the model of a service, and whether even that is assumed."""
    found = models.guessed(service.model, service.spec["model"]["facts"])
    if found is not None:
        return found, False
    return Model(models.UNKNOWN_WEIGHTS_GIB * GIB / 2e9, None, None, None, None), True


def prompt_tokens(service: LLMService) -> int:
    """Return the longest prompt that the numbers are for.

    What the intent says, or what --max-model-len leaves beside the output, or else 2,048 if the model takes so many.
    """
    wanted = service.spec["model"]
    output: int = wanted["maxOutputTokens"]
    if "promptTokens" in wanted:
        return int(wanted["promptTokens"])
    if "maxModelLen" in wanted:
        return max(1, int(wanted["maxModelLen"]) - output)
    context = shape(service)[0].context
    return max(1, min(PROMPT, context - output)) if context else PROMPT


def can_bound_queue(service: LLMService) -> bool:
    """Say whether the server's vLLM is known to have the flag that bounds its queue."""
    minor = vllm.minor(service.server_image) or vllm.newest(service.server_image)
    return minor is not None and vllm.takes_flag(QUEUE_FLAG, minor)


def _demand(service: LLMService) -> Demand:
    model, is_assumed = shape(service)
    adapters = Adapters(service.adapters, service.absent_adapters, [])
    said = _extra(service, _SHARE)
    share = float(said) if said.replace(".", "", 1).isdecimal() else None
    return Demand(
        model,
        service.accelerator,
        service.gpus,
        prompt_tokens(service),
        service.spec["model"]["maxOutputTokens"],
        adapters.slots,
        adapters.rank,
        share or vllm.utilization(vllm.minor(service.server_image) or LAST),
        is_share_given=share is not None,
        is_assumed=is_assumed,
        cache_bytes=1.0 if _extra(service, _CACHE_TYPE).startswith("fp8") else max(2.0, model.bytes),
    )


def _wishes(service: LLMService) -> Wishes:
    drain, server = service.spec["drain"], service.spec["server"]
    return Wishes(
        drain["preStopSeconds"],
        drain["safetyFactor"],
        drain.get("timePerOutputTokenMs"),
        drain.get("prefillShare"),
        server.get("maxConcurrency"),
        server.get("maxQueue"),
        drain.get("maxGraceSeconds"),
        can_bound_queue(service),
    )


def _extra(service: LLMService, flag: str) -> str:
    """Return the value of a flag in `server.extraArgs`, "" where it is not there."""
    values = (item.partition("=") for item in service.spec["server"]["extraArgs"])
    return next((value for name, _, value in values if name.replace("_", "-") == flag), "")
