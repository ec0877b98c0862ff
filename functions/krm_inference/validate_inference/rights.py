"""Rights: what a picker watches, its ServiceAccount must be allowed to read."""

from __future__ import annotations

from collections.abc import Iterator

from krm_inference.manifests import groups
from krm_inference.manifests.groups import ACCOUNT, RBAC
from krm_inference.manifests.index import Index, meets
from krm_inference.manifests.links import Link, of_rows
from krm_inference.manifests.objects import Object
from krm_inference.manifests.pickers import Picker, pickers, pools_of
from krm_inference.validate_inference.findings import Finding, listed
from krm_inference.validate_inference.limits import groups_of

_VERBS = ("get", "list", "watch")
_OF_LEADERS = ("get", "create", "update")  # k8s.io/client-go, leases as the lock of an election


def of_pickers(index: Index) -> Iterator[Finding]:
    """Yield pickers whose account may not read what they watch, where all bindings of the account are here."""
    for picker in pickers(index):
        account = picker.pod.spec["serviceAccountName"]
        if not account.text or index.find(ACCOUNT, account.text, picker.pod.object.namespace) is None:
            continue
        roles = list(roles_of(index, account.text, picker.pod.object.namespace))
        if not roles or None in roles:
            continue
        for group, resource, verbs in (*_watched(index, picker), *_elected(picker)):
            lacking = [
                verb for verb in verbs if not any(role and allows(role, group, resource, verb) for role in roles)
            ]
            if lacking:
                what = f"{resource} of group {group}" if group else resource
                names = listed(str(role) for role in roles)
                yield Finding(account, f"{account.text} may not {', '.join(lacking)} {what}; it has: {names}")
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
        own = [item for item in index.derive(_objectives).get(pool.name, ()) if meets(item.namespace, pool.namespace)]
        read = groups_of(picker, "InferenceObjective")
        there = sorted({item.group for item in own})
        watched += [(group, "inferenceobjectives") for group in there if group in read or picker.release is None]
    return [(group, resource, _VERBS) for group, resource in watched]


def _objectives(index: Index) -> dict[str, list[Object]]:
    found: dict[str, list[Object]] = {}
    for objective in index.of(*groups.OBJECTIVES):
        found.setdefault(objective.at("spec.poolRef.name").text, []).append(objective)
    return found


def roles_of(index: Index, account: str, namespace: str) -> Iterator[Object | None]:
    """Yield the roles that are bound to an account; None for one that is not here."""
    bound = {
        link.field.object: link.field.object.at("roleRef")
        for link in index.derive(_subjects).get(account, ())
        if meets(link.namespace, namespace)
    }
    for binding, reference in bound.items():
        yield index.find((RBAC, reference["kind"].text), reference["name"].text, binding.namespace)


def _subjects(index: Index) -> dict[str, list[Link]]:
    found: dict[str, list[Link]] = {}
    for link in of_rows(index, "binding-subject"):
        found.setdefault(link.name.text, []).append(link)
    return found


def allows(role: Object, group: str, resource: str, verb: str) -> bool:
    """Say whether a role gives a right on all objects of a resource."""
    for rule in role.at("rules"):
        said = [[item.text for item in rule[key]] for key in ("apiGroups", "resources", "verbs")]
        if all("*" in names or wanted in names for names, wanted in zip(said, (group, resource, verb), strict=True)):
            return not rule["resourceNames"].exists
    return role.at("aggregationRule").exists
