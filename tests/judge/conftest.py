"""The judge's clusters, one for each set of CRDs, started when a test asks for one and shared by all."""

from __future__ import annotations

import fnmatch
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import crds
import pytest
import yaml

from tests.conftest import missing
from tests.judge import components
from tests.judge.cluster import Cluster, Etcd
from tests.judge.figures import FIGURES

# CRDs that every cluster of ours has, whatever its release.
EVERYWHERE = ("gateway-api-standard-v1.6.1", "gke-gateway-api", "gmp")

Clusters = Callable[[str], Cluster]
KNOWN = yaml.safe_load((components.HERE / "known.yaml").read_text(encoding="utf-8"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Expect the tests to fail that known.yaml names, and no others."""
    rows = [(re.compile(fnmatch.translate(row["test"].replace("[", "[[]"))), row["reason"]) for row in KNOWN]
    for item in (item for item in items if components.HERE in item.path.parents):
        for name, reason in rows:
            if name.match(item.name):
                item.add_marker(pytest.mark.xfail(strict=True, reason=reason))


def definitions(release: str) -> list[Path]:
    """Return the files of the CRDs of a release; those of a later folder replace those of one before."""
    folders = (*EVERYWHERE, *crds.OF_RELEASE[release])
    return [file for folder in folders for file in sorted((crds.CRDS / folder).glob("*.yaml"))]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures that were measured."""
    for line in FIGURES:
        terminalreporter.write_line(f"judge: {line}")


@pytest.fixture(scope="session")
def clusters(shared: Path) -> Iterator[Clusters]:
    """Return the function that gives the cluster of a release, with its CRDs."""
    assert shared / "crds" == crds.CRDS
    folder = Path(tempfile.mkdtemp(prefix="judge-"))
    running: dict[str, Cluster] = {}
    store: list[Etcd] = []

    def cluster(release: str) -> Cluster:
        try:
            if not store:
                store.append(Etcd())
            name = "-".join(crds.OF_RELEASE[release])  # releases with the same CRDs share a cluster
            if name not in running:
                running[name] = Cluster(name, store[0], definitions(release), folder / name)
        except components.Missing as fault:
            missing(str(fault))
        return running[name]

    yield cluster
    for each in running.values():
        each.stop()
    for one in store:
        one.stop()
    shutil.rmtree(folder, ignore_errors=True)
