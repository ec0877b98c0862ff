"""What the fields of a PodMonitoring demand of each other."""

from __future__ import annotations

from collections.abc import Iterator

from krm_functions_sdk.document.pattern import pattern

from krm_inference.manifests.durations import milliseconds
from krm_inference.manifests.objects import Field
from krm_inference.validate_inference.findings import Finding

_URL = pattern(r"(/|[a-zA-Z][-+.a-zA-Z0-9]*:)[^\x00-\x20\x7f]*")
_SECRETS = ("authorization.credentials", "basicAuth.password", "tls.ca", "tls.cert", "tls.key", "oauth2.clientSecret")
# Labels that the collector sets.
_PROTECTED = frozenset(
    (
        *("project_id", "location", "cluster", "namespace", "job", "instance"),
        *("top_level_controller", "top_level_controller_type", "__address__"),
    )
)


def secrets(endpoint: Field) -> Iterator[Finding]:
    """Yield Secrets of a PodMonitoring that name a namespace."""
    for place in _SECRETS:
        namespace = endpoint.at(f"{place}.secret.namespace")
        if namespace.exists:
            yield Finding(
                namespace, "a PodMonitoring reads Secrets of its own namespace, so this field must not be set"
            )


def scrape(endpoint: Field) -> Iterator[Finding]:
    """Yield what an endpoint says of port, time and authentication that contradicts itself."""
    kind, port = endpoint.at("authorization.type"), endpoint["port"]
    if kind.text == "Basic":
        yield Finding(kind, "found Basic, which authorization does not allow; use basicAuth")
    if port.number == 0:
        yield Finding(port, "found 0, expected the name of a port or a number from 1")
    interval, timeout = endpoint["interval"], endpoint["timeout"]
    if 0 < milliseconds(interval.text) < milliseconds(timeout.text):
        yield Finding(timeout, f"found {timeout.text}, longer than the interval of {interval.text}", interval.text)
    ways = [name for name in ("authorization", "basicAuth", "oauth2") if endpoint[name].exists]
    if len(ways) > 1:
        yield Finding(endpoint[ways[-1]], f"an endpoint can have only one of: {', '.join(ways)}")


def connection(endpoint: Field) -> Iterator[Finding]:
    """Yield proxies that are no URL, and halves of a client certificate."""
    for proxy in (endpoint["proxyUrl"], endpoint.at("oauth2.proxyUrl")):
        if isinstance(proxy.value, str) and (not _URL.fullmatch(proxy.text) or "@" in proxy.text):
            yield Finding(proxy, "expected a URL without user and password")
    for tls in (endpoint["tls"], endpoint.at("oauth2.tlsConfig")):
        if tls["cert"].exists != tls["key"].exists:
            yield Finding(tls["key" if tls["cert"].exists else "cert"], "a client certificate needs both cert and key")


def relabeling(step: Field) -> Iterator[Finding]:
    """Yield steps of a relabeling that lack a regex, or write a label of the collector."""
    if step["action"].text == "labeldrop" and not step["regex"].exists:
        yield Finding(step["regex"], "action labeldrop needs a regex")
    yield from _label(step["targetLabel"])


def from_pod(mapping: Field) -> Iterator[Finding]:
    """Yield labels of Pods that would overwrite a label of the collector."""
    yield from _label(mapping["to"])


def _label(field: Field) -> Iterator[Finding]:
    if field.text in _PROTECTED:
        yield Finding(field, f"{field.text} is set by the collector, and nothing else may set it")
