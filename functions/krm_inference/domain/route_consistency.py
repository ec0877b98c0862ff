"""What a schema cannot say of Gateways and routes: of one service, and of all that share a Gateway."""

from __future__ import annotations

from collections.abc import Iterator

from krm_functions_sdk import Result

from krm_inference.domain import gateways, routes
from krm_inference.domain.facts import gateway_classes
from krm_inference.domain.record import Record
from krm_inference.domain.routes import Match, Route

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_inference.domain.service import LLMService

CERTIFICATES = ("secrets", "preSharedCerts", "certManagerCerts")
_GKE_CERTIFICATES = CERTIFICATES[1:]
_MOST_CERTIFICATES = 64
_LONGEST_NAME = 253
# What the API refuses in a path (CEL rules of the HTTPRoute CRD).
_REFUSED = ("//", "/./", "/../", "%2f", "%2F")
_REFUSED_ENDS = ("/..", "/.")
# What services that make one Gateway have to agree on.
_SHARED = ("className", "port", "tls.port", "jwt.issuer", "jwt.audiences", "jwt.jwksUri")


def check(services: list[LLMService]) -> Iterator[Result]:
    """Yield every fault in what services say about Gateways and routes."""
    for service in services:
        yield from _gateway(service)
        yield from _tls(service)
        yield from _route(service)
        yield from _matches(service)
        yield from _limits(service)
        yield from _body_reader(service, services)
    # Two services of one name are a fault of their own.
    first = {(service.name, service.namespace): service for service in reversed(services)}
    attached = (service for service in first.values() if "of" not in service.spec["route"])
    named = [service for service in attached if service.name and service.gateway[1]][::-1]
    yield from _gateways(named)
    yield from _conflicts(named)


def _body_reader(service: LLMService, services: list[LLMService]) -> Iterator[Result]:
    """Yield a wish to be found by model behind a Gateway of which no way is known to read it, or to name that way."""
    route = service.spec["route"]
    if not route["byModel"] or "of" in route or not service.spec["gateway"]["create"]:
        return
    name = gateways.class_name(service, services)
    reader = gateway_classes.of(name).body_reader
    if not reader:
        able = ", ".join(one for one, known in gateway_classes.CLASSES.items() if known.body_reader)
        message = (
            f"no way is known to let a Gateway of class {name} read the model in a body; these can: {able}. "
            "Choose by hostnames, paths or headers"
        )
        yield service.fault("spec.route.byModel", message, current=True)
    elif reader == "EnvoyFilter" and not service.namespace:
        message = f"behind class {name} a filter names the namespace of what it asks; set metadata.namespace"
        yield service.fault("spec.route.byModel", message, current=True)


def route_names(service: LLMService) -> Iterator[str]:
    """Yield the names of the HTTPRoutes of a service."""
    yield from (route.name for route in service.routes)
    if routed := service.redirect:
        yield routed.name


def _gateway(service: LLMService) -> Iterator[Result]:
    gateway = service.spec["gateway"]
    if not gateway["create"]:
        if gateway["allowedNamespaces"]:
            message = f"Gateway {gateway['name']} is not made here (create: false); its own package says who may attach"
            yield service.fault("spec.gateway.allowedNamespaces", message, gateway["allowedNamespaces"])
        return
    if gateway.get("namespace", service.namespace) != service.namespace:
        message = (
            f"Gateway {gateway['name']} would be created in another namespace than its route, and would not allow it; "
            "set create: false for a Gateway that exists, or leave the namespace out"
        )
        yield service.fault("spec.gateway.namespace", message, gateway["namespace"])
    if "listener" in gateway:
        message = "only for a Gateway that exists (create: false); one that is made here has listeners http and https"
        yield service.fault("spec.gateway.listener", message, gateway["listener"])


def _tls(service: LLMService) -> Iterator[Result]:
    gateway = service.spec["gateway"]
    tls, field = gateway.get("tls"), "spec.gateway.tls"
    if tls is None:
        return
    said = [key for key in CERTIFICATES if tls[key]]
    if gateway["create"] and not said:
        yield service.fault(field, f"no certificate; expected one of {', '.join(CERTIFICATES)}", tls)
    if gateway["create"] and tls["port"] == gateway["port"]:
        yield service.fault(f"{field}.port", f"{tls['port']} is already the port of plain HTTP", tls["port"])
    for key in said:
        if not gateway["create"]:
            message = f"Gateway {gateway['name']} is not made here (create: false); its own package gives certificates"
            yield service.fault(f"{field}.{key}", message, tls[key])
        elif key in _GKE_CERTIFICATES and not gateway_classes.of(gateway["className"]).is_gke:
            message = f"only GKE's classes read {key}, and this is {gateway['className']}; use secrets"
            yield service.fault(f"{field}.{key}", message, tls[key])
    for index, secret in enumerate(tls["secrets"]):
        if secret.get("namespace", service.namespace) != service.namespace and not service.namespace:
            message = (
                f"Secret {secret['name']} is in namespace {secret['namespace']}, and the ReferenceGrant there has to "
                "name the Gateway's namespace; set metadata.namespace"
            )
            yield service.fault(f"{field}.secrets[{index}].namespace", message, secret["namespace"])


