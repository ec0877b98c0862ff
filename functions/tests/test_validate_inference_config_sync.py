"""What Config Sync refuses though the API server takes it."""

from __future__ import annotations

from typing import Any

import pytest
from cases import Change, changed, found
from krm_functions_sdk import MISSING, Resource, ResourceList, emitter
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


MANAGED = "configmanagement.gke.io/managed"
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
    "a label of Config Sync": (
        "config-sync-mark",
        metadata(labels={"configmanagement.gke.io/system": "true"}),
        "metadata.labels[configmanagement.gke.io/system]",
        metadata(labels={"app.kubernetes.io/name": "x"}),
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
