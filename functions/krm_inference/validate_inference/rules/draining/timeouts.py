"""Timeouts in front of a pool: what its route and its load balancer leave to the longest answer."""

from __future__ import annotations

import math
from collections.abc import Iterator

from krm_functions_sdk import MISSING
from krm_functions_sdk.document.pattern import pattern

from krm_inference.domain.facts import gateway_classes
from krm_inference.manifests import groups
from krm_inference.manifests.index import Index, meets
from krm_inference.manifests.links import of_rows, policies
from krm_inference.manifests.objects import Field, Object
from krm_inference.manifests.pools import pool_pods
from krm_inference.manifests.routing import pool_routes
from krm_inference.manifests.servers import servers_of
from krm_inference.validate_inference.findings import Finding
from krm_inference.validate_inference.rules.draining.times import DEFAULT_BACKEND_TIMEOUT, longest_answer

_KEYS = ("request", "backendRequest")
# Durations of the Gateway API (GEP 2257): up to four parts, each of up to five digits.
_DURATION = pattern(r"(?:[0-9]{1,5}(?:h|ms|m|s)){1,4}\Z")
_PART = pattern(r"([0-9]+)(h|ms|m|s)")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}


def routes_cut_answers(index: Index) -> Iterator[Finding]:
    """Yield timeouts of routes that cut the longest answer of the pool to which they lead; 0 is none at all."""
    refusing = {route for route, gateway in pool_routes(index) if not _has_timeouts(gateway)}
    for link in of_rows(index, "route-backend"):
        is_pool = link.kind in (groups.POOL, groups.POOL_X) and link.field.object not in refusing
        pool = index.find(link.kind, link.name.text, link.namespace) if is_pool else None
        longest = longest_answer(index, pool) if pool else None
        if longest is None:
            continue
        for field in _timeouts(_rule(link.field)):
            seconds = duration(field.text)
            if seconds and seconds < longest.seconds:
                longest_time = f"{longest.sum} = {longest.seconds:.1f} s for the longest answer"
                message = f"{longest_time}, but it is cut off after {field.text}"
                yield Finding(field, message, f"{math.ceil(longest.seconds * longest.safety_factor)}s")


def refused_timeouts(index: Index) -> Iterator[Finding]:
    """Yield timeouts of routes on a Gateway that takes none."""
    for route, gateway in pool_routes(index):
        if not _has_timeouts(gateway):
            for rule in route.at("spec.rules"):
                for field in _timeouts(rule):
                    name = gateway.at("spec.gatewayClassName").text
                    yield Finding(field, f"{gateway} is of class {name}, which refuses a route with timeouts")


def pools_without_policy(index: Index) -> Iterator[Finding]:
    """Yield pools of servers behind a Gateway of GKE that no GCPBackendPolicy targets."""
    covered = {pool for _, pool in policies(index, groups.BACKEND_POLICY)}
    behind = {route: gateway for route, gateway in pool_routes(index) if _is_gke(gateway)}
    for link in of_rows(index, "route-backend"):
        gateway = behind.get(link.field.object)
        pool = index.find(link.kind, link.name.text, link.namespace) if link.kind == groups.POOL else None
        if gateway is None or pool is None or pool in covered or _has_astray(index, pool):
            continue
        if any(servers_of(index, pod) for pod in pool_pods(index, pool)):
            covered.add(pool)
            message = f"no GCPBackendPolicy targets this pool, so {gateway} cuts off answers after the default of"
            yield Finding(pool.at("metadata.name"), f"{message} {DEFAULT_BACKEND_TIMEOUT} s", MISSING)


def duration(text: str) -> float | None:
    """Return the seconds of a duration of the Gateway API, or None where it is none."""
    if not _DURATION.match(text):
        return None
    return sum(int(number) * _SECONDS[unit] for number, unit in _PART.findall(text))


def _timeouts(rule: Field) -> Iterator[Field]:
    yield from (rule["timeouts"][key] for key in _KEYS if rule["timeouts"][key].exists)


def _rule(backend: Field) -> Field:
    """Return the rule of a route that holds a backend."""
    rules = list(backend.object.at("spec.rules"))
    return next(rule for rule in rules if rule.path == backend.path[: len(rule.path)])


def _has_astray(index: Index, pool: Object) -> bool:
    """Say whether a policy there targets nothing that is here: it may be meant for the pool, and is reported itself."""
    return any(meets(policy.namespace, pool.namespace) for policy in index.derive(_astray))


def _astray(index: Index) -> list[Object]:
    targets = (link for link in of_rows(index, "policy-target") if link.field.object.kind == groups.BACKEND_POLICY[1])
    return [link.field.object for link in targets if not index.find(link.kind, link.name.text, link.namespace)]


def _is_gke(gateway: Object) -> bool:
    return gateway_classes.of(gateway.at("spec.gatewayClassName").text).is_gke


def _has_timeouts(gateway: Object) -> bool:
    return gateway_classes.of(gateway.at("spec.gatewayClassName").text).has_timeouts
