"""What lets a Gateway answer only who brings a JSON Web Token: the policy that its class has for it.

Istio: RequestAuthentication refuses wrong tokens only, so an AuthorizationPolicy refuses requests without one
(istio.io, "JWT token", 2026; istio.io/api v1.27.0). Envoy Gateway: SecurityPolicy (envoyproxy/gateway v1.9.1,
api/v1alpha1). agentgateway: AgentgatewayPolicy, which fetches keys from an AgentgatewayBackend
(agentgateway/agentgateway v1.4.1, controller/pkg/agentgateway/jwks_url).
"""

from __future__ import annotations

from krm_functions_sdk import because

from krm_inference.domain import gateways
from krm_inference.domain.facts import gateway_classes
from krm_inference.domain.generation import Generation, Table, metadata
from krm_inference.domain.names import dns_label
from krm_inference.domain.service import LLMService

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

FILE = "gateway-tokens.yaml"
_HTTPS = 443
_AGENTGATEWAY = "agentgateway.dev/v1alpha1"
_ISTIO = "security.istio.io/v1"
# Envoy Gateway's and agentgateway's default, written out.
_CACHED = {"SecurityPolicy": "300s", "AgentgatewayPolicy": "5m"}

OWNS: Table = {
    "RequestAuthentication": ("spec.targetRefs", "spec.jwtRules"),
    "AuthorizationPolicy": ("spec.targetRefs", "spec.action", "spec.rules"),
    "SecurityPolicy": ("spec.targetRefs", "spec.jwt.providers"),
    "token AgentgatewayPolicy": ("spec.targetRefs", "spec.traffic.jwtAuthentication"),
    "AgentgatewayBackend": ("spec.static", "spec.policies.tls"),
}


def apply(generation: Generation, users: list[LLMService]) -> None:
    """Let the Gateway of `users` ask for tokens, if one of them makes it and one of those says so."""
    made = [service for service in users if service.spec["gateway"]["create"]]
    service = next((one for one in made if "jwt" in one.spec["gateway"]), None)
    if service is None:
        return
    write = _WRITERS.get(gateway_classes.of(gateways.class_name(made[0], users)).token_policy)
    for role, api_version, spec in write(service) if write else ():
        kind = role.rpartition(" ")[2]
        meta = metadata(_name(service), service)
        wanted = {"apiVersion": api_version, "kind": kind, "metadata": meta, "spec": spec}
        generation.apply(service, role, wanted, FILE)


def _name(service: LLMService) -> str:
    return f"{dns_label(service.gateway[1])}-tokens"


def _gateway(service: LLMService) -> list[dict[str, Any]]:
    return [{"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": service.gateway[1]}]


def _claims(service: LLMService, keys: dict[str, Any]) -> dict[str, Any]:
    """Return the issuer, where its keys are, and the audiences, last since they may come later."""
    said = service.spec["gateway"]["jwt"]
    return {"issuer": said["issuer"], **keys, **({"audiences": said["audiences"]} if said["audiences"] else {})}


def _istio(service: LLMService) -> list[tuple[str, str, dict[str, Any]]]:
    rule = _claims(service, {"jwksUri": service.spec["gateway"]["jwt"]["jwksUri"]})
    nobody = [because("*", "a request without a token has no principal")]
    refused = [{"from": [{"source": {"notRequestPrincipals": nobody}}]}]
    return [
        ("RequestAuthentication", _ISTIO, {"targetRefs": _gateway(service), "jwtRules": [rule]}),
        ("AuthorizationPolicy", _ISTIO, {"targetRefs": _gateway(service), "action": "DENY", "rules": refused}),
    ]


def _envoy_gateway(service: LLMService) -> list[tuple[str, str, dict[str, Any]]]:
    keys = {"uri": service.spec["gateway"]["jwt"]["jwksUri"], "cacheDuration": _CACHED["SecurityPolicy"]}
    provider = {"name": _name(service), **_claims(service, {"remoteJWKS": keys})}
    spec = {"targetRefs": _gateway(service), "jwt": {"providers": [provider]}}
    return [("SecurityPolicy", "gateway.envoyproxy.io/v1alpha1", spec)]


def _agentgateway(service: LLMService) -> list[tuple[str, str, dict[str, Any]]]:
    address, _, path = service.spec["gateway"]["jwt"]["jwksUri"].removeprefix("https://").partition("/")
    host, _, port = address.partition(":")
    number = int(port or _HTTPS)
    reference = {"group": "agentgateway.dev", "kind": "AgentgatewayBackend", "name": _name(service), "port": number}
    keys = {"backendRef": reference, "jwksPath": path, "cacheDuration": _CACHED["AgentgatewayPolicy"]}
    asked = {"mode": "Strict", "providers": [_claims(service, {"jwks": {"remote": keys}})]}
    policy = {"targetRefs": _gateway(service), "traffic": {"jwtAuthentication": asked}}
    issuer = {
        "static": {"host": because(host, "whence the keys of tokens come"), "port": number},
        "policies": {"tls": {}},
    }
    return [
        ("token AgentgatewayPolicy", _AGENTGATEWAY, policy),
        ("AgentgatewayBackend", _AGENTGATEWAY, issuer),
    ]


_WRITERS: dict[str, Callable[[LLMService], list[tuple[str, str, dict[str, Any]]]]] = {
    "RequestAuthentication": _istio,
    "SecurityPolicy": _envoy_gateway,
    "AgentgatewayPolicy": _agentgateway,
}
