"""What generate-node-pool writes is taken by a real API server, with the shapes of Config Connector and ComputeClass.

No controller of either runs here: what the server checks is fields, types, enums and what is required.
"""

from __future__ import annotations

import copy
from typing import Any

import pytest
import yaml
from krm_inference.domain.facts import nodes
from krm_inference.domain.facts.accelerators import ACCELERATORS

from tests.conftest import ROOT
from tests.judge import shapes
from tests.judge.client import Object
from tests.judge.cluster import Cluster
from tests.judge.conftest import Clusters
from tests.judge.sets import DEFAULT_NAMESPACE, placed
from tests.judge.syncer import name
from tests.judge.test_admission import assert_taken
from tests.test_cluster_package import generated

pytestmark = pytest.mark.judge

RELEASE = "gaie-v1.5"
CASES = sorted(path.parent for path in shapes.EXAMPLES.glob("*/expected.yaml"))


def objects_of(texts: list[str]) -> list[Object]:
    """Return the objects of these kinds, of files or of lists."""
    documents = [one for text in texts for one in yaml.safe_load_all(text) if one]
    items = [item for one in documents for item in (one["items"] if one["kind"] == "ResourceList" else [one])]
    return [one for one in items if shapes.is_shaped(one)]


@pytest.fixture(scope="module")
def cluster(clusters: Clusters) -> Cluster:
    """Return a cluster with these kinds."""
    found = clusters(RELEASE)
    found.install([shapes.file(shape) for shape in shapes.SHAPES])
    found.namespace(DEFAULT_NAMESPACE)
    return found


def test_the_package_is_taken_without_a_warning_and_reads_back_whole(cluster: Cluster) -> None:
    files = sorted((ROOT / "packages" / "cluster").glob("*.yaml"))
    sent = objects_of([file.read_text(encoding="utf-8") for file in files])
    assert {one["kind"] for one in sent} == {
        *("Service", "ComputeSubnetwork", "ContainerCluster", "ContainerNodePool", "ComputeClass")
    }
    assert_taken(cluster, placed(sent))


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.name))
def test_an_example_is_taken_without_a_warning_and_reads_back_whole(cluster: Cluster, case: Any) -> None:
    sent = objects_of([(case / "expected.yaml").read_text(encoding="utf-8")])
    documents = (case / "expected.yaml").read_text(encoding="utf-8")
    assert sent or "severity: error" in documents
    assert_taken(cluster, placed(sent))


@pytest.mark.parametrize("capacity", ["OnDemand", "Spot", "FlexStart", "Reservation"])
@pytest.mark.parametrize("platform", ["gke-standard", "gke-autopilot"])
def test_nodes_of_every_machine_are_taken(cluster: Cluster, platform: str, capacity: str) -> None:
    machines = nodes.machines("gke-standard").items()
    rows = [
        {
            "name": f"{kind}-{count}",
            "type": kind,
            "count": count,
            "capacity": [capacity],
            **({"reservation": "mine"} if capacity == "Reservation" else {}),
        }
        for kind, counts in machines
        for count in counts
        if ACCELERATORS[kind].backend != "cpu"
    ]
    sent = [one for row in rows for one in generated({"platform": platform, "accelerators": [row]}) if _holds(one)]
    by_itself = platform == "gke-autopilot" and capacity == "OnDemand"  # Autopilot makes such nodes without a word
    assert len(sent) == (0 if by_itself else len(rows))
    assert_taken(cluster, placed(sent))


def _holds(one: Object) -> bool:
    return one["kind"] in ("ContainerNodePool", "ComputeClass")


MISTAKES: list[tuple[str, tuple[Any, ...], Any, str]] = [
    ("ContainerNodePool", ("spec", "nodeConfig", "machinetype"), "g2-standard-8", "field not declared in schema"),
    ("ContainerNodePool", ("spec", "autoscaling", "totalMaxNodeCount"), "2", "expected numeric"),
    ("ContainerNodePool", ("spec", "clusterRef"), {"name": "llm", "external": "llm"}, "must validate one and only one"),
    ("ContainerCluster", ("spec", "gatewayApiConfig"), {}, "Required value"),
    ("ContainerCluster", ("spec", "addonsConfig", "httpLoadBalancing", "disable"), True, "not declared in schema"),
    ("ComputeSubnetwork", ("spec", "purposes"), "PRIVATE", "not declared in schema"),
    ("Service", ("spec", "resourceId"), "compute.googleapis.com", "not declared in schema"),
    ("ComputeClass", ("spec", "whenUnsatisfiable"), "Sometimes", "supported values"),
    ("ComputeClass", ("spec", "priorities", 0, "gpu", "driver"), "latest", "not declared in schema"),
    ("ComputeClass", ("spec", "priorities", 0, "machineTypes"), "g2-standard-8", "not declared in schema"),
]


@pytest.mark.parametrize(
    ("kind", "path", "value", "said"), MISTAKES, ids=[f"{kind}-{path[-1]}" for kind, path, _, _ in MISTAKES]
)
def test_the_server_refuses_a_mistake(
    cluster: Cluster, kind: str, path: tuple[Any, ...], value: Any, said: str
) -> None:
    """These shapes do judge: what is misspelt or of another type is not taken."""
    files = sorted((ROOT / "packages" / "cluster").glob("*.yaml"))
    sent = placed(objects_of([file.read_text(encoding="utf-8") for file in files]))
    wrong = copy.deepcopy(next(one for one in sent if one["kind"] == kind))
    inner: Any = wrong
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    answer = cluster.admin.apply(wrong, dry_run=True)
    assert not answer.taken
    assert said in answer.message


def test_a_shape_says_something_of_every_field_that_is_written() -> None:
    """A field of which only the name is kept would be taken with anything in it: write the shapes anew."""
    schemas = {
        shape.kind: yaml.safe_load(shapes.file(shape).read_text(encoding="utf-8"))["spec"]["versions"][0]["schema"]
        for shape in shapes.SHAPES
    }
    found = [
        f"{name(one)} {path}"
        for one in shapes.written()
        for path in shapes.unjudged(schemas[one["kind"]]["openAPIV3Schema"]["properties"]["spec"], one["spec"], "spec")
    ]
    assert found == []
