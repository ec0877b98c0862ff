"""GPUs that Pods ask for: of an accelerator that there is, and no more than there are."""

from __future__ import annotations

from collections.abc import Iterator

from krm_functions_sdk import MISSING

from krm_inference.domain.amounts import amount
from krm_inference.domain.facts import accelerators
from krm_inference.domain.record import Record
from krm_inference.manifests import replicas
from krm_inference.manifests.hardware import accelerator_field, accelerator_kind, device, is_gke_name
from krm_inference.manifests.index import Index
from krm_inference.manifests.objects import Field, Object
from krm_inference.manifests.pods import Pod, pods
from krm_inference.validate_inference.findings import Finding, listed


class Demand(Record):
    """The GPUs that a workload may ask for: the field with the number of its Pods, that number, and GPUs of each."""

    owner: Object
    field: Field
    pods: int
    gpus: int

    @property
    def total(self) -> int:
        return self.pods * self.gpus

    def __str__(self) -> str:
        """The demand for messages: `Deployment llm/chat 3 × 2`."""
        return f"{self.field.object} {self.pods} × {self.gpus}"


def misspelt_accelerators(index: Index) -> Iterator[Finding]:
    """Yield accelerators of which no node has the name, but nearly."""
    for field in _accelerators(index):
        meant = accelerators.meant(field.text)
        if meant and is_gke_name(field):
            yield Finding(field, f"no GKE node has the label {field.text}; did you mean {meant}?", meant)


def _accelerators(index: Index) -> Iterator[Field]:
    yield from (field for pod in pods(index) if (field := accelerator_field(pod)).text)


def more_gpus_than_there_are(index: Index) -> Iterator[Finding]:
    """Yield accelerators of which the workloads may want more GPUs than the functionConfig says there are."""
    for name, there in index.capacity.items():
        wanted = index.derive(_demands).get(name, [])
        total = sum(demand.total for demand in wanted)
        if total > there:
            largest = max(wanted, key=lambda demand: demand.total)
            message = f"{listed(map(str, wanted), 5)} = {total} GPUs of {name}, but the cluster has {there}"
            yield Finding(largest.field, message)


def stalled_rollouts(index: Index) -> Iterator[Finding]:
    """Yield workloads whose roll-out waits for ever: no GPU is left for a new Pod, and no old one may stop before."""
    for name, there in index.capacity.items():
        wanted = index.derive(_demands).get(name, [])
        free = there - sum(demand.total for demand in wanted)
        of_replicas: dict[Object, int] = {}  # of all Pods of a group together
        for demand in wanted:
            of_replicas[demand.owner] = of_replicas.get(demand.owner, 0) + demand.gpus
        for demand in {demand.owner: demand for demand in wanted}.values() if free >= 0 else ():
            surge, unavailable = replicas.rolling(demand.owner, demand.pods)
            gpus = of_replicas[demand.owner]
            if surge and not unavailable and gpus > free:
                new = "group" if demand.owner.kind == "LeaderWorkerSet" else "Pod"
                message = f"a new {new} needs {gpus} of {name} before an old one stops, but {free} are free"
                yield Finding(replicas.roll_out(demand.owner)["maxUnavailable"], message, 1)


def _demands(index: Index) -> dict[str, list[Demand]]:
    """Return the workloads that want GPUs, by accelerator."""
    found: dict[str, list[Demand]] = {}
    for pod in pods(index):
        demand = _demand(index, pod)
        if demand and demand.total:
            found.setdefault(accelerator_kind(pod), []).append(demand)
    return found


def _demand(index: Index, pod: Pod) -> Demand | None:
    field, count = replicas.most(index, pod.object)
    if count is None:
        return None
    limits = (device(container["resources"]["limits"]).value for container in pod.spec["containers"])
    gpus = sum(int(amount(value) or 0) for value in limits if value is not MISSING)
    return Demand(pod.object, field, count, gpus * _in_group(pod))


def _in_group(pod: Pod) -> int:
    """Return how many Pods of this template one replica has: more than one in a LeaderWorkerSet."""
    group = pod.object.at("spec.leaderWorkerTemplate")
    if not group.map or "leaderTemplate" in pod.spec.path:
        return 1
    size = group["size"].number or 1
    return size - 1 if group["leaderTemplate"].map else size
