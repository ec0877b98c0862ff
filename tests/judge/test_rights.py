"""The picker's rights: enough for all that the real one asks, and no more."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import NamedTuple

import pytest
import yaml

from tests.judge.cluster import Asked, Cluster
from tests.judge.components import HERE, PICKERS
from tests.judge.conftest import Clusters
from tests.judge.pickers import Picker
from tests.judge.serving import Serving, serving

pytestmark = pytest.mark.judge

# Rights that are granted though no picker here asked for them, each with its reason.
UNUSED = yaml.safe_load((HERE / "unused_rights.yaml").read_text(encoding="utf-8"))
# What nobody grants a picker: a few that would hurt.
NEVER = (
    ("get", "", "secrets"), ("list", "", "configmaps"), ("delete", "", "pods"), ("create", "", "pods"),
    ("update", "apps", "deployments"), ("update", "inference.networking.k8s.io", "inferencepools"),
    ("create", "rbac.authorization.k8s.io", "rolebindings"), ("list", "", "namespaces"), ("list", "", "nodes"),
)  # fmt: skip
CASES = [(release, replicas) for release in PICKERS for replicas in (1, 2)]
each_case = pytest.mark.parametrize(("release", "replicas"), CASES, ids=[f"{one}-{number}" for one, number in CASES])


class Right(NamedTuple):
    """One verb on one resource."""

    verb: str
    group: str
    resource: str


class Seen(NamedTuple):
    """What came of a picker's run."""

    asked: list[Asked]
    granted: set[Right]
    log: str
    scraped: dict[str, int]
    may: dict[Right, bool]


_SEEN: dict[tuple[str, int], Seen] = {}


def seen(release: str, replicas: int, clusters: Clusters) -> Seen:
    """Run the picker until it has done all that it does; each case once in a session."""
    if (release, replicas) not in _SEEN:
        cluster = clusters(release)
        spec = {"picker": {"replicas": replicas}, "objectives": [{"name": "paying", "priority": 1}]}
        start = cluster.audited()
        with serving(cluster, release, spec, replicas) as one:
            scraped = scrape(cluster, one)
            granted = set(rights(cluster, one))
            may = {Right(*each): allowed(cluster, one, Right(*each)) for each in (*granted, *NEVER)}
            log = "\n".join(picker.process.said() for picker in one.pickers)
        asked = sorted(set(cluster.asked(one.account, start)))
        _SEEN[release, replicas] = Seen(asked, granted, log, scraped, may)
    return _SEEN[release, replicas]


def scrape(cluster: Cluster, one: Serving) -> dict[str, int]:
    """Ask the picker for its metrics as the monitor's account, as one without rights, and as nobody."""
    space = one.deployment["metadata"]["namespace"]
    accounts = [each["metadata"]["name"] for each in cluster.admin.list("v1", "ServiceAccount", space)]
    reader = next(each for each in accounts if each.endswith("-metrics-reader"))
    tokens = {"monitor": cluster.token(space, reader), "other": cluster.token(space, "default"), "nobody": ""}
    return {name: _status(one.pickers[0], token) for name, token in tokens.items()}


def _status(picker: Picker, token: str) -> int:
    url = f"http://127.0.0.1:{picker.ports.metrics}/metrics"
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refusal:
        refusal.close()
        return refusal.code


def rights(cluster: Cluster, one: Serving) -> Iterator[Right]:
    """Yield each right that the Roles and ClusterRoles of the set grant the picker's account."""
    space, account = one.account.split(":")[2:]
    for kind in ("RoleBinding", "ClusterRoleBinding"):
        for binding in cluster.admin.list("rbac.authorization.k8s.io/v1", kind):
            if any(each.get("name") == account for each in binding.get("subjects") or ()):
                meta = {"name": binding["roleRef"]["name"], "namespace": space}
                role = {"apiVersion": binding["apiVersion"], "kind": binding["roleRef"]["kind"], "metadata": meta}
                for rule in cluster.admin.get(role).body["rules"]:
                    for group in rule["apiGroups"]:
                        for resource in rule["resources"]:
                            yield from (Right(verb, group, resource) for verb in rule["verbs"])


def allowed(cluster: Cluster, one: Serving, right: Right) -> bool:
    """Ask the API server in a SubjectAccessReview."""
    attributes = {
        "namespace": one.deployment["metadata"]["namespace"],
        "verb": right.verb,
        "group": right.group,
        "resource": right.resource,
    }
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "metadata": {},
        "spec": {"user": one.account, "resourceAttributes": attributes},
    }
    answer = cluster.admin.ask("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", review)
    assert answer.taken, answer.message
    return bool(answer.body["status"]["allowed"])


@each_case
def test_the_picker_is_refused_nothing(release: str, replicas: int, clusters: Clusters) -> None:
    found = seen(release, replicas, clusters)
    assert found.asked
    assert [each for each in found.asked if not each.allowed] == []
    assert "forbidden" not in found.log.lower()


@each_case
def test_each_right_of_the_picker_is_used_or_has_its_reason(release: str, replicas: int, clusters: Clusters) -> None:
    found = seen(release, replicas, clusters)
    used = {Right(each.verb, each.group, each.resource) for each in found.asked}
    reasons = {
        Right(verb, row["group"], resource)
        for row in UNUSED
        if release in row["releases"]
        for resource in row["resources"]
        for verb in row["verbs"]
    }
    assert found.granted - used - reasons == set()


def test_each_reason_for_an_unused_right_is_needed(clusters: Clusters) -> None:
    """A right that is used, or granted no longer, needs no reason."""
    needed = set()
    for release, replicas in CASES:
        found = seen(release, replicas, clusters)
        used = {Right(each.verb, each.group, each.resource) for each in found.asked}
        needed |= {(release, right) for right in found.granted - used}
    listed = {
        (release, Right(verb, row["group"], resource))
        for row in UNUSED
        for release in row["releases"]
        for resource in row["resources"]
        for verb in row["verbs"]
    }
    assert listed - needed == set()


@each_case
def test_the_picker_may_what_its_roles_say_and_nothing_that_hurts(
    release: str, replicas: int, clusters: Clusters
) -> None:
    found = seen(release, replicas, clusters)
    assert {right: yes for right, yes in found.may.items() if yes != (right in found.granted)} == {}
    assert not {Right(*each) for each in NEVER} & found.granted


@pytest.mark.parametrize("release", PICKERS)
def test_the_metrics_of_the_picker_are_for_the_monitor_only(release: str, clusters: Clusters) -> None:
    assert seen(release, 1, clusters).scraped == {"monitor": 200, "other": 403, "nobody": 401}
