"""Generate the Deployment that serves the model of each LLMService with vLLM.

May import: the domain and the SDK, no other function.
"""

from __future__ import annotations

import math

from krm_functions_sdk import ResourceList, after_errors, because, repeatable, run

from krm_inference.domain import intent, roles, sizing_reasons
from krm_inference.domain.facts import models
from krm_inference.domain.facts.disaggregation import DECODE, PREFILL
from krm_inference.domain.generation import FROM_INTENT, Generation, Table, metadata
from krm_inference.domain.quantities import stored
from krm_inference.domain.service import LLMService
from krm_inference.generate_model_server import access, beside, disaggregation, groups, scaling, volumes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_functions_sdk import Resource

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
_POD, _VLLM = beside.POD, beside.VLLM
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
OWNS |= {
    groups.ROLE: groups.owned(OWNS["model server Deployment"]),
    **volumes.OWNS,
    **scaling.OWNS,
    **access.OWNS,
}
_OF_ALL = OWNS[disaggregation.OBJECTS[""]]
OWNS[disaggregation.OBJECTS[DECODE]] = (
    *_OF_ALL,
    *disaggregation.OWNS_OF_BOTH,
    *disaggregation.OWNS_OF_DECODE,
)
OWNS[disaggregation.OBJECTS[PREFILL]] = (*_OF_ALL, *disaggregation.OWNS_OF_BOTH)
_OLD_NAME = "what serviceAccountName was called: written too, so that it goes when that goes"


@after_errors
@repeatable
def generate_model_server(resources: ResourceList) -> None:
    """Generate the Deployment that serves the model of each LLMService with vLLM."""
    services = intent.read(resources)
    generation = Generation(resources, services, "generate-model-server", OWNS)
    made: set[tuple[str, str, str]] = set()
    for service in services:
        for part in roles.of(service):
            wanted = server(part, service.port)
            existing = generation.find(service, wanted)
            if existing is not None and existing.name != part.workload:
                resources.results.warning(_RENAMED.format(existing.name), service.resource, "metadata.name")
            known = disaggregation.OBJECTS[part.role]
            also = beside.from_intent(existing, part, OWNS[known])
            if part.machines > 1:
                known, also = groups.ROLE, groups.moved(also)
            generation.apply(service, known, wanted, FILE, also)
        for role, thing in volumes.objects(service):
            if not _is_made(made, thing):
                before = _claimed(generation.find(service, thing), thing)
                now = generation.apply(service, role, thing, volumes.FILE)
                if before is not None:
                    _say_what_is_refused(resources, service, now, before)
        for role, thing in (pair for part in roles.of(service) for pair in scaling.objects(part)):
            generation.apply(service, role, thing, scaling.FILE)
        for role, thing in access.objects(service, services):
            generation.apply(service, role, thing, access.FILE)
    generation.sweep()


def _claimed(existing: Resource | None, wanted: dict[str, Any]) -> dict[str, Any] | None:
    """Return what a claim says that is there under the name of the wanted one; None of all else."""
    if existing is None or wanted["kind"] != "PersistentVolumeClaim" or existing.name != wanted["metadata"]["name"]:
        return None
    spec = existing.get("spec", None)
    return spec if isinstance(spec, dict) else None


def _say_what_is_refused(resources: ResourceList, service: LLMService, claim: Resource, before: dict[str, Any]) -> None:
    """Warn of a claim that changes as no claim that is live can."""
    from krm_inference.domain import claims

    for field, change in claims.refusals(before, claim.get("spec", {})):
        message = (
            f"{claims.KIND} {claim.name}: {field} {change} where the claim is live: the API server refuses it. Set it "
            "back, or delete the claim first: it goes when its Pods are gone, and what it caches is loaded again"
        )
        resources.results.warning(message, service.resource, claims.FIELDS.get(field, "spec.weights"))


def _is_made(made: set[tuple[str, str, str]], wanted: dict[str, Any]) -> bool:
    """Say whether an earlier service has this object, such as a token or an account that several share."""
    metadata = wanted["metadata"]
    key = wanted["kind"], metadata.get("namespace", ""), metadata["name"]
    is_there = key in made
    made.add(key)
    return is_there


