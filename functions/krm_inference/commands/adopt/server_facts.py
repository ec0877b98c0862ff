"""What the container of a server says of its model, its accelerators, its flags, and the adapters that it loads."""

from __future__ import annotations

from typing import Any

from krm_inference.commands.adopt import weights_facts
from krm_inference.domain.adapters import FOLDER, LEAST_IN_HOST_MEMORY, MOST_SLOTS
from krm_inference.domain.facts import nodes
from krm_inference.manifests import hardware
from krm_inference.manifests.index import Index
from krm_inference.manifests.objects import Field
from krm_inference.manifests.servers import Server
from krm_inference.manifests.syncers import ABSENT, MODULES, PRESENT, SERVED, module_name, syncers_by_config

PIPELINE, EXPERT, ENABLE_LORA = "--pipeline-parallel-size", "--enable-expert-parallel", "--enable-lora"
API_KEY = "VLLM_API_KEY"
# Labels of nodes on which a Pod gets a part of a GPU, and what stands behind the name of one elsewhere than on GKE.
_PARTITION, _CLIENTS = "cloud.google.com/gke-gpu-partition-size", "cloud.google.com/gke-max-shared-clients-per-gpu"
_REPLICAS = "nvidia.com/gpu.replicas"
_SLICE, _SHARED = "-MIG-", "-SHARED"
_RESOLVER_FOLDER = "VLLM_LORA_RESOLVER_CACHE_DIR"
_UNNAMED = "adapter-{}"  # one of a claim, whose folders nobody can see here


def model(index: Index, server: Server) -> dict[str, Any]:
    """Return `spec.model`."""
    found: dict[str, Any] = {"id": weights_facts.model_id(server)}
    served = server.flag(SERVED)
    names = server.values(served) if served else []
    found |= {"servedName": names[0]} if names and names[0] != found["id"] else {}
    found |= {"maxModelLen": server.length} if server.length else {}
    bound = server.output_bound if server.flag("--override-generation-config") else None
    found |= {"maxOutputTokens": bound} if bound else {}
    secret = weights_facts.token(index, server)
    return {**found, **({"tokenSecret": secret} if secret else {})}


def kind(server: Server) -> str:
    """Return the accelerator by its name in the tables or as nodes are labelled, "cpu" for none, "" if none tells."""
    resources = server.container.field["resources"]
    gpus = [name for part in ("limits", "requests") for name in resources[part].map if "/" in str(name)]
    found, label = hardware.accelerator_kind(server.pod), label_value(server)
    if label != hardware.accelerator_field(server.pod).text:
        found = nodes.accelerator(label) or label
    return found or ("cpu" if not gpus and "cpu" in server.container.image else "")


def label_value(server: Server) -> str:
    """Return by which value nodes are labelled that have the whole accelerator of which a server may get a part."""
    return hardware.accelerator_field(server.pod).text.partition(_SLICE)[0].removesuffix(_SHARED)


def _part(server: Server) -> dict[str, Any]:
    """Return what of a GPU a server gets: by GKE's labels, or by those of GPU feature discovery."""
    labels = server.pod.spec["nodeSelector"].map
    _, is_slice, name = hardware.accelerator_field(server.pod).text.partition(_SLICE)
    found: dict[str, Any] = {"partition": labels.get(_PARTITION, name)} if is_slice or _PARTITION in labels else {}
    sharing = str(labels.get(_CLIENTS, labels.get(_REPLICAS, "")))
    return found | ({"sharedBy": int(sharing)} if sharing.isdecimal() else {})


def accelerator(server: Server, kind: str) -> dict[str, Any]:
    """Return `spec.accelerator` for accelerators of a kind."""
    found: dict[str, Any] = {"type": kind}
    resources = server.container.field["resources"]
    amounts = [hardware.device(resources[part]).value for part in ("limits", "requests")]
    count = next((int(str(amount)) for amount in amounts if str(amount).isdecimal()), 0)
    count = count or server.number(1, *hardware.TENSOR) or 1
    found |= {"count": count} if count > 1 else {}
    found |= _part(server)
    if not hardware.accelerator_field(server.pod).exists and kind != "cpu":
        found["nodeSelector"] = dict(server.pod.spec["nodeSelector"].map)
    return found


