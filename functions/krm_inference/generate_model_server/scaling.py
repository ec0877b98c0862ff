"""What decides how many servers there are, and what keeps them: an autoscaler, a budget of disruptions, a roll-out."""

from __future__ import annotations

from krm_functions_sdk import because

from krm_inference.domain import scaling
from krm_inference.domain.facts.disaggregation import ROLE_LABEL
from krm_inference.domain.facts.scaling import METRICS, NODE, ZONE, queue_metric
from krm_inference.domain.generation import Table, metadata
from krm_inference.domain.quantities import stored
from krm_inference.domain.service import LLMService
from krm_inference.generate_model_server.access import SET, members_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

FILE = "scaling.yaml"
_KEDA = "keda.sh/v1alpha1"

OWNS: Table = {
    "server ScaledObject": (
        "spec.scaleTargetRef",
        "spec.pollingInterval",
        "spec.cooldownPeriod",
        "spec.minReplicaCount",
        "spec.maxReplicaCount",
        "spec.advanced.horizontalPodAutoscalerConfig.behavior",
        "spec.triggers",
    ),
    "server HorizontalPodAutoscaler": (
        "spec.scaleTargetRef",
        "spec.minReplicas",
        "spec.maxReplicas",
        "spec.metrics",
        "spec.behavior",
    ),
    "server PodDisruptionBudget": (
        "spec.maxUnavailable",
        "spec.selector.matchLabels.app",
        f"spec.selector.matchLabels[{SET}]",
        f"spec.selector.matchLabels[{ROLE_LABEL}]",
        "spec.unhealthyPodEvictionPolicy",
    ),
}


def replicas(service: LLMService) -> dict[str, int]:
    """Return the number of replicas, where it is the intent's."""
    return {} if "autoscaling" in service.spec else {"replicas": service.spec["replicas"]}


def strategy(service: LLMService) -> dict[str, Any]:
    """Return how a roll-out replaces replicas with the GPUs that there are; nothing where that is Kubernetes' own."""
    rolling = _rolling(service)
    return {"strategy": {"type": "RollingUpdate", "rollingUpdate": rolling}} if rolling else {}


def roll_out(service: LLMService) -> dict[str, Any]:
    """Return the same for a LeaderWorkerSet, whose own is one group after the other."""
    rolling = _rolling(service)
    return {"rolloutStrategy": {"type": "RollingUpdate", "rollingUpdateConfiguration": rolling}} if rolling else {}


def _rolling(service: LLMService) -> dict[str, Any]:
    spare = service.spec.get("availability", {}).get("spareGPUs")
    if spare is None:
        return {}
    more, (_, most) = spare // service.gpus, scaling.bounds(service.spec)
    if more:
        surge = because(min(more, max(most, 1)), f"{spare} spare GPUs ÷ {service.gpus} of a replica")
        return {"maxSurge": surge, "maxUnavailable": 0}
    reason = "no spare GPU: a replica goes before the next one comes"
    return {"maxSurge": 0, "maxUnavailable": because(1, reason)}


def placement(service: LLMService) -> dict[str, Any]:
    """Return what of a Pod says beside which others it runs, and how much it counts."""
    said = service.spec.get("availability", {})
    found: dict[str, Any] = {}
    if "priorityClassName" in said:
        found["priorityClassName"] = said["priorityClassName"]
    if "spread" in said:
        constraint = {
            "maxSkew": 1,
            "topologyKey": ZONE if said["spread"] == "zone" else NODE,
            "whenUnsatisfiable": because("ScheduleAnyway", "better in the same place than in none"),
            "labelSelector": {"matchLabels": service.pod_labels},
        }
        found["topologySpreadConstraints"] = [constraint]
    return found


