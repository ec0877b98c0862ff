"""Every change over live objects: nothing is refused, nothing is left over, and the way back ends where it began."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import yaml
from krm_functions_sdk import Resource
from krm_inference.domain.facts.releases import RELEASES

from tests.conftest import ROOT
from tests.judge import components, pickers
from tests.judge.client import Answer, Client, Object
from tests.judge.cluster import Cluster
from tests.judge.components import HERE, PICKERS
from tests.judge.conftest import Clusters
from tests.judge.sets import (
    FILES,
    Set,
    Workshop,
    beside,
    in_release,
    merged,
    namespaces,
    overlays,
    packages,
    placed,
    rendered,
)
from tests.judge.syncer import Syncer, in_order, name
from tests.judge.test_admission import differences

pytestmark = pytest.mark.judge

SCHEMA = ROOT / "functions" / "krm_inference" / "domain" / "llm_service.schema.yaml"
CHANGES: dict[str, dict[str, Any]] = yaml.safe_load((HERE / "changes.yaml").read_text(encoding="utf-8"))
PACKAGE, INTENT = "llama-3.1-8b", "llm.yaml"
# The release with the CRDs of all that can be moved between, as docs/releases.md has them applied first.
ALL = list(RELEASES)[-1]
MARK = "inference.fn.kpt.dev/generated-by"
# What the server writes by itself.
SERVERS_OWN = ("uid", "resourceVersion", "generation", "creationTimestamp", "managedFields")


@pytest.fixture
def cluster(clusters: Clusters) -> Cluster:
    one = clusters(ALL)
    one.install(components.definitions())  # of KEDA and of the External Secrets Operator
    return one


@pytest.fixture
def syncer(cluster: Cluster) -> Iterator[Syncer]:
    one = Syncer(cluster.admin)
    yield one
    one.clear()


@pytest.fixture
def workshop() -> Iterator[Workshop]:
    one = Workshop()
    yield one
    one.close()


def synced(cluster: Cluster, syncer: Syncer, objects: list[Object]) -> None:
    """Sync, and ask that nothing is refused, all is there as it was written, and nothing besides."""
    sent = placed(objects)
    for space in namespaces(sent):
        cluster.namespace(space)
    assert syncer.sync(sent) == []
    answers = [(one, syncer.client.get(one)) for one in sent]
    assert [f"{name(one)}: {answer.message}" for one, answer in answers if not answer.taken] == []
    assert left_over(syncer.client, sent) == []


def left_over(client: Client, wanted: list[Object]) -> list[str]:
    """Return what carries our mark on the cluster and is not wanted."""
    known = {client.identity(one) for one in wanted}
    return [name(one) for one in live(client) if client.identity(one) not in known]


def live(client: Client) -> list[Object]:
    """Return every object on the cluster that a function of ours made."""
    return [
        one
        for version, kind in _kinds()
        for one in client.list(version, kind)
        if MARK in one["metadata"].get("annotations", {})
    ]


def _every() -> list[list[Object]]:
    return [rendered(Set(package, release, FILES)) for package in packages() for release in RELEASES] + [
        [{"apiVersion": version, "kind": kind} for version, kind in FURTHER_KINDS]
    ]


@cache
def _kinds() -> list[tuple[str, str]]:
    return sorted({(one["apiVersion"], one["kind"]) for each in _every() for one in each})


# Kinds that no package has as it is committed, but that an intent may ask for.
FURTHER_KINDS = (("policy/v1", "PodDisruptionBudget"), ("gateway.networking.k8s.io/v1", "ReferenceGrant"))


def state(client: Client) -> dict[str, Object]:
    """Return what is on the cluster by name, without what the server writes by itself."""
    found = {}
    for one in copy.deepcopy(live(client)):
        meta = one["metadata"]
        for key in SERVERS_OWN:
            meta.pop(key, None)
        meta.get("annotations", {}).pop("deployment.kubernetes.io/revision", None)
        one.pop("status", None)
        for key in ("clusterIP", "clusterIPs") if one["kind"] == "Service" else ():
            one["spec"].pop(key, None)
        found[f"{name(one)} {one['apiVersion']} {meta.get('namespace', '')}"] = one
    return found


# From release to release

MOVES = [
    (package, overlay, old, new)
    for package in packages()
    for overlay in (FILES, *overlays(package))
    for old, new in itertools.permutations(RELEASES, 2)
]


@pytest.mark.parametrize(("package", "overlay", "old", "new"), MOVES)
def test_a_release_moves_to_another_and_back(
    package: str, overlay: str, old: str, new: str, cluster: Cluster, syncer: Syncer
) -> None:
    first, second = rendered(Set(package, old, overlay)), rendered(Set(package, new, overlay))
    synced(cluster, syncer, first)
    before = state(cluster.admin)
    synced(cluster, syncer, second)
    synced(cluster, syncer, first)
    assert state(cluster.admin) == before


@pytest.mark.parametrize("new", list(RELEASES)[1:])
def test_a_picker_that_version_0_1_rendered_moves_after_one_step(new: str, cluster: Cluster, syncer: Syncer) -> None:
    """0.1 left the roll-out of gaie-v1.0 to the server; docs/releases.md has it rendered and applied anew first."""
    now = rendered(Set(PACKAGE, "gaie-v1.0", FILES))
    old = copy.deepcopy(now)
    for one in old:
        if pickers.is_picker(one):
            one["spec"].pop("strategy", None)
    synced(cluster, syncer, old)
    synced(cluster, syncer, now)
    synced(cluster, syncer, rendered(Set(PACKAGE, new, FILES)))


ORDERS = {"configuration first": False, "Deployment first": True}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(("old", "new"), list(itertools.permutations(RELEASES, 2)))
def test_a_picker_that_restarts_during_a_move_finds_its_own_configuration(
    old: str, new: str, order: str, cluster: Cluster, syncer: Syncer
) -> None:
    """After each object, the picker of the Deployment as it stands then is started with what it mounts then.

    Where a Deployment is applied before its configuration, its Pod may wait for that, and never starts with another's.
    """
    first, second = rendered(Set(PACKAGE, old, FILES)), rendered(Set(PACKAGE, new, FILES))
    synced(cluster, syncer, first)
    unfit: list[str] = []

    def restart(one: Object, _answer: Answer) -> None:
        if one["kind"] in ("ConfigMap", "Deployment"):
            unfit.extend(f"after {name(one)}: {reason}" for reason in restarted(cluster, may_wait=ORDERS[order]))

    def backwards(objects: Any) -> list[Object]:
        return list(reversed(in_order(objects)))

    assert syncer.sync(second, restart, order=backwards if ORDERS[order] else in_order) == []
    assert unfit == []
    assert restarted(cluster) == []


def restarted(cluster: Cluster, *, may_wait: bool = False) -> list[str]:
    """Return why a picker on the cluster would not start now, or not after it has waited."""
    deployments = [one for one in cluster.admin.list("apps/v1", "Deployment") if pickers.is_picker(one)]
    ready = [one for one in deployments if not (may_wait and pickers.waits(cluster, one))]
    return [reason for one in ready if (reason := pickers.fits(cluster, one))]


# Every field of the intent


def fields(schema: Any, path: str = "") -> Iterator[str]:
    """Yield the path of each field of the intent that holds no other."""
    if "properties" in schema:
        for key, part in schema["properties"].items():
            yield from fields(part, f"{path}.{key}" if path else key)
    elif "items" in schema:
        yield from fields(schema["items"], f"{path}[]")
    else:
        yield path


def releases_of(field: str) -> list[str]:
    """Return the releases in which a field is changed: all that have it for the picker's, one for the others."""
    having = [
        release
        for release in RELEASES
        if not any(field == path or field.startswith(path.removeprefix("spec.")) for path in RELEASES[release].lacks)
    ]
    return having if field.startswith("picker.") else having[:1]


