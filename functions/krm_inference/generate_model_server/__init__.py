"""Generate the Deployment that serves the model of each LLMService with vLLM.

May import: the domain and the SDK, no other function.
"""

from __future__ import annotations

import math

from krm_functions_sdk import Resource, ResourceList, after_errors, because, run

from krm_inference.domain import intent, sizing_reasons
from krm_inference.domain.facts import models
from krm_inference.domain.generation import FROM_INTENT, Generation, Table, metadata
from krm_inference.domain.quantities import stored
from krm_inference.domain.service import LLMService

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FILE = "model-server.yaml"
CONTAINER = "vllm"
_NOBODY = 65532
# What vLLM and the compilers below it leave in /tmp: sockets and sources, by far less than this.
_TMP = {"name": "tmp", "emptyDir": {"sizeLimit": "2Gi"}}
MODEL_VARIABLES = ("HF_TOKEN", "HF_HOME", "LD_LIBRARY_PATH")
_RENAMED = (
    "renamed from {}: for a cluster all of its objects are new ones, and the old ones go. Requests fail until a "
    "replica of the new name has loaded the model. Without an outage: serve under both names for a while, as "
    "docs/changes.md says"
)
_POD = "spec.template.spec"
_VLLM = f"{_POD}.containers[name={CONTAINER}]"
# What a restricted server has beside the table. A baseline one leaves these to the user, so what was set is remembered
# by a word among the names of flags and variables, which holds a character that none of those has.
_RESTRICTED = "security/restricted"
_OF_RESTRICTED = (
    f"{_POD}.securityContext.runAsNonRoot",
    f"{_POD}.securityContext.runAsUser",
    f"{_POD}.securityContext.runAsGroup",
    f"{_VLLM}.securityContext.readOnlyRootFilesystem",
    f"{_VLLM}.volumeMounts[mountPath=/tmp]",
    f"{_POD}.volumes[name=tmp]",
)

OWNS: Table = {
    "model server Deployment": (
        f"metadata.annotations[{FROM_INTENT}]",
        "metadata.labels.app",
        "spec.replicas",
        "spec.progressDeadlineSeconds",
        "spec.selector.matchLabels.app",
        "spec.template.metadata.labels.app",
        f"{_POD}.automountServiceAccountToken",
        f"{_POD}.enableServiceLinks",
        f"{_POD}.restartPolicy",
        f"{_POD}.securityContext.seccompProfile",
        f"{_VLLM}.image",
        f"{_VLLM}.imagePullPolicy",
        f"{_VLLM}.command",
        f"{_VLLM}.args[-]",
        f"{_VLLM}.args[--model]",
        f"{_VLLM}.args[--port]",
        f"{_VLLM}.args[--served-model-name]",
        f"{_VLLM}.args[--tensor-parallel-size]",
        f"{_VLLM}.args[-tp]",
        f"{_VLLM}.args[--max-model-len]",
        f"{_VLLM}.args[--gpu-memory-utilization]",
        *(f"{_VLLM}.env[name={name}]" for name in MODEL_VARIABLES),
        # Names of variables that the tutorial sets and vLLM does not know.
        f"{_VLLM}.env[name=HUGGING_FACE_HUB_TOKEN]",
        f"{_VLLM}.env[name=PORT]",
        f"{_VLLM}.env[name=VLLM_USE_V1]",
        f"{_VLLM}.ports[name=http]",
        f"{_VLLM}.resources.requests.cpu",
        f"{_VLLM}.resources.requests.memory",
        f"{_VLLM}.resources.requests.ephemeral-storage",
        f"{_VLLM}.resources.limits.cpu",
        f"{_VLLM}.resources.limits.memory",
        f"{_VLLM}.resources.limits.ephemeral-storage",
        f"{_VLLM}.securityContext.allowPrivilegeEscalation",
        f"{_VLLM}.securityContext.capabilities.drop",
        f"{_VLLM}.volumeMounts[mountPath=/data]",
        f"{_VLLM}.volumeMounts[mountPath=/dev/shm]",
        f"{_POD}.volumes[name=data]",
        f"{_POD}.volumes[name=shm]",
    ),
}


@after_errors
def generate_model_server(resources: ResourceList) -> None:
    """Generate the Deployment that serves the model of each LLMService with vLLM."""
    services = intent.read(resources)
    generation = Generation(resources, services, "generate-model-server", OWNS)
    for service in services:
        wanted = deployment(service)
        existing = generation.find(service, wanted)
        if existing is not None and existing.name != service.name:
            resources.results.warning(_RENAMED.format(existing.name), service.resource, "metadata.name")
        generation.apply(service, "model server Deployment", wanted, FILE, _from_intent(existing, service))
    generation.sweep()


