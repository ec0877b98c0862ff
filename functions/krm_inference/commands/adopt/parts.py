"""Prefill and decode among the servers: one service, of which the server that answers is adopted with the other one."""

from __future__ import annotations

from typing import Any

from krm_inference.domain.facts.disaggregation import DECODE, DISAGGREGATION
from krm_inference.manifests import hardware
from krm_inference.manifests.disaggregation import decodes, proxies
from krm_inference.manifests.files import picker_configs
from krm_inference.manifests.index import Index
from krm_inference.manifests.pickers import Picker
from krm_inference.manifests.servers import Server

_SUFFIX = f"-{DECODE}"


def is_read_for_others(index: Index, server: Server) -> bool:
    """Say whether a server reads prompts for another one, whose intent says so."""
    return any(server in one.prefills for one in decodes(index))


def name(index: Index, server: Server) -> str:
    """Return the name of the service: without that of the part where there is another one."""
    own = server.pod.object.name
    return own.removesuffix(_SUFFIX) if _prefill(index, server) else own


def fields(index: Index, server: Server, picker: Picker | None, spec: dict[str, Any]) -> None:
    """Write into the intent what it says of the servers that read prompts, and take out what follows from them."""
    other = _prefill(index, server)
    if other is None:
        return
    found: dict[str, Any] = {"replicas": other.pod.object.at("spec.replicas").number or 1}
    count = other.number(1, *hardware.TENSOR) or 1
    if count != spec["accelerator"].get("count", 1):
        found["accelerator"] = {"count": count}
    least = _threshold(index, picker)
    spec["prefill"] = found | ({"nonCachedTokens": least} if least else {})
    outer = next((port for port, _ in proxies(server.pod) if port), None)
    spec["server"]["port"] = outer or spec["server"].get("port", 8000)
    spec.pop("drain", None)  # the time before a stop has that of the hand-over in it


def _prefill(index: Index, server: Server) -> Server | None:
    return next((one.prefills[0] for one in decodes(index) if one.server is server), None)


def _threshold(index: Index, picker: Picker | None) -> int | None:
    known = next(iter(DISAGGREGATION.values()))
    for config in picker_configs(index, picker) if picker is not None else ():
        for plugin in config["plugins"]:
            if plugin["type"].text == known.decider:
                return plugin["parameters"][known.threshold].number
    return None
