"""What a difference between manifests does to what runs: a row for each thing that an operator would want to know.

Sources: the rolling update of Deployments, https://kubernetes.io/docs/concepts/workloads/controllers/deployment/
(2026-11); what a picker makes of a priority and of a name that no objective has, pkg/epp/requestcontrol/director.go of
kubernetes-sigs/gateway-api-inference-extension v1.0.0; what a sidecar does with its list of adapters,
tools/dynamic-lora-sidecar/sidecar/sidecar.py there; fields of Services and selectors that are immutable,
pkg/apis/apps/validation/validation.go of kubernetes/kubernetes v1.37; of claims, see domain/claims.py.
"""

from __future__ import annotations

import re

from krm_functions_sdk import Resource
from krm_functions_sdk.kpt.comparison import ADDED, REMOVED, Change
from krm_functions_sdk.kpt.effects import Effect

from krm_inference.domain import claims
from krm_inference.domain.facts.releases import RELEASES
from krm_inference.domain.remains import maker
from krm_inference.manifests.hardware import DEVICES
from krm_inference.manifests.objects import Object
from krm_inference.manifests.replicas import rolling

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_CONTAINERS = "spec.template.spec.containers"
_PICKER = "generate-inference-pool"


def gpus(item: Resource | None) -> int:
    """Return the GPUs that one Pod of a workload takes."""
    containers = item.get(_CONTAINERS, []) if item is not None else []
    limits = [_map(_map(_map(one).get("resources")).get("limits")) for one in containers or []]
    found = [limit.get(device, 0) for limit in limits for device in DEVICES]
    return sum(int(count) for count in found if str(count).isdecimal())


def replicas(item: Resource | None) -> int:
    """Return how many Pods a workload makes: one where it does not say."""
    count = item.get("spec.replicas", 1) if item is not None else 0
    return count if isinstance(count, int) else 1


def _restart(change: Change) -> str:
    item, count = change.item, replicas(change.item)
    if change.what != "changed" or not count:
        return ""
    each = gpus(item)
    if maker(item)[0] == _PICKER or not each:
        what = "the endpoint picker" if maker(item)[0] == _PICKER else f"{count} Pod{'s' * (count > 1)}"
        stops = item.get("spec.strategy.type", "") == "Recreate"
        return f"restarts {what}{', which stops before the new one starts' if stops else ''}"
    surge, fewer = rolling(Object(item, item.data, 0), count)
    servers = f"{count} server{'s' * (count > 1)}"
    text = f"restarts {servers}: each loads the model again, and answers what it has begun first"
    if surge:
        more = surge * each
        text += f"; needs {more} more GPU{'s' * (more > 1)} while rolling"
    return text + (f"; {fewer} fewer answer{'s' * (fewer == 1)} meanwhile" if fewer else "")


def _scale(change: Change) -> str:
    if change.what == "changed" and change.item.get("spec.replicas") is None:
        return "says no more how many servers there are: an autoscaler does, or there is one"
    more = replicas(change.after) - replicas(change.before)
    each = gpus(change.item)
    if change.what != "changed" or not more or not each:
        return ""
    word = "more" if more > 0 else "fewer"
    count, cards = abs(more), abs(more) * each
    return f"{count} server{'s' * (count > 1)} {word}: {cards} GPU{'s' * (cards > 1)} {word}"


def _gpus_of_all(change: Change) -> str:
    before, after = (replicas(one) * gpus(one) for one in (change.before, change.after))
    if change.what == ADDED and after:
        return f"needs {after} GPU{'s' * (after > 1)}"
    return f"frees {before} GPU{'s' * (before > 1)}" if change.what == REMOVED and before else ""


def _nodes(change: Change) -> str:
    now = [
        str(one.new)
        for one in change.differences
        if one.path.startswith("spec.template.spec.nodeSelector") and isinstance(one.new, str)
    ]
    return f"moves to nodes with {', '.join(now)}; none of them need be there yet" if now else ""


def _selector(_: Change) -> str:
    return "a selector cannot change: the object has to be deleted and made anew, which ends its Pods"


def _claim(change: Change) -> str:
    if change.what != "changed":
        return ""
    before, after = (_map(_of(one, "spec")) for one in (change.before, change.after))
    found = [f"{field} {text}" for field, text in claims.refusals(before, after)]
    end = ": the claim has to be deleted and made anew, which takes what it holds, or under another name"
    return f"{'; '.join(found)}{end}" if found else ""


