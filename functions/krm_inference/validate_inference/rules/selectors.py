"""Selectors: the labels that an object asks for must be on the template of some Pod."""

from __future__ import annotations

from collections.abc import Iterator

from krm_functions_sdk import MISSING

from krm_inference.domain.spelling import nearest
from krm_inference.manifests import groups, monitors
from krm_inference.manifests.index import Index, meets
from krm_inference.manifests.objects import Field, Object
from krm_inference.manifests.pickers import inference_pods, picker_pods, picker_service, pool_selector
from krm_inference.manifests.pods import Pod, pods
from krm_inference.manifests.pools import pool_pods, pools_by_pod
from krm_inference.manifests.quantities import is_device
from krm_inference.manifests.servers import server_pods
from krm_inference.validate_inference.findings import Finding, listed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_OF_API = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")


def pools_without_pods(index: Index) -> Iterator[Finding]:
    """Yield pools that select no Pod."""
    for pool in index.of(groups.POOL, groups.POOL_X):
        field = pool_selector(pool)
        chosen = pool_pods(index, pool)
        if not field.map:
            yield Finding(field, "the selector has no labels")
        if chosen or not field.map:
            continue
        near = pods(index).inside(pool.namespace)
        candidates = [pod for pod in near if pod in server_pods(index)]
        candidates = candidates or [pod for pod in near if pod not in picker_pods(index) and _has_device(pod)]
        if candidates:
            yield _unmatched(field, candidates)
        elif pods(index).selected(field.map, ""):
            owner = pods(index).selected(field.map, "")[0].object
            message = f"the Pods that it selects are in another namespace: {owner}"
            yield Finding(pool.at("metadata.namespace"), message, owner.namespace)


def _has_device(pod: Pod) -> bool:
    """Say whether a Pod asks for a GPU or the like, as model servers do that are not known as such."""
    resources = [container.field["resources"] for container in pod.containers]
    return any(is_device(name) for each in resources for kind in ("limits", "requests") for name in each[kind].map)


