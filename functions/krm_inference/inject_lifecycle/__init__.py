"""Let Pods start, stay and stop without losing requests: probes, preStop, grace period and drain flags.

May import: the domain and the SDK, no other function.
"""

from __future__ import annotations

import json
from pathlib import Path

from krm_functions_sdk import ResourceList, after_errors, because, repeatable, run

from krm_inference.domain import intent, roles, sizing_reasons, workloads
from krm_inference.domain.drain import Drain
from krm_inference.domain.generation import Generation, Table
from krm_inference.domain.service import LLMService, is_llm_service
from krm_inference.domain.startup import INITIAL_DELAY
from krm_inference.domain.workloads import Target
from krm_inference.inject_lifecycle import workers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_functions_sdk import Resource

KIND = "InjectLifecycle"

OWNS: Table = {
    "workload": (
        "POD.terminationGracePeriodSeconds",
        "POD.containers[name=CONTAINER].args[--max-num-seqs]",
        "POD.containers[name=CONTAINER].args[--max-num-queued-reqs]",
        "POD.containers[name=CONTAINER].args[--override-generation-config]",
        "POD.containers[name=CONTAINER].args[--shutdown-timeout]",
        "POD.containers[name=CONTAINER].lifecycle.preStop",
        "POD.containers[name=CONTAINER].livenessProbe",
        "POD.containers[name=CONTAINER].readinessProbe",
        "POD.containers[name=CONTAINER].startupProbe",
    ),
}
# What a server is without a flag that its version does not have.
_WITHOUT = {
    "--shutdown-timeout": "It cannot drain: at SIGTERM it aborts what it generates, and only preStop lets that end. ",
    "--override-generation-config": "An answer may be longer than the times to drain allow for. ",
}
_FLAGS = tuple(path for path in OWNS["workload"] if ".args[" in path)
# What follows from model and hardware, of which a functionConfig says nothing.
_OF_SERVICES = tuple(path for path in _FLAGS if "--max-num" in path)


@after_errors
@repeatable
def inject_lifecycle(resources: ResourceList) -> None:
    """Let Pods start, stay and stop without losing requests: probes, preStop, grace period and drain flags."""
    services = intent.read(resources, takes_other_config=True)
    generation = Generation(resources, services, "inject-lifecycle", OWNS)
    for service in (role for whole in services for role in roles.of(whole)):
        for target in workloads.of_service(resources, service, "vllm"):
            if not workloads.starts_by_shell(resources, target):
                _by_service(resources, generation, service, target)
    if resources.function_config is not None and not is_llm_service(resources.function_config):
        _by_config(resources, generation)


def _by_service(resources: ResourceList, generation: Generation, service: LLMService, target: Target) -> None:
    flags = [flag for flag in _service_flags(service) if _name(flag) not in service.extra_flags]
    left = tuple(path for path in OWNS["workload"] if path.rpartition("[")[2][:-1] not in service.extra_flags)
    if target.is_worker:
        engine = [flag for flag in flags if _name(flag) in workers.OF_ENGINES]
        generation.inject(target, workers.pod(target.container, service.drain, service.port, engine), left)
        return
    flags = _taken(resources, target, flags, (service.resource, "spec.server.image"))
    startup = because(service.startup.seconds, service.startup.reason)
    pod = _pod(target, service.drain, "http", "/health", flags, startup, _until_stop(service))
    generation.inject(target, pod, left)


def _by_config(resources: ResourceList, generation: Generation) -> None:
    config = workloads.read_config(resources, Path(__file__).with_name("definition.yaml"), KIND)
    target = workloads.chosen(resources, config) if config else None
    if config is None or target is None:
        return
    drain = Drain(
        config["maxOutputTokens"],
        config["timePerOutputTokenMs"],
        config["prefillShare"],
        config["preStopSeconds"],
        config["safetyFactor"],
    )
    if drain.fault:
        resources.results.error(drain.fault, config.resource, config.prefix)
        return
    is_vllm = _is_vllm(target)
    if is_vllm and workloads.starts_by_shell(resources, target):
        return
    flags = _flags(drain, drain.max_output_tokens) if is_vllm else []
    flags = _taken(resources, target, flags, (target.resource, f"{_container(target)}.image"))
    left = tuple(path for path in OWNS["workload"] if path not in (_OF_SERVICES if is_vllm else _FLAGS))
    pod = _pod(target, drain, _port(str(config["port"])), config["path"], flags, _STARTUP)
    generation.inject(target, pod, left)


