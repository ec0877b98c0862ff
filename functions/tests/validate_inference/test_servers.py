"""Rules about servers, one sound set of manifests changed in one thing at a time: what is said, where, and what is not.

Each case has a change that a rule finds at a field, and one next to it that is right.
"""

from __future__ import annotations

from typing import Any

import pytest
from cases import POD, VLLM, Case, Change, changed, found
from krm_functions_sdk import MISSING, Resource, ResourceList
from krm_functions_sdk.document import emitter
from krm_inference.domain.amounts import amount
from krm_inference.domain.facts import accelerators
from krm_inference.validate_inference import validate_inference
from krm_inference.validate_inference.rules.draining.timeouts import duration


def tokens(number: int) -> str:
    return f'--override-generation-config={{"max_new_tokens":{number}}}'


NO_BOUND = ("--override-generation-config",)
GRACE, TIMEOUT = f"{POD}.terminationGracePeriodSeconds", f"{VLLM}.args[--shutdown-timeout]"
OTHER_CLASS = "acme"
ROUTE_TIMEOUT = "spec.rules[0].timeouts."

DRAINING = {
    # 57.3 s for the longest answer and 30 s preStop; the safety buffer on top of them is nobody's fault.
    "grace period of drain and preStop, without a buffer": Case(
        "drain-order",
        Change(args=("--shutdown-timeout=58",), pod={"terminationGracePeriodSeconds": 88}),
        TIMEOUT,
        "30 s preStop + 58 s --shutdown-timeout = 88 s, not less than the grace period of 88 s",
        Change(args=("--shutdown-timeout=58",), pod={"terminationGracePeriodSeconds": 89}),
    ),
    "the drain ends before the longest answer": Case(
        "drain-time",
        Change(args=("--shutdown-timeout=57",)),
        TIMEOUT,
        "4096 tokens × 10 ms × 1.4 = 57.3 s for the longest answer, but --shutdown-timeout is 57 s",
        Change(args=("--shutdown-timeout=58",)),
    ),
    "an image without --shutdown-timeout, and a grace period that is too short as well": Case(
        "drain-grace",
        Change(
            without=("--shutdown-timeout",),
            image="registry.example.com/team/vllm-openai:v0.17.1",
            pod={"terminationGracePeriodSeconds": 60},
        ),
        GRACE,
        "57.3 s for the longest answer after 30 s preStop, but the Pod is killed after 60 s",
        Change(args=("--shutdown-timeout=58",), pod={"terminationGracePeriodSeconds": 89}),
    ),
    "no --shutdown-timeout": Case(
        "drain-shutdown-timeout", Change(without=("--shutdown-timeout",)), TIMEOUT, "at SIGTERM vLLM aborts", Change()
    ),
    "vLLM too old for --shutdown-timeout": Case(
        "drain-shutdown-timeout",
        Change(without=("--shutdown-timeout",), image="vllm/vllm-openai:v0.17.1"),
        f"{VLLM}.image",
        "vLLM 0.17 has no --shutdown-timeout yet; it came with 0.18",
        Change(image="vllm/vllm-openai:v0.18.0"),
    ),
    "the picker goes before the servers": Case(
        "drain-picker",
        Change(picker={"terminationGracePeriodSeconds": 129}),
        GRACE,
        "the grace period of its pool's Pods is 130 s, but the picker's is 129 s",
        Change(picker={"terminationGracePeriodSeconds": 130}),
    ),
    "a draining timeout that the API refuses": Case(
        "backend-draining-range",
        Change(policy={"connectionDraining": {"drainingTimeoutSec": 3601}}),
        "spec.default.connectionDraining.drainingTimeoutSec",
        "expected whole seconds from 0 to 3600",
        Change(policy={"connectionDraining": {"drainingTimeoutSec": 3600}}),
    ),
    "a negative draining timeout": Case(
        "backend-draining-range",
        Change(policy={"connectionDraining": {"drainingTimeoutSec": -1}}),
        "spec.default.connectionDraining.drainingTimeoutSec",
        "expected whole seconds from 0 to 3600",
        Change(policy={"connectionDraining": {"drainingTimeoutSec": 58}}),
    ),
    "sh -c without exec": Case(
        "drain-signal",
        Change(
            command=("sh", "-c"),
            container={"args": [f"vllm serve a/b --port=8000 --shutdown-timeout=90 '{tokens(4096)}'"]},
        ),
        f"{VLLM}.args[0]",
        "does not pass SIGTERM on",
        Change(
            command=("sh", "-c"),
            container={"args": [f"exec vllm serve a/b --port=8000 --shutdown-timeout=90 '{tokens(4096)}'"]},
        ),
    ),
    "nothing bounds the output": Case(
        "drain-output-bound",
        Change(without=NO_BOUND),
        f"{VLLM}.args[--override-generation-config]",
        "neither --override-generation-config nor --max-model-len limits the length of an answer",
        Change(without=NO_BOUND, args=("--max-model-len=4k",)),
    ),
    "a generation config without a bound": Case(
        "drain-output-bound",
        Change(args=('--override-generation-config={"temperature":0}',)),
        f"{VLLM}.args[--override-generation-config]",
        "no max_new_tokens here and no --max-model-len",
        Change(args=('--override-generation-config={"temperature":0}', "--max-model-len=4096")),
    ),
    "--max-model-len alone is a bound, and too long a one": Case(
        "drain-time",
        Change(without=NO_BOUND, args=("--max-model-len=8192",)),
        TIMEOUT,
        "8192 tokens × 10 ms × 1.4 = 114.7 s",
        Change(without=NO_BOUND, args=("--max-model-len=4K",)),
    ),
    "of two bounds the lower one counts": Case(
        "drain-time",
        Change(args=(tokens(30000), "--max-model-len=8K")),
        TIMEOUT,
        "8192 tokens × 10 ms",
        Change(args=(tokens(30000), "--max-model-len=4096")),
    ),
    "the load balancer's timeout": Case(
        "backend-timeout",
        Change(policy={"timeoutSec": 57}),
        "spec.default.timeoutSec",
        "57.3 s for the longest answer, but it is cut off after 57 s",
        Change(policy={"timeoutSec": 58}),
    ),
    "no policy behind a Gateway of GKE": Case(
        "backend-policy",
        Change(without=("GCPBackendPolicy",)),
        "metadata.name",
        "no GCPBackendPolicy targets this pool, so Gateway llm/inference-gateway cuts off answers after",
        Change(without=("GCPBackendPolicy",), gateway_class=OTHER_CLASS),
    ),
    "a route's timeout": Case(
        "route-timeout",
        Change(gateway_class=OTHER_CLASS, route={"timeouts": {"request": "57s"}}),
        f"{ROUTE_TIMEOUT}request",
        "57.3 s for the longest answer, but it is cut off after 57s",
        Change(gateway_class=OTHER_CLASS, route={"timeouts": {"request": "0s"}}),
    ),
    "a route's timeout of the backend": Case(
        "route-timeout",
        Change(gateway_class=OTHER_CLASS, route={"timeouts": {"request": "5m", "backendRequest": "20s500ms"}}),
        f"{ROUTE_TIMEOUT}backendRequest",
        "cut off after 20s500ms",
        Change(gateway_class=OTHER_CLASS, route={"timeouts": {"request": "5m", "backendRequest": "1m"}}),
    ),
    "a route's timeout on GKE": Case(
        "route-timeout-refused",
        Change(route={"timeouts": {"request": "10s"}}),
        f"{ROUTE_TIMEOUT}request",
        "Gateway llm/inference-gateway is of class gke-l7-rilb, which refuses a route with timeouts",
        Change(route={}),
    ),
}


