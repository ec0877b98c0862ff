"""Routes, redirects, grants, rewrites, and pools that share something: each fault beside what is right."""

from __future__ import annotations

from typing import Any

from cases import NOTHING, Case, Change, Fields

PARENT = "spec.parentRefs[0].name"
REDIRECT = "spec.rules[0].filters[0].requestRedirect."
CERTIFICATE = "spec.listeners[name=https].tls.certificateRefs[0]."
MODEL = "mistralai/Mistral-7B-Instruct-v0.3"
GATEWAY_API = "gateway.networking.k8s.io"


def item(api_version: str, kind: str, name: str, spec: dict[str, Any], namespace: str = "llm") -> dict[str, Any]:
    return {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace},
        "spec": spec,
    }


def listeners(allowed: Fields = NOTHING, certificate: Fields = NOTHING) -> dict[str, Any]:
    """Return a Gateway's listeners for HTTP and for HTTPS, both with the same allowed namespaces."""
    routes = {"allowedRoutes": {"namespaces": dict(allowed)}} if allowed else {}
    tls = {"certificateRefs": [{"name": "models-tls", **certificate}]}
    return {
        "listeners": [
            {"name": "http", "port": 80, "protocol": "HTTP", **routes},
            {"name": "https", "port": 443, "protocol": "HTTPS", "tls": tls, **routes},
        ]
    }


def selected(*names: str, key: str = "kubernetes.io/metadata.name", operator: str = "In") -> dict[str, Any]:
    expression = {"key": key, "operator": operator, "values": list(names)}
    return listeners({"from": "Selector", "selector": {"matchExpressions": [expression]}})


def redirecting(section: str = "http", **redirect: Any) -> dict[str, Any]:
    """Return a route that redirects what comes by one listener."""
    filters = [{"type": "RequestRedirect", "requestRedirect": redirect}]
    parents = [{"name": "inference-gateway", "sectionName": section}]
    rules = [{"matches": [{"path": {"value": "/old"}}], "filters": filters}]
    return item(f"{GATEWAY_API}/v1", "HTTPRoute", "redirect", {"parentRefs": parents, "rules": rules})


def from_web(kind: str = "InferencePool") -> dict[str, Any]:
    """Return a route of another namespace, which attaches to the Gateway and leads to the pool."""
    backend = {"group": "inference.networking.k8s.io", "kind": kind, "name": "mistral", "namespace": "llm"}
    parents = [{"name": "inference-gateway", "namespace": "llm"}]
    rules = [{"matches": [{"path": {"value": "/web"}}], "backendRefs": [backend]}]
    return item(f"{GATEWAY_API}/v1", "HTTPRoute", "web", {"parentRefs": parents, "rules": rules}, "web")


def grant(kind: str, to: str, group: str = "", namespace: str = "llm", of: str = "web") -> dict[str, Any]:
    spec = {"from": [{"group": GATEWAY_API, "kind": kind, "namespace": of}], "to": [{"group": group, "kind": to}]}
    return item(f"{GATEWAY_API}/v1beta1", "ReferenceGrant", f"{kind.lower()}s", spec, namespace)


def sets(objective: str) -> dict[str, Any]:
    header = {"name": "x-gateway-inference-objective", "value": objective}
    return {"filters": [{"type": "RequestHeaderModifier", "requestHeaderModifier": {"set": [header]}}]}


def rewrite(target: str) -> dict[str, Any]:
    spec = {
        "poolRef": {"name": "mistral"},
        "rules": [{"matches": [{"model": {"value": "chat"}}], "targets": [{"modelRewrite": target}]}],
    }
    return item("inference.networking.x-k8s.io/v1alpha2", "InferenceModelRewrite", "chat", spec)


def pool(name: str, app: str, picker: str = "elsewhere") -> dict[str, Any]:
    spec = {
        "targetPorts": [{"number": 8000}],
        "selector": {"matchLabels": {"app": app}},
        "endpointPickerRef": {"name": picker, "port": {"number": 9002}},
    }
    return item("inference.networking.k8s.io/v1", "InferencePool", name, spec)


