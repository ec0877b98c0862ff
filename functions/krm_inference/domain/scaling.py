"""How many servers there are, where the load decides: bounds, target, and the pace that starts and drains allow."""

from __future__ import annotations

import math

from krm_functions_sdk import because

from krm_inference.domain.facts.scaling import LONGEST_PERIOD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_inference.domain.service import LLMService

_SHARE = 0.8


def bounds(spec: dict[str, Any]) -> tuple[int, int]:
    """Return the fewest and the most replicas that a service has."""
    said = spec.get("autoscaling")
    return (said["minReplicas"], said["maxReplicas"]) if said else (spec["replicas"], spec["replicas"])


def target(service: LLMService) -> tuple[float, str]:
    """Return what of the metric each replica shall have, and why."""
    said, sizing = service.spec["autoscaling"], service.sizing
    if "target" in said:
        return said["target"], "from autoscaling.target"
    if said["metric"] == "runningRequests":
        all_of_them = sizing.sequences * service.data
        running = max(1, math.floor(_SHARE * all_of_them))
        return running, f"80 % of the {all_of_them} requests that a replica answers at once"
    if said["metric"] == "waitingRequests":
        waiting = sizing.queue * service.data
        return max(1, waiting // 2), f"half of the {waiting} requests that may wait at a replica"
    return _SHARE, "of the KV cache, beyond which requests are preempted"


def behavior(service: LLMService) -> dict[str, Any]:
    """Return how fast replicas come and go: not faster than they start, and one drain after the other."""
    delay, grace = service.spec["autoscaling"]["scaleDownDelaySeconds"], service.drain.grace_period
    start = min(LONGEST_PERIOD, math.ceil(service.startup.total))
    least = "" if grace <= LONGEST_PERIOD else f"; {LONGEST_PERIOD} is the most there is"
    up = because(start, "a new replica helps only then; until it does, no more than as many again")
    return {
        "scaleDown": {
            "stabilizationWindowSeconds": delay,
            "policies": [
                {
                    "type": "Pods",
                    "value": 1,
                    "periodSeconds": because(
                        min(LONGEST_PERIOD, grace), f"one at a time: its grace period is {grace} s{least}"
                    ),
                }
            ],
        },
        "scaleUp": {
            "stabilizationWindowSeconds": 0,
            "policies": [
                {"type": "Pods", "value": 1, "periodSeconds": up},
                {"type": "Percent", "value": 100, "periodSeconds": up},
            ],
        },
    }


def queued_seconds(spec: dict[str, Any]) -> int | None:
    """Return the seconds that a request waits while there is no server, None where nothing bounds it."""
    from krm_inference.domain.facts.scaling import QUEUE_SECONDS

    control = spec["picker"].get("flowControl") or {}
    said = control.get("noEndpointTTLSeconds", control.get("requestTTLSeconds"))
    return said if said is not None else QUEUE_SECONDS.get(spec["release"])
