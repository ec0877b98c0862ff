"""The script as a Kubernetes Job, with the ConfigMap that holds it."""

from __future__ import annotations

from krm_functions_sdk.document import emitter

from krm_inference.domain.generation import metadata
from krm_inference.domain.service import LLMService

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# curl's own image, by the digest with which public manifests of 2026 pin this tag; it runs as nobody that the cluster
# knows.
_DIGEST = "sha256:463eaf6072688fe96ac64fa623fe73e1dbe25d8ad6c34404a669ad3ce1f104b6"
IMAGE = f"docker.io/curlimages/curl:8.16.0@{_DIGEST}"
KEY = "smoke-test.sh"
# Neither kustomize nor Config Sync applies it with the package: a Job is run once, by who wants to know.
_LOCAL = {"config.kubernetes.io/local-config": "true"}


def text(service: LLMService, script: str) -> str:
    """Return the ConfigMap and the Job that runs `script`, beside `service`."""
    name = f"{service.names.base}-smoke-test"
    meta = {**metadata(name, service), "annotations": _LOCAL}
    config_map = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": {KEY: script}}
    container = {
        "name": "smoke-test",
        "image": IMAGE,
        "command": ["sh", f"/smoke-test/{KEY}"],
        **_key(service),
        "resources": {"requests": {"cpu": "50m", "memory": "64Mi", "ephemeral-storage": "64Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        },
        "volumeMounts": [
            {"name": "script", "mountPath": "/smoke-test", "readOnly": True},
            {"name": "tmp", "mountPath": "/tmp"},
        ],
    }
    user = {"runAsUser": 65532} if service.platform.fixed_users else {}
    pod = {
        "automountServiceAccountToken": False,
        "restartPolicy": "Never",
        "securityContext": {"runAsNonRoot": True, **user, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [container],
        "volumes": [
            {"name": "script", "configMap": {"name": name}},
            {"name": "tmp", "emptyDir": {"sizeLimit": "16Mi"}},
        ],
    }
    spec = {"backoffLimit": 0, "ttlSecondsAfterFinished": 3600, "template": {"spec": pod}}
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": meta, "spec": spec}
    return f"{emitter.document(config_map)}---\n{emitter.document(job)}"


def _key(service: LLMService) -> dict[str, Any]:
    """Return the API key that the script sends, where the servers ask for one."""
    secret = service.spec["server"].get("apiKeySecret")
    if secret is None:
        return {}
    reference = {"name": secret["name"], "key": secret["key"]}
    return {"env": [{"name": "API_KEY", "valueFrom": {"secretKeyRef": reference}}]}
