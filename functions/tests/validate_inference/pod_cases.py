"""Pods of servers and pickers: what they ask for, which rights they have, and how they start and end."""

from __future__ import annotations

from typing import Any

from cases import NOTHING, POD, VLLM, Case, Change, Fields

CONTEXT = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
ASKED = {"cpu": 6, "memory": "24Gi", "ephemeral-storage": "20Gi"}
MODEL = "mistralai/Mistral-7B-Instruct-v0.3"
BY_MODULE = ("python3", "-m", "vllm.entrypoints.openai.api_server")
NEWEST = "docker.io/vllm/vllm-openai:latest"


def environment(*names: str) -> dict[str, Any]:
    return {"env": [{"name": name, "value": "1"} for name in names]}


def syncer(**fields: Any) -> dict[str, Any]:
    """Return a container that runs the LoRA syncer, and asks for what it needs."""
    return {
        "name": "syncer",
        "image": "registry.k8s.io/gateway-api-inference-extension/lora-syncer:v1.0.0",
        "env": [{"name": "DYNAMIC_LORA_ROLLOUT_CONFIG", "value": "/config/adapters.yaml"}],
        **fields,
    }


def deadline(seconds: int | None, failures: int) -> Change:
    probe = {"httpGet": {"path": "/health", "port": "http"}, "periodSeconds": 1, "failureThreshold": failures}
    set_to = {} if seconds is None else {"progressDeadlineSeconds": seconds}
    return Change(container={"startupProbe": probe}, deployment=set_to)


def plugins(*types: str) -> dict[str, Any]:
    """Return the settings of a picker."""
    lines = "".join(f"- type: {name}\n" for name in types)
    text = f"apiVersion: inference.networking.x-k8s.io/v1alpha1\nkind: EndpointPickerConfig\nplugins:\n{lines}"
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "epp", "namespace": "llm"},
        "data": {"a": text},
    }


def picker(**fields: Any) -> dict[str, Any]:
    """Return the containers of the picker, which reads its settings from a ConfigMap."""
    container = {
        "name": "epp",
        "image": "registry.k8s.io/gateway-api-inference-extension/epp:v1.3.0",
        "args": ["--pool-name=mistral", "--pool-namespace=llm", "--config-file=/config/a"],
        "volumeMounts": [{"name": "config", "mountPath": "/config"}],
        **fields,
    }
    return {"containers": [container], "volumes": [{"name": "config", "configMap": {"name": "epp"}}]}


def scraped(binding: str, role: str) -> tuple[dict[str, Any], ...]:
    """Return a monitor of the picker, and the rights on its Secret by a binding and a role of some kinds."""
    rights = "rbac.authorization.k8s.io"
    rule = {"apiGroups": [""], "resources": ["secrets"], "resourceNames": ["reader"], "verbs": ["get", "list", "watch"]}
    secret = {"name": "reader", "key": "token"}
    endpoint = {"port": "grpc", "interval": "5s", "authorization": {"credentials": {"secret": secret}}}
    subject = {"kind": "ServiceAccount", "name": "collector", "namespace": "gmp-system"}

    def metadata(kind: str) -> dict[str, Any]:
        return {"name": "llm-reader"} | ({} if kind.startswith("Cluster") else {"namespace": "llm"})

    return (
        {
            "apiVersion": "monitoring.googleapis.com/v1",
            "kind": "PodMonitoring",
            "metadata": {"name": "epp", "namespace": "llm"},
            "spec": {"selector": {"matchLabels": {"inferencepool": "mistral-epp"}}, "endpoints": [endpoint]},
        },
        {"apiVersion": f"{rights}/v1", "kind": role, "metadata": metadata(role), "rules": [rule]},
        {
            "apiVersion": f"{rights}/v1",
            "kind": binding,
            "metadata": metadata(binding),
            "roleRef": {"apiGroup": rights, "kind": role, "name": "llm-reader"},
            "subjects": [subject],
        },
    )


GPU_LABEL = "cloud.google.com/gke-accelerator"


def rollout(surge: object, unavailable: object) -> dict[str, Any]:
    return {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": surge, "maxUnavailable": unavailable}}


def rolling(replicas: int, capacity: int = 4, gpus: int = 1, strategy: Fields = NOTHING) -> Change:
    """Return a server of so many replicas and GPUs, which is updated so, in a cluster of so many GPUs."""
    return Change(
        pod={"nodeSelector": {GPU_LABEL: "nvidia-l4"}},
        container={"resources": {"requests": ASKED, "limits": {"nvidia.com/gpu": gpus}}},
        args=(f"--tensor-parallel-size={gpus}",),
        deployment={"replicas": replicas, "strategy": dict(strategy)},
        config={"capacity": {"nvidia-l4": capacity}},
    )


def claimed(
    mode: str, replicas: int = 1, others: tuple[dict[str, Any], ...] = (), strategy: Fields = NOTHING
) -> Change:
    """Return a server of so many replicas that mounts a claim of a mode."""
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "cache", "namespace": "llm"},
        "spec": {"accessModes": [mode], "resources": {"requests": {"storage": "50Gi"}}},
    }
    return Change(
        pod={"volumes": [CACHE]},
        deployment={"replicas": replicas, "strategy": dict(strategy)},
        objects=(claim, *others),
    )


