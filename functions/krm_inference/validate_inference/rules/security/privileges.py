"""What servers and pickers get of their node, beyond what a model needs."""

from __future__ import annotations

from collections.abc import Iterator

from krm_inference.manifests import templates
from krm_inference.manifests.index import Index
from krm_inference.manifests.objects import Field
from krm_inference.manifests.pickers import inference_pods, picker_pods
from krm_inference.manifests.pods import Container, Pod
from krm_inference.validate_inference.findings import Finding

# Parts of the names of devices that speak RDMA: of NVIDIA's network operator, AWS, GKE, and plugins for InfiniBand.
_RDMA = ("rdma", "infiniband", "roce", "/ib", "efa", "networking.gke.io.networks")
# Variables of UCX, NCCL over InfiniBand, and NIXL.
_SET_UP = ("UCX_", "NCCL_IB_", "NIXL_")
_HOST = ("hostNetwork", "hostPID", "hostIPC")
# What the baseline of the Pod Security Standards lets a container add.
_CAPABILITIES = frozenset(
    (
        *("AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE"),
        *("SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"),
    )
)
_IN_CONTAINER = {
    "privileged": "a privileged container is root on the node",
    "allowPrivilegeEscalation": "a process of the container may gain more rights than it was started with",
}


def opens_the_node(index: Index) -> Iterator[Finding]:
    """Yield what opens the node to a Pod of a server or picker."""
    for pod in inference_pods(index):
        for key in _HOST:
            if pod.spec[key].value is True:
                yield Finding(pod.spec[key], f"{key} gives the Pod access to the node", False)
        for volume in pod.spec["volumes"]:
            if volume["hostPath"].exists:
                path = volume.at("hostPath.path")
                yield Finding(path, f"the hostPath gives the Pod access to {path.text} on its node")
        for container in pod.containers:
            yield from _of_container(pod, container)


def unused_rights(index: Index) -> Iterator[Finding]:
    """Yield Pods of servers and pickers with rights that neither uses."""
    for pod in inference_pods(index):
        context = pod.spec["securityContext"]
        kept = [right for container in pod.containers for right in _kept(container, context)]
        if pod not in picker_pods(index) and pod.spec["automountServiceAccountToken"].value is not False:
            kept.append("a token for the API server")
        if kept:
            yield Finding(context, f"it has {', '.join(dict.fromkeys(kept))}, but needs none of these")


def _kept(container: Container, context: Field) -> Iterator[str]:
    own = container.field["securityContext"]
    if "ALL" not in [name.text.upper() for name in own.at("capabilities.drop")]:
        yield "capabilities"
    if own["allowPrivilegeEscalation"].value is not False:
        yield "privilege escalation"
    if "seccompProfile" not in own.map and "seccompProfile" not in context.map:
        yield "all system calls"


def _has_rdma(container: Container) -> bool:
    asked = container.field["resources"]
    names = [*asked["limits"].map, *asked["requests"].map]
    # Whose resources stand beside it may have asked for a device there.
    is_told = container.field.path[-1] == templates.MAIN or _speaks_rdma(container)
    return is_told or any(word in str(name).lower() for name in names for word in _RDMA)


def _speaks_rdma(container: Container) -> bool:
    """Say whether a container hands over a cache, or sets up what speaks RDMA, whatever device it asks for."""
    words = (word.text for command in container.commands for word in command.words)
    is_set_up = any(item["name"].text.startswith(_SET_UP) for item in container.field["env"])
    return is_set_up or any(word.startswith("--kv-transfer-config") for word in words)


def _of_container(pod: Pod, container: Container) -> Iterator[Finding]:
    context = container.field["securityContext"]
    is_privileged = context["privileged"].value is True
    for key, message in _IN_CONTAINER.items():
        if context[key].value is True and not (is_privileged and key != "privileged"):  # it follows from privileged
            yield Finding(context[key], message, False)
    for capability in context.at("capabilities.add"):
        name = capability.text.upper().removeprefix("CAP_")
        is_of_rdma = name == "IPC_LOCK" and _has_rdma(container)  # memory that a network card reads must stay in place
        if name and name not in _CAPABILITIES and not (is_privileged or is_of_rdma):
            yield Finding(capability, f"servers and pickers do not need the capability {capability.text}")
    for port in container.field["ports"]:
        if port["hostPort"].number and pod.spec["hostNetwork"].value is not True:
            yield Finding(port["hostPort"], f"hostPort opens port {port['hostPort'].number} on the node")