def server(service: LLMService, outer_port: int) -> dict[str, Any]:
    """Return the workload that `service` wants, without what other functions own in it."""
    wanted = deployment(service, outer_port)
    return groups.leader_worker_set(service, wanted) if service.machines > 1 else wanted


def deployment(service: LLMService, outer_port: int) -> dict[str, Any]:
    """Return the Deployment that `service` wants, without what other functions own in it.

    `outer_port` is that of the pool: the server's own where no proxy stands before it.
    """
    labels = service.pod_labels
    meta = metadata(service.workload, service, labels)
    if names := beside.names_of(service):
        meta["annotations"] = {FROM_INTENT: " ".join(names)}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": meta,
        "spec": {
            **scaling.replicas(service),
            **scaling.strategy(service),
            "progressDeadlineSeconds": because(service.startup.deadline, service.startup.deadline_reason),
            "selector": {"matchLabels": labels},
            "template": {"metadata": _template_metadata(service), "spec": _pod(service, outer_port)},
        },
    }


def _template_metadata(service: LLMService) -> dict[str, Any]:
    annotations = volumes.pod_annotations(service)
    return {"labels": service.pod_labels, **({"annotations": annotations} if annotations else {})}


def _pod(service: LLMService, outer_port: int) -> dict[str, Any]:
    weights = models.weights(service.model, service.spec["model"]["facts"])
    account = service.source.account if service.source else ""
    proxies = disaggregation.proxies(service, outer_port)
    return {
        "automountServiceAccountToken": because(False, "nothing in this Pod calls the Kubernetes API"),
        **scaling.placement(service),
        "enableServiceLinks": because(False, "a Service named vllm would set VLLM_PORT, which vLLM reads as its own"),
        "restartPolicy": "Always",
        **({"serviceAccount": because(account, _OLD_NAME), "serviceAccountName": account} if account else {}),
        "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}, **_user(service), **volumes.group(service)},
        **({"initContainers": proxies} if proxies else {}),
        "containers": [_container(service, weights)],
        "volumes": [
            {"name": "data", "emptyDir": {"sizeLimit": _data_size(service)}},
            {"name": "shm", "emptyDir": {"medium": "Memory", "sizeLimit": _shm_size(service)}},
            *([_TMP] if service.is_restricted else []),
            *(volume for volume, _ in volumes.volumes(service)),
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
        "ports": [
            {"name": "http", "containerPort": service.port, "protocol": "TCP"},
            *disaggregation.ports(service),
        ],
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
            *(mount for _, mount in volumes.volumes(service)),
        ],
    }


def _args(service: LLMService) -> list[Any]:
    model = service.spec["model"]
    path = service.source.path if service.source else ""
    args: list[Any] = [path or service.model, f"--port={service.port}"]
    if "servedName" in model:
        args.append(f"--served-model-name={model['servedName']}")
    elif path:
        args.append(because(f"--served-model-name={service.model}", "requests give its name, not the path"))
    args += _parallelism(service)
    if "maxModelLen" in model:
        args.append(f"--max-model-len={model['maxModelLen']}")
    sizing = service.sizing
    has_share = service.accelerator.backend != "cpu"  # whose cache has a size of its own
    if has_share and not sizing.has_default_utilization and not sizing.demand.is_share_given:
        args.append(because(f"--gpu-memory-utilization={sizing.utilization:g}", sizing_reasons.utilization(sizing)))
    args += disaggregation.arguments(service)
    return args + [because(item, "from server.extraArgs") for item in service.spec["server"]["extraArgs"]]


