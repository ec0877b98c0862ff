"""References whose object should be among the manifests and is not."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator

from krm_functions_sdk import MISSING
from krm_functions_sdk.document.pattern import pattern

from krm_inference.domain.remains import MARK
from krm_inference.domain.spelling import nearest
from krm_inference.manifests import groups
from krm_inference.manifests.groups import ACCOUNT, CLUSTER_SCOPED, POOL
from krm_inference.manifests.index import Index
from krm_inference.manifests.links import GATEWAY_KIND, Link, links, of_rows
from krm_inference.manifests.objects import Object
from krm_inference.manifests.pickers import inference_pods
from krm_inference.validate_inference.findings import Finding, listed

# Made by the cluster itself in every namespace.
_ALWAYS_THERE = ((ACCOUNT, "default"), (groups.CONFIG_MAP, "kube-root-ca.crt"))
_KUSTOMIZE = "If kustomize renamed it, tell kustomize about the reference in `configurations` (nameReference)"
_BUILT_IN_ROLE = pattern(r"(?:cluster-admin|admin|edit|view)\Z|system:")
_POOLS = (POOL, groups.POOL_X)
_LEVELS = 2
_ROWS_OF_OTHERS = ("pool-picker", "pod-config", "route-parent", "route-backend", "objective-pool", "policy-target")
_ROWS_OF_INFERENCE = ("pool-picker", "token-account", "monitor-secret", "pod-account", "pod-config")


def missing(row: str) -> Callable[[Index], Iterator[Finding]]:
    """Return the check that the references of a row of the table meet an object."""

    def check(index: Index) -> Iterator[Finding]:
        for link in of_rows(index, row):
            if is_missing(index, link):
                yield _missing(_scope(index, link), link)

    return check


def is_missing(index: Index, link: Link) -> bool:
    """Say whether what a reference names should be among the manifests, and is neither in its set nor in another."""
    if not is_expected(index, link):
        return False
    scopes = (index, index.whole)
    return not any(each.find(link.kind, link.name.text, link.namespace) for each in scopes) and _is_meant(
        _scope(index, link), link
    )


def _scope(index: Index, link: Link) -> Index:
    """Return where what a reference names is looked for: a pool may lie in a folder beside routes of many gateways."""
    return index.whole if link.kind in _POOLS and not _has_pools(index) else index


def _has_pools(index: Index) -> bool:
    return any(index.has(kind, "") for kind in _POOLS)


def _is_near(item: Object, other: Object) -> bool:
    """Say whether two objects lie in folders that are at most two levels below one that is theirs alone, or above."""
    ones, others = (posixpath.dirname(each.resource.path or "").split("/") for each in (item, other))
    ones, others = [part for part in ones if part], [part for part in others if part]
    common = next((at for at, (one, two) in enumerate(zip(ones, others, strict=False)) if one != two), None)
    common = min(len(ones), len(others)) if common is None else common
    is_own = common > 0 or not ones or not others
    return is_own and max(len(ones), len(others)) - common <= _LEVELS


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
        return is_here and not _BUILT_IN_ROLE.match(name) and any(is_of_inference(index, item) for item in near)
    if link.row == "route-parent":
        return is_here and kind == GATEWAY_KIND and _is_of_pool(link.field.object)
    if kind in _POOLS:
        return _has_pools(index) or any(_is_near(pool, link.field.object) for pool in index.whole.of(*_POOLS))
    return is_here and link.row in _ROWS_OF_INFERENCE


def _is_meant(index: Index, link: Link) -> bool:
    """Say whether an object of these manifests is likely what a reference means by another name.

    One of a similar name is, and the only one to which nothing of this row refers. Else what is named may belong to
    another set, or a controller makes it.
    """
    if link.row not in _ROWS_OF_OTHERS or index.named(link.kind, link.name.text):
        return True
    name = link.name.text
    kinds = _POOLS if link.kind in _POOLS else (link.kind,)
    near = [item for kind in kinds for item in index.inside(kind, link.namespace)]
    others = {item.name for item in near or index.of(*kinds)}
    if any(name in other or other in name for other in others if other) or nearest(name, sorted(others)):
        return True
    left = others - index.derive(_referred).get(link.row, set())
    return len(left) == 1 and link.kind not in (groups.CONFIG_MAP, groups.SERVICE)


def _referred(index: Index) -> dict[str, set[str]]:
    """Return the names to which the references of each row refer."""
    found: dict[str, set[str]] = {}
    for link in links(index):
        found.setdefault(link.row, set()).add(link.name.text)
    return found


def _is_subject_expected(index: Index, link: Link) -> bool:
    names, spaces = index.derive(_accounts)
    return link.name.text in names or (link.namespace or "default") in spaces


def _accounts(index: Index) -> tuple[set[str], set[str]]:
    """Return the names and namespaces of the ServiceAccounts that lie where inference is."""
    near = [account for account in index.of(ACCOUNT) if _is_near_inference(index, account.namespace)]
    return {account.name for account in near}, {account.namespace or "default" for account in near}


def is_of_inference(index: Index, item: Object) -> bool:
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
    if kind in _POOLS and (others := [each for each in _POOLS if each != kind and index.named(each, name)]):
        other = others[0][0]
        return Finding(link.field["group"], f"no {kind[1]} {name} of group {kind[0]}{where}: it is of {other}", other)
    elsewhere = index.named(kind, name)
    if elsewhere:
        other = elsewhere[0].namespace
        field = link.field["namespace"]
        if link.row == "binding-subject":
            return Finding(field, f"{message}: {kind[1]} {name} is in namespace {other}", other)
        return Finding(link.name, f"{message}: it is in namespace {other}")
    kinds = _POOLS if kind in _POOLS else (kind,)
    known = [item.name for each in kinds for item in index.inside(each, namespace)]
    known = known or [str(item) for item in index.of(*kinds)]
    renamed = [other for other in known if name in other or other in name]
    if len(renamed) == 1:
        return Finding(link.name, f"{message}; there is: {renamed[0]}. {_KUSTOMIZE}", renamed[0])
    if kind == groups.CONFIG_MAP:  # one of anything: those of other names have nothing to do with it
        known = [other for other in known if nearest(name, [other])]
        if not known:
            return Finding(link.name, message)
    return Finding(link.name, f"{message}; there is: {listed(known)}", known[0] if len(set(known)) == 1 else MISSING)
