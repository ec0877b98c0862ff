"""API groups, which kinds they serve in which versions, and which kinds belong to no namespace.

Sources: the CRDs of the Gateway API Inference Extension at its tags v1.0.0 to v1.6.0, of llm-d-router v0.10.0, of the
Gateway API v1.6.1, of GKE's gateway (gke-gateway-api fc40d60), of managed Prometheus and of the Prometheus Operator
v0.85.0.
"""

from __future__ import annotations

from functools import cache

INFERENCE = "inference.networking.k8s.io"
INFERENCE_X = "inference.networking.x-k8s.io"
LLM_D = "llm-d.ai"
GATEWAY = "gateway.networking.k8s.io"
GKE = "networking.gke.io"
MONITORING = "monitoring.googleapis.com"
PROMETHEUS = "monitoring.coreos.com"
POLICY = "policy"
RBAC = "rbac.authorization.k8s.io"

POOL = (INFERENCE, "InferencePool")
POOL_X = (INFERENCE_X, "InferencePool")
OBJECTIVES = ((INFERENCE_X, "InferenceObjective"), (LLM_D, "InferenceObjective"))
REWRITES = ((INFERENCE_X, "InferenceModelRewrite"), (LLM_D, "InferenceModelRewrite"))
ROUTE = (GATEWAY, "HTTPRoute")
HEALTH_CHECK = (GKE, "HealthCheckPolicy")
BACKEND_POLICY = (GKE, "GCPBackendPolicy")
SERVICE = ("", "Service")
CONFIG_MAP = ("", "ConfigMap")
SECRET = ("", "Secret")
CLAIM = ("", "PersistentVolumeClaim")
ACCOUNT = ("", "ServiceAccount")
CRD = ("apiextensions.k8s.io", "CustomResourceDefinition")
POD_MONITORS = ((MONITORING, "PodMonitoring"), (MONITORING, "ClusterPodMonitoring"), (PROMETHEUS, "PodMonitor"))

SERVED: dict[tuple[str, str], tuple[str, ...]] = {
    POOL: ("v1",),
    POOL_X: ("v1alpha2",),
    (INFERENCE_X, "InferenceObjective"): ("v1alpha2",),
    (INFERENCE_X, "InferenceModelRewrite"): ("v1alpha2",),
    (INFERENCE_X, "InferencePoolImport"): ("v1alpha1",),
    (LLM_D, "InferenceObjective"): ("v1alpha2",),
    (LLM_D, "InferenceModelRewrite"): ("v1alpha2",),
    (GATEWAY, "Gateway"): ("v1", "v1beta1"),
    ROUTE: ("v1", "v1beta1"),
    (GATEWAY, "ReferenceGrant"): ("v1", "v1beta1"),
    HEALTH_CHECK: ("v1",),
    BACKEND_POLICY: ("v1",),
    (MONITORING, "PodMonitoring"): ("v1", "v1alpha1"),
    (MONITORING, "ClusterPodMonitoring"): ("v1", "v1alpha1"),
    (PROMETHEUS, "PodMonitor"): ("v1",),
}
_CORE = (
    *("Binding", "ComponentStatus", "ConfigMap", "Endpoints", "Event", "LimitRange", "List", "Namespace", "Node"),
    *("PersistentVolume", "PersistentVolumeClaim", "Pod", "PodTemplate", "ReplicationController", "ResourceQuota"),
    *("Secret", "Service", "ServiceAccount"),
)
SERVED |= {("", kind): ("v1",) for kind in _CORE}
SERVED |= {
    ("apps", kind): ("v1",) for kind in ("ControllerRevision", "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet")
}
SERVED |= {(RBAC, kind): ("v1",) for kind in ("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding")}
SERVED[POLICY, "PodDisruptionBudget"] = ("v1",)
# Groups of which SERVED names every kind; of `extensions`, the home of Deployments once, there is none left.
COMPLETE = ("", "apps", "extensions", POLICY, RBAC, INFERENCE, INFERENCE_X)
# Kinds of the other groups, whose versions no rule needs.
_OTHERS = {
    GATEWAY: ("BackendTLSPolicy", "GRPCRoute", "GatewayClass", "ListenerSet", "TCPRoute", "TLSRoute", "UDPRoute"),
    GKE: (
        *("GCPAuthzPolicy", "GCPClientTLSPolicy", "GCPGatewayPolicy", "GCPRoutingExtension", "GCPServerTLSPolicy"),
        *("GCPSessionAffinityFilter", "GCPSessionAffinityPolicy", "GCPTrafficDistributionPolicy"),
        *("GCPTrafficExtension", "FrontendConfig", "ManagedCertificate", "ServiceAttachment"),
    ),
    PROMETHEUS: (
        *("Alertmanager", "AlertmanagerConfig", "Probe", "Prometheus", "PrometheusAgent", "PrometheusRule"),
        *("ScrapeConfig", "ServiceMonitor", "ThanosRuler"),
    ),
    MONITORING: ("ClusterNodeMonitoring", "ClusterRules", "GlobalRules", "OperatorConfig", "Rules"),
}


@cache
def kinds_of(group: str) -> tuple[str, ...]:
    """Return the kinds of a group that we know."""
    return (*(kind for of, kind in SERVED if of == group), *_OTHERS.get(group, ()))


CLUSTER_SCOPED = frozenset(
    (
        ("", "Namespace"),
        ("", "Node"),
        ("", "PersistentVolume"),
        ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"),
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"),
        ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
        CRD,
        ("apiregistration.k8s.io", "APIService"),
        ("certificates.k8s.io", "CertificateSigningRequest"),
        ("cloud.google.com", "ComputeClass"),
        (GATEWAY, "GatewayClass"),
        (MONITORING, "ClusterNodeMonitoring"),
        (MONITORING, "ClusterPodMonitoring"),
        (MONITORING, "ClusterRules"),
        (MONITORING, "GlobalRules"),
        ("networking.k8s.io", "IngressClass"),
        ("node.k8s.io", "RuntimeClass"),
        (RBAC, "ClusterRole"),
        (RBAC, "ClusterRoleBinding"),
        ("resource.k8s.io", "DeviceClass"),
        ("scheduling.k8s.io", "PriorityClass"),
        ("storage.k8s.io", "CSIDriver"),
        ("storage.k8s.io", "StorageClass"),
    )
)
# Documents for tools, which no cluster ever sees.
FOR_TOOLS = ("config.kubernetes.io", "fn.kpt.dev", "inference.fn.kpt.dev", "kpt.dev", "kustomize.config.k8s.io")