def test_every_field_of_the_intent_has_a_change() -> None:
    schema = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))["properties"]["spec"]
    assert set(fields(schema)) == set(CHANGES)


@pytest.mark.parametrize(
    ("field", "release"), [(field, release) for field in CHANGES for release in releases_of(field)]
)
def test_a_field_of_the_intent_changes_and_changes_back(
    field: str, release: str, workshop: Workshop, cluster: Cluster, syncer: Syncer
) -> None:
    row = CHANGES[field]
    intents = workshop.intents(PACKAGE)
    in_release(release)(intents)
    intent = intents[INTENT]
    if "namespace" in row:
        intent["metadata"]["namespace"] = row["namespace"]
    spec = {key: value for key, value in intent["spec"].items() if key != row.get("without")}
    before = merged(spec, row.get("with", {}))
    after = merged(before, row["to"])

    others = beside(row, intent)

    def render(spec: Any) -> None:
        workshop.write(PACKAGE, {INTENT: {**intent, "spec": spec}, **others})
        workshop.render(PACKAGE)
        synced(cluster, syncer, workshop.objects(PACKAGE))
        if field.startswith("picker.") and field != "picker.image" and release in PICKERS:
            assert restarted(cluster) == []

    render(before)
    first = state(cluster.admin)
    render(after)
    render(before)
    assert state(cluster.admin) == first


