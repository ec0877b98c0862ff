"""Rules between fields of custom kinds, which the CRDs say in CEL: one row for each, with the place where it holds.

A rule gets the field at its path and yields what contradicts it. Rules of health checks, and those of paths that start
with no slash, are in `policies` and `routes`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from krm_inference.manifests import groups
from krm_inference.manifests.index import Index, Kind
from krm_inference.manifests.links import at
from krm_inference.manifests.objects import Field
from krm_inference.validate_inference.findings import Finding
from krm_inference.validate_inference.rules.fields import gateway, monitor, route

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

Check = Callable[[Field], Iterator[Finding]]
_DEFAULT_CHECK_SECONDS = 5


def _picker_port(reference: Field) -> Iterator[Finding]:
    if reference["kind"].text in ("", "Service") and not reference["port"].exists:
        yield Finding(reference.at("port.number"), "an endpoint picker of kind Service needs a port")


def _unique(key: Callable[[Field], Any], what: str, last: str) -> Callable[[Field], Iterator[Finding]]:
    """Return the check that no two items of a list have the same key."""

    def check(parent: Field) -> Iterator[Finding]:
        seen = set()
        for item in parent:
            value = str(key(item))
            if value in seen:
                yield Finding(item[last] if item.map else item, f"{what} appears twice")
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
        yield Finding(place, f"the timeout of a health check, {limit} s, is longer than the interval of {every} s")


def _weights(rule: Field) -> Iterator[Finding]:
    weighted = [target["weight"].exists for target in rule["targets"]]
    if any(weighted) and not all(weighted):
        for target, has_weight in zip(rule["targets"], weighted, strict=True):
            if not has_weight:
                yield Finding(
                    target["weight"], "no weight, but other targets of the rule have one; all need it, or none"
                )


_GATEWAY = ((groups.GATEWAY, "Gateway"),)
_ROUTE = (groups.ROUTE,)
ROWS: tuple[tuple[tuple[Kind, ...], str, Check], ...] = (
    ((groups.POOL,), "spec.endpointPickerRef", _picker_port),
    ((groups.POOL,), "spec:targetPorts", _unique(lambda item: item["number"].value, "the port", "number")),
    (_GATEWAY, "spec:listeners", _unique(lambda item: item["name"].text, "the name", "name")),
    (_GATEWAY, "spec:listeners", _unique(gateway.listener, "the same port, protocol and hostname", "port")),
    (_GATEWAY, "spec.listeners[]", gateway.listener_tls),
    (_GATEWAY, "spec:addresses", gateway.addresses),
    (_GATEWAY, "spec.infrastructure.labels", gateway.keys),
    (_GATEWAY, "spec.infrastructure.annotations", gateway.keys),
    (_GATEWAY, "spec.tls.frontend:perPort", _unique(lambda item: item["port"].value, "the port", "port")),
    (_ROUTE, "spec:parentRefs", _unique(route.parent, "the parent", "name")),
    (_ROUTE, "spec:parentRefs", route.sections),
    (_ROUTE, "spec", route.matches),
    (_ROUTE, "spec.rules[]", route.redirect),
    (_ROUTE, "spec.rules[]", route.prefix),
    (_ROUTE, "spec.rules[].timeouts", route.timeouts),
    (_ROUTE, "spec.rules[].matches[].path", route.path),
    (_ROUTE, "spec.rules[].backendRefs[]", route.backend_port),
    *(
        (_ROUTE, path, check)
        for of in ("spec.rules[]", "spec.rules[].backendRefs[]")
        for path, check in (
            (f"{of}:filters", route.filters),
            (f"{of}.filters[]", route.block),
            (f"{of}.filters[]", route.content),
        )
    ),
    ((groups.HEALTH_CHECK,), "spec.default", _times),
    (groups.REWRITES, "spec.rules[]", _weights),
    (((groups.MONITORING, "PodMonitoring"),), "spec.endpoints[]", monitor.secrets),
    (groups.POD_MONITORS, "spec.endpoints[]", monitor.scrape),
    (groups.POD_MONITORS, "spec.endpoints[]", monitor.connection),
    (groups.POD_MONITORS, "spec.endpoints[].metricRelabeling[]", monitor.relabeling),
    (groups.POD_MONITORS, "spec.targetLabels.fromPod[]", monitor.from_pod),
)


def contradictions(index: Index) -> Iterator[Finding]:
    """Yield fields that contradict each other; after a colon a row names the list that is looked at as a whole."""
    for kinds, path, check in ROWS:
        parents, _, name = path.partition(":")
        for item in index.of(*kinds):
            for field in at(item.field, parents):
                yield from check(field[name] if name else field)
