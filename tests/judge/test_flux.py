"""Real Flux and a real API server: it fetches a hydrated environment from a registry, builds, applies and prunes it.

Both controllers run here, outside the cluster. No kubelet runs, so no Deployment becomes ready, and `wait` says so.
"""

from __future__ import annotations

import os
import re
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
from tests.judge.process import Process, free_port, listens
from tests.judge.test_delivery import (
    DEFINITIONS,
    module,
    registry,  # noqa: F401  # a fixture
    tool,
)
from tests.judge.test_live_difference import compared

pytestmark = pytest.mark.judge

RELEASE = "gaie-v1.0"
TAGS = ("v0.1.0", "v0.1.1")
SECONDS = 120


@pytest.fixture
def cluster(clusters: Clusters, tmp_path: Path) -> Iterator[Cluster]:
    """A cluster on which Flux runs."""
    found = clusters(RELEASE)
    found.install(
        sorted(file for name, inside in DEFINITIONS["flux"] for file in (module(name) / inside).glob("*.yaml"))
    )
    for namespace in ("flux-system", "llm-prod"):
        found.namespace(namespace)
    storage = free_port()
    environment = {
        "KUBECONFIG": str(found.kubeconfig(found.admin.token, "flux")),
        "RUNTIME_NAMESPACE": "flux-system",
    }
    options = {
        "source-controller": [
            f"--storage-path={tmp_path / 'artifacts'}",
            f"--storage-addr=127.0.0.1:{storage}",
            f"--storage-adv-addr=127.0.0.1:{storage}",
        ],
        "kustomize-controller": [],
    }
    (tmp_path / "artifacts").mkdir()
    running = []
    try:
        for program, more in options.items():
            health = free_port()
            ports = [f"--health-addr=127.0.0.1:{health}", f"--metrics-addr=127.0.0.1:{free_port()}"]
            command = [str(components.flux(program)), *ports, *more]
            running.append(Process(program, command, tmp_path / f"{program}.log", environment))
            running[-1].wait_until(lambda health=health: listens(health))  # type: ignore[misc]
    except components.Missing as fault:
        missing(str(fault))
    yield found
    for process in running:
        process.stop()


class Repository:
    """A copy of packages and overlays, whose environment prod is hydrated and pushed."""

    def __init__(self, folder: Path, address: str) -> None:
        self.folder, self.address = folder, address
        for name in ("packages", "overlays"):
            shutil.copytree(ROOT / name, folder / name)

    def push(self, tag: str) -> list[Object]:
        """Hydrate, push under a tag by the command of docs/delivery/config-sync.md, and return what is applied."""
        self._run([f"{SCRIPTS}/krmfn", "hydrate", "overlays/prod"])
        page = (ROOT / "docs/delivery/config-sync.md").read_text(encoding="utf-8")
        (command,) = (block for block in page.split("```sh\n")[1:] if "crane append" in block)
        script = command.partition("```")[0].replace("europe-docker.pkg.dev/my-project", self.address)
        self._run(["bash", "-euo", "pipefail", "-c", script.replace(TAGS[0], tag)])
        return [one for one in yaml.safe_load_all(self._run(["kubectl", "kustomize", "clusters/prod"])) if one]

    def edit(self, pattern: str, text: str) -> None:
        overlay = self.folder / "overlays/prod/kustomization.yaml"
        edited, count = re.subn(pattern, text, overlay.read_text())
        assert count == 1
        overlay.write_text(edited)

    def _run(self, command: list[str]) -> str:
        path = f"{tool('crane').parent}{os.pathsep}{os.environ['PATH']}"
        environment = {**os.environ, "PATH": path}
        done = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout


def until(holds: Callable[[], bool], what: Callable[[], object]) -> None:
    end = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < end, what()
        time.sleep(0.2)


def test_flux_fetches_applies_and_prunes_what_was_hydrated(
    cluster: Cluster,
    registry: str,  # noqa: F811
    tmp_path: Path,
) -> None:
    repository = Repository(tmp_path, registry)
    admin = cluster.admin
    source, kustomization = yaml.safe_load_all((ROOT / "deploy/flux/oci.yaml").read_text(encoding="utf-8"))
    source["spec"]["url"] = source["spec"]["url"].replace("europe-docker.pkg.dev/my-project", registry)
    source["spec"] |= {"insecure": True, "interval": "2s"}
    del source["spec"]["provider"]
    kustomization["spec"] |= {"interval": "2s", "timeout": "30s"}

    def held(objects: list[Object]) -> list[Object]:
        return [answer.body for one in objects if (answer := admin.get(one)).taken]

    def status() -> Object:
        found: Object = admin.get(kustomization).body.get("status", {})
        return found

    def applied(tag: str) -> bool:
        return str(status().get("lastAppliedRevision", "")).startswith(f"{tag}@")

    def told() -> str:
        return yaml.safe_dump([admin.get(one).body.get("status") for one in (source, kustomization)])

    sent = repository.push(TAGS[0])
    for one in (source, kustomization):
        answer = admin.apply(one, manager="judge")
        assert answer.taken, answer.message
    try:
        # as the example has it, it waits for all to be ready, and no Deployment is
        until(lambda: status().get("history", [{}])[0].get("lastReconciledStatus") == "HealthCheckFailed", told)
        assert not applied(TAGS[0])
        kustomization["spec"]["wait"] = False
        assert admin.apply(kustomization, manager="judge").taken
        until(lambda: applied(TAGS[0]), told)
        assert len(held(sent)) == len(sent)
        changes = compared(sent, held(sent)).changes
        assert [f"{change.item} {each.path}" for change in changes for each in change.differences] == []

        # what somebody changes by hand is put back
        (pool,) = (one for one in sent if one["kind"] == "InferencePool")
        wrong = {**pool, "spec": {**pool["spec"], "targetPorts": [{"number": 1234}]}}
        assert admin.apply(wrong, manager="somebody").taken
        until(lambda: held([pool])[0]["spec"]["targetPorts"] == pool["spec"]["targetPorts"], told)

        repository.edit(r"spec: \{replicas: 4, ", "spec: {replicas: 4, adapters: [], ")
        left = {(one["kind"], one["metadata"]["name"]) for one in repository.push(TAGS[1])}
        gone = [one for one in sent if (one["kind"], one["metadata"]["name"]) not in left]
        assert {one["kind"] for one in gone} == {"ConfigMap", "InferenceObjective"}
        source["spec"]["ref"]["tag"] = TAGS[1]
        assert admin.apply(source, manager="judge").taken
        until(lambda: applied(TAGS[1]), told)
        assert held(gone) == []
    finally:
        admin.delete(kustomization)
        until(lambda: not admin.get(kustomization).taken, told)
        admin.delete(source)
    assert held(sent) == []  # with the Kustomization goes what it applied