L4, H100 = "nvidia-l4", "nvidia-h100-80gb"
LIMIT, REQUEST = f"{VLLM}.resources.limits[nvidia.com/gpu]", f"{VLLM}.resources.requests[nvidia.com/gpu]"
SELECTOR = f"{POD}.nodeSelector[cloud.google.com/gke-accelerator]"
DISK = {"ephemeral-storage": "20Gi"}
SHM = {"name": "shm", "mountPath": "/dev/shm"}


def on(accelerator: str, gpus: object = 1, request: object = None, **others: Any) -> dict[str, Any]:
    """Return the changes of a server that gets so many GPUs of an accelerator."""
    requests = DISK | ({} if request is None else {"nvidia.com/gpu": request})
    limits = {} if gpus is None else {"nvidia.com/gpu": gpus}
    pod = {"nodeSelector": {"cloud.google.com/gke-accelerator": accelerator}} | others.pop("pod", {})
    container = {"resources": {"requests": requests, "limits": limits}} | others.pop("container", {})
    return {"pod": pod, "container": container} | others


def by_affinity(accelerator: str) -> dict[str, Any]:
    expression = {"key": "cloud.google.com/gke-accelerator", "operator": "In", "values": [accelerator]}
    terms = [{"matchExpressions": [expression]}]
    node = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}
    return {"pod": {"affinity": {"nodeAffinity": node}}}


def scaler(kind: str, most: dict[str, int]) -> dict[str, Any]:
    return {
        "apiVersion": "autoscaling/v2" if kind == "HorizontalPodAutoscaler" else "keda.sh/v1alpha1",
        "kind": kind,
        "metadata": {"name": "mistral", "namespace": "llm"},
        "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "mistral"}, **most},
    }