def objects(service: LLMService) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each object that scales or keeps the servers, with its role."""
    said = service.spec.get("autoscaling")
    if said is not None and said["scaler"] == "keda":
        yield "server ScaledObject", _scaled_object(service, said)
    elif said is not None:
        yield "server HorizontalPodAutoscaler", _autoscaler(service, said)
    gone = service.spec.get("availability", {}).get("maxUnavailable")
    if gone is not None:
        spec = {
            "maxUnavailable": gone,
            "selector": {"matchLabels": members_of(service)},
            "unhealthyPodEvictionPolicy": because("AlwaysAllow", "a server that still loads holds no drain up"),
        }
        meta = metadata(service.workload, service)
        yield (
            "server PodDisruptionBudget",
            {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": meta, "spec": spec},
        )


def _target_ref(service: LLMService) -> dict[str, str]:
    if service.machines > 1:
        return {"apiVersion": "leaderworkerset.x-k8s.io/v1", "kind": "LeaderWorkerSet", "name": service.name}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "name": service.name}


def _scaled_object(service: LLMService, said: dict[str, Any]) -> dict[str, Any]:
    wanted, reason = scaling.target(service)
    is_to_zero = said["minReplicas"] == 0
    least: Any = said["minReplicas"]
    cooldown = {}
    if is_to_zero:
        start = round(service.startup.total)
        least = because(0, f"the request that finds no server waits about {start} s for a start, and for a node")
        cooldown = {"cooldownPeriod": because(said["scaleDownDelaySeconds"], "from the last request to no server")}
    load = _trigger(said, _of_servers(service, METRICS[said["metric"]], is_to_zero), because(f"{wanted:g}", reason))
    queued = (
        [
            _trigger(
                said,
                _of_picker(service),
                because(f"{service.sizing.sequences * service.data}", "requests that a replica answers"),
            )
        ]
        if is_to_zero
        else []
    )
    spec = {
        "scaleTargetRef": _target_ref(service),
        "pollingInterval": 15,
        **cooldown,
        "minReplicaCount": least,
        "maxReplicaCount": said["maxReplicas"],
        "advanced": {"horizontalPodAutoscalerConfig": {"behavior": scaling.behavior(service)}},
        "triggers": [load, *queued],
    }
    return {
        "apiVersion": _KEDA,
        "kind": "ScaledObject",
        "metadata": metadata(service.names.base, service),
        "spec": spec,
    }


def _trigger(said: dict[str, Any], query: str, threshold: Any) -> dict[str, Any]:
    metadata_of = {
        "serverAddress": said["prometheus"],
        "query": query,
        "threshold": threshold,
        "ignoreNullValues": because("false", "where Prometheus has no series, the number of replicas stays"),
    }
    return {"type": "prometheus", "metricType": "AverageValue", "metadata": metadata_of}


def _of_servers(service: LLMService, metric: str, is_to_zero: bool) -> str:
    """Return the sum of a metric over the Pods of the Deployment, whose names end in two parts of their own.

    Leaders of a LeaderWorkerSet have a number instead.
    """
    name = service.name.replace(".", "[.]")
    matchers = [f'namespace="{service.namespace}"'] if service.namespace else []
    own = "[0-9]+" if service.machines > 1 else "[a-z0-9]+-[a-z0-9]{5}"
    matchers.append(f'pod=~"{name}-{own}"')
    # Without a server there is no series, and that is no fault then.
    return f"sum({metric}{{{','.join(matchers)}}}){' or vector(0)' if is_to_zero else ''}"


def _of_picker(service: LLMService) -> str:
    where = f',namespace="{service.namespace}"' if service.namespace else ""
    return f'sum({queue_metric(service.spec["release"])}{{inference_pool="{service.name}"{where}}}) or vector(0)'


def _autoscaler(service: LLMService, said: dict[str, Any]) -> dict[str, Any]:
    wanted, reason = scaling.target(service)
    name = METRICS[said["metric"]]
    if service.platform.is_gke:
        name = f"prometheus.googleapis.com|{name}|gauge"
    target = {"type": "AverageValue", "averageValue": because(stored(wanted), reason)}
    spec = {
        "scaleTargetRef": _target_ref(service),
        "minReplicas": said["minReplicas"],
        "maxReplicas": said["maxReplicas"],
        "metrics": [{"type": "Pods", "pods": {"metric": {"name": name}, "target": target}}],
        "behavior": scaling.behavior(service),
    }
    meta = metadata(service.name, service)
    return {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": meta, "spec": spec}
