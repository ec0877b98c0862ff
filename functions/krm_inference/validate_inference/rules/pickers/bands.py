"""Flow control of a picker: how much may wait, at all and at each priority."""

from __future__ import annotations

from collections.abc import Iterator

from krm_inference.domain.amounts import amount
from krm_inference.manifests.files import picker_configs
from krm_inference.manifests.index import Index
from krm_inference.manifests.objects import Field
from krm_inference.manifests.pickers import pickers
from krm_inference.validate_inference.findings import Finding

_GATE = "flowControl"
_LIMITS = ("maxBytes", "maxRequests")
_TEMPLATES = ("defaultPriorityBand", "defaultNegativePriorityBand")
# What is read without the gate too.
_ALWAYS_READ = ("saturationDetector",)


def refused_bands(index: Index) -> Iterator[Finding]:
    """Yield bands with which a picker exits: two of one priority, and limits below zero."""
    for flow, is_open in _flows(index):
        if not is_open:
            continue
        for part in (flow, *_bands(flow)):
            for limit in (part[name] for name in _LIMITS):
                number = amount(limit.value)
                if number is not None and number < 0:
                    yield Finding(limit, f"found {limit.value}, expected 0 or more")
        seen = set()
        for band in flow["priorityBands"]:
            priority = band["priority"].number or 0
            if priority in seen:
                yield Finding(band["priority"], f"two bands have priority {priority}")
            seen.add(priority)


def idle_limits(index: Index) -> Iterator[Finding]:
    """Yield limits without effect: flow control is off, or the limit of all bands is reached before."""
    for flow, is_open in _flows(index):
        said = [name for name in flow.map if name not in _ALWAYS_READ]
        if not is_open:
            if said:
                message = f"the feature gate {_GATE} is off, so the picker ignores {', '.join(said)}"
                yield Finding(flow[said[0]], message)
            continue
        for name in _LIMITS:
            most = amount(flow[name].value)
            for band in _bands(flow) if most else ():
                own = amount(band[name].value)
                if own is not None and most is not None and own > most:
                    message = f"found {band[name].value}, more than {flow[name].value}, which all bands have together"
                    yield Finding(band[name], message)


def _flows(index: Index) -> Iterator[tuple[Field, bool]]:
    """Yield what configurations say of flow control, of pickers that have it, and whether its gate is open."""
    for picker in pickers(index):
        known = picker.config
        for config in picker_configs(index, picker) if known and _GATE in known.keys else ():
            gates = [str(gate.value) for gate in config["featureGates"]]
            if config["flowControl"].map:
                yield config["flowControl"], _GATE in gates or f"{_GATE}=true" in gates


def _bands(flow: Field) -> Iterator[Field]:
    yield from (flow[name] for name in _TEMPLATES)
    yield from flow["priorityBands"]
