"""A Gateway before several pools: Envoy with the HTTPRoutes as they were rendered, before the Envoy of each pool.

Envoy takes the matches and weights of the routes, in the order of precedence that the Gateway API gives them. Where the
intent has services chosen by model, it asks the real process that reads bodies, by the very filter of the EnvoyFilter.
"""

from __future__ import annotations

import http.client
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from krm_inference.domain.facts import body_router

from tests.judge import components, pickers
from tests.judge.client import Object
from tests.judge.cluster import Cluster
from tests.judge.envoy import _TYPE, _address
from tests.judge.model_server import ModelServer
from tests.judge.process import Process, free_port, listens
from tests.judge.serving import INTENT, PACKAGE, Serving, _pod, _run_pickers
from tests.judge.sets import Workshop, in_release, merged, namespaces, placed
from tests.judge.syncer import Syncer

MARK = "inference.fn.kpt.dev/generated-by"
# Judged by the API server with Istio's definitions in test_platforms.py; here its filter is read.
ISTIO = "networking.istio.io"
SERVERS = ("127.0.0.21", "127.0.0.22", "127.0.0.23", "127.0.0.24")
_BODIES = "bodies"


class BodyRouter:
    """The process that reads the model in bodies, with the arguments of its Deployment, ports apart."""

    def __init__(self, cluster: Cluster, deployment: Object, folder: Path) -> None:
        (found,) = deployment["spec"]["template"]["spec"]["containers"]
        assert found["image"] == body_router.IMAGE
        self.port, health, metrics = free_port(), free_port(), free_port()
        ports = [f"--grpc-port={self.port}", f"--grpc-health-port={health}", f"--metrics-port={metrics}"]
        space, pod = deployment["metadata"]["namespace"], deployment["spec"]["template"]["spec"]
        config = cluster.kubeconfig(cluster.token(space, pod["serviceAccountName"]), "body-router")
        command = [str(components.body_router()), *found["args"], *ports]
        env = {"NAMESPACE": space, "KUBECONFIG": str(config)}
        self.process = Process("body router", command, folder / "body-router.log", env)
        self.process.wait_until(lambda: listens(self.port) and listens(health))

    def stop(self) -> None:
        self.process.stop(grace=3)