WEB_GRANT = grant("HTTPRoute", "InferencePool", "inference.networking.k8s.io")
NAMESPACE = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "web", "labels": {"team": "shop"}}}
NO_NAMESPACE = {"from": "Selector", "selector": {"matchLabels": {"kubernetes.io/metadata.name": ""}}}
CASES = {
    "a Gateway for its own namespace": Case(
        "route-namespace",
        Change(objects=(from_web(), WEB_GRANT)),
        PARENT,
        "allows no routes from namespace web; allowedRoutes.namespaces.from: Same",
        Change(objects=(from_web(), WEB_GRANT), gateway=listeners({"from": "All"})),
    ),
    "a Gateway for other namespaces": Case(
        "route-namespace",
        Change(gateway=selected("web")),
        PARENT,
        "allows no routes from namespace llm; allowedRoutes.namespaces.from: Selector",
        Change(gateway=selected("web", "llm")),
    ),
    "an operator that there is not": Case(
        "route-namespace",
        Change(gateway=selected("llm", operator="in")),
        PARENT,
        "Selector",
        Change(gateway=selected("web", operator="NotIn")),
    ),
    "labels of a Namespace that is here": Case(
        "route-namespace",
        Change(objects=(from_web(), WEB_GRANT, NAMESPACE), gateway=selected("bank", key="team")),
        PARENT,
        "namespace web",
        Change(objects=(from_web(), WEB_GRANT), gateway=selected("bank", key="team")),  # its labels are not here
    ),
    "only the other listener is open": Case(
        "route-namespace",
        Change(
            gateway={
                "listeners": [
                    {"name": "shut", "port": 80, "protocol": "HTTP", "allowedRoutes": {"namespaces": NO_NAMESPACE}},
                    {"name": "open", "port": 81, "protocol": "HTTP"},
                ]
            },
            parent={"sectionName": "shut"},
        ),
        PARENT,
        "Selector",
        Change(gateway=listeners({"from": "Same"}), parent={"sectionName": "http"}),
    ),
    "the listener of the route takes no HTTP": Case(
        "gateway-protocol",
        Change(
            gateway={
                "listeners": [
                    {"name": "tcp", "port": 80, "protocol": "TCP"},
                    {"name": "http", "port": 81, "protocol": "HTTP"},
                ]
            },
            parent={"sectionName": "tcp"},
        ),
        "spec.listeners[name=tcp].protocol",
        "found TCP",
        Change(
            gateway={
                "listeners": [
                    {"name": "tcp", "port": 80, "protocol": "TCP"},
                    {"name": "http", "port": 81, "protocol": "HTTP"},
                ]
            }
        ),
    ),
    "a redirect to itself": Case(
        "route-redirect",
        Change(gateway=listeners(), objects=(redirecting(statusCode=301),)),
        f"{REDIRECT}scheme",
        "from http on port 80 to the same listener",
        Change(gateway=listeners(), objects=(redirecting(scheme="https"),)),
    ),
    "a redirect from HTTPS to HTTPS": Case(
        "route-redirect",
        Change(gateway=listeners(), objects=(redirecting("https", scheme="https"),)),
        f"{REDIRECT}scheme",
        "to the same listener",
        Change(gateway=listeners(), objects=(redirecting("https", scheme="https", hostname="other.example.com"),)),
    ),
    "a redirect to a port without a listener": Case(
        "route-redirect",
        Change(gateway=listeners(), objects=(redirecting(scheme="https", port=8443),)),
        f"{REDIRECT}port",
        "https on port 8443",
        Change(
            gateway=listeners(),
            objects=(redirecting(path={"type": "ReplaceFullPath", "replaceFullPath": "/v1"}),),
        ),
    ),
    "a certificate that no grant admits": Case(
        "route-grant",
        Change(
            gateway=listeners(certificate={"namespace": "certs"}),
            objects=(grant("Gateway", "Secret", namespace="certs", of="other"),),
        ),
        f"{CERTIFICATE}namespace",
        "allows Gateways from llm to use Secret models-tls",
        Change(
            gateway=listeners(certificate={"namespace": "certs"}),
            objects=(grant("Gateway", "Secret", namespace="certs", of="llm"),),
        ),
    ),
    "a certificate that is no Secret": Case(
        "reference-kind",
        Change(gateway=listeners(certificate={"kind": "secret"})),
        f"{CERTIFICATE}kind",
        'group "" has no kind secret',
        Change(gateway=listeners(certificate={"group": "networking.gke.io", "kind": "ManagedCertificate"})),
    ),
    "an objective that there is not": Case(
        "objective-name",
        Change(route=sets("batches")),
        "spec.rules[0].filters[0].requestHeaderModifier.set[0].value",
        "no InferenceObjective batches of this pool; there is: batch",
        Change(route=sets("batch")),
    ),
    "objectives that are elsewhere": Case(
        "objective-name",
        Change(route=sets("other")),
        "spec.rules[0].filters[0].requestHeaderModifier.set[0].value",
        "no InferenceObjective other of this pool",
        Change(route=sets("other"), without=("InferenceObjective",)),
    ),
    "a model that is not served": Case(
        "rewrite-target",
        Change(objects=(rewrite("mistral"),)),
        "spec.rules[0].targets[0].modelRewrite",
        "serves no mistral; it serves: mistralai/Mistral-7B-Instruct-v0.3",
        Change(objects=(rewrite(MODEL),)),
    ),
    "a model under the name that it is served by": Case(
        "rewrite-target",
        Change(objects=(rewrite(MODEL),), args=("--served-model-name=mistral",)),
        "spec.rules[0].targets[0].modelRewrite",
        "it serves: mistral",
        Change(objects=(rewrite("mistral"),), args=("--served-model-name=mistral",)),
    ),
    "an adapter that is not loaded": Case(
        "rewrite-target",
        Change(objects=(rewrite("games"),), args=("--enable-lora", "--lora-modules=sums=acme/sums")),
        "spec.rules[0].targets[0].modelRewrite",
        "sums",
        Change(objects=(rewrite("games"),), args=("--enable-lora",)),  # which are loaded later, nothing says
    ),
    "two pools of the same servers": Case(
        "pool-overlap",
        Change(objects=(pool("second", "mistral"),)),
        "spec.selector.matchLabels",
        "also selects the Pods of Deployment llm/mistral",
        Change(objects=(pool("second", "another"),)),
    ),
    "two pools of one picker": Case(
        "picker-pool",
        Change(objects=(pool("second", "another", "mistral-epp"),)),
        "spec.endpointPickerRef.name",
        "watches InferencePool mistral only",
        Change(objects=(pool("second", "another", "second-epp"),)),
    ),
}
