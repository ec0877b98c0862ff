"""What the GatewayClasses can do that carry inference pools, and what those cannot that do not.

A class is a name that whoever installs a gateway chose; the names here are those that its own charts and examples use.
"""

from __future__ import annotations

from krm_inference.domain.record import Record

_REGIONAL = "gke-l7-regional-external-managed and gke-l7-rilb"


class GatewayClass(Record):
    """What is known of a class.

    `source` is where it was read. `lacks` says why routes to an InferencePool may not work, "" where nothing speaks
    against it. `needs` is what has to be switched on before it knows pools. `is_gke` classes read GKE's own TLS options
    and policies. `has_timeouts` says that a route may carry `timeouts`. `late_headers` says why headers that a route
    sets do not reach the endpoint picker, "" where nothing is known. `grants` says whether a pool in another namespace
    needs a ReferenceGrant. `picker_rule` says that the connection to the picker needs a DestinationRule, since the
    picker shows a certificate that it signed itself. `body_reader` is the kind of the object that lets it read the
    model in a request's body before it chooses a route, "" where none is known. `pods` are the label of its Pods that
    holds the Gateway's name, and their namespace where that is not the Gateway's; nothing where it runs outside.
    `token_policy` is the kind by which it checks JSON Web Tokens, "" where none is known, and `no_tokens` says why.
    `one_pool` says why a rule of a route can lead to one pool only, and `one_picker` why of several pools the picker of
    one is asked for all, "" where nothing speaks against several.
    """

    source: str = ""
    lacks: str = ""
    needs: str = ""
    is_gke: bool = False
    has_timeouts: bool = True
    late_headers: str = ""
    grants: str = ""
    picker_rule: bool = False
    body_reader: str = ""
    pods: tuple[str, str] | None = None
    one_pool: str = ""
    one_picker: str = ""
    token_policy: str = ""
    no_tokens: str = ""

    @property
    def lost(self) -> tuple[str, ...]:
        """What GKE's policies say of a pool and this class has no field for that is known here."""
        if self.is_gke:
            return ()
        return (
            "no health check of the servers beside their readiness: HealthCheckPolicy is GKE's",
            "no draining of connections for as long as the Pods' grace period: GCPBackendPolicy is GKE's",
            *(() if self.has_timeouts else ("no timeout of a request: its routes take none",)),
        )


# Several pools in one rule: GKE's page of roll-out operations (gke-inference-gateway-rollout-operations) splits
# requests between two; GatewayWeightedAcrossTwoInferencePools of the conformance tests passes on agentgateway v1.0.0,
# Istio 1.30.1 and NGINX Gateway Fabric 2.6.0 (kubernetes-sigs/gateway-api-inference-extension 84436a96,
# conformance/reports).
#
# GKE refuses a whole route that carries timeouts (kserve/kserve#5311). Envoy adds a route's headers in its router,
# after the filters that ask external processors (istio/istio#60256).
_GKE = GatewayClass(
    source="GKE's documentation of Inference Gateway and of body-based routing; kserve/kserve 5311",
    is_gke=True,
    has_timeouts=False,
    body_reader="GCPRoutingExtension",
    # GoogleCloudPlatform/gke-gateway-api fc40d60: of its policies only GCPBackendPolicy asks who somebody is, by `iap`.
    no_tokens="GKE's load balancers check no tokens of others; Identity-Aware Proxy by a GCPBackendPolicy of your own",
)
# On the Pods of a Gateway that a controller makes (Gateway API, GEP-1762), in the Gateway's namespace.
_PODS = ("gateway.networking.k8s.io/gateway-name", "")
CLASSES = {
    "gke-l7-regional-external-managed": _GKE,
    "gke-l7-rilb": _GKE,
    "istio": GatewayClass(
        source="istio.io, Kubernetes Gateway API Inference Extension; istio/istio 60256; "
        "llm-d/llm-d-router v0.10.0 config/charts/llm-d-router-gateway/templates/istio.yaml; "
        "kubernetes-sigs/gateway-api-inference-extension v1.5.0 config/charts/body-based-routing/templates/istio.yaml",
        needs="ENABLE_GATEWAY_API_INFERENCE_EXTENSION=true of istiod",
        late_headers="Istio sets the headers of a route after it has asked the endpoint picker",
        picker_rule=True,
        body_reader="EnvoyFilter",
        token_policy="RequestAuthentication",
        pods=_PODS,
        # istio/istio 61594, mended by 61601, of September 2026.
        one_picker="before Istio's change 61601 the picker of one pool is asked for the whole rule: the weights hold, "
        "but in other pools no picker chooses, and while that one has no ready server all requests fail",
    ),
    "agentgateway": GatewayClass(
        source="agentgateway/agentgateway v1.4.1 controller/pkg/agentgateway, and controller/api/v1alpha1/agentgateway "
        "(traffic.phase PreRouting, transformation); agentgateway/website 588",
        needs="inferenceExtension.enabled=true of its chart",
        grants="needed (translator/conversion.go, BackendAllowed)",
        body_reader="AgentgatewayPolicy",
        token_policy="AgentgatewayPolicy",
        pods=_PODS,
    ),
    "kgateway": GatewayClass(
        source="kgateway-dev/kgateway 12689, 12619; llm-d/llm-d 399",
        lacks="kgateway routes to no InferencePool since v2.2, where that went to agentgateway; use agentgateway",
    ),
    "envoy-ai-gateway": GatewayClass(
        source="envoyproxy/ai-gateway v1.1.0 examples/inference-pool, internal/controller/ai_gateway_route.go",
        needs="InferencePool among the backend resources of Envoy Gateway's extension manager",
        one_pool="Envoy AI Gateway stops at a second one (internal/extensionserver/post_route_modify.go of v1.1.0)",
        grants="needed (validateInferencePoolReference, for an AIGatewayRoute)",
        token_policy="SecurityPolicy",
        # Envoy Gateway runs all proxies in its own namespace, and labels them (envoyproxy/ai-gateway v1.1.0,
        # egOwningGatewayNameLabel of internal/controller/ai_gateway_route.go; tests/e2e-inference-extension).
        pods=("gateway.envoyproxy.io/owning-gateway-name", "envoy-gateway-system"),
    ),
    "nginx": GatewayClass(
        source="nginx/nginx-gateway-fabric v2.6.7 internal/controller/state/graph/httproute.go and backend_refs.go",
        needs="nginxGateway.gwAPIInferenceExtension.enable=true of its chart",
        has_timeouts=False,
        # apis/v1alpha1/authenticationfilter_types.go.
        no_tokens="its AuthenticationFilter checks tokens with NGINX Plus only, which has no image for everybody",
        grants="needed (backend_refs.go)",
        pods=_PODS,
    ),
}
# Whence Google's load balancers ask whether a server is healthy (Cloud Load Balancing, "Firewall rules",
# load-balancing/docs/firewall-rules, 2026: "Health check ranges").
HEALTH_CHECKS = ("35.191.0.0/16", "130.211.0.0/22")


def of(name: str) -> GatewayClass:
    """Return what is known of the class `name`; of an unknown class nothing is claimed."""
    if name in CLASSES or not name.startswith("gke-l7-"):
        return CLASSES.get(name, GatewayClass())
    if name.endswith("-mc"):
        use = _REGIONAL.replace(" and ", " or ")
        return _GKE._replace(lacks=f"it routes to a GCPInferencePoolImport and not to an InferencePool; use {use}")
    return _GKE._replace(lacks=f"GKE documents InferencePools for {_REGIONAL} only")
