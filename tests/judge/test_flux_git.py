"""Real Flux follows a branch of a git repository: what is committed is applied, what a commit lacks is pruned."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT
from tests.judge.client import Object
from tests.judge.cluster import Cluster
from tests.judge.git_server import Repository, served
from tests.judge.test_flux import cluster, until  # noqa: F401  # a fixture
from tests.judge.test_live_difference import compared

pytestmark = pytest.mark.judge


def test_flux_follows_a_branch_applies_and_prunes_what_was_hydrated(
    cluster: Cluster,  # noqa: F811
    tmp_path: Path,
) -> None:
    """As deploy/flux/git.yaml has it, but for the address, intervals, and the wait for servers, which never start."""
    admin = cluster.admin
    (tmp_path / "git").mkdir()
    repository = Repository(tmp_path / "git/environments")
    source, kustomization = yaml.safe_load_all((ROOT / "deploy/flux/git.yaml").read_text(encoding="utf-8"))
    source["spec"]["interval"] = "2s"
    kustomization["spec"] |= {"interval": "2s", "retryInterval": "2s", "timeout": "30s", "wait": False}
    cluster.namespace("llm-dev")

    def held(objects: list[Object]) -> list[Object]:
        return [answer.body for one in objects if (answer := admin.get(one)).taken]

    def status() -> Object:
        found: Object = admin.get(kustomization).body.get("status", {})
        return found

    def applied() -> bool:
        return status().get("lastAppliedRevision") == f"main@sha1:{repository.head()}"

    def told() -> str:
        return yaml.safe_dump([admin.get(one).body.get("status") for one in (source, kustomization)])

    sent = repository.commit("dev")["dev"]
    with served(tmp_path / "git") as address:
        source["spec"]["url"] = f"{address}/environments/.git"
        for one in (source, kustomization):
            answer = admin.apply(one, manager="judge")
            assert answer.taken, answer.message
        try:
            until(applied, told)
            changes = compared(sent, held(sent)).changes
            assert len(held(sent)) == len(sent)
            assert [f"{change.item} {each.path}" for change in changes for each in change.differences] == []

            # a commit travels
            (server,) = (one for one in sent if one["metadata"]["name"] == "vllm-llama3.1-8b-instruct"
                         and one["kind"] == "Deployment")  # fmt: skip
            repository.edit("dev", "replicas: 1", "replicas: 2")
            repository.commit("dev")
            until(applied, told)
            assert held([server])[0]["spec"]["replicas"] == 2

            # what the next commit lacks goes
            repository.edit("dev", "{name: food-review, source: Kawon/llama3.1-food-finetune_v14_r8, priority: 10}", "")
            left = {(one["kind"], one["metadata"]["name"]) for one in repository.commit("dev")["dev"]}
            gone = [one for one in sent if (one["kind"], one["metadata"]["name"]) not in left]
            assert {one["kind"] for one in gone} == {"ConfigMap", "InferenceObjective"}
            until(applied, told)
            assert held(gone) == []

            # a folder that is gone removes nothing: Flux says that its path is not there
            repository.run("git", "rm", "-r", "--quiet", "clusters/dev")
            repository.run("git", "-c", "user.name=j", "-c", "user.email=j@example.com", "commit", "-qm", "gone")
            until(lambda: "clusters/dev" in str(status().get("conditions")) and not ready(status()), told)
            assert len(held(sent)) == len(sent) - len(gone)
        finally:
            admin.delete(kustomization)
            until(lambda: not admin.get(kustomization).taken, told)
            admin.delete(source)
    assert held(sent) == []  # with the Kustomization goes what it applied


def ready(status: Object) -> bool:
    return any(one["type"] == "Ready" and one["status"] == "True" for one in status.get("conditions", ()))
