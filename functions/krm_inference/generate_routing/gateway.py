"""The Gateway that services share, its HTTPS listener, and the leave to read certificates elsewhere."""

from __future__ import annotations

from krm_functions_sdk import Resource

from krm_inference.domain import gateways
from krm_inference.domain.generation import FROM_INTENT, Generation, Table
from krm_inference.domain.routes import HTTP, HTTPS
from krm_inference.domain.service import LLMService

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FILE = "gateway.yaml"
GROUP = "gateway.networking.k8s.io"
API = f"{GROUP}/v1"
# GKE and the CRDs before v1.6 serve grants in v1beta1 only.
GRANT_API = f"{GROUP}/v1beta1"
_TLS = f"spec.listeners[name={HTTPS}]"
_OPTIONS = {
    "preSharedCerts": "networking.gke.io/pre-shared-certs",
    "certManagerCerts": "networking.gke.io/cert-manager-certs",
}

OWNS: Table = {
    "Gateway": ("spec.gatewayClassName", f"spec.listeners[name={HTTP}]"),
    # Only where the intent wants the listener or wanted it before: one that a user wrote stays.
    "Gateway with TLS": (
        f"metadata.annotations[{FROM_INTENT}]",
        f"{_TLS}.port",
        f"{_TLS}.protocol",
        f"{_TLS}.tls.mode",
        f"{_TLS}.tls.certificateRefs",
        *(f"{_TLS}.tls.options[{option}]" for option in _OPTIONS.values()),
        f"{_TLS}.allowedRoutes.namespaces",
    ),
    "ReferenceGrant": ("spec.from", "spec.to"),
}


def apply(generation: Generation, users: list[LLMService]) -> None:
    """Make the Gateway of `users`, who all name it, as those of them want it who make it."""
    made = [service for service in users if service.spec["gateway"]["create"]]
    if not made:
        return
    namespaces = _namespaces(made, users)
    secure = [service for service in made if "tls" in service.spec["gateway"]]
    # HTTPS first: HTTP tells its place, the listener that users may have parts of does not.
    listeners = [_secure(secure, namespaces)] if secure else []
    if _has_http(users):
        listeners.append(_listener(HTTP, made[0].spec["gateway"]["port"], "HTTP", namespaces))
    wanted = _gateway(made[0], listeners)
    if secure:
        wanted["metadata"]["annotations"] = {FROM_INTENT: f"listener/{HTTPS}"}
        generation.apply(made[0], "Gateway", wanted, FILE, further_role="Gateway with TLS")
    elif _had_tls(generation.find(made[0], wanted)):
        generation.apply(made[0], "Gateway", wanted, FILE, (_TLS,), "Gateway with TLS")
    else:
        generation.apply(made[0], "Gateway", wanted, FILE)
    for namespace, names in _elsewhere(secure).items():
        generation.apply(made[0], "ReferenceGrant", _grant(made[0], namespace, names), FILE)


def _gateway(service: LLMService, listeners: list[dict[str, Any]]) -> dict[str, Any]:
    namespace, name = service.gateway
    spec: dict[str, Any] = {"gatewayClassName": service.spec["gateway"]["className"]}
    if listeners:
        spec["listeners"] = listeners
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": API, "kind": "Gateway", "metadata": metadata, "spec": spec}


def _listener(name: str, port: int, protocol: str, namespaces: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": name, "port": port, "protocol": protocol, "allowedRoutes": {"namespaces": namespaces}, **more}


def _secure(services: list[LLMService], namespaces: dict[str, Any]) -> dict[str, Any]:
    tls: dict[str, Any] = {"mode": "Terminate"}
    if refs := _secrets(services):
        tls["certificateRefs"] = refs
    for key, option in _OPTIONS.items():
        names = {name: None for service in services for name in service.spec["gateway"]["tls"][key]}
        if names:
            tls.setdefault("options", {})[option] = ",".join(names)
    return _listener(HTTPS, services[0].spec["gateway"]["tls"]["port"], "HTTPS", namespaces, tls=tls)


def _secrets(services: list[LLMService]) -> list[dict[str, Any]]:
    """Return the references to Secrets of all services, each once, with the API's defaults written out."""
    found: dict[tuple[str, str], None] = {}
    for service in services:
        for secret in service.spec["gateway"]["tls"]["secrets"]:
            found[secret["name"], secret.get("namespace", service.namespace)] = None
    return [
        {
            "group": "",
            "kind": "Secret",
            "name": name,
            **({"namespace": space} if space != services[0].namespace else {}),
        }
        for name, space in found
    ]


def _elsewhere(services: list[LLMService]) -> dict[str, list[str]]:
    """Return the names of the Secrets by the namespace that is not the Gateway's."""
    found: dict[str, list[str]] = {}
    for ref in _secrets(services) if services else ():
        if "namespace" in ref:
            found.setdefault(ref["namespace"], []).append(ref["name"])
    return found


def _grant(service: LLMService, namespace: str, secrets: list[str]) -> dict[str, Any]:
    own, gateway = service.gateway
    return {
        "apiVersion": GRANT_API,
        "kind": "ReferenceGrant",
        "metadata": {"name": f"{own}-{gateway}-certificates", "namespace": namespace},
        "spec": {
            "from": [{"group": GROUP, "kind": "Gateway", "namespace": own}],
            "to": [{"group": "", "kind": "Secret", "name": name} for name in secrets],
        },
    }


def _has_http(users: list[LLMService]) -> bool:
    """Say whether anything is answered by plain HTTP: a service without TLS, a redirect, or a route from elsewhere."""
    return any(
        gateways.listener(service, users) != HTTPS
        or service.spec["gateway"]["tls"]["redirect"]
        or service.spec["gateway"]["allowedNamespaces"]
        for service in users
        if "listener" not in service.spec["gateway"]
    )


def _namespaces(made: list[LLMService], users: list[LLMService]) -> dict[str, Any]:
    """Return from which namespaces routes may attach: those of the services, and those that the makers allow."""
    own = made[0].namespace
    allowed = {name for service in made for name in service.spec["gateway"]["allowedNamespaces"]}
    if "*" in allowed:
        return {"from": "All"}
    found = {name or "default" for name in allowed | {own} | {service.namespace for service in users}}
    if found == {own or "default"}:
        return {"from": "Same"}
    expression = {"key": "kubernetes.io/metadata.name", "operator": "In", "values": sorted(found)}
    return {"from": "Selector", "selector": {"matchExpressions": [expression]}}


def _had_tls(resource: Resource | None) -> bool:
    had = resource.get(f"metadata.annotations[{FROM_INTENT}]", "") if resource else ""
    return f"listener/{HTTPS}" in str(had).split()
