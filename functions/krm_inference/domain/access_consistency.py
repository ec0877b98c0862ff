"""What of `server.apiKeySecret` and `networkPolicy` cannot be: a key that guards nothing, a policy that shuts out."""

from __future__ import annotations

import ipaddress

from krm_functions_sdk import MISSING, Result

from krm_inference.domain.facts import gateway_classes
from krm_inference.domain.facts.platforms import PLATFORMS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from krm_inference.domain.service import LLMService

# What vLLM asks a key for (vLLM 0.33.0, entrypoints/serve/middleware/authenticate.py, GUARDED_PREFIX). Outside of it
# are /health and /metrics, which probe and picker ask without a key, and /invocations, which answers like a chat.
GUARDED = "/v1"
_VARIABLE = "VLLM_API_KEY"


def check(service: LLMService) -> Iterator[Result]:
    """Yield every fault of who may ask the servers."""
    if "apiKeySecret" in service.spec["server"]:
        yield from _key(service)
    if "networkPolicy" in service.spec:
        yield from _policy(service, service.spec["networkPolicy"])


def _key(service: LLMService) -> Iterator[Result]:
    field, said = "spec.server.apiKeySecret", service.spec["server"]["apiKeySecret"]
    if service.spec["adapters"] and service.spec["lora"]["loader"] == "syncer":
        message = "the LoRA syncer cannot send a key and would crash; take lora.loader static, or leave out the key"
        yield service.fault(field, message, said)
    if _VARIABLE in service.extra_env:
        message = f"server.env sets {_VARIABLE} too; leave out one of the two"
        yield service.fault(field, message, said)
    route = service.spec["route"]
    if route["stripPrefix"]:
        message = (
            f"vLLM asks a key for paths below {GUARDED}, and with stripPrefix the Gateway leads to all others as "
            "well, such as /invocations, which answers without one; leave out stripPrefix"
        )
        yield service.fault("spec.route.stripPrefix", message, True)
        return
    for place, path in _paths(service):
        if not f"{path}/".startswith(f"{GUARDED}/"):
            message = (
                f"vLLM asks a key for paths below {GUARDED}, and this leads to others as well, such as "
                f"/invocations, which answers without one; take {GUARDED} or a path below it"
            )
            yield service.fault(place, message, path)


def _paths(service: LLMService) -> Iterator[tuple[str, str]]:
    """Yield each path by which the Gateway leads to the service, with its field."""
    route = service.spec["route"]
    yield from ((f"spec.route.paths[{index}]", path) for index, path in enumerate(route["paths"]))
    if not route["paths"]:
        yield "spec.route.pathPrefix", route["pathPrefix"]
    for part in ("adapters", "objectives"):
        for index, one in enumerate(service.spec[part]):
            if "pathPrefix" in one.get("match", {}):
                yield f"spec.{part}[{index}].match.pathPrefix", one["match"]["pathPrefix"]


def _policy(service: LLMService, said: dict[str, Any]) -> Iterator[Result]:
    name = service.spec["gateway"]["className"]
    if gateway_classes.of(name).pods is None and not said["gatewayRanges"]:
        what = "the proxy-only subnet of its region" if gateway_classes.of(name).is_gke else "its addresses"
        message = f"missing; the Gateways of {name} are no Pods that are known by a label: expected {what}"
        yield service.fault("spec.networkPolicy.gatewayRanges", message, MISSING)
    for index, text in enumerate(said["gatewayRanges"]):
        try:
            ipaddress.ip_network(text)
        except ValueError as fault:
            message = f"found {text}, expected a range of addresses such as 10.129.0.0/23: {fault}"
            yield service.fault(f"spec.networkPolicy.gatewayRanges[{index}]", message, text)
    platform = PLATFORMS[service.spec["platform"]]
    if not platform.collector and "scraperNamespace" not in said:
        message = (
            f"missing; {platform.title} brings no Prometheus of its own, and one that is not named reads no metrics "
            "any more: expected its namespace"
        )
        yield service.fault("spec.networkPolicy.scraperNamespace", message, MISSING)
