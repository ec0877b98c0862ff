"""What a schema cannot say of an LLMCluster: machines that there are, and room for the LLMServices beside it."""

from __future__ import annotations

from krm_functions_sdk import ERROR, WARNING, ResourceList, Result

from krm_inference.domain import roles
from krm_inference.domain.facts import accelerators, nodes
from krm_inference.domain.facts.backends import BACKENDS
from krm_inference.domain.facts.partitions import PARTITIONS
from krm_inference.domain.facts.platforms import PLATFORMS
from krm_inference.domain.llm_cluster import FLEX_START, KIND, RESERVATION, LLMCluster, Nodes, is_llm_cluster, schema
from krm_inference.domain.service import API_VERSION, is_llm_service

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from krm_inference.domain.service import LLMService


def read(resources: ResourceList) -> list[LLMCluster]:
    """Return the LLMClusters without a fault, by name; all faults of all of them are added to the results."""
    config = resources.function_config
    intents = [item for item in resources if is_llm_cluster(item)]
    if config is not None and is_llm_cluster(config):
        intents += [] if config.identity in [item.identity for item in intents] else [config]
    elif config is not None and not is_llm_service(config) and (config.kind != "ConfigMap" or config.get("data")):
        message = f"found {config.api_version} {config.kind}, expected {API_VERSION} {KIND} or no functionConfig"
        resources.results.error(message, config, "kind", current=config.kind)
    if not intents:
        return []
    checked = schema()
    found = []
    for resource in intents:
        faults = checked.check(resource.data)
        for fault in faults:
            resources.results.error(fault.message, resource, fault.path, current=fault.current)
        if faults:
            continue
        cluster = LLMCluster(resource, checked.with_defaults(resource.data))
        wrong = list(check(cluster))
        resources.results.extend(wrong)
        if not wrong:
            found.append(cluster)
    return sorted(found, key=lambda cluster: (cluster.name, cluster.namespace))


def check(cluster: LLMCluster) -> Iterator[Result]:
    """Yield every fault of a cluster by itself."""
    rows = nodes.machines(cluster.platform)
    seen: set[str] = set()
    for index, said in enumerate(cluster.spec["accelerators"]):
        field = f"spec.accelerators[{index}]"
        if said["type"] not in rows:
            meant = accelerators.meant(said["type"])
            hint = f' (did you mean "{meant}"?)' if meant in rows else ""
            message = f'found "{said["type"]}", expected one of {", ".join(rows)}{hint}: what GKE has machines with'
            yield cluster.fault(f"{field}.type", message, said["type"])
            continue
        here = cluster.nodes[index] if all(one["type"] in rows for one in cluster.spec["accelerators"]) else None
        if here is None:
            continue
        if here.name in seen:
            yield cluster.fault(f"{field}.name", f'"{here.name}" is there twice; give one of them a name', here.name)
        seen.add(here.name)
        yield from _nodes(cluster, here, field)


def _nodes(cluster: LLMCluster, here: Nodes, field: str) -> Iterator[Result]:
    sizes = sorted(here.accelerator.machines)
    if here.each not in sizes:
        expected = ", ".join(map(str, sizes))
        message = f"no machine has {here.each} × {here.kind}; expected {'one of ' * (len(sizes) > 1)}{expected}"
        yield cluster.fault(f"{field}.count", message, here.each)
    if here.spec["minNodes"] > here.spec["maxNodes"]:
        message = f"found {here.spec['minNodes']}, more than the {here.spec['maxNodes']} of maxNodes"
        yield cluster.fault(f"{field}.minNodes", message, here.spec["minNodes"])
    slices = PARTITIONS.get(here.kind, {})
    if here.part.partition and here.part.partition not in slices:
        expected = f"expected one of {', '.join(slices)}" if slices else "and no slices of it are known"
        message = f"a {here.kind} has no slice {here.part.partition}; {expected}"
        yield cluster.fault(f"{field}.partition", message, here.part.partition)
    if not here.part.is_whole and here.is_class(cluster.platform):
        message = (
            "parts of GPUs are for node pools: a compute class takes them only from GKE 1.35.2 on. Name one capacity"
        )
        yield cluster.fault(f"{field}.capacity", message, here.capacity)
    if (RESERVATION in here.capacity) != ("reservation" in here.spec):
        message = "Reservation in capacity and the name of the reservation go together; add or take out one of them"
        yield cluster.fault(f"{field}.reservation", message, here.spec.get("reservation"))
    if len(set(here.capacity)) < len(here.capacity):
        yield cluster.fault(f"{field}.capacity", "one way to get machines is there twice", here.capacity)
    if FLEX_START in here.capacity and here.accelerator.backend == "cpu":
        yield cluster.fault(f"{field}.capacity", "FlexStart is for machines with accelerators", here.capacity)


def room(clusters: list[LLMCluster], services: list[LLMService]) -> Iterator[Result]:
    """Yield LLMServices beside the clusters for which none of them has nodes, or not as many as they want."""
    there = [(cluster, here) for cluster in clusters for here in cluster.nodes]
    wanted: dict[tuple[str, Any], list[LLMService]] = {}
    for service in services:
        if not PLATFORMS[service.spec["platform"]].is_gke or not BACKENDS[service.accelerator.backend].resource:
            continue
        wanted.setdefault((service.spec["accelerator"]["type"], service.part), []).append(service)
    for (kind, part), asking in wanted.items():
        pools = [here for _, here in there if (here.kind, here.part) == (kind, part)]
        name = f"{kind}{f', slice {part.partition}' * bool(part.partition)}"
        for service in asking:
            if not any(here.each >= service.pod_gpus for here in pools):
                message = f"no LLMCluster beside it has nodes with {service.pod_gpus} × {name}; add them to "
                yield Result(ERROR, f"{message}spec.accelerators of one", service.resource, "spec.accelerator")
                break
        total = sum(part.spec["replicas"] * part.gpus for service in asking for part in roles.of(service))
        most = sum(here.units for here in pools)
        if pools and total > most:
            message = f"{_listed(asking)} = {total} × {name}, but the nodes have {most} at most; raise maxNodes"
            yield Result(WARNING, message, asking[-1].resource, "spec.replicas", current=asking[-1].spec["replicas"])


def _listed(services: list[LLMService]) -> str:
    parts = [part for service in services for part in roles.of(service)]
    return " + ".join(f"{part.workload} {part.spec['replicas']} × {part.gpus}" for part in parts)
