"""What manifests say of a service: its intent with all that can be read off them, and values that may stand behind.

The first is a proposal, of which trials keep what counts; the second are tried one after the other.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from krm_inference.commands.adopt import (
    gateway_facts,
    parts,
    picker_facts,
    scaling_facts,
    server_facts,
    weights_facts,
)
from krm_inference.domain.facts import accelerators, nodes
from krm_inference.domain.facts.platforms import PLATFORMS
from krm_inference.domain.facts.releases import RECOMMENDED, RELEASES
from krm_inference.domain.service import API_VERSION, KIND
from krm_inference.domain.spelling import nearest
from krm_inference.manifests import groups, hardware
from krm_inference.manifests.index import Index
from krm_inference.manifests.objects import Object
from krm_inference.manifests.pickers import Picker, picker_service, pickers
from krm_inference.manifests.pods import pods
from krm_inference.manifests.pools import pools_of_server
from krm_inference.manifests.routing import objectives_of_pool
from krm_inference.manifests.servers import Server, servers
from krm_inference.manifests.syncers import MODULES, SERVED

_CONTAINER = "spec.template.spec.containers[name=vllm]"
# Variables that fields of the intent stand for, and those of the tutorial that vLLM does not know, which go.
_KNOWN_VARIABLES = (*weights_facts.TOKENS, weights_facts.TOKEN_FILE, server_facts.API_KEY, "PORT", "VLLM_USE_V1")
# What fields of the intent stand for, so that they are no further flags.
_KNOWN = (
    "--model", "--port", "--tensor-parallel-size", "-tp", "--max-model-len", SERVED, MODULES, server_facts.PIPELINE,
    server_facts.EXPERT, hardware.SEQUENCES, hardware.QUEUED, "--shutdown-timeout",
)  # fmt: skip


class Try(NamedTuple):
    """A path below spec, a value that may stand there, and how the path of a line begins that it would render."""

    path: tuple[str, ...]
    value: Any
    line: str = ""


class Draft(NamedTuple):
    """A proposal: the intent, further values to try, and the server, pool and picker that it was read off."""

    intent: dict[str, Any]
    tries: list[Try]
    server: Server
    pool: Object | None
    picker: Picker | None


def drafts(index: Index, accelerator: str, gateway_class: str) -> tuple[list[Draft], list[str]]:
    """Return a proposal for each server that a Deployment runs, and what is wrong with others, by lines."""
    found: list[Draft] = []
    faults: list[str] = []
    made: set[str] = set()
    for server in servers(index):
        owner = server.pod.object
        if parts.is_read_for_others(index, server):
            continue
        if (owner.group, owner.kind) != ("apps", "Deployment"):
            faults.append(f"[error] {owner.place}: a server in a {owner.kind}; an LLMService makes a Deployment")
            continue
        kind = accelerator or server_facts.kind(server)
        if not server.model:
            faults.append(f"[error] {owner.place}: the model cannot be read; say it by the first argument or --model")
        elif not kind:
            faults.append(
                f"[error] {owner.place}: no nodeSelector says on which GPUs it runs; say it by --accelerator, one of "
                f"{', '.join(accelerators.ACCELERATORS)}"
            )
        else:
            found.append(_draft(index, server, kind, made))
            gateway = found[-1].intent["spec"]["gateway"]
            if gateway_class and not gateway.get("className"):
                gateway["className"] = gateway_class
    if not found and not faults:
        faults.append("[error] there is no vLLM server; one is told by its image, or by vllm serve in its command")
        faults += [_alone(pool) for pool in index.of(groups.POOL, groups.POOL_X)]
    return found, faults


def unknown(accelerator: str) -> str:
    """Return what is wrong with the accelerator that somebody names, "" where nothing is."""
    known = list(accelerators.ACCELERATORS)
    if not accelerator or accelerator in known:
        return ""
    near = nearest(accelerator, known)
    return f"found {accelerator}, " + (f"did you mean {near}?" if near else f"expected one of {', '.join(known)}")


def _alone(pool: Object) -> str:
    """Say of a pool, such as a chart makes it, whose servers are missing."""
    labels = pool.at("spec.selector.matchLabels").map or pool.at("spec.selector").map
    said = ", ".join(f"{name}={value}" for name, value in labels.items())
    return f"[error] {pool.place} sends requests to Pods with {said}; give the Deployment that makes them as well"


def _draft(index: Index, server: Server, kind: str, made: set[str]) -> Draft:
    owner = server.pod.object
    pool = next(iter(pools_of_server(index, server.pod)), None)
    picker = _picker(index, pool)
    spec: dict[str, Any] = {"release": _release(index, pool, picker), "platform": _platform(server, kind)}
    spec["model"] = server_facts.model(index, server)
    replicas = owner.at("spec.replicas").number
    spec |= {"replicas": replicas} if replicas is not None else {}
    spec["accelerator"] = server_facts.accelerator(server, kind)
    spec |= _some("parallelism", server_facts.parallelism(server))
    spec |= _some("server", server_facts.server(server))
    spec |= _some("adapters", server_facts.adapters(index, server))
    spec |= _some("lora", server_facts.loader(server))
    spec |= _some("weights", weights_facts.weights(index, server))
    spec |= scaling_facts.scaling(index, server.pod, spec["accelerator"].get("count", 1))
    spec |= _some("monitoring", {"dashboard": True} if _has_dashboard(index, parts.name(index, server)) else {})
    sleep = server.container.field.at("lifecycle.preStop.sleep.seconds").number
    spec |= _some("drain", {"preStopSeconds": sleep} if sleep is not None else {})
    spec |= {"security": "restricted"} if server_facts.is_restricted(server) else {}
    parts.fields(index, server, picker, spec)
    if pool is not None:
        _objectives(index, pool, spec)
        spec |= _some("rewrites", picker_facts.rewrites(index, pool))
        spec |= _some("picker", picker_facts.picker(index, pool, picker, RELEASES[spec["release"]]))
    spec |= gateway_facts.routing(index, pool, spec, made)
    namespace = owner.namespace or (pool.namespace if pool else "")
    metadata: dict[str, Any] = {"name": parts.name(index, server), **({"namespace": namespace} if namespace else {})}
    metadata["annotations"] = {"config.kubernetes.io/local-config": "true"}
    value = {"apiVersion": API_VERSION, "kind": KIND, "metadata": metadata, "spec": spec}
    return Draft(value, _tries(server, spec), server, pool, picker)


def _has_dashboard(index: Index, name: str) -> bool:
    """Say whether a ConfigMap holds a dashboard that asks for the metrics of a server."""
    texts = (text for config in index.of(groups.CONFIG_MAP) for text in config.at("data").map.values())
    return any("vllm:" in str(text) and name in str(text) and '"panels"' in str(text) for text in texts)


def _some(key: str, value: Any) -> dict[str, Any]:
    return {key: value} if value else {}


def _picker(index: Index, pool: Object | None) -> Picker | None:
    service = picker_service(index, pool) if pool is not None else None
    labels = service.at("spec.selector").map if service is not None else {}
    chosen = [*pods(index).selected(labels, service.namespace)] if service is not None and labels else []
    return next((picker for picker in pickers(index) if picker.pod in chosen), None)


def _release(index: Index, pool: Object | None, picker: Picker | None) -> str:
    if picker is not None and picker.release is not None:
        return next(name for name, release in RELEASES.items() if release is picker.release)
    if picker is not None and (named := _of_image(picker.container.image)):
        return named
    groups = {item.group for item in objectives_of_pool(index, pool)} if pool is not None else set()
    fitting = [name for name, release in RELEASES.items() if release.objective_api.partition("/")[0] in groups]
    return fitting[0] if fitting else RECOMMENDED


def _of_image(image: str) -> str:
    """Return the newest release whose picker has an image of this name, of whatever tag; "" where none has."""
    name = image.partition("@")[0].rpartition("/")[2].partition(":")[0]
    fitting = [key for key, one in RELEASES.items() if one.picker_image.rpartition("/")[2].partition(":")[0] == name]
    return fitting[-1] if fitting else ""


def _platform(server: Server, kind: str) -> str:
    field = hardware.accelerator_field(server.pod)
    label = str(field.path[-1])
    for name, platform in PLATFORMS.items():
        row = nodes.known(name, kind)
        if row is not None and label == (row.label or platform.accelerator_label):
            known = [row.value] if row.value else [*row.machines.values()]
            if server_facts.label_value(server) in known:
                return name
    names = [name for name, platform in PLATFORMS.items() if platform.accelerator_label == label]
    return names[0] if names else "gke-standard"


def _objectives(index: Index, pool: Object, spec: dict[str, Any]) -> None:
    """Put the priorities into the adapters of their names, and those of other names beside them."""
    by_name = {adapter["name"]: adapter for adapter in spec.get("adapters", ())}
    others = []
    for item in objectives_of_pool(index, pool):
        priority = item.at("spec.priority").number
        if priority is None:
            continue
        if item.name in by_name:
            by_name[item.name]["priority"] = priority
        else:
            others.append({"name": item.name, "priority": priority})
    spec |= _some("objectives", others)


def _tries(server: Server, spec: dict[str, Any]) -> list[Try]:
    """Return values of which nothing in the manifests says that they stand behind them, but that may."""
    label = PLATFORMS[spec["platform"]].accelerator_label
    selector = server.pod.spec["nodeSelector"].map
    found = [Try(("release",), name) for name in RELEASES if name != spec["release"]]
    found += [
        Try(("platform",), name)
        for name, platform in PLATFORMS.items()
        if label not in selector or (platform.accelerator_label == label and name != spec["platform"])
    ]
    if not server_facts.is_restricted(server):
        found.append(Try(("security",), "restricted"))
    if server.flag(hardware.SEQUENCES):  # else a shorter grace would leave time for a few requests at once
        found.append(Try(("drain", "maxGraceSeconds"), server.pod.grace))
    resources = server.container.field["resources"]
    found += [
        Try(
            ("server", "resources", part, name),
            str(resources[part][name].value),
            f"{_CONTAINER}.resources.{part}.{name}",
        )
        for part in ("requests", "limits")
        for name in ("cpu", "memory", "ephemeral-storage")
        if resources[part][name].exists
    ]
    for argument in server.arguments:
        if argument.name.startswith("--") and argument.is_known and argument.name not in _KNOWN:
            text = argument.name if argument.value is None else f"{argument.name}={argument.value}"
            found.append(Try(("server", "extraArgs", "-"), text, f"{_CONTAINER}.args[{argument.name}]"))
    return found + [
        Try(("server", "env", "-"), variable.map, f"{_CONTAINER}.env[name={variable['name'].text}]")
        for variable in server.container.field["env"]
        if variable["name"].text not in _KNOWN_VARIABLES and variable.map
    ]
