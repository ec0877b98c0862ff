"""Every cell of the support matrix, and every accelerator, is taken by a real API server and reads back whole."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest
import yaml

from tests.conftest import ROOT, SERVING, missing
from tests.judge import components
from tests.judge.cluster import Cluster
from tests.judge.conftest import Clusters
from tests.judge.sets import namespaces, packages, placed
from tests.judge.syncer import in_order
from tests.judge.test_admission import assert_taken
from tests.support_matrix import Cell, cells, whole

pytestmark = pytest.mark.judge

RELEASE = "gaie-v1.0"
ACCELERATORS = ROOT / "tests" / "accelerators"
RELEASE_OF_ACCELERATORS = "gaie-v1.5"
MULTINODE = ROOT / "tests" / "multinode"


@pytest.mark.parametrize("cell", [cell for cell in cells() if cell.is_possible], ids=str)
def test_a_cell_is_taken_without_a_warning_and_reads_back_whole(cell: Cell, clusters: Clusters) -> None:
    _is_taken(clusters(RELEASE), whole(cell).values())


@pytest.mark.parametrize("name_of_case", sorted(path.name for path in ACCELERATORS.iterdir()))
def test_an_accelerator_is_taken_without_a_warning_and_reads_back_whole(name_of_case: str, clusters: Clusters) -> None:
    texts = [file.read_text(encoding="utf-8") for file in sorted((ACCELERATORS / name_of_case).glob("*.yaml"))]
    _is_taken(clusters(RELEASE_OF_ACCELERATORS), texts)


@pytest.mark.parametrize("name_of_case", sorted(path.name for path in MULTINODE.iterdir()))
def test_a_split_is_taken_without_a_warning_and_reads_back_whole(name_of_case: str, clusters: Clusters) -> None:
    texts = [file.read_text(encoding="utf-8") for file in sorted((MULTINODE / name_of_case).glob("*.yaml"))]
    _is_taken(clusters(_release("\n".join(texts))), texts)


@pytest.mark.parametrize("package", [one.name for one in SERVING if one.name not in packages()])
def test_a_package_is_taken_without_a_warning_and_reads_back_whole(package: str, clusters: Clusters) -> None:
    files = sorted((ROOT / "packages" / package).glob("*.yaml"))
    texts = [file.read_text(encoding="utf-8") for file in files if not file.name.startswith("kustom")]
    _is_taken(clusters(_release("\n".join(texts))), texts)


def _release(text: str) -> str:
    found = re.search(r"^  release: (\S+)$", text, re.MULTILINE)
    assert found
    return found[1]


def _is_taken(cluster: Cluster, texts: Iterable[str]) -> None:
    """Apply all objects twice, read them, and delete them."""
    try:
        cluster.install(components.definitions())
    except components.Missing as fault:
        missing(str(fault))
    documents = (document for text in texts for document in yaml.safe_load_all(text))
    sent = in_order(placed([one for one in documents if one and one["kind"] != "LLMService"]))
    for space in namespaces(sent):
        cluster.namespace(space)
    assert_taken(cluster, sent)