def _route(service: LLMService) -> Iterator[Result]:
    route = service.spec["route"]
    if route["paths"] and route["pathPrefix"] != "/":
        message = "paths are exact and do not use pathPrefix; remove one of the two"
        yield service.fault("spec.route.paths", message, route["paths"])
    has_prefix = route["pathPrefix"] != "/" or any(
        "pathPrefix" in match for _, _, match in routes.matched(service.spec)
    )
    if route["stripPrefix"] and (route["paths"] or not has_prefix):
        yield service.fault("spec.route.stripPrefix", "no pathPrefix to strip; set one", True)
    paths = [("spec.route.pathPrefix", route["pathPrefix"])]
    paths += [(f"spec.route.paths[{index}]", path) for index, path in enumerate(route["paths"])]
    paths += [(f"{field}.pathPrefix", match.get("pathPrefix", "/")) for field, _, match in routes.matched(service.spec)]
    for field, path in paths:
        wrong = [part for part in _REFUSED if part in path] + [end for end in _REFUSED_ENDS if path.endswith(end)]
        if wrong:
            yield service.fault(field, f'found "{wrong[0]}", which the Gateway API refuses in a path', path)
    names = [name.lower() for name in (header["name"] for header in route["setHeaders"])]
    for index, name in enumerate(names):
        if name in names[:index]:
            yield service.fault(f"spec.route.setHeaders[{index}].name", f'header "{name}" appears twice', name)
    objective = route.get("objective")
    known = [name for name, _ in service.objectives]
    if objective is not None and objective not in known:
        there = f"expected one of {', '.join(known)}" if known else "and the service has none"
        yield service.fault("spec.route.objective", f'no objective "{objective}"; {there}', objective)


def _matches(service: LLMService) -> Iterator[Result]:
    for index, adapter in enumerate(service.spec["adapters"]):
        if "match" in adapter and "priority" not in adapter:
            message = f'adapter "{adapter["name"]}" has no objective; give it a priority'
            yield service.fault(f"spec.adapters[{index}].match", message, adapter["match"])
    for field, name, match in routes.matched(service.spec):
        if not (match["hostnames"] or match["headers"] or "pathPrefix" in match):
            message = f'would match every request for "{name}"; set hostnames, pathPrefix or headers'
            yield service.fault(field, message, match)
        names = [header["name"].lower() for header in [*service.spec["route"]["headers"], *match["headers"]]]
        if twice := sorted({each for each in names if names.count(each) > 1}):
            message = (
                f'header "{twice[0]}" appears twice, here or in spec.route.headers; each name can be matched only once'
            )
            yield service.fault(f"{field}.headers", message, match["headers"])


def _limits(service: LLMService) -> Iterator[Result]:
    for route in service.routes:
        for field, message in _too_much(route):
            yield service.fault(field, message, None)
    redirected = service.redirect
    if redirected and len(redirected.hostnames) > routes.MOST_HOSTNAMES:
        message = (
            f"{len(redirected.hostnames)} host names to redirect, but an HTTPRoute has at most {routes.MOST_HOSTNAMES}"
        )
        yield service.fault("spec.gateway.tls.redirect", f"{message}; set redirect: false", True)


def _too_much(route: Route) -> Iterator[tuple[str, str]]:
    if len(route.name) > _LONGEST_NAME:
        yield "metadata.name", f"HTTPRoute {route.name} has a name of more than {_LONGEST_NAME} characters"
    if len(route.rules) > routes.MOST_RULES:
        message = (
            f"{len(route.rules)} rules in HTTPRoute {route.name}, but the Gateway API takes {routes.MOST_RULES}; let "
            "one objective serve several values of a header, or give objectives host names, and a route, of their own"
        )
        yield "spec.objectives", message
    for rule in route.rules:
        if len(rule.matches) > routes.MOST_MATCHES:
            message = f"{len(rule.matches)} combinations of paths and headers, but a rule takes {routes.MOST_MATCHES}"
            yield rule.field, message
    total = sum(len(rule.matches) for rule in route.rules)
    if total > routes.MOST_MATCHES_OF_A_ROUTE:
        message = f"{total} combinations of paths and headers in HTTPRoute {route.name}, but the Gateway API takes"
        yield "spec.route", f"{message} {routes.MOST_MATCHES_OF_A_ROUTE} in all"


