"""Servers beside a LoRA syncer: it runs as long as they do, and they let it load adapters."""

from __future__ import annotations

from collections.abc import Iterator

from krm_inference.domain.service import KIND
from krm_inference.manifests.index import Index
from krm_inference.manifests.objects import Field
from krm_inference.manifests.pickers import inference_pods
from krm_inference.manifests.servers import Server, servers, servers_of
from krm_inference.manifests.syncers import syncers
from krm_inference.validate_inference.findings import Finding

_SYNCER = "DYNAMIC_LORA_ROLLOUT_CONFIG"
_UPDATING = "VLLM_ALLOW_RUNTIME_LORA_UPDATING"
_TRUE = ("1", "true")
# Counts of which vLLM needs one at least.
_COUNTS = (
    *("--tensor-parallel-size", "--pipeline-parallel-size", "--data-parallel-size", "--max-loras"),
    *("--max-cpu-loras", "--max-num-seqs", "--max-num-batched-tokens"),
)


def unloaded_adapters(index: Index) -> Iterator[Finding]:
    """Yield LLMServices with adapters whose Deployment has no --enable-lora: nothing has put them into it."""
    owners = {(server.pod.object.name, server.pod.object.namespace): server for server in servers(index)}
    for service in index.services or ():
        server = owners.get((service.name, service.namespace))
        if service.adapters and server is not None and server.has_all_flags and server.flag("--enable-lora") is None:
            intent = next(
                item for item in index.for_tools if item.kind == KIND and item.name == service.name
                and item.namespace == service.namespace
            )  # fmt: skip
            names = ", ".join(adapter["name"] for adapter in service.adapters)
            yield Finding(intent.at("spec.adapters"), f"{server.pod.object} loads none of them: {names}")


def blocking_syncers(index: Index) -> Iterator[Finding]:
    """Yield LoRA syncers that are init containers and no sidecars: they never end, and the server never starts."""
    for pod in inference_pods(index):
        for container in pod.spec["initContainers"]:
            names = [variable["name"].text for variable in container["env"]]
            if _SYNCER in names and container["restartPolicy"].text != "Always":
                message = "the LoRA syncer never ends, and vLLM waits for this init container to end"
                yield Finding(container["restartPolicy"], message, "Always")


def syncers_beside_the_server(index: Index) -> Iterator[Finding]:
    """Yield LoRA syncers that are ordinary containers."""
    for pod in inference_pods(index):
        for container in pod.spec["containers"]:
            if _SYNCER in [variable["name"].text for variable in container["env"]]:
                yield Finding(container["name"], "the syncer starts and stops at the same time as vLLM")


def ignores_sigterm(index: Index) -> Iterator[Finding]:
    """Yield Pods in which a LoRA syncer is the first process of its container."""
    for pod in inference_pods(index):
        shared = pod.spec["shareProcessNamespace"]
        for container in pod.containers if shared.value is not True else ():
            if _SYNCER in container.variables and not container.field["command"].exists:
                yield Finding(
                    shared,
                    f"container {container.name} ignores SIGTERM, so the Pod waits for its grace period to end",
                    True,
                )
                break


def closed_to_adapters(index: Index) -> Iterator[Finding]:
    """Yield servers beside a LoRA syncer that do not let adapters be loaded."""
    for server in servers(index):
        has_syncer = any(_SYNCER in container.variables for container in server.pod.containers)
        if not has_syncer or len(servers_of(index, server.pod)) > 1 or server.container.field["envFrom"].exists:
            continue
        said = _variable(server)
        if said is None:
            yield Finding(server.container.field["env"], f"without {_UPDATING} vLLM loads no adapter for the syncer")
        elif said["value"].exists and said["value"].text.lower() not in _TRUE:
            yield Finding(
                said["value"], f"found {said['value'].value}, so vLLM loads no adapter for the syncer", "true"
            )
        elif not said["value"].exists and not said["valueFrom"].exists:
            yield Finding(said["value"], f"{_UPDATING} is empty, so vLLM loads no adapter for the syncer", "true")


def _variable(server: Server) -> Field | None:
    found = [item for item in server.container.field["env"] if item["name"].text == _UPDATING]
    return found[-1] if found else None


def counts_of_zero(index: Index) -> Iterator[Finding]:
    """Yield counts of zero, with which vLLM does not start."""
    for server in servers(index):
        for name in _COUNTS:
            flag = server.flag(name)
            if flag is not None and server.number(None, name) == 0:
                yield Finding(flag.field, f"{name} is 0, but vLLM needs at least 1")


def incomplete_adapters(index: Index) -> Iterator[Finding]:
    """Yield settings of a LoRA syncer with an adapter that has no id or no source."""
    for settings in syncers(index):
        for part in ("ensureExist", "ensureNotExist"):
            for model in settings[part]["models"]:
                lacks = [name for name in ("id", "source") if not (model[name].exists and model[name].value)]
                if lacks:
                    yield Finding(model, f"the adapter has no {' and no '.join(lacks)}")
