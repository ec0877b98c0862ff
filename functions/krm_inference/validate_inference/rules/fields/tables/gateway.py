# a field stands on one line
"""Fields of the Gateway API's kinds."""

from __future__ import annotations

from krm_inference.validate_inference.rules.fields.tables.parts import SELECTOR, under

_VALIDATION = """
@ object
@.validation object
@.validation.caCertificateRefs! list 1..16
@.validation.caCertificateRefs[] object
@.validation.caCertificateRefs[].group! text ..253 group
@.validation.caCertificateRefs[].kind! text 1..63 kind
@.validation.caCertificateRefs[].name! text 1..253
@.validation.caCertificateRefs[].namespace text 1..63 label
@.validation.mode enum AllowValidOnly|AllowInsecureFallback
"""
GATEWAY = f"""
spec! object
spec.addresses list ..16
spec.addresses[] object
spec.addresses[].type text 1..253
spec.addresses[].value text ..253
spec.allowedListeners object
spec.allowedListeners.namespaces object
spec.allowedListeners.namespaces.from enum All|Selector|Same|None
{under("spec.allowedListeners.namespaces.selector", SELECTOR)}
spec.gatewayClassName! text 1..253
spec.infrastructure object
spec.infrastructure.annotations map ..16
spec.infrastructure.annotations{{}} text ..4096
spec.infrastructure.labels map ..8
spec.infrastructure.labels{{}} text ..63
spec.infrastructure.parametersRef object
spec.infrastructure.parametersRef.group! text ..253 group
spec.infrastructure.parametersRef.kind! text 1..63 kind
spec.infrastructure.parametersRef.name! text 1..253
spec.listeners! list 1..64
spec.listeners[] object
spec.listeners[].allowedRoutes object
spec.listeners[].allowedRoutes.kinds list ..8
spec.listeners[].allowedRoutes.kinds[] object
spec.listeners[].allowedRoutes.kinds[].group text ..253 group
spec.listeners[].allowedRoutes.kinds[].kind! text 1..63 kind
spec.listeners[].allowedRoutes.namespaces object
spec.listeners[].allowedRoutes.namespaces.from enum All|Selector|Same
{under("spec.listeners[].allowedRoutes.namespaces.selector", SELECTOR)}
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
spec.listeners[].tls.options{{}} text ..4096
spec.tls object
spec.tls.backend object
spec.tls.backend.clientCertificateRef object
spec.tls.backend.clientCertificateRef.group text ..253 group
spec.tls.backend.clientCertificateRef.kind text 1..63 kind
spec.tls.backend.clientCertificateRef.name! text 1..253
spec.tls.backend.clientCertificateRef.namespace text 1..63 label
spec.tls.frontend object
{under("spec.tls.frontend.default!", _VALIDATION)}
spec.tls.frontend.perPort list ..64
spec.tls.frontend.perPort[] object
spec.tls.frontend.perPort[].port! int 1..65535
{under("spec.tls.frontend.perPort[].tls!", _VALIDATION)}
"""
_FILTERS = """
@ list ..16
@[] object
@[].cors object
@[].cors.allowCredentials bool
@[].cors.allowHeaders list ..64
@[].cors.allowHeaders[] text 1..256
@[].cors.allowMethods list ..9
@[].cors.allowMethods[] enum GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH|*
@[].cors.allowOrigins list ..64
@[].cors.allowOrigins[] text 1..253
@[].cors.exposeHeaders list ..64
@[].cors.exposeHeaders[] text 1..256
@[].cors.maxAge int 1..
@[].extensionRef object
@[].extensionRef.group! text ..253 group
@[].extensionRef.kind! text 1..63 kind
@[].extensionRef.name! text 1..253
@[].requestHeaderModifier object
@[].requestHeaderModifier.add list ..16
@[].requestHeaderModifier.add[] object
@[].requestHeaderModifier.add[].name! text 1..256
@[].requestHeaderModifier.add[].value! text 1..4096
@[].requestHeaderModifier.remove list ..16
@[].requestHeaderModifier.remove[] text
@[].requestHeaderModifier.set list ..16
@[].requestHeaderModifier.set[] object
@[].requestHeaderModifier.set[].name! text 1..256
@[].requestHeaderModifier.set[].value! text 1..4096
@[].requestMirror object
@[].requestMirror.backendRef! object
@[].requestMirror.backendRef.group text ..253 group
@[].requestMirror.backendRef.kind text 1..63 kind
@[].requestMirror.backendRef.name! text 1..253
@[].requestMirror.backendRef.namespace text 1..63 label
@[].requestMirror.backendRef.port int 1..65535
@[].requestMirror.fraction object
@[].requestMirror.fraction.denominator int 1..
@[].requestMirror.fraction.numerator! int 0..
@[].requestMirror.percent int 0..100
@[].requestRedirect object
@[].requestRedirect.hostname text 1..253 subdomain
@[].requestRedirect.path object
@[].requestRedirect.path.replaceFullPath text ..1024
@[].requestRedirect.path.replacePrefixMatch text ..1024
@[].requestRedirect.path.type! enum ReplaceFullPath|ReplacePrefixMatch
@[].requestRedirect.port int 1..65535
@[].requestRedirect.scheme enum http|https
@[].requestRedirect.statusCode code 301|302|303|307|308
@[].responseHeaderModifier object
@[].responseHeaderModifier.add list ..16
@[].responseHeaderModifier.add[] object
@[].responseHeaderModifier.add[].name! text 1..256
@[].responseHeaderModifier.add[].value! text 1..4096
@[].responseHeaderModifier.remove list ..16
@[].responseHeaderModifier.remove[] text
@[].responseHeaderModifier.set list ..16
@[].responseHeaderModifier.set[] object
@[].responseHeaderModifier.set[].name! text 1..256
@[].responseHeaderModifier.set[].value! text 1..4096
@[].type! enum RequestHeaderModifier|ResponseHeaderModifier|RequestMirror|RequestRedirect|URLRewrite|ExtensionRef|CORS
@[].urlRewrite object
@[].urlRewrite.hostname text 1..253 subdomain
@[].urlRewrite.path object
@[].urlRewrite.path.replaceFullPath text ..1024
@[].urlRewrite.path.replacePrefixMatch text ..1024
@[].urlRewrite.path.type! enum ReplaceFullPath|ReplacePrefixMatch
"""
ROUTE = f"""
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
{under("spec.rules[].backendRefs[].filters", _FILTERS)}
spec.rules[].backendRefs[].group text ..253 group
spec.rules[].backendRefs[].kind text 1..63 kind
spec.rules[].backendRefs[].name! text 1..253
spec.rules[].backendRefs[].namespace text 1..63 label
spec.rules[].backendRefs[].port int 1..65535
spec.rules[].backendRefs[].weight int 0..1000000
{under("spec.rules[].filters", _FILTERS)}
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
GRANT = """
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
