"""vLLM's flags and environment variables: whether the image's version has them, and whether they go together."""

from __future__ import annotations

from collections.abc import Iterator

from krm_functions_sdk import MISSING
from krm_functions_sdk.document.pattern import pattern

from krm_inference.domain.adapters import DEFAULT_RANK
from krm_inference.domain.facts import vllm
from krm_inference.domain.facts.vllm import Span
from krm_inference.manifests import groups
from krm_inference.manifests.index import Index
from krm_inference.manifests.kustomize import kustomize
from krm_inference.manifests.objects import Field
from krm_inference.manifests.pools import pool_pods
from krm_inference.manifests.servers import Server, processes, servers, servers_of
from krm_inference.validate_inference.findings import Finding

_NAME = pattern(r"--[A-Za-z][-_.+A-Za-z0-9]*")
_ONE_DASH = pattern(r"-[A-Za-z][A-Za-z0-9]*-[-A-Za-z0-9]+")
# By this variable the LoRA syncer is known.
_SYNCER = "DYNAMIC_LORA_ROLLOUT_CONFIG"
_RANK, _LORAS, _CPU_LORAS = "--max-lora-rank", "--max-loras", "--max-cpu-loras"
_KEY = "VLLM_API_KEY"


def unknown_flags(index: Index) -> Iterator[Finding]:
    """Yield flags that the version of vLLM in the image does not have."""
    for server in processes(index):
        minor, is_known = _version(server)
        for argument in server.arguments if minor is not None else ():
            name = argument.name
            if _ONE_DASH.fullmatch(name) and minor is not None and vllm.takes_flag(f"-{name}", minor):
                yield Finding(argument.field, f"vLLM has no {name}: a long flag has two dashes, -{name}")
            if _NAME.fullmatch(name) and not vllm.takes_flag(name, minor):
                span = vllm.flag_span(name)
                if is_known or _is_gone(span):
                    yield Finding(argument.field, _absent(name, minor, span, vllm.nearest_flag(name, minor)))


def unknown_variables(index: Index) -> Iterator[Finding]:
    """Yield variables of vLLM's own prefix that the version in the image does not read."""
    for server in processes(index):
        minor, is_known = _version(server)
        for variable in server.container.field["env"] if minor is not None else ():
            name = variable["name"].text
            span = None if vllm.takes_variable(name, minor) else vllm.variable_span(name)
            if not vllm.takes_variable(name, minor) and (is_known or _is_gone(span)):
                yield Finding(variable["name"], _absent(name, minor, span, vllm.nearest_variable(name, minor)))


def _version(server: Server) -> tuple[int | None, bool]:
    """Return the minor version, and whether it is known and not only the least that it may be."""
    return (server.minor, True) if server.minor is not None else (vllm.newest(server.container.image), False)


def _is_gone(span: Span | None) -> bool:
    return span is not None and not span.is_open


def started_by_module(index: Index) -> Iterator[Finding]:
    """Yield servers that are started by their Python module."""
    for server in processes(index):
        if server.is_module:
            field = server.shell or server.container.field["command"]
            yield Finding(field, "vLLM warns that this way to start it may be removed; the command is vllm serve MODEL")


def _absent(name: str, minor: int | None, span: Span | None, meant: str | None) -> str:
    message = f"vLLM 0.{minor} has no {name}"
    if span is None:
        return message + (f"; did you mean {meant}?" if meant else "")
    if minor is not None and minor < span.first:
        return f"{message} yet; it came with 0.{span.first}"
    successor = vllm.successor(name)
    end = f", and {successor} took its place" if successor else ""
    return f"{message} any more; it was there until 0.{span.last}{end}"


def refused_ranks(index: Index) -> Iterator[Finding]:
    """Yield values of --max-lora-rank that vLLM refuses."""
    for server in processes(index):
        flag = server.flag(_RANK)
        rank = server.number(None, _RANK)
        if flag is None or rank is None or rank in vllm.ranks(server.minor):
            continue
        allowed = ", ".join(map(str, vllm.ranks(server.minor)))
        holds = vllm.rank_for(rank, server.minor)
        yield Finding(flag.field, f"found {rank}, expected one of {allowed}", f"{_RANK}={holds}" if holds else MISSING)


def ranks_below_adapters(index: Index) -> Iterator[Finding]:
    """Yield servers whose --max-lora-rank is less than the rank of an adapter of their LLMService."""
    wanted = {(service.name, service.namespace): service.adapters for service in index.services}
    for server in servers(index):
        owner = server.pod.object
        adapters = wanted.get((owner.name, owner.namespace), []) if server.flag("--enable-lora") else []
        highest = max(adapters, key=lambda adapter: int(adapter["rank"]), default=None)
        rank = server.number(DEFAULT_RANK, _RANK)
        if highest is None or rank is None or highest["rank"] <= rank:
            continue
        holds = vllm.rank_for(highest["rank"], server.minor)
        message = f"adapter {highest['name']} has rank {highest['rank']}, but the server accepts {rank} at most"
        yield Finding(_field(server, _RANK), message, f"{_RANK}={holds}" if holds else MISSING)


def too_few_cpu_slots(index: Index) -> Iterator[Finding]:
    """Yield servers with fewer adapters in host memory than on the GPU."""
    for server in processes(index):
        flag = server.flag(_CPU_LORAS)
        loras, cpu = server.number(vllm.DEFAULT_LORAS, _LORAS), server.number(None, _CPU_LORAS)
        if flag and server.flag("--enable-lora") and loras is not None and cpu is not None and cpu < loras:
            yield Finding(flag.field, f"{_CPU_LORAS} {cpu} is less than {_LORAS} {loras}", f"{_CPU_LORAS}={loras}")


def without_metrics(index: Index) -> Iterator[Finding]:
    """Yield servers of a pool that emit no metrics."""
    for pool in index.of(groups.POOL):
        for server in (server for pod in pool_pods(index, pool) for server in servers_of(index, pod)):
            flag = server.flag("--disable-log-stats")
            if flag is not None:
                message = f"the server has no vllm: metrics, so the picker of {pool} chooses blindly"
                yield Finding(flag.field, message)


def asks_syncer_for_key(index: Index) -> Iterator[Finding]:
    """Yield servers that ask a LoRA syncer for a key; it has none."""
    for server in servers(index):
        environment = {variable["name"].text for variable in server.container.field["env"]}
        flag = server.flag("--api-key")
        if flag is None and _KEY not in environment:
            continue
        if any(_SYNCER in container.variables for container in server.pod.containers):
            variable = (item for item in server.container.field["env"] if item["name"].text == _KEY)
            field = flag.field if flag else next(variable)["name"]
            yield Finding(field, "the LoRA syncer beside the server sends no key, gets a 401 and crashes")


def gets_vllm_port(index: Index) -> Iterator[Finding]:
    """Yield servers in whose environment Kubernetes writes VLLM_PORT, which vLLM reads as its own."""
    for server in processes(index):
        pod = server.pod
        links = pod.spec["enableServiceLinks"]
        if links.value is False or "VLLM_PORT" in server.container.variables:
            continue
        service = index.find(groups.SERVICE, "vllm", pod.object.namespace)
        is_none = service is None or service.at("spec.clusterIP").value == "None" or kustomize(index).renames(service)
        if not is_none and service is not None:
            yield Finding(
                links, f"{service.place} makes Kubernetes set VLLM_PORT=tcp://…, and vLLM does not start", False
            )


def _field(server: Server, name: str) -> Field:
    flag = server.flag(name)
    return flag.field if flag else server.missing(name)
