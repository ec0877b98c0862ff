# Written by `make tables`: change functions/crd_tables.py, not this file.
# ruff: noqa: E501  # a field stands on one line
"""Fields of the policies of GKE's gateway.

From the CRDs of

- GoogleCloudPlatform/gke-gateway-api of 2026-04-29 (fc40d60)
"""

from __future__ import annotations

TABLES = {
    ("networking.gke.io/v1", "HealthCheckPolicy"): """
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
""",
    ("networking.gke.io/v1", "GCPBackendPolicy"): """
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
""",
}