def _priority(change: Change) -> str:
    if change.what == REMOVED:
        return f"priority of {change.item.name} becomes 0, for whoever names it in {_header(change.item)}"
    before, after = (_of(one, "spec.priority") for one in (change.before, change.after))
    if change.what == ADDED:
        return f"requests that name {change.item.name} in {_header(change.item)} get priority {after or 0}"
    text = f"priority of {change.item.name} becomes {after or 0}, at once"
    if (before or 0) >= 0 > (after or 0):
        text += ": its requests are the first to be refused when the pool is full"
    return text


def _group(change: Change) -> str:
    return f"clients have to name it in the header {_header(change.item)}: without it the priority is 0"


def _header(item: Resource) -> str:
    found = {one.objective_header for one in RELEASES.values() if one.objective_api == item.api_version}
    return " or ".join(sorted(found)) or "the header of objectives"


def _gateway(change: Change) -> str:
    what = {ADDED: "a load balancer is made", REMOVED: "the load balancer and its address go"}
    return what.get(change.what, "another load balancer is made, with another address; requests to the old one fail")


def _listener(_: Change) -> str:
    return "the load balancer listens otherwise: clients may have to use another port or scheme"


def _route(change: Change) -> str:
    what = {ADDED: "requests are routed to it at once", REMOVED: "its requests find no route, and get 404"}
    return what.get(change.what, "requests are routed otherwise at once; no server restarts")


def _adapters(change: Change) -> str:
    old, new = (
        set(re.findall(r"^\s*-? *id: *(\S+)", str(_of(one, "data[configmap.yaml]") or ""), re.MULTILINE))
        for one in (change.before, change.after)
    )
    parts = [f"loads {', '.join(sorted(new - old))}"] * bool(new - old)
    parts += [f"no longer lists {', '.join(sorted(old - new))}, which stays loaded until its server restarts"] * bool(
        old - new
    )
    return f"{' and '.join(parts)}: a sidecar does it, without a restart" if parts else ""


def _pool(_: Change) -> str:
    return "requests go to other servers or another port at once"


def _picker_configuration(change: Change) -> str:
    text = "the picker reads its configuration when it starts: it has to restart"
    return text if maker(change.item)[0] == _PICKER and change.what == "changed" else ""


def _timeout(_: Change) -> str:
    return "the load balancer gives up on a request, or on a server that drains, after another time"


def _tokens(change: Change) -> str:
    asked, asks = (any(_of(one, path) is not None for path in _TOKENS) for one in (change.before, change.after))
    if asks:
        return (
            "the Gateway takes other tokens, at once" if asked else "the Gateway refuses who brings no token, at once"
        )
    return "the Gateway asks for no token any more: it answers whoever reaches it" if asked else ""


# What asks for tokens, in the policies that classes of Gateways have for it.
_TOKENS = ("spec.jwtRules", "spec.jwt", "spec.traffic.jwtAuthentication")
EFFECTS = [
    Effect("Deployment|StatefulSet", r"^spec\.template\.", _restart),
    Effect("Deployment|StatefulSet", r"^spec\.replicas$", _scale),
    Effect("Deployment|StatefulSet", r"^spec\.template\.spec\.nodeSelector", _nodes),
    Effect("Deployment|StatefulSet", "", _gpus_of_all),
    Effect("Deployment|StatefulSet", r"^spec\.selector", _selector),
    Effect("PersistentVolumeClaim", r"^spec\.", _claim),
    Effect("InferenceObjective", r"^spec\.priority$", _priority),
    Effect("InferenceObjective", "", _priority),
    Effect("InferenceObjective", r"^apiVersion$", _group),
    Effect("InferencePool", r"^spec\.(selector|targetPorts|targetPortNumber)", _pool),
    Effect("Gateway", r"^spec\.gatewayClassName$", _gateway),
    Effect("Gateway", r"^spec\.listeners", _listener),
    Effect("Gateway", "", _gateway),
    Effect("HTTPRoute", r"^spec\.", _route),
    Effect("HTTPRoute", "", _route),
    Effect("ConfigMap", r"^data\[configmap\.yaml\]", _adapters),
    Effect("ConfigMap", r"^data", _picker_configuration),
    Effect("RequestAuthentication|SecurityPolicy|AgentgatewayPolicy", r"^spec\.", _tokens),
    Effect("RequestAuthentication|SecurityPolicy|AgentgatewayPolicy", "", _tokens),
    Effect("GCPBackendPolicy", r"^spec\.default\.(timeoutSec|connectionDraining)", _timeout),
]


def _of(item: Resource | None, path: str) -> Any:
    return item.get(path) if item is not None else None


def _map(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