def group(leader: int, size: int, *, has_leader: bool = True, surge: int | None = None) -> dict[str, Any]:
    """Return a LeaderWorkerSet of a replica, whose workers have a GPU each; with `surge` no replica may be missing."""

    def pod(gpus: int) -> dict[str, Any]:
        selector = {"cloud.google.com/gke-accelerator": L4}
        container = {"name": "c", "image": "a/b:v1", "resources": {"limits": {"nvidia.com/gpu": gpus}}}
        return {"spec": {"nodeSelector": selector, "containers": [container]}}

    template = {"size": size, "workerTemplate": pod(1)} | ({"leaderTemplate": pod(leader)} if has_leader else {})
    return {
        "apiVersion": "leaderworkerset.x-k8s.io/v1",
        "kind": "LeaderWorkerSet",
        "metadata": {"name": "group", "namespace": "llm"},
        "spec": {
            "leaderWorkerTemplate": template,
            **({} if surge is None else {"rolloutStrategy": {"rollingUpdateConfiguration": rolling(surge)}}),
        },
    }


def rolling(surge: int) -> dict[str, int]:
    return {"maxSurge": surge, "maxUnavailable": 0}


def claim(size: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "cache", "namespace": "llm"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}},
    }


def cached(volume: dict[str, Any], path: str = "/root/.cache/huggingface", **container: Any) -> dict[str, Any]:
    """Return the changes of a server that keeps its downloads in a volume."""
    mounts = {"volumeMounts": [{"name": "cache", "mountPath": path}], "resources": {"requests": DISK}}
    return {"pod": {"volumes": [{"name": "cache", **volume}]}, "container": mounts | container}


def shared(volume: dict[str, Any]) -> dict[str, Any]:
    return on(H100, 2, pod={"volumes": [{"name": "shm", **volume}]}, container={"volumeMounts": [SHM]})


def of_disk(size: str) -> dict[str, Any]:
    return {"container": {"resources": {"requests": DISK, "limits": {"ephemeral-storage": size}}}}


TWO, SHORT = "--tensor-parallel-size=2", "--max-model-len=8192"
MEMORY = {"emptyDir": {"medium": "Memory", "sizeLimit": "2Gi"}}
CLAIMED = {"persistentVolumeClaim": {"claimName": "cache"}}

