"""The Pods of a package keep to the Pod Security Standard that its intent names, by the API server's own admission."""

from __future__ import annotations

from typing import Any

import pytest

from tests.judge.client import Object
from tests.judge.conftest import Clusters
from tests.judge.sets import Workshop, namespaces, packages, placed

pytestmark = pytest.mark.judge

RELEASE, LABEL = "gaie-v1.5", "pod-security.kubernetes.io"
STANDARDS = ("baseline", "restricted")


def _objects(package: str, security: str) -> list[Object]:
    """Render a package in which every service is secured like this."""
    workshop = Workshop()
    try:
        intents = workshop.intents(package)
        for intent in intents.values():
            intent["spec"] |= {"security": security, "release": RELEASE}
        workshop.write(package, intents)
        workshop.render(package)
        return placed(workshop.objects(package))
    finally:
        workshop.close()


def _pods(objects: list[Object], namespace: str) -> list[tuple[str, dict[str, Any]]]:
    """Return a Pod of each Deployment, as its controller would make one, in a namespace."""
    found = []
    for one in (each for each in objects if each["kind"] == "Deployment"):
        template, name = one["spec"]["template"], one["metadata"]["name"].replace(".", "-")
        meta = {"name": name, "namespace": namespace, "labels": template["metadata"]["labels"]}
        # A Pod is refused earlier without its ServiceAccount; which one it is makes no difference here.
        spec = {**template["spec"], "serviceAccountName": "default"}
        found.append((name, {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec}))
    return found


@pytest.mark.parametrize("package", packages())
@pytest.mark.parametrize("security", STANDARDS)
def test_pods_are_taken_where_their_standard_is_enforced(package: str, security: str, clusters: Clusters) -> None:
    """And one of a baseline server is refused where restricted is, so that this test can fail."""
    cluster = clusters(RELEASE)
    for standard in STANDARDS:
        labels = {f"{LABEL}/enforce": standard, f"{LABEL}/enforce-version": "latest"}
        namespace = {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": f"pods-{standard}", "labels": labels},
        }
        assert cluster.admin.apply(namespace, manager="judge").taken
        account = {"name": "default", "namespace": f"pods-{standard}"}
        cluster.admin.apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": account}, manager="judge")
    objects = _objects(package, security)
    assert namespaces(objects)
    answers = {
        standard: {name: cluster.admin.create(pod) for name, pod in _pods(objects, f"pods-{standard}")}
        for standard in STANDARDS
    }
    for standard in STANDARDS:
        for _, pod in _pods(objects, f"pods-{standard}"):
            cluster.admin.ask("DELETE", cluster.admin.path(pod), gracePeriodSeconds="0")
    assert {name: answer.message for name, answer in answers[security].items() if not answer.taken} == {}
    refused = [answer.message for answer in answers["restricted"].values() if not answer.taken]
    if security == "baseline":
        assert refused
        assert all("violates PodSecurity" in message and "runAsNonRoot" in message for message in refused)
