"""The whole base package in every release, byte for byte; `make golden` writes tests/golden anew."""

import os
import re
from itertools import pairwise

import pytest
import yaml
from krm_inference.domain.facts.releases import RELEASES

from tests.conftest import ROOT, Copy

GOLDEN = ROOT / "tests" / "golden"


def stored(release: str) -> dict[str, str]:
    return {path.name: path.read_bytes().decode() for path in (GOLDEN / release).glob("*.yaml")}


@pytest.mark.parametrize("release", RELEASES)
def test_the_package_of_a_release_is_its_golden(release: str, intent: Copy) -> None:
    """The intent of the base package, with this release, renders to what is stored."""
    intent.edit(("release: gaie-v1.0", f"release: {release}"))
    assert intent.render(), intent.said
    rendered = {
        name: text for name, text in intent.texts().items() if not name.startswith((".", "kust", "Kpt", "READ"))
    }
    if os.environ.get("UPDATE_GOLDEN"):
        for name in stored(release).keys() - rendered.keys():
            (GOLDEN / release / name).unlink()
        for name, text in rendered.items():
            (GOLDEN / release).mkdir(parents=True, exist_ok=True)
            (GOLDEN / release / name).write_bytes(text.encode())
    assert rendered == stored(release)


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


def test_only_releases_have_goldens() -> None:
    """Each release has its folder, and no folder is of a release that is gone."""
    assert {path.name for path in GOLDEN.iterdir()} == set(RELEASES)


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