HARDWARE = {
    "a number from a variable": Case(
        "shm-volume",
        Change(args=("--tensor-parallel-size=$(GPUS)",), container={"env": [{"name": "GPUS", "value": "2"}]}),
        f"{VLLM}.volumeMounts",
        "2 GPUs share memory through /dev/shm",
        Change(args=("--tensor-parallel-size=$(GPUS)",), container={"env": [{"name": "GPUS", "value": "1"}]}),
    ),
    "a number from a variable that is written of another": Case(
        "shm-volume",
        Change(
            args=("--tensor-parallel-size=$(GPUS)",),
            container={"env": [{"name": "MANY", "value": "2"}, {"name": "GPUS", "value": "$(MANY)"}]},
        ),
        f"{VLLM}.volumeMounts",
        "2 GPUs share memory through /dev/shm",
        Change(
            args=("--tensor-parallel-size=$$(GPUS)",),
            container={"env": [{"name": "MANY", "value": "2"}, {"name": "GPUS", "value": "$(MANY)"}]},
        ),
    ),
    "replicas and GPUs against the capacity": Case(
        "gpu-capacity",
        Change(**on(H100, 4), config={"capacity": {H100: 7}}),
        "spec.replicas",
        "Deployment llm/mistral 2 × 4 = 8 GPUs of nvidia-h100-80gb, but the cluster has 7",
        Change(**on(H100, 4), config={"capacity": {H100: 8}}),
    ),
    "the most to which an autoscaler scales": Case(
        "gpu-capacity",
        Change(
            **on(L4), config={"capacity": {L4: 8}}, objects=(scaler("HorizontalPodAutoscaler", {"maxReplicas": 9}),)
        ),
        "spec.maxReplicas",
        "HorizontalPodAutoscaler llm/mistral 9 × 1 = 9 GPUs of nvidia-l4, but the cluster has 8",
        Change(
            **on(L4), config={"capacity": {L4: 9}}, objects=(scaler("HorizontalPodAutoscaler", {"maxReplicas": 9}),)
        ),
    ),
    "the default of KEDA": Case(
        "gpu-capacity",
        Change(**on(L4), config={"capacity": {L4: 99}}, objects=(scaler("ScaledObject", {}),)),
        "spec.maxReplicaCount",
        "ScaledObject llm/mistral 100 × 1 = 100 GPUs",
        Change(**on(L4), config={"capacity": {L4: 100}}, objects=(scaler("ScaledObject", {}),)),
    ),
    "a group of a leader and workers": Case(
        "gpu-capacity",
        Change(objects=(group(2, 4),), config={"capacity": {L4: 4}}),
        "spec.replicas",
        "LeaderWorkerSet llm/group 1 × 2, LeaderWorkerSet llm/group 1 × 3 = 5 GPUs",
        Change(objects=(group(2, 4),), config={"capacity": {L4: 5}}),
    ),
    "a group of workers alone": Case(
        "gpu-capacity",
        Change(objects=(group(0, 4, has_leader=False),), config={"capacity": {L4: 3}}),
        "spec.replicas",
        "LeaderWorkerSet llm/group 1 × 4 = 4 GPUs",
        Change(objects=(group(0, 4, has_leader=False),), config={"capacity": {H100: 0}}),
    ),
    "a roll-out of groups for which there is no room": Case(
        "gpu-surge",
        Change(objects=(group(2, 4, surge=1),), config={"capacity": {L4: 9}}),
        "spec.rolloutStrategy.rollingUpdateConfiguration.maxUnavailable",
        "a new group needs 5 of nvidia-l4 before an old one stops, but 4 are free",
        Change(objects=(group(2, 4, surge=1),), config={"capacity": {L4: 10}}),
    ),
    "a size that is no quantity": Case(
        "resource-quantity",
        Change(**cached({"emptyDir": {"sizeLimit": "20 GB"}})),
        f"{POD}.volumes[name=cache].emptyDir.sizeLimit",
        "found 20 GB, expected a quantity",
        Change(**cached({"emptyDir": {"sizeLimit": "20G"}})),
    ),
    "a request that is more than the limit": Case(
        "resource-quantity",
        Change(container={"resources": {"requests": DISK | {"memory": "3Gi"}, "limits": {"memory": "3000Mi"}}}),
        f"{VLLM}.resources.requests.memory",
        "found 3Gi, more than the limit of 3000Mi",
        Change(container={"resources": {"requests": DISK | {"memory": "3Gi"}, "limits": {"memory": "3072Mi"}}}),
    ),
    "GPUs only in requests": Case(
        "gpu-request",
        Change(**on(L4, None, 1)),
        LIMIT,
        "requests has 1, but limits has no nvidia.com/gpu",
        Change(**on(L4, 1)),
    ),
    "other GPUs in requests than in limits": Case(
        "gpu-request", Change(**on(L4, 2, 1)), REQUEST, "found 1, but the limit is 2", Change(**on(L4, "1", 1))
    ),
    "half a GPU": Case(
        "gpu-request", Change(**on(L4, "500m")), LIMIT, "expected a whole number of devices", Change(**on(L4, "1"))
    ),
    "more GPUs than parts of the model": Case(
        "gpu-idle",
        Change(**on(H100, 2)),
        LIMIT,
        "the container gets 2 GPUs, but vLLM uses 1. Raise --tensor-parallel-size, or lower the limit",
        Change(**on(H100)),
    ),
    "fewer GPUs than parts of the model": Case(
        "gpu-count",
        Change(**on(H100, 2), args=(TWO, "--pipeline-parallel-size=2")),
        LIMIT,
        "vLLM needs 2 × 2 = 4 GPUs, but the container gets 2",
        Change(**on(H100, 2), args=(TWO,)),
    ),
    "more GPUs than a machine has": Case(
        "gpu-machine",
        Change(**on(L4, 16)),
        LIMIT,
        "16 GPUs, but a machine with nvidia-l4 has at most 8",
        Change(**on("nvidia-tesla-a100", 16)),
    ),
    "an accelerator that is asked for by affinity": Case(
        "gpu-machine",
        Change(pod=by_affinity(L4)["pod"], container={"resources": {"limits": {"nvidia.com/gpu": 16}}}),
        LIMIT,
        "a machine with nvidia-l4 has at most 8",
        Change(pod=by_affinity(L4)["pod"], container={"resources": {"limits": {"nvidia.com/gpu": 8}}}),
    ),
    "heads that three GPUs cannot share": Case(
        "gpu-heads",
        Change(**on(H100, 3), args=("--tensor-parallel-size=3",)),
        f"{VLLM}.args[--tensor-parallel-size]",
        "32 attention heads cannot be split over 3 GPUs",
        Change(**on(H100, 4), args=("--tensor-parallel-size=4",)),
    ),
    "a slip in the name of an accelerator": Case(
        "accelerator-misspelt",
        Change(**on("nvidia-h100-80g")),
        SELECTOR,
        "did you mean nvidia-h100-80gb?",
        Change(**on("nvidia-gb300")),
    ),
    "an accelerator of which nothing is known": Case(
        "accelerator-unknown",
        Change(**on("nvidia-gb300")),
        SELECTOR,
        "1 Pod: GPUs and memory are not checked, because the accelerator is in no table: nvidia-gb300",
        Change(**on(L4)),
    ),
    "weights and one sequence are too much": Case(
        "gpu-memory",
        Change(**on("nvidia-tesla-a100"), args=("--gpu-memory-utilization=0.4", "--max-model-len=32K")),
        f"{VLLM}.args[--max-model-len]",
        "13.5 GiB of weights (7.25B × 2 bytes) + 4.0 GiB of KV cache for one sequence (32768 tokens × 128 KiB)",
        Change(**on("nvidia-tesla-a100"), args=("--gpu-memory-utilization=0.5", "--max-model-len=32K")),
    ),
    "little is left for activations": Case(
        "gpu-memory-tight",
        Change(**on("nvidia-tesla-a100"), args=("--gpu-memory-utilization=0.4", SHORT)),
        f"{VLLM}.args[--max-model-len]",
        "= 14.5 GiB on each GPU, where vLLM may use 39.4 GiB × 0.4 = 15.8 GiB, about 1.8 GiB of it",
        Change(**on("nvidia-tesla-a100"), args=("--gpu-memory-utilization=0.45", SHORT)),
    ),
    "more sequences are admitted than fit": Case(
        "gpu-memory-sequences",
        Change(**on(L4), args=(SHORT, "--max-num-seqs=6")),
        f"{VLLM}.args[--max-num-seqs]",
        "(22.0 GiB × 0.92 = 20.3 GiB - 1.8 GiB for activations - 13.5 GiB of weights and adapters)"
        " ÷ 1.0 GiB for 8192 tokens = 4 sequences at once, not 6",
        Change(**on(L4), args=(SHORT, "--max-num-seqs=4")),
    ),
    "a claim that is too small": Case(
        "storage-weights",
        Change(**cached(CLAIMED), objects=(claim("10Gi"),)),
        "spec.resources.requests.storage",
        "13.5 GiB of weights (7.25B × 2 bytes) do not fit into a claim of 10Gi",
        Change(**cached(CLAIMED), objects=(claim("20Gi"),)),
    ),
    "a claim of its own that is too small": Case(
        "storage-weights",
        Change(**cached({"ephemeral": {"volumeClaimTemplate": {"spec": claim("13G")["spec"]}}})),
        f"{POD}.volumes[name=cache].ephemeral.volumeClaimTemplate.spec.resources.requests.storage",
        "do not fit into a claim of 13G",
        Change(**cached({"ephemeral": {"volumeClaimTemplate": {"spec": claim("15G")["spec"]}}})),
    ),
    "an emptyDir that is too small": Case(
        "storage-weights",
        Change(
            **cached(
                {"emptyDir": {"sizeLimit": "8Gi"}}, "/data", env=[{"name": "HF_HOME", "value": "/data/huggingface"}]
            )
        ),
        f"{POD}.volumes[name=cache].emptyDir.sizeLimit",
        "do not fit into an emptyDir of 8Gi",
        Change(**cached({"emptyDir": {"sizeLimit": "8Gi"}}, "/elsewhere")),
    ),
    "a limit that is too small": Case(
        "storage-weights",
        Change(**of_disk("10Gi")),
        f"{VLLM}.resources.limits.ephemeral-storage",
        "do not fit into a limit of 10Gi",
        Change(**of_disk("20Gi")),
    ),
    "no request for room": Case(
        "storage-request",
        Change(container={"resources": {}}),
        f"{VLLM}.resources.requests.ephemeral-storage",
        "13.5 GiB of weights (7.25B × 2 bytes) go to the node's disk, but no ephemeral-storage is requested (GKE",
        Change(**cached(CLAIMED, resources={})),
    ),
    "a request for too little room": Case(
        "storage-request",
        Change(container={"resources": {"requests": {"ephemeral-storage": "1Gi"}}}),
        f"{VLLM}.resources.requests.ephemeral-storage",
        "go to the node's disk, but only 1Gi of ephemeral-storage is requested",
        Change(container={"resources": {}}, args=("--load-format=runai_streamer",)),
    ),
    "several GPUs without shared memory": Case(
        "shm-volume",
        Change(**on(H100, 2), args=(TWO,)),
        f"{VLLM}.volumeMounts",
        "2 GPUs share memory through /dev/shm, which has only 64 MiB by default",
        Change(**shared(MEMORY), args=(TWO,)),
    ),
    "shared memory on a disk": Case(
        "shm-volume",
        Change(**shared({"emptyDir": {}}), args=(TWO,)),
        f"{POD}.volumes[name=shm].emptyDir.medium",
        "/dev/shm is on a disk",
        Change(**on(H100, 2, pod={"hostIPC": True}), args=(TWO,)),
    ),
    "shared memory without a limit": Case(
        "shm-limit",
        Change(**shared({"emptyDir": {"medium": "Memory"}}), args=(TWO,)),
        f"{POD}.volumes[name=shm].emptyDir.sizeLimit",
        "/dev/shm counts as memory of the Pod and has no limit of its own",
        Change(**shared(MEMORY), args=(TWO,)),
    ),
}


