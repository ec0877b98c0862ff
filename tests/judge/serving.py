"""A service that answers: its set on the cluster, stand-ins for its Pods, its real pickers, and Envoy before them."""

from __future__ import annotations

import http.client
import itertools
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from tests.judge import pickers
from tests.judge.client import Object
from tests.judge.cluster import Cluster
from tests.judge.envoy import Backend, Envoy
from tests.judge.model_server import ModelServer
from tests.judge.pickers import Picker
from tests.judge.process import free_port
from tests.judge.sets import DEFAULT_NAMESPACE, Workshop, in_release, merged, namespaces, placed
from tests.judge.syncer import Syncer

PACKAGE, INTENT = "llama-3.1-8b", "llm.yaml"
SERVERS = ("127.0.0.11", "127.0.0.12", "127.0.0.13")
_NUMBERS = itertools.count()


class Response(NamedTuple):
    """What a client got: the HTTP status, and the address of the server that answered, "" without one."""

    status: int
    server: str
    headers: dict[str, str]


class Serving:
    """The parts of one service while it runs."""

    def __init__(self, release: str, pool: Object, deployment: Object) -> None:
        self.release, self.pool, self.deployment = release, pool, deployment
        self.servers: list[ModelServer] = []
        self.pickers: list[Picker] = []
        self.envoy: Envoy | None = None

    @property
    def account(self) -> str:
        """The picker's user, as the API server calls it."""
        space, pod = self.deployment["metadata"]["namespace"], self.deployment["spec"]["template"]["spec"]
        return f"system:serviceaccount:{space}:{pod['serviceAccountName']}"

    def ask(self, model: str, prompt: str | None = None, **headers: str) -> Response:
        """Send one completion through Envoy; a prompt is a new one unless it is given."""
        assert self.envoy is not None
        text = f"{next(_NUMBERS)} " * 100 if prompt is None else prompt
        body = json.dumps({"model": model, "prompt": text, "max_tokens": 1})
        connection = http.client.HTTPConnection("127.0.0.1", self.envoy.port, timeout=30)
        try:
            sent = {"Content-Type": "application/json"} | {key.replace("_", "-"): text for key, text in headers.items()}
            connection.request("POST", "/v1/completions", body, sent)
            answer = connection.getresponse()
            said = answer.read()
            got = {key.lower(): value for key, value in answer.getheaders()}
        finally:
            connection.close()
        server = json.loads(said)["choices"][0]["text"] if answer.status == 200 else ""
        return Response(answer.status, server, got)

    def shares(self, model: str, number: int, **headers: str) -> Counter[str]:
        """Send requests and count which server answered; an error counts as its status."""
        answers = [self.ask(model, **headers) for _ in range(number)]
        return Counter(each.server or str(each.status) for each in answers)

    def stop(self) -> None:
        if self.envoy is not None:
            self.envoy.stop()
        for picker in self.pickers:
            picker.stop()
        for server in self.servers:
            server.stop()

    def settle(self) -> None:
        """Return when the pickers have read each server's metrics twice more."""
        before = [(server, server.scraped) for server in self.servers]
        waits = 2 * len(self.pickers) + 1
        self.pickers[0].process.wait_until(lambda: all(server.scraped >= at + waits for server, at in before))


@contextmanager
def serving(cluster: Cluster, release: str, spec: dict[str, Any], replicas: int = 1) -> Iterator[Serving]:
    """Run the package in a release, with `spec` laid over its intent, and that many of its pickers."""
    workshop, syncer = Workshop(), Syncer(cluster.admin)
    one: Serving | None = None
    pods: list[Object] = []
    try:
        objects = _objects(workshop, release, spec)
        for space in namespaces(objects):
            cluster.namespace(space)
        assert syncer.sync(objects) == []
        deployment = next(each for each in objects if pickers.is_picker(each))
        pool = next(each for each in objects if each["kind"] == "InferencePool")
        one = Serving(release, pool, deployment)
        port = pool["spec"]["targetPorts"][0]["number"]
        for address in SERVERS:
            one.servers.append(ModelServer(address, port, "meta-llama/Llama-3.1-8B-Instruct"))
            pods.append(_pod(cluster, pool, address))
        _run_pickers(cluster, one, replicas)
        yield one
    finally:
        if one is not None:
            one.stop()
        for pod in pods:
            cluster.admin.ask("DELETE", cluster.admin.path(pod), gracePeriodSeconds="0")
        syncer.clear()
        for lease in cluster.admin.list("coordination.k8s.io/v1", "Lease", DEFAULT_NAMESPACE):
            cluster.admin.delete(lease)  # or the next leader would wait for this one
        workshop.close()


def _objects(workshop: Workshop, release: str, spec: dict[str, Any]) -> list[Object]:
    intents = workshop.intents(PACKAGE)
    in_release(release)(intents)
    intents[INTENT]["spec"] = merged(intents[INTENT]["spec"], merged({"server": {"port": free_port()}}, spec))
    workshop.write(PACKAGE, intents)
    workshop.render(PACKAGE)
    return placed(workshop.objects(PACKAGE))


def _pod(cluster: Cluster, pool: Object, address: str) -> Object:
    """Make a Pod that the pool selects, running and ready at an address."""
    meta = {
        "name": f"server-{address.replace('.', '-')}",
        "namespace": pool["metadata"]["namespace"],
        "labels": pool["spec"]["selector"]["matchLabels"],
    }
    container = {"name": "server", "image": "example.com/stand-in:v1"}
    spec = {"containers": [container], "automountServiceAccountToken": False}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec}
    cluster.namespace(meta["namespace"])
    cluster.admin.apply(
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": meta["namespace"]}},
        manager="judge",
    )
    answer = cluster.admin.create(pod)
    assert answer.taken, answer.message
    status = {
        "phase": "Running",
        "podIP": address,
        "podIPs": [{"ip": address}],
        "conditions": [{"type": "Ready", "status": "True"}],
    }
    path = f"{cluster.admin.path(pod)}/status"
    answer = cluster.admin.ask("PATCH", path, {"status": status}, "application/merge-patch+json")
    assert answer.taken, answer.message
    return pod


def _run_pickers(cluster: Cluster, one: Serving, number: int) -> None:
    account = one.deployment["spec"]["template"]["spec"]["serviceAccountName"]
    token = cluster.token(one.deployment["metadata"]["namespace"], account)
    for index in range(number):
        picker = Picker(cluster, one.deployment, token, f"picker-{index}")
        one.pickers.append(picker)
        picker.wait()
    backends = [Backend(picker.ports.grpc, picker.ports.health) for picker in one.pickers]
    asked = pickers.container(one.deployment)["readinessProbe"]["grpc"]["service"]
    one.envoy = Envoy(one.pickers[0].folder / "envoy", backends, asked)
    model = "meta-llama/Llama-3.1-8B-Instruct"
    one.pickers[0].process.wait_until(lambda: one.ask(model).status == 200)
    one.settle()
