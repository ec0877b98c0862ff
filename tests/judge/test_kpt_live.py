"""Real `kpt live` against a real API server: inventory, pruning, and adoption of what the tutorial made by hand.

No kubelet runs here, so no Deployment becomes ready: kpt waits for these alone, until its limit, and says so.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from tests.conftest import PACKAGE, ROOT, SCRIPTS
from tests.judge.client import Object
from tests.judge.cluster import Cluster
from tests.judge.conftest import Clusters
from tests.judge.test_live_difference import compared

pytestmark = pytest.mark.judge

RELEASE = "gaie-v1.0"
TIMED_OUT = 3  # kpt's exit status where all was applied and something did not become ready in time
SECONDS = "--reconcile-timeout=3s"


class Live:
    """A folder and the commands that run in it, for the cluster of a release."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        self.cluster, self.folder = cluster, folder
        config = str(cluster.kubeconfig(cluster.admin.token, "kpt"))
        path = f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}"
        self.environment = {**os.environ, "KUBECONFIG": config, "PATH": path}

    def run(self, *command: str, status: int = 0) -> str:
        """Run a command, expect its exit status, and return what it said."""
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == status, done.stdout
        return done.stdout

    def made(self, one: Object) -> bool:
        """Make an object by hand, as the tutorial does, and say whether the server took it."""
        command = ["kubectl", "apply", "--namespace=default", "-f", "-"]
        text = yaml.safe_dump(one)
        done = subprocess.run(command, env=self.environment, input=text, capture_output=True, text=True, check=False)
        return done.returncode == 0

    def held(self, objects: list[Object]) -> list[Object]:
        """Return those of the objects that the cluster holds, as it holds them."""
        answers = [self.cluster.admin.get(one) for one in objects]
        return [answer.body for answer in answers if answer.taken]


@pytest.fixture
def live(clusters: Clusters, kpt: str, require: Callable[[str], str], tmp_path: Path) -> Live:
    require("kubectl")
    found = Live(clusters(RELEASE), tmp_path)
    found.run(kpt, "live", "install-resource-group")
    return found


def objects(text: str) -> list[Object]:
    return [one for one in yaml.safe_load_all(text) if one]


def only_deployments_are_waited_for(said: str) -> bool:
    return {line.partition("/")[0] for line in re.findall(r"^(\S+) reconcile timeout$", said, re.MULTILINE)} == {
        "deployment.apps"
    }


@pytest.fixture
def environment(live: Live) -> Iterator[Path]:
    """The hydrated environment dev, with an inventory; at the end it leaves the cluster."""
    for name in ("packages", "overlays"):
        shutil.copytree(ROOT / name, live.folder / name)
    live.run("krmfn", "hydrate", "overlays/dev")
    live.cluster.namespace("llm-dev")
    live.run("kpt", "live", "init", "clusters/dev", "--namespace=llm-dev")
    yield live.folder / "clusters/dev"
    live.run("kpt", "live", "destroy", "clusters/dev")


