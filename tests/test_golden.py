"""The whole base package in every release and behind every class of Gateways, byte for byte.

`make golden` writes tests/golden anew.
"""

import json
import re
import subprocess
from itertools import pairwise

import pytest
import yaml
from krm_inference.domain.facts.gateway_classes import CLASSES
from krm_inference.domain.facts.releases import RELEASES

from tests.conftest import ROOT, Copy

GOLDEN = ROOT / "tests" / "golden"
NEWEST = list(RELEASES)[-1]
GKE = "gke-l7-regional-external-managed"
INTENT = {("LLMService", "vllm-llama3.1-8b-instruct")}
VALIDATOR = ROOT / ".venv" / "bin" / "validate-inference"
# The folder of a class of Gateways other than GKE's, with the class; their packages are of the newest release.
BEHIND = {f"gateway-{name}": name for name, known in CLASSES.items() if not known.is_gke}


def stored(folder: str) -> dict[str, str]:
    return {path.name: path.read_bytes().decode() for path in (GOLDEN / folder).glob("*.yaml")}


@pytest.mark.parametrize("release", RELEASES)
def test_the_package_of_a_release_is_its_golden(release: str, intent: Copy) -> None:
    """The intent of the base package, with this release, renders to what is stored."""
    intent.edit(("release: gaie-v1.0", f"release: {release}"))
    assert intent.is_golden(GOLDEN / release)


@pytest.mark.parametrize(("folder", "name"), BEHIND.items())
def test_the_package_behind_a_class_is_its_golden(folder: str, name: str, intent: Copy) -> None:
    """The intent of the base package, in the newest release and behind this class, renders to what is stored."""
    intent.edit(("release: gaie-v1.0", f"release: {NEWEST}"), ("className: " + GKE, f"className: {name}"))
    assert intent.is_golden(GOLDEN / folder)
    apis = {one["apiVersion"].partition("/")[0] for one in intent.objects()}
    assert "networking.gke.io" not in apis
    (gateway,) = [one for one in intent.objects() if one["kind"] == "Gateway"]
    assert gateway["spec"]["gatewayClassName"] == name


@pytest.mark.parametrize(("folder", "name"), BEHIND.items())
def test_a_package_behind_a_class_passes_the_validator(folder: str, name: str) -> None:
    """No error, and of warnings only those that the table of classes has: no pools, or headers that come too late."""
    run = subprocess.run([VALIDATOR, GOLDEN / folder, "--format=json"], capture_output=True, text=True, check=False)
    found = [one for one in json.loads(run.stdout)["findings"] if one["severity"] in ("error", "warning")]
    known = CLASSES[name]
    expected = {"gateway-class": bool(known.lacks), "objective-header": bool(known.late_headers)}
    assert {one["rule"] for one in found} <= {rule for rule, is_known in expected.items() if is_known}


@pytest.mark.parametrize(("folder", "name"), BEHIND.items())
def test_a_change_of_class_leaves_no_orphan(folder: str, name: str, intent: Copy) -> None:
    """A package that went behind another class and back holds what it held, and there what the golden has."""
    intent.edit(("release: gaie-v1.0", f"release: {NEWEST}"))
    assert intent.render(), intent.said
    intent.edit(("className: " + GKE, f"className: {name}"))
    assert intent.render(), intent.said
    assert {(one["kind"], one["metadata"]["name"]) for one in intent.objects()} == objects(folder) - INTENT
    intent.edit((f"className: {name}", "className: " + GKE))
    assert intent.render(), intent.said
    assert {(one["kind"], one["metadata"]["name"]) for one in intent.objects()} == objects(NEWEST) - INTENT


def test_the_docs_name_each_file_that_a_move_changes() -> None:
    """Between neighbouring releases the files differ that docs/releases.md lists, and no file comes or goes."""
    text = (ROOT / "docs" / "releases.md").read_text()
    listed = set(re.findall(r"^- `([a-z-]+\.yaml)`:", text, re.MULTILINE))
    changed = set()
    for before, after in pairwise(RELEASES):
        old, new = stored(before), stored(after)
        assert old.keys() == new.keys()
        changed |= {name for name in old if old[name] != new[name]}
    assert changed - {"llm.yaml"} == listed


def test_only_releases_and_classes_have_goldens() -> None:
    """Each has its folder, and no folder is of one that is gone."""
    assert {path.name for path in GOLDEN.iterdir()} == {*RELEASES, *BEHIND}


def objects(release: str) -> set[tuple[str, str]]:
    """Return kind and name of each object of a release."""
    documents = (document for text in stored(release).values() for document in yaml.safe_load_all(text) if document)
    return {(document["kind"], document["metadata"]["name"]) for document in documents}


@pytest.mark.parametrize(("old", "new"), [(old, new) for old in RELEASES for new in RELEASES if old != new])
def test_a_move_leaves_no_orphan(old: str, new: str, intent: Copy) -> None:
    """A package rendered in one release and moved to another holds the objects of the other, and none besides."""
    for release in (old, new):
        text = re.sub(r"release: \S+", f"release: {release}", intent.read("llm.yaml"))
        intent.write("llm.yaml", text)
        assert intent.render(), intent.said
    left = {(each["kind"], each["metadata"]["name"]) for each in intent.objects()}
    assert left == {each for each in objects(new) if each[0] != "LLMService"}