def synced(*present: str, absent: tuple[str, ...] = (), key: str = "ensureExist") -> dict[str, Any]:
    """Return the changes of a server whose adapters a syncer loads from a ConfigMap."""
    parts = {key: present, "ensureNotExist": absent}
    config = {
        part: {"models": [{"id": name, "source": "a/b"} for name in names]} for part, names in parts.items() if names
    }
    config_map = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "adapters", "namespace": "llm"},
        "data": {"adapters.yaml": emitter.document({"vLLMLoRAConfig": {"port": 8000, **config}})},
    }
    return {"pod": {"volumes": [{"name": "adapters", "configMap": {"name": "adapters"}}]}, "objects": (config_map,)}


def modules(*values: str) -> Change:
    return Change(args=("--lora-modules", *values))


def picker_container(version: str, metric: str = "") -> dict[str, Any]:
    args = ["--pool-name=mistral", "--pool-namespace=llm"]
    args += [f"--kv-cache-usage-percentage-metric={metric}"] if metric else []
    image = f"registry.k8s.io/gateway-api-inference-extension/epp:{version}"
    return {"name": "epp", "image": image, "args": args, "ports": [{"name": "grpc", "containerPort": 9002}]}


def told(pool: str, namespace: str) -> dict[str, Any]:
    return picker_container("v1.3.0") | {"args": [f"--pool-name={pool}", f"--pool-namespace={namespace}"]}