def deployment(service: LLMService) -> dict[str, Any]:
    """Return the Deployment that `service` wants, without what other functions own in it."""
    labels = service.pod_labels
    meta = metadata(service.name, service, labels)
    if names := _names(service):
        meta["annotations"] = {FROM_INTENT: " ".join(names)}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": meta,
        "spec": {
            "replicas": service.spec["replicas"],
            "progressDeadlineSeconds": because(service.startup.deadline, service.startup.deadline_reason),
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": _pod(service)},
        },
    }


def _pod(service: LLMService) -> dict[str, Any]:
    weights = models.weights(service.model, service.spec["model"]["facts"])
    return {
        "automountServiceAccountToken": because(False, "nothing in this Pod calls the Kubernetes API"),
        "enableServiceLinks": because(False, "a Service named vllm would set VLLM_PORT, which vLLM reads as its own"),
        "restartPolicy": "Always",
        "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}, **_user(service)},
        "containers": [_container(service, weights)],
        "volumes": [
            {"name": "data", "emptyDir": {"sizeLimit": _data_size(weights)}},
            {"name": "shm", "emptyDir": {"medium": "Memory", "sizeLimit": _shm_size(service)}},
            *([_TMP] if service.is_restricted else []),
        ],
    }


def _container(service: LLMService, weights: models.Weights) -> dict[str, Any]:
    return {
        "name": CONTAINER,
        "image": service.server_image,
        "imagePullPolicy": "IfNotPresent",
        "command": ["vllm", "serve"],
        "args": _args(service),
        "env": _env(service),
        "ports": [{"name": "http", "containerPort": service.port, "protocol": "TCP"}],
        "resources": _resources(service, weights),
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            **({"readOnlyRootFilesystem": True} if service.is_restricted else {}),
        },
        "volumeMounts": [
            {"name": "data", "mountPath": "/data"},
            {"name": "shm", "mountPath": "/dev/shm"},
            *([{"name": "tmp", "mountPath": "/tmp"}] if service.is_restricted else []),  # in a container
        ],
    }


def _args(service: LLMService) -> list[Any]:
    model = service.spec["model"]
    args: list[Any] = [service.model, f"--port={service.port}"]
    if "servedName" in model:
        args.append(f"--served-model-name={model['servedName']}")
    units = f"{service.gpus} {service.backend.unit}{'s' * (service.gpus > 1)}"
    args.append(because(f"--tensor-parallel-size={service.gpus}", f"{units} per replica"))
    if "maxModelLen" in model:
        args.append(f"--max-model-len={model['maxModelLen']}")
    sizing = service.sizing
    has_share = service.accelerator.backend != "cpu"  # whose cache has a size of its own
    if has_share and not sizing.has_default_utilization and not sizing.demand.is_share_given:
        args.append(because(f"--gpu-memory-utilization={sizing.utilization:g}", sizing_reasons.utilization(sizing)))
    return args + [because(item, "from server.extraArgs") for item in service.spec["server"]["extraArgs"]]


def _env(service: LLMService) -> list[dict[str, Any]]:
    secret = service.spec["model"]["tokenSecret"]
    own: list[dict[str, Any]] = [
        {"name": "HF_TOKEN", "valueFrom": {"secretKeyRef": {"name": secret["name"], "key": secret["key"]}}},
        {"name": "HF_HOME", "value": "/data/huggingface"},
        *_home(service),
        *(
            [{"name": "LD_LIBRARY_PATH", "value": libraries}]
            if (libraries := service.platform.driver_libraries) and service.accelerator.backend == "cuda"
            else []
        ),
        *_cache(service),
    ]
    extra = service.extra_env
    return [variable for variable in own if variable["name"] not in extra] + list(service.spec["server"]["env"])


def _user(service: LLMService) -> dict[str, Any]:
    """Return as whom a restricted server runs: as nobody, whom the platform chooses where a Pod must not."""
    if not service.is_restricted:
        return {}
    nobody = {"runAsGroup": _NOBODY} if service.platform.fixed_users else {}
    return {**nobody, "runAsNonRoot": True, **({"runAsUser": _NOBODY} if service.platform.fixed_users else {})}


