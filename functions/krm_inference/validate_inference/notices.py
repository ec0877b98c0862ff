"""What is no fault and worth knowing before production: each is an info until the functionConfig raises it."""

from __future__ import annotations

from collections.abc import Iterator

from krm_inference.manifests.files import gates
from krm_inference.manifests.index import Index
from krm_inference.manifests.objects import Object
from krm_inference.manifests.pickers import inference_pods, pickers, pools_of
from krm_inference.manifests.routing import listeners, objectives_of, objectives_of_pool, pool_parents, rules_to_pools
from krm_inference.manifests.servers import servers
from krm_inference.validate_inference.findings import Finding, listed


def clear_listeners(index: Index) -> Iterator[Finding]:
    """Yield listeners by which requests to a pool come in without TLS; one that only redirects is none of them."""
    seen: set[tuple[Object, str]] = set()
    for parent, gateway in pool_parents(index):
        for listener in listeners(parent, gateway):
            key = (gateway, listener["name"].text)
            if listener["protocol"].text == "HTTP" and key not in seen:
                seen.add(key)
                yield Finding(listener["protocol"], "prompts, answers and keys cross the network in clear")


def open_servers(index: Index) -> Iterator[Finding]:
    """Yield servers that answer whoever reaches them."""
    for server in servers(index):
        names = {variable["name"].text for variable in server.container.field["env"]}
        if server.has_all_flags and server.flag("--api-key") is None and "VLLM_API_KEY" not in names:
            yield Finding(server.missing("--api-key"), "whoever reaches the server or its Gateway may use it")


def dotted_names(index: Index) -> Iterator[Finding]:
    """Yield workloads with a dot in their name."""
    for owner in dict.fromkeys(pod.object for pod in inference_pods(index)):
        if "." in owner.name:
            yield Finding(owner.at("metadata.name"), "its Pods take names and host names from it, dots included")


def equal_priorities(index: Index) -> Iterator[Finding]:
    """Yield pools whose objectives differ in priorities that their picker takes for one."""
    for picker in pickers(index):
        release = picker.release
        if release is None or (release.flow_control and release.flow_control in gates(index, picker)):
            continue
        for pool in pools_of(index, picker.pod):
            fields = [objective.at("spec.priority") for objective in objectives_of_pool(index, pool)]
            above = [field for field in fields if (field.number or 0) > 0]
            if above:
                said = listed(f"{field.object.name} {field.number}" for field in above)
                message = f"the picker of pool {pool.name} makes no difference between priorities from 0 up: {said}"
                yield Finding(above[0], message)


def unreachable_objectives(index: Index) -> Iterator[Finding]:
    """Yield objectives that no request can have, since each route to their pool sets another one."""
    for pool, rules in rules_to_pools(index).items():
        forced = [next((value.text for value in objectives_of(rule)), "") for rule in rules]  # "": the client chooses
        if not all(forced):
            continue
        for objective in objectives_of_pool(index, pool):
            if objective.name not in forced:
                message = f"each route to pool {pool.name} sets the objective: {listed(map(str, forced))}"
                yield Finding(objective.at("metadata.name"), message)
