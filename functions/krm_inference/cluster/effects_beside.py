"""What a difference does that is beside the servers: how many there are, who reaches them, and what they read.

Sources: which fields of a live volume and Job cannot change, pkg/apis/core/validation/validation.go
(ValidatePersistentVolumeUpdate) and pkg/apis/batch/validation/validation.go of kubernetes/kubernetes v1.37; what a
budget holds up and what a policy lets through, https://kubernetes.io/docs/concepts/workloads/pods/disruptions/ and
https://kubernetes.io/docs/concepts/services-networking/network-policies/ (2026-11).
"""

from __future__ import annotations

from typing import Any

from krm_functions_sdk.kpt.comparison import ADDED, REMOVED, Change
from krm_functions_sdk.kpt.effects import Effect

# The fields with the fewest and the most servers, by the kind of what scales.
_BOUNDS = {
    "HorizontalPodAutoscaler": ("spec.minReplicas", "spec.maxReplicas"),
    "ScaledObject": ("spec.minReplicaCount", "spec.maxReplicaCount"),
}


def _scaler(change: Change) -> str:
    if change.what == REMOVED:
        return "decides no longer how many servers run"
    fewest, highest = _BOUNDS[change.item.kind]
    least, most = change.item.get(fewest, 1), change.item.get(highest, "any number of")
    text = f"{least} to {most} servers run, by their load; none restarts"
    return text + ("; with none left, the next request waits for a start" if least == 0 else "")


def _load(_: Change) -> str:
    return "servers come and go at another load, or after another time; none restarts"


def _budget(change: Change) -> str:
    if change.what == REMOVED:
        return "a drain of nodes may end all of its Pods at once"
    for path, word in (("spec.maxUnavailable", "most"), ("spec.minAvailable", "least")):
        number = change.item.get(path)
        if number == 0:  # of maxUnavailable: nothing may go; of minAvailable: anything may
            return "no drain of nodes may end any of its Pods" if word == "most" else ""
        if number is not None:
            what = "ends" if word == "most" else "leaves"
            return f"a drain of nodes {what} at {word} {number} of its Pods at a time"
    return ""


def _policy(change: Change) -> str:
    where = "where the network enforces policies"
    if change.what == REMOVED:
        return "its Pods take requests from anybody again, at once"
    who = "those that it names alone" if change.what == ADDED else "others than before"
    return f"its Pods take requests from {who}, at once, {where}"


def _claim(change: Change) -> str:
    if change.what == REMOVED:
        return "the claim goes, and by its storage class what is stored with it"
    return f"storage of {change.item.get('spec.resources.requests.storage', 'its size')} is claimed"


def _fixed(change: Change) -> str:
    return f"a live {change.item.kind} cannot change so: give it another name, or delete it first"


def _job(change: Change) -> str:
    return "runs once, as soon as it is applied" if change.what == ADDED else ""


def _token(_: Change) -> str:
    return "the Secret is filled from another place; servers read it when they start"


def _rewrite(change: Change) -> str:
    what = {ADDED: "requests for the models that it names", REMOVED: "requests for the models that it named"}
    return f"{what.get(change.what, 'requests for the models that it names')} go to other models at once"


def _body_router(change: Change) -> str:
    if change.what == REMOVED:
        return "the gateway reads no bodies any more, and routes by headers and paths alone"
    return "the gateway has each request read for the model in its body: without the body router requests fail"


def _failure(change: Change) -> str:
    closed = change.item.get("spec.endpointPickerRef.failureMode") != "FailOpen"
    return "without a picker requests " + ("fail" if closed else "go to any server")


def _key(change: Change) -> str:
    """Say what a server's variable for its key means to clients."""
    old, new = (_names_key(one) for one in (change.before, change.after))
    if new and new != old:
        return f"clients have to bring {new}, as Authorization: Bearer, or get 401"
    return "clients need no key any more" if old and not new else ""


def _names_key(item: Any) -> str:
    path = "spec.template.spec.containers[name=vllm].env[name=VLLM_API_KEY].valueFrom.secretKeyRef"
    found = item.get(path) if item is not None else None
    return f"the key {found.get('key')} of Secret {found.get('name')}" if isinstance(found, dict) else ""


EFFECTS = [
    Effect("HorizontalPodAutoscaler|ScaledObject", r"^spec\.(min|max)Replica", _scaler),
    Effect("HorizontalPodAutoscaler|ScaledObject", "", _scaler),
    Effect("HorizontalPodAutoscaler|ScaledObject", r"^spec\.(metrics|behavior|triggers|cooldown|advanced)", _load),
    Effect("PodDisruptionBudget", r"^spec\.(max|min)", _budget),
    Effect("PodDisruptionBudget", "", _budget),
    Effect("NetworkPolicy", r"^spec\.", _policy),
    Effect("NetworkPolicy", "", _policy),
    Effect("PersistentVolumeClaim", "", _claim),
    Effect("PersistentVolume", r"^spec\.(csi|nfs|hostPath|volumeMode)", _fixed),
    Effect("Job", "", _job),
    Effect("Job", r"^spec\.(template|selector|completions)", _fixed),
    Effect("ExternalSecret", r"^spec\.", _token),
    Effect("ExternalSecret", "", lambda change: "" if change.what == REMOVED else _token(change)),
    Effect("InferenceModelRewrite", r"^spec\.", _rewrite),
    Effect("InferenceModelRewrite", "", _rewrite),
    Effect("GCPRoutingExtension|EnvoyFilter", "", _body_router),
    Effect("InferencePool", r"^spec\.(endpointPickerRef|extensionRef)\.failureMode", _failure),
    Effect("Deployment", r"^spec\.template\.spec\.containers\[name=vllm\]\.env\[name=VLLM_API_KEY\]", _key),
]
