"""The cluster's package: what its intent renders, its commands for gcloud, and nodes that Pods of services find."""

import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from krm_functions_sdk import Resource, ResourceList
from krm_functions_sdk.document import emitter
from krm_inference.domain import placement
from krm_inference.domain.facts import nodes
from krm_inference.domain.facts.accelerators import ACCELERATORS
from krm_inference.generate_node_pool import generate_node_pool

from tests.conftest import ROOT, Copy

FOLDER = ROOT / "packages" / "cluster"
COMMANDS = re.compile(r"<!-- gcloud -->\n```sh\n(.*?)```", re.DOTALL)
# The options of the commands by which Google's pages make such a cluster: the tutorial, its corrections, and GKE's
# pages of autoscaled GPU node pools.
OPTIONS = {
    "services enable": {"--project"},
    "compute networks subnets create": {"--project", "--region", "--network", "--purpose", "--role", "--range"},
    "container clusters create": {
        *("--project", "--location", "--network", "--enable-ip-alias", "--release-channel", "--gateway-api"),
        *("--workload-pool", "--monitoring", "--enable-managed-prometheus", "--machine-type", "--num-nodes"),
    },
    "container node-pools create": {
        *("--project", "--cluster", "--location", "--node-locations", "--machine-type", "--accelerator", "--num-nodes"),
        *(
            "--enable-autoscaling",
            "--total-min-nodes",
            "--total-max-nodes",
            "--location-policy",
            "--disk-size",
            "--spot",
        ),
    },
}


def test_the_package_is_what_its_intent_renders(tmp_path: Path) -> None:
    """Rendered from the intent alone it is what is committed; compute classes are no part of what is applied."""
    copy = Copy(tmp_path / "cluster")
    shutil.copytree(FOLDER, copy.root)
    for file in ("services.yaml", "network.yaml", "cluster.yaml", "node-pools.yaml", "compute-classes.yaml"):
        (copy.root / file).unlink()
    assert copy.render(), copy.said
    assert copy.texts() == Copy(FOLDER).texts()
    assert "compute-classes.yaml" not in yaml.safe_load(copy.read("kustomization.yaml"))["resources"]