def beside_syncer() -> dict[str, Any]:
    syncer: dict[str, Any] = {"name": "syncer", "image": "a/lora-syncer:v1", "restartPolicy": "Always"}
    syncer |= {"env": [{"name": "DYNAMIC_LORA_ROLLOUT_CONFIG", "value": "/config/adapters.yaml"}]}
    return {"pod": {"initContainers": [syncer]}}


SERVICE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "vllm", "namespace": "llm"},
    "spec": {"selector": {"app": "mistral"}, "ports": [{"port": 8000}]},
}
SETTINGS = "data[adapters.yaml] > vLLMLoRAConfig"
ADAPTER = f"{SETTINGS}.ensureExist.models[0].id"
MODEL = "mistralai/Mistral-7B-Instruct-v0.3"

VLLM_CASES = {
    "an adapter twice in the settings of a syncer": Case(
        "lora-adapter-name",
        Change(**synced("a", "b", "a")),
        f"{SETTINGS}.ensureExist.models[2].id",
        "a: the name is used twice",
        Change(**synced("a", "b")),
    ),
    "an adapter of the model's name": Case(
        "lora-adapter-name",
        Change(**synced(MODEL)),
        ADAPTER,
        f"{MODEL}: this is the name of the model",
        Change(**synced(MODEL), args=("--served-model-name=other",)),
    ),
    "an adapter of the name under which the model is served": Case(
        "lora-adapter-name",
        Change(**synced("chat"), args=("--served-model-name", "mistral", "chat")),
        ADAPTER,
        "chat: this is the name of the model",
        Change(**synced("chat-a"), args=("--served-model-name", "mistral", "chat")),
    ),
    "an adapter outside of its folder": Case(
        "lora-adapter-name",
        Change(**synced("../../etc", "a")),
        ADAPTER,
        "../../etc: ../ leads out of the folder of adapters",
        Change(**synced("team/a..b")),
    ),
    "an adapter that shall and shall not be loaded": Case(
        "lora-adapter-name",
        Change(**synced("a", absent=("a", "b"))),
        f"{SETTINGS}.ensureNotExist.models[0].id",
        "a: it is in ensureExist and in ensureNotExist, so the syncer neither loads nor unloads it",
        Change(**synced("a", absent=("b",))),
    ),
    "a key that the syncer does not read": Case(
        "syncer-settings",
        Change(**synced("a", key="ensureExists")),
        f"{SETTINGS}.ensureExists",
        "the syncer does not read ensureExists in vLLMLoRAConfig; did you mean ensureExist?",
        Change(**synced("a")),
    ),
    "a module twice": Case(
        "lora-adapter-name",
        modules("a=/x", '{"name": "a", "path": "/y"}'),
        f"{VLLM}.args[--lora-modules]",
        "a: the name is used twice",
        modules("a=/x", '{"name": "b", "path": "/y"}'),
    ),
    "a module of the model's name": Case(
        "lora-adapter-name",
        modules("a=/x", f"{MODEL}=/y"),
        f"{VLLM}.args[--lora-modules]",
        "this is the name of the model",
        modules("a=/x"),
    ),
    "a module outside of its folder": Case(
        "lora-adapter-name",
        modules("../a=/x"),
        f"{VLLM}.args[--lora-modules]",
        "leads out of the folder",
        modules("a=../x"),
    ),
    "a module without a path": Case(
        "server-flag-value",
        modules("a=/x", "b"),
        f"{VLLM}.args[--lora-modules]",
        "found b, expected name=path, or a JSON object with name and path",
        modules("a=/x", "b=/y"),
    ),
    "a level of compilation": Case(
        "server-flag-value",
        Change(args=("--compilation-config=3",)),
        f"{VLLM}.args[--compilation-config]",
        "found 3, expected a JSON object; write a level as -O3",
        Change(args=("--compilation-config=3",), image="vllm/vllm-openai:v0.8.5"),
    ),
    "a limit of images as a pair": Case(
        "server-flag-value",
        Change(args=("--limit-mm-per-prompt=image=2",)),
        f"{VLLM}.args[--limit-mm-per-prompt]",
        "found image=2, expected a JSON object",
        Change(args=('--limit-mm-per-prompt={"image": 2}',)),
    ),
    "a switch with a value": Case(
        "server-flag-value",
        Change(args=("--enable-prefix-caching", "False")),
        f"{VLLM}.args[--enable-prefix-caching]",
        "vLLM reads False as the name of a model",
        Change(args=("--no-enable-prefix-caching",)),
    ),
    "a number that is none": Case(
        "server-flag-value",
        Change(args=("--tensor-parallel-size=two",)),
        f"{VLLM}.args[--tensor-parallel-size]",
        "found two, expected a whole number",
        Change(args=("--tensor-parallel-size=$(UNKNOWN)",), container={"envFrom": [{"configMapRef": {"name": "x"}}]}),
    ),
    "a share of more than all": Case(
        "server-flag-value",
        Change(args=("--gpu-memory-utilization=90",)),
        f"{VLLM}.args[--gpu-memory-utilization]",
        "found 90, expected a fraction above 0 and up to 1",
        Change(args=("--gpu-memory-utilization=.9",)),
    ),
    "a length with a wrong unit": Case(
        "server-flag-value",
        Change(args=("--max-model-len=8KB",)),
        f"{VLLM}.args[--max-model-len]",
        "found 8KB, expected a number such as 8192, 8k or 8K",
        Change(args=("--max-model-len=auto",)),
    ),
    "a generation config that is no JSON": Case(
        "server-flag-value",
        Change(args=("--override-generation-config={max_new_tokens:4096}",)),
        f"{VLLM}.args[--override-generation-config]",
        "expected a JSON object",
        Change(),
    ),
    "no metrics behind a picker": Case(
        "server-metrics",
        Change(args=("--disable-log-stats",)),
        f"{VLLM}.args[--disable-log-stats]",
        "the server has no vllm: metrics",
        Change(args=("--disable-log-stats",), without=("InferencePool",)),
    ),
    "fewer adapters in host memory than in slots": Case(
        "lora-slots",
        Change(args=("--enable-lora", "--max-loras=4", "--max-cpu-loras=3")),
        f"{VLLM}.args[--max-cpu-loras]",
        "--max-cpu-loras 3 is less than --max-loras 4",
        Change(args=("--enable-lora", "--max-loras=4", "--max-cpu-loras=4")),
    ),
    "a metric that the server does not emit": Case(
        "picker-metric",
        Change(picker={"containers": [picker_container("v1.0.0")]}),
        f"{POD}.containers[name=epp].args[--kv-cache-usage-percentage-metric]",
        "the picker reads vllm:gpu_cache_usage_perc, but vLLM in its pool emits vllm:kv_cache_usage_perc",
        Change(picker={"containers": [picker_container("v1.0.0", "vllm:kv_cache_usage_perc")]}),
    ),
    "a picker of another pool": Case(
        "picker-pool",
        Change(picker={"containers": [told("chat", "llm")]}),
        f"{POD}.containers[name=epp].args[--pool-name]",
        "no InferencePool chat; there is: mistral. If the flag takes it from a variable, kustomize can rename it",
        Change(picker={"containers": [told("mistral", "llm")]}),
    ),
    "a picker of another namespace": Case(
        "picker-pool",
        Change(picker={"containers": [told("mistral", "default")]}),
        f"{POD}.containers[name=epp].args[--pool-namespace]",
        "not in default. If the flag takes it from the downward API, it follows the namespace that kustomize sets",
        Change(picker={"containers": [told("mistral", "llm")]}),
    ),
    "a key beside a syncer": Case(
        "syncer-api-key",
        Change(**beside_syncer(), args=("--api-key=$(KEY)",)),
        f"{VLLM}.args[--api-key]",
        "the LoRA syncer beside the server sends no key",
        Change(args=("--api-key=$(KEY)",)),
    ),
    "a Service that sets VLLM_PORT": Case(
        "service-links",
        Change(objects=(SERVICE,)),
        f"{POD}.enableServiceLinks",
        "makes Kubernetes set VLLM_PORT=tcp://",
        Change(objects=(SERVICE,), pod={"enableServiceLinks": False}),
    ),
}


