"""Autoscalers: which metrics they ask for, and the workload that they scale."""

from __future__ import annotations

from collections.abc import Iterator

from krm_inference.domain.record import Record
from krm_inference.manifests.index import Index, meets
from krm_inference.manifests.objects import Field, Object
from krm_inference.manifests.pods import Pod, pods

HORIZONTAL = ("autoscaling", "HorizontalPodAutoscaler")
SCALED_OBJECT = ("keda.sh", "ScaledObject")
_SOURCES = ("pods", "object", "external")


class Asked(Record):
    """A metric or query of an autoscaler, and the Pods of its workload that are here."""

    field: Field
    pods: list[Pod]


def asked(index: Index) -> Iterator[Asked]:
    """Yield the metrics of HorizontalPodAutoscalers, and the Prometheus queries of KEDA's ScaledObjects."""
    for scaler in index.of(HORIZONTAL):
        for metric in scaler.at("spec.metrics"):
            for source in _SOURCES:
                name = metric[source].at("metric.name")
                if name.text:
                    yield Asked(name, _scaled(index, scaler))
    for scaler in index.of(SCALED_OBJECT):
        for trigger in scaler.at("spec.triggers"):
            query = trigger.at("metadata.query")
            if trigger["type"].text == "prometheus" and query.text:
                yield Asked(query, _scaled(index, scaler))


def _scaled(index: Index, scaler: Object) -> list[Pod]:
    target = scaler.at("spec.scaleTargetRef")
    kind, name = target["kind"].text or "Deployment", target["name"].text
    return [
        pod
        for pod in pods(index)
        if (pod.object.kind, pod.object.name) == (kind, name) and meets(pod.object.namespace, scaler.namespace)
    ]
