"""What Config Sync refuses though the API server takes it."""

from __future__ import annotations

from typing import Any

import pytest
from cases import Change, changed, found
from krm_functions_sdk import MISSING, Resource, ResourceList
from krm_functions_sdk.document import emitter
from krm_inference.validate_inference import validate_inference


def metadata(**fields: Any) -> Change:
    named = {"name": "x", **fields}
    return Change(objects=({"apiVersion": "v1", "kind": "ConfigMap", "metadata": named},))


def annotated(key: str, value: str = "x") -> Change:
    return metadata(annotations={key: value})


def scraped(by: Any) -> Change:
    metadata = {"labels": {"app": "x"}, "annotations": {"prometheus.io/scrape": by}}
    template = {"metadata": metadata, "spec": {"containers": [{"name": "x", "image": "x:v1"}]}}
    spec = {"selector": {"matchLabels": {"app": "x"}}, "template": template}
    return Change(objects=({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x"}, "spec": spec},))


def status(value: Any) -> Change:
    text = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, "status": value}
    return Change(objects=(text,))


def manifest(kind: str, version: str = "v1", name: str = "x", **fields: Any) -> dict[str, Any]:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, **fields.pop("metadata", {})}, **fields}


def definition(group: str, name: str = "") -> Change:
    spec = {"group": group, "names": {"plural": "things"}}
    version = "apiextensions.k8s.io/v1"
    return Change(objects=(manifest("CustomResourceDefinition", version, name or f"things.{group}", spec=spec),))


def twice(one: dict[str, str], other: dict[str, str]) -> Change:
    """A ConfigMap in two copies with these annotations."""
    return Change(objects=tuple(manifest("ConfigMap", metadata={"annotations": item}) for item in (one, other)))


def in_an_unmanaged_namespace(**annotations: str) -> Change:
    left = manifest("Namespace", name="left", metadata={"annotations": {MANAGED: "disabled"}})
    config_map = manifest("ConfigMap", metadata={"namespace": "left", "annotations": annotations})
    return Change(objects=(left, config_map))


def root_sync(policy: str) -> Change:
    annotations = {"configsync.gke.io/deletion-propagation-policy": policy}
    of = {"namespace": "config-management-system", "annotations": annotations}
    return Change(objects=(manifest("RootSync", "configsync.gke.io/v1beta1", metadata=of),))


