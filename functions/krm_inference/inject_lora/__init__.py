"""Load LoRA adapters: their ConfigMap, the sidecar that follows it, and the server's LoRA flags.

May import: the domain and the SDK, no other function.
"""

from __future__ import annotations

from pathlib import Path

from krm_functions_sdk import Resource, ResourceList, after_errors, because, repeatable, run
from krm_functions_sdk.document import ownership

from krm_inference.domain import intent, roles, workloads
from krm_inference.domain.adapters import FOLDER as ADAPTERS
from krm_inference.domain.adapters import Adapters
from krm_inference.domain.facts.platforms import PLATFORMS, Platform
from krm_inference.domain.facts.releases import RELEASES
from krm_inference.domain.generation import Generation, Table, metadata
from krm_inference.domain.service import LLMService, is_llm_service
from krm_inference.domain.workloads import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

KIND = "InjectLora"
FILE = "lora-adapters.yaml"
KEY = "configmap.yaml"
SIDECAR = "lora-adapter-syncer"
VOLUME = "lora-adapters"
CLAIM_VOLUME = "lora-adapters-claim"
# vLLM 0.33, pyproject's entry points of vllm.general_plugins; without the variable it loads all of them.
_RESOLVER = "lora_filesystem_resolver"
_SYNCER = f"POD.initContainers[name={SIDECAR}]"

OWNS: Table = {
    "adapter ConfigMap": (f"data[{KEY}]",),
    "workload": (
        "POD.shareProcessNamespace",
        "POD.containers[name=CONTAINER].args[--enable-lora]",
        "POD.containers[name=CONTAINER].args[--max-loras]",
        "POD.containers[name=CONTAINER].args[--max-cpu-loras]",
        "POD.containers[name=CONTAINER].args[--max-lora-rank]",
        "POD.containers[name=CONTAINER].args[--lora-modules]",
        "POD.containers[name=CONTAINER].env[name=VLLM_ALLOW_RUNTIME_LORA_UPDATING]",
        "POD.containers[name=CONTAINER].env[name=VLLM_PLUGINS]",
        "POD.containers[name=CONTAINER].env[name=VLLM_LORA_RESOLVER_CACHE_DIR]",
        f"POD.containers[name=CONTAINER].volumeMounts[mountPath={ADAPTERS}]",
        # As a container beside the server, where the tutorial has it, the syncer starts and stops at the wrong time.
        f"POD.containers[name={SIDECAR}]",
        f"{_SYNCER}.image",
        f"{_SYNCER}.imagePullPolicy",
        f"{_SYNCER}.restartPolicy",
        f"{_SYNCER}.env[name=DYNAMIC_LORA_ROLLOUT_CONFIG]",
        f"{_SYNCER}.resources.requests.cpu",
        f"{_SYNCER}.resources.requests.memory",
        f"{_SYNCER}.resources.requests.ephemeral-storage",
        f"{_SYNCER}.securityContext",
        f"{_SYNCER}.volumeMounts[mountPath=/config]",
        f"POD.volumes[name={VOLUME}]",
        f"POD.volumes[name={CLAIM_VOLUME}]",
    ),
}
# Of a server without an intent, how else it loads adapters is its user's.
_OTHERS = ("[--lora-modules]", "[name=VLLM_PLUGINS]", "[name=VLLM_LORA_RESOLVER_CACHE_DIR]", f"[mountPath={ADAPTERS}]")
_OF_SYNCER = tuple(
    path for path in OWNS["workload"] if not path.endswith((*_OTHERS, f"POD.volumes[name={CLAIM_VOLUME}]"))
)


