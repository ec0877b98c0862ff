"""The numbers of an LLMService: what its spec says of model, hardware and times, as `sizing` wants it.

`spec` is that of an LLMService with its defaults, `image` the server's, by whose version flags and defaults go.
"""

from __future__ import annotations

from krm_inference.domain.adapters import Adapters
from krm_inference.domain.facts import models, vllm
from krm_inference.domain.facts.shapes import GIB, Model
from krm_inference.domain.facts.vllm_releases import LAST
from krm_inference.domain.sizing import PROMPT, Demand, Sizing, Wishes
from krm_inference.domain.startup import Startup, startup

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_inference.domain.facts.accelerators import Accelerator


QUEUE_FLAG = "--max-num-queued-reqs"
_SHARE, _CACHE_TYPE = "--gpu-memory-utilization", "--kv-cache-dtype"


def sizing(spec: dict[str, Any], accelerator: Accelerator, image: str) -> Sizing:
    """Return the numbers of a service."""
    return Sizing(_demand(spec, accelerator, image), _wishes(spec, image))


def start(spec: dict[str, Any], found: Sizing, compile_seconds: float = 0) -> Startup:
    """Return the start of a server with these numbers."""
    rates, model = spec["server"]["startup"], spec["model"]
    scheme = spec["weights"].get("uri", "").partition("://")[0] if "weights" in spec else ""
    is_near = model["id"].startswith("/") or scheme == "pvc"
    gib = models.weights(model["id"], model["facts"]).gib
    download = None if is_near else rates["downloadMiBps"]
    return startup(found, gib, download, rates["loadMiBps"], rates.get("seconds"), compile_seconds, scheme)


def _shape(spec: dict[str, Any]) -> tuple[Model, bool]:
    """Return the shape or at least the size of the model, and whether even that is assumed."""
    found = models.guessed(spec["model"]["id"], spec["model"]["facts"])
    if found is not None:
        return found, False
    return Model(models.UNKNOWN_WEIGHTS_GIB * GIB / 2e9, None, None, None, None), True


def _prompt(spec: dict[str, Any]) -> int:
    """Return the longest prompt that the numbers are for.

    What the intent says, or what --max-model-len leaves beside the output, or else 2,048 if the model takes so many.
    """
    wanted = spec["model"]
    output: int = wanted["maxOutputTokens"]
    if "promptTokens" in wanted:
        return int(wanted["promptTokens"])
    if "maxModelLen" in wanted:
        return max(1, int(wanted["maxModelLen"]) - output)
    context = _shape(spec)[0].context
    return max(1, min(PROMPT, context - output)) if context else PROMPT


def _can_bound_queue(image: str) -> bool:
    """Say whether the server's vLLM is known to have the flag that bounds its queue."""
    minor = vllm.minor(image) or vllm.newest(image)
    return minor is not None and vllm.takes_flag(QUEUE_FLAG, minor)


def _demand(spec: dict[str, Any], accelerator: Accelerator, image: str) -> Demand:
    model, is_assumed = _shape(spec)
    kept: dict[str, list[dict[str, Any]]] = {"Present": [], "Absent": []}
    for adapter in spec["adapters"]:
        kept.get(adapter["ensure"], []).append(adapter)
    adapters = Adapters(kept["Present"], kept["Absent"], [])
    said = _extra(spec, _SHARE)
    share = float(said) if said.replace(".", "", 1).isdecimal() else None
    return Demand(
        model,
        accelerator,
        spec["accelerator"]["count"],
        _prompt(spec),
        spec["model"]["maxOutputTokens"],
        adapters.slots,
        adapters.rank,
        share or vllm.utilization(vllm.minor(image) or LAST) / spec["accelerator"].get("sharedBy", 1),
        is_share_given=share is not None,
        is_assumed=is_assumed,
        pipeline=spec["parallelism"]["pipeline"] if "parallelism" in spec else 1,
        cache_bytes=1.0 if _extra(spec, _CACHE_TYPE).startswith("fp8") else max(2.0, model.bytes),
        shared_by=spec["accelerator"].get("sharedBy", 1),
        data=spec["parallelism"]["data"] if "parallelism" in spec else 1,
    )


def _wishes(spec: dict[str, Any], image: str) -> Wishes:
    drain, server = spec["drain"], spec["server"]
    return Wishes(
        drain["preStopSeconds"],
        drain["safetyFactor"],
        drain.get("timePerOutputTokenMs"),
        drain.get("prefillShare"),
        server.get("maxConcurrency"),
        server.get("maxQueue"),
        drain.get("maxGraceSeconds"),
        _can_bound_queue(image),
    )


def _extra(spec: dict[str, Any], flag: str) -> str:
    """Return the value of a flag in `server.extraArgs`, "" where it is not there."""
    values = (item.partition("=") for item in spec["server"]["extraArgs"])
    return next((value for name, _, value in values if name.replace("_", "-") == flag), "")