MANAGED = "configmanagement.gke.io/managed"
OF_NAMESPACES = "configmanagement.gke.io/namespace-selector"
OF_CLUSTERS = "configmanagement.gke.io/cluster-selector"
BY_NAME = "configsync.gke.io/cluster-name-selector"
# Rule, what is wrong, its field, and what is right.
CASES = {
    "a status": ("cluster-field", status({"ready": True}), "status", status({"names": {"kind": ""}, "conditions": []})),
    "a uid": ("cluster-field", metadata(uid="1"), "metadata.uid", metadata()),
    "a creation time": (
        "cluster-field",
        metadata(creationTimestamp="2026-01-01T00:00:00Z"),
        "metadata.creationTimestamp",
        metadata(creationTimestamp=None),
    ),
    "an owner": (
        "cluster-field",
        metadata(ownerReferences=[{"name": "x"}]),
        "metadata.ownerReferences",
        metadata(ownerReferences=[]),
    ),
    "an annotation that Config Sync writes": (
        "config-sync-mark",
        annotated("configsync.gke.io/declared-fields"),
        "metadata.annotations[configsync.gke.io/declared-fields]",
        annotated("configsync.gke.io/deletion-propagation-policy"),
    ),
    "an annotation that it does not know": (
        "config-sync-mark",
        annotated("configmanagement.gke.io/manage"),
        "metadata.annotations[configmanagement.gke.io/manage]",
        annotated("configmanagement.gke.io.example.com/manage"),
    ),
    "managed: enabled": (
        "config-sync-mark",
        annotated(MANAGED, "enabled"),
        f"metadata.annotations[{MANAGED}]",
        annotated(MANAGED, "disabled"),
    ),
    "an annotation of a Pod template that is no string": (
        "annotation",
        scraped(by=True),
        "spec.template.metadata.annotations[prometheus.io/scrape]",
        scraped(by="true"),
    ),
    "a policy of deletion that there is not": (
        "config-sync-mark",
        root_sync("Background"),
        "metadata.annotations[configsync.gke.io/deletion-propagation-policy]",
        root_sync("Orphan"),
    ),
    "a label of Config Sync": (
        "config-sync-mark",
        metadata(labels={"configmanagement.gke.io/system": "true"}),
        "metadata.labels[configmanagement.gke.io/system]",
        metadata(labels={"app.kubernetes.io/name": "x"}),
    ),
    "a time to delete it": (
        "cluster-field",
        metadata(deletionGracePeriodSeconds=30),
        "metadata.deletionGracePeriodSeconds",
        metadata(deletionGracePeriodSeconds=None),
    ),
    "a name that is made up": (
        "generated-name", metadata(name="", generateName="x-"), "metadata.generateName", metadata(generateName="x-")
    ),
    "a definition with another name": (
        "definition-name", definition("example.com", "my-things.example.com"), "metadata.name",
        definition("example.com"),
    ),
    "a definition of Config Sync": (
        "config-sync-kind", definition("configsync.gke.io"), "spec.group", definition("example.com")
    ),
    "a kind of other repositories": (
        "config-sync-kind",
        Change(objects=(manifest("Repo", "configmanagement.gke.io/v1"),)),
        "kind",
        Change(objects=(manifest("Repo", "example.com/v1"),)),
    ),
    "a group that is served no more": (
        "api-version",
        Change(objects=(manifest("Ingress", "extensions/v1beta1"),)),
        "apiVersion",
        Change(objects=(manifest("Ingress", "networking.k8s.io/v1"),)),
    ),
    "a selector of namespaces on what has none": (
        "config-sync-selector",
        Change(objects=(manifest("Namespace", metadata={"annotations": {OF_NAMESPACES: "x"}}),)),
        f"metadata.annotations[{OF_NAMESPACES}]",
        annotated(OF_NAMESPACES),
    ),
    "a selector of namespaces beside a namespace": (
        "config-sync-selector",
        metadata(namespace="team-a", annotations={OF_NAMESPACES: "x"}),
        f"metadata.annotations[{OF_NAMESPACES}]",
        metadata(namespace="team-a", annotations={OF_CLUSTERS: "x"}),
    ),
    "two selectors of clusters": (
        "config-sync-selector",
        metadata(annotations={OF_CLUSTERS: "x", BY_NAME: "x"}),
        f"metadata.annotations[{OF_CLUSTERS}]",
        metadata(annotations={BY_NAME: "x"}),
    ),
    "a selector of clusters on another": (
        "config-sync-selector",
        Change(objects=(manifest("ClusterSelector", "configmanagement.gke.io/v1",
                                 metadata={"annotations": {BY_NAME: "x"}}),)),
        f"metadata.annotations[{BY_NAME}]",
        Change(objects=(manifest("ClusterSelector", "configmanagement.gke.io/v1"),)),
    ),
    "managed in a Namespace that is not": (
        "config-sync-managed",
        in_an_unmanaged_namespace(),
        f"metadata.annotations[{MANAGED}]",
        in_an_unmanaged_namespace(**{MANAGED: "disabled"}),
    ),
    "two of a name on one cluster": (
        "object-duplicate", twice({BY_NAME: "x"}, {}), "metadata.name", twice({BY_NAME: "x"}, {BY_NAME: "y"})
    ),
    "a Secret in the namespace of Config Sync": (
        "config-sync-namespace",
        Change(objects=(manifest("Secret", metadata={"namespace": "config-management-system"}),)),
        "metadata.namespace",
        Change(objects=(manifest("RootSync", "configsync.gke.io/v1beta1",
                                 metadata={"namespace": "config-management-system"}),)),
    ),
    "the namespace of Config Sync": (
        "config-sync-namespace",
        metadata(namespace="config-management-system"),
        "metadata.namespace",
        metadata(namespace="config-management"),
    ),
    "a namespace with a dot": (
        "namespace-name", metadata(namespace="team.a"), "metadata.namespace", metadata(namespace="team-a")
    ),
    "a namespace of 64 letters": (
        "namespace-name", metadata(namespace="n" * 64), "metadata.namespace", metadata(namespace="n" * 63)
    ),
}  # fmt: skip


@pytest.mark.parametrize(("rule", "bad", "field", "good"), CASES.values(), ids=CASES)
def test_a_fault_is_found_at_its_field_and_what_is_right_is_not(
    rule: str, bad: Change, field: str, good: Change
) -> None:
    assert [(of, at) for of, at, _ in found(bad) if of == rule] == [(rule, field)]
    assert [of for of, _, _ in found(good) if of == rule] == []


@pytest.mark.parametrize(
    ("rule", "bad", "proposed"),
    [
        ("config-sync-mark", annotated(MANAGED, "enabled"), []),  # disabled would be the contrary
        ("namespace-name", metadata(namespace="Team_A."), ["team-a"]),
        ("namespace-name", metadata(namespace="n" * 64), []),
    ],
)
def test_a_value_is_proposed_where_it_means_the_same(rule: str, bad: Change, proposed: list[str]) -> None:
    resources = ResourceList([Resource(emitter.document(item)) for item in changed(bad)])
    validate_inference(resources)
    [found] = [item for item in resources.results if item.tags["rule"] == rule]
    assert ([] if found.proposed is MISSING else [found.proposed]) == proposed
