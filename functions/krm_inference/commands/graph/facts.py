"""What a picture says of an object in a few words, by its kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from krm_functions_sdk import YamlFault
from krm_functions_sdk.document import parser, tree

from krm_inference.manifests import groups, monitors
from krm_inference.manifests.hardware import DEVICES, accelerator_kind
from krm_inference.manifests.index import Index, Kind
from krm_inference.manifests.links import GATEWAY_KIND
from krm_inference.manifests.objects import Field, Object
from krm_inference.manifests.pickers import picker_service, pickers, pool_selector
from krm_inference.manifests.pods import pods
from krm_inference.manifests.servers import servers

MOST = 6  # lines in one box


def of(index: Index, item: Object) -> tuple[str, ...]:
    """Return what there is to say of an object, a line each."""
    read = _BY_KIND.get((item.group, item.kind), _workload)
    said = list(read(index, item))
    return tuple(said if len(said) <= MOST else [*said[: MOST - 1], f"and {len(said) - MOST + 1} more"])


def _gateway(_: Index, item: Object) -> Iterator[str]:
    yield item.at("spec.gatewayClassName").text
    for listener in item.at("spec.listeners"):
        host = listener["hostname"].text
        yield f"{listener['protocol'].text} {_shown(listener['port'])}{' ' + host if host else ''}"
        for certificate in listener.at("tls.certificateRefs"):
            yield f"certificate {certificate['name'].text}"


def _route(_: Index, item: Object) -> Iterator[str]:
    yield from (str(host.value) for host in item.at("spec.hostnames"))
    for rule in item.at("spec.rules"):
        for match in rule["matches"]:
            path = match.at("path.value").text
            headers = [f"{header['name'].text}: {header['value'].text}" for header in match["headers"]]
            yield " ".join(part for part in (path, *headers) if part)
        backends = list(rule["backendRefs"])
        for backend in backends if len(backends) > 1 else ():
            if backend["weight"].exists:
                yield f"{backend['name'].text}: weight {_shown(backend['weight'])}"


def _objective(_: Index, item: Object) -> Iterator[str]:
    yield f"{item.name}: priority {_shown(item.at('spec.priority'))}"


def _rewrite(_: Index, item: Object) -> Iterator[str]:
    for rule in item.at("spec.rules"):
        names = [match.at("model.value").text for match in rule["matches"]]
        for target in rule["targets"]:
            share = f" ({_shown(target['weight'])})" if target["weight"].exists else ""
            yield f"{', '.join(names) or 'any model'} → {target['modelRewrite'].text}{share}"


def _health_check(_: Index, item: Object) -> Iterator[str]:
    check = item.at("spec.default.config.httpHealthCheck")
    yield f"{check['requestPath'].text or '/'} on {_shown(check['port'])}"


def _backend_policy(_: Index, item: Object) -> Iterator[str]:
    default = item.at("spec.default")
    yield f"timeout {_shown(default['timeoutSec'])} s"
    yield f"draining {_shown(default.at('connectionDraining.drainingTimeoutSec'))} s"


def _pool(index: Index, item: Object) -> Iterator[str]:
    numbers = [_shown(port["number"]) for port in item.at("spec.targetPorts")] or [
        _shown(item.at("spec.targetPortNumber"))
    ]
    yield f"port {', '.join(numbers)}"
    yield ", ".join(f"{key}={value}" for key, value in pool_selector(item).map.items())
    service = picker_service(index, item)
    if service is None and item.at("spec.endpointPickerRef.name").text:
        yield f"picker {item.at('spec.endpointPickerRef.name').text}: not in these manifests"


def _workload(index: Index, item: Object) -> Iterator[str]:
    yield f"{_shown(item.at('spec.replicas'), '1')} × Pod"
    for pod in pods(index):
        if pod.object is not item:
            continue
        for picker in pickers(index):
            if picker.pod is pod:
                yield f"picker {picker.container.image.rpartition('/')[2]}"
        for server in servers(index):
            if server.pod is pod:
                if server.model:
                    yield server.model
                yield f"vLLM {server.container.image.rpartition(':')[2]}"
                gpus = [_shown(server.container.field.at("resources.limits")[name], "") for name in DEVICES]
                kind = accelerator_kind(pod) or "GPU"
                yield from (f"{gpu} × {kind}" for gpu in gpus if gpu)
        yield f"grace {pod.grace} s"


def _config_map(_: Index, item: Object) -> Iterator[str]:
    """Yield the adapters where it lists any, else its keys."""
    found = [adapter for text in item.at("data").map.values() for adapter in _adapters(item, str(text))]
    yield from found or item.at("data").map


def _adapters(item: Object, text: str) -> Iterator[str]:
    try:
        config = Field(item, (), tree.value(parser.parse(text)))["vLLMLoRAConfig"]
    except YamlFault:  # another file than the syncer's
        return
    for adapter in config.at("ensureExist.models"):
        yield f"adapter {adapter['id'].text}"
    for adapter in config.at("ensureNotExist.models"):
        yield f"unloads {adapter['id'].text}"


def _monitor(_: Index, item: Object) -> Iterator[str]:
    for endpoint in monitors.endpoints(item):
        yield f"{endpoint['path'].text or '/metrics'} on {_shown(endpoint['port'])}, {endpoint['interval'].text}"


def _secret(_: Index, item: Object) -> Iterator[str]:
    yield item.at("type").text or "Opaque"


def _shown(field: Field, default: str = "?") -> str:
    return str(field.value) if field.exists else default


_BY_KIND: dict[Kind, Callable[[Index, Object], Iterator[str]]] = {
    GATEWAY_KIND: _gateway,
    groups.ROUTE: _route,
    **dict.fromkeys(groups.OBJECTIVES, _objective),
    (groups.INFERENCE_X, "InferenceModelRewrite"): _rewrite,
    (groups.LLM_D, "InferenceModelRewrite"): _rewrite,
    groups.HEALTH_CHECK: _health_check,
    groups.BACKEND_POLICY: _backend_policy,
    groups.POOL: _pool,
    groups.POOL_X: _pool,
    groups.CONFIG_MAP: _config_map,
    **dict.fromkeys(groups.POD_MONITORS, _monitor),
    groups.SECRET: _secret,
}
