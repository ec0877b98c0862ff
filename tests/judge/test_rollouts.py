"""What the real controllers make of our Deployments: Pods that are admitted, and roll-outs that come to an end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from krm_inference.domain.facts.releases import RELEASES

from tests.judge.client import Object
from tests.judge.cluster import Cluster
from tests.judge.conftest import Clusters
from tests.judge.kubelet import Kubelet, ready
from tests.judge.sets import FILES, Set, Workshop, in_release, merged, namespaces, overlays, packages, placed, rendered
from tests.judge.syncer import Syncer

pytestmark = pytest.mark.judge

PACKAGE, INTENT, NAMESPACE = "llama-3.1-8b", "llm.yaml", "default"
# The cluster with the CRDs of all that can be moved between.
ALL = list(RELEASES)[-1]


@pytest.fixture(scope="module")
def cluster(clusters: Clusters) -> Iterator[Cluster]:
    one = clusters(ALL)
    one.start_controllers()
    yield one
    one.stop_controllers()


@pytest.fixture
def syncer(cluster: Cluster) -> Iterator[Syncer]:
    one = Syncer(cluster.admin)
    yield one
    one.clear()
    kubelet = Kubelet(cluster, "")
    assert cluster.controllers is not None
    cluster.controllers.wait_until(lambda: _gone(kubelet))


def _gone(kubelet: Kubelet) -> bool:
    kubelet.step()
    return not kubelet.pods()


def rolled_out(cluster: Cluster, syncer: Syncer, kubelet: Kubelet, objects: list[Object]) -> None:
    """Sync, and wait until each Deployment has the Pods that it wants, new and ready."""
    for space in namespaces(objects):
        cluster.namespace(space)
    assert syncer.sync(objects) == []
    wanted = [one for one in objects if one["kind"] == "Deployment"]

    def done() -> bool:
        kubelet.step()
        return all(_complete(cluster.admin.get(one).body) for one in wanted)

    assert cluster.controllers is not None
    cluster.controllers.wait_until(done, seconds=90)
    assert kubelet.unfit == []


def _complete(deployment: Object) -> bool:
    wanted, status = deployment["spec"]["replicas"], deployment.get("status", {})
    counts = {key: status.get(key, 0) for key in ("replicas", "updatedReplicas", "readyReplicas")}
    observed = status.get("observedGeneration") == deployment["metadata"]["generation"]
    return observed and set(counts.values()) == {wanted}


CASES = [
    Set(package, release, each)
    for package in packages()
    for release in RELEASES
    for each in (FILES, *overlays(package))
]


@pytest.mark.parametrize("one", CASES, ids=str)
def test_every_deployment_gets_its_pods(one: Set, cluster: Cluster, syncer: Syncer) -> None:
    objects = rendered(one)
    (space,) = namespaces(objects)
    kubelet = Kubelet(cluster, space)
    rolled_out(cluster, syncer, kubelet, objects)
    assert all(ready(pod) for pod in kubelet.pods())


def in_steps(release: str, *specs: Any) -> Iterator[list[Object]]:
    """Yield the objects of the package after each change of its intent, rendered one over the other."""
    workshop = Workshop()
    try:
        intents = workshop.intents(PACKAGE)
        in_release(release)(intents)
        spec = intents[INTENT]["spec"]
        for change in specs:
            workshop.write(PACKAGE, {INTENT: {**intents[INTENT], "spec": merged(spec, change)}})
            workshop.render(PACKAGE)
            yield placed(workshop.objects(PACKAGE))
    finally:
        workshop.close()


@pytest.mark.parametrize("release", RELEASES)
def test_a_new_setting_of_the_picker_rolls_out(release: str, cluster: Cluster, syncer: Syncer) -> None:
    """One picker goes before the next comes where it is recreated; else there is always one that is ready."""
    kubelet = Kubelet(cluster, NAMESPACE)
    for number, objects in enumerate(in_steps(release, {}, {"picker": {"logLevel": 4}})):
        if number:
            kubelet.glances.clear()
        rolled_out(cluster, syncer, kubelet, objects)
    seen = kubelet.glances
    if RELEASES[release].strategy == "Recreate":
        assert max(each.ready for each in seen) == 1
    else:
        assert min(each.ready for each in seen) >= 1


class Move(NamedTuple):
    """One step of docs/releases.md: what the intent says, whether it stops the picker, and what of it is applied."""

    title: str
    spec: dict[str, Any]
    stops: bool
    objectives_only: bool = False


MOVES = (
    Move("as it was", {}, stops=False),
    Move("1.0 to 1.5, step 2", {"picker": {"failureMode": "FailOpen"}}, stops=False),
    Move("1.0 to 1.5, step 3", {"release": "gaie-v1.5", "picker": {"failureMode": "FailOpen"}}, stops=True),
    Move("1.0 to 1.5, step 4", {"release": "gaie-v1.5"}, stops=False),
    Move("1.5 to 0.10, step 2", {"release": "llm-d-router-v0.10"}, stops=False, objectives_only=True),
    Move("1.5 to 0.10, step 3", {"release": "llm-d-router-v0.10"}, stops=True),
    Move("0.10 to 0.11, step 2", {"release": "llm-d-router-v0.11"}, stops=True),
    Move("back to 0.10", {"release": "llm-d-router-v0.10"}, stops=True),
    Move("back to 1.5", {"release": "gaie-v1.5"}, stops=True),
)


def test_the_documented_moves_stop_the_picker_only_in_the_steps_that_say_so(cluster: Cluster, syncer: Syncer) -> None:
    """Through all releases and back; wherever no picker answers, requests go to any server."""
    kubelet = Kubelet(cluster, NAMESPACE)
    for move, objects in zip(MOVES, in_steps("gaie-v1.0", *(move.spec for move in MOVES)), strict=True):
        kubelet.glances.clear()
        if move.objectives_only:
            before = {identity(one) for one in live_objectives(cluster)}
            for one in objects:
                if one["kind"] == "InferenceObjective":
                    assert cluster.admin.apply(one).taken
            kubelet.step()
            assert before < {identity(one) for one in live_objectives(cluster)}, "the old ones are left"
        else:
            rolled_out(cluster, syncer, kubelet, objects)
        stopped = move is not MOVES[0] and any(each.ready == 0 for each in kubelet.glances)
        assert (move.title, stopped) == (move.title, move.stops)
        pool = next(each for each in objects if each["kind"] == "InferencePool")
        assert not move.stops or pool["spec"]["endpointPickerRef"]["failureMode"] == "FailOpen"


def live_objectives(cluster: Cluster) -> list[Object]:
    versions = {release.objective_api for release in RELEASES.values()}
    return [one for version in versions for one in cluster.admin.list(version, "InferenceObjective", NAMESPACE)]


def identity(one: Object) -> tuple[str, str]:
    return one["apiVersion"], one["metadata"]["name"]