def parallelism(server: Server) -> dict[str, Any]:
    """Return `spec.parallelism`."""
    stages = server.number(None, PIPELINE, "-pp")
    found = {"pipeline": stages} if stages else {}
    return {**found, **({"expert": True} if server.flag(EXPERT, "-ep") else {})}


def server(server: Server) -> dict[str, Any]:
    """Return `spec.server` but for further flags, variables and resources."""
    found: dict[str, Any] = {"image": server.container.image} if server.container.image else {}
    _, port = server.port
    found |= {"port": port} if port else {}
    running, queued = server.number(None, hardware.SEQUENCES), server.number(None, hardware.QUEUED)
    found |= {"maxConcurrency": running} if running else {}
    found |= {"maxQueue": queued - running} if running and queued is not None and queued >= running else {}
    probe = server.container.field["startupProbe"]
    tries, period = probe["failureThreshold"].number, probe["periodSeconds"].number
    found |= {"startup": {"seconds": tries * (10 if period is None else period)}} if tries else {}
    for variable in server.container.field["env"]:
        secret = variable.at("valueFrom.secretKeyRef")
        if variable["name"].text == API_KEY and secret["name"].text:
            found["apiKeySecret"] = {key: secret[key].text for key in ("name", "key") if secret[key].text}
    return found


def is_restricted(server: Server) -> bool:
    """Say whether a server runs as nobody on a root file system that it cannot write to."""
    own, pod = server.container.field["securityContext"], server.pod.spec["securityContext"]
    as_nobody = True in (own["runAsNonRoot"].value, pod["runAsNonRoot"].value)
    return as_nobody and own["readOnlyRootFilesystem"].value is True


def adapters(index: Index, server: Server) -> list[dict[str, Any]]:
    """Return the adapters that a server loads: by the ConfigMap of a syncer, by a flag, or from a claim."""
    rank = server.number(None, "--max-lora-rank")
    ranked = {"rank": rank} if rank else {}
    found = _of_syncer(index, server, ranked)
    modules = server.flag(MODULES)
    for text in server.values(modules) if modules else ():
        if (name := module_name(text)) and not text.startswith("{"):
            found.append({"name": name, "source": text.partition("=")[2], **ranked})
    if not found:
        found = [{"name": name, "source": f"{FOLDER}/{name}", **ranked} for name in unnamed(server)[1]]
    return found


def unnamed(server: Server) -> tuple[str, list[str]]:
    """Return the claim from which a server loads adapters that nothing here names, and names in place of theirs."""
    claim = _claim(server)
    return claim, [_UNNAMED.format(number) for number in range(1, _slots(server) + 1)] if claim else []


def loader(server: Server) -> dict[str, Any]:
    """Return `spec.lora`."""
    if claim := _claim(server):
        return {"loader": "resolver", "claim": claim}
    return {"loader": "static"} if server.flag(MODULES) else {}


def _claim(server: Server) -> str:
    """Return the claim from which a resolver loads adapters, "" where none does."""
    variables = {variable["name"].text: variable["value"].text for variable in server.container.field["env"]}
    folder = variables.get(_RESOLVER_FOLDER, "")
    volume = weights_facts.mounted(server, folder) if folder else None
    return volume.at("persistentVolumeClaim.claimName").text if volume is not None else ""


def _slots(server: Server) -> int:
    """Return how many adapters there are: all are in host memory, or in a slot each."""
    in_host, slots = server.number(None, "--max-cpu-loras"), server.number(None, "--max-loras")
    return in_host if in_host and in_host > LEAST_IN_HOST_MEMORY else min(slots or 1, MOST_SLOTS)


def _of_syncer(index: Index, server: Server, ranked: dict[str, Any]) -> list[dict[str, Any]]:
    owner = server.pod.object
    names = {volume.at("configMap.name").text for volume in server.pod.spec["volumes"]}
    found: list[dict[str, Any]] = []
    for config, settings in syncers_by_config(index).items():
        if config.name not in names or (config.namespace not in ("", owner.namespace) and owner.namespace):
            continue
        for each in settings:
            found += [{**_adapter(one), **ranked} for one in each[PRESENT]["models"]]
            found += [{**_adapter(one), "ensure": "Absent"} for one in each[ABSENT]["models"]]
    return found


def _adapter(one: Field) -> dict[str, Any]:
    return {"name": one["id"].text, "source": one["source"].text}