# Names, overlays, whole services


# What a user wrote into objects of a package: the kind, the field, and the value; the name is the service's own.
WRITTEN = (
    ("Deployment", ("metadata", "labels", "team"), "search"),
    ("Deployment", ("spec", "template", "spec", "dnsPolicy"), "Default"),
    ("ConfigMap", ("data", "mine"), "kept"),
    ("InferencePool", ("metadata", "labels", "team"), "search"),
    ("Service", ("spec", "sessionAffinity"), "ClientIP"),
    ("HTTPRoute", ("metadata", "labels", "team"), "search"),
)


def written_by_hand(workshop: Workshop) -> int:
    """Write into every object of the kinds; return how many fields that were."""
    count = 0
    for file in sorted((workshop.root / "packages" / PACKAGE).glob("*.yaml")):
        texts = file.read_text(encoding="utf-8").split("\n---\n")
        for number, text in enumerate(texts):
            one = Resource(text)
            for kind, path, value in WRITTEN:
                if one.kind == kind and MARK in one.annotations:
                    one.set(".".join(path), value)
                    count += 1
            texts[number] = one.text.rstrip("\n")
        file.write_text("\n---\n".join(texts) + "\n", encoding="utf-8")
    return count


def found_live(client: Client) -> int:
    """Return how many of the fields that a user wrote are on the cluster."""
    found = 0
    for one in live(client):
        for kind, path, value in WRITTEN if one else ():
            part: Any = one
            for key in path if one["kind"] == kind else ():
                part = part.get(key, {}) if isinstance(part, dict) else {}
            found += one["kind"] == kind and part == value
    return found


def test_a_service_gets_another_name(workshop: Workshop, cluster: Cluster, syncer: Syncer) -> None:
    """What a user wrote into its objects is on the cluster before and after, and nothing of the old name is left."""
    workshop.render(PACKAGE)
    written = written_by_hand(workshop)
    assert written >= len(WRITTEN)
    synced(cluster, syncer, workshop.objects(PACKAGE))
    assert found_live(cluster.admin) == written
    intents = workshop.intents(PACKAGE)
    meta = intents[INTENT]["metadata"]
    meta["annotations"]["inference.fn.kpt.dev/renamed-from"], meta["name"] = meta["name"], "renamed"
    workshop.write(PACKAGE, intents)
    workshop.render(PACKAGE)
    synced(cluster, syncer, workshop.objects(PACKAGE))
    assert found_live(cluster.admin) == written
    assert not [one for one in live(cluster.admin) if one["kind"] == "Deployment" and "renamed" not in name(one)]


def test_a_service_of_two_goes_and_comes_back(workshop: Workshop, cluster: Cluster, syncer: Syncer) -> None:
    package, goes = "shared-gateway", "qwen.yaml"
    workshop.render(package)
    synced(cluster, syncer, workshop.objects(package))
    before = state(cluster.admin)
    file = workshop.root / "packages" / package / goes
    text = file.read_text(encoding="utf-8")
    intents = workshop.intents(package)
    intents[goes]["spec"]["ensure"] = "Absent"
    workshop.write(package, intents)
    workshop.render(package)
    file.unlink()
    workshop.render(package)
    assert not any("qwen" in name(one) for one in workshop.objects(package))
    synced(cluster, syncer, workshop.objects(package))
    file.write_text(text, encoding="utf-8")
    workshop.render(package)
    synced(cluster, syncer, workshop.objects(package))
    assert state(cluster.admin) == before


def test_a_package_that_is_no_longer_applied_leaves_nothing(cluster: Cluster, syncer: Syncer) -> None:
    synced(cluster, syncer, rendered(Set(PACKAGE, "gaie-v1.5", FILES)))
    synced(cluster, syncer, [])
    assert live(cluster.admin) == []


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize(("old", "new"), list(itertools.permutations((FILES, *overlays(PACKAGE)), 2)))
def test_a_package_goes_from_overlay_to_overlay(
    old: str, new: str, release: str, cluster: Cluster, syncer: Syncer
) -> None:
    synced(cluster, syncer, rendered(Set(PACKAGE, release, old)))
    synced(cluster, syncer, rendered(Set(PACKAGE, release, new)))


def test_what_is_synced_reads_back_after_a_move(cluster: Cluster, syncer: Syncer) -> None:
    """What the older release wrote does not shine through the newer one."""
    sent = rendered(Set(PACKAGE, ALL, FILES))
    synced(cluster, syncer, rendered(Set(PACKAGE, "gaie-v1.5", FILES)))
    synced(cluster, syncer, sent)
    assert [each for one in sent for each in differences(one, syncer.client.get(one))] == []
