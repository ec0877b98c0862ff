"""Every golden example of the server and its adapters is taken by a real API server, and its Pods by Pod Security."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT, missing
from tests.judge import components
from tests.judge.client import Object
from tests.judge.conftest import Clusters
from tests.judge.syncer import in_order
from tests.judge.test_admission import assert_taken

pytestmark = pytest.mark.judge

RELEASE = "gaie-v1.5"
FUNCTIONS = ROOT / "functions" / "krm_inference"
# Volumes that no namespace holds.
CLUSTER_SCOPED = ("PersistentVolume",)
# An input of these has a Deployment that its user broke, and the function mends only its own part.
BROKEN = ("adopt-deployment", "keep-user-additions", "service-gone")


def cases() -> list[Path]:
    """Return the folders of the examples that end well and leave objects."""
    found = []
    for function in ("generate_model_server", "inject_lora"):
        for file in sorted((FUNCTIONS / function).glob("examples/*/expected.yaml")):
            text = file.read_text(encoding="utf-8")
            if "severity: error" not in text and objects(file) and file.parent.name not in BROKEN:
                found.append(file.parent)
    return found


def objects(file: Path) -> list[Object]:
    """Return what of an example would be applied."""
    documents = [one for one in yaml.safe_load_all(file.read_text(encoding="utf-8")) if one]
    items = [item for one in documents for item in (one["items"] if one["kind"] == "ResourceList" else [one])]
    return [_bare(item) for item in items if not _is_local(item)]


def _is_local(item: Object) -> bool:
    return bool(item["metadata"].get("annotations", {}).get("config.kubernetes.io/local-config") == "true")


def _bare(item: Object) -> Object:
    """Return an object without what tells functions where it stands."""
    annotations = item["metadata"].get("annotations", {})
    kept = {key: text for key, text in annotations.items() if not key.startswith("internal.config.kubernetes.io/")}
    metadata = {key: part for key, part in item["metadata"].items() if key != "annotations"}
    return {**item, "metadata": {**metadata, **({"annotations": kept} if kept else {})}}


def test_there_are_cases() -> None:
    kinds = {one["kind"] for case in cases() for one in objects(case / "expected.yaml")}
    assert kinds >= {
        *("Deployment", "Job", "PersistentVolume", "PersistentVolumeClaim", "ExternalSecret"),
        *("ScaledObject", "HorizontalPodAutoscaler", "PodDisruptionBudget", "NetworkPolicy"),
    }


@pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case.parents[1].name}-{case.name}")
def test_an_example_is_taken_without_a_warning_and_reads_back_whole(case: Path, clusters: Clusters) -> None:
    cluster = clusters(RELEASE)
    try:
        cluster.install(components.definitions())
    except components.Missing as fault:
        missing(str(fault))
    found = objects(case / "expected.yaml")
    sent = in_order(found)
    # A claim goes only when nobody uses it, and examples have the same names: each has a namespace of its own.
    for one in (one for one in sent if one["kind"] not in CLUSTER_SCOPED):
        one["metadata"].setdefault("namespace", f"serving-{case.name}")
        cluster.namespace(one["metadata"]["namespace"])
    assert_taken(cluster, sent)


STANDARDS = {"weights-cache": "restricted", "weights-bucket-eks": "restricted", "availability": "baseline"}


@pytest.mark.parametrize("case", STANDARDS)
def test_pods_of_servers_and_downloads_keep_to_their_standard(case: str, clusters: Clusters) -> None:
    """A server with claims runs where the restricted standard is enforced, and so does the Job that fills them."""
    cluster, space = clusters(RELEASE), f"serving-{STANDARDS[case]}"
    labels = {
        "pod-security.kubernetes.io/enforce": STANDARDS[case],
        "pod-security.kubernetes.io/enforce-version": "latest",
    }
    meta = {"name": space, "labels": labels}
    assert cluster.admin.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": meta}, manager="judge").taken
    for account in ("default", "model-reader"):
        identity = {"name": account, "namespace": space}
        cluster.admin.apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": identity}, manager="judge")
    refused = {}
    for one in objects(FUNCTIONS / "generate_model_server" / "examples" / case / "expected.yaml"):
        if one["kind"] not in ("Deployment", "Job"):
            continue
        spec = {**one["spec"]["template"]["spec"]}
        if STANDARDS[case] == "baseline":
            spec.pop("priorityClassName", None)  # which the cluster does not have
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": case, "namespace": space}, "spec": spec}
        answer = cluster.admin.create(pod)
        cluster.admin.ask("DELETE", cluster.admin.path(pod), gracePeriodSeconds="0")
        if not answer.taken:
            refused[one["kind"]] = answer.message
    assert refused == {}