def test_an_environment_is_applied_and_what_goes_from_it_goes_from_the_cluster(live: Live, environment: Path) -> None:
    apply = ("kpt", "live", "apply", "clusters/dev", SECONDS)
    sent = objects(live.run("kubectl", "kustomize", "clusters/dev"))
    said = live.run(*apply, status=TIMED_OUT)
    assert f"apply result: {len(sent)} attempted, {len(sent)} successful, 0 skipped, 0 failed" in said
    assert only_deployments_are_waited_for(said)
    held = live.held(sent)
    assert [change.item for change in compared(sent, held).changes] == []
    inventory = objects((environment / "resourcegroup.yaml").read_text())
    (group,) = live.held(inventory)
    assert len(group["spec"]["resources"]) == len(sent)

    live.run("krmfn", "hydrate", "--check", "overlays/dev")  # the inventory is nobody's business
    live.run(*apply, status=TIMED_OUT)
    again = live.held(sent)
    specs = [(one["metadata"]["name"], one["metadata"].get("generation")) for one in held]
    assert [(one["metadata"]["name"], one["metadata"].get("generation")) for one in again] == specs

    overlay = live.folder / "overlays/dev/kustomization.yaml"
    text = re.sub(r"adapters: \[.*\]", "adapters: []", overlay.read_text())
    assert text != overlay.read_text()
    overlay.write_text(text)
    live.run("krmfn", "hydrate", "overlays/dev")
    said = live.run(*apply, status=TIMED_OUT)
    left = {(one["kind"], one["metadata"]["name"]) for one in objects(live.run("kubectl", "kustomize", "clusters/dev"))}
    gone = [one for one in sent if (one["kind"], one["metadata"]["name"]) not in left]
    assert sorted(one["kind"] for one in gone) == ["ConfigMap", "InferenceObjective"]
    assert f"prune result: {len(gone)} attempted, {len(gone)} successful, 0 skipped, 0 failed" in said
    assert live.held(gone) == []


def test_another_inventory_takes_nothing_over_and_says_so_with_status_0(live: Live, environment: Path) -> None:
    live.run("kpt", "live", "apply", "clusters/dev", SECONDS, status=TIMED_OUT)
    other = shutil.copytree(environment, live.folder / "other")
    (other / "resourcegroup.yaml").unlink()
    live.run("kpt", "live", "init", "other", "--namespace=llm-dev")
    said = live.run("kpt", "live", "apply", "other", SECONDS)
    count = len(objects(live.run("kubectl", "kustomize", "other")))
    assert said.count("inventory policy prevented actuation") == count
    assert f"apply result: {count} attempted, 0 successful, {count} skipped, 0 failed" in said


def test_what_the_tutorial_made_by_hand_is_taken_over(live: Live, shared: Path) -> None:
    """By the commands of the package's README, but for the time that it waits."""
    package = shutil.copytree(PACKAGE, live.folder / "package")
    page = (package / "README.md").read_text(encoding="utf-8")
    block = page.partition("## Take over a deployment made by the tutorial\n")[2].partition("```sh\n")[2]
    script = block.partition("```")[0]
    commands = script.replace("\\\n", " ").splitlines()
    assert [line.split()[:3] for line in commands[:2]] == [["kpt", "live", "init"], ["kpt", "live", "apply"]]
    files = sorted((shared / "tutorial").glob("0*.yaml"))
    made = [file for file in files if "template" not in file.name and "examples" not in file.name]
    theirs = live.held([one for file in made for one in objects(file.read_text()) if live.made(one)])
    assert {"Deployment", "Gateway", "HTTPRoute", "ConfigMap"} <= {one["kind"] for one in theirs}
    ours = objects(live.run("kubectl", "kustomize", "package"))
    (server,) = (one["metadata"]["name"] for one in theirs if one["kind"] == "Deployment")

    live.run(*commands[0].split(), "package", "--namespace=default")
    try:
        said = live.run("kpt", "live", "apply", "package", SECONDS, status=TIMED_OUT)
        assert f"deployment.apps/{server} apply skipped: inventory policy prevented" in said
        adopt = commands[1].replace("--reconcile-timeout=30m", SECONDS).split()
        said = live.run(*adopt, "package", status=TIMED_OUT)
        assert f"apply result: {len(ours)} attempted, {len(ours)} successful, 0 skipped, 0 failed" in said
        changes = compared(ours, live.held(ours)).changes
        assert [f"{change.item} {each.path}" for change in changes for each in change.differences] == []
        for command in commands[2:]:
            live.run(*command.split())
        names = {(one["kind"], one["metadata"]["name"]) for one in ours}
        assert {(one["kind"], one["metadata"]["name"]) for one in live.held(theirs)} <= names
    finally:
        live.run("kpt", "live", "destroy", "package")
