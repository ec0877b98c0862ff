"""Rules between fields of custom kinds, which the CRDs say in CEL: one row for each, with the place where it holds.

A rule gets the field at its path and yields what contradicts it. Rules of health checks, and those of paths that start
with no slash, are in `policies` and `routes`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from krm_inference.validate_inference import groups
from krm_inference.validate_inference.findings import Finding
from krm_inference.validate_inference.index import Index, Kind
from krm_inference.validate_inference.links import at
from krm_inference.validate_inference.objects import Field

Check = Callable[[Field], Iterator[Finding]]
_BLOCKS = {
    "RequestHeaderModifier": "requestHeaderModifier",
    "ResponseHeaderModifier": "responseHeaderModifier",
    "RequestMirror": "requestMirror",
    "RequestRedirect": "requestRedirect",
    "URLRewrite": "urlRewrite",
    "ExtensionRef": "extensionRef",
    "CORS": "cors",
}
_DEFAULT_CHECK_SECONDS = 5
_DURATION = re.compile(r"([0-9]+(ms|h|m|s))+")
_DURATION_PART = re.compile(r"([0-9]+)(ms|h|m|s)")
_MILLISECONDS = {"h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}


def _picker_port(reference: Field) -> Iterator[Finding]:
    if reference["kind"].text in ("", "Service") and not reference["port"].exists:
        yield Finding(reference.at("port.number"), "a picker that is a Service needs a port")


def _unique(key: Callable[[Field], Any], what: str, last: str) -> Callable[[Field], Iterator[Finding]]:
    """Return the check that no two items of a list have the same key."""

    def check(parent: Field) -> Iterator[Finding]:
        seen = set()
        for item in parent:
            value = str(key(item))
            if value in seen:
                yield Finding(item[last] if item.map else item, f"{what} stands twice")
            seen.add(value)

    return check


def _listener(item: Field) -> Any:
    return tuple(str(item[name].value) for name in ("port", "protocol", "hostname"))


def _parent(item: Field) -> Any:
    names = ("group", "kind", "name", "namespace", "sectionName", "port")
    return tuple(str(item[name].value) if item[name].exists else "" for name in names)


def _sections(parents: Field) -> Iterator[Finding]:
    """Yield parentRefs to one parent of which some name a section and others do not."""
    named: dict[Any, bool] = {}
    for item in parents:
        section = item["sectionName"]
        if named.setdefault(_parent_object(item), bool(section.text)) != bool(section.text):
            yield Finding(section, "all parentRefs to one parent name a section, or one alone names none")


def _parent_object(item: Field) -> Any:
    defaults = {"group": groups.GATEWAY, "kind": "Gateway", "name": "", "namespace": ""}
    return tuple(item[name].text if item[name].exists else default for name, default in defaults.items())


def _listener_tls(item: Field) -> Iterator[Finding]:
    protocol, tls = item["protocol"].text, item["tls"]
    mode = tls["mode"].text if tls["mode"].exists else "Terminate"
    if protocol in ("HTTP", "TCP", "UDP") and tls.exists:
        yield Finding(tls, f"a listener of protocol {protocol} takes no tls")
    elif protocol == "HTTPS" and tls.exists and mode != "Terminate":
        yield Finding(tls["mode"], f"found {mode}; protocol HTTPS takes Terminate only", "Terminate")
    elif protocol == "TLS" and not tls.exists:
        yield Finding(tls, "a listener of protocol TLS needs tls with a mode")
    if protocol not in ("TCP", "UDP", "HTTP") and tls.map and mode == "Terminate" and not _has_certificate(tls):
        yield Finding(tls["certificateRefs"], "mode Terminate needs a certificate")
    if protocol in ("TCP", "UDP") and item["hostname"].text:
        yield Finding(item["hostname"], f"a listener of protocol {protocol} takes no hostname")


def _has_certificate(tls: Field) -> bool:
    return bool(list(tls["certificateRefs"]) or tls["options"].map)


def _path(path: Field) -> Iterator[Finding]:
    value = path["value"].text
    if path["type"].text not in ("", "Exact", "PathPrefix"):
        return
    inside = [part for part in ("//", "/./", "/../", "%2f", "%2F", "#") if part in value]
    inside += [part for part in ("/..", "/.") if value.endswith(part)]
    if inside:
        yield Finding(path["value"], f'a path takes no "{inside[0]}"')


def _backend_port(backend: Field) -> Iterator[Finding]:
    if not backend["group"].text and backend["kind"].text in ("", "Service") and not backend["port"].exists:
        yield Finding(backend["port"], "a backend that is a Service needs a port")


def _filter(item: Field) -> Iterator[Finding]:
    kind = item["type"].text
    for name, block in _BLOCKS.items():
        if name == kind and not item[block].exists:
            yield Finding(item[block], f"a filter of type {kind} needs {block}")
        elif name != kind and item[block].exists and kind in _BLOCKS:
            yield Finding(item[block], f"a filter of type {kind} takes no {block}")


def _filters(parent: Field) -> Iterator[Finding]:
    types = [item["type"].text for item in parent]
    for position, item in enumerate(parent):
        kind = types[position]
        if kind in types[:position] and kind not in ("RequestMirror", "ExtensionRef"):
            yield Finding(item["type"], f"a rule takes one filter of type {kind}")
        if kind == "URLRewrite" and "RequestRedirect" in types:
            yield Finding(item["type"], "a rule takes no URLRewrite beside a RequestRedirect")


def _redirect(rule: Field) -> Iterator[Finding]:
    if rule["backendRefs"].value and rule["backendRefs"].exists:
        for item in rule["filters"]:
            if item["requestRedirect"].exists:
                yield Finding(item["requestRedirect"], "a rule that redirects takes no backendRefs")


def _prefix(rule: Field) -> Iterator[Finding]:
    """Yield filters that replace a prefix where the rule has not exactly one match of a prefix."""
    matches = list(rule["matches"])
    kinds = [match.at("path.type").text or "PathPrefix" for match in matches]
    if not matches or kinds == ["PathPrefix"]:
        return  # without matches the API's default is one for every path
    for item in rule["filters"]:
        for block in ("requestRedirect", "urlRewrite"):
            path = item[block]["path"]
            if path["type"].text == "ReplacePrefixMatch" and path["replacePrefixMatch"].exists:
                yield Finding(path["type"], "ReplacePrefixMatch needs a rule with one match, of type PathPrefix")


def _timeouts(timeouts: Field) -> Iterator[Finding]:
    whole, backend = timeouts["request"], timeouts["backendRequest"]
    limit, part = _milliseconds(whole.text), _milliseconds(backend.text)
    if limit and part > limit:  # 0s is no limit
        yield Finding(backend, f"found {backend.text}, longer than the {whole.text} of the whole request", whole.text)


def _milliseconds(duration: str) -> int:
    """Return what the text says, 0 where it is no duration of whole numbers."""
    if not _DURATION.fullmatch(duration):
        return 0
    return sum(int(count) * _MILLISECONDS[unit] for count, unit in _DURATION_PART.findall(duration))


def _matches(spec: Field) -> Iterator[Finding]:
    count = sum(max(1, len(list(rule["matches"]))) for rule in spec["rules"])
    if count > 128:
        yield Finding(spec["rules"], f"found {count} matches in all rules together, expected at most 128")


def _times(default: Field) -> Iterator[Finding]:
    interval, timeout = default["checkIntervalSec"], default["timeoutSec"]
    if not (interval.exists or timeout.exists):
        return
    every = interval.number if interval.exists else _DEFAULT_CHECK_SECONDS
    limit = timeout.number if timeout.exists else _DEFAULT_CHECK_SECONDS
    if every is not None and limit is not None and limit > every:
        place = timeout if timeout.exists else interval
        yield Finding(place, f"the timeout of a check, {limit} s, is longer than the interval of {every} s")


def _weights(rule: Field) -> Iterator[Finding]:
    weighted = [target["weight"].exists for target in rule["targets"]]
    if any(weighted) and not all(weighted):
        for target, has_weight in zip(rule["targets"], weighted, strict=True):
            if not has_weight:
                yield Finding(target["weight"], "all targets of a rule have a weight, or none has")


def _scrape_secret(endpoint: Field) -> Iterator[Finding]:
    places = ("authorization.credentials", "basicAuth.password", "tls.ca", "tls.cert", "tls.key", "oauth2.clientSecret")
    for place in places:
        namespace = endpoint.at(f"{place}.secret.namespace")
        if namespace.exists:
            yield Finding(namespace, "a PodMonitoring reads Secrets of its own namespace, and may not name it")


def _scrape(endpoint: Field) -> Iterator[Finding]:
    kind, port = endpoint.at("authorization.type"), endpoint["port"]
    if kind.text == "Basic":
        yield Finding(kind, "authorization takes no type Basic; that is basicAuth")
    if port.number == 0 or port.value == "":
        yield Finding(port, "a port is a name or a number from 1")
    interval, timeout = endpoint["interval"], endpoint["timeout"]
    if 0 < _milliseconds(interval.text) < _milliseconds(timeout.text):
        yield Finding(timeout, f"found {timeout.text}, longer than the interval of {interval.text}", interval.text)
    ways = [name for name in ("authorization", "basicAuth", "oauth2") if endpoint[name].exists]
    if len(ways) > 1:
        yield Finding(endpoint[ways[-1]], f"an endpoint takes one of {', '.join(ways)}")


_REWRITES = ((groups.LLM_D, "InferenceModelRewrite"), (groups.INFERENCE_X, "InferenceModelRewrite"))
ROWS: tuple[tuple[tuple[Kind, ...], str, Check], ...] = (
    ((groups.POOL,), "spec.endpointPickerRef", _picker_port),
    ((groups.POOL,), "spec:targetPorts", _unique(lambda item: item["number"].value, "the port", "number")),
    (((groups.GATEWAY, "Gateway"),), "spec:listeners", _unique(lambda item: item["name"].text, "the name", "name")),
    (((groups.GATEWAY, "Gateway"),), "spec:listeners", _unique(_listener, "the port with this hostname", "port")),
    (((groups.GATEWAY, "Gateway"),), "spec.listeners[]", _listener_tls),
    ((groups.ROUTE,), "spec:parentRefs", _unique(_parent, "the parent", "name")),
    ((groups.ROUTE,), "spec:parentRefs", _sections),
    ((groups.ROUTE,), "spec", _matches),
    ((groups.ROUTE,), "spec.rules[]", _redirect),
    ((groups.ROUTE,), "spec.rules[]", _prefix),
    ((groups.ROUTE,), "spec.rules[].timeouts", _timeouts),
    ((groups.ROUTE,), "spec.rules[]:filters", _filters),
    ((groups.ROUTE,), "spec.rules[].matches[].path", _path),
    ((groups.ROUTE,), "spec.rules[].backendRefs[]", _backend_port),
    ((groups.ROUTE,), "spec.rules[].filters[]", _filter),
    ((groups.HEALTH_CHECK,), "spec.default", _times),
    (_REWRITES, "spec.rules[]", _weights),
    (((groups.MONITORING, "PodMonitoring"),), "spec.endpoints[]", _scrape_secret),
    (groups.POD_MONITORS, "spec.endpoints[]", _scrape),
)  # fmt: skip


def contradictions(index: Index) -> Iterator[Finding]:
    """Yield fields that contradict each other; after a colon a row names the list that is looked at as a whole."""
    for kinds, path, check in ROWS:
        parents, _, name = path.partition(":")
        for item in index.of(*kinds):
            for field in at(item.field, parents):
                yield from check(field[name] if name else field)
