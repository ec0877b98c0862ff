"""Fields of the custom kinds: their types, bounds and enums, one field a line.

`path type bounds format`: `!` after a path says that the field is required, `[]` is an item of a list, `{}` the
value of any key of a map. Bounds are those of the number, of the text's length or of the count of items; a `code` is
one of some numbers. Of several releases the widest holds. Sources: the CRDs that `groups` names; a test compares each
line with them.

May import: one another.
"""

from __future__ import annotations

from krm_inference.validate_inference.rules.fields.tables import gateway, gke, inference, monitoring

TABLES = {
    ("inference.networking.k8s.io/v1", "InferencePool"): inference.POOL,
    ("inference.networking.x-k8s.io/v1alpha2", "InferenceObjective"): inference.OBJECTIVE,
    ("inference.networking.x-k8s.io/v1alpha2", "InferenceModelRewrite"): inference.REWRITE,
    ("llm-d.ai/v1alpha2", "InferenceObjective"): inference.OBJECTIVE,
    ("llm-d.ai/v1alpha2", "InferenceModelRewrite"): inference.REWRITE,
    ("gateway.networking.k8s.io/v1", "HTTPRoute"): gateway.ROUTE,
    ("gateway.networking.k8s.io/v1", "Gateway"): gateway.GATEWAY,
    ("gateway.networking.k8s.io/v1", "ReferenceGrant"): gateway.GRANT,
    ("gateway.networking.k8s.io/v1beta1", "ReferenceGrant"): gateway.GRANT,
    ("networking.gke.io/v1", "HealthCheckPolicy"): gke.HEALTH_CHECK,
    ("networking.gke.io/v1", "GCPBackendPolicy"): gke.BACKEND_POLICY,
    ("monitoring.googleapis.com/v1", "PodMonitoring"): monitoring.POD_MONITORING,
    ("monitoring.googleapis.com/v1", "ClusterPodMonitoring"): monitoring.CLUSTER_POD_MONITORING,
}
