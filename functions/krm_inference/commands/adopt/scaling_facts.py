"""What manifests say of how many servers there are, of what keeps them, and of who may ask them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from krm_inference.domain.facts.gateway_classes import HEALTH_CHECKS
from krm_inference.domain.facts.scaling import METRICS, NODE, ZONE
from krm_inference.manifests.autoscalers import HORIZONTAL, SCALED_OBJECT
from krm_inference.manifests.index import Index, Kind, meets
from krm_inference.manifests.objects import Field, Object
from krm_inference.manifests.pods import Pod

_BUDGET: Kind = ("policy", "PodDisruptionBudget")
_POLICY: Kind = ("networking.k8s.io", "NetworkPolicy")
_SPREAD = {ZONE: "zone", NODE: "node"}
_NAMESPACE_LABEL = "kubernetes.io/metadata.name"


def scaling(index: Index, pod: Pod, gpus: int) -> dict[str, Any]:
    """Return what of a spec says how many servers with the Pods of one workload there are, and what keeps them."""
    return {
        **_some("autoscaling", _autoscaling(index, pod)),
        **_some("availability", _availability(index, pod, gpus)),
        **_some("networkPolicy", _policy(index, pod)),
    }


def _autoscaling(index: Index, pod: Pod) -> dict[str, Any] | None:
    for scaler in index.of(HORIZONTAL, SCALED_OBJECT):
        if _scales(scaler, pod.object):
            return _keda(scaler) if scaler.kind == SCALED_OBJECT[1] else _horizontal(scaler)
    return None


def _scales(scaler: Object, owner: Object) -> bool:
    target = scaler.at("spec.scaleTargetRef")
    same = (target["kind"].text or "Deployment", target["name"].text) == (owner.kind, owner.name)
    return same and meets(scaler.namespace, owner.namespace)


def _horizontal(scaler: Object) -> dict[str, Any]:
    found: dict[str, Any] = {"scaler": "hpa"}
    found |= _some("minReplicas", scaler.at("spec.minReplicas").number)
    found |= _some("maxReplicas", scaler.at("spec.maxReplicas").number)
    metric = next(iter(scaler.at("spec.metrics")), None)
    if metric is not None:
        found |= _some("metric", _metric(metric.at("pods.metric.name").text))
        found |= _some("target", _amount(metric.at("pods.target.averageValue").value))
    return found | _delay(scaler.at("spec.behavior"))


def _keda(scaler: Object) -> dict[str, Any]:
    found: dict[str, Any] = {"scaler": "keda"}
    found |= _some("minReplicas", scaler.at("spec.minReplicaCount").number)
    found |= _some("maxReplicas", scaler.at("spec.maxReplicaCount").number)
    trigger = next((each["metadata"] for each in scaler.at("spec.triggers") if each["type"].text == "prometheus"), None)
    if trigger is not None:
        found |= _some("metric", _metric(trigger["query"].text))
        found |= _some("target", _amount(trigger["threshold"].value))
        found |= _some("prometheus", trigger["serverAddress"].text or None)
    return found | _delay(scaler.at("spec.advanced.horizontalPodAutoscalerConfig.behavior"))


def _metric(text: str) -> str | None:
    return next((name for name, metric in METRICS.items() if metric in text), None)


def _amount(value: Any) -> Any:
    """Return a quantity as the number that it is; `800m` is 0.8."""
    text = str(value)
    number, part = (text[:-1], 1000) if text.endswith("m") else (text, 1)
    try:
        amount = float(number) / part
    except ValueError:
        return None
    return int(amount) if amount == int(amount) else amount


def _delay(behavior: Field) -> dict[str, Any]:
    return _some("scaleDownDelaySeconds", behavior.at("scaleDown.stabilizationWindowSeconds").number)


def _availability(index: Index, pod: Pod, gpus: int) -> dict[str, Any] | None:
    found: dict[str, Any] = {}
    for budget in _selecting(index, _BUDGET, pod, "spec.selector.matchLabels"):
        found |= _some("maxUnavailable", budget.at("spec.maxUnavailable").number)
    for constraint in pod.spec["topologySpreadConstraints"]:
        found |= _some("spread", _SPREAD.get(constraint["topologyKey"].text))
    surge = pod.object.at("spec.strategy.rollingUpdate.maxSurge").number
    found |= _some("spareGPUs", None if surge is None else surge * gpus)
    found |= _some("priorityClassName", pod.spec["priorityClassName"].text or None)
    return found or None


def _policy(index: Index, pod: Pod) -> dict[str, Any] | None:
    for policy in _selecting(index, _POLICY, pod, "spec.podSelector.matchLabels"):
        peers = [peer for rule in policy.at("spec.ingress") for peer in rule["from"]]
        ranges = [peer.at("ipBlock.cidr").text for peer in peers if peer["ipBlock"].exists]
        spaces = [
            peer.at("namespaceSelector.matchLabels")[_NAMESPACE_LABEL].text
            for peer in peers
            if not peer["podSelector"].exists
        ]
        return {
            "gatewayRanges": [text for text in ranges if text and text not in HEALTH_CHECKS],
            **_some("scraperNamespace", next((name for name in spaces if name), None)),
        }
    return None


def _selecting(index: Index, kind: Kind, pod: Pod, path: str) -> Iterator[Object]:
    """Yield the objects of a kind that mean the Pods, and only these, by their labels at a path."""
    for item in index.of(kind):
        labels = item.at(path).map
        if labels and meets(item.namespace, pod.object.namespace) and labels.items() <= pod.labels.items():
            yield item


def _some(key: str, value: Any) -> dict[str, Any]:
    return {} if value is None else {key: value}
