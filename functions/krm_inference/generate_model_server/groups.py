"""Replicas that are larger than a machine: a LeaderWorkerSet, in which one Pod leads and the others join it.

All Pods of a group run the same engine flags, for each builds its part of the model by its own. The leader alone has
an HTTP server, so it alone has the label by which pool, monitors and policies select.

Sources: vLLM 0.33, docs/serving/parallelism_scaling.md ("Running vLLM with MultiProcessing") and
entrypoints/cli/serve.py (run_headless). kubernetes-sigs/lws v0.9.0, pkg/utils/pod/pod_utils.go: every container gets
LWS_LEADER_ADDRESS and LWS_WORKER_INDEX; pkg/utils/controller/controller_utils.go: the name of a leader is published
before it is ready. Of a name that DNS does not know yet, as a leader's own when it starts, ZeroMQ says "No such device"
when it shall listen there (4.3.5, run), and only tries again where it connects. So a leader listens at the address that
the kubelet tells, and workers find it by name.
"""

from __future__ import annotations

from krm_functions_sdk import because

from krm_inference.domain.generation import FROM_INTENT
from krm_inference.domain.service import LLMService
from krm_inference.domain.workloads import LEADER, WORKER
from krm_inference.generate_model_server import scaling

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

ROLE = "model server LeaderWorkerSet"
_TEMPLATE = "spec.template"
_TEMPLATES = (LEADER, WORKER)
# What a Pod without an HTTP server has no use for, or may not have.
_OF_SERVERS = ("--port", "--served-model-name", "--api-server-count")
_KEY = "VLLM_API_KEY"
_ADDRESS = "VLLM_HOST_IP"
_FLAGS = ("--nnodes", "--node-rank", "--master-addr")
# What only a Deployment has that somebody else wrote, and what only a leader has.
_ADOPTED = ("[--model]", "[-tp]", "[name=HUGGING_FACE_HUB_TOKEN]", "[name=PORT]", "[name=VLLM_USE_V1]")
_OF_LEADERS = (*(f"[{flag}]" for flag in _OF_SERVERS), "ports[name=http]", "metadata.labels.app")


def owned(of_deployment: tuple[str, ...]) -> tuple[str, ...]:
    """Return what is owned of a LeaderWorkerSet, by what is owned of a Deployment; nobody's own is adopted."""
    joining = (*(f"args[{flag}]" for flag in _FLAGS), f"env[name={_ADDRESS}]")
    kept = [path for path in of_deployment if path.startswith(_TEMPLATE) and not path.endswith(_ADOPTED)]
    of_worker = [path for path in kept if not path.endswith(_OF_LEADERS)]
    return (
        f"metadata.annotations[{FROM_INTENT}]",
        "metadata.labels.app",
        "spec.replicas",
        "spec.startupPolicy",
        "spec.networkConfig.subdomainPolicy",
        "spec.leaderWorkerTemplate.size",
        "spec.leaderWorkerTemplate.restartPolicy",
        *(path.replace(_TEMPLATE, LEADER, 1) for path in kept),
        *(path.replace(_TEMPLATE, WORKER, 1) for path in of_worker),
        *(f"{LEADER}.spec.containers[name=vllm].{path}" for path in joining),
        *(f"{WORKER}.spec.containers[name=vllm].{path}" for path in (*joining, "args[--headless]")),
    )


def moved(paths: tuple[str, ...]) -> tuple[str, ...]:
    """Return where fields of a Deployment stand in a LeaderWorkerSet: what is of its Pods, in both templates."""
    found: list[str] = []
    for path in paths:
        if path.startswith(_TEMPLATE):
            found += (f"{template}{path.removeprefix(_TEMPLATE)}" for template in _TEMPLATES)
        else:
            found.append("spec.rolloutStrategy" if path == "spec.strategy" else path)
    return tuple(found)


def leader_worker_set(service: LLMService, deployment: dict[str, Any]) -> dict[str, Any]:
    """Return the LeaderWorkerSet for a service of which `deployment` would be one Pod."""
    template = deployment["spec"]["template"]
    reason = f"{service.gpus} {service.backend.unit}s per replica ÷ {service.pod_gpus} of a machine"
    return {
        "apiVersion": "leaderworkerset.x-k8s.io/v1",
        "kind": "LeaderWorkerSet",
        "metadata": deployment["metadata"],
        "spec": {
            **scaling.replicas(service),
            "startupPolicy": because("LeaderCreated", "a leader is ready only when its workers have joined"),
            "networkConfig": {"subdomainPolicy": "Shared"},
            "leaderWorkerTemplate": {
                "size": because(service.machines, reason),
                "restartPolicy": because("RecreateGroupOnPodRestart", "a group that lost a Pod cannot go on"),
                "leaderTemplate": _leader(service, template),
                "workerTemplate": _worker(service, template),
            },
            **scaling.roll_out(service),
        },
    }


def _leader(service: LLMService, template: dict[str, Any]) -> dict[str, Any]:
    address = because(f"--master-addr=$({_ADDRESS})", "its own address: DNS may not know its name yet")
    joining = [f"--nnodes={service.machines}", "--node-rank=0", address]
    return _with(service, template, template["metadata"], joining)


def _worker(service: LLMService, template: dict[str, Any]) -> dict[str, Any]:
    """Return the template of Pods that compute and answer nobody."""
    joining = [
        because("--headless", "no HTTP server: requests come by the leader"),
        f"--nnodes={service.machines}",
        "--node-rank=$(LWS_WORKER_INDEX)",
        "--master-addr=$(LWS_LEADER_ADDRESS)",
    ]
    # Without the label of servers, so that no pool or monitor ever selects it.
    metadata = {key: value for key, value in template["metadata"].items() if key != "labels"}
    spec = {key: value for key, value in template["spec"].items() if key != "topologySpreadConstraints"}
    (container,) = spec["containers"]
    kept = {key: value for key, value in container.items() if key != "ports"}
    kept["args"] = [item for item in container["args"] if _name(item) not in _OF_SERVERS]
    kept["env"] = [variable for variable in container["env"] if variable["name"] != _KEY]
    return _with(service, {"spec": {**spec, "containers": [kept]}}, metadata, joining)


def _with(
    service: LLMService, template: dict[str, Any], metadata: dict[str, Any], joining: list[Any]
) -> dict[str, Any]:
    """Return a template whose server joins its group: by flags behind those that split the model, and an address."""
    (container,) = template["spec"]["containers"]
    args = list(container["args"])
    behind = 1 + max(index for index, item in enumerate(args) if _name(item).endswith("-parallel-size"))
    own = {"name": _ADDRESS, "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}
    env = container["env"] if _ADDRESS in service.extra_env else [*container["env"], own]
    joined = {**container, "args": [*args[:behind], *joining, *args[behind:]], "env": env}
    pod = {**template["spec"], "containers": [joined]}
    return {**({"metadata": metadata} if metadata else {}), "spec": pod}


def _name(item: Any) -> str:
    return str(getattr(item, "value", item)).partition("=")[0]
