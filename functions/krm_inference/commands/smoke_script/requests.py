"""The requests that show whether a service serves, with what each has to be answered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

from krm_inference.domain.routes import Match
from krm_inference.domain.service import LLMService

MODELS, COMPLETIONS, CHAT = "/v1/models", "/v1/completions", "/v1/chat/completions"
UNKNOWN = "no-such-model"
Headers = tuple[tuple[str, str], ...]
# By path of the API: the path and the headers by which the route takes it.
Ways = dict[str, tuple[str, Headers]]
_PROMPT, _TOKENS = "Say hello.", 8

# A prompt for a prefill server is written out up to so many tokens; the picker counts four bytes for each (llm-d-router
# v0.10.0, token-producer, estimate), so words of five are more than one by any count.
_LONGEST, _WORD = 2048, "word "


class Request(NamedTuple):
    """One request: what it asks for, the statuses that it may get, and texts that the answer has to hold."""

    what: str
    path: str
    headers: Headers
    body: str
    statuses: tuple[int, ...]
    holds: tuple[str, ...] = ()


def of(service: LLMService) -> Iterator[Request]:
    """Yield the requests to a service, those first from which the others follow."""
    names = service.served_models
    ways = {path: way for path in (MODELS, COMPLETIONS, CHAT) if (way := _way(service, path)) is not None}
    if MODELS in ways:
        path, headers = ways[MODELS]
        # A resolver lists an adapter only once somebody has asked for it.
        listed = names[:1] if service.spec["lora"]["loader"] == "resolver" else names
        yield Request("list of models", path, headers, "", (200,), tuple(f'"{name}"' for name in listed))
    first = next((path for path in (CHAT, COMPLETIONS) if path in ways), "")
    for name in names:
        for path in (path for path in (COMPLETIONS, CHAT) if path in ways):
            yield _ask(ways, path, name, f"{_called(path)} of {name}", _objective(service, name))
    for name, _ in service.objectives if first else ():
        if name not in names:
            yield _ask(ways, first, names[0], f"{_called(first)} with objective {name}", _header(service, name))
    for rewrite in service.spec["rewrites"] if first else ():
        yield _ask(ways, first, rewrite["model"], f"{_called(first)} of {rewrite['model']}, which is rewritten", ())
    if first and service.spec.get("prefill", {}).get("nonCachedTokens", _LONGEST + 1) <= _LONGEST:
        yield _long(_ask(ways, first, names[0], f"{_called(first)} with a prompt for a prefill server", ()), service)
    if first:
        yield _ask(ways, first, names[0], f"{_called(first)} without an objective", ())
        yield _ask(ways, first, UNKNOWN, "unknown model is refused", (), (404, 400))
        yield from _unrouted(service, ways, first)


def _ask(
    ways: Ways,
    path: str,
    model: str,
    what: str,
    headers: Headers,
    statuses: tuple[int, ...] = (200,),
) -> Request:
    full, needed = ways[path]
    asked = {"prompt": _PROMPT} if path == COMPLETIONS else {"messages": [{"role": "user", "content": _PROMPT}]}
    body = json.dumps({"model": model, **asked, "max_tokens": _TOKENS})
    return Request(what, full, (*needed, *headers), body, statuses, ('"choices"',) if statuses == (200,) else ())


def _long(request: Request, service: LLMService) -> Request:
    """Return the request with a prompt of so many tokens that a prefill server has to read it."""
    words = (_WORD * (service.spec["prefill"]["nonCachedTokens"] + 16)).strip()
    return request._replace(body=request.body.replace(_PROMPT, f"{words}. {_PROMPT}"))


def _unrouted(service: LLMService, ways: Ways, path: str) -> Iterator[Request]:
    """Yield a request without the headers by which the route takes requests: no other route may take it either."""
    if service.spec["route"]["headers"]:
        full, headers = ways[path]
        kept = tuple(header for header in headers if header[0] == "Host")
        bare = _ask({path: (full, kept)}, path, service.served_models[0], "", (), (404,))
        yield bare._replace(what="request without the route's headers is refused")


def _way(service: LLMService, path: str) -> tuple[str, Headers] | None:
    """Return path and headers by which the service's own route takes a path of the API, None where it does not.

    One that shares the route of another is asked by that one's, and by no request of its own.
    """
    if not service.routes:
        return None
    route = service.routes[0]
    host = (("Host", route.hostnames[0].replace("*.", "smoke-test.")),) if route.hostnames else ()
    for match in route.rules[-1].matches if not service.spec["route"]["stripPrefix"] else _all(service):
        full = _full(service, match, path)
        if full:
            return full, (*host, *match.headers)
    return None


def _all(service: LLMService) -> Iterator[Match]:
    """Yield the matches of the service's own rules: with a prefix to strip, each match is a rule of its own."""
    yield from (match for rule in service.routes[0].rules if rule.field == "spec.route" for match in rule.matches)


def _full(service: LLMService, match: Match, path: str) -> str:
    if match.path_type == "Exact":
        return path if match.path == path else ""
    if service.spec["route"]["stripPrefix"]:
        return match.path.rstrip("/") + path
    return path if f"{path}/".startswith(f"{match.path.rstrip('/')}/") else ""


def _objective(service: LLMService, name: str) -> Headers:
    return _header(service, name) if name in dict(service.objectives) else ()


def _header(service: LLMService, objective: str) -> Headers:
    return ((service.release.read_headers[0], objective),)


def _called(path: str) -> str:
    return "completion" if path == COMPLETIONS else "chat"