def _parallelism(service: LLMService) -> list[Any]:
    share = f"{service.gpus} {service.backend.unit}{'s' * (service.gpus > 1)} per replica"
    engines = f" ÷ {service.data} engines" if service.data > 1 else ""
    stages = f" ÷ {service.pipeline} stages" if service.pipeline > 1 else ""
    found: list[Any] = [because(f"--tensor-parallel-size={service.tensor}", f"{share}{engines}{stages}")]
    found += [f"--pipeline-parallel-size={service.pipeline}"] if service.pipeline > 1 else []
    found += [f"--data-parallel-size={service.data}"] if service.data > 1 else []
    if beside.has_one_server(service):
        found.append(because("--api-server-count=1", "vLLM refuses several where adapters are loaded while it runs"))
    return [*found, *(["--enable-expert-parallel"] if service.spec.get("parallelism", {}).get("expert") else [])]


def _env(service: LLMService) -> list[dict[str, Any]]:
    own: list[dict[str, Any]] = [
        *volumes.token(service),
        *access.key(service),
        {"name": "HF_HOME", "value": volumes.home(service)},
        *beside.home(service),
        *(
            [{"name": "LD_LIBRARY_PATH", "value": libraries}]
            if (libraries := service.platform.driver_libraries) and service.accelerator.backend == "cuda"
            else []
        ),
        *beside.cache(service),
        *disaggregation.variables(service),
    ]
    extra = service.extra_env
    return [variable for variable in own if variable["name"] not in extra] + list(service.spec["server"]["env"])


def _user(service: LLMService) -> dict[str, Any]:
    """Return as whom a restricted server runs: as nobody, whom the platform chooses where a Pod must not."""
    if not service.is_restricted:
        return {}
    nobody = {"runAsGroup": _NOBODY} if service.platform.fixed_users else {}
    return {**nobody, "runAsNonRoot": True, **({"runAsUser": _NOBODY} if service.platform.fixed_users else {})}


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
    shm, gpus = _shm_gib(service), service.pod_gpus
    workers = f"{gpus} {service.backend.unit} worker{'s' * (gpus > 1)}"
    # One H200 that answered 256 requests took 1.5 cores, and its processes 4.3 GiB: API server 1.2, engine and worker
    # 3.4. Of several GPUs each worker is a process, which spins.
    derived: dict[str, Any] = {
        "cpu": because(f"{2 + gpus}", f"2 for API server and engine, which took 1.5 with 256 requests, + {workers}"),
        "memory": because(
            f"{gib + shm + 2 + 4 * gpus}Gi",
            f"{gib} GiB of weights while they load + {shm} GiB /dev/shm + 2 GiB API server + 4 GiB × {workers}",
        ),
        "ephemeral-storage": _disk(service),
    }
    if service.accelerator.backend == "cpu":
        derived |= _of_cpu(service, gib)
    intended = {
        section: {name: because(stored(amount), "from server.resources") for name, amount in amounts.items()}
        for section, amounts in service.spec["server"]["resources"].items()
    }
    limits = {"limits": intended["limits"]} if intended["limits"] else {}
    return {"requests": {**derived, **intended["requests"]}, **limits}


def _disk(service: LLMService) -> Any:
    weights = volumes.on_node(service)
    if weights is None:
        return because("5Gi", "for adapters and caches; the weights are in a volume")
    return because(f"{math.ceil(weights.gib) + 5}Gi", f"{weights.reason} + 5 GiB for adapters and caches, rounded up")


def _data_size(service: LLMService) -> Any:
    weights = volumes.on_node(service)
    if weights is None:
        return because("5Gi", "for adapters and caches; the weights are in a volume of their own")
    gib = math.ceil(weights.gib)
    return because(stored(f"{2 * gib}Gi"), f"{gib} GiB of weights × 2, for one more revision")


def _shm_gib(service: LLMService) -> int:
    return 1 if service.pod_gpus == 1 else 1 + service.pod_gpus


def _shm_size(service: LLMService) -> Any:
    # By what Google's and llm-d's charts give several GPUs, where nothing was measured.
    reason = f"1 GiB for the engine + 1 GiB for each of {service.pod_gpus} GPUs"
    return because(f"{_shm_gib(service)}Gi", reason if service.pod_gpus > 1 else "one GPU takes less than 1 MiB of it")


def main() -> None:
    """Be the executable."""
    run(generate_model_server)