def _is_alike(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    """Say whether labels are likely those that a selector means: a value is part of the other, or nearly the other."""
    for key, wanted in ((key, str(value)) for key, value in selector.items() if key in labels):
        if wanted in labels[key] or labels[key] in wanted or nearest(wanted, [labels[key]]):
            return True
    return False


def _unmatched(field: Field, candidates: list[Pod]) -> Finding:
    closest = max(candidates, key=lambda pod: len(field.map.items() & _strings(pod).items()))
    lacking = {key: value for key, value in field.map.items() if (key, value) not in _strings(closest).items()}
    owner = closest.object
    message = f"no Pod template has {_pairs(field.map)}; the template of {owner} lacks {_pairs(lacking)}"
    if field.map.items() <= owner.at("metadata.labels").map.items() and owner.kind != "Pod":
        message += ", which only the workload itself has"
    key = next(iter(lacking))
    proposed = closest.labels.get(key, MISSING) if len(candidates) == 1 else MISSING
    return Finding(field[key], message, proposed)


def pools_with_a_picker(index: Index) -> Iterator[Finding]:
    """Yield pools that also select an endpoint picker."""
    for pool in index.of(groups.POOL, groups.POOL_X):
        for pod in pool_pods(index, pool):
            if pod in picker_pods(index) and pod not in server_pods(index):
                yield Finding(pool_selector(pool), f"it also selects the endpoint picker {pod.object}")


def overlapping_pools(index: Index) -> Iterator[Finding]:
    """Yield pools that select servers which an earlier pool of their API group selects too."""
    seen = set()
    for pod, chosen in index.derive(pools_by_pod).items():
        first: dict[str, Object] = {}
        for pool in chosen if pod not in picker_pods(index) or pod in server_pods(index) else ():
            other = first.setdefault(pool.group, pool)
            if other is not pool and (other, pool) not in seen:
                seen.add((other, pool))
                yield Finding(pool_selector(pool), f"{other.place} also selects the Pods of {pod.object}")


def picker_services_without_pods(index: Index) -> Iterator[Finding]:
    """Yield endpoint picker Services that select no Pod."""
    seen = set()
    for pool in index.of(groups.POOL):
        service = picker_service(index, pool)
        if service is None or service in seen:
            continue
        seen.add(service)
        field = service.at("spec.selector")
        if not field.map and service.at("spec.type").text != "ExternalName":
            yield Finding(field, f"no selector, so {service} reaches no endpoint picker")
        if not field.map or pods(index).selected(field.map, service.namespace):
            continue
        candidates = [pod for pod in pods(index).inside(service.namespace) if pod in picker_pods(index)]
        if candidates:
            yield _unmatched(field, candidates)


def services_without_pods(index: Index) -> Iterator[Finding]:
    """Yield Services that select no Pod, where a workload of their name has the values that they ask for.

    The Pods of a Service may come from another set; those of a workload of its own name hardly do.
    """
    said = {picker_service(index, pool) for pool in index.of(groups.POOL)}
    for service in index.of(groups.SERVICE):
        field = service.at("spec.selector")
        if not field.map or service in said or pods(index).selected(field.map, ""):
            continue
        near = [pod for pod in pods(index).inside(service.namespace) if pod.object.name == service.name]
        near = [pod for pod in near if pod.object.group in ("", "apps", "batch")]  # controllers of others add labels
        wanted = {str(value) for value in field.map.values()}
        if len(near) == 1 and (wanted & set(_strings(near[0]).values()) or _is_alike(field.map, _strings(near[0]))):
            yield _unmatched(field, near)


def workloads_that_select_other_pods(index: Index) -> Iterator[Finding]:
    """Yield workloads whose selector does not match their own template: the API server refuses them."""
    for pod in pods(index):
        owner = pod.object
        field = owner.at("spec.selector.matchLabels")
        if (owner.group, owner.kind) not in [("apps", kind) for kind in _OF_API]:
            continue
        if not field.map and not owner.at("spec.selector.matchExpressions").exists:
            yield Finding(field, "the selector is empty")
        for key, value in field.map.items():
            if pod.labels.get(key) != value:
                found = _shown(pod.labels.get(key))
                message = f"the template's label {key} is {found}, but the selector asks for {_shown(value)}"
                yield Finding(pod.labels_field[key], message, value)


def monitors_without_pods(index: Index) -> Iterator[Finding]:
    """Yield monitors that select no Pod, where the manifests hold servers and pickers, or what is nearly selected."""
    for monitor in index.of(*groups.POD_MONITORS):
        field = monitor.at("spec.selector.matchLabels")
        namespace = "" if monitor.kind.startswith("Cluster") else monitor.namespace
        if not field.map or pods(index).selected(field.map, namespace):
            continue
        near = [pod for pod in inference_pods(index) if meets(pod.object.namespace, namespace)]
        is_whole = any(pod in server_pods(index) for pod in near) and any(pod in picker_pods(index) for pod in near)
        if is_whole or any(_is_alike(field.map, _strings(pod)) for pod in near):
            yield _unmatched(field, near)
        elif elsewhere := [pod for pod in pods(index).selected(field.map, "") if _is_namespace(pod.object.namespace)]:
            owner = elsewhere[0].object
            message = f"the Pods that it selects are in another namespace: {owner}"
            yield Finding(monitor.at("metadata.namespace"), message, owner.namespace)


def _is_namespace(text: str) -> bool:
    """Say whether a namespace is one already, and not still to be filled in."""
    return "$" not in text and "{" not in text


def undeclared_monitor_ports(index: Index) -> Iterator[Finding]:
    """Yield ports of monitors that the Pods they select do not declare."""
    for monitor in index.of(*groups.POD_MONITORS):
        labels = monitor.at("spec.selector.matchLabels").map
        namespace = "" if monitor.kind.startswith("Cluster") else monitor.namespace
        selected = pods(index).selected(labels, namespace) if labels else []
        for endpoint in monitors.endpoints(monitor):
            port = endpoint["port"]
            if selected and port.text and not any(pod.port(port.value) for pod in selected):
                known = [item["name"].text for pod in selected for box in pod.containers for item in box.field["ports"]]
                message = f"{selected[0].object} declares no port {port.value}; it has: {listed(known)}"
                yield Finding(port, message, known[0] if len(known) == 1 else MISSING)


def _strings(pod: Pod) -> dict[str, str]:
    return {key: value for key, value in pod.labels.items() if isinstance(value, str)}


def _pairs(labels: dict[str, object]) -> str:
    return listed(f"{key}={value}" for key, value in labels.items())


def _shown(value: object) -> str:
    return "missing" if value is None else f'"{value}"'
