"""What an API server fills into the custom kinds of our packages, from the defaults in their CRDs.

Sources: config/crd of kubernetes-sigs/gateway-api v1.4.0, of kubernetes-sigs/gateway-api-inference-extension v1.0.0 to
v1.6.0, of llm-d/llm-d-router v0.10.0, and of kubernetes-sigs/lws v0.9.0, with its webhook; the policies and the
PodMonitoring of GKE have none that our manifests leave out.
"""

from __future__ import annotations

from krm_functions_sdk.kpt.server_fields import ServerField

SERVER_FIELDS = [
    ServerField("Gateway|HTTPRoute", r"spec\.(parentRefs\[\]\.|rules\[\]\.backendRefs\[\]\.)(group|kind|weight)"),
    ServerField("Gateway", r"spec\.listeners\[\]\.allowedRoutes\.namespaces\.from", "Same"),
    ServerField("Gateway", r"spec\.listeners\[\]\.tls\.mode", "Terminate"),
    ServerField("Gateway", r"spec\.listeners\[\]\.tls\.certificateRefs\[\]\.(group|kind)"),
    ServerField("HTTPRoute", r"spec\.rules\[\]\.matches\[\]\.path\.(type|value)"),
    ServerField("HTTPRoute", r"spec\.rules\[\]\.matches\[\]\.headers\[\]\.type", "Exact"),
    ServerField("HTTPRoute", r"spec\.rules\[\]\.filters\[\]\.requestRedirect\.statusCode", 302),
    ServerField("InferencePool", r"spec\.endpointPickerRef\.(group|kind|failureMode)"),
    ServerField("InferencePool", r"spec\.appProtocol", "http"),
    ServerField("LeaderWorkerSet", r"spec\.rolloutStrategy\.type", "RollingUpdate"),
    ServerField("LeaderWorkerSet", r"spec\.rolloutStrategy\.rollingUpdateConfiguration\.(partition|maxSurge)", 0),
    ServerField("LeaderWorkerSet", r"spec\.rolloutStrategy\.rollingUpdateConfiguration\.maxUnavailable", 1),
    ServerField("InferenceObjective|InferenceModelRewrite", r"spec\.poolRef\.(group|kind)"),
    ServerField("InferenceModelRewrite", r"spec\.rules\[\]\.matches\[\]\.model\.type", "Exact"),
]