def test_kpt_renders_the_same(tmp_path: Path, kpt: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the intent alone, with the executable of the function, and without kpt's own mark on such objects."""
    monkeypatch.setenv("KPT_DISABLE_ATTRIBUTION", "true")
    copy = Copy(tmp_path / "cluster")
    shutil.copytree(FOLDER, copy.root)
    for file in ("services.yaml", "network.yaml", "cluster.yaml", "node-pools.yaml", "compute-classes.yaml"):
        (copy.root / file).unlink()
    done = copy.render_with_kpt(kpt)
    assert done.returncode == 0, done.stderr
    assert copy.texts() == Copy(FOLDER).texts()


def commands() -> dict[str, tuple[list[str], dict[str, str]]]:
    """Return the operands and options of each gcloud command of the README."""
    found = COMMANDS.search((FOLDER / "README.md").read_text(encoding="utf-8"))
    assert found
    result = {}
    for line in found[1].replace("\\\n", " ").strip().splitlines():
        words = shlex.split(line)
        if not words:
            continue
        name = next(one for one in OPTIONS if " ".join(words[1:]).startswith(one))
        rest = words[1 + len(name.split()) :]
        options = dict(word.partition("=")[::2] for word in rest if word.startswith("--"))
        result[name] = ([word for word in rest if not word.startswith("--")], options)
    return result


def object_of(kind: str) -> dict[str, Any]:
    return next(one for one in Copy(FOLDER).objects() if one["kind"] == kind)


def test_gcloud_is_given_options_that_googles_own_commands_have() -> None:
    """No option is made up, and every command of the four is there."""
    for name, (_, options) in commands().items():
        assert set(options) <= OPTIONS[name]
    assert set(commands()) == set(OPTIONS)


def test_the_commands_of_gcloud_make_what_the_files_say() -> None:
    """Value by value: a change of the intent that forgets the commands fails here."""
    found = commands()
    apis = {one["spec"]["resourceID"] for one in Copy(FOLDER).objects() if one["kind"] == "Service"}
    assert set(found["services enable"][0]) == apis
    subnet, (names, options) = object_of("ComputeSubnetwork"), found["compute networks subnets create"]
    assert names == [subnet["metadata"]["name"]]
    for option, field in (
        ("--range", "ipCidrRange"),
        ("--purpose", "purpose"),
        ("--role", "role"),
        ("--region", "region"),
    ):
        assert options[option] == subnet["spec"][field]
    cluster, (names, options) = object_of("ContainerCluster"), found["container clusters create"]
    spec = cluster["spec"]
    assert names == [cluster["metadata"]["name"]]
    assert options["--location"] == spec["location"]
    assert options["--release-channel"].upper() == spec["releaseChannel"]["channel"]
    assert f"CHANNEL_{options['--gateway-api'].upper()}" == spec["gatewayApiConfig"]["channel"]
    assert options["--workload-pool"] == spec["workloadIdentityConfig"]["workloadPool"]
    assert options["--machine-type"] == spec["nodeConfig"]["machineType"]
    assert int(options["--num-nodes"]) == spec["initialNodeCount"]
    said = ["SYSTEM_COMPONENTS" if word == "SYSTEM" else word for word in options["--monitoring"].split(",")]
    assert said == spec["monitoringConfig"]["enableComponents"]
    assert spec["networkRef"]["external"].endswith(f"/{options['--network']}")
    pool, (names, options) = object_of("ContainerNodePool"), found["container node-pools create"]
    config, scaling = pool["spec"]["nodeConfig"], pool["spec"]["autoscaling"]
    (card,) = config["guestAccelerator"]
    assert names == [pool["metadata"]["name"]]
    assert options["--cluster"] == cluster["metadata"]["name"]
    assert options["--node-locations"].split(",") == pool["spec"]["nodeLocations"]
    assert options["--machine-type"] == config["machineType"]
    driver = card["gpuDriverInstallationConfig"]["gpuDriverVersion"].lower()
    assert options["--accelerator"] == f"type={card['type']},count={card['count']},gpu-driver-version={driver}"
    assert int(options["--total-min-nodes"]) == scaling["totalMinNodeCount"]
    assert int(options["--total-max-nodes"]) == scaling["totalMaxNodeCount"]
    assert options["--location-policy"] == scaling["locationPolicy"]
    assert int(options["--disk-size"]) == config["diskSizeGb"]
    assert ("--spot" in options) == config.get("spot", False)


def generated(spec: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the objects that an intent of these fields becomes."""
    head = {"apiVersion": "inference.fn.kpt.dev/v1alpha1", "kind": "LLMCluster", "metadata": {"name": "llm"}}
    whole = {**head, "spec": {"project": "my-project", "location": "us-central1", **spec}}
    resources = ResourceList([Resource(emitter.document(whole), path="cluster-intent.yaml")])
    generate_node_pool(resources)
    assert not resources.results.failed, [str(result) for result in resources.results]
    return [item.data for item in resources if item.kind != "LLMCluster"]


def node_pools(spec: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in generated(spec) if one["kind"] == "ContainerNodePool"]


MACHINES = [
    (kind, count)
    for kind, machines in nodes.machines("gke-standard").items()
    for count in machines
    if ACCELERATORS[kind].backend != "cpu"
]


@pytest.mark.parametrize(("kind", "count"), MACHINES)
def test_nodes_and_the_selector_of_pods_come_from_one_row(kind: str, count: int) -> None:
    """GKE labels the nodes of a pool with its accelerator: what Pods of that accelerator ask for."""
    (pool,) = node_pools({"accelerators": [{"type": kind, "count": count}]})
    config, accelerator = pool["spec"]["nodeConfig"], ACCELERATORS[kind]
    wanted = placement.labels("gke-standard", kind, accelerator, count)
    labels = yaml.safe_load(emitter.document({"labels": wanted}))["labels"]
    assert config["machineType"] == accelerator.machine(count)
    if accelerator.backend == "tpu":
        assert "guestAccelerator" not in config
        assert labels["cloud.google.com/gke-tpu-accelerator"] == kind
    else:
        (card,) = config["guestAccelerator"]
        assert (card["type"], card["count"]) == (labels["cloud.google.com/gke-accelerator"], count)
