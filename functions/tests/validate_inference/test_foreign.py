"""Folders as they lie in repositories: what is no object is counted and left out, and the rest is checked."""

from __future__ import annotations

from pathlib import Path

import pytest
from checked import said
from krm_functions_sdk import Result

REFUSED = "apiVersion: v1\nkind: Service\nmetadata:\n  name: vllm\nspec:\n  type: Foo\n  ports:\n  - port: 80\n"
PATCH = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: vllm\nspec:\n  replicas: 2\n"
FOREIGN = {
    "values": ("values.yaml", "image: vllm\n", "without apiVersion and kind"),
    "a list": ("ci.yaml", "- run: make\n", "without apiVersion and kind"),
    "a chart": ("Chart.yaml", "apiVersion: v2\nname: vllm\nversion: 1.0.0\n", "without apiVersion and kind"),
    "a kind cluster": ("kind.yaml", "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n", "kind Cluster"),
    "a picker's file": (
        "epp.yaml",
        "apiVersion: inference.networking.x-k8s.io/v1alpha1\nkind: EndpointPickerConfig\nplugins: []\n",
        "kind EndpointPickerConfig",
    ),
    "a helm template": ("t.yaml", "{{- if .Values.on }}\napiVersion: v1\nkind: {{ .Kind }}\n{{- end }}\n", "templates"),
    "a template of Terraform": ("tf.yaml", "a: b\n%{ if on }\nc: d\n%{ endif }\n", "templates"),
    "a Pod that Spark completes": (
        "driver.yaml",
        "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: spark-kubernetes-driver\n",
        "Pod template of Spark",
    ),
    "a kind to be filled in": ("e.yaml", "apiVersion: v1\nkind: ${KIND}\nmetadata:\n  name: x\n", "templates"),
}


def of_rule(results: list[Result], rule: str) -> list[Result]:
    return [result for result in results if result.tags.get("rule") == rule]


@pytest.mark.parametrize(("name", "text", "reason"), FOREIGN.values(), ids=FOREIGN)
def test_what_is_no_object_is_one_info_and_the_rest_is_checked(
    tmp_path: Path, name: str, text: str, reason: str
) -> None:
    results = said(tmp_path, {name: text, "service.yaml": REFUSED})
    assert [(result.severity, result.tags["rule"]) for result in results] == [
        ("error", "built-in-field"),
        ("info", "foreign"),
    ]
    assert reason in results[1].message
    assert name in results[1].message


def test_however_many_documents_are_foreign_there_is_one_info(tmp_path: Path) -> None:
    results = said(tmp_path, {name: text for name, text, _ in FOREIGN.values()})
    assert len(results) == 1
    assert f"{len(FOREIGN)} documents are not checked, because they are no objects" in results[0].message


BROKEN = {
    "no YAML": b"kind: Service\n  x: [\n",
    "no YAML, with an escape": b'kind: Service\nmetadata:\n  name: "a\\u0062"\n  x: [\n',
    "no text": b"\xff\xfe",
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_file_that_cannot_be_read_is_told_by_a_rule_and_stops_nothing(tmp_path: Path, broken: bytes) -> None:
    results = said(tmp_path, {"broken.yaml": broken, "service.yaml": REFUSED})
    (unread,) = of_rule(results, "readable")
    assert unread.severity == "error"
    assert unread.file == (tmp_path / "broken.yaml").as_posix()
    assert of_rule(results, "built-in-field")


@pytest.mark.parametrize("head", ["", "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"])
def test_patches_of_kustomize_are_no_objects(tmp_path: Path, head: str) -> None:
    text = f"{head}resources: [service.yaml]\npatches:\n- path: patch.yaml\n"
    results = said(tmp_path, {"kustomization.yaml": text, "patch.yaml": PATCH, "service.yaml": REFUSED})
    assert {result.tags["rule"] for result in results} == {"built-in-field", "foreign"}


def test_a_generated_name_is_a_name(tmp_path: Path) -> None:
    job = "apiVersion: batch/v1\nkind: Job\nmetadata:\n  generateName: load-\nspec:\n  template:\n    spec:\n"
    job += "      restartPolicy: Never\n      containers:\n      - name: load\n        image: load:v1\n"
    results = said(tmp_path, {"one.yaml": job, "two.yaml": job})
    assert {(result.severity, result.tags["rule"]) for result in results} == {("info", "generated-name")}


def test_placeholders_are_one_finding_and_nothing_is_proposed_from_them(tmp_path: Path) -> None:
    text = REFUSED.replace("vllm", "${NAME}").replace("Foo", "YOUR_TYPE")
    results = said(tmp_path, {"service.yaml": text})
    (waiting,) = of_rule(results, "placeholder")
    assert "2 fields wait for a value: ${NAME}, YOUR_TYPE" in waiting.message
    assert results == [waiting]
