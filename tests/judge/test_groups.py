"""What LeaderWorkerSet's own controller makes of our replicas on several machines: the Pods, their ranks and names.

Its webhooks write the variables of a group into Pods, so the API server asks them, at an address of this machine.
"""

from __future__ import annotations

import base64
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT, missing
from tests.judge import components
from tests.judge.client import Object
from tests.judge.cluster import Cluster
from tests.judge.conftest import Clusters
from tests.judge.kubelet import Kubelet, ready
from tests.judge.process import Process, free_port, listens

pytestmark = pytest.mark.judge

RELEASE = "gaie-v1.5"
PACKAGE = ROOT / "tests" / "multinode" / "stages-on-two-machines"
NAME, NAMESPACE = "llama", "llm"
_PREFIX = "leaderworkerset.sigs.k8s.io"
# Those of kubernetes-sigs/lws v0.9.0, config/webhook/manifests.yaml: kind, what it is asked for, and its path.
_GROUP = "leaderworkerset.x-k8s.io"
_OF_SETS, _OF_PODS = (_GROUP, "v1", "leaderworkersets"), ("", "v1", "pods")
_PATH = "leaderworkerset-x-k8s-io-v1-leaderworkerset"
WEBHOOKS = (
    ("Mutating", "mlws", (*_OF_SETS, ("CREATE", "UPDATE")), f"mutate-{_PATH}"),
    ("Mutating", "mpod", (*_OF_PODS, ("CREATE",)), "mutate--v1-pod"),
    ("Validating", "vlws", (*_OF_SETS, ("CREATE", "UPDATE")), f"validate-{_PATH}"),
    ("Validating", "vpod", (*_OF_PODS, ("CREATE", "UPDATE")), "validate--v1-pod"),
)


