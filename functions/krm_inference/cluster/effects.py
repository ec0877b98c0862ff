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
from krm_functions_sdk.document.wanted import MISSING
from krm_functions_sdk.kpt.comparison import ADDED, REMOVED, Change
from krm_functions_sdk.kpt.effects import Effect

from krm_inference.cluster import effects_beside
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
_GUESTS = ".allowedRoutes"


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
    is_scaled = item.get("spec.replicas") is None
    each = gpus(item)
    if maker(item)[0] == _PICKER or not each:
        what = "the endpoint picker" if maker(item)[0] == _PICKER else f"{count} Pod{'s' * (count > 1)}"
        stops = item.get("spec.strategy.type", "") == "Recreate"
        return f"restarts {what}{', which stops before the new one starts' if stops else ''}"
    surge, fewer = rolling(Object(item, item.data, 0), count)
    servers = "its servers" if is_scaled else f"{count} server{'s' * (count > 1)}"
    text = f"restarts {servers}: each loads the model again, and answers what it has begun first"
    if surge and not is_scaled:
        more = surge * each
        text += f"; needs {more} more GPU{'s' * (more > 1)} while rolling"
    return text + (f"; {fewer} fewer answer{'s' * (fewer == 1)} meanwhile" if fewer else "")


def _scale(change: Change) -> str:
    if change.what == "changed" and change.item.get("spec.replicas") is None:
        return "says no more how many servers there are: an autoscaler does, or there is one"
    if change.before is not None and change.after is not None and change.before.get("spec.replicas") is None:
        return f"says how many servers there are: {replicas(change.after)}"
    more = replicas(change.after) - replicas(change.before)
    each = gpus(change.item)
    if change.what != "changed" or not more or not each:
        return ""
    word = "more" if more > 0 else "fewer"
    count, cards = abs(more), abs(more) * each
    return f"{count} server{'s' * (count > 1)} {word}: {cards} GPU{'s' * (cards > 1)} {word}"


def _cards(change: Change) -> str:
    """Say that each server takes another number of GPUs, and what that is for all of them."""
    before, after = (gpus(one) for one in (change.before, change.after))
    if change.what != "changed" or not (before and after) or before == after:
        return ""
    text = f"each server takes {after} GPU{'s' * (after > 1)} in place of {before}"
    if change.item.get("spec.replicas") is None:
        return text
    more = replicas(change.after) * after - replicas(change.before) * before
    if not more:
        return f"{text}: as many as before in all"
    return f"{text}: {abs(more)} GPU{'s' * (abs(more) > 1)} {'more' if more > 0 else 'fewer'} in all"


def _strategy(change: Change) -> str:
    return "says how the next roll-out replaces Pods; none restarts" if change.what == "changed" else ""


def _gpus_of_all(change: Change) -> str:
    before, after = (replicas(one) * gpus(one) for one in (change.before, change.after))
    if change.what == ADDED and after:
        return f"needs {after} GPU{'s' * (after > 1)}"
    return f"frees {before} GPU{'s' * (before > 1)}" if change.what == REMOVED and before else ""


def _nodes(change: Change) -> str:
    now = [
        f"{one.path.rpartition('[')[2].removesuffix(']').rpartition('nodeSelector.')[2]}={one.new}"
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
    former = change.before.name if change.before is not None else ""
    if former and former != change.item.name:
        header = _header(change.item)
        return f"in {header}, {former} now stands for priority 0, and {change.item.name} for {after or 0}"
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


def _guests(change: Change) -> str:
    """Say it of a listener that stays: one that comes or goes is said by _listener."""
    stays = any(one.old is not MISSING and one.new is not MISSING for one in change.differences if _GUESTS in one.path)
    return "routes of other namespaces may attach that could not, or no longer those that could" if stays else ""


def _route(change: Change) -> str:
    if change.what != "changed" and _redirects(change.item):
        is_new = change.what == ADDED
        return "plain requests are sent to HTTPS at once" if is_new else "plain requests are not sent to HTTPS any more"
    what = {ADDED: "requests are routed to it at once", REMOVED: "its requests find no route, and get 404"}
    shares = _shares(change.item) if any("backendRefs" in one.path for one in change.differences) else ""
    return what.get(change.what, f"requests are routed otherwise at once{shares}; no server restarts")


def _shares(item: Resource) -> str:
    """Return the share of each of several backends of a rule, "" where there are none such."""
    for rule in item.get("spec.rules", []) or []:
        backends = [_map(one) for one in _map(rule).get("backendRefs") or []]
        weights = [one.get("weight", 1) for one in backends]
        if len(backends) > 1 and all(isinstance(weight, int) for weight in weights) and sum(weights):
            parts = (f"{100 * weight / sum(weights):.3g} % to {one.get('name')}"
                     for one, weight in zip(backends, weights, strict=True))  # fmt: skip
            return f", {', '.join(parts)}"
    return ""


def _redirects(item: Resource) -> bool:
    rules = [_map(rule) for rule in item.get("spec.rules", []) or []]
    return bool(rules) and not any(rule.get("backendRefs") for rule in rules)


def _adapters(change: Change) -> str:
    old, new = (
        set(re.findall(r"^\s*-? *id: *(\S+)", str(_of(one, "data[configmap.yaml]") or ""), re.MULTILINE))
        for one in (change.before, change.after)
    )
    parts = [f"loads {', '.join(sorted(new - old))}"] * bool(new - old)
    gone = sorted(old - new)
    stay = f"which stay{'s' * (len(gone) == 1)} loaded until its server restarts"
    parts += [f"no longer lists {', '.join(gone)}, {stay}"] * bool(gone)
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
    Effect("Deployment|StatefulSet", r"^spec\.template\.spec\.containers", _cards),
    Effect("Deployment|StatefulSet", r"^spec\.strategy", _strategy),
    Effect("Deployment|StatefulSet", r"^spec\.template\.spec\.nodeSelector", _nodes),
    Effect("Deployment|StatefulSet", "", _gpus_of_all),
    Effect("Deployment|StatefulSet", r"^spec\.selector", _selector),
    Effect("PersistentVolumeClaim", r"^spec\.", _claim),
    Effect("InferenceObjective", r"^(metadata\.name|spec\.priority)$", _priority),
    Effect("InferenceObjective", "", _priority),
    Effect("InferenceObjective", r"^apiVersion$", _group),
    Effect("InferencePool", r"^spec\.(selector|targetPorts|targetPortNumber)", _pool),
    Effect("Gateway", r"^(spec\.gatewayClassName|metadata\.name)$", _gateway),
    Effect("Gateway", r"^spec\.listeners(?!.*\.allowedRoutes)", _listener),
    Effect("Gateway", r"^spec\.listeners.*\.allowedRoutes", _guests),
    Effect("Gateway", "", _gateway),
    Effect("HTTPRoute", r"^spec\.", _route),
    Effect("HTTPRoute", "", _route),
    Effect("ConfigMap", r"^data\[configmap\.yaml\]", _adapters),
    Effect("ConfigMap", r"^data", _picker_configuration),
    Effect("RequestAuthentication|SecurityPolicy|AgentgatewayPolicy", r"^spec\.", _tokens),
    Effect("RequestAuthentication|SecurityPolicy|AgentgatewayPolicy", "", _tokens),
    Effect("GCPBackendPolicy", r"^spec\.default\.(timeoutSec|connectionDraining)", _timeout),
    *effects_beside.EFFECTS,
]


def _of(item: Resource | None, path: str) -> Any:
    return item.get(path) if item is not None else None


def _map(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
