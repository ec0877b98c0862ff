"""The package in each release of the inference gateway: what a move changes in its files, and what clusters take."""

import re
import shutil
from itertools import pairwise, permutations, product

import crds
import pytest
from krm_inference.domain.facts.releases import RELEASES
from krm_inference.domain.facts.releases.definitions import DEFINITIONS, NEEDED

from tests.conftest import ROOT, Copy

FIRST = "gaie-v1.0"


def changed(package: Copy, before: str, after: str) -> set[str]:
    """Return the files that change when the package goes from one release to another, without the intent."""
    package.edit((f"release: {before}", f"release: {after}"))
    old = package.texts()
    assert package.render(), package.said
    new = package.texts()
    assert old.keys() == new.keys()
    return {file for file, text in new.items() if text != old[file]}


def test_a_move_changes_the_files_that_the_page_names(package: Copy) -> None:
    """From one release to the next, and on, no file but those of docs/releases.md changes: no model server restarts."""
    page = (ROOT / "docs" / "releases.md").read_text()
    section = page.partition("## To move to another release")[2].partition("###")[0]
    named = set(re.findall(r"^- `([\w.-]+)`:", section, re.MULTILINE))
    steps = [changed(package, one, other) for one, other in pairwise(RELEASES)]
    assert steps == [named - {"objectives.yaml"}, named, named - {"objectives.yaml"}]


def test_a_way_back_gives_the_first_text(package: Copy) -> None:
    """After all releases and back, every file is the same byte for byte."""
    first = package.texts()
    for before, after in pairwise([*RELEASES, FIRST]):
        changed(package, before, after)
    assert package.texts() == first


@pytest.mark.parametrize(("old", "new"), list(permutations(RELEASES, 2)))
def test_a_move_gives_the_text_of_a_render_from_nothing(old: str, new: str, intent: Copy) -> None:
    fresh = Copy(shutil.copytree(intent.root, intent.root.parent / "fresh" / intent.root.name))
    for one, releases in ((fresh, [new]), (intent, [old, new])):
        for before, after in pairwise([FIRST, *releases]):
            one.edit((f"release: {before}", f"release: {after}"))
            assert one.render(), one.said
    assert intent.texts() == fresh.texts()


CLUSTERS = [(release, cluster) for release, rows in NEEDED.items() for cluster in product(*rows)]


@crds.needs_crds
@pytest.mark.parametrize(("release", "cluster"), CLUSTERS, ids=str)
def test_a_cluster_with_the_definitions_takes_it(release: str, cluster: tuple[str, ...], package: Copy) -> None:
    """Every pool and objective is what the CRDs take that the page names, with unknown fields refused."""
    changed(package, FIRST, release)
    known = crds.revisions(tuple(crds.OF_DEFINITIONS[name] for name in cluster))
    ours = [one for one in package.objects() if one["kind"] in ("InferencePool", "InferenceObjective")]
    assert len(ours) == 3
    for one in ours:
        assert [crds.faults(schema, one) for schema in known[one["apiVersion"], one["kind"]]] == [[]]


@crds.needs_crds
@pytest.mark.parametrize("name", DEFINITIONS)
def test_the_table_of_definitions_is_what_lies_there(name: str) -> None:
    """Kinds and versions are those of the files; v1.0 has a pool of the old group as well, which nothing reads."""
    known = {(kind, api) for api, kind in crds.revisions((crds.OF_DEFINITIONS[name],))}
    old = {("InferencePool", "inference.networking.x-k8s.io/v1alpha2")}
    assert known - old == set(DEFINITIONS[name].kinds.items())
    assert bool(known & old) == (name == "gaie-v1.0")
