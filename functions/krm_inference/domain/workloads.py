"""Workloads: where a kind keeps its Pod template, and which one a function shall act on."""

from __future__ import annotations

from functools import cache

from krm_functions_sdk import Resource, ResourceList

from krm_inference.domain import secrets
from krm_inference.domain.service import LLMService, is_llm_service

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

    from krm_functions_sdk import Schema
    from krm_functions_sdk.function.config import Config

# Group and kind, and the path of the Pod's spec.
POD_SPECS: dict[tuple[str, str], str] = {
    ("", "Pod"): "spec",
    ("", "ReplicationController"): "spec.template.spec",
    ("apps", "Deployment"): "spec.template.spec",
    ("apps", "StatefulSet"): "spec.template.spec",
    ("apps", "DaemonSet"): "spec.template.spec",
    ("apps", "ReplicaSet"): "spec.template.spec",
    ("batch", "Job"): "spec.template.spec",
    ("batch", "CronJob"): "spec.jobTemplate.spec.template.spec",
    ("leaderworkerset.x-k8s.io", "LeaderWorkerSet"): "spec.leaderWorkerTemplate.workerTemplate.spec",
}
# The templates of a LeaderWorkerSet: of the Pod that has the HTTP server, and of those that join it.
LEADER, WORKER = "spec.leaderWorkerTemplate.leaderTemplate", "spec.leaderWorkerTemplate.workerTemplate"
_SERVER, _GROUP = ("apps", "Deployment"), ("leaderworkerset.x-k8s.io", "LeaderWorkerSet")


def pod_spec(resource: Resource) -> str | None:
    """Return the path of the Pod's spec in a workload, or None where `resource` is none."""
    return POD_SPECS.get((resource.group, resource.kind))


@cache
def _schema(definition: Path) -> Schema:
    """Return the schema of a function's own kind, read once."""
    from krm_functions_sdk import Schema

    return Schema.of_definition(definition)


def read_config(resources: ResourceList, definition: Path, kind: str) -> Config | None:
    """Return the functionConfig of the function's own `kind`; None where it has faults, which are in the results."""
    from krm_functions_sdk import config as function_config

    before = len(resources.results)
    config = function_config.read(resources, _schema(definition), kind)
    secrets.hide(resources.results[before:])
    if config is None and not resources.results.failed and not any(map(is_llm_service, resources)):
        resources.results.info(f"nothing to do: there is no LLMService, and no field of {kind} is given; see --help")
    return config


class Target:
    """One container of one workload; `pod` is the path of the Pod's spec."""

    def __init__(self, resource: Resource, pod: str, container: str) -> None:
        self.resource = resource
        self.pod = pod
        self.container = container

    @property
    def is_worker(self) -> bool:
        """Say whether its Pods join a leader and have no HTTP server."""
        return self.pod == f"{WORKER}.spec" and self.resource.get(f"{LEADER}.spec", None) is not None

    def paths(self, table: tuple[str, ...]) -> tuple[str, ...]:
        """Return the paths of an ownership table for this workload and container."""
        return tuple(path.replace("POD", self.pod, 1).replace("CONTAINER", self.container) for path in table)


def of_service(resources: ResourceList, service: LLMService, container: str) -> list[Target]:
    """Return the model server of `service`, of a group its leader and its workers.

    Nothing, with an error, where the package has none.
    """
    is_group = service.machines > 1
    group, kind = _GROUP if is_group else _SERVER
    resource = resources.find(group, kind, service.workload, service.namespace)
    if resource is None:
        message = f"{kind} {service.workload} not found; run generate-model-server first"
        if not (resources.is_incomplete or resources.results.failed):  # else what is wrong is told already
            resources.results.error(message, service.resource, "metadata.name", current=service.name)
        return []
    pods = (f"{LEADER}.spec", f"{WORKER}.spec") if is_group else (POD_SPECS[_SERVER],)
    return [Target(resource, pod, container) for pod in pods]


def chosen(resources: ResourceList, config: Config) -> Target | None:
    """Return the container that `workload` and `container` of the config name, or the only one there is.

    Adds an error that lists the candidates, and returns None, where that leaves none or several.
    """
    candidates = [resource for resource in resources if pod_spec(resource)]
    name = config.get("workload")
    found = [resource for resource in candidates if not name or resource.name == name]
    if len(found) != 1:
        named = f' of the name "{name}"' if name else ""
        message = f"found {len(found) or 'no'} workload{'s' * (len(found) > 1)}{named}, expected one"
        if candidates:
            known = ", ".join(sorted(str(resource) for resource in candidates))
            message += f"{'' if name else ', or its name in `workload`'}; there are: {known}"
        resources.results.error(message, config.resource, config.field("workload") if name else config.prefix)
        return None
    workload = found[0]
    pod = POD_SPECS[workload.group, workload.kind]
    names = [str(container.get("name")) for container in workload.get(f"{pod}.containers") or []]
    wanted = config.get("container")
    fitting = [container for container in names if not wanted or container == wanted]
    if len(fitting) != 1:
        known = ", ".join(names) or "none"
        message = f"found containers {known} in {workload}, expected one, or its name in `container`"
        resources.results.error(message, config.resource, config.field("container") if wanted else config.prefix)
        return None
    return Target(workload, pod, fitting[0])


def starts_by_shell(resources: ResourceList, target: Target) -> bool:
    """Say whether a shell starts the container, with an error: flags cannot be added to the text that it runs."""
    field = f"{target.pod}.containers[name={target.container}].command"
    command = target.resource.get(field) or []
    if "-c" not in command:
        return False
    message = (
        "a shell starts the server; flags cannot be added to its text, and it keeps SIGTERM from the server. "
        "Use command [vllm, serve] and one flag an item in args"
    )
    resources.results.error(message, target.resource, field, current=command)
    return True


def nested(path: str, value: object) -> dict[str, object]:
    """Return `value` inside the maps that the dotted `path` names."""
    result: object = value
    for key in reversed(path.split(".")):
        result = {key: result}
    return result  # type: ignore[return-value]  # a path has at least one key
