"""The endpoint picker: its configuration, Deployment, Service and access rights."""

from __future__ import annotations

from typing import Any

from krm_functions_sdk import because, emitter

from krm_inference.domain.generation import Table, metadata
from krm_inference.domain.intent import LLMService

FILE = "endpoint-picker.yaml"
CONTAINER = "epp"
GRPC_PORT, HEALTH_PORT, METRICS_PORT = 9002, 9003, 9090
CONFIG_KEY = "default-plugins.yaml"
NOBODY = 65532
RBAC = "rbac.authorization.k8s.io"

_LABELS = ("metadata.labels[app.kubernetes.io/name]", "metadata.labels[app.kubernetes.io/version]")
_POD = "spec.template.spec"
_EPP = f"{_POD}.containers[name={CONTAINER}]"
_FLAGS = (
    "--pool-name", "--pool-namespace", "--kv-cache-usage-percentage-metric", "--config-file", "--zap-encoder", "--v",
)  # fmt: skip

OWNS: Table = {
    "picker ConfigMap": (*_LABELS, f"data[{CONFIG_KEY}]"),
    "picker Deployment": (
        *_LABELS,
        "spec.replicas",
        "spec.selector.matchLabels.inferencepool",
        "spec.template.metadata.labels.inferencepool",
        f"{_POD}.serviceAccountName",
        f"{_POD}.terminationGracePeriodSeconds",
        f"{_POD}.securityContext",
        f"{_EPP}.image",
        f"{_EPP}.imagePullPolicy",
        *(f"{_EPP}.args[{flag}]" for flag in _FLAGS),
        f"{_EPP}.env[name=POOL_NAME]",
        f"{_EPP}.env[name=NAMESPACE]",
        f"{_EPP}.ports[name=grpc]",
        f"{_EPP}.ports[name=grpc-health]",
        f"{_EPP}.ports[name=metrics]",
        f"{_EPP}.livenessProbe",
        f"{_EPP}.readinessProbe",
        f"{_EPP}.resources.requests.cpu",
        f"{_EPP}.resources.requests.memory",
        f"{_EPP}.securityContext",
        f"{_EPP}.volumeMounts[mountPath=/config]",
        f"{_POD}.volumes[name=plugins-config-volume]",
    ),
    "picker Service": (
        *_LABELS,
        "spec.selector.inferencepool",
        "spec.ports[name=grpc-ext-proc]",
        "spec.ports[name=http-metrics]",
        "spec.type",
    ),
    "picker ServiceAccount": _LABELS,
    "picker Role": (*_LABELS, "rules"),
    "picker RoleBinding": (*_LABELS, "roleRef", "subjects"),
    "picker ClusterRole": (*_LABELS, "rules"),
    "picker ClusterRoleBinding": (*_LABELS, "roleRef", "subjects"),
}


def objects(service: LLMService) -> list[tuple[str, dict[str, Any]]]:
    """Return (role, object) of what `service` wants."""
    name, reviews = service.names.picker, service.names.picker_reviews
    account = {"kind": "ServiceAccount", "name": name}
    # A ClusterRoleBinding must say the namespace; kustomize's `namespace:` replaces it with the account's.
    in_namespace = {**account, "namespace": service.namespace or "default"}
    return [
        ("picker ConfigMap", _object(service, "v1", "ConfigMap", {"data": {CONFIG_KEY: _plugins(service)}})),
        ("picker Deployment", _object(service, "apps/v1", "Deployment", {"spec": _deployment(service)})),
        ("picker Service", _object(service, "v1", "Service", {"spec": _service(service)})),
        ("picker ServiceAccount", _object(service, "v1", "ServiceAccount", {})),
        ("picker Role", _object(service, f"{RBAC}/v1", "Role", {"rules": _watches(service)})),
        ("picker RoleBinding", _object(service, f"{RBAC}/v1", "RoleBinding", _binding("Role", name, account))),
        ("picker ClusterRole", _cluster_object(service, "ClusterRole", {"rules": _reviews()})),
        (
            "picker ClusterRoleBinding",
            _cluster_object(service, "ClusterRoleBinding", _binding("ClusterRole", reviews, in_namespace)),
        ),
    ]


def _object(service: LLMService, api_version: str, kind: str, body: dict[str, Any]) -> dict[str, Any]:
    meta = metadata(service.names.picker, service, service.picker_labels)
    return {"apiVersion": api_version, "kind": kind, "metadata": meta, **body}