def _home(service: LLMService) -> list[dict[str, Any]]:
    """Return what a server needs that runs as a user of whom the image knows nothing.

    vLLM, Triton, torch and FlashInfer write below HOME, which is root's otherwise, and torch asks for a user name, for
    which Python looks into USER before it asks the system (getpass.getuser).
    """
    if service.platform.fixed_users and not service.is_restricted:
        return []
    return [{"name": "HOME", "value": "/data"}, {"name": "USER", "value": "vllm"}]


def _cache(service: LLMService) -> list[dict[str, Any]]:
    """Return the size of the KV cache where it is no share of a GPU's memory: vLLM would take half of the node's."""
    if service.accelerator.backend != "cpu":
        return []
    gib = max(1, math.floor(service.sizing.cache))
    reason = f"GiB of the {service.accelerator.memory:g} GiB that the weights leave"
    return [{"name": "VLLM_CPU_KVCACHE_SPACE", "value": because(str(gib), reason)}]


def _of_cpu(service: LLMService, gib: int) -> dict[str, Any]:
    """Return the requests of CPU and memory of a server that computes on them."""
    cache = max(1, math.floor(service.sizing.cache))
    return {
        "cpu": because("6", "of the 8 of the machine; the rest is for what else runs on the node"),
        "memory": because(
            f"{gib + cache + _shm_gib(service) + 4}Gi",
            f"{gib} GiB of weights + {cache} GiB of KV cache + {_shm_gib(service)} GiB /dev/shm + 4 GiB of processes",
        ),
    }


def _resources(service: LLMService, weights: models.Weights) -> dict[str, Any]:
    gib = math.ceil(weights.gib)
    shm, gpus = _shm_gib(service), service.gpus
    workers = f"{gpus} {service.backend.unit} worker{'s' * (gpus > 1)}"
    # One H200 that answered 256 requests took 1.5 cores, and its processes 4.3 GiB: API server 1.2, engine and worker
    # 3.4. Of several GPUs each worker is a process, which spins.
    derived: dict[str, Any] = {
        "cpu": because(f"{2 + gpus}", f"2 for API server and engine, which took 1.5 with 256 requests, + {workers}"),
        "memory": because(
            f"{gib + shm + 2 + 4 * gpus}Gi",
            f"{gib} GiB of weights while they load + {shm} GiB /dev/shm + 2 GiB API server + 4 GiB × {workers}",
        ),
        "ephemeral-storage": because(f"{gib + 5}Gi", f"{weights.reason} + 5 GiB for adapters and caches, rounded up"),
    }
    if service.accelerator.backend == "cpu":
        derived |= _of_cpu(service, gib)
    intended = {
        section: {name: because(stored(amount), "from server.resources") for name, amount in amounts.items()}
        for section, amounts in service.spec["server"]["resources"].items()
    }
    limits = {"limits": intended["limits"]} if intended["limits"] else {}
    return {"requests": {**derived, **intended["requests"]}, **limits}


def _data_size(weights: models.Weights) -> Any:
    gib = math.ceil(weights.gib)
    return because(stored(f"{2 * gib}Gi"), f"{gib} GiB of weights × 2, for one more revision")


def _shm_gib(service: LLMService) -> int:
    return 1 if service.gpus == 1 else 1 + service.gpus


def _shm_size(service: LLMService) -> Any:
    # By what Google's and llm-d's charts give several GPUs, where nothing was measured.
    reason = f"1 GiB for the engine + 1 GiB for each of {service.gpus} GPUs"
    return because(f"{_shm_gib(service)}Gi", reason if service.gpus > 1 else "one GPU takes less than 1 MiB of it")


def _from_intent(existing: Resource | None, service: LLMService) -> tuple[str, ...]:
    """Return the paths of the flags and variables that the intent names now, or named when it was last rendered."""
    before = "" if existing is None else str(existing.get(f"metadata.annotations[{FROM_INTENT}]", ""))
    names = {*before.split(), *_names(service)}
    restricted = _OF_RESTRICTED if _RESTRICTED in names else ()
    names -= {_RESTRICTED}
    paths = (f"{_VLLM}.args[{name}]" if name.startswith("-") else f"{_VLLM}.env[name={name}]" for name in sorted(names))
    return (*(path for path in paths if path not in OWNS["model server Deployment"]), *restricted)


def _names(service: LLMService) -> list[str]:
    """Return what of a server only the intent wants: names of flags and variables, and how it is secured."""
    own = [*_home(service), *_cache(service)]
    home = [variable["name"] for variable in own if variable["name"] not in service.extra_env]
    return [*service.extra_flags, *service.extra_env, *home, *([_RESTRICTED] if service.is_restricted else [])]


def main() -> None:
    """Be the executable."""
    run(generate_model_server)
