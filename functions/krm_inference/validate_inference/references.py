"""References: what an object names must be there, be of that kind, and be in that namespace."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from krm_functions_sdk import MISSING

from krm_inference.domain.remains import MARK
from krm_inference.validate_inference import groups
from krm_inference.validate_inference.findings import Finding, listed
from krm_inference.validate_inference.groups import ACCOUNT, CLUSTER_SCOPED, POOL, RBAC
from krm_inference.validate_inference.index import Index, Kind
from krm_inference.validate_inference.links import GATEWAY_KIND, ROWS, Link, links, of_rows
from krm_inference.validate_inference.objects import Object
from krm_inference.validate_inference.pickers import inference_pods

# Made by the cluster itself in every namespace.
_ALWAYS_THERE = ((ACCOUNT, "default"), (groups.CONFIG_MAP, "kube-root-ca.crt"))
_KUSTOMIZE = "If kustomize renamed it, teach kustomize the reference by `configurations` (nameReference)"
_BUILT_IN_ROLE = re.compile(r"(?:cluster-admin|admin|edit|view)\Z|system:")


def missing(row: str) -> Callable[[Index], Iterator[Finding]]:
    """Return the check that the references of a row of the table meet an object."""

    def check(index: Index) -> Iterator[Finding]:
        for link in of_rows(index, row):
            if is_expected(index, link) and index.find(link.kind, link.name.text, link.namespace) is None:
                yield _missing(index, link)

    return check


def is_expected(index: Index, link: Link) -> bool:
    """Say whether the manifests should hold what a reference names: they hold others of its kind in that place.

    A set of manifests need not be whole: a Gateway, a Service, a role may be on the cluster already. What belongs to
    inference is expected as soon as something of its kind is here.
    """
    kind, name = link.kind, link.name.text
    if not name or (kind, name) in _ALWAYS_THERE:
        return False
    if link.row == "binding-subject":
        return _is_subject_expected(index, link)
    is_here = index.has(kind, link.namespace) or bool(index.named(kind, name))
    if link.row == "binding-role":
        near = [link.field.object, *index.named(kind, name)]
        return is_here and not _BUILT_IN_ROLE.match(name) and any(_is_of_inference(index, item) for item in near)
    if link.row == "route-parent":
        return is_here and kind == GATEWAY_KIND and _is_of_pool(link.field.object)
    if kind in (POOL, groups.POOL_X):
        return index.has(POOL, "") or index.has(groups.POOL_X, "")
    return is_here and link.row in _ROWS_OF_INFERENCE


_ROWS_OF_INFERENCE = ("pool-picker", "token-account", "monitor-secret", "pod-account", "pod-config")


def _is_subject_expected(index: Index, link: Link) -> bool:
    names, spaces = index.derive(_accounts)
    return link.name.text in names or (link.namespace or "default") in spaces


def _accounts(index: Index) -> tuple[set[str], set[str]]:
    """Return the names and namespaces of the ServiceAccounts that lie where inference is."""
    near = [account for account in index.of(ACCOUNT) if _is_near_inference(index, account.namespace)]
    return {account.name for account in near}, {account.namespace or "default" for account in near}


def _is_of_inference(index: Index, item: Object) -> bool:
    """Say whether an RBAC object lies where servers, pickers or pools are."""
    if item.kind == "ClusterRoleBinding":
        return any(_is_near_inference(index, subject["namespace"].text) for subject in item.at("subjects"))
    return _is_near_inference(index, item.namespace)


def _is_near_inference(index: Index, namespace: str) -> bool:
    return (namespace or "default") in index.derive(_namespaces)


def _namespaces(index: Index) -> set[str]:
    """Return the namespaces in which inference is; without one, manifests are applied to `default`."""
    found = {pool.namespace for pool in index.of(POOL)} | {pod.object.namespace for pod in inference_pods(index)}
    return {namespace or "default" for namespace in found}


def _is_of_pool(route: Object) -> bool:
    """Say whether a route leads to a pool, or is generated beside one that does, to redirect to it."""
    return route.at("metadata.annotations")[MARK].exists or any(
        backend["kind"].text == "InferencePool" for rule in route.at("spec.rules") for backend in rule["backendRefs"]
    )


def _missing(index: Index, link: Link) -> Finding:
    kind, name, namespace = link.kind, link.name.text, link.namespace
    where = f" in namespace {namespace}" if namespace and kind not in CLUSTER_SCOPED else ""
    message = f"no {kind[1]} {name}{where}"
    elsewhere = index.named(kind, name)
    if elsewhere:
        other = elsewhere[0].namespace
        field = link.field["namespace"]
        if link.row == "binding-subject":
            return Finding(field, f"{message}: {kind[1]} {name} is in namespace {other}", other)
        return Finding(link.name, f"{message}: it is in namespace {other}")
    known = [item.name for item in index.inside(kind, namespace)] or [str(item) for item in index.of(kind)]
    renamed = [other for other in known if name in other or other in name]
    if len(renamed) == 1:
        return Finding(link.name, f"{message}; there is: {renamed[0]}. {_KUSTOMIZE}", renamed[0])
    return Finding(link.name, f"{message}; there is: {listed(known)}", known[0] if len(set(known)) == 1 else MISSING)


def nameless(index: Index) -> Iterator[Finding]:
    """Yield references that name nothing."""
    for link in links(index):
        if not link.name.text:
            yield Finding(link.name, f"found {link.name.value}, expected a name" if link.name.exists else "no name")


def wrong_kinds(index: Index) -> Iterator[Finding]:
    """Yield references whose group and kind do not belong together, or mean an object of another kind."""
    rows = {row.name: row for row in ROWS}
    for link in links(index):
        row = rows.get(link.row)
        if row is None:
            continue
        group, kind = link.kind
        near = [fit for fit in row.kinds if fit[0] == group or fit[1] == kind]
        if link.kind in row.kinds:
            yield from _mistaken(index, link, row.kinds)
        elif near:
            said_group, said_kind = link.field[row.group_key], link.field["kind"]
            held = (fit for fit in near if index.find(fit, link.name.text, link.namespace))
            # What is written tells more than what it defaults to, and the kind more than the group.
            written = max(near, key=lambda fit: (fit[1] == said_kind.text, fit[0] == said_group.text != ""))
            meant = next(held, written)
            message = f'group "{group}" has no kind {kind}'
            if meant[0] == group:
                yield Finding(said_kind, message if said_kind.exists else "the kind is missing", meant[1])
            else:
                yield Finding(said_group, message if said_group.exists else "the group is missing", meant[0])


def _mistaken(index: Index, link: Link, kinds: tuple[Kind, ...]) -> Iterator[Finding]:
    name = link.name.text
    if index.find(link.kind, name, link.namespace):
        return
    for other in kinds:
        if other[1] != link.kind[1] and index.find(other, name, link.namespace):
            message = f"no {link.kind[1]} {name}, but there is an {other[1]} of this name in group {other[0]}"
            yield Finding(link.field["kind"], message, other[1])
            return


def not_here(index: Index) -> Iterator[Finding]:
    """Yield what belongs to the set and cannot be checked, since these manifests hold nothing of its kind."""
    seen = set()
    for link in links(index):
        what = (link.kind, link.name.text, link.namespace)
        is_pool = link.kind == POOL and not index.has(POOL, "") and not index.has(groups.POOL_X, "")
        is_picker = (
            link.row == "pool-picker" and link.kind == groups.SERVICE and not index.has(link.kind, link.namespace)
        )
        if link.name.text and (is_pool or is_picker) and what not in seen:
            seen.add(what)
            yield Finding(
                link.name,
                f"{link.kind[1]} {link.name.text} is not among these manifests, so nothing says whether it fits",
            )


def monitor_secrets(index: Index) -> Iterator[Finding]:
    """Yield monitors whose credentials are in another namespace, or not among the Secrets that are here."""
    for link in of_rows(index, "monitor-secret"):
        monitor, field = link.field.object, link.field["namespace"]
        if monitor.kind == "PodMonitoring" and field.text and monitor.namespace and field.text != monitor.namespace:
            message = f"a PodMonitoring reads Secrets of its own namespace only, which is {monitor.namespace}"
            yield Finding(field, message, monitor.namespace)
    yield from missing("monitor-secret")(index)


def roles_of_names(index: Index) -> Iterator[Finding]:
    """Yield resourceNames of roles that name nothing, where the manifests hold others of that kind."""
    kinds = {"secrets": groups.SECRET, "configmaps": groups.CONFIG_MAP}
    for role in index.of((RBAC, "Role")):
        for rule in role.at("rules"):
            named = [kinds[resource.text] for resource in rule["resources"] if resource.text in kinds]
            for kind in named if _is_of_inference(index, role) else ():
                for name in rule["resourceNames"]:
                    if index.has(kind, role.namespace) and index.find(kind, name.text, role.namespace) is None:
                        held = [item.name for item in index.inside(kind, role.namespace)]
                        proposed = held[0] if len(held) == 1 else MISSING
                        yield Finding(name, f"no {kind[1]} {name.text}; there is: {listed(held)}", proposed)
