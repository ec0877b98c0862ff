"""The engine of Argo CD against a real API server: it applies, puts back and prunes what was hydrated.

It runs as the agent of its own module, at the commit that an Argo CD has: the same diff, apply, order and pruning, with
no repository server and no Application before it.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT, SCRIPTS, missing
from tests.judge import components
from tests.judge.client import Object
from tests.judge.cluster import Cluster
from tests.judge.conftest import Clusters
from tests.judge.process import Process, free_port
from tests.judge.test_live_difference import compared

pytestmark = pytest.mark.judge

RELEASE, ENVIRONMENT = "gaie-v1.0", "staging"
SECONDS = 90
MARK = "gitops-agent.argoproj.io/gc-mark"  # what the agent itself writes


class Repository:
    """A git repository with a folder of what is applied, and the packages and overlays that it comes from."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.root = folder, folder / "repository"
        for name in ("packages", "overlays"):
            shutil.copytree(ROOT / name, folder / name)
        (self.root / "manifests").mkdir(parents=True)
        self._run("git", "init", "--quiet", cwd=self.root)

    def commit(self) -> list[Object]:
        """Hydrate the environment, commit what kustomize builds of it, and return that."""
        self._run(f"{SCRIPTS}/krmfn", "hydrate", f"overlays/{ENVIRONMENT}")
        text = self._run("kubectl", "kustomize", f"clusters/{ENVIRONMENT}")
        (self.root / "manifests/all.yaml").write_text(text)
        who = ("-c", "user.name=test", "-c", "user.email=test@example.com")
        self._run("git", "add", "--all", cwd=self.root)
        self._run("git", *who, "commit", "--quiet", "--message=hydrated", cwd=self.root)
        return [one for one in yaml.safe_load_all(text) if one]

    def edit(self, old: str, new: str) -> None:
        overlay = self.folder / "overlays" / ENVIRONMENT / "kustomization.yaml"
        assert overlay.read_text().count(old) == 1
        overlay.write_text(overlay.read_text().replace(old, new))

    def _run(self, *command: str, cwd: Path | None = None) -> str:
        done = subprocess.run(command, cwd=cwd or self.folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def cluster(clusters: Clusters) -> Cluster:
    found = clusters(RELEASE)
    found.namespace(f"llm-{ENVIRONMENT}")
    return found


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


Start = Callable[[], Process]


@pytest.fixture
def start(cluster: Cluster, repository: Repository) -> Iterator[Start]:
    """Start the agent on what is committed; it looks every two seconds."""
    running: list[Process] = []

    def agent() -> Process:
        try:
            program = str(components.argo_cd())
        except components.Missing as fault:
            missing(str(fault))
        config = cluster.kubeconfig(cluster.admin.token, "argo-cd")
        command = [program, str(repository.root), "--path=manifests", f"--kubeconfig={config}"]
        command += [f"--port={free_port()}", "--resync-seconds=2", f"--default-namespace=llm-{ENVIRONMENT}"]
        running.append(Process("agent", command, repository.folder / "agent.log"))
        return running[-1]

    yield agent
    for process in running:
        process.stop()


def test_the_engine_applies_puts_back_and_prunes_what_was_hydrated(
    cluster: Cluster, repository: Repository, start: Start
) -> None:
    admin = cluster.admin

    def held(objects: list[Object]) -> list[Object]:
        return [answer.body for one in objects if (answer := admin.get(one)).taken]

    sent = repository.commit()
    agent = start()
    try:
        agent.wait_until(lambda: len(held(sent)) == len(sent), SECONDS)
        found = held(sent)
        for one in found:
            del one["metadata"]["annotations"][MARK]
        changes = compared(sent, found).changes
        assert [f"{change.item} {each.path}" for change in changes for each in change.differences] == []

        generations = [one["metadata"].get("generation") for one in found]
        syncs = agent.said().count("RESOURCE")
        agent.wait_until(lambda: agent.said().count("RESOURCE") >= syncs + 2, SECONDS)
        assert [one["metadata"].get("generation") for one in held(sent)] == generations

        # what somebody changes by hand is put back
        (pool,) = (one for one in sent if one["kind"] == "InferencePool")
        wrong = {**pool, "spec": {**pool["spec"], "targetPorts": [{"number": 1234}]}}
        assert admin.apply(wrong, manager="somebody").taken
        agent.wait_until(lambda: held([pool])[0]["spec"]["targetPorts"] == pool["spec"]["targetPorts"], SECONDS)

        cluster.start_controllers()  # the engine deletes in the foreground, which a controller ends
        repository.edit("spec: {", "spec: {adapters: [], ")
        left = {(one["kind"], one["metadata"]["name"]) for one in repository.commit()}
        gone = [one for one in sent if (one["kind"], one["metadata"]["name"]) not in left]
        assert {"ConfigMap", "InferenceObjective"} == {one["kind"] for one in gone}
        agent.wait_until(lambda: not held(gone), SECONDS)
    finally:
        agent.stop()
        for one in sent:
            admin.delete(one)
        end = time.monotonic() + SECONDS
        while held(sent) and time.monotonic() < end:
            time.sleep(0.2)
        cluster.stop_controllers()
