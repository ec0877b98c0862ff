"""Redirects of routes: where they lead, there must be a listener, and another one than they come from."""

from __future__ import annotations

from collections.abc import Iterator

from krm_functions_sdk import MISSING

from krm_inference.manifests.index import Index
from krm_inference.manifests.objects import Field, Object
from krm_inference.manifests.routing import attached, listeners, pool_routes
from krm_inference.validate_inference.findings import Finding, listed

_PORTS = {"http": 80, "https": 443}


def leads_nowhere(index: Index) -> Iterator[Finding]:
    """Yield redirects, on Gateways of routes to pools, that lead to no listener, or back to the one they are on."""
    of_pools = {gateway for _, gateway in pool_routes(index)}
    for parent, gateway in attached(index):
        for rule in parent.object.at("spec.rules") if gateway in of_pools else ():
            for item in rule["filters"]:
                redirect = item["requestRedirect"]
                if redirect.map and not redirect["hostname"].exists:
                    yield from _astray(redirect, parent, gateway)


def _astray(redirect: Field, parent: Field, gateway: Object) -> Iterator[Finding]:
    known = [(item["protocol"].text.lower(), item["port"].number) for item in gateway.at("spec.listeners")]
    for listener in listeners(parent, gateway):
        here = listener["protocol"].text.lower(), listener["port"].number
        scheme = redirect["scheme"].text.lower() or here[0]
        own = _PORTS.get(scheme) if redirect["scheme"].exists else here[1]
        there = scheme, redirect["port"].number if redirect["port"].exists else own
        if there == here and not redirect["path"].exists:
            yield Finding(redirect["scheme"], f"the redirect loops: from {_shown(*here)} to the same listener")
            return
        if there not in known and scheme in _PORTS:
            ports = [port for protocol, port in known if protocol == scheme]
            held = listed(_shown(*one) for one in known)
            message = f"it leads to {_shown(*there)}, which is not a listener; {gateway.place} has: {held}"
            yield Finding(redirect["port"], message, ports[0] if len(ports) == 1 else MISSING)
            return


def _shown(scheme: str, port: int | None) -> str:
    return f"{scheme} on port {port}"
