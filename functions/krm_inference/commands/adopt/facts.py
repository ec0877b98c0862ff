"""What manifests say of a service: its intent with all that can be read off them, and values that may stand behind.

The first is a proposal, of which trials keep what counts; the second are tried one after the other.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from krm_inference.commands.adopt import gateway_facts, parts, picker_facts
from krm_inference.domain.facts import accelerators, nodes
from krm_inference.domain.facts.platforms import PLATFORMS
from krm_inference.domain.facts.releases import RECOMMENDED, RELEASES
from krm_inference.domain.service import API_VERSION, KIND
from krm_inference.manifests import hardware
from krm_inference.manifests.index import Index
from krm_inference.manifests.objects import Object
from krm_inference.manifests.pickers import Picker, picker_service, pickers
from krm_inference.manifests.pods import pods
from krm_inference.manifests.pools import pools_of_server
from krm_inference.manifests.routing import objectives_of_pool
from krm_inference.manifests.servers import Server, servers
from krm_inference.manifests.syncers import SERVED, syncers_by_config

Try = tuple[tuple[str, ...], Any]  # a path below spec, and a value that may stand there
_TOKENS = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")
# Labels of nodes on which a server gets a part of a GPU, and the fields of the intent that ask for it.
_PARTS = {
    "cloud.google.com/gke-gpu-partition-size": "partition",
    "cloud.google.com/gke-max-shared-clients-per-gpu": "sharedBy",
}
# Variables of the tutorial that vLLM does not know, and that functions take out.
_IGNORED = ("PORT", "VLLM_USE_V1")
# What fields of the intent stand for, so that they are no further flags.
_KNOWN = ("--model", "--port", "--tensor-parallel-size", "-tp", "--max-model-len", SERVED)


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
        kind = accelerator or hardware.accelerator_kind(server.pod) or _without_gpu(server)
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
    return found, faults


def _draft(index: Index, server: Server, kind: str, made: set[str]) -> Draft:
    owner = server.pod.object
    pool = next(iter(pools_of_server(index, server.pod)), None)
    picker = _picker(index, pool)
    spec: dict[str, Any] = {"release": _release(index, pool, picker), "platform": _platform(server, kind)}
    spec["model"] = _model(server)
    replicas = owner.at("spec.replicas").number
    spec |= {"replicas": replicas} if replicas is not None else {}
    spec["accelerator"] = _accelerator(server, kind)
    spec |= _some("server", _server(server))
    spec |= _some("adapters", _adapters(index, server))
    sleep = server.container.field.at("lifecycle.preStop.sleep.seconds").number
    spec |= _some("drain", {"preStopSeconds": sleep} if sleep is not None else {})
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


def _without_gpu(server: Server) -> str:
    """Return the accelerator of a server that has no GPU and runs an image for CPUs, "" for another."""
    resources = server.container.field["resources"]
    gpus = [name for part in ("limits", "requests") for name in resources[part].map if "/" in str(name)]
    return "cpu" if not gpus and "cpu" in server.container.image else ""


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
            if field.text in known:
                return name
    names = [name for name, platform in PLATFORMS.items() if platform.accelerator_label == label]
    return names[0] if names else "gke-standard"


def _model(server: Server) -> dict[str, Any]:
    found: dict[str, Any] = {"id": server.model}
    served = server.flag(SERVED)
    names = server.values(served) if served else []
    found |= {"servedName": names[0]} if names else {}
    found |= {"maxModelLen": server.length} if server.length else {}
    bound = server.output_bound if server.flag("--override-generation-config") else None
    found |= {"maxOutputTokens": bound} if bound else {}
    for variable in server.container.field["env"]:
        secret = variable.at("valueFrom.secretKeyRef")
        if variable["name"].text in _TOKENS and secret.map:
            found["tokenSecret"] = {key: secret[key].text for key in ("name", "key") if secret[key].text}
    return found


def _accelerator(server: Server, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = {"type": kind}
    resources = server.container.field["resources"]
    amounts = [hardware.device(resources[part]).value for part in ("limits", "requests")]
    count = next((int(str(amount)) for amount in amounts if str(amount).isdecimal()), 0)
    count = count or server.number(1, *hardware.TENSOR) or 1
    return {**found, **({"count": count} if count > 1 else {})}


def _server(server: Server) -> dict[str, Any]:
    found: dict[str, Any] = {"image": server.container.image} if server.container.image else {}
    _, port = server.port
    found |= {"port": port} if port else {}
    running, queued = server.number(None, hardware.SEQUENCES), server.number(None, hardware.QUEUED)
    found |= {"maxConcurrency": running} if running else {}
    found |= {"maxQueue": queued - running} if running and queued is not None and queued >= running else {}
    return found


def _adapters(index: Index, server: Server) -> list[dict[str, Any]]:
    """Return the adapters that the syncer beside the server loads, by its ConfigMap."""
    owner = server.pod.object
    names = {volume.at("configMap.name").text for volume in server.pod.spec["volumes"]}
    rank = server.number(None, "--max-lora-rank")
    found: list[dict[str, Any]] = []
    for config, settings in syncers_by_config(index).items():
        if config.name not in names or (config.namespace not in ("", owner.namespace) and owner.namespace):
            continue
        for each in settings:
            for part, ensure in (("ensureExist", ""), ("ensureNotExist", "Absent")):
                for model in each[part]["models"]:
                    adapter: dict[str, Any] = {"name": model["id"].text, "source": model["source"].text}
                    adapter |= {"rank": rank} if rank and not ensure else {}
                    found.append({**adapter, **({"ensure": ensure} if ensure else {})})
    return found


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
    found: list[Try] = [(("release",), name) for name in RELEASES if name != spec["release"]]
    found += [
        (("platform",), name)
        for name, platform in PLATFORMS.items()
        if label not in selector or (platform.accelerator_label == label and name != spec["platform"])
    ]
    found += [(("accelerator", key), _number(selector[name])) for name, key in _PARTS.items() if name in selector]
    found += [(("security",), "restricted"), (("monitoring", "dashboard"), True)]
    if server.flag(hardware.SEQUENCES):  # else a shorter grace would leave time for a few requests at once
        found.append((("drain", "maxGraceSeconds"), server.pod.grace))
    resources = server.container.field["resources"]
    found += [
        (("server", "resources", part, name), str(resources[part][name].value))
        for part in ("requests", "limits")
        for name in ("cpu", "memory", "ephemeral-storage")
        if resources[part][name].exists
    ]
    for argument in server.arguments:
        if argument.name.startswith("--") and argument.is_known and argument.name not in _KNOWN:
            text = argument.name if argument.value is None else f"{argument.name}={argument.value}"
            found.append((("server", "extraArgs", "-"), text))
    return found + [
        (("server", "env", "-"), variable.map)
        for variable in server.container.field["env"]
        if variable["name"].text not in (*_TOKENS, *_IGNORED) and variable.map
    ]


def _number(value: Any) -> Any:
    return int(value) if str(value).isdecimal() else value
