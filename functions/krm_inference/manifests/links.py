"""References from one object to another, read by one table: which field names what."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from krm_inference.domain.record import Record
from krm_inference.manifests import groups, monitors
from krm_inference.manifests.groups import ACCOUNT, CONFIG_MAP, GATEWAY, POOL, POOL_X, RBAC, SECRET, SERVICE
from krm_inference.manifests.index import Index, Kind
from krm_inference.manifests.objects import Field, Object
from krm_inference.manifests.pickers import inference_pods

TOKEN_ACCOUNT = "kubernetes.io/service-account.name"


class Link(Record):
    """A reference: the table row it comes from, its field, the field with the name, and what it means."""

    row: str
    field: Field
    name: Field
    kind: Kind
    namespace: str


class Row(Record):
    """Where a kind of reference stands (`[]` after a list) and what group and kind it means by default.

    `kinds` are the groups and kinds that may stand there; where one of the two fits none of the other, it is wrong.
    """

    name: str
    sources: tuple[Kind, ...]
    path: str
    default: Kind
    kinds: tuple[Kind, ...] = ()
    group_key: str = "group"


GATEWAY_KIND = (GATEWAY, "Gateway")
_POOLS = (POOL, POOL_X)
_BACKENDS = (SERVICE, *_POOLS)
# Some gateways let a route have another route as its parent, to which it leaves a part of its requests.
_PARENTS = (GATEWAY_KIND, (GATEWAY, "ListenerSet"), SERVICE, groups.ROUTE)
_NO_KIND = ("", "")
ROWS = (
    Row("objective-pool", (*groups.OBJECTIVES, *groups.REWRITES), "spec.poolRef", POOL, _POOLS),
    Row("pool-picker", (POOL,), "spec.endpointPickerRef", SERVICE, (SERVICE,)),
    Row("route-backend", (groups.ROUTE,), "spec.rules[].backendRefs[]", SERVICE, _BACKENDS),
    Row("route-parent", (groups.ROUTE,), "spec.parentRefs[]", GATEWAY_KIND, _PARENTS),
    Row("certificate", (GATEWAY_KIND,), "spec.listeners[].tls.certificateRefs[]", SECRET, (SECRET,)),
    Row("policy-target", (groups.HEALTH_CHECK, groups.BACKEND_POLICY), "spec.targetRef", _NO_KIND, _BACKENDS),
    Row(
        "binding-role",
        ((RBAC, "RoleBinding"), (RBAC, "ClusterRoleBinding")),
        "roleRef",
        (RBAC, ""),
        ((RBAC, "Role"), (RBAC, "ClusterRole")),
        "apiGroup",
    ),
)  # fmt: skip


def links(index: Index) -> list[Link]:
    """Return all references whose target the manifests may hold."""
    return index.derive(_links)


def of_rows(index: Index, *rows: str) -> list[Link]:
    """Return the references of some rows of the table."""
    by_row = index.derive(_by_row)
    return [link for row in rows for link in by_row.get(row, ())]


def _by_row(index: Index) -> dict[str, list[Link]]:
    found: dict[str, list[Link]] = {}
    for link in links(index):
        found.setdefault(link.row, []).append(link)
    return found


def policies(index: Index, kind: Kind) -> list[tuple[Object, Object]]:
    """Return the policies of a kind with the pool that each one targets, where it is here."""
    return [pair for pair in index.derive(_policies) if (pair[0].group, pair[0].kind) == kind]


def _policies(index: Index) -> list[tuple[Object, Object]]:
    targets = [link for link in of_rows(index, "policy-target") if link.kind in _POOLS]
    found = ((link.field.object, index.find(link.kind, link.name.text, link.namespace)) for link in targets)
    return [(policy, pool) for policy, pool in found if pool is not None]


def _links(index: Index) -> list[Link]:
    found: list[Link] = []
    for row in ROWS:
        for source in index.of(*row.sources):
            for field in at(source.field, row.path):
                found += _link(row, field)
    return found + [link for read in _OTHERS for link in read(index)]


def at(field: Field, path: str) -> Iterator[Field]:
    """Yield the maps at the path, each item where a part of it ends in `[]`."""
    head, brackets, rest = path.partition("[]")
    inner = field.at(head)
    if not inner.value:  # most paths lead nowhere
        return
    if brackets:
        for item in inner:
            if rest:
                yield from at(item, rest.lstrip("."))
            elif item.map:
                yield item
    elif inner.map:
        yield inner


def _link(row: Row, field: Field) -> Iterator[Link]:
    group, kind = field[row.group_key], field["kind"]
    is_said = group.exists and (group.text or row.group_key == "group")  # an empty apiGroup of a role means RBAC's
    meant = (group.text if is_said else row.default[0], kind.text if kind.exists else row.default[1])
    source = field.object
    own = "" if meant in groups.CLUSTER_SCOPED else source.namespace
    yield Link(row.name, field, field["name"], meant, field["namespace"].text or own)


def _subjects(index: Index) -> Iterator[Link]:
    for source in index.of((RBAC, "RoleBinding"), (RBAC, "ClusterRoleBinding")):
        for field in source.at("subjects"):
            if field["kind"].text == "ServiceAccount":
                namespace = field["namespace"].text or source.namespace
                yield Link("binding-subject", field, field["name"], ACCOUNT, namespace)


def _token_accounts(index: Index) -> Iterator[Link]:
    for source in index.of(SECRET):
        name = source.at("metadata.annotations")[TOKEN_ACCOUNT]
        if source.at("type").text == "kubernetes.io/service-account-token":
            yield Link("token-account", name, name, ACCOUNT, source.namespace)


def _monitor_secrets(index: Index) -> Iterator[Link]:
    for source in index.of(*groups.POD_MONITORS):
        for endpoint in monitors.endpoints(source):
            field = monitors.secret(endpoint)
            if field.map:
                yield Link("monitor-secret", field, field["name"], SECRET, field["namespace"].text or source.namespace)


def _of_inference_pods(index: Index) -> Iterator[Link]:
    """Yield what the Pods of servers and pickers mount and run as."""
    for pod in inference_pods(index):
        namespace = pod.object.namespace
        account = pod.spec["serviceAccountName"]
        if account.text:
            yield Link("pod-account", account, account, ACCOUNT, namespace)
        for field in _config_maps(pod.spec):
            if field.exists and field["optional"].value is not True:
                yield Link("pod-config", field, field["name"], CONFIG_MAP, namespace)


def _config_maps(spec: Field) -> Iterator[Field]:
    for volume in spec["volumes"]:
        yield volume["configMap"]
        for source in volume.at("projected.sources"):
            yield source["configMap"]
    for key in ("containers", "initContainers"):
        for container in spec[key]:
            for variable in container["env"]:
                yield variable.at("valueFrom.configMapKeyRef")
            for source in container["envFrom"]:
                yield source["configMapRef"]


_OTHERS: tuple[Callable[[Index], Iterator[Link]], ...] = (
    _subjects, _token_accounts, _monitor_secrets, _of_inference_pods,
)  # fmt: skip
