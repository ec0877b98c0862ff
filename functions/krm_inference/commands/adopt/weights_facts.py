"""What manifests say of where the weights of a server come from, and of the token by which it asks the hub."""

from __future__ import annotations

from typing import Any

from krm_inference.domain.facts.stores import STORES
from krm_inference.domain.names import Names
from krm_inference.domain.weights import CACHE, MOUNT
from krm_inference.manifests.index import Index, Kind
from krm_inference.manifests.objects import Field, Object
from krm_inference.manifests.servers import Server
from krm_inference.manifests.syncers import served_names

TOKENS = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")
TOKEN_FILE = "HF_TOKEN_PATH"
_CLAIM: Kind = ("", "PersistentVolumeClaim")
_VOLUME: Kind = ("", "PersistentVolume")
_EXTERNAL: Kind = ("external-secrets.io", "ExternalSecret")
_JOB: Kind = ("batch", "Job")


def model_id(server: Server) -> str:
    """Return the model: the name that requests give, where the server loads it from a volume of weights."""
    names = served_names(server)
    return names[0] if names and _folder(server) is not None and mounted(server, MOUNT) is not None else server.model


def weights(index: Index, server: Server) -> dict[str, Any]:
    """Return `spec.weights`, empty where each start downloads them from the hub."""
    found: dict[str, Any] = {}
    volume = mounted(server, MOUNT)
    if volume is not None and (folder := _folder(server)) is not None:
        found |= _source(index, server, volume, folder)
    kept = mounted(server, CACHE)
    claim = kept.at("persistentVolumeClaim.claimName").text if kept is not None else ""
    return {**found, "cache": _cache(index, server, claim)} if claim else found


def mounted(server: Server, path: str) -> Field | None:
    """Return the volume that the server's container mounts at a path."""
    name = next((each["name"].text for each in server.container.field["volumeMounts"] if
                 each["mountPath"].text == path), "")  # fmt: skip
    return next((volume for volume in server.pod.spec["volumes"] if name and volume["name"].text == name), None)


def _folder(server: Server) -> str | None:
    """Return the folder in the volume of weights from which the server loads, None where it loads from elsewhere."""
    inside = f"{server.model}/".startswith(f"{MOUNT}/")
    return server.model.removeprefix(MOUNT).strip("/") if inside else None


def _source(index: Index, server: Server, volume: Field, folder: str) -> dict[str, Any]:
    end = f"/{folder}" if folder else ""
    if image := volume.at("image.reference").text:
        return {"uri": f"oci://{image}", **({"folder": folder} if folder else {})}
    account = server.pod.spec["serviceAccountName"].text
    by = {"serviceAccountName": account} if account else {}
    if volume.at("csi.driver").text == STORES["gs"].driver:
        return {"uri": f"gs://{volume.at('csi.volumeAttributes.bucketName').text}{end}", **by}
    claim = volume.at("persistentVolumeClaim.claimName").text
    if bucket := _bucket(index, claim, server.pod.object.namespace):
        return {"uri": f"s3://{bucket}{end}", **by}
    return {"uri": f"pvc://{claim}{end}"} if claim else {}


def _bucket(index: Index, claim: str, namespace: str) -> str:
    """Return the bucket that is the volume of a claim, "" where it is none, or another volume."""
    found = index.find(_CLAIM, claim, namespace)
    volume = index.find(_VOLUME, found.at("spec.volumeName").text, "") if found is not None else None
    if volume is None or volume.at("spec.csi.driver").text != STORES["s3"].driver:
        return ""
    return volume.at("spec.csi.volumeAttributes.bucketName").text


def _cache(index: Index, server: Server, claim: str) -> dict[str, Any]:
    owner = server.pod.object
    made = index.find(_CLAIM, claim, owner.namespace) if claim == Names(owner.name, owner.namespace).cache else None
    found: dict[str, Any] = {} if made is not None else {"claim": claim}
    if made is not None:
        size, mode = made.at("spec.resources.requests.storage").value, next(iter(made.at("spec.accessModes")), None)
        found |= {"size": str(size)} if made.at("spec.resources.requests.storage").exists else {}
        found |= {"storageClassName": name} if (name := made.at("spec.storageClassName").text) else {}
        found |= {"accessMode": mode.text} if mode is not None else {}
    if any(_downloads(job, claim) for job in index.inside(_JOB, owner.namespace)):
        found["download"] = True
    return found


def _downloads(job: Object, claim: str) -> bool:
    pod = job.at("spec.template.spec")
    claims = [volume.at("persistentVolumeClaim.claimName").text for volume in pod["volumes"]]
    words = [word.text for container in pod["containers"] for word in container["command"]]
    return claim in claims and "download" in words


def token(index: Index, server: Server) -> dict[str, Any]:
    """Return `spec.model.tokenSecret`."""
    variables = {variable["name"].text: variable for variable in server.container.field["env"]}
    found: dict[str, Any] = {}
    for name in TOKENS:
        secret = variables[name].at("valueFrom.secretKeyRef") if name in variables else None
        if secret is not None and secret.map:
            found = {key: secret[key].text for key in ("name", "key") if secret[key].text}
            found |= {"optional": True} if secret["optional"].value is True else {}
    file = variables[TOKEN_FILE]["value"].text if TOKEN_FILE in variables else ""
    folder, _, key = file.rpartition("/")
    volume = mounted(server, folder) if folder else None
    if volume is not None and (name := volume.at("csi.volumeAttributes.secretProviderClass").text):
        found = {"key": key, "providerClass": name}
    for item in index.inside(_EXTERNAL, server.pod.object.namespace):
        if found.get("name") in (item.at("spec.target.name").text, item.name):
            found["externalSecret"] = _external(item)
    return found


def _external(item: Object) -> dict[str, Any]:
    store = item.at("spec.secretStoreRef")
    remote = next((each["remoteRef"] for each in item.at("spec.data")), None)
    said = {"store": store["name"].text, "storeKind": store["kind"].text}
    if remote is not None:
        said |= {"remoteKey": remote["key"].text, "property": remote["property"].text}
    return {key: text for key, text in said.items() if text}
