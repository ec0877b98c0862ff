"""The volumes of a model server that an intent asks for: weights that lie in one, downloads that are kept, a token."""

from __future__ import annotations

import math

from krm_functions_sdk import because

from krm_inference.domain import weights
from krm_inference.domain.facts import models
from krm_inference.domain.facts.stores import GCSFUSE_ANNOTATION, GKE_SECRET_DRIVER, SECRET_DRIVER, STORES
from krm_inference.domain.generation import Table, metadata
from krm_inference.domain.quantities import stored
from krm_inference.domain.service import LLMService

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

FILE = "weights.yaml"
NOBODY = 65532
_TOKEN_FOLDER = "/var/run/secrets/huggingface"
_CLAIM = ("spec.accessModes", "spec.storageClassName", "spec.resources.requests.storage")

OWNS: Table = {
    "weights ServiceAccount": (),
    "weights PersistentVolume": (
        "spec.capacity.storage",
        "spec.accessModes",
        "spec.persistentVolumeReclaimPolicy",
        "spec.claimRef.name",
        "spec.claimRef.namespace",
        "spec.mountOptions",
        "spec.csi",
    ),
    "weights PersistentVolumeClaim": (*_CLAIM, "spec.volumeName"),
    "cache PersistentVolumeClaim": _CLAIM,
    "download Job": ("spec.backoffLimit", "spec.template.spec"),
    "token ExternalSecret": ("spec.refreshInterval", "spec.secretStoreRef", "spec.target.name", "spec.data"),
}


def volumes(service: LLMService) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield each volume of a Pod with its mount in the server."""
    source = service.source
    if source and source.scheme:
        mount = {"name": "weights", "mountPath": weights.MOUNT, "readOnly": True}
        yield {"name": "weights", **_weights(service, source)}, mount
    if source and source.cache is not None:
        claim = {"claimName": source.cache.get("claim", service.names.cache)}
        yield {"name": "cache", "persistentVolumeClaim": claim}, {"name": "cache", "mountPath": weights.CACHE}
    if "providerClass" in service.spec["model"]["tokenSecret"] and weights.asks_hub(service.spec):
        yield _token_volume(service), {"name": "hub-token", "mountPath": _TOKEN_FOLDER, "readOnly": True}


def pod_annotations(service: LLMService) -> dict[str, str]:
    """Return the annotations that volumes need on a Pod."""
    is_fuse = service.source is not None and service.source.scheme == "gs"
    return {GCSFUSE_ANNOTATION: "true"} if is_fuse else {}


def group(service: LLMService) -> dict[str, Any]:
    """Return what lets a server that is nobody write to a claim."""
    has_cache = service.source is not None and service.source.cache is not None
    if not has_cache or not service.is_restricted or not service.platform.fixed_users:
        return {}
    return {"fsGroup": NOBODY, "fsGroupChangePolicy": "OnRootMismatch"}


def token(service: LLMService) -> list[dict[str, Any]]:
    """Return the variables by which a server has the token of the hub; none where it asks the hub for nothing."""
    secret = service.spec["model"]["tokenSecret"]
    if not weights.asks_hub(service.spec):
        return []
    if "providerClass" in secret:
        return [{"name": "HF_TOKEN_PATH", "value": f"{_TOKEN_FOLDER}/{secret['key']}"}]
    optional = {"optional": True} if secret["optional"] else {}
    reference = {"name": secret["name"], "key": secret["key"], **optional}
    return [{"name": "HF_TOKEN", "valueFrom": {"secretKeyRef": reference}}]


def home(service: LLMService) -> str:
    """Return where downloads go."""
    has_cache = service.source is not None and service.source.cache is not None
    return f"{weights.CACHE if has_cache else '/data'}/huggingface"


def on_node(service: LLMService) -> models.Weights | None:
    """Return the weights that lie on the node's own disk, None where a volume has them."""
    source = service.source
    if source and (source.scheme or source.cache is not None):
        return None
    return models.weights(service.model, service.spec["model"]["facts"])


