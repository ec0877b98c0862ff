"""Rules about routes to pools and the load balancer's policies."""

from __future__ import annotations

from krm_functions_sdk import ERROR, WARNING

from krm_inference.validate_inference import attachments, gateways, policies, references, routes
from krm_inference.validate_inference.findings import Rule, Topic

# fmt: off
TOPIC = Topic("Routing", "How requests come from a Gateway to a pool, and which policies the load balancer applies.", (
    Rule("route-parent", ERROR, references.missing("route-parent"),
         "parentRefs of an HTTPRoute to a pool name a Gateway",
         "The route is attached to nothing and the gateway answers 404",
         "Gateway API v1.6.1",
         "Name a Gateway that is there"),
    Rule("route-section", ERROR, attachments.sections,
         "sectionName and port of a parentRef are those of a listener, where the Gateway is here",
         "The route is attached to nothing and the gateway answers 404",
         "Gateway API v1.6.1, NoMatchingParent",
         "Name a listener of the Gateway, or none"),
    Rule("gateway-protocol", ERROR, gateways.protocols,
         "A Gateway of a route to a pool listens for HTTP or HTTPS",
         "The route is attached to nothing and the gateway answers nobody",
         "Gateway API v1.6.1, NoMatchingParent",
         "Write HTTP or HTTPS"),
    Rule("route-grant", WARNING, attachments.grants,
         "A backend in another namespace is admitted by a ReferenceGrant there, where the backend is here",
         "The gateway answers 500 for the route",
         "Gateway API v1.6.1, RefNotPermitted",
         "Add a ReferenceGrant to the namespace of the backend"),
    Rule("route-backend", ERROR, references.missing("route-backend"),
         "backendRefs of an HTTPRoute name an InferencePool that is there",
         "The gateway answers 500 for the route",
         "Gateway API v1.6.1, ResolvedRefs",
         "Name a pool that is there"),
    Rule("route-conflict", ERROR, routes.conflicts,
         "No two routes to pools take the same host and path of one Gateway",
         "The older route gets all requests",
         "Gateway API v1.6.1, precedence of matches",
         "Give them different hostnames or path prefixes"),
    Rule("gateway-class", WARNING, gateways.classes,
         "A Gateway with routes to pools is of a class that is known to carry them",
         "The load balancer may have no way to ask an endpoint picker, and refuse the route",
         "GKE: Inference Gateway, setup of a multi-cluster one",
         "Take another class, or set this rule to off where it works"),
    Rule("objective-header", WARNING, gateways.objective_headers,
         "A route sets the header of an objective before the endpoint picker is asked",
         "The requests have priority 0, or what the client asks for",
         "istio/istio#60256",
         "Let clients or a proxy in front of the Gateway send the header"),
    Rule("policy-target", ERROR, references.missing("policy-target"),
         "targetRef of a policy names an InferencePool that is there",
         "The policy has no effect: health is asked at / and timeouts are the load balancer's",
         "gke-gateway-api fc40d60",
         "Name the pool to which the policy applies"),
    Rule("policy-duplicate", ERROR, policies.one_of_a_kind,
         "A target has at most one policy of a kind",
         "One of them has no effect",
         "gke-gateway-api fc40d60",
         "Remove one of them"),
))
# fmt: on
