"""Starts of servers: whether a startup probe waits for as long as the weights take."""

from __future__ import annotations

import math
from collections.abc import Iterator

from krm_functions_sdk import MISSING

from krm_inference.domain.startup import LOAD_RATE, without_download
from krm_inference.manifests.hardware import served
from krm_inference.manifests.index import Index
from krm_inference.manifests.objects import Field
from krm_inference.manifests.servers import servers
from krm_inference.validate_inference.findings import Finding

# Kubernetes' defaults of a probe.
_PROBE = {"initialDelaySeconds": 0, "periodSeconds": 10, "failureThreshold": 3}


def shorter_than_weights(index: Index) -> Iterator[Finding]:
    """Yield startup probes that give up before a server of a known model has loaded its weights and compiled."""
    for server in servers(index):
        model, probe = served(index, server), server.container.field["startupProbe"]
        if model is None or not probe.map:
            continue
        delay, period, failures = (_number(probe[name], default) for name, default in _PROBE.items())
        allowed, needed = delay + period * failures, without_download(model.weights, model.layers)
        if allowed < needed.total:
            message = (
                f"the probe waits {allowed} s, but {needed.gib:.1f} GiB of weights take about {needed.load:.0f} s to "
                f"load at {LOAD_RATE} MiB/s and vLLM {needed.start:.0f} s to compile and start = {needed.total:.0f} s, "
                "without any download"
            )
            proposed = math.ceil((needed.total - delay) / period) if period > 0 else MISSING
            yield Finding(probe["failureThreshold"], message, proposed)


def _number(field: Field, default: int) -> int:
    return field.number if field.number is not None else default
