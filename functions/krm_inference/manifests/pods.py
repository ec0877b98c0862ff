"""Pods that the manifests make: of every workload its template, labels and containers, found by label."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from krm_inference.domain.workloads import POD_SPECS
from krm_inference.manifests import commands, templates
from krm_inference.manifests.commands import Command, Variables
from krm_inference.manifests.index import Index, meets
from krm_inference.manifests.objects import Field, Object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

DEFAULT_GRACE = 30
_LWS = "leaderworkerset.sigs.k8s.io/"


class Container:
    """A container of a Pod template."""

    def __init__(self, field: Field, namespace: str) -> None:
        self.field = field
        self.name = field["name"].text
        self.image = field["image"].text
        self.variables: Variables = commands.variables(field, namespace)
        self.commands: list[Command] = commands.commands(field, self.variables)

    def port(self, wanted: Any) -> Field | None:
        """Return the declared port of this name or number."""
        key = "name" if isinstance(wanted, str) else "containerPort"
        return next((port for port in self.field["ports"] if port[key].value == wanted), None)


class Pod:
    """The Pod template of a workload, or a Pod."""

    def __init__(self, owner: Object, spec: Field, template: Field | None = None) -> None:
        self.object = owner
        self.spec = spec
        self.is_merged = (owner.group, owner.kind) in templates.MERGED  # its controller adds to it
        if template is None:
            template = owner.at(".".join(map(str, spec.path[:-1]))) if len(spec.path) > 1 else owner.field
        self.labels_field = template.at("metadata.labels")
        self.labels = {**self.labels_field.map, **_added(owner, spec)}
        self.annotations_field = template.at("metadata.annotations")
        lists = [spec["containers"], *([spec["initContainers"]] if spec["initContainers"].exists else [])]
        self.containers = [Container(item, owner.namespace) for part in lists for item in part]

    @property
    def grace(self) -> int:
        """Seconds between SIGTERM and SIGKILL, the preStop hook included."""
        number = self.spec["terminationGracePeriodSeconds"].number
        return DEFAULT_GRACE if number is None else number

    def port(self, wanted: Any) -> Field | None:
        """Return the port of this name or number that a container declares."""
        return next((port for container in self.containers if (port := container.port(wanted))), None)


def _added(owner: Object, spec: Field) -> dict[str, str]:
    """Return the labels that a controller adds to the Pods that it makes.

    Source: kubernetes-sigs/lws, api/leaderworkerset/v1/leaderworkerset_types.go, v0.8.
    """
    if owner.kind != "LeaderWorkerSet":
        return {}
    index = {_LWS + "worker-index": "0"} if "leaderTemplate" in spec.path else {}
    return {_LWS + "name": owner.name, **index}


class Pods(list[Pod]):
    """All Pods, in the order of their objects."""

    def __init__(self, index: Index) -> None:
        super().__init__(_pods(index))
        self._labelled: dict[tuple[str, Any], list[Pod]] = defaultdict(list)
        for pod in self:
            for pair in pod.labels.items():
                if isinstance(pair[1], str):
                    self._labelled[pair].append(pod)

    def selected(self, labels: dict[str, Any], namespace: str) -> list[Pod]:
        """Return the Pods with all of these labels that are, or may land, in the namespace."""
        if not all(isinstance(value, str) for value in labels.values()):
            return []
        candidates = min((self._labelled.get(pair, []) for pair in labels.items()), key=len, default=list(self))
        return [
            pod for pod in candidates if meets(pod.object.namespace, namespace) and labels.items() <= pod.labels.items()
        ]

    def inside(self, namespace: str) -> list[Pod]:
        """Return the Pods that are, or may land, in the namespace."""
        return [pod for pod in self if meets(pod.object.namespace, namespace)]


def pods(index: Index) -> Pods:
    """Return the Pods of the manifests."""
    return index.derive(Pods)


def _pods(index: Index) -> list[Pod]:
    found = []
    for item in index.objects:
        kind = (item.group, item.kind)
        path = POD_SPECS.get(kind)
        if path is not None and item.at(path).map:
            found.append(Pod(item, item.at(path)))
        for further in templates.POD_SPECS.get(kind, ()):
            found += [
                Pod(item, _spec(spec), template)
                for template, spec in _at(item.field, further)
                if spec["containers"].exists or spec[templates.MAIN].exists
            ]
    return found


def _at(field: Field, path: str) -> Iterator[tuple[Field, Field]]:
    """Yield the maps at a path, each item behind a `[]` or a `{}`, with the map that holds it."""
    head, _, rest = path.partition("[].") if "[]." in path else path.partition("{}.")
    inner = field.at(head)
    if rest:
        for item in [inner[name] for name in inner.map] if inner.map else inner:
            yield from _at(item, rest)
    elif inner.map:
        yield (field.at(head.rpartition(".")[0]) if "." in head else field), inner


def _spec(spec: Field) -> Field:
    return Single(spec.object, spec.path, spec.value) if spec[templates.MAIN].exists else spec


class Single(Field):
    """A Pod's spec whose first container stands in a field of its own."""

    __slots__ = ()

    def __getitem__(self, key: str) -> Field:
        return Containers(self) if key == "containers" else super().__getitem__(key)


class Containers(Field):
    """All containers of such a spec."""

    __slots__ = ("main", "others")

    def __init__(self, spec: Field) -> None:
        self.main, self.others = spec.at(templates.MAIN), spec.at("containers")
        further = self.others.value if isinstance(self.others.value, list) else ()
        super().__init__(spec.object, self.others.path, [self.main.value, *further])

    def __iter__(self) -> Iterator[Field]:
        """Yield the container that stands alone, then the others."""
        yield self.main
        yield from self.others
