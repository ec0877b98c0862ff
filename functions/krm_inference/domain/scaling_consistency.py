"""What of `autoscaling` and `availability` cannot be: metrics that nobody shows, and bounds that leave no server."""

from __future__ import annotations

import math

from krm_functions_sdk import MISSING, Result

from krm_inference.domain import scaling
from krm_inference.domain.facts import vllm
from krm_inference.domain.facts.releases import RELEASES
from krm_inference.domain.facts.scaling import METRICS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from krm_inference.domain.service import LLMService

_AUTO = "spec.autoscaling"
# Without its statistics vLLM shows no series of its own (vLLM 0.32.0, run).
_SILENT = "--disable-log-stats"


def check(service: LLMService) -> Iterator[Result]:
    """Yield every fault of how many servers there are, and of what keeps them."""
    said = service.spec.get("autoscaling")
    if said is not None:
        yield from (*_bounds(service, said), *_metric(service, said), *_asked(service, said), *_target(service, said))
        if said["minReplicas"] == 0:
            yield from _to_zero(service, said)
    if "availability" in service.spec:
        yield from _kept(service, service.spec["availability"])


def _bounds(service: LLMService, said: dict[str, Any]) -> Iterator[Result]:
    if said["minReplicas"] > said["maxReplicas"]:
        message = f"more than maxReplicas, which is {said['maxReplicas']}"
        yield service.fault(f"{_AUTO}.minReplicas", message, said["minReplicas"])
    fixed = service.resource.get("spec.replicas")
    if fixed is not None:
        message = "the load decides how many replicas there are; leave it out, or say it as autoscaling.minReplicas"
        yield service.fault("spec.replicas", message, fixed)


def _metric(service: LLMService, said: dict[str, Any]) -> Iterator[Result]:
    name, image = METRICS[said["metric"]], service.server_image
    version, span = vllm.minor(image), vllm.metric_span(name)
    if version is not None and span is not None and not span.first <= version <= span.last:
        message = f"{image} shows no {name}; vLLM 0.{span.first} to 0.{span.last} do. Take another metric or image"
        yield service.fault(f"{_AUTO}.metric", message, said["metric"])
    if _SILENT in service.extra_flags:
        message = (
            f"with {_SILENT} the server shows no {name}, and nothing ever scales; leave it out of server.extraArgs"
        )
        yield service.fault(f"{_AUTO}.metric", message, said["metric"])


def _asked(service: LLMService, said: dict[str, Any]) -> Iterator[Result]:
    if said["scaler"] == "keda" and "prometheus" not in said:
        message = (
            "missing; expected the address of the Prometheus that KEDA asks, such as http://prometheus.monitoring:9090"
        )
        yield service.fault(f"{_AUTO}.prometheus", message, MISSING)
    if said["scaler"] == "hpa" and "prometheus" in said:
        message = "a HorizontalPodAutoscaler asks an adapter in the cluster; leave it out, or take scaler keda"
        yield service.fault(f"{_AUTO}.prometheus", message, said["prometheus"])


def _target(service: LLMService, said: dict[str, Any]) -> Iterator[Result]:
    if "target" not in said or not _is_sized(service):
        return
    sizing, wanted = service.sizing, said["target"]
    running, waiting = sizing.sequences * service.data, sizing.queue * service.data
    most: dict[str, tuple[float, str]] = {
        "runningRequests": (running, f"a replica answers {running} requests at once"),
        "waitingRequests": (waiting, f"{waiting} requests may wait at a replica"),
        "kvCacheUtilization": (1, "the whole KV cache is 1"),
    }
    limit, reason = most[said["metric"]]
    is_bound = said["metric"] != "waitingRequests" or sizing.wishes.can_bound_queue
    if is_bound and wanted >= limit:
        message = f"never exceeded, so no replica is ever added: {reason}. Take less than that"
        yield service.fault(f"{_AUTO}.target", message, wanted)


def _to_zero(service: LLMService, said: dict[str, Any]) -> Iterator[Result]:
    field = f"{_AUTO}.minReplicas"
    release = RELEASES.get(service.spec["release"])
    if said["scaler"] == "hpa":
        message = "a HorizontalPodAutoscaler keeps one replica; take scaler keda, or 1"
        yield service.fault(field, message, 0)
    if release is None:
        return
    if not release.flow_control:
        message = (
            f"the picker of {service.spec['release']} cannot hold requests while there is no server, so nothing would "
            "ever start one; take gaie-v1.5 or llm-d-router with picker.flowControl, or 1"
        )
        yield service.fault(field, message, 0)
    elif "flowControl" not in service.spec["picker"]:
        message = "without picker.flowControl a request fails where there is no server, and starts none; set it, or 1"
        yield service.fault(field, message, 0)
    elif _is_sized(service):
        waits, start = scaling.queued_seconds(service.spec), math.ceil(service.startup.total)
        if waits is not None and waits < start:
            held = "noEndpointTTLSeconds" if "noEndpointTTLSeconds" not in _refused(service) else "requestTTLSeconds"
            message = (
                f"a start takes about {start} s and a request leaves the queue after {waits} s, so the first one "
                f"always fails; set picker.flowControl.{held} to {start} at least, or keep 1 replica"
            )
            yield service.fault(field, message, 0)


def _refused(service: LLMService) -> str:
    return " ".join(RELEASES[service.spec["release"]].lacks)


def _kept(service: LLMService, said: dict[str, Any]) -> Iterator[Result]:
    least, _ = scaling.bounds(service.spec)
    where = "autoscaling.minReplicas" if "autoscaling" in service.spec else "replicas"
    gone = said.get("maxUnavailable")
    if gone is not None and gone >= least:
        message = (
            f"of {least} replica{'s' * (least != 1)} a drain of nodes would leave none to answer; take {where} of "
            f"{gone + 1} at least{', or less here' if least > 1 else ', or leave this out'}"
        )
        yield service.fault("spec.availability.maxUnavailable", message, gone)
    spare = said.get("spareGPUs")
    if spare is not None and service.gpus and 0 < spare < service.gpus:
        message = f"a replica takes {service.gpus} GPUs, so {spare} start none; take {service.gpus} or 0"
        yield service.fault("spec.availability.spareGPUs", message, spare)


def _is_sized(service: LLMService) -> bool:
    """Say whether the sums can be made: of a service with other faults in them, nothing more is said."""
    from krm_inference.domain import contradictions

    return contradictions.is_complete(service)
