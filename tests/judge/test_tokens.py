"""Gateways that ask for tokens: the policies are taken by a real API server, for each class that has one."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.conftest import missing
from tests.judge import components, shapes
from tests.judge.client import Object
from tests.judge.cluster import Cluster
from tests.judge.conftest import Clusters
from tests.judge.sets import DEFAULT_NAMESPACE, placed
from tests.judge.syncer import in_order
from tests.judge.test_admission import assert_taken
from tests.judge.test_serving import objects

pytestmark = pytest.mark.judge

RELEASE = "gaie-v1.5"
EXAMPLES = shapes.FUNCTIONS / "generate_routing" / "examples"
CASES = {
    "tokens-istio": {"RequestAuthentication", "AuthorizationPolicy"},
    "tokens-envoy-ai-gateway": {"SecurityPolicy"},
    "tokens-agentgateway": {"AgentgatewayPolicy", "AgentgatewayBackend"},
}


@pytest.fixture(scope="module")
def cluster(clusters: Clusters) -> Cluster:
    """Return a cluster with the policies of all classes."""
    found = clusters(RELEASE)
    try:
        found.install(components.definitions())
    except components.Missing as fault:
        missing(str(fault))
    found.install([shapes.file(shape) for shape in shapes.SHAPES])
    found.namespace(DEFAULT_NAMESPACE)
    return found


def sent(case: str) -> list[Object]:
    return in_order(placed(objects(EXAMPLES / case / "expected.yaml")))


@pytest.mark.parametrize("case", CASES)
def test_a_gateway_with_tokens_is_taken_without_a_warning_and_reads_back_whole(cluster: Cluster, case: str) -> None:
    assert {one["kind"] for one in sent(case)} >= CASES[case]
    assert_taken(cluster, sent(case))


MISTAKES: list[tuple[str, str, tuple[Any, ...], Any]] = [
    ("tokens-istio", "RequestAuthentication", ("spec", "jwtRules", 0, "jwksUri"), "issuer.example.com/keys"),
    ("tokens-istio", "AuthorizationPolicy", ("spec", "action"), "REFUSE"),
    ("tokens-envoy-ai-gateway", "SecurityPolicy", ("spec", "jwt", "providers"), []),
    ("tokens-agentgateway", "AgentgatewayPolicy", ("spec", "traffic", "jwtAuthentication", "mode"), "Always"),
    ("tokens-agentgateway", "AgentgatewayBackend", ("spec", "static", "port"), 70000),
]


@pytest.mark.parametrize(("case", "kind", "path", "value"), MISTAKES, ids=[row[1] for row in MISTAKES])
def test_the_server_refuses_a_mistake(
    cluster: Cluster, case: str, kind: str, path: tuple[Any, ...], value: Any
) -> None:
    wrong = copy.deepcopy(next(one for one in sent(case) if one["kind"] == kind))
    inner: Any = wrong
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    assert not cluster.admin.apply(wrong, dry_run=True).taken
