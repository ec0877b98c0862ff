"""Lists of Kubernetes' own kinds in which server-side apply knows an entry again by some of its fields.

Two entries of the same key are refused by it, and so by kpt live, Config Sync and kubectl apply --server-side. Source:
Kubernetes 1.37, x-kubernetes-list-map-keys and x-kubernetes-list-type of its OpenAPI.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_BY_NAME = ("name",)
# The key of the entries by definition and list; an empty one says that the entry itself is the key.
KEYS: dict[str, dict[str, tuple[str, ...]]] = {
    "core.v1.Container": {
        "env": _BY_NAME,
        "ports": ("containerPort", "protocol"),
        "volumeDevices": ("devicePath",),
        "volumeMounts": ("mountPath",),
    },
    "core.v1.PodSpec": {
        **dict.fromkeys(("containers", "ephemeralContainers", "initContainers", "volumes"), _BY_NAME),
        **dict.fromkeys(("imagePullSecrets", "resourceClaims", "schedulingGates"), _BY_NAME),
        "hostAliases": ("ip",),
        "topologySpreadConstraints": ("topologyKey", "whenUnsatisfiable"),
    },
    "core.v1.ServiceAccount": {"secrets": _BY_NAME},
    "core.v1.ServiceSpec": {"ports": ("port", "protocol")},
    "meta.v1.ObjectMeta": {"finalizers": (), "ownerReferences": ("uid",)},
}
# What stands for a field of a key that is not there.
_DEFAULTS = {"protocol": "TCP"}


def duplicates(definition: str, it: dict[str, Any]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield the entries of an object of a definition whose key another entry has."""
    for name, keys in KEYS.get(definition, {}).items():
        items = it.get(name)
        for position, text in twice(items if isinstance(items, list) else [], keys):
            yield (name, position, *keys[:1]), text


def twice(items: list[Any], keys: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """Yield the places of entries whose key an earlier one has, with what is wrong; no keys: the entry itself."""
    seen = set()
    for position, item in enumerate(items):
        if keys and not isinstance(item, dict):
            continue
        values = [item.get(key, _DEFAULTS.get(key)) for key in keys] if keys else [item]
        if all(value is None or isinstance(value, dict | list) for value in values):
            continue
        text = " and ".join(str(value) for value in values if value is not None)
        if text in seen:
            yield position, f"{text} stands twice"
        seen.add(text)