def _gateways(services: list[LLMService]) -> Iterator[Result]:
    """Yield what services that make one Gateway disagree on, and what too many of them ask of it."""
    by_gateway: dict[tuple[str, str], list[LLMService]] = {}
    for service in services:
        by_gateway.setdefault(service.gateway, []).append(service)
    for (_, name), users in by_gateway.items():
        made = [service for service in users if service.spec["gateway"]["create"]]
        for other in made[1:]:
            yield from _disagreements(made, other, name)
        with_tls = [service for service in made if "tls" in service.spec["gateway"]]
        for service in users if made and not with_tls else ():
            if "tls" in service.spec["gateway"]:
                message = f"LLMService {made[0].name} makes Gateway {name} without TLS; set spec.gateway.tls there"
                yield service.fault("spec.gateway.tls", message, service.spec["gateway"]["tls"])
        yield from _certificates(with_tls, name)


def _disagreements(made: list[LLMService], other: LLMService, name: str) -> Iterator[Result]:
    for field in _SHARED:
        theirs = _at(other, field)
        one = next((service for service in made if _at(service, field) is not None), other)
        mine = _at(one, field)
        if theirs is not None and mine != theirs:
            message = (
                f"LLMService {one.name} and LLMService {other.name} share Gateway {name}, but one says {mine} and the "
                f"other {theirs}"
            )
            yield other.fault(f"spec.gateway.{field}", message, theirs)


def _certificates(services: list[LLMService], name: str) -> Iterator[Result]:
    refs = {
        (ref["name"], ref.get("namespace", "")) for one in services for ref in one.spec["gateway"]["tls"]["secrets"]
    }
    if len(refs) > _MOST_CERTIFICATES:
        message = f"{len(refs)} certificates for Gateway {name}, but a listener takes {_MOST_CERTIFICATES}"
        yield services[-1].fault("spec.gateway.tls.secrets", message, None)


def _at(service: LLMService, field: str) -> Any:
    value: Any = service.spec["gateway"]
    for step in field.split("."):
        value = value.get(step) if value is not None else None
    return value


class _Claim(Record):
    gateway: tuple[str, str]
    listener: str
    host: str
    match: Any


def _conflicts(services: list[LLMService]) -> Iterator[Result]:
    """Yield requests that two rules take, of one service or of two on one Gateway."""
    owners: dict[_Claim, tuple[LLMService, str]] = {}
    reported = set()
    on_gateway: dict[tuple[str, str], list[LLMService]] = {}
    for service in services:
        on_gateway.setdefault(service.gateway, []).append(service)
    for service in services:
        for claim, field, match in _claims(service, on_gateway[service.gateway]):
            other, their_field = owners.setdefault(claim, (service, field))
            if other is service and their_field == field:
                continue
            pair = (id(other), their_field, id(service), field) if other is service else (id(other), id(service))
            if pair not in reported:
                reported.add(pair)
                yield _conflict(other, service, their_field, field, claim, match)


def _claims(service: LLMService, services: list[LLMService]) -> Iterator[tuple[_Claim, str, Match]]:
    redirected = service.redirect
    found = [(gateways.listener(service, services) or routes.HTTP, route) for route in service.routes]
    if redirected:
        found.append((routes.HTTP, redirected))
    for listener, route in found:
        for rule in route.rules:
            for match in rule.matches:
                for host in route.hostnames or ("*",):
                    yield _Claim(service.gateway, listener, host, match.key), rule.field, match


def _conflict(
    other: LLMService, service: LLMService, their_field: str, field: str, claim: _Claim, match: Match
) -> Result:
    host = claim.host if claim.host != "*" else "every host name"
    kind = "path prefix" if match.path_type == "PathPrefix" else "path"
    headers = "".join(f" and {name}: {value}" for name, value in match.headers)
    what = f"{host} with {kind} {match.path}{headers} on Gateway {service.gateway[1]}"
    if other is service:
        message = f"{their_field} already takes {what}; the first of two such rules would get all requests"
        return service.fault(field, message, service.resource.get(field))
    message = (
        f"LLMService {other.name} and LLMService {service.name} both serve {what}; "
        "give them different hostnames, paths or headers"
    )
    return service.fault("spec.route", message, service.spec["route"])
