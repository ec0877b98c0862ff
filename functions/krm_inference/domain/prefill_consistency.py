"""What of `prefill` cannot be: what a picker, a proxy or two servers would disagree on, or do without a word."""

from __future__ import annotations

from krm_functions_sdk import Result

from krm_inference.domain import contradictions, placement, roles, sizing_reasons
from krm_inference.domain.facts import models, vllm
from krm_inference.domain.facts.disaggregation import (
    DISAGGREGATION,
    FIRST_VLLM,
    SERVER_PORT,
    SIDE_CHANNEL_PORT,
    TRANSFER_FLAG,
    VARIABLES,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from krm_inference.domain.service import LLMService

_PREFILL = "spec.prefill"
_COUNT = f"{_PREFILL}.accelerator.count"


def check(service: LLMService) -> Iterator[Result]:
    """Yield every fault of prefill and decode; of a release that has neither, the release's own says all."""
    if service.spec["release"] not in DISAGGREGATION:
        return
    yield from (*_with_others(service), *_version(service), *_ports(service), *_own(service), *_kept(service))
    if service.pipeline == service.data == service.machines == 1:  # of several of them it is refused as a whole
        faults = list(_shares(service))
        yield from faults
        if not faults and contradictions.is_complete(service):
            yield from _sums(service)


def _with_others(service: LLMService) -> Iterator[Result]:
    """Yield what else the intent wants that does not go with it."""
    if service.adapters:
        message = (
            "with spec.prefill both servers of a request would have to have its adapter, and nothing says that vLLM "
            "hands over caches of adapters (its compatibility matrix of NixlConnector); leave out one of the two"
        )
        yield service.fault("spec.adapters", message, [adapter["name"] for adapter in service.adapters])
    if "autoscaling" in service.spec:
        message = (
            "with spec.prefill two workloads share the load, and no metric of one of them says how many of the other "
            "are needed; set spec.replicas and spec.prefill.replicas, or leave out one of the two"
        )
        yield service.fault("spec.autoscaling", message, service.spec["autoscaling"])
    if service.pipeline > 1:
        message = (
            "vLLM hands over caches of one stage only (NixlConnector, pull); leave it out, or leave out spec.prefill"
        )
        yield service.fault("spec.parallelism.pipeline", message, service.pipeline)


def _version(service: LLMService) -> Iterator[Result]:
    version = vllm.minor(service.server_image)
    if version is not None and version < FIRST_VLLM:
        message = (
            f"{service.server_image} is vLLM 0.{version}, and spec.prefill takes 0.{FIRST_VLLM} or later: before, a "
            "prefill server keeps the cache of a request that went away for 480 s, or cannot hand over any"
        )
        yield service.fault("spec.server.image", message, service.spec["server"].get("image"))


def _ports(service: LLMService) -> Iterator[Result]:
    port = int(service.spec["server"]["port"])
    taken = {SERVER_PORT: "the decode server listens behind its proxy", SIDE_CHANNEL_PORT: "servers ask one another"}
    if port in taken:
        message = f"with spec.prefill it is where {taken[port]}; take another one, such as 8000"
        yield service.fault("spec.server.port", message, port)


def _own(service: LLMService) -> Iterator[Result]:
    """Yield flags and variables that are set by us in both parts, and would be set otherwise behind our back."""
    for index, item in enumerate(service.spec["server"]["extraArgs"]):
        name = str(item).partition("=")[0].replace("_", "-")
        if name.partition(".")[0] == TRANSFER_FLAG:
            message = f"{TRANSFER_FLAG} follows from spec.prefill, the same for both servers; leave it out"
            yield service.fault(f"spec.server.extraArgs[{index}]", message, item)
    for index, name in enumerate(service.extra_env):
        if name in VARIABLES:
            message = f"{name} follows from spec.prefill, for both servers; leave it out"
            yield service.fault(f"spec.server.env[{index}].name", message, name)


def _kept(service: LLMService) -> Iterator[Result]:
    gone, there = service.spec.get("availability", {}).get("maxUnavailable"), service.spec["prefill"]["replicas"]
    if gone is not None and gone >= there:
        message = (
            f"of {there} prefill replica{'s' * (there != 1)} a drain of nodes would leave none; take {gone + 1} at "
            "least, or less in spec.availability.maxUnavailable"
        )
        yield service.fault(f"{_PREFILL}.replicas", message, there)


def _shares(service: LLMService) -> Iterator[Result]:
    """Yield a number of GPUs from which the cache of a prompt does not come into that of its answer."""
    count = service.spec["prefill"].get("accelerator", {}).get("count", service.gpus)
    unit = service.backend.unit
    if count == service.gpus or not service.gpus or not count:
        return
    if count > service.gpus:
        message = (
            f"{count} {unit}s to read a prompt and {service.gpus} to answer: vLLM fetches no cache that lies on more "
            f"{unit}s than its own. Take {service.gpus} or less, or more in spec.accelerator.count"
        )
        yield service.fault(_COUNT, message, count)
        return
    if service.gpus % count:
        parts = [str(number) for number in range(1, service.gpus + 1) if service.gpus % number == 0]
        message = f"{service.gpus} {unit}s do not divide into {count}; take one of {', '.join(parts)}"
        yield service.fault(_COUNT, message, count)
        return
    kind = service.spec["accelerator"]["type"]
    model = models.known(service.model, service.spec["model"]["facts"])
    fault = placement.whole_fault(kind, service.accelerator, count)
    if fault := fault or (models.split_fault(model, count) if model else ""):
        yield service.fault(_COUNT, fault, count)


def _sums(service: LLMService) -> Iterator[Result]:
    """Yield what does not come out: a model that does not fit, and a longest grace period that is too short."""
    if not service.sizing.fitting and service.sizing.is_shape_known:
        return  # which is told already, of the servers that answer
    for part in roles.of(service):
        sizing = part.sizing
        if sizing.is_shape_known and not sizing.fitting:
            message = f"{sizing_reasons.too_small(sizing)}. Take more of them, or a quantized copy of the model"
            yield service.fault(_COUNT, message, part.gpus)
            return
        most, longest = sizing.wishes.most_grace, part.drain.grace_period
        if most is not None and longest > most >= service.sizing.drain.grace_period:
            message = (
                f"with spec.prefill a {part.role} server takes {longest} s to stop, {part.hand_over_seconds} s of them "
                f"until the last prompt is read and handed over; take {longest} or more"
            )
            yield service.fault("spec.drain.maxGraceSeconds", message, most)