def mounting(kind: str) -> dict[str, Any]:
    """Return another workload that mounts the claim."""
    pod = {"restartPolicy": "OnFailure", "containers": [{"name": "a", "image": "a/b:v1"}], "volumes": [CACHE]}
    template = {"metadata": {"labels": {"app": "other"}}, "spec": pod}
    selector = {} if kind == "Job" else {"selector": {"matchLabels": {"app": "other"}}}
    return {
        "apiVersion": "batch/v1" if kind == "Job" else "apps/v1",
        "kind": kind,
        "metadata": {"name": "other", "namespace": "llm"},
        "spec": {"template": template, **selector},
    }


CACHE = {"name": "cache", "persistentVolumeClaim": {"claimName": "cache"}}
CLAIM_NAME = f"{POD}.volumes[name=cache].persistentVolumeClaim.claimName"
UNAVAILABLE = "spec.strategy.rollingUpdate.maxUnavailable"
RECREATE = {"type": "Recreate"}
LORA = "lora-affinity-scorer"
CASES = {
    "no request": Case(
        "pod-requests",
        Change(container={"resources": {}}),
        f"{VLLM}.resources.requests",
        "container vllm requests no cpu and no memory",
        Change(container={"resources": {"limits": {"cpu": 6, "memory": "24Gi"}}}),  # requests follow from limits
    ),
    "no request for memory": Case(
        "pod-requests",
        Change(picker=picker(resources={"requests": {"cpu": 4}}), objects=(plugins(LORA),)),
        f"{POD}.containers[name=epp].resources.requests",
        "container epp requests no memory",
        Change(container={"resources": {"requests": ASKED}}),
    ),
    "capabilities that nobody uses": Case(
        "pod-rights",
        Change(container={"securityContext": {"allowPrivilegeEscalation": False}}),
        f"{POD}.securityContext",
        "it has capabilities, but needs none of these",
        Change(container={"securityContext": {**CONTEXT, "capabilities": {"drop": ["all"], "add": ["SYS_PTRACE"]}}}),
    ),
    "a token that nobody uses": Case(
        "pod-rights",
        Change(pod={"automountServiceAccountToken": True}),
        f"{POD}.securityContext",
        "a token for the API server",
        Change(picker={"automountServiceAccountToken": True}),  # a picker asks the API server
    ),
    "system calls that nobody uses": Case(
        "pod-rights",
        Change(pod={"securityContext": {"runAsUser": 0}}),
        f"{POD}.securityContext",
        "all system calls",
        Change(
            pod={"securityContext": {}},
            container={"securityContext": {**CONTEXT, "seccompProfile": {"type": "RuntimeDefault"}}},
        ),
    ),
    "a switch in quotes": Case(
        "built-in-field",
        Change(pod={"automountServiceAccountToken": "false"}),
        f"{POD}.automountServiceAccountToken",
        'found "false", expected true or false',
        Change(pod={"automountServiceAccountToken": False}),
    ),
    "a server that is started by its module": Case(
        "server-start",
        Change(command=BY_MODULE),
        f"{VLLM}.command",
        "vllm serve MODEL",
        Change(command=("vllm", "serve"), args=(MODEL,), without=("--model",)),
    ),
    "a variable that no newer vLLM has": Case(
        "server-variable",
        Change(image=NEWEST, container=environment("VLLM_USE_V1")),
        f"{VLLM}.env[name=VLLM_USE_V1].name",
        "it was there until 0.11",
        Change(image=NEWEST, container=environment("VLLM_OF_TOMORROW")),  # a newer vLLM may have it
    ),
    "a flag that no newer vLLM has": Case(
        "server-flag",
        Change(image="vllm/vllm-openai", args=("--use-v2-block-manager",)),
        f"{VLLM}.args[--use-v2-block-manager]",
        "any more",
        Change(image="acme/vllm-openai:main", args=("--use-v2-block-manager",)),
    ),
    "a syncer beside the server": Case(
        "syncer-order",
        Change(beside=(syncer(),)),
        f"{POD}.containers[name=syncer].name",
        "at the same time as vLLM",
        Change(pod={"initContainers": [syncer(restartPolicy="Always")]}),
    ),
    "a syncer that is process 1": Case(
        "syncer-signal",
        Change(pod={"initContainers": [syncer(restartPolicy="Always")]}),
        f"{POD}.shareProcessNamespace",
        "container syncer ignores SIGTERM",
        Change(pod={"initContainers": [syncer(restartPolicy="Always")], "shareProcessNamespace": True}),
    ),
    "a syncer behind an init process": Case(
        "syncer-signal",
        Change(pod={"initContainers": [syncer(restartPolicy="Always")], "shareProcessNamespace": False}),
        f"{POD}.shareProcessNamespace",
        "the Pod waits for it",
        Change(
            pod={"initContainers": [syncer(restartPolicy="Always", command=["tini", "--", "python", "sidecar.py"])]}
        ),
    ),
    "a picker that knows no adapters": Case(
        "picker-lora",
        Change(args=("--enable-lora",), picker=picker(), objects=(plugins("queue-scorer"),)),
        "data.a > plugins",
        f"no {LORA}",
        Change(args=("--enable-lora",), picker=picker(), objects=(plugins("queue-scorer", LORA),)),
    ),
    "a picker of servers without adapters": Case(
        "picker-lora",
        Change(args=("--enable-lora",), picker=picker(), objects=(plugins("queue-scorer"),)),
        "data.a > plugins",
        f"no {LORA}",
        Change(picker=picker(), objects=(plugins("queue-scorer"),)),
    ),
    "a Secret that may be read everywhere": Case(
        "secret-rights",
        Change(objects=scraped("ClusterRoleBinding", "ClusterRole")),
        "kind",
        "reader can be read in every namespace",
        Change(objects=scraped("RoleBinding", "Role")),
    ),
    "a ClusterRole that is bound in one namespace": Case(
        "secret-rights",
        Change(objects=scraped("ClusterRoleBinding", "ClusterRole")),
        "kind",
        "reader",
        Change(objects=scraped("RoleBinding", "ClusterRole")),
    ),
    "a roll-out that fails before the server has to run": Case(
        "rollout-deadline",
        deadline(None, 600),
        "spec.progressDeadlineSeconds",
        "may take 600 s to start, but the rollout counts as failed after 600 s",
        deadline(None, 599),
    ),
    "a deadline that is too short": Case(
        "rollout-deadline", deadline(900, 1000), "spec.progressDeadlineSeconds", "after 900 s", deadline(1200, 1000)
    ),
    "a claim of one node and Pods on several": Case(
        "claim-shared",
        claimed("ReadWriteOnce", 2, strategy=RECREATE),
        CLAIM_NAME,
        "cache is ReadWriteOnce, but Deployment llm/mistral may run up to 2 Pods",
        claimed("ReadWriteMany", 2),
    ),
    "a claim of one Pod and an update that makes two": Case(
        "claim-shared",
        claimed("ReadWriteOncePod"),
        "spec.strategy.type",
        "a second Pod before it stops the first one",
        claimed("ReadWriteOncePod", strategy=RECREATE),
    ),
    "a claim of one node and an update in place": Case(
        "claim-shared",
        claimed("ReadWriteOnce"),
        "spec.strategy.type",
        "an update starts a second Pod",
        claimed("ReadWriteOnce", strategy=rollout(0, 1)),
    ),
    "a claim of two workloads": Case(
        "claim-shared",
        claimed("ReadWriteOnce", 1, (mounting("StatefulSet"),), RECREATE),
        CLAIM_NAME,
        "Deployment llm/mistral",
        claimed("ReadWriteOnce", 1, (mounting("Job"),), RECREATE),  # it ends, and gives the volume back
    ),
    "no GPU for a new Pod": Case(
        "gpu-surge",
        rolling(3, capacity=3),
        UNAVAILABLE,
        "a new Pod needs 1 of nvidia-l4 before an old one stops, but 0 are free",
        rolling(3, capacity=4),
    ),
    "no GPUs for a new Pod of two": Case(
        "gpu-surge",
        rolling(3, capacity=7, gpus=2),
        UNAVAILABLE,
        "needs 2 of nvidia-l4 before an old one stops, but 1 are free",
        rolling(4, capacity=8, gpus=2),  # a quarter of four may be missing
    ),
    "an update in place": Case(
        "gpu-surge",
        rolling(1, capacity=1),
        UNAVAILABLE,
        "0 are free",
        rolling(1, capacity=1, strategy=rollout(0, "0%")),  # the API makes one of two zeros
    ),
    "an update that waits for nobody": Case(
        "gpu-surge",
        rolling(4, capacity=4, strategy=rollout("10%", 0)),
        UNAVAILABLE,
        "0 are free",
        rolling(4, capacity=4, strategy=RECREATE),
    ),
}