def _container(target: Target) -> str:
    return f"{target.pod}.containers[name={target.container}]"


def _is_vllm(target: Target) -> bool:
    command = target.resource.get(f"{_container(target)}.command") or []
    return any("vllm" in str(part) for part in (target.resource.get(f"{_container(target)}.image", ""), *command))


def _taken(resources: ResourceList, target: Target, flags: list[Any], blamed: tuple[Resource, str]) -> list[Any]:
    """Return the flags that the version of vLLM takes, with a warning about each that it would refuse to start with."""
    from krm_inference.domain.facts import vllm

    image = str(target.resource.get(f"{_container(target)}.image", ""))
    version = vllm.minor(image)
    taken = [flag for flag in flags if version is None or vllm.takes_flag(_name(flag), version)]
    for flag in flags:
        span = None if flag in taken else vllm.flag_span(_name(flag))
        if span is not None:
            message = f"{image} has no {_name(flag)}, so it is not set. {_WITHOUT.get(_name(flag), '')}"
            message += f"vLLM 0.{span.first} to 0.{span.last} have it"
            resources.results.warning(message, *blamed, current=image)
    return taken


def _port(text: str) -> str | int:
    return int(text) if text.isdigit() else text


def _name(flag: Any) -> str:
    return str(flag.value).partition("=")[0]


def _service_flags(service: LLMService) -> list[Any]:
    sizing = service.sizing
    seated = f"{sizing_reasons.sequences(sizing)}; {sizing_reasons.token(sizing)}"
    most = (sizing.sequences + sizing.queue) * service.data
    queue = [because(f"--max-num-queued-reqs={most}", sizing_reasons.queue(sizing))]
    return [
        because(f"--max-num-seqs={sizing.sequences}", seated),
        *(queue if sizing.wishes.can_bound_queue else []),
        *_flags(service.drain, service.output_limit),
    ]


def _flags(drain: Drain, most: int) -> list[Any]:
    limit = json.dumps({"max_new_tokens": most}, separators=(",", ":"))
    return [
        because(f"--override-generation-config={limit}", "no answer is longer, which bounds the time to drain"),
        because(f"--shutdown-timeout={drain.shutdown_timeout}", drain.shutdown_reason),
    ]


_ROTATION = "load balancers take the Pod out of rotation meanwhile"


def _until_stop(service: LLMService) -> str:
    """Return why a server goes on for so long before it stops."""
    if not service.role:
        return _ROTATION
    seconds = service.hand_over_seconds
    own = service.drain.pre_stop - seconds
    return f"{own} s in which the Pod leaves the rotation + {seconds} s until the last prompt is read and handed over"


def _pre_stop(drain: Drain, reason: str) -> dict[str, Any]:
    seconds = because(drain.pre_stop, reason)
    return {"lifecycle": {"preStop": {"sleep": {"seconds": seconds}}}}


_STARTUP = because(600, "600 × 1 s to download and load the model")


def _pod(
    target: Target,
    drain: Drain,
    port: str | int,
    path: str,
    flags: list[Any],
    startup: Any,
    until_stop: str = _ROTATION,
) -> dict[str, Any]:
    get = {"httpGet": {"path": path, "port": port, "scheme": "HTTP"}}
    container: dict[str, Any] = {
        "name": target.container,
        **(_pre_stop(drain, until_stop) if drain.pre_stop else {}),
        "livenessProbe": {
            **get,
            "periodSeconds": 1,
            "successThreshold": 1,
            "failureThreshold": because(5, "more patient than readiness: a restart loads the model again"),
            "timeoutSeconds": 1,
        },
        "readinessProbe": {
            **get,
            "periodSeconds": 1,
            "successThreshold": 1,
            "failureThreshold": 1,
            "timeoutSeconds": 1,
        },
        "startupProbe": {
            **get,
            "initialDelaySeconds": INITIAL_DELAY,
            "periodSeconds": 1,
            "failureThreshold": startup,
        },
    }
    if flags:
        container["args"] = flags
    return {
        "containers": [container],
        "terminationGracePeriodSeconds": because(drain.grace_period, drain.grace_reason),
    }


def main() -> None:
    """Be the executable."""
    run(inject_lifecycle)
