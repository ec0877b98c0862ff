"""What a picture of manifests shows: objects as boxes, references between them as arrows, and findings on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from krm_functions_sdk import ERROR, INFO, WARNING, ResourceList, Result

from krm_inference.commands.graph import facts
from krm_inference.manifests import groups
from krm_inference.manifests.index import Index, Kind
from krm_inference.manifests.links import GATEWAY_KIND, links
from krm_inference.manifests.objects import Field, Object
from krm_inference.manifests.pickers import inference_pods, picker_pods, pools_of
from krm_inference.manifests.pods import Pod, pods
from krm_inference.manifests.pools import pool_pods

SEVERITIES = (ERROR, WARNING, INFO)
GATEWAY, ROUTE, POOL, WORKLOAD, CONFIG, SECRET = range(6)  # the columns, in the direction of a request
COLUMNS: dict[Kind, int] = {
    GATEWAY_KIND: GATEWAY,
    groups.ROUTE: ROUTE,
    **dict.fromkeys(groups.OBJECTIVES, ROUTE),
    **dict.fromkeys(groups.REWRITES, ROUTE),
    groups.HEALTH_CHECK: ROUTE,
    groups.BACKEND_POLICY: ROUTE,
    groups.POOL: POOL,
    groups.POOL_X: POOL,
    groups.CONFIG_MAP: CONFIG,
    **dict.fromkeys(groups.POD_MONITORS, CONFIG),
    groups.SECRET: SECRET,
}
_IN_THE_BOX = "certificate"  # said in the box of the Gateway: its arrow would cross all columns
_AGAINST = ("route-parent",)  # references that run against the direction of a request

Key = tuple[Kind, str, str]  # group and kind, namespace, name


class Finding(NamedTuple):
    """A result of validate-inference, and its number in the picture."""

    number: int
    result: Result

    def __str__(self) -> str:
        """One line for a legend: number, severity, place, message."""
        found = self.result.derived or self.result
        place = " ".join(filter(None, (found.reference.get("kind"), found.reference.get("name"), found.field)))
        return f"{self.number} [{found.severity}] {place + ': ' if place else ''}{found.message}"


class Box(NamedTuple):
    """An object, the objectives of one pool, or what is only named (`is_here` is false), with what is wrong there."""

    id: str
    kind: str
    name: str
    facts: tuple[str, ...]
    column: int
    is_here: bool
    findings: tuple[Finding, ...]

    @property
    def worst(self) -> str:
        """The severest of its findings, "" without any."""
        found = {finding.result.severity for finding in self.findings}
        return next((severity for severity in SEVERITIES if severity in found), "")


class Arrow(NamedTuple):
    """From one box to another, by their ids."""

    source: str
    target: str
    label: str


class Topology(NamedTuple):
    """The picture: its boxes column by column, its arrows, and all findings."""

    boxes: list[Box]
    arrows: list[Arrow]
    findings: list[Finding]


def of(resources: ResourceList) -> Topology:
    """Return the picture of manifests, with the results of validate-inference marked on them."""
    index = Index(resources)
    findings = [Finding(number, found) for number, found in enumerate(resources.results, 1)]
    members: dict[Key, list[Object]] = defaultdict(list)
    for item in index.objects:
        members[_key(item)].append(item)
    arrows = list(dict.fromkeys(_arrows(index)))
    alone = [_key(item) for item in index.objects if COLUMNS.get(_kind(item), SECRET) <= POOL]
    alone += [_key(pod.object) for pod in inference_pods(index)]
    named = [key for source, target, _ in arrows for key in (source, target)]
    column = {key: _column(key[0]) for key in (*alone, *named)}
    for source, target, _ in arrows:
        if column[source] == WORKLOAD:
            column[target] = CONFIG  # also a Secret: no arrow passes behind a box
    keys = sorted(column, key=column.__getitem__)
    ids = {key: f"n{number}" for number, key in enumerate(keys, 1)}
    boxes = [_box(index, key, members.get(key, []), ids[key], column[key], findings) for key in keys]
    return Topology(boxes, [Arrow(ids[source], ids[target], label) for source, target, label in arrows], findings)


def _box(index: Index, key: Key, members: list[Object], identifier: str, column: int, findings: list[Finding]) -> Box:
    kind, namespace, name = key
    about = tuple(finding for finding in findings if any(_is_about(finding.result, item) for item in members))
    if kind in groups.OBJECTIVES:
        said = tuple(fact for item in members for fact in facts.of(index, item))
        return Box(identifier, kind[1], f"for {name}", said, column, is_here=True, findings=about)
    said = facts.of(index, members[0]) if members else ("not in these manifests",)
    shown = f"{namespace}/{name}" if namespace else name
    return Box(identifier, kind[1], shown, said, column, bool(members), about)


def _is_about(found: Result, item: Object) -> bool:
    names = (found.derived or found).reference
    kind = (names.get("apiVersion", "").rpartition("/")[0], names.get("kind", ""))
    return (*kind, names.get("namespace", ""), names.get("name", "")) == (*_kind(item), item.namespace, item.name)


def _arrows(index: Index) -> Iterator[tuple[Key, Key, str]]:
    for link in links(index):
        source = link.field.object
        if _kind(source) in COLUMNS and link.kind in COLUMNS and link.name.text and link.row != _IN_THE_BOX:
            ends = _key(source), _meant(index, link.kind, link.namespace, link.name.text)
            yield (ends[1], ends[0], "") if link.row in _AGAINST else (*ends, "")
    for pool in index.of(groups.POOL, groups.POOL_X):
        for pod in pool_pods(index, pool):
            yield _key(pool), _key(pod.object), "requests"
    for pod in picker_pods(index):
        for pool in pools_of(index, pod):
            yield _key(pool), _key(pod.object), "asks"
    for monitor in index.of(*groups.POD_MONITORS):
        for pod in _watched(index, monitor):
            yield _key(monitor), _key(pod.object), "scrapes"
    for pod in inference_pods(index):
        for kind, name in _mounted(pod):
            if name.text:
                yield _key(pod.object), _meant(index, kind, pod.object.namespace, name.text), ""


def _watched(index: Index, monitor: Object) -> list[Pod]:
    labels = monitor.at("spec.selector.matchLabels").map
    namespace = "" if monitor.kind.startswith("Cluster") else monitor.namespace
    return pods(index).selected(labels, namespace) if labels else []


def _mounted(pod: Pod) -> Iterator[tuple[Kind, Field]]:
    """Yield the names of the ConfigMaps and Secrets that the containers of a Pod read."""
    for volume in pod.spec["volumes"]:
        yield groups.CONFIG_MAP, volume.at("configMap.name")
        yield groups.SECRET, volume.at("secret.secretName")
    for container in pod.containers:
        for variable in container.field["env"]:
            yield groups.SECRET, variable.at("valueFrom.secretKeyRef.name")
        for source in container.field["envFrom"]:
            yield groups.SECRET, source.at("secretRef.name")


def _meant(index: Index, kind: Kind, namespace: str, name: str) -> Key:
    """Return the key of the object that a reference means, or the reference's own where it is not here."""
    item = index.find(kind, name, namespace)
    return _key(item) if item is not None else (kind, namespace, name)


def _key(item: Object) -> Key:
    """Return what names the box of an object; objectives of one pool share a box."""
    name = item.at("spec.poolRef.name").text if _kind(item) in groups.OBJECTIVES else item.name
    return _kind(item), item.namespace, name


def _kind(item: Object) -> Kind:
    return item.group, item.kind


def _column(kind: Kind) -> int:
    return COLUMNS.get(kind, WORKLOAD)