class Front:
    """The Envoy before all pools, and what serves each pool, by the name of its service."""

    def __init__(
        self, folder: Path, objects: list[Object], pools: dict[str, Serving], router: BodyRouter | None
    ) -> None:
        self.pools, self.port = pools, free_port()
        routes = [one for one in objects if one["kind"] == "HTTPRoute"]
        readers = [_filter(one) for one in objects if one["kind"] == "EnvoyFilter"] if router else []
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / "front.yaml"
        file.write_text(yaml.safe_dump(_bootstrap(self.port, routes, pools, readers, router)), encoding="utf-8")
        command = [str(components.envoy()), "--config-path", str(file), "--concurrency", "1", "--log-level", "warning"]
        self.process = Process("front", [*command, "--disable-hot-restart"], folder / "front.log")
        self.process.wait_until(lambda: listens(self.port))

    def ask(self, model: str, host: str = "chat.example.com", **headers: str) -> tuple[int, str]:
        """Send a completion; return the status, and the service whose server answered, "" without one."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        sent = {"Content-Type": "application/json", "Host": host}
        sent |= {key.replace("_", "-"): value for key, value in headers.items()}
        try:
            body = json.dumps({"model": model, "prompt": "hello", "max_tokens": 1})
            connection.request("POST", "/v1/completions", body, sent)
            answer = connection.getresponse()
            said = answer.read()
        finally:
            connection.close()
        if answer.status != 200:
            return answer.status, ""
        server = json.loads(said)["choices"][0]["text"]
        return 200, next(name for name, one in self.pools.items() if server in [each.address for each in one.servers])

    def shares(self, model: str, number: int) -> Counter[str]:
        """Send requests and count whose servers answered; an error counts as its status."""
        answers = [self.ask(model) for _ in range(number)]
        return Counter(name or str(status) for status, name in answers)

    def stop(self) -> None:
        self.process.stop(grace=2)


@contextmanager
def front(
    cluster: Cluster, release: str, specs: dict[str, dict[str, Any]], *, reads_bodies: bool = False
) -> Iterator[Front]:
    """Run the services of `specs`, each the package's own intent with a spec laid over it, behind one Envoy.

    The first is the package's, whatever its name in `specs`.
    """
    workshop, syncer = Workshop(), Syncer(cluster.admin)
    pools: dict[str, Serving] = {}
    pods: list[Object] = []
    stopped: list[BodyRouter | Front] = []
    try:
        objects = _objects(workshop, release, specs)
        for space in namespaces(objects):
            cluster.namespace(space)
        assert syncer.sync([one for one in objects if not one["apiVersion"].startswith(ISTIO)]) == []
        addresses = iter(SERVERS)
        for name in specs:
            own = [one for one in objects if one["metadata"].get("annotations", {}).get(MARK, "").endswith(f"/{name}")]
            pool = next(one for one in own if one["kind"] == "InferencePool")
            pools[name] = one = Serving(release, pool, next(each for each in own if pickers.is_picker(each)))
            for address in (next(addresses), next(addresses)):
                one.servers.append(ModelServer(address, pool["spec"]["targetPorts"][0]["number"], name))
                pods.append(_pod(cluster, pool, address))
            _run_pickers(cluster, one, 1)
        folder = next(iter(pools.values())).pickers[0].folder
        router = None
        if reads_bodies:
            readers = (one for one in objects if one["metadata"]["name"].endswith("-body-router"))
            router = BodyRouter(cluster, next(one for one in readers if one["kind"] == "Deployment"), folder)
            stopped.append(router)
        stopped.append(Front(folder, objects, pools, router))
        yield stopped[-1]  # type: ignore[misc]
    finally:
        for each in (*reversed(stopped), *pools.values()):
            each.stop()
        for pod in pods:
            cluster.admin.ask("DELETE", cluster.admin.path(pod), gracePeriodSeconds="0")
        syncer.clear()
        workshop.close()


def _objects(workshop: Workshop, release: str, specs: dict[str, dict[str, Any]]) -> list[Object]:
    (own,) = workshop.intents(PACKAGE).values()
    intents = {}
    for index, (name, spec) in enumerate(specs.items()):
        plain = {"adapters": [], "objectives": [], "server": {"port": free_port()}}
        one = merged(own, {"metadata": {"name": name, "namespace": "default"}})
        intents[f"{name}.yaml" if index else INTENT] = {**one, "spec": merged(own["spec"], merged(plain, spec))}
    in_release(release)(intents)
    folder = workshop.root / "packages" / PACKAGE
    for file in folder.glob("*.yaml"):
        if not file.name.startswith("kustomiz"):
            file.unlink()  # what was rendered for the package's own service
    workshop.write(PACKAGE, intents)
    workshop.render(PACKAGE)
    return placed(workshop.objects(PACKAGE))


def _filter(one: Object) -> dict[str, Any]:
    """Return the filter that an EnvoyFilter puts first, asking the process that stands for its Service."""
    (patch,) = one["spec"]["configPatches"]
    found: dict[str, Any] = json.loads(json.dumps(patch["patch"]["value"]))
    asked = found["typed_config"]["grpc_service"]["envoy_grpc"]
    meta = one["metadata"]
    assert asked["cluster_name"] == f"outbound|{body_router.PORT}||{meta['name']}.{meta['namespace']}.svc.cluster.local"
    asked["cluster_name"] = _BODIES
    return found


def _bootstrap(
    port: int, routes: list[Object], pools: dict[str, Serving], readers: list[Object], router: BodyRouter | None
) -> dict[str, Any]:
    manager = {
        "@type": f"{_TYPE}.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "front",
        "route_config": {"virtual_hosts": list(_hosts(routes))},
        "http_filters": [
            *readers,
            {"name": "router", "typed_config": {"@type": f"{_TYPE}.filters.http.router.v3.Router"}},
        ],
    }
    chain = {"filters": [{"name": "manager", "typed_config": manager}]}
    upstreams = [_cluster(name, one.envoy.port) for name, one in pools.items() if one.envoy]
    if router:
        kind = f"{_TYPE.partition('/')[2]}.upstreams.http.v3.HttpProtocolOptions"
        http2 = {"@type": f"type.googleapis.com/{kind}", "explicit_http_config": {"http2_protocol_options": {}}}
        tls = {"@type": f"{_TYPE}.transport_sockets.tls.v3.UpstreamTlsContext"}
        secure = {"name": "envoy.transport_sockets.tls", "typed_config": tls}
        options = {"typed_extension_protocol_options": {kind: http2}, "transport_socket": secure}
        upstreams.append({**_cluster(_BODIES, router.port), **options})
    listener = {"name": "http", "address": _address(port), "filter_chains": [chain]}
    return {
        "node": {"id": "front", "cluster": "front"},
        "static_resources": {"listeners": [listener], "clusters": upstreams},
    }


def _cluster(name: str, port: int) -> dict[str, Any]:
    endpoints = [{"lb_endpoints": [{"endpoint": {"address": _address(port)}}]}]
    assignment = {"cluster_name": name, "endpoints": endpoints}
    return {"name": name, "type": "STATIC", "connect_timeout": "5s", "load_assignment": assignment}


def _hosts(routes: list[Object]) -> Iterator[dict[str, Any]]:
    """Yield a virtual host for each host name, the routes in the Gateway API's order: the more specific first."""
    hosts: dict[str, list[tuple[Any, dict[str, Any]]]] = {}
    for route in routes:
        for rule in route["spec"]["rules"]:
            for match in rule["matches"] if "backendRefs" in rule else ():
                headers, path = match.get("headers", ()), match["path"]
                rank = (path["type"] != "Exact", -len(path["value"]), -len(headers))
                for host in route["spec"].get("hostnames", ("*",)):
                    hosts.setdefault(host, []).append((rank, _route(path, headers, rule["backendRefs"])))
    for host, found in hosts.items():
        ordered = [one for _, one in sorted(found, key=lambda each: each[0])]
        yield {"name": host, "domains": [host] if host == "*" else [host, f"{host}:*"], "routes": ordered}


def _route(path: dict[str, str], headers: Any, backends: list[dict[str, Any]]) -> dict[str, Any]:
    how = "path" if path["type"] == "Exact" else "prefix" if path["value"] == "/" else "path_separated_prefix"
    match: dict[str, Any] = {how: path["value"]}
    if headers:
        match["headers"] = [{"name": one["name"], "string_match": {"exact": one["value"]}} for one in headers]
    shared = [{"name": one["name"], "weight": one["weight"]} for one in backends]
    return {"match": match, "route": {"weighted_clusters": {"clusters": shared}, "timeout": "20s"}}
