"""Which requests reach a service: its routes as the rules of HTTPRoutes, before anything is written."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from krm_inference.domain.facts.body_router import MODEL_HEADER
from krm_inference.domain.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Limits of the HTTPRoute CRD.
MOST_RULES = 16
MOST_MATCHES = 64
MOST_MATCHES_OF_A_ROUTE = 128
MOST_HOSTNAMES = 16
HTTP, HTTPS = "http", "https"


class Match(Record):
    """What a request has to have: a path, and headers with their exact values."""

    path_type: str
    path: str
    headers: tuple[tuple[str, str], ...]

    @property
    def key(self) -> tuple[str, str, frozenset[tuple[str, str]]]:
        """What says whether two matches take the same requests."""
        path = self.path.rstrip("/") or "/" if self.path_type == "PathPrefix" else self.path
        return self.path_type, path, frozenset((name.lower(), value) for name, value in self.headers)


class Rule(Record):
    """Matches, of which one has to hold, and the objective that such requests get, "" for the client's own.

    `field` is the field of the intent that the rule comes from.
    """

    matches: tuple[Match, ...]
    objective: str
    field: str


class Route(Record):
    """One HTTPRoute that leads to the pool of a service."""

    name: str
    hostnames: tuple[str, ...]
    rules: tuple[Rule, ...]


def routes(service: str, spec: dict[str, Any]) -> list[Route]:
    """Return the HTTPRoutes of a service of that name: its own, and one for each objective with host names.

    A service that shares the route of another has none.
    """
    if "of" in spec["route"]:
        return []
    own: list[Rule] = []
    apart: list[Route] = []
    for field, name, match in matched(spec):
        rules = _rules(spec, _matches(spec, match), name, field)
        if match["hostnames"]:
            apart.append(Route(f"{service}-{name}", tuple(match["hostnames"]), rules))
        else:
            own += rules
    route = spec["route"]
    own += _rules(spec, _base(spec), route.get("objective", ""), "spec.route")
    return [Route(service, tuple(route["hostnames"]), tuple(own)), *apart]


def matched(spec: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield field, objective and match of each adapter and objective that says which requests it is for."""
    for key in ("adapters", "objectives"):
        for index, item in enumerate(spec[key]):
            if "match" in item and item.get("ensure", "Present") == "Present":
                yield f"spec.{key}[{index}].match", item["name"], item["match"]


def redirect(service: str, spec: dict[str, Any], found: list[Route]) -> Route | None:
    """Return what of plain HTTP is redirected to HTTPS for the routes of a service, None where nothing is."""
    tls = spec["gateway"].get("tls")
    if tls is None or not tls["redirect"] or not found:
        return None
    hosts = {host: None for route in found for host in route.hostnames} if found[0].hostnames else {}
    paths = {match._replace(headers=()): None for route in found for rule in route.rules for match in rule.matches}
    rule = Rule(tuple(path for path in paths if not _is_covered(path, list(paths))), "", "spec.gateway.tls")
    return Route(f"{service}-redirect", tuple(hosts), (rule,))


def _rules(spec: dict[str, Any], matches: list[Match], objective: str, field: str) -> tuple[Rule, ...]:
    # The API takes a prefix off only in rules with a single match.
    if spec["route"]["stripPrefix"]:
        return tuple(Rule((match,), objective, field) for match in matches)
    return (Rule(tuple(matches), objective, field),)


def model_names(spec: dict[str, Any]) -> list[str]:
    """Return what a request may call the models of a service: by its own name, an adapter's or a rewrite's."""
    own = spec["model"].get("servedName") or spec["model"]["id"]
    adapters = [one["name"] for one in spec["adapters"] if one.get("ensure", "Present") == "Present"]
    return list(dict.fromkeys((own, *adapters, *(one["model"] for one in spec["rewrites"]))))


def _base(spec: dict[str, Any]) -> list[Match]:
    return _combined(_paths(spec), [*_models(spec), *spec["route"]["headers"]])


def _models(spec: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"name": MODEL_HEADER, "values": model_names(spec)}] if spec["route"]["byModel"] else []


def _matches(spec: dict[str, Any], match: dict[str, Any]) -> list[Match]:
    paths = [("PathPrefix", match["pathPrefix"])] if "pathPrefix" in match else _paths(spec)
    return _combined(paths, [*_models(spec), *spec["route"]["headers"], *match["headers"]])


def _paths(spec: dict[str, Any]) -> list[tuple[str, str]]:
    route = spec["route"]
    return [("Exact", path) for path in route["paths"]] or [("PathPrefix", route["pathPrefix"])]


def _combined(paths: list[tuple[str, str]], headers: list[dict[str, Any]]) -> list[Match]:
    choices = [[(header["name"], value) for value in header["values"]] for header in headers]
    return [Match(kind, path, chosen) for kind, path in paths for chosen in product(*choices)]


def _is_covered(path: Match, paths: list[Match]) -> bool:
    """Say whether another of the paths is a prefix of `path`."""
    return any(
        other is not path
        and other.path_type == "PathPrefix"
        and other.key != path.key
        and f"{path.path.rstrip('/')}/".startswith(f"{other.path.rstrip('/')}/")
        for other in paths
    )
