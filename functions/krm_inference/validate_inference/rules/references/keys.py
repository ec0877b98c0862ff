"""Keys and claims: what Pods take out of ConfigMaps and Secrets that are here, and the claims that they mount."""

from __future__ import annotations

from collections.abc import Iterator

from krm_functions_sdk import MISSING

from krm_inference.manifests import groups
from krm_inference.manifests.index import Index, Kind
from krm_inference.manifests.objects import Field
from krm_inference.manifests.pickers import inference_pods
from krm_inference.validate_inference.findings import Finding, listed


def missing_keys(index: Index) -> Iterator[Finding]:
    """Yield keys that the ConfigMap or Secret of that name does not have."""
    for pod in inference_pods(index):
        for kind, name, key in _taken(pod.spec):
            holder = index.find(kind, name.text, pod.object.namespace)
            if holder is None or not key.text:
                continue
            known = [name for part in ("data", "stringData", "binaryData") for name in holder.at(part).map]
            # A Secret without data is filled by someone else, such as the controller of tokens.
            if key.text not in known and (known or kind == groups.CONFIG_MAP):
                message = f"{holder} has no {key.text}; it has: {listed(known)}"
                yield Finding(key, message, known[0] if len(known) == 1 else MISSING)


def _taken(spec: Field) -> Iterator[tuple[Kind, Field, Field]]:
    """Yield the kind, name and key of each value that a Pod takes out of an object and cannot do without."""
    for part in ("containers", "initContainers"):
        for container in spec[part]:
            for variable in container["env"]:
                for field, kind in (("configMapKeyRef", groups.CONFIG_MAP), ("secretKeyRef", groups.SECRET)):
                    source = variable.at(f"valueFrom.{field}")
                    if source.map and source["optional"].value is not True:
                        yield kind, source["name"], source["key"]
    for volume in spec["volumes"]:
        for field, name, kind in (("configMap", "name", groups.CONFIG_MAP), ("secret", "secretName", groups.SECRET)):
            source = volume[field]
            for item in source["items"] if source["optional"].value is not True else ():
                yield kind, source[name], item["key"]


def missing_claims(index: Index) -> Iterator[Finding]:
    """Yield claims that are not here, where the manifests hold others for that namespace."""
    for pod in inference_pods(index):
        for volume in pod.spec["volumes"]:
            name, namespace = volume.at("persistentVolumeClaim.claimName"), pod.object.namespace
            is_expected = bool(name.text) and index.has(groups.CLAIM, namespace)
            if is_expected and index.find(groups.CLAIM, name.text, namespace) is None:
                held = [item.name for item in index.inside(groups.CLAIM, namespace)]
                message = f"no PersistentVolumeClaim {name.text}; there is: {listed(held)}"
                yield Finding(name, message, held[0] if len(held) == 1 else MISSING)
