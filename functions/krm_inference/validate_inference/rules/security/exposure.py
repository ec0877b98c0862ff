"""What anyone can reach: listeners without TLS, and servers that ask for no key."""

from __future__ import annotations

from collections.abc import Iterator

from krm_inference.manifests.index import Index
from krm_inference.manifests.objects import Object
from krm_inference.manifests.routing import listeners, pool_parents
from krm_inference.manifests.servers import servers
from krm_inference.validate_inference.findings import Finding

# By what the classes of Gateways ask for tokens, and the field of the spec that does.
_TOKENS = {
    ("security.istio.io", "RequestAuthentication"): "spec.jwtRules",
    ("gateway.envoyproxy.io", "SecurityPolicy"): "spec.jwt",
    ("agentgateway.dev", "AgentgatewayPolicy"): "spec.traffic.jwtAuthentication",
}


def clear_listeners(index: Index) -> Iterator[Finding]:
    """Yield listeners by which requests to a pool come in without TLS; one that only redirects is none of them."""
    seen: set[tuple[Object, str]] = set()
    for parent, gateway in pool_parents(index):
        for listener in listeners(parent, gateway):
            key = (gateway, listener["name"].text)
            if listener["protocol"].text == "HTTP" and key not in seen:
                seen.add(key)
                yield Finding(listener["protocol"], "prompts, answers and keys cross the network in plain text")


def open_servers(index: Index) -> Iterator[Finding]:
    """Yield servers that answer anyone who reaches them; a Gateway that asks for tokens keeps others out."""
    gateways = {gateway.name for _, gateway in pool_parents(index)}
    if gateways and gateways <= set(_asking_for_tokens(index)):
        return
    for server in servers(index):
        names = {variable["name"].text for variable in server.container.field["env"]}
        if server.has_all_flags and server.flag("--api-key") is None and "VLLM_API_KEY" not in names:
            yield Finding(
                server.missing("--api-key"), "no API key, so anyone who reaches the server or its Gateway can use it"
            )


def _asking_for_tokens(index: Index) -> Iterator[str]:
    """Yield the name of each Gateway that a policy of tokens is for."""
    for kind, path in _TOKENS.items():
        for policy in index.of(kind):
            if policy.at(path).exists:
                yield from (reference["name"].text for reference in policy.at("spec.targetRefs"))
