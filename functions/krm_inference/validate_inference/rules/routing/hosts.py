"""Hosts of Istio's DestinationRules: by them the mesh speaks TLS to an endpoint picker."""

from __future__ import annotations

from collections.abc import Iterator

from krm_functions_sdk import MISSING

from krm_inference.manifests import groups
from krm_inference.manifests.index import Index
from krm_inference.manifests.links import of_rows
from krm_inference.validate_inference.findings import Finding, listed

_RULE = ("networking.istio.io", "DestinationRule")
_OF_PICKERS = "-epp"  # how the charts of GAIE and llm-d end the name of a picker's Service


def hosts_of_no_picker(index: Index) -> Iterator[Finding]:
    """Yield hosts that are the name of a pool, which is no host, or that of a picker which is not here."""
    whole = index.whole
    services = {item.name for item in whole.of(groups.SERVICE)}
    pools = {item.name for item in whole.of(groups.POOL, groups.POOL_X)}
    named = {link.name.text for link in of_rows(whole, "pool-picker")}
    named |= {pool.at("spec.extensionRef.name").text for pool in whole.of(groups.POOL_X)}
    pickers = sorted(named & services)
    for rule in index.of(_RULE):
        host = rule.at("spec.host")
        name = host.text.partition(".")[0]
        if not name or name in services or not pickers:
            continue
        proposed = pickers[0] + host.text[len(name) :] if len(pickers) == 1 else MISSING
        if name in pools:
            yield Finding(host, f"{name} is an InferencePool, and no Service; pickers are {listed(pickers)}", proposed)
        elif name.endswith(_OF_PICKERS):
            yield Finding(host, f"no Service {name}; pickers are {listed(pickers)}", proposed)