def objects(service: LLMService) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each object that the volumes need, with its role."""
    source, secret = service.source, service.spec["model"]["tokenSecret"]
    if source and source.account:
        meta = metadata(source.account, service)
        yield "weights ServiceAccount", {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta}
    if source and source.scheme == "s3":
        yield from _bucket(service, source)
    if source and source.cache is not None:
        if "claim" not in source.cache:
            yield "cache PersistentVolumeClaim", _cache(service, source.cache)
        if source.cache["download"]:
            yield "download Job", _download(service)
    if "externalSecret" in secret and weights.asks_hub(service.spec):
        yield "token ExternalSecret", _external(service, secret)


def _weights(service: LLMService, source: weights.Source) -> dict[str, Any]:
    if source.scheme == "oci":
        return {"image": {"reference": source.store, "pullPolicy": "IfNotPresent"}}
    if source.scheme == "gs":
        users = f",uid={NOBODY},gid={NOBODY}" if service.is_restricted else ""
        attributes = {"bucketName": source.store, "mountOptions": f"implicit-dirs{users}"}
        return {"csi": {"driver": STORES["gs"].driver, "readOnly": True, "volumeAttributes": attributes}}
    claim = service.names.weights if source.scheme == "s3" else source.store
    return {"persistentVolumeClaim": {"claimName": claim, "readOnly": True}}


def _token_volume(service: LLMService) -> dict[str, Any]:
    driver = GKE_SECRET_DRIVER if service.platform.is_gke else SECRET_DRIVER
    attributes = {"secretProviderClass": service.spec["model"]["tokenSecret"]["providerClass"]}
    return {"name": "hub-token", "csi": {"driver": driver, "readOnly": True, "volumeAttributes": attributes}}


def _bucket(service: LLMService, source: weights.Source) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the volume of a bucket and the claim of it: the driver mounts no other way.

    The volume has no class, which is left out, since a server stores no empty one; the claim has to say so.
    """
    names = service.names
    size = because("1Gi", "asked for by Kubernetes; a bucket has no size")
    identity = {"authenticationSource": "pod"} if source.account else {}
    users = [f"uid={NOBODY}", f"gid={NOBODY}", "allow-other"] if service.is_restricted else []
    claimed = {"claimRef": {"name": names.weights, "namespace": service.namespace}} if service.namespace else {}
    volume = {
        "capacity": {"storage": size},
        "accessModes": ["ReadOnlyMany"],
        "persistentVolumeReclaimPolicy": "Retain",
        **claimed,
        "mountOptions": ["read-only", *users],
        "csi": {
            "driver": STORES["s3"].driver,
            "volumeHandle": names.weights_cluster,
            "volumeAttributes": {"bucketName": source.store, **identity},
        },
    }
    meta = {"name": names.weights_cluster}
    yield (
        "weights PersistentVolume",
        {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": meta, "spec": volume},
    )
    claim = {
        "accessModes": ["ReadOnlyMany"],
        "storageClassName": "",
        "volumeName": names.weights_cluster,
        "resources": {"requests": {"storage": size}},
    }
    yield "weights PersistentVolumeClaim", _claim(service, names.weights, claim)


def _claim(service: LLMService, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata(name, service), "spec": spec}


def _cache(service: LLMService, cache: dict[str, Any]) -> dict[str, Any]:
    gib = math.ceil(models.weights(service.model, service.spec["model"]["facts"]).gib)
    derived = because(
        stored(f"{2 * gib + 5}Gi"), f"{gib} GiB of weights × 2, for one more revision, + 5 GiB of adapters"
    )
    spec = {
        "accessModes": [cache["accessMode"]],
        **({"storageClassName": cache["storageClassName"]} if "storageClassName" in cache else {}),
        "resources": {"requests": {"storage": stored(cache["size"]) if "size" in cache else derived}},
    }
    return _claim(service, service.names.cache, spec)


def _download(service: LLMService) -> dict[str, Any]:
    """Return the Job that fills the cache; a Job cannot be changed, so its name follows from what it does."""
    import hashlib

    mounts = [mount for volume, mount in volumes(service) if volume["name"] != "weights"]
    user: dict[str, Any] = {"runAsNonRoot": True}
    if service.platform.fixed_users:
        user |= {"runAsUser": NOBODY, "runAsGroup": NOBODY}
    container = {
        "name": "download",
        "image": service.server_image,
        # Beside the weights some repositories have them in a second form, which vLLM leaves out as well.
        "command": ["hf", "download", service.model, "--exclude=original/*"],
        "env": [*token(service), {"name": "HF_HOME", "value": home(service)}],
        # Four files at a time, each through a buffer in memory.
        "resources": {"requests": {"cpu": "1", "memory": "4Gi", "ephemeral-storage": "1Gi"}},
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        "volumeMounts": mounts,
    }
    pod = {
        "restartPolicy": "OnFailure",
        "automountServiceAccountToken": False,
        "securityContext": {
            "seccompProfile": {"type": "RuntimeDefault"},
            **group(service),
            **(user if service.is_restricted else {}),
        },
        "containers": [container],
        "volumes": [volume for volume, _ in volumes(service) if volume["name"] != "weights"],
    }
    digest = hashlib.sha256(repr(pod).encode()).hexdigest()[:6]
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": metadata(f"{service.names.download}-{digest}", service),
        "spec": {"backoffLimit": 6, "template": {"spec": pod}},
    }


def _external(service: LLMService, secret: dict[str, Any]) -> dict[str, Any]:
    said = secret["externalSecret"]
    field = {"property": said["property"]} if "property" in said else {}
    spec = {
        "refreshInterval": "1h0m0s",
        "secretStoreRef": {"kind": said["storeKind"], "name": said["store"]},
        "target": {"name": secret["name"]},
        "data": [{"secretKey": secret["key"], "remoteRef": {"key": said["remoteKey"], **field}}],
    }
    return {
        "apiVersion": "external-secrets.io/v1",
        "kind": "ExternalSecret",
        "metadata": metadata(secret["name"], service),
        "spec": spec,
    }