CASES = DRAINING | HARDWARE | VLLM_CASES


# Its picker is of no known release, and nothing says on which GPUs its server runs.
NOT_CHECKED = {"accelerator-unknown", "picker-unknown"}


def faults(change: Change) -> list[str]:
    return [rule for rule, _, _ in found(change) if rule not in NOT_CHECKED]


def test_the_set_to_be_changed_is_sound() -> None:
    assert faults(Change()) == []


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("10s", 10), ("1h30m", 5400), ("500ms", 0.5), ("1m20s500ms", 80.5), ("0s", 0), ("10", None), ("1d", None)],
)
def test_durations_of_the_gateway_api(text: str, seconds: float | None) -> None:
    assert duration(text) == seconds


def test_no_fault_is_found_twice() -> None:
    """A policy that went astray is reported itself, and so is the drain that is shorter than the longest answer."""
    for change, rules in (
        (Change(args=("--shutdown-timeout=20",), pod={"terminationGracePeriodSeconds": 60}), ["drain-time"]),
        (Change(route={"timeouts": {"request": "10s"}}), ["route-timeout-refused"]),
    ):
        assert faults(change) == rules


@pytest.mark.parametrize(
    ("ports", "proposed"),
    [
        ([{"port": 80, "targetPort": 9002}], [80]),
        ([{"name": "metrics", "port": 9090}, {"name": "grpc", "port": 80, "targetPort": 9002}], [80]),
        ([{"port": 80}], []),  # it leads to no port on which the picker listens
    ],
)
def test_a_proposed_port_of_a_service_leads_to_the_picker(ports: list[dict[str, Any]], proposed: list[int]) -> None:
    """Of the ports of a picker's Service the one is proposed that leads to the picker, where one does."""
    items = changed(Change())
    [service] = [item for item in items if item["kind"] == "Service"]
    service["spec"]["ports"] = ports
    resources = ResourceList([Resource(emitter.document(item)) for item in items])
    validate_inference(resources)
    [said] = [result for result in resources.results if result.tags["rule"] == "picker-service-port"]
    assert ([] if said.proposed is MISSING else [said.proposed]) == proposed


