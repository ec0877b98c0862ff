"""Rights of pickers: what one watches, its ServiceAccount must be allowed to read."""

from __future__ import annotations

from collections.abc import Iterator

from krm_inference.manifests.groups import ACCOUNT
from krm_inference.manifests.index import Index
from krm_inference.manifests.pickers import Picker, pickers, pools_of
from krm_inference.manifests.rights import allows, roles_of
from krm_inference.manifests.routing import objectives_of_pool
from krm_inference.validate_inference.findings import Finding, listed
from krm_inference.validate_inference.rules.pickers.releases import groups_of

_VERBS = ("get", "list", "watch")
_DEFAULT = "default"  # what a Pod runs as that names no account
_OF_LEADERS = ("get", "create", "update")  # k8s.io/client-go, leases as the lock of an election


def lacks_rights(index: Index) -> Iterator[Finding]:
    """Yield pickers whose account may not read what they watch, where all bindings of the account are here."""
    for picker in pickers(index):
        account = picker.pod.spec["serviceAccountName"]
        name, namespace = account.text or _DEFAULT, picker.pod.object.namespace
        if name != _DEFAULT and index.find(ACCOUNT, name, namespace) is None:
            continue
        roles = list(roles_of(index, name, namespace))
        if not roles or None in roles:
            continue
        for group, resource, verbs in (*_watched(index, picker), *_elected(picker)):
            lacking = [
                verb for verb in verbs if not any(role and allows(role, group, resource, verb) for role in roles)
            ]
            if lacking:
                what = f"{resource} of group {group}" if group else resource
                names = listed(str(role) for role in roles)
                yield Finding(account, f"{name} may not {', '.join(lacking)} {what}; it has: {names}")
                break


def _elected(picker: Picker) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return what one of several pickers that choose a leader does with Leases."""
    flag = picker.flag(picker.release.election_flag) if picker.release and picker.release.election_flag else None
    is_on = flag is not None and flag.value != "false"
    return [("coordination.k8s.io", "leases", _OF_LEADERS)] if is_on else []


def _watched(index: Index, picker: Picker) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return groups, resources and verbs: of Pods, its pool, and the objectives that are here for the pool."""
    watched = [("", "pods")]
    for pool in pools_of(index, picker.pod):
        watched.append((pool.group, "inferencepools"))
        read = groups_of(picker, "InferenceObjective")
        there = sorted({item.group for item in objectives_of_pool(index, pool)})
        watched += [(group, "inferenceobjectives") for group in there if group in read or picker.release is None]
    return [(group, resource, _VERBS) for group, resource in watched]
