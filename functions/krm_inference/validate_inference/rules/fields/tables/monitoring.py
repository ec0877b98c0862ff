# Written by `make tables`: change functions/crd_tables.py, not this file.
# ruff: noqa: E501  # a field stands on one line
"""Fields of the monitors of managed Prometheus.

From the CRDs of

- GoogleCloudPlatform/prometheus-engine of 2026-07-02 (2ffde4e)
"""

from __future__ import annotations

TABLES = {
    ("monitoring.googleapis.com/v1", "PodMonitoring"): """
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
spec.endpoints[].basicAuth object
spec.endpoints[].basicAuth.password object
spec.endpoints[].basicAuth.password.secret object
spec.endpoints[].basicAuth.password.secret.key! text
spec.endpoints[].basicAuth.password.secret.name! text
spec.endpoints[].basicAuth.password.secret.namespace text
spec.endpoints[].basicAuth.username text
spec.endpoints[].interval! text interval
spec.endpoints[].metricRelabeling list ..250
spec.endpoints[].metricRelabeling[] object
spec.endpoints[].metricRelabeling[].action enum replace|lowercase|uppercase|keep|drop|keepequal|dropequal|hashmod|labeldrop|labelkeep
spec.endpoints[].metricRelabeling[].modulus int
spec.endpoints[].metricRelabeling[].regex text ..10000
spec.endpoints[].metricRelabeling[].replacement text
spec.endpoints[].metricRelabeling[].separator text
spec.endpoints[].metricRelabeling[].sourceLabels list ..100
spec.endpoints[].metricRelabeling[].sourceLabels[] text
spec.endpoints[].metricRelabeling[].targetLabel text
spec.endpoints[].oauth2 object
spec.endpoints[].oauth2.clientID text
spec.endpoints[].oauth2.clientSecret object
spec.endpoints[].oauth2.clientSecret.secret object
spec.endpoints[].oauth2.clientSecret.secret.key! text
spec.endpoints[].oauth2.clientSecret.secret.name! text
spec.endpoints[].oauth2.clientSecret.secret.namespace text
spec.endpoints[].oauth2.endpointParams map
spec.endpoints[].oauth2.endpointParams{} text
spec.endpoints[].oauth2.proxyUrl text ..2000
spec.endpoints[].oauth2.scopes list
spec.endpoints[].oauth2.scopes[] text
spec.endpoints[].oauth2.tlsConfig object
spec.endpoints[].oauth2.tlsConfig.ca object
spec.endpoints[].oauth2.tlsConfig.ca.secret object
spec.endpoints[].oauth2.tlsConfig.ca.secret.key! text
spec.endpoints[].oauth2.tlsConfig.ca.secret.name! text
spec.endpoints[].oauth2.tlsConfig.ca.secret.namespace text
spec.endpoints[].oauth2.tlsConfig.cert object
spec.endpoints[].oauth2.tlsConfig.cert.secret object
spec.endpoints[].oauth2.tlsConfig.cert.secret.key! text
spec.endpoints[].oauth2.tlsConfig.cert.secret.name! text
spec.endpoints[].oauth2.tlsConfig.cert.secret.namespace text
spec.endpoints[].oauth2.tlsConfig.insecureSkipVerify bool
spec.endpoints[].oauth2.tlsConfig.key object
spec.endpoints[].oauth2.tlsConfig.key.secret object
spec.endpoints[].oauth2.tlsConfig.key.secret.key! text
spec.endpoints[].oauth2.tlsConfig.key.secret.name! text
spec.endpoints[].oauth2.tlsConfig.key.secret.namespace text
spec.endpoints[].oauth2.tlsConfig.maxVersion enum TLS10|TLS11|TLS12|TLS13
spec.endpoints[].oauth2.tlsConfig.minVersion enum TLS10|TLS11|TLS12|TLS13
spec.endpoints[].oauth2.tlsConfig.serverName text
spec.endpoints[].oauth2.tokenURL text
spec.endpoints[].params map
spec.endpoints[].params{} list
spec.endpoints[].params{}[] text
spec.endpoints[].path text
spec.endpoints[].port! int|text 1..253
spec.endpoints[].proxyUrl text ..2000
spec.endpoints[].scheme enum http|https
spec.endpoints[].timeout text interval
spec.endpoints[].tls object
spec.endpoints[].tls.ca object
spec.endpoints[].tls.ca.secret object
spec.endpoints[].tls.ca.secret.key! text
spec.endpoints[].tls.ca.secret.name! text
spec.endpoints[].tls.ca.secret.namespace text
spec.endpoints[].tls.cert object
spec.endpoints[].tls.cert.secret object
spec.endpoints[].tls.cert.secret.key! text
spec.endpoints[].tls.cert.secret.name! text
spec.endpoints[].tls.cert.secret.namespace text
spec.endpoints[].tls.insecureSkipVerify bool
spec.endpoints[].tls.key object
spec.endpoints[].tls.key.secret object
spec.endpoints[].tls.key.secret.key! text
spec.endpoints[].tls.key.secret.name! text
spec.endpoints[].tls.key.secret.namespace text
spec.endpoints[].tls.maxVersion enum TLS10|TLS11|TLS12|TLS13
spec.endpoints[].tls.minVersion enum TLS10|TLS11|TLS12|TLS13
spec.endpoints[].tls.serverName text
spec.filterRunning bool
spec.limits object
spec.limits.labelNameLength int
spec.limits.labelValueLength int
spec.limits.labels int
spec.limits.samples int
spec.selector! object
spec.selector.matchExpressions list
spec.selector.matchExpressions[] object
spec.selector.matchExpressions[].key! text
spec.selector.matchExpressions[].operator! text
spec.selector.matchExpressions[].values list
spec.selector.matchExpressions[].values[] text
spec.selector.matchLabels map
spec.selector.matchLabels{} text
spec.targetLabels object
spec.targetLabels.fromPod list ..100
spec.targetLabels.fromPod[] object
spec.targetLabels.fromPod[].from! text
spec.targetLabels.fromPod[].to text
spec.targetLabels.metadata list set
spec.targetLabels.metadata[] enum container|node|pod|top_level_controller_name|top_level_controller_type
""",
    ("monitoring.googleapis.com/v1", "ClusterPodMonitoring"): """
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
spec.endpoints[].basicAuth object
spec.endpoints[].basicAuth.password object
spec.endpoints[].basicAuth.password.secret object
spec.endpoints[].basicAuth.password.secret.key! text
spec.endpoints[].basicAuth.password.secret.name! text
spec.endpoints[].basicAuth.password.secret.namespace text
spec.endpoints[].basicAuth.username text
spec.endpoints[].interval! text interval
spec.endpoints[].metricRelabeling list ..250
spec.endpoints[].metricRelabeling[] object
spec.endpoints[].metricRelabeling[].action enum replace|lowercase|uppercase|keep|drop|keepequal|dropequal|hashmod|labeldrop|labelkeep
spec.endpoints[].metricRelabeling[].modulus int
spec.endpoints[].metricRelabeling[].regex text ..10000
spec.endpoints[].metricRelabeling[].replacement text
spec.endpoints[].metricRelabeling[].separator text
spec.endpoints[].metricRelabeling[].sourceLabels list ..100
spec.endpoints[].metricRelabeling[].sourceLabels[] text
spec.endpoints[].metricRelabeling[].targetLabel text
spec.endpoints[].oauth2 object
spec.endpoints[].oauth2.clientID text
spec.endpoints[].oauth2.clientSecret object
spec.endpoints[].oauth2.clientSecret.secret object
spec.endpoints[].oauth2.clientSecret.secret.key! text
spec.endpoints[].oauth2.clientSecret.secret.name! text
spec.endpoints[].oauth2.clientSecret.secret.namespace text
spec.endpoints[].oauth2.endpointParams map
spec.endpoints[].oauth2.endpointParams{} text
spec.endpoints[].oauth2.proxyUrl text ..2000
spec.endpoints[].oauth2.scopes list
spec.endpoints[].oauth2.scopes[] text
spec.endpoints[].oauth2.tlsConfig object
spec.endpoints[].oauth2.tlsConfig.ca object
spec.endpoints[].oauth2.tlsConfig.ca.secret object
spec.endpoints[].oauth2.tlsConfig.ca.secret.key! text
spec.endpoints[].oauth2.tlsConfig.ca.secret.name! text
spec.endpoints[].oauth2.tlsConfig.ca.secret.namespace text
spec.endpoints[].oauth2.tlsConfig.cert object
spec.endpoints[].oauth2.tlsConfig.cert.secret object
spec.endpoints[].oauth2.tlsConfig.cert.secret.key! text
spec.endpoints[].oauth2.tlsConfig.cert.secret.name! text
spec.endpoints[].oauth2.tlsConfig.cert.secret.namespace text
spec.endpoints[].oauth2.tlsConfig.insecureSkipVerify bool
spec.endpoints[].oauth2.tlsConfig.key object
spec.endpoints[].oauth2.tlsConfig.key.secret object
spec.endpoints[].oauth2.tlsConfig.key.secret.key! text
spec.endpoints[].oauth2.tlsConfig.key.secret.name! text
spec.endpoints[].oauth2.tlsConfig.key.secret.namespace text
spec.endpoints[].oauth2.tlsConfig.maxVersion enum TLS10|TLS11|TLS12|TLS13
spec.endpoints[].oauth2.tlsConfig.minVersion enum TLS10|TLS11|TLS12|TLS13
spec.endpoints[].oauth2.tlsConfig.serverName text
spec.endpoints[].oauth2.tokenURL text
spec.endpoints[].params map
spec.endpoints[].params{} list
spec.endpoints[].params{}[] text
spec.endpoints[].path text
spec.endpoints[].port! int|text 1..253
spec.endpoints[].proxyUrl text ..2000
spec.endpoints[].scheme enum http|https
spec.endpoints[].timeout text interval
spec.endpoints[].tls object
spec.endpoints[].tls.ca object
spec.endpoints[].tls.ca.secret object
spec.endpoints[].tls.ca.secret.key! text
spec.endpoints[].tls.ca.secret.name! text
spec.endpoints[].tls.ca.secret.namespace text
spec.endpoints[].tls.cert object
spec.endpoints[].tls.cert.secret object
spec.endpoints[].tls.cert.secret.key! text
spec.endpoints[].tls.cert.secret.name! text
spec.endpoints[].tls.cert.secret.namespace text
spec.endpoints[].tls.insecureSkipVerify bool
spec.endpoints[].tls.key object
spec.endpoints[].tls.key.secret object
spec.endpoints[].tls.key.secret.key! text
spec.endpoints[].tls.key.secret.name! text
spec.endpoints[].tls.key.secret.namespace text
spec.endpoints[].tls.maxVersion enum TLS10|TLS11|TLS12|TLS13
spec.endpoints[].tls.minVersion enum TLS10|TLS11|TLS12|TLS13
spec.endpoints[].tls.serverName text
spec.filterRunning bool
spec.limits object
spec.limits.labelNameLength int
spec.limits.labelValueLength int
spec.limits.labels int
spec.limits.samples int
spec.selector! object
spec.selector.matchExpressions list
spec.selector.matchExpressions[] object
spec.selector.matchExpressions[].key! text
spec.selector.matchExpressions[].operator! text
spec.selector.matchExpressions[].values list
spec.selector.matchExpressions[].values[] text
spec.selector.matchLabels map
spec.selector.matchLabels{} text
spec.targetLabels object
spec.targetLabels.fromPod list ..100
spec.targetLabels.fromPod[] object
spec.targetLabels.fromPod[].from! text
spec.targetLabels.fromPod[].to text
spec.targetLabels.metadata list set
spec.targetLabels.metadata[] enum container|namespace|node|pod|top_level_controller_name|top_level_controller_type
""",
}
