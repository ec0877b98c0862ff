# ruff: noqa: E501  # a field stands on one line
"""Fields of the custom kinds: their types, bounds and enums, one field a line.

`path type bounds format`: `!` after a path says that the field is required, `[]` is an item of a list, and `any` is not
looked into. Bounds are those of the number, of the text's length or of the count of items. Of several releases the
widest holds. Sources: the CRDs that `groups` names; a test compares each line with them.
"""

from __future__ import annotations

_GATEWAY = """
spec! object
spec.addresses any
spec.allowedListeners any
spec.gatewayClassName! text 1..253
spec.infrastructure any
spec.listeners! list 1..64
spec.listeners[] object
spec.listeners[].allowedRoutes object
spec.listeners[].allowedRoutes.kinds list ..8
spec.listeners[].allowedRoutes.kinds[] object
spec.listeners[].allowedRoutes.kinds[].group text ..253 group
spec.listeners[].allowedRoutes.kinds[].kind! text 1..63 kind
spec.listeners[].allowedRoutes.namespaces object
spec.listeners[].allowedRoutes.namespaces.from enum All|Selector|Same
spec.listeners[].allowedRoutes.namespaces.selector any
spec.listeners[].hostname text 1..253 hostname
spec.listeners[].name! text 1..253 subdomain
spec.listeners[].port! int 1..65535
spec.listeners[].protocol! text 1..255
spec.listeners[].tls object
spec.listeners[].tls.certificateRefs list ..64
spec.listeners[].tls.certificateRefs[] object
spec.listeners[].tls.certificateRefs[].group text ..253 group
spec.listeners[].tls.certificateRefs[].kind text 1..63 kind
spec.listeners[].tls.certificateRefs[].name! text 1..253
spec.listeners[].tls.certificateRefs[].namespace text 1..63 label
spec.listeners[].tls.mode enum Terminate|Passthrough
spec.listeners[].tls.options any
spec.tls any
"""
_ROUTE = """
spec! object
spec.hostnames list ..16
spec.hostnames[] text 1..253 hostname
spec.parentRefs list ..32
spec.parentRefs[] object
spec.parentRefs[].group text ..253 group
spec.parentRefs[].kind text 1..63 kind
spec.parentRefs[].name! text 1..253
spec.parentRefs[].namespace text 1..63 label
spec.parentRefs[].port int 1..65535
spec.parentRefs[].sectionName text 1..253 subdomain
spec.rules list 1..16
spec.rules[] object
spec.rules[].backendRefs list ..16
spec.rules[].backendRefs[] object
spec.rules[].backendRefs[].filters any
spec.rules[].backendRefs[].group text ..253 group
spec.rules[].backendRefs[].kind text 1..63 kind
spec.rules[].backendRefs[].name! text 1..253
spec.rules[].backendRefs[].namespace text 1..63 label
spec.rules[].backendRefs[].port int 1..65535
spec.rules[].backendRefs[].weight int 0..1000000
spec.rules[].filters list ..16
spec.rules[].filters[] object
spec.rules[].filters[].cors any
spec.rules[].filters[].extensionRef any
spec.rules[].filters[].requestHeaderModifier object
spec.rules[].filters[].requestHeaderModifier.add list ..16
spec.rules[].filters[].requestHeaderModifier.add[] object
spec.rules[].filters[].requestHeaderModifier.add[].name! text 1..256
spec.rules[].filters[].requestHeaderModifier.add[].value! text 1..4096
spec.rules[].filters[].requestHeaderModifier.remove list ..16
spec.rules[].filters[].requestHeaderModifier.remove[] text
spec.rules[].filters[].requestHeaderModifier.set list ..16
spec.rules[].filters[].requestHeaderModifier.set[] object
spec.rules[].filters[].requestHeaderModifier.set[].name! text 1..256
spec.rules[].filters[].requestHeaderModifier.set[].value! text 1..4096
spec.rules[].filters[].requestMirror any
spec.rules[].filters[].requestRedirect any
spec.rules[].filters[].responseHeaderModifier object
spec.rules[].filters[].responseHeaderModifier.add list ..16
spec.rules[].filters[].responseHeaderModifier.add[] object
spec.rules[].filters[].responseHeaderModifier.add[].name! text 1..256
spec.rules[].filters[].responseHeaderModifier.add[].value! text 1..4096
spec.rules[].filters[].responseHeaderModifier.remove list ..16
spec.rules[].filters[].responseHeaderModifier.remove[] text
spec.rules[].filters[].responseHeaderModifier.set list ..16
spec.rules[].filters[].responseHeaderModifier.set[] object
spec.rules[].filters[].responseHeaderModifier.set[].name! text 1..256
spec.rules[].filters[].responseHeaderModifier.set[].value! text 1..4096
spec.rules[].filters[].type! enum RequestHeaderModifier|ResponseHeaderModifier|RequestMirror|RequestRedirect|URLRewrite|ExtensionRef|CORS
spec.rules[].filters[].urlRewrite object
spec.rules[].filters[].urlRewrite.hostname text 1..253 subdomain
spec.rules[].filters[].urlRewrite.path object
spec.rules[].filters[].urlRewrite.path.replaceFullPath text ..1024
spec.rules[].filters[].urlRewrite.path.replacePrefixMatch text ..1024
spec.rules[].filters[].urlRewrite.path.type! enum ReplaceFullPath|ReplacePrefixMatch
spec.rules[].matches list ..64
spec.rules[].matches[] object
spec.rules[].matches[].headers list ..16
spec.rules[].matches[].headers[] object
spec.rules[].matches[].headers[].name! text 1..256
spec.rules[].matches[].headers[].type enum Exact|RegularExpression
spec.rules[].matches[].headers[].value! text 1..4096
spec.rules[].matches[].method enum GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH
spec.rules[].matches[].path object
spec.rules[].matches[].path.type enum Exact|PathPrefix|RegularExpression
spec.rules[].matches[].path.value text ..1024
spec.rules[].matches[].queryParams list ..16
spec.rules[].matches[].queryParams[] object
spec.rules[].matches[].queryParams[].name! text 1..256
spec.rules[].matches[].queryParams[].type enum Exact|RegularExpression
spec.rules[].matches[].queryParams[].value! text 1..1024
spec.rules[].name text 1..253 subdomain
spec.rules[].timeouts object
spec.rules[].timeouts.backendRequest text duration
spec.rules[].timeouts.request text duration
"""
_GRANT = """
spec! object
spec.from! list 1..16
spec.from[] object
spec.from[].group! text ..253 group
spec.from[].kind! text 1..63 kind
spec.from[].namespace! text 1..63 label
spec.to! list 1..16
spec.to[] object
spec.to[].group! text ..253 group
spec.to[].kind! text 1..63 kind
spec.to[].name text 1..253
"""
_POOL = """
spec! object
spec.endpointPickerRef object
spec.endpointPickerRef.failureMode enum FailOpen|FailClose
spec.endpointPickerRef.group text ..253 group
spec.endpointPickerRef.kind text 1..63 kind
spec.endpointPickerRef.name! text 1..253
spec.endpointPickerRef.port object
spec.endpointPickerRef.port.number! int 1..65535
spec.selector! object
spec.selector.matchLabels! map
spec.targetPorts! list 1..8
spec.targetPorts[] object
spec.targetPorts[].number! int 1..65535
spec.appProtocol enum http|kubernetes.io/h2c
"""
_REWRITE = """
spec object
spec.poolRef! object
spec.poolRef.group text ..253 group
spec.poolRef.kind text 1..63 kind
spec.poolRef.name! text 1..253
spec.rules! list
spec.rules[] object
spec.rules[].matches list
spec.rules[].matches[] object
spec.rules[].matches[].model! object
spec.rules[].matches[].model.type enum Exact
spec.rules[].matches[].model.value! text 1..
spec.rules[].targets list 1..
spec.rules[].targets[] object
spec.rules[].targets[].modelRewrite! text
spec.rules[].targets[].weight int 1..1000000
"""
_OBJECTIVE = """
spec object
spec.poolRef! object
spec.poolRef.group text ..253 group
spec.poolRef.kind text 1..63 kind
spec.poolRef.name! text 1..253
spec.priority int
"""
_MONITOR = """
spec! object
spec.endpoints! list 1..10
spec.endpoints[] object
spec.endpoints[].authorization object
spec.endpoints[].authorization.credentials object
spec.endpoints[].authorization.credentials.secret object
spec.endpoints[].authorization.credentials.secret.key! text
spec.endpoints[].authorization.credentials.secret.name! text
spec.endpoints[].authorization.credentials.secret.namespace text
spec.endpoints[].authorization.type text
spec.endpoints[].basicAuth any
spec.endpoints[].interval! text
spec.endpoints[].metricRelabeling any
spec.endpoints[].oauth2 any
spec.endpoints[].params any
spec.endpoints[].path text
spec.endpoints[].port! int|text 1..253
spec.endpoints[].proxyUrl text ..2000
spec.endpoints[].scheme enum http|https
spec.endpoints[].timeout text
spec.endpoints[].tls any
spec.filterRunning any
spec.limits object
spec.limits.labelNameLength int
spec.limits.labelValueLength int
spec.limits.labels int
spec.limits.samples int
spec.selector! object
spec.selector.matchExpressions any
spec.selector.matchLabels map
spec.targetLabels any
"""
_BACKEND_POLICY = """
spec! object
spec.default object
spec.default.backendPreference enum DEFAULT|PREFERRED
spec.default.connectionDraining object
spec.default.connectionDraining.drainingTimeoutSec int 0..3600
spec.default.iap object
spec.default.iap.clientID text
spec.default.iap.enabled bool
spec.default.iap.oauth2ClientSecret object
spec.default.iap.oauth2ClientSecret.name text
spec.default.logging object
spec.default.logging.enabled bool
spec.default.logging.sampleRate int 0..1000000
spec.default.maxRatePerEndpoint int 1..1000000000
spec.default.securityPolicy text
spec.default.sessionAffinity object
spec.default.sessionAffinity.cookieTtlSec int 0..1209600
spec.default.sessionAffinity.type enum CLIENT_IP|CLIENT_IP_PORT_PROTO|CLIENT_IP_PROTO|GENERATED_COOKIE|HEADER_FIELD|HTTP_COOKIE|NONE
spec.default.timeoutSec int 1..2147483647
spec.targetRef! object
spec.targetRef.group! text ..253 group
spec.targetRef.kind! text 1..63 kind
spec.targetRef.name! text 1..253
spec.targetRef.namespace text 1..63 label
"""
_HEALTH_CHECK = """
spec! object
spec.default object
spec.default.checkIntervalSec int 1..300
spec.default.config object 2..2
spec.default.config.grpcHealthCheck object
spec.default.config.grpcHealthCheck.grpcServiceName text ..1024
spec.default.config.grpcHealthCheck.port int 1..65535
spec.default.config.grpcHealthCheck.portName text ..63
spec.default.config.grpcHealthCheck.portSpecification enum USE_FIXED_PORT|USE_NAMED_PORT|USE_SERVING_PORT
spec.default.config.http2HealthCheck object
spec.default.config.http2HealthCheck.host text ..2048 subdomain
spec.default.config.http2HealthCheck.port int 1..65535
spec.default.config.http2HealthCheck.portName text ..63
spec.default.config.http2HealthCheck.portSpecification enum USE_FIXED_PORT|USE_NAMED_PORT|USE_SERVING_PORT
spec.default.config.http2HealthCheck.proxyHeader enum NONE|PROXY_V1
spec.default.config.http2HealthCheck.requestPath text ..2048
spec.default.config.http2HealthCheck.response text ..1024
spec.default.config.httpHealthCheck object
spec.default.config.httpHealthCheck.host text ..2048 subdomain
spec.default.config.httpHealthCheck.port int 1..65535
spec.default.config.httpHealthCheck.portName text ..63
spec.default.config.httpHealthCheck.portSpecification enum USE_FIXED_PORT|USE_NAMED_PORT|USE_SERVING_PORT
spec.default.config.httpHealthCheck.proxyHeader enum NONE|PROXY_V1
spec.default.config.httpHealthCheck.requestPath text ..2048
spec.default.config.httpHealthCheck.response text ..1024
spec.default.config.httpsHealthCheck object
spec.default.config.httpsHealthCheck.host text ..2048 subdomain
spec.default.config.httpsHealthCheck.port int 1..65535
spec.default.config.httpsHealthCheck.portName text ..63
spec.default.config.httpsHealthCheck.portSpecification enum USE_FIXED_PORT|USE_NAMED_PORT|USE_SERVING_PORT
spec.default.config.httpsHealthCheck.proxyHeader enum NONE|PROXY_V1
spec.default.config.httpsHealthCheck.requestPath text ..2048
spec.default.config.httpsHealthCheck.response text ..1024
spec.default.config.tcpHealthCheck object
spec.default.config.tcpHealthCheck.port int 1..65535
spec.default.config.tcpHealthCheck.portName text ..63
spec.default.config.tcpHealthCheck.portSpecification enum USE_FIXED_PORT|USE_NAMED_PORT|USE_SERVING_PORT
spec.default.config.tcpHealthCheck.proxyHeader enum NONE|PROXY_V1
spec.default.config.tcpHealthCheck.request text ..1024
spec.default.config.tcpHealthCheck.response text ..1024
spec.default.config.type enum TCP|HTTP|HTTPS|HTTP2|GRPC
spec.default.healthyThreshold int 1..10
spec.default.logConfig object
spec.default.logConfig.enabled bool
spec.default.timeoutSec int 1..300
spec.default.unhealthyThreshold int 1..10
spec.targetRef! object
spec.targetRef.group! text ..253 group
spec.targetRef.kind! text 1..63 kind
spec.targetRef.name! text 1..253
spec.targetRef.namespace text 1..63 label
"""
TABLES = {
    ("inference.networking.k8s.io/v1", "InferencePool"): _POOL,
    ("inference.networking.x-k8s.io/v1alpha2", "InferenceObjective"): _OBJECTIVE,
    ("inference.networking.x-k8s.io/v1alpha2", "InferenceModelRewrite"): _REWRITE,
    ("llm-d.ai/v1alpha2", "InferenceObjective"): _OBJECTIVE,
    ("llm-d.ai/v1alpha2", "InferenceModelRewrite"): _REWRITE,
    ("gateway.networking.k8s.io/v1", "HTTPRoute"): _ROUTE,
    ("gateway.networking.k8s.io/v1", "Gateway"): _GATEWAY,
    ("gateway.networking.k8s.io/v1", "ReferenceGrant"): _GRANT,
    ("gateway.networking.k8s.io/v1beta1", "ReferenceGrant"): _GRANT,
    ("networking.gke.io/v1", "HealthCheckPolicy"): _HEALTH_CHECK,
    ("networking.gke.io/v1", "GCPBackendPolicy"): _BACKEND_POLICY,
    ("monitoring.googleapis.com/v1", "PodMonitoring"): _MONITOR,
    ("monitoring.googleapis.com/v1", "ClusterPodMonitoring"): _MONITOR,
}
