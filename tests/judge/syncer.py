"""What Config Sync and `kpt live` do to a cluster: apply all on the server's side, then prune what is gone.

The order is that of their common applier (sigs.k8s.io/cli-utils, pkg/ordering): what others need first, workloads
after their configuration, custom resources last; it prunes in the reverse order when all is applied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tests.judge.client import Answer, Client, Identity, Object

FIRST = (
    "Namespace", "ResourceQuota", "StorageClass", "CustomResourceDefinition", "ServiceAccount", "PodSecurityPolicy",
    "Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding", "ConfigMap", "Secret", "Endpoints", "Service",
    "LimitRange", "PriorityClass", "PersistentVolume", "PersistentVolumeClaim", "Deployment", "StatefulSet",
    "CronJob", "PodDisruptionBudget",
)  # fmt: skip
Step = Callable[[Object, Answer], None]


def in_order(objects: Iterable[Object]) -> list[Object]:
    """Return objects in the order in which they are applied."""
    last = len(FIRST)

    def place(one: Object) -> tuple[int, str, str, str]:
        kind, meta = one["kind"], one["metadata"]
        return FIRST.index(kind) if kind in FIRST else last, kind, meta.get("namespace", ""), meta["name"]

    return sorted(objects, key=place)


Order = Callable[[Iterable[Object]], list[Object]]


class Syncer:
    """One package on one cluster, with the inventory of what it put there."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.inventory: dict[Identity, Object] = {}

    def sync(
        self, objects: list[Object], step: Step = lambda _one, _answer: None, order: Order = in_order
    ) -> list[str]:
        """Apply `objects`, prune what is there no longer, and return every refusal; `step` sees each answer."""
        refused = []
        wanted = {}
        for one in order(objects):
            answer = self.client.apply(one)
            if answer.taken:
                wanted[self.client.identity(one)] = one
            else:
                refused.append(f"{name(one)}: {answer.message}")
            step(one, answer)
        if refused:  # as Config Sync: where something was not applied, nothing is pruned
            self.inventory |= wanted
            return refused
        gone = [one for identity, one in self.inventory.items() if identity not in wanted]
        for one in reversed(order(gone)):
            answer = self.client.delete(one)
            if not answer.taken:
                refused.append(f"delete {name(one)}: {answer.message}")
            step(one, answer)
        self.inventory = wanted
        return refused

    def clear(self) -> None:
        """Delete all that was applied."""
        for one in reversed(in_order(self.inventory.values())):
            self.client.delete(one)
        self.inventory = {}


def name(one: Object) -> str:
    return f"{one['kind']}/{one['metadata']['name']}"
