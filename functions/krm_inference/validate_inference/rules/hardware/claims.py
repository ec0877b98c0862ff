"""Claims: whether as many Pods mount a PersistentVolumeClaim as its volume takes."""

from __future__ import annotations

from collections.abc import Iterator

from krm_inference.manifests import groups, replicas
from krm_inference.manifests.index import Index
from krm_inference.manifests.objects import Field, Object
from krm_inference.manifests.pickers import inference_pods
from krm_inference.manifests.pods import pods
from krm_inference.validate_inference.findings import Finding

# Modes by which a volume is on one node, or in one Pod.
_OF_ONE = ("ReadWriteOnce", "ReadWriteOncePod")
# What ends by itself and gives the volume back, such as a download of the weights.
_PASSING = ("CronJob", "Job", "Pod")


def shared_by_pods(index: Index) -> Iterator[Finding]:
    """Yield claims of one node that Pods on several nodes may mount, servers or pickers among them."""
    ours = {pod.object for pod in inference_pods(index)}
    for claim, users in _users(index).items():
        modes = [mode.text for mode in claim.at("spec.accessModes")]
        if not modes or not set(modes) <= set(_OF_ONE) or not ours & users.keys():
            continue
        first, *others = users
        if others:
            message = f"{claim.name} is {modes[0]}, but {first.place} mounts it too"
            yield Finding(users[others[0]], message)
        else:
            yield from _of_one(index, first, users[first], f"{claim.name} is {modes[0]}")


def _of_one(index: Index, owner: Object, name: Field, said: str) -> Iterator[Finding]:
    """Yield that a workload which alone mounts a claim may have several Pods, for long or during an update."""
    field, count = replicas.most(index, owner)
    if count is not None and count > 1:
        yield Finding(name, f"{said}, but {field.object} may run up to {count} Pods that mount it")
    elif count == 1 and replicas.rolling(owner, 1)[0]:
        message = f"{said}, but an update starts a second Pod before it stops the first one"
        yield Finding(owner.at("spec.strategy.type"), message, "Recreate")


def _users(index: Index) -> dict[Object, dict[Object, Field]]:
    """Return the lasting workloads that mount each claim which is here, with the field in which they name it."""
    found: dict[Object, dict[Object, Field]] = {}
    for pod in pods(index) if index.of(groups.CLAIM) else ():
        for volume in pod.spec["volumes"] if pod.object.kind not in _PASSING else ():
            name = volume.at("persistentVolumeClaim.claimName")
            claim = index.find(groups.CLAIM, name.text, pod.object.namespace) if name.text else None
            if claim is not None:
                found.setdefault(claim, {}).setdefault(pod.object, name)
    return found