@after_errors
@repeatable
def inject_lora(resources: ResourceList) -> None:
    """Load LoRA adapters: their ConfigMap, the sidecar that follows it, and the server's LoRA flags."""
    services = intent.read(resources, takes_other_config=True)
    generation = Generation(resources, services, "inject-lora", OWNS)
    for service in (role for whole in services for role in roles.of(whole)):
        targets = [
            target
            for target in workloads.of_service(resources, service, "vllm")
            if not workloads.starts_by_shell(resources, target)
        ]
        if not targets:
            continue
        declared = service.resource.data["spec"].get("adapters", [])
        loader = service.spec["lora"]["loader"]
        # Only a syncer unloads: what another loader is not told of is not there after a restart.
        absent = service.absent_adapters if loader == "syncer" else []
        adapters = Adapters(service.adapters, absent, declared)
        skipped = (*service.extra_flags, *service.extra_env)
        for target in targets:
            others = () if loader == "resolver" else tuple(_of_others(target))
            left = tuple(path for path in OWNS["workload"] if not _is_skipped(path, (*skipped, *others)))
            pod = _LOADERS[loader](service, target, adapters, (*skipped, *others))
            generation.inject(target, _of_worker(pod) if target.is_worker else pod, left)
        if adapters and loader == "syncer":
            text = adapters.syncer_config(service.name, service.port, service.model)
            generation.apply(service, "adapter ConfigMap", _config_map(service, text), FILE)
    generation.sweep()
    if resources.function_config is not None and not is_llm_service(resources.function_config):
        _by_config(resources, generation)


def _by_config(resources: ResourceList, generation: Generation) -> None:
    config = workloads.read_config(resources, Path(__file__).with_name("definition.yaml"), KIND)
    target = workloads.chosen(resources, config) if config else None
    if config is None or target is None or workloads.starts_by_shell(resources, target):
        return
    present = [adapter for adapter in config["adapters"] if adapter["ensure"] == "Present"]
    absent = [adapter for adapter in config["adapters"] if adapter["ensure"] == "Absent"]
    adapters = Adapters(present, absent, config.resource.get("spec.adapters") or [])
    name = f"{target.resource.name}-adapters"
    sidecar = _sidecar(RELEASES[config["release"]].syncer_image, PLATFORMS["gke-standard"])
    generation.inject(target, _pod(target, adapters, name, sidecar, ()), _OF_SYNCER)
    text = adapters.syncer_config(target.resource.name, config["port"], config["model"])
    existing = resources.find("", "ConfigMap", name, target.resource.namespace)
    if existing is not None:
        generation.change(existing, {"data": {KEY: text}}, ownership.table(OWNS["adapter ConfigMap"]))
        return
    meta = {"name": name, **({"namespace": target.resource.namespace} if target.resource.namespace else {})}
    config_map = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": {KEY: text}}
    resources.add(Resource.new(config_map), FILE)


def _is_skipped(path: str, skipped: tuple[str, ...]) -> bool:
    return any(path.endswith((f".args[{name}]", f".env[name={name}]")) for name in skipped)


def _of_others(target: Target) -> Iterator[str]:
    """Yield the variables of a resolver whose values are none of ours: somebody has another plugin."""
    for name, ours in {"VLLM_PLUGINS": _RESOLVER, "VLLM_LORA_RESOLVER_CACHE_DIR": ADAPTERS}.items():
        path = f"{target.pod}.containers[name={target.container}].env[name={name}].value"
        if target.resource.get(path, ours) != ours:
            yield name


def _config_map(service: LLMService, text: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": metadata(service.names.adapters, service),
        "data": {KEY: text},
    }


def _by_syncer(service: LLMService, target: Target, adapters: Adapters, skipped: tuple[str, ...]) -> dict[str, Any]:
    sidecar = _sidecar(service.syncer_image, service.platform)
    return _pod(target, adapters, service.names.adapters, sidecar, skipped)


def _at_start(_: LLMService, target: Target, adapters: Adapters, skipped: tuple[str, ...]) -> dict[str, Any]:
    """Return what lets a server load all adapters before it is ready."""
    if not adapters:
        return {}
    modules: list[Any] = [because("--lora-modules", "loaded before /health answers")]
    modules += [f"{adapter['name']}={adapter['source']}" for adapter in adapters.present]
    flags = [*_flags(adapters, skipped), *([] if "--lora-modules" in skipped else [modules])]
    return {"containers": [{"name": target.container, "args": flags}]}


