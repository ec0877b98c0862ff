# Written by `make tables`: change functions/crd_tables.py, not this file.
# ruff: noqa: E501  # a field stands on one line
"""Fields of the Gateway API's kinds.

From the CRDs of

- kubernetes-sigs/gateway-api v1.6.1, standard channel (8bb74df)
"""

from __future__ import annotations

TABLES = {
    ("gateway.networking.k8s.io/v1", "HTTPRoute"): """
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
spec.rules[].backendRefs[].filters list ..16
spec.rules[].backendRefs[].filters[] object
spec.rules[].backendRefs[].filters[].cors object
spec.rules[].backendRefs[].filters[].cors.allowCredentials bool
spec.rules[].backendRefs[].filters[].cors.allowHeaders list ..64 set
spec.rules[].backendRefs[].filters[].cors.allowHeaders[] text 1..256
spec.rules[].backendRefs[].filters[].cors.allowMethods list ..9 set
spec.rules[].backendRefs[].filters[].cors.allowMethods[] enum GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH|*
spec.rules[].backendRefs[].filters[].cors.allowOrigins list ..64 set
spec.rules[].backendRefs[].filters[].cors.allowOrigins[] text 1..253
spec.rules[].backendRefs[].filters[].cors.exposeHeaders list ..64 set
spec.rules[].backendRefs[].filters[].cors.exposeHeaders[] text 1..256
spec.rules[].backendRefs[].filters[].cors.maxAge int 1..
spec.rules[].backendRefs[].filters[].extensionRef object
spec.rules[].backendRefs[].filters[].extensionRef.group! text ..253 group
spec.rules[].backendRefs[].filters[].extensionRef.kind! text 1..63 kind
spec.rules[].backendRefs[].filters[].extensionRef.name! text 1..253
spec.rules[].backendRefs[].filters[].requestHeaderModifier object
spec.rules[].backendRefs[].filters[].requestHeaderModifier.add list ..16 by:name
spec.rules[].backendRefs[].filters[].requestHeaderModifier.add[] object
spec.rules[].backendRefs[].filters[].requestHeaderModifier.add[].name! text 1..256
spec.rules[].backendRefs[].filters[].requestHeaderModifier.add[].value! text 1..4096
spec.rules[].backendRefs[].filters[].requestHeaderModifier.remove list ..16 set
spec.rules[].backendRefs[].filters[].requestHeaderModifier.remove[] text
spec.rules[].backendRefs[].filters[].requestHeaderModifier.set list ..16 by:name
spec.rules[].backendRefs[].filters[].requestHeaderModifier.set[] object
spec.rules[].backendRefs[].filters[].requestHeaderModifier.set[].name! text 1..256
spec.rules[].backendRefs[].filters[].requestHeaderModifier.set[].value! text 1..4096
spec.rules[].backendRefs[].filters[].requestMirror object
spec.rules[].backendRefs[].filters[].requestMirror.backendRef! object
spec.rules[].backendRefs[].filters[].requestMirror.backendRef.group text ..253 group
spec.rules[].backendRefs[].filters[].requestMirror.backendRef.kind text 1..63 kind
spec.rules[].backendRefs[].filters[].requestMirror.backendRef.name! text 1..253
spec.rules[].backendRefs[].filters[].requestMirror.backendRef.namespace text 1..63 label
spec.rules[].backendRefs[].filters[].requestMirror.backendRef.port int 1..65535
spec.rules[].backendRefs[].filters[].requestMirror.fraction object
spec.rules[].backendRefs[].filters[].requestMirror.fraction.denominator int 1..
spec.rules[].backendRefs[].filters[].requestMirror.fraction.numerator! int 0..
spec.rules[].backendRefs[].filters[].requestMirror.percent int 0..100
spec.rules[].backendRefs[].filters[].requestRedirect object
spec.rules[].backendRefs[].filters[].requestRedirect.hostname text 1..253 subdomain
spec.rules[].backendRefs[].filters[].requestRedirect.path object
spec.rules[].backendRefs[].filters[].requestRedirect.path.replaceFullPath text ..1024
spec.rules[].backendRefs[].filters[].requestRedirect.path.replacePrefixMatch text ..1024
spec.rules[].backendRefs[].filters[].requestRedirect.path.type! enum ReplaceFullPath|ReplacePrefixMatch
spec.rules[].backendRefs[].filters[].requestRedirect.port int 1..65535
spec.rules[].backendRefs[].filters[].requestRedirect.scheme enum http|https
spec.rules[].backendRefs[].filters[].requestRedirect.statusCode code 301|302|303|307|308
spec.rules[].backendRefs[].filters[].responseHeaderModifier object
spec.rules[].backendRefs[].filters[].responseHeaderModifier.add list ..16 by:name
spec.rules[].backendRefs[].filters[].responseHeaderModifier.add[] object
spec.rules[].backendRefs[].filters[].responseHeaderModifier.add[].name! text 1..256
spec.rules[].backendRefs[].filters[].responseHeaderModifier.add[].value! text 1..4096
spec.rules[].backendRefs[].filters[].responseHeaderModifier.remove list ..16 set
spec.rules[].backendRefs[].filters[].responseHeaderModifier.remove[] text
spec.rules[].backendRefs[].filters[].responseHeaderModifier.set list ..16 by:name
spec.rules[].backendRefs[].filters[].responseHeaderModifier.set[] object
spec.rules[].backendRefs[].filters[].responseHeaderModifier.set[].name! text 1..256
spec.rules[].backendRefs[].filters[].responseHeaderModifier.set[].value! text 1..4096
spec.rules[].backendRefs[].filters[].type! enum RequestHeaderModifier|ResponseHeaderModifier|RequestMirror|RequestRedirect|URLRewrite|ExtensionRef|CORS
spec.rules[].backendRefs[].filters[].urlRewrite object
spec.rules[].backendRefs[].filters[].urlRewrite.hostname text 1..253 subdomain
spec.rules[].backendRefs[].filters[].urlRewrite.path object
spec.rules[].backendRefs[].filters[].urlRewrite.path.replaceFullPath text ..1024
spec.rules[].backendRefs[].filters[].urlRewrite.path.replacePrefixMatch text ..1024
spec.rules[].backendRefs[].filters[].urlRewrite.path.type! enum ReplaceFullPath|ReplacePrefixMatch
spec.rules[].backendRefs[].group text ..253 group
spec.rules[].backendRefs[].kind text 1..63 kind
spec.rules[].backendRefs[].name! text 1..253
spec.rules[].backendRefs[].namespace text 1..63 label
spec.rules[].backendRefs[].port int 1..65535
spec.rules[].backendRefs[].weight int 0..1000000
spec.rules[].filters list ..16
spec.rules[].filters[] object
spec.rules[].filters[].cors object
spec.rules[].filters[].cors.allowCredentials bool
spec.rules[].filters[].cors.allowHeaders list ..64 set
spec.rules[].filters[].cors.allowHeaders[] text 1..256
spec.rules[].filters[].cors.allowMethods list ..9 set
spec.rules[].filters[].cors.allowMethods[] enum GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH|*
spec.rules[].filters[].cors.allowOrigins list ..64 set
spec.rules[].filters[].cors.allowOrigins[] text 1..253
spec.rules[].filters[].cors.exposeHeaders list ..64 set
spec.rules[].filters[].cors.exposeHeaders[] text 1..256
spec.rules[].filters[].cors.maxAge int 1..
spec.rules[].filters[].extensionRef object
spec.rules[].filters[].extensionRef.group! text ..253 group
spec.rules[].filters[].extensionRef.kind! text 1..63 kind
spec.rules[].filters[].extensionRef.name! text 1..253
spec.rules[].filters[].requestHeaderModifier object
spec.rules[].filters[].requestHeaderModifier.add list ..16 by:name
spec.rules[].filters[].requestHeaderModifier.add[] object
spec.rules[].filters[].requestHeaderModifier.add[].name! text 1..256
spec.rules[].filters[].requestHeaderModifier.add[].value! text 1..4096
spec.rules[].filters[].requestHeaderModifier.remove list ..16 set
spec.rules[].filters[].requestHeaderModifier.remove[] text
spec.rules[].filters[].requestHeaderModifier.set list ..16 by:name
spec.rules[].filters[].requestHeaderModifier.set[] object
spec.rules[].filters[].requestHeaderModifier.set[].name! text 1..256
spec.rules[].filters[].requestHeaderModifier.set[].value! text 1..4096
spec.rules[].filters[].requestMirror object
spec.rules[].filters[].requestMirror.backendRef! object
spec.rules[].filters[].requestMirror.backendRef.group text ..253 group
spec.rules[].filters[].requestMirror.backendRef.kind text 1..63 kind
spec.rules[].filters[].requestMirror.backendRef.name! text 1..253
spec.rules[].filters[].requestMirror.backendRef.namespace text 1..63 label
spec.rules[].filters[].requestMirror.backendRef.port int 1..65535
spec.rules[].filters[].requestMirror.fraction object
spec.rules[].filters[].requestMirror.fraction.denominator int 1..
spec.rules[].filters[].requestMirror.fraction.numerator! int 0..
spec.rules[].filters[].requestMirror.percent int 0..100
spec.rules[].filters[].requestRedirect object
spec.rules[].filters[].requestRedirect.hostname text 1..253 subdomain
spec.rules[].filters[].requestRedirect.path object
spec.rules[].filters[].requestRedirect.path.replaceFullPath text ..1024
spec.rules[].filters[].requestRedirect.path.replacePrefixMatch text ..1024
spec.rules[].filters[].requestRedirect.path.type! enum ReplaceFullPath|ReplacePrefixMatch
spec.rules[].filters[].requestRedirect.port int 1..65535
spec.rules[].filters[].requestRedirect.scheme enum http|https
spec.rules[].filters[].requestRedirect.statusCode code 301|302|303|307|308
spec.rules[].filters[].responseHeaderModifier object
spec.rules[].filters[].responseHeaderModifier.add list ..16 by:name
spec.rules[].filters[].responseHeaderModifier.add[] object
spec.rules[].filters[].responseHeaderModifier.add[].name! text 1..256
spec.rules[].filters[].responseHeaderModifier.add[].value! text 1..4096
spec.rules[].filters[].responseHeaderModifier.remove list ..16 set
spec.rules[].filters[].responseHeaderModifier.remove[] text
spec.rules[].filters[].responseHeaderModifier.set list ..16 by:name
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
spec.rules[].matches[].headers list ..16 by:name
spec.rules[].matches[].headers[] object
spec.rules[].matches[].headers[].name! text 1..256
spec.rules[].matches[].headers[].type enum Exact|RegularExpression
spec.rules[].matches[].headers[].value! text 1..4096
spec.rules[].matches[].method enum GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH
spec.rules[].matches[].path object
spec.rules[].matches[].path.type enum Exact|PathPrefix|RegularExpression
spec.rules[].matches[].path.value text ..1024
spec.rules[].matches[].queryParams list ..16 by:name
spec.rules[].matches[].queryParams[] object
spec.rules[].matches[].queryParams[].name! text 1..256
spec.rules[].matches[].queryParams[].type enum Exact|RegularExpression
spec.rules[].matches[].queryParams[].value! text 1..1024
spec.rules[].name text 1..253 subdomain
spec.rules[].timeouts object
spec.rules[].timeouts.backendRequest text duration
spec.rules[].timeouts.request text duration
""",
    ("gateway.networking.k8s.io/v1", "Gateway"): """
spec! object
spec.addresses list ..16
spec.addresses[] object
spec.addresses[].type text 1..253
spec.addresses[].value text ..253
spec.allowedListeners object
spec.allowedListeners.namespaces object
spec.allowedListeners.namespaces.from enum All|Selector|Same|None
spec.allowedListeners.namespaces.selector object
spec.allowedListeners.namespaces.selector.matchExpressions list
spec.allowedListeners.namespaces.selector.matchExpressions[] object
spec.allowedListeners.namespaces.selector.matchExpressions[].key! text
spec.allowedListeners.namespaces.selector.matchExpressions[].operator! text
spec.allowedListeners.namespaces.selector.matchExpressions[].values list
spec.allowedListeners.namespaces.selector.matchExpressions[].values[] text
spec.allowedListeners.namespaces.selector.matchLabels map
spec.allowedListeners.namespaces.selector.matchLabels{} text
spec.gatewayClassName! text 1..253
spec.infrastructure object
spec.infrastructure.annotations map ..16
spec.infrastructure.annotations{} text ..4096
spec.infrastructure.labels map ..8
spec.infrastructure.labels{} text ..63
spec.infrastructure.parametersRef object
spec.infrastructure.parametersRef.group! text ..253 group
spec.infrastructure.parametersRef.kind! text 1..63 kind
spec.infrastructure.parametersRef.name! text 1..253
spec.listeners! list 1..64 by:name
spec.listeners[] object
spec.listeners[].allowedRoutes object
spec.listeners[].allowedRoutes.kinds list ..8
spec.listeners[].allowedRoutes.kinds[] object
spec.listeners[].allowedRoutes.kinds[].group text ..253 group
spec.listeners[].allowedRoutes.kinds[].kind! text 1..63 kind
spec.listeners[].allowedRoutes.namespaces object
spec.listeners[].allowedRoutes.namespaces.from enum All|Selector|Same
spec.listeners[].allowedRoutes.namespaces.selector object
spec.listeners[].allowedRoutes.namespaces.selector.matchExpressions list
spec.listeners[].allowedRoutes.namespaces.selector.matchExpressions[] object
spec.listeners[].allowedRoutes.namespaces.selector.matchExpressions[].key! text
spec.listeners[].allowedRoutes.namespaces.selector.matchExpressions[].operator! text
spec.listeners[].allowedRoutes.namespaces.selector.matchExpressions[].values list
spec.listeners[].allowedRoutes.namespaces.selector.matchExpressions[].values[] text
spec.listeners[].allowedRoutes.namespaces.selector.matchLabels map
spec.listeners[].allowedRoutes.namespaces.selector.matchLabels{} text
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
spec.listeners[].tls.options map ..16
spec.listeners[].tls.options{} text ..4096
spec.tls object
spec.tls.backend object
spec.tls.backend.clientCertificateRef object
spec.tls.backend.clientCertificateRef.group text ..253 group
spec.tls.backend.clientCertificateRef.kind text 1..63 kind
spec.tls.backend.clientCertificateRef.name! text 1..253
spec.tls.backend.clientCertificateRef.namespace text 1..63 label
spec.tls.frontend object
spec.tls.frontend.default! object
spec.tls.frontend.default.validation object
spec.tls.frontend.default.validation.caCertificateRefs! list 1..16
spec.tls.frontend.default.validation.caCertificateRefs[] object
spec.tls.frontend.default.validation.caCertificateRefs[].group! text ..253 group
spec.tls.frontend.default.validation.caCertificateRefs[].kind! text 1..63 kind
spec.tls.frontend.default.validation.caCertificateRefs[].name! text 1..253
spec.tls.frontend.default.validation.caCertificateRefs[].namespace text 1..63 label
spec.tls.frontend.default.validation.mode enum AllowValidOnly|AllowInsecureFallback
spec.tls.frontend.perPort list ..64 by:port
spec.tls.frontend.perPort[] object
spec.tls.frontend.perPort[].port! int 1..65535
spec.tls.frontend.perPort[].tls! object
spec.tls.frontend.perPort[].tls.validation object
spec.tls.frontend.perPort[].tls.validation.caCertificateRefs! list 1..16
spec.tls.frontend.perPort[].tls.validation.caCertificateRefs[] object
spec.tls.frontend.perPort[].tls.validation.caCertificateRefs[].group! text ..253 group
spec.tls.frontend.perPort[].tls.validation.caCertificateRefs[].kind! text 1..63 kind
spec.tls.frontend.perPort[].tls.validation.caCertificateRefs[].name! text 1..253
spec.tls.frontend.perPort[].tls.validation.caCertificateRefs[].namespace text 1..63 label
spec.tls.frontend.perPort[].tls.validation.mode enum AllowValidOnly|AllowInsecureFallback
""",
    ("gateway.networking.k8s.io/v1", "ReferenceGrant"): """
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
""",
    ("gateway.networking.k8s.io/v1beta1", "ReferenceGrant"): """
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
""",
}
