"""Prefill and decode: servers that hand over a prompt's cache, and the proxies that send requests to both."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from krm_functions_sdk.document.pattern import pattern

from krm_inference.domain.facts.disaggregation import ROLE_LABEL
from krm_inference.domain.record import Record
from krm_inference.manifests.commands import Argument, parsed
from krm_inference.manifests.index import Index, meets
from krm_inference.manifests.objects import Field
from krm_inference.manifests.pods import Container, Pod, pods
from krm_inference.manifests.pools import pools_of_server
from krm_inference.manifests.quantities import whole
from krm_inference.manifests.servers import Server, servers, servers_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_TRANSFER = "--kv-transfer-config"
_IMAGE = pattern(r"(?:\A|/)llm-d-(?:routing-sidecar|router-disagg-sidecar)(?:[:@]|\Z)")
# cmd/coordinator of llm-d/llm-d-router v0.10.0.
_COORDINATOR = pattern(r"(?:\A|/)[^/:@]*coordinator(?:[:@]|\Z)")
# Source: pkg/sidecar/proxy/options.go of llm-d/llm-d-router ebab6879; llm-d-routing-sidecar had --connector.
_PORT_FLAGS, _DEFAULT_PORT = ("--vllm-port", "--model-server-port"), 8200
_LISTENS = 8000
_FILES = ("--configuration", "--configuration-file")


class Decode(Record):
    """A server that answers from a cache, and those that may fill it: of its pool, model and namespace."""

    server: Server
    prefills: list[Server]


def decodes(index: Index) -> list[Decode]:
    """Return the decode servers beside which there are prefill servers."""
    return index.derive(_decodes)


def _decodes(index: Index) -> list[Decode]:
    by_role: dict[str, dict[str, list[Server]]] = {"prefill": {}, "decode": {}}
    for server in servers(index):
        of_role = by_role.get(str(server.pod.labels.get(ROLE_LABEL)))
        if of_role is not None and server.model:
            of_role.setdefault(server.model, []).append(server)
    found = []
    for model, behind in by_role["decode"].items():
        for decode in behind:
            prefills = [one for one in by_role["prefill"].get(model, ()) if _go_together(index, one, decode)]
            if prefills:
                found.append(Decode(decode, prefills))
    return found


def _go_together(index: Index, one: Server, other: Server) -> bool:
    if not meets(one.pod.object.namespace, other.pod.object.namespace):
        return False
    return pools_of_server(index, one.pod) == pools_of_server(index, other.pod)


def connectors(server: Server) -> tuple[Field, frozenset[str]] | None:
    """Return the connectors of a server and the field that names them; None where they cannot be known."""
    flag = server.flag(_TRANSFER)
    if flag is None:
        return (server.missing(_TRANSFER), frozenset()) if server.has_all_flags and not _has_parts(server) else None
    try:
        config = json.loads(flag.value or "") if flag.is_known else None
    except ValueError:
        return None
    names = frozenset(_names(config))
    return (flag.field, names) if names else None


def _has_parts(server: Server) -> bool:
    return any(argument.name.startswith(f"{_TRANSFER}.") for argument in server.arguments)


def _names(config: Any) -> Iterator[str]:
    if not isinstance(config, dict):
        return
    inner = config.get("kv_connector_extra_config")
    parts = inner.get("connectors") if isinstance(inner, dict) else None
    if isinstance(parts, list):  # of a MultiConnector
        for part in parts:
            yield from _names(part)
    elif isinstance(config.get("kv_connector"), str):
        yield config["kv_connector"]


def kv_role(server: Server) -> tuple[Field, str, frozenset[str]] | None:
    """Return the field that says what a server does with caches, what it says, and by which connectors."""
    flag, known = server.flag(_TRANSFER), connectors(server)
    try:
        config = json.loads(flag.value or "") if flag is not None and flag.is_known else None
    except ValueError:
        return None
    said = config.get("kv_role") if isinstance(config, dict) else None
    return (flag.field, said, known[1]) if flag is not None and known is not None and isinstance(said, str) else None


def has_coordinator(index: Index) -> bool:
    """Say whether something before the pool has prompts read, so that no proxy is needed behind it."""
    return any(_COORDINATOR.search(container.image) for pod in pods(index) for container in pod.containers)


def has_proxy(index: Index, pod: Pod) -> bool:
    """Say whether a Pod has the proxy, or a container beside its server that may be one."""
    own = {id(server.container) for server in servers_of(index, pod)}
    others = [container for container in pod.containers if id(container) not in own]
    return any(_may_listen(container) for container in others)


def _may_listen(container: Container) -> bool:
    is_init = "initContainers" in container.field.path
    return not is_init or container.field["restartPolicy"].text == "Always" or bool(_IMAGE.search(container.image))


def proxies(pod: Pod) -> Iterator[tuple[int | None, Container]]:
    """Yield the port at which each proxy of a Pod listens, None where that cannot be known."""
    for container in pod.containers:
        arguments = _arguments(container)
        if arguments is None:
            continue
        flag = next((argument for argument in reversed(arguments) if argument.name == "--port"), None)
        is_known = not any(argument.name in _FILES for argument in arguments)
        yield ((_LISTENS if flag is None else whole(flag.value)) if is_known else None), container


class Sidecar(Record):
    """A proxy in front of a server of its Pod: the field that says to which port it sends, and that port."""

    container: Container
    server: Server
    field: Field
    port: int


def sidecars(index: Index) -> Iterator[Sidecar]:
    """Yield the proxies of Pods with one server."""
    for pod in pods(index):
        behind = servers_of(index, pod)
        for container in pod.containers if len(behind) == 1 else ():
            arguments = _arguments(container)
            if arguments is None or any(argument.name in _FILES for argument in arguments):
                continue
            flag = next((argument for argument in reversed(arguments) if argument.name in _PORT_FLAGS), None)
            field = container.field["args"].flag(_PORT_FLAGS[0], None) if flag is None else flag.field
            port = _DEFAULT_PORT if flag is None else whole(flag.value)
            if port is not None:
                yield Sidecar(container, behind[0], field, port)


def _arguments(container: Container) -> list[Argument] | None:
    """Return the arguments of a proxy, each flag with two dashes; None of another container."""
    if not _IMAGE.search(container.image) or container.field["command"].exists:
        return None
    words = container.commands[0].words if container.commands else []
    arguments = parsed(words, None)
    return [
        argument._replace(name=f"-{argument.name}") if re.match(r"-\w", argument.name) else argument
        for argument in arguments
    ]
