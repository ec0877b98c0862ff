"""What of `weights` and of the token cannot be: a volume that the platform has not, or two ways at once."""

from __future__ import annotations

from krm_functions_sdk import Result

from krm_inference.domain import scaling
from krm_inference.domain.facts.platforms import PLATFORMS
from krm_inference.domain.facts.stores import STORES
from krm_inference.domain.weights import source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from krm_inference.domain.service import LLMService

_HUB_ONLY = "nothing is downloaded from the hub where weights.uri names a volume; leave out one of the two"


def check(service: LLMService) -> Iterator[Result]:
    """Yield every fault of where weights, token and cached downloads come from."""
    yield from _token(service)
    said = service.spec.get("weights")
    if said is None:
        return
    if "uri" in said:
        yield from _volume(service, said)
    else:
        yield from _hub(service, said)
    if "cache" in said:
        yield from _cache(service, said["cache"])


def _volume(service: LLMService, said: dict[str, Any]) -> Iterator[Result]:
    found, uri = source(said), said["uri"]
    store, platform = STORES[found.scheme], service.spec["platform"]
    if store.platforms and platform not in store.platforms:
        there = " and ".join(PLATFORMS[name].title for name in store.platforms)
        message = (
            f"{found.scheme}:// is mounted by {store.title}, which {there} {'have' if ' and ' in there else 'has'} and "
            f"{PLATFORMS[platform].title} has not; copy the weights into a PersistentVolumeClaim and name it as "
            "pvc://CLAIM/FOLDER"
        )
        yield service.fault("spec.weights.uri", message, uri)
    if ".." in found.folder.split("/"):
        yield service.fault("spec.weights.uri", 'found "..", expected a folder of the volume', uri)
    if found.scheme == "oci" and ":" not in found.store.rpartition("/")[2] and "@" not in found.store:
        message = "the image has no tag, and latest changes under running servers; name a tag or a digest"
        yield service.fault("spec.weights.uri", message, uri)
    if "folder" in said and found.scheme != "oci":
        message = f"folder is of oci:// only; write it into the URI: {uri.rstrip('/')}/{said['folder']}"
        yield service.fault("spec.weights.folder", message, said["folder"])
    if "serviceAccountName" in said and not found.is_bucket:
        message = "only a bucket is read by an identity; leave it out, or name a bucket in weights.uri"
        yield service.fault("spec.weights.serviceAccountName", message, said["serviceAccountName"])
    if service.model.startswith("/"):
        message = (
            f"{service.model} is a path in the server's image, and weights.uri has the weights in a volume; "
            "let model.id be the name that requests give"
        )
        yield service.fault("spec.model.id", message, service.model)
    if "cache" in said:
        yield service.fault("spec.weights.cache", _HUB_ONLY, said["cache"])


def _hub(service: LLMService, said: dict[str, Any]) -> Iterator[Result]:
    for name in ("folder", "serviceAccountName"):
        if name in said:
            yield service.fault(
                f"spec.weights.{name}", "it says something of weights.uri, which is missing", said[name]
            )
    if service.model.startswith("/") and "cache" in said:
        message = f"{service.model} is in the server's image, so nothing is downloaded; leave out the cache"
        yield service.fault("spec.weights.cache", message, said["cache"])


def _cache(service: LLMService, cache: dict[str, Any]) -> Iterator[Result]:
    field = "spec.weights.cache"
    written = service.resource.get(field)
    for name in ("size", "storageClassName", "accessMode"):
        if "claim" in cache and isinstance(written, dict) and name in written:
            message = (
                f"cache.claim names a claim that is there, and {name} is of one that is made; leave out one of both"
            )
            yield service.fault(f"{field}.{name}", message, cache[name])
    _, most = scaling.bounds(service.spec)
    if "claim" not in cache and cache["accessMode"] == "ReadWriteOnce" and most > 1:
        message = (
            f"{most} replicas may run on {most} nodes, and one node alone can mount a ReadWriteOnce claim; take "
            "ReadWriteMany with a StorageClass that has it, such as one of NFS, or one replica"
        )
        yield service.fault(f"{field}.accessMode", message, cache["accessMode"])


def _token(service: LLMService) -> Iterator[Result]:
    secret = service.spec["model"]["tokenSecret"]
    field = "spec.model.tokenSecret"
    if "providerClass" not in secret:
        return
    if "externalSecret" in secret:
        message = "the token is a file of the CSI driver or a Secret of the operator; leave out providerClass or this"
        yield service.fault(f"{field}.externalSecret", message, secret["externalSecret"])
    if secret["optional"]:
        message = "a Pod does not start without a volume of its SecretProviderClass; leave out one of the two"
        yield service.fault(f"{field}.optional", message, True)


def shared_tokens(services: list[LLMService]) -> Iterator[Result]:
    """Yield services whose Secret with the token another one has made in another way."""
    first: dict[tuple[str, str], LLMService] = {}
    for service in services:
        secret = service.spec["model"]["tokenSecret"]
        if "externalSecret" not in secret:
            continue
        other = first.setdefault((service.namespace, secret["name"]), service)
        if other.spec["model"]["tokenSecret"] != secret:
            message = f"LLMService {other.name} has the Secret {secret['name']} made in another way; take another name"
            yield service.fault("spec.model.tokenSecret.externalSecret", message, secret["externalSecret"])