@pytest.mark.parametrize(
    ("change", "proposed"),
    [
        # 57.3 s for the longest answer after 30 s preStop.
        (Change(args=("--shutdown-timeout=90",), pod={"terminationGracePeriodSeconds": 100}), "--shutdown-timeout=60"),
        (Change(args=("--shutdown-timeout=90",), pod={"terminationGracePeriodSeconds": 90}), None),
        (Change(without=("--shutdown-timeout",)), "--shutdown-timeout=90"),
        (Change(without=("--shutdown-timeout",), pod={"terminationGracePeriodSeconds": 60}), "--shutdown-timeout=90"),
    ],
)
def test_a_proposed_timeout_covers_the_longest_answer(change: Change, proposed: str | None) -> None:
    """Where the grace period is too short for that, the timeout is one that goes with the proposed grace period."""
    resources = ResourceList([Resource(emitter.document(item)) for item in changed(change)])
    validate_inference(resources)
    found = [item.proposed for item in resources.results if item.field == TIMEOUT]
    assert found == [proposed or MISSING]


CAPACITY = {"nvidia-h100-80gb": 7}


@pytest.mark.parametrize(
    ("config", "fields"),
    [
        ({"kind": "ConfigMap", "apiVersion": "v1", "data": {"capacity.nvidia-h100-80gb": "7"}}, ["spec.replicas"]),
        (
            {"kind": "ConfigMap", "apiVersion": "v1", "data": {"capacity.nvidia-h100-80gb": "many"}},
            ["data[capacity.nvidia-h100-80gb]"],
        ),
        ({"spec": {"capacity": CAPACITY}}, ["spec.replicas"]),
        ({"spec": {"capacity": CAPACITY, "severity": {"gpu-capacity": "off"}}}, []),
        ({"spec": {"capacity": {"nvidia-h100-80gb": -1}}}, ["spec.capacity.nvidia-h100-80gb"]),
    ],
)
def test_the_function_config_says_how_many_gpus_there_are(config: dict[str, Any], fields: list[str]) -> None:
    whole = {"apiVersion": "fn.kpt.dev/v1alpha1", "kind": "ValidateInference", "metadata": {"name": "x"}} | config
    items = [Resource(emitter.document(item)) for item in changed(Change(**on(H100, 4)))]
    resources = ResourceList(items, Resource(emitter.document(whole)))
    validate_inference(resources)
    assert [item.field for item in resources.results if item.severity == "error"] == fields


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("nvidia-h100-80g", "nvidia-h100-80gb"),
        ("NVIDIA_L4", "nvidia-l4"),
        ("nvidia-t4", "nvidia-tesla-t4"),
        ("nvidia-tesla-a100-80gb", "nvidia-a100-80gb"),
        ("h200-141gb", "nvidia-h200-141gb"),
        ("nvidia-gb200", None),
        ("nvidia-gb300", None),
        ("nvidia-rtx-pro-6000-vws", None),
        ("nvidia-b300", None),
        ("nvidia-tesla-k80", None),
        ("nvidia-tesla-h100", None),
        ("nvidia-b400", None),
        ("nvidia-rtx-6000", "nvidia-rtx-pro-6000"),
        ("nvidia-h100", "nvidia-h100-80gb"),
        ("nvidia", None),
        ("tpu-v6e-slice", None),
    ],
)
def test_the_accelerator_that_was_meant(name: str, expected: str | None) -> None:
    assert accelerators.meant(name) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1Gi", 2**30), ("500m", 0.5), ("1.5k", 1500), ("1e3", 1000), ("2E", 2e18), (3, 3), ("1Gib", None), (True, None)],
)
def test_quantities(text: object, expected: float | None) -> None:
    assert amount(text) == expected
