"""Rules between fields of custom kinds, which the CRDs say in CEL: one row for each, with the place where it holds.

A rule gets the field at its path and yields what contradicts it. Rules of health checks, and those of paths that start
with no slash, are in `policies` and `routes`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from krm_inference.manifests import groups
from krm_inference.manifests.index import Index, Kind
from krm_inference.manifests.links import at
from krm_inference.manifests.objects import Field
from krm_inference.validate_inference import gateway_fields, monitor_fields, route_fields
from krm_inference.validate_inference.findings import Finding

Check = Callable[[Field], Iterator[Finding]]
_DEFAULT_CHECK_SECONDS = 5


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


_GATEWAY = ((groups.GATEWAY, "Gateway"),)
_ROUTE = (groups.ROUTE,)
ROWS: tuple[tuple[tuple[Kind, ...], str, Check], ...] = (
    ((groups.POOL,), "spec.endpointPickerRef", _picker_port),
    ((groups.POOL,), "spec:targetPorts", _unique(lambda item: item["number"].value, "the port", "number")),
    (_GATEWAY, "spec:listeners", _unique(lambda item: item["name"].text, "the name", "name")),
    (_GATEWAY, "spec:listeners", _unique(gateway_fields.listener, "the port with this hostname", "port")),
    (_GATEWAY, "spec.listeners[]", gateway_fields.listener_tls),
    (_GATEWAY, "spec:addresses", gateway_fields.addresses),
    (_GATEWAY, "spec.infrastructure.labels", gateway_fields.keys),
    (_GATEWAY, "spec.infrastructure.annotations", gateway_fields.keys),
    (_GATEWAY, "spec.tls.frontend:perPort", _unique(lambda item: item["port"].value, "the port", "port")),
    (_ROUTE, "spec:parentRefs", _unique(route_fields.parent, "the parent", "name")),
    (_ROUTE, "spec:parentRefs", route_fields.sections),
    (_ROUTE, "spec", route_fields.matches),
    (_ROUTE, "spec.rules[]", route_fields.redirect),
    (_ROUTE, "spec.rules[]", route_fields.prefix),
    (_ROUTE, "spec.rules[].timeouts", route_fields.timeouts),
    (_ROUTE, "spec.rules[].matches[].path", route_fields.path),
    (_ROUTE, "spec.rules[].backendRefs[]", route_fields.backend_port),
    *(
        (_ROUTE, path, check)
        for of in ("spec.rules[]", "spec.rules[].backendRefs[]")
        for path, check in (
            (f"{of}:filters", route_fields.filters),
            (f"{of}.filters[]", route_fields.block),
            (f"{of}.filters[]", route_fields.content),
        )
    ),
    ((groups.HEALTH_CHECK,), "spec.default", _times),
    (groups.REWRITES, "spec.rules[]", _weights),
    (((groups.MONITORING, "PodMonitoring"),), "spec.endpoints[]", monitor_fields.secrets),
    (groups.POD_MONITORS, "spec.endpoints[]", monitor_fields.scrape),
    (groups.POD_MONITORS, "spec.endpoints[]", monitor_fields.connection),
    (groups.POD_MONITORS, "spec.endpoints[].metricRelabeling[]", monitor_fields.relabeling),
    (groups.POD_MONITORS, "spec.targetLabels.fromPod[]", monitor_fields.from_pod),
)


def contradictions(index: Index) -> Iterator[Finding]:
    """Yield fields that contradict each other; after a colon a row names the list that is looked at as a whole."""
    for kinds, path, check in ROWS:
        parents, _, name = path.partition(":")
        for item in index.of(*kinds):
            for field in at(item.field, parents):
                yield from check(field[name] if name else field)
