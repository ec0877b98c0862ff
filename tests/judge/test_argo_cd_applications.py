"""Argo CD's own controllers: an Application for each environment, synced from git, with the health that they show.

The application controller, the ApplicationSet controller and the repository server run here, outside the cluster.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT, missing
from tests.judge.client import Object
from tests.judge.cluster import Cluster
from tests.judge.conftest import Clusters
from tests.judge.git_server import Repository, served
from tests.judge.process import Process, free_port, listens
from tests.judge.test_delivery import module
from tests.judge.test_flux import until

pytestmark = pytest.mark.judge

RELEASE = "gaie-v1.0"
# Each is a cluster of its own for Argo CD, by one of the names that the API server here answers to.
HOSTS = {"dev": "127.0.0.1", "prod": "localhost"}
CRDS = "github.com/argoproj/argo-cd/v3@v3.2.11"
PROJECT = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "AppProject",
    "metadata": {"name": "default", "namespace": "argocd"},
    "spec": {
        "sourceRepos": ["*"],
        "destinations": [{"namespace": "*", "server": "*", "name": "*"}],
        "clusterResourceWhitelist": [{"group": "*", "kind": "*"}],
    },
}


def config(kind: str, name: str, data: dict[str, str], part: str = "") -> Object:
    labels = {"app.kubernetes.io/part-of": "argocd"}
    labels |= {"argocd.argoproj.io/secret-type": part} if part else {}
    meta = {"name": name, "namespace": "argocd", "labels": labels}
    return {"apiVersion": "v1", "kind": kind, "metadata": meta, "data" if kind == "ConfigMap" else "stringData": data}


@pytest.fixture
def cluster(clusters: Clusters, tmp_path: Path) -> Iterator[Cluster]:
    """A cluster on which Argo CD runs, with our health script, and health kept in the status of Applications."""
    program, redis = os.environ.get("ARGO_CD_PROGRAM", ""), shutil.which("redis-server")
    if not program or not redis:
        pytest.skip("run by hand: needs redis-server, and in ARGO_CD_PROGRAM a program of `go build ./cmd` of Argo CD")
    if not shutil.which("kustomize"):
        missing("needs kustomize, which the repository server runs")
    found = clusters(RELEASE)
    found.install(sorted((module(CRDS) / "manifests/crds").glob("*-crd.yaml")))
    found.namespace("argocd")
    health = (ROOT / "deploy/argo-cd/health.lua").read_text(encoding="utf-8")
    settings = {
        "resource.customizations.health.inference.networking.k8s.io_InferencePool": health,
        "timeout.reconciliation": "3s",
        "timeout.reconciliation.jitter": "0s",
    }
    objects = [PROJECT, config("ConfigMap", "argocd-cm", settings), config("ConfigMap", "argocd-rbac-cm", {})]
    objects.append(config("Secret", "argocd-secret", {"server.secretkey": "judge"}))
    for name, host in HOSTS.items():
        access = {"bearerToken": found.admin.token, "tlsClientConfig": {"insecure": True}}
        data = {"name": name, "server": f"https://{host}:{found.port}", "config": json.dumps(access)}
        objects.append(config("Secret", f"cluster-{name}", data, "cluster"))
    for one in objects:
        answer = found.admin.apply(one, manager="judge")
        assert answer.taken, answer.message
    ports = {name: free_port() for name in ("redis", "repo", "metrics-repo", "metrics", "sets", "probe", "webhook")}
    kubeconfig = found.kubeconfig(found.admin.token, "argocd")
    for name in ("argocd-application-controller", "argocd-applicationset-controller", "argocd-repo-server",
                 "argocd-git-ask-pass"):  # fmt: skip
        (tmp_path / name).symlink_to(program)
    (tmp_path / "tmp").mkdir()
    environment = {
        "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
        "ARGOCD_GPG_ENABLED": "false",
        "KUBECONFIG": str(kubeconfig),
        "TMPDIR": str(tmp_path / "tmp"),
        "HOME": str(tmp_path),
        "ARGOCD_ASK_PASS_SOCK": str(tmp_path / "ask.sock"),
    }
    repo = f"127.0.0.1:{ports['repo']}"
    common = [f"--kubeconfig={kubeconfig}", "--namespace=argocd"]
    store = f"127.0.0.1:{ports['redis']}"
    commands = {
        "redis": ([redis, "--port", str(ports["redis"]), "--bind", "127.0.0.1", "--save", ""], "redis"),
        "argocd-repo-server": (
            ["--disable-tls", "--address=127.0.0.1", f"--port={ports['repo']}", "--metrics-address=127.0.0.1",
             f"--metrics-port={ports['metrics-repo']}", f"--redis={store}", "--revision-cache-expiration=1s"],
            "repo",
        ),
        "argocd-application-controller": (
            [*common, f"--repo-server={repo}", "--repo-server-plaintext", f"--redis={store}",
             f"--metrics-port={ports['metrics']}", "--app-resync=3", "--persist-resource-health"], "metrics",
        ),
        "argocd-applicationset-controller": (
            [*common, f"--argocd-repo-server={repo}", "--repo-server-plaintext",
             f"--metrics-addr=127.0.0.1:{ports['sets']}",
             f"--probe-addr=127.0.0.1:{ports['probe']}", f"--webhook-addr=127.0.0.1:{ports['webhook']}"], "sets",
        ),
    }  # fmt: skip
    running = []
    try:
        for name, (options, port) in commands.items():
            command = options if name == "redis" else [str(tmp_path / name), *options]
            running.append(Process(name, command, tmp_path / f"{name}.log", environment))
            running[-1].wait_until(lambda port=port: listens(ports[port]), 120)  # type: ignore[misc]
        yield found
    finally:
        for process in reversed(running):
            process.stop()


def test_argo_cd_makes_an_application_of_each_environment_and_syncs_it(cluster: Cluster, tmp_path: Path) -> None:
    """As deploy/argo-cd/applicationset.yaml has it, but for the address and how often it looks."""
    admin = cluster.admin
    (tmp_path / "git").mkdir()
    repository = Repository(tmp_path / "git/environments")
    sets = yaml.safe_load((ROOT / "deploy/argo-cd/applicationset.yaml").read_text(encoding="utf-8"))
    sent = repository.commit(*HOSTS)

    def app(name: str) -> Object:
        return {"apiVersion": sets["apiVersion"], "kind": "Application",
                "metadata": {"name": f"llm-{name}", "namespace": "argocd"}}  # fmt: skip

    def status(name: str) -> dict[str, Any]:
        found: dict[str, Any] = admin.get(app(name)).body.get("status", {})
        return found

    def held(objects: list[Object]) -> list[Object]:
        return [answer.body for one in objects if (answer := admin.get(one)).taken]

    def shows(name: str, health: str) -> bool:
        pools = [one for one in status(name).get("resources", ()) if one["kind"] == "InferencePool"]
        return [one.get("health", {}).get("status", "") for one in pools] == [health]

    def synced(name: str) -> bool:
        sync = status(name).get("sync", {})
        return (sync.get("status"), sync.get("revision")) == ("Synced", repository.head())

    def told() -> str:
        return yaml.safe_dump([admin.get(sets).body.get("status"), *(status(name) for name in HOSTS)])[-6000:]

    with served(tmp_path / "git") as address:
        text = json.dumps(sets).replace(
            "https://github.com/krm-inference/krm-inference", f"{address}/environments/.git"
        )
        sets = json.loads(text)
        sets["spec"]["generators"][0]["git"]["requeueAfterSeconds"] = 3
        try:
            assert (answer := admin.apply(sets, manager="judge")).taken, answer.message
            until(lambda: all(admin.get(app(name)).taken for name in HOSTS), told)
            until(lambda: all(map(synced, HOSTS)), told)
            for name in HOSTS:
                assert len(held(sent[name])) == len(sent[name])
                until(partial(shows, name, "Progressing"), told)

            # what its Gateway says of a pool is its health
            (pool,) = (one for one in held(sent["prod"]) if one["kind"] == "InferencePool")
            for accepted, wanted in (("False", "Degraded"), ("True", "Healthy")):
                condition = {"type": "Accepted", "status": accepted, "reason": "Judge", "message": "judge",
                             "lastTransitionTime": "2026-11-30T00:00:00Z",
                             "observedGeneration": pool["metadata"]["generation"]}  # fmt: skip
                parent = {"parentRef": {"name": "inference-gateway"}, "conditions": [condition]}
                meta = pool["metadata"]
                path = f"/apis/{pool['apiVersion']}/namespaces/{meta['namespace']}/inferencepools/{meta['name']}/status"
                body = {**admin.get(pool).body, "status": {"parents": [parent]}}
                assert (answer := admin.ask("PUT", path, body)).taken, answer.message
                until(partial(shows, "prod", wanted), told)

            # a commit travels, and what it lacks is pruned
            cluster.start_controllers()  # Argo CD deletes in the foreground, which a controller ends
            repository.edit("prod", "spec: {replicas: 4, ", "spec: {replicas: 4, adapters: [], ")
            left = {(one["kind"], one["metadata"]["name"]) for one in repository.commit(*HOSTS)["prod"]}
            gone = [one for one in sent["prod"] if (one["kind"], one["metadata"]["name"]) not in left]
            assert {one["kind"] for one in gone} == {"ConfigMap", "InferenceObjective"}
            until(lambda: synced("prod") and not held(gone), told)

            # an environment that goes from git goes from its cluster
            repository.run("git", "rm", "-r", "--quiet", "clusters/dev")
            repository.run("git", "-c", "user.name=j", "-c", "user.email=j@example.com", "commit", "-qm", "gone")
            until(lambda: not admin.get(app("dev")).taken and not held(sent["dev"]), told)
            assert admin.get(app("prod")).taken
        finally:
            cluster.start_controllers()
            admin.delete(sets)
            for name in HOSTS:
                admin.delete(app(name))
            until(lambda: not any(held(sent[name]) for name in HOSTS), told)
            cluster.stop_controllers()