@pytest.fixture(scope="module")
def cluster(clusters: Clusters, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster on which LeaderWorkerSet runs."""
    folder = tmp_path_factory.mktemp("lws")
    found = clusters(RELEASE)
    try:
        found.install(components.definitions())
        program = components.leader_worker_set()
    except components.Missing as fault:
        missing(str(fault))
    found.namespace("lws-system")
    found.namespace(NAMESPACE)
    certificate = folder / "tls.crt"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=lws"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(folder / "tls.key")]
    subprocess.run([*command, "-out", str(certificate)], check=True, capture_output=True)
    port = free_port()
    config = {
        "apiVersion": "config.lws.x-k8s.io/v1alpha1",
        "kind": "Configuration",
        "leaderElection": {"leaderElect": False},
        "internalCertManagement": {"enable": False},
        "health": {"healthProbeBindAddress": f"127.0.0.1:{free_port()}"},
        "metrics": {"bindAddress": f"127.0.0.1:{free_port()}"},
        "webhook": {"host": "127.0.0.1", "port": port, "certDir": str(folder)},
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    environment = {"KUBECONFIG": str(found.kubeconfig(found.admin.token, "lws"))}
    options = [f"--config={folder / 'config.yaml'}"]
    process = Process("lws", [str(program), *options], folder / "lws.log", environment)
    process.wait_until(lambda: listens(port), seconds=120)
    hooks = list(_webhooks(port, certificate))
    found.start_controllers()
    for hook in hooks:
        assert found.admin.apply(hook, manager="judge").taken
    yield found
    for hook in hooks:
        found.admin.delete(hook)
    found.stop_controllers()
    process.stop()


def _webhooks(port: int, certificate: Path) -> Iterator[Object]:
    bundle = base64.b64encode(certificate.read_bytes()).decode()
    for kind in ("Mutating", "Validating"):
        webhooks = [
            {
                "name": f"{name}.kb.io",
                "admissionReviewVersions": ["v1"],
                "sideEffects": "None",
                "failurePolicy": "Fail",
                "clientConfig": {"url": f"https://127.0.0.1:{port}/{path}", "caBundle": bundle},
                "rules": [{"apiGroups": [group], "apiVersions": [version], "resources": [what], "operations": [*when]}],
            }
            for own, name, (group, version, what, when), path in WEBHOOKS
            if own == kind
        ]
        meta = {"name": f"lws-{kind.lower()}"}
        api = "admissionregistration.k8s.io/v1"
        yield {"apiVersion": api, "kind": f"{kind}WebhookConfiguration", "metadata": meta, "webhooks": webhooks}


def documents() -> list[Object]:
    texts = [file.read_text(encoding="utf-8") for file in sorted(PACKAGE.glob("*.yaml"))]
    return [item for text in texts for item in yaml.safe_load_all(text) if item]


def of_kind(kind: str) -> Object:
    (found,) = (item for item in documents() if item["kind"] == kind)
    return dict(found)


def of_group(cluster: Cluster) -> dict[str, Object]:
    """Return the Pods of the set by name."""
    pods = cluster.admin.list("v1", "Pod", NAMESPACE)
    return {
        pod["metadata"]["name"]: pod for pod in pods if pod["metadata"].get("labels", {}).get(f"{_PREFIX}/name") == NAME
    }


@pytest.fixture(scope="module")
def pods(cluster: Cluster) -> dict[str, Object]:
    """The Pods of the set, all of them ready."""
    answer = cluster.admin.apply(of_kind("LeaderWorkerSet"))
    assert answer.taken, answer.message
    kubelet = Kubelet(cluster, NAMESPACE)

    def complete() -> bool:
        kubelet.step()
        there = of_group(cluster)
        return len(there) == 4 and all(ready(pod) for pod in there.values())

    assert cluster.controllers is not None
    cluster.controllers.wait_until(complete, seconds=90)
    return of_group(cluster)


def arguments(pod: Object) -> list[str]:
    """Return the arguments of the server as the kubelet gives them to it."""
    (container,) = (one for one in pod["spec"]["containers"] if one["name"] == "vllm")
    values = {one["name"]: one.get("value", "10.0.0.7") for one in container["env"]}
    return [re.sub(r"\$\(([A-Za-z_]+)\)", lambda found: values[found[1]], item) for item in container["args"]]


def flag(pod: Object, name: str) -> str:
    return next(item.partition("=")[2] for item in arguments(pod) if item.startswith(f"{name}="))


def test_a_replica_is_a_leader_and_a_worker(pods: dict[str, Object]) -> None:
    """Two replicas of two machines are four Pods."""
    assert sorted(pods) == ["llama-0", "llama-0-1", "llama-1", "llama-1-1"]


def test_each_pod_has_its_rank_and_finds_the_leader_of_its_group(pods: dict[str, Object]) -> None:
    """The variables of LeaderWorkerSet are in the flags: ranks from 0 on, and the name of the own group's leader."""
    ranks = {name: flag(pod, "--node-rank") for name, pod in pods.items()}
    assert ranks == {"llama-0": "0", "llama-0-1": "1", "llama-1": "0", "llama-1-1": "1"}
    addresses = {name: flag(pod, "--master-addr") for name, pod in pods.items()}
    assert addresses == {
        "llama-0": "10.0.0.7",
        "llama-0-1": "llama-0.llama.llm",
        "llama-1": "10.0.0.7",
        "llama-1-1": "llama-1.llama.llm",
    }
    for pod in pods.values():
        (container,) = (one for one in pod["spec"]["containers"] if one["name"] == "vllm")
        assert {"name": "LWS_GROUP_SIZE", "value": flag(pod, "--nnodes")} in container["env"]


def test_the_name_of_a_leader_is_known_before_it_is_ready(cluster: Cluster, pods: dict[str, Object]) -> None:
    """The Service that LeaderWorkerSet makes has no address of its own, and publishes Pods that are not ready."""
    assert pods
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": NAME, "namespace": NAMESPACE}}
    spec = cluster.admin.get(service).body["spec"]
    assert spec["clusterIP"] == "None"
    assert spec["publishNotReadyAddresses"] is True


def test_pool_and_policy_select_the_pods_that_they_are_for(pods: dict[str, Object]) -> None:
    """A pool selects leaders alone, a budget of disruptions and a network policy all Pods of the set."""
    selectors: dict[str, dict[str, Any]] = {
        "InferencePool": of_kind("InferencePool")["spec"]["selector"]["matchLabels"],
        "PodDisruptionBudget": of_kind("PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
        "NetworkPolicy": of_kind("NetworkPolicy")["spec"]["podSelector"]["matchLabels"],
    }
    selected = {
        kind: sorted(name for name, pod in pods.items() if labels.items() <= pod["metadata"]["labels"].items())
        for kind, labels in selectors.items()
    }
    leaders = ["llama-0", "llama-1"]
    assert selected["InferencePool"] == leaders
    assert selected["PodDisruptionBudget"] == selected["NetworkPolicy"] == sorted(pods)


def test_a_leader_goes_when_its_worker_does(cluster: Cluster, pods: dict[str, Object]) -> None:
    """A worker that is to go takes its leader along, and both stay for their grace period; the other group is left."""
    cluster.admin.apply({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "machine"}}, manager="judge")
    for name in pods:  # one that is on no node goes at once
        target = {"apiVersion": "v1", "kind": "Node", "name": "machine"}
        binding = {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": name}, "target": target}
        path = f"/api/v1/namespaces/{NAMESPACE}/pods/{name}/binding"
        assert cluster.admin.ask("POST", path, binding).taken
    cluster.admin.delete(pods["llama-1-1"])

    def goes(name: str) -> bool:
        return "deletionTimestamp" in of_group(cluster)[name]["metadata"]

    assert cluster.controllers is not None
    cluster.controllers.wait_until(lambda: goes("llama-1"), seconds=60)
    assert [name for name in sorted(pods) if goes(name)] == ["llama-1", "llama-1-1"]
    leader, worker = (
        of_group(cluster)[name]["metadata"]["deletionGracePeriodSeconds"] for name in ("llama-1", "llama-1-1")
    )
    assert leader < worker