def _cluster_object(service: LLMService, kind: str, body: dict[str, Any]) -> dict[str, Any]:
    meta = {"name": service.names.picker_reviews, "labels": service.picker_labels}
    return {"apiVersion": f"{RBAC}/v1", "kind": kind, "metadata": meta, **body}


def _binding(kind: str, role: str, subject: dict[str, str]) -> dict[str, Any]:
    return {"roleRef": {"apiGroup": RBAC, "kind": kind, "name": role}, "subjects": [subject]}


def _plugins(service: LLMService) -> str:
    scorers = service.release.scorers + ((service.release.adapter_scorer,) if service.adapters else ())
    return emitter.document(
        {
            "apiVersion": service.release.picker_config_api,
            "kind": "EndpointPickerConfig",
            "plugins": [{"type": scorer} for scorer in scorers],
            "schedulingProfiles": [{"name": "default", "plugins": [{"pluginRef": scorer} for scorer in scorers]}],
        }
    )


def _deployment(service: LLMService) -> dict[str, Any]:
    selector = {"inferencepool": service.names.picker}
    reason = "the model server's: a picker outlives the requests that it sent on"
    return {
        "replicas": 1,
        "selector": {"matchLabels": selector},
        "template": {
            "metadata": {"labels": selector},
            "spec": {
                "serviceAccountName": service.names.picker,
                "terminationGracePeriodSeconds": because(service.drain.grace_period, reason),
                "securityContext": {
                    "runAsGroup": NOBODY,
                    "runAsNonRoot": True,
                    "runAsUser": NOBODY,
                    "seccompProfile": {"type": "RuntimeDefault"},
                },
                "containers": [_container(service)],
                "volumes": [{"name": "plugins-config-volume", "configMap": {"name": service.names.picker}}],
            },
        },
    }


def _container(service: LLMService) -> dict[str, Any]:
    probe = {
        "grpc": {"port": HEALTH_PORT, "service": "inference-extension"},
        "initialDelaySeconds": 5,
        "periodSeconds": 10,
    }
    metric = f"--kv-cache-usage-percentage-metric={service.release.kv_cache_metric}"
    return {
        "name": CONTAINER,
        "image": service.release.picker_image,
        "imagePullPolicy": "IfNotPresent",
        "args": [
            "--pool-name=$(POOL_NAME)",
            "--pool-namespace=$(NAMESPACE)",
            because(metric, "this picker's own default left vLLM in 0.12"),
            f"--config-file=/config/{CONFIG_KEY}",
            "--zap-encoder=json",
            "--v=1",
        ],
        # By name and downward API, so that kustomize can rename the pool and place it in another namespace.
        "env": [
            {"name": "POOL_NAME", "value": service.name},
            {"name": "NAMESPACE", "valueFrom": {"fieldRef": {"fieldPath": "metadata.namespace"}}},
        ],
        "ports": [
            {"name": "grpc", "containerPort": GRPC_PORT, "protocol": "TCP"},
            {"name": "grpc-health", "containerPort": HEALTH_PORT, "protocol": "TCP"},
            {"name": "metrics", "containerPort": METRICS_PORT, "protocol": "TCP"},
        ],
        "livenessProbe": probe,
        "readinessProbe": probe,
        "resources": {"requests": {"cpu": "500m", "memory": "512Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        },
        "volumeMounts": [{"name": "plugins-config-volume", "mountPath": "/config", "readOnly": True}],
    }


def _service(service: LLMService) -> dict[str, Any]:
    return {
        "selector": {"inferencepool": service.names.picker},
        "ports": [
            {"name": "grpc-ext-proc", "port": GRPC_PORT, "protocol": "TCP"},
            {"name": "http-metrics", "port": METRICS_PORT, "protocol": "TCP"},
        ],
        "type": "ClusterIP",
    }


def _watches(service: LLMService) -> list[dict[str, Any]]:
    verbs = ["get", "watch", "list"]
    pool_group = service.release.pool_api.partition("/")[0]
    objective_group = service.release.objective_api.partition("/")[0]
    return [
        {"apiGroups": [objective_group], "resources": ["inferenceobjectives", "inferencepools"], "verbs": verbs},
        {"apiGroups": [pool_group], "resources": ["inferencepools"], "verbs": verbs},
        {"apiGroups": [""], "resources": ["pods"], "verbs": verbs},
    ]


def _reviews() -> list[dict[str, Any]]:
    return [
        {"apiGroups": ["authentication.k8s.io"], "resources": ["tokenreviews"], "verbs": ["create"]},
        {"apiGroups": ["authorization.k8s.io"], "resources": ["subjectaccessreviews"], "verbs": ["create"]},
    ]
