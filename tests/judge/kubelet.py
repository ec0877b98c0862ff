"""The part of a kubelet that a roll-out waits for: it makes Pods ready, and takes those away that are to go."""

from __future__ import annotations

from typing import NamedTuple

from tests.judge import pickers
from tests.judge.client import Object
from tests.judge.cluster import Cluster


class Glance(NamedTuple):
    """How many Pods of a picker there were at one moment: all that run, and those that are ready among them."""

    running: int
    ready: int


class Kubelet:
    """Looks after the Pods of one namespace, a step at a time."""

    def __init__(self, cluster: Cluster, namespace: str) -> None:
        self.cluster, self.namespace = cluster, namespace
        self.unfit: list[str] = []
        self.glances: list[Glance] = []

    def step(self) -> None:
        """Do what is due now, and remember how many pickers were there before and after."""
        self.look()
        for pod in self.pods():
            if "deletionTimestamp" in pod["metadata"]:
                self.cluster.admin.ask("DELETE", self.cluster.admin.path(pod), gracePeriodSeconds="0")
            elif not ready(pod):
                self._start(pod)
            self.look()

    def look(self) -> None:
        there = [pod for pod in self.pods() if pickers.SELECTOR in pod["metadata"].get("labels", {})]
        self.glances.append(Glance(len(there), sum(ready(pod) for pod in there)))

    def pods(self) -> list[Object]:
        return self.cluster.admin.list("v1", "Pod", self.namespace)

    def _start(self, pod: Object) -> None:
        """Make a Pod ready; a picker's only if the real one starts with what the Pod mounts."""
        if pickers.SELECTOR in pod["metadata"].get("labels", {}):
            reason = pickers.fits(self.cluster, {**pod, "spec": {"template": {"spec": pod["spec"]}}})
            if reason:
                self.unfit.append(f"{pod['metadata']['name']}: {reason}")
                return
        conditions = [{"type": kind, "status": "True"} for kind in ("Ready", "ContainersReady")]
        path, status = f"{self.cluster.admin.path(pod)}/status", {"phase": "Running", "conditions": conditions}
        self.cluster.admin.ask("PATCH", path, {"status": status}, "application/merge-patch+json")


def ready(pod: Object) -> bool:
    conditions = pod.get("status", {}).get("conditions", ())
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)