def _by_resolver(service: LLMService, target: Target, adapters: Adapters, skipped: tuple[str, ...]) -> dict[str, Any]:
    """Return what lets a server load an adapter from a folder of a claim at its first request."""
    if not adapters:
        return {}
    variables = {
        "VLLM_ALLOW_RUNTIME_LORA_UPDATING": "true",
        "VLLM_PLUGINS": because(_RESOLVER, "all plugins without it, also one that downloads"),
        "VLLM_LORA_RESOLVER_CACHE_DIR": ADAPTERS,
    }
    flags = _flags(adapters, skipped)
    claim = {"claimName": service.spec["lora"]["claim"], "readOnly": True}
    return {
        "containers": [
            {
                "name": target.container,
                **({"args": flags} if flags else {}),
                "env": [{"name": name, "value": text} for name, text in variables.items() if name not in skipped],
                "volumeMounts": [{"name": CLAIM_VOLUME, "mountPath": ADAPTERS, "readOnly": True}],
            }
        ],
        "volumes": [{"name": CLAIM_VOLUME, "persistentVolumeClaim": claim}],
    }


def _of_worker(pod: dict[str, Any]) -> dict[str, Any]:
    """Return what of it a Pod has that joins a leader: adapters are named to the leader, and loaded by all."""
    kept = {key: value for key, value in pod.items() if key not in ("initContainers", "shareProcessNamespace")}
    if "initContainers" in pod:
        kept.pop("volumes")  # which are the syncer's
    containers = []
    for container in pod.get("containers", []):
        flags = [flag for flag in container.get("args", []) if not isinstance(flag, list)]
        rest = {key: value for key, value in container.items() if key != "args"}
        containers.append({**rest, **({"args": flags} if flags else {})})
    return {**kept, **({"containers": containers} if containers else {})}


_LOADERS = {"syncer": _by_syncer, "static": _at_start, "resolver": _by_resolver}


def _flags(adapters: Adapters, skipped: tuple[str, ...]) -> list[Any]:
    return [flag for flag in adapters.flags() if str(getattr(flag, "value", flag)).partition("=")[0] not in skipped]


def _pod(
    target: Target, adapters: Adapters, config_map: str, sidecar: dict[str, Any], skipped: tuple[str, ...]
) -> dict[str, Any]:
    if not adapters:
        return {}
    flags = _flags(adapters, skipped)
    variable = {"name": "VLLM_ALLOW_RUNTIME_LORA_UPDATING", "value": "true"}
    return {
        "shareProcessNamespace": because(
            True, "as process 1 the syncer, which does not handle SIGTERM, would outlive vLLM"
        ),
        "containers": [
            {
                "name": target.container,
                **({"args": flags} if flags else {}),
                **({"env": [variable]} if variable["name"] not in skipped else {}),
            }
        ],
        "initContainers": [sidecar],
        "volumes": [{"name": VOLUME, "configMap": {"name": config_map}}],
    }


def _sidecar(image: str, platform: Platform) -> dict[str, Any]:
    storage = {name: amount for name, amount in platform.default_requests.items() if name == "ephemeral-storage"}
    user = {"runAsGroup": 65532, "runAsNonRoot": True, "runAsUser": 65532}
    return {
        "name": SIDECAR,
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "restartPolicy": "Always",
        "env": [{"name": "DYNAMIC_LORA_ROLLOUT_CONFIG", "value": f"/config/{KEY}"}],
        "resources": {"requests": {"cpu": "50m", "memory": "128Mi", **storage}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
            **(user if platform.fixed_users else {"runAsNonRoot": True}),
        },
        # A directory, not a subPath: changes of a ConfigMap do not reach a subPath.
        "volumeMounts": [{"name": VOLUME, "mountPath": "/config", "readOnly": True}],
    }


def main() -> None:
    """Be the executable."""
    run(inject_lora)
