# ruff: noqa: E501  # a field stands on one line
"""Fields of the monitors of managed Prometheus."""

from __future__ import annotations

from krm_inference.validate_inference.rules.fields.tables.parts import SELECTOR, under

_SECRET = """
@ object
@.secret object
@.secret.key! text
@.secret.name! text
@.secret.namespace text
"""
_TLS = f"""
@ object
{under("@.ca", _SECRET)}
{under("@.cert", _SECRET)}
@.insecureSkipVerify bool
{under("@.key", _SECRET)}
@.maxVersion enum TLS10|TLS11|TLS12|TLS13
@.minVersion enum TLS10|TLS11|TLS12|TLS13
@.serverName text
"""
_MONITOR = f"""
spec! object
spec.endpoints! list 1..10
spec.endpoints[] object
spec.endpoints[].authorization object
{under("spec.endpoints[].authorization.credentials", _SECRET)}
spec.endpoints[].authorization.type text
spec.endpoints[].basicAuth object
{under("spec.endpoints[].basicAuth.password", _SECRET)}
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
{under("spec.endpoints[].oauth2.clientSecret", _SECRET)}
spec.endpoints[].oauth2.endpointParams map
spec.endpoints[].oauth2.endpointParams{{}} text
spec.endpoints[].oauth2.proxyUrl text ..2000
spec.endpoints[].oauth2.scopes list
spec.endpoints[].oauth2.scopes[] text
{under("spec.endpoints[].oauth2.tlsConfig", _TLS)}
spec.endpoints[].oauth2.tokenURL text
spec.endpoints[].params map
spec.endpoints[].params{{}} list
spec.endpoints[].params{{}}[] text
spec.endpoints[].path text
spec.endpoints[].port! int|text 1..253
spec.endpoints[].proxyUrl text ..2000
spec.endpoints[].scheme enum http|https
spec.endpoints[].timeout text interval
{under("spec.endpoints[].tls", _TLS)}
spec.filterRunning bool
spec.limits object
spec.limits.labelNameLength int
spec.limits.labelValueLength int
spec.limits.labels int
spec.limits.samples int
{under("spec.selector!", SELECTOR)}
spec.targetLabels object
spec.targetLabels.fromPod list ..100
spec.targetLabels.fromPod[] object
spec.targetLabels.fromPod[].from! text
spec.targetLabels.fromPod[].to text
spec.targetLabels.metadata list
"""
_METADATA = "spec.targetLabels.metadata[] enum container|{}node|pod|top_level_controller_name|top_level_controller_type"
POD_MONITORING = _MONITOR + _METADATA.format("")
CLUSTER_POD_MONITORING = _MONITOR + _METADATA.format("namespace|")
