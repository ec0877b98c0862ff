"""References: what names an object follows when it is renamed, and nothing else does."""

from __future__ import annotations

import pytest
from krm_functions_sdk import ObjectId, Resource, ResourceList, rename

CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n  namespace: prod\n"
POD = """\
    spec:
      serviceAccountName: OLD
      priorityClassName: OLD
      imagePullSecrets:
      - name: OLD # pull
      initContainers:
      - name: OLD_
        envFrom:
        - configMapRef: {name: OLD}
      containers:
      - name: OLD_
        env:
        - name: A
          value: OLD_
        - name: B
          valueFrom:
            secretKeyRef:
              name: "OLD"
              key: OLD_
      volumes:
      - name: OLD_
        configMap:
          name: OLD
      - name: secret
        secret:
          secretName: OLD
      - name: claim
        persistentVolumeClaim:
          claimName: OLD
      - name: all
        projected:
          sources:
          - configMap:
              name: OLD
          - secret:
              name: OLD
"""
HEAD = "apiVersion: {}\nkind: {}\nmetadata:\n  name: referrer\n  namespace: prod\n"
SUBJECTS = """\
subjects:
- kind: ServiceAccount
  name: OLD
  namespace: prod
- kind: ServiceAccount
  name: OLD_
  namespace: other
- kind: User
  name: OLD_
"""
ROLE = """\
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: OLD
"""
RULES = """\
rules:
- apiGroups: [""]
  resources: [configmaps]
  resourceNames: [OLD, other] # what it reads
- apiGroups: [""]
  resources: [pods]
  resourceNames: [OLD_]
"""
KINDS = {
    **{f"v1 {kind}": "" for kind in ("ConfigMap", "Secret", "Service", "ServiceAccount", "PersistentVolumeClaim")},
    **dict.fromkeys(("scheduling.k8s.io/v1 PriorityClass", "rbac.authorization.k8s.io/v1 ClusterRole"), "~C"),
    **dict.fromkeys(("storage.k8s.io/v1 StorageClass", "v1 PersistentVolume"), "~C"),
    **dict.fromkeys(("networking.k8s.io/v1 IngressClass",), "~C"),
    **dict.fromkeys(("admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy",), "~C"),
    "apps/v1 Deployment": "",
}
REFERRERS = {
    **{
        f"{api} {kind}": f"{HEAD.format(api, kind)}spec:\n  template:\n{POD}"
        for api, kind in [
            *(("apps/v1", kind) for kind in ("DaemonSet", "Deployment", "ReplicaSet", "StatefulSet")),
            ("batch/v1", "Job"),
            ("v1", "ReplicationController"),
        ]
    },
    "Pod": HEAD.format("v1", "Pod") + POD.replace("\n    ", "\n").removeprefix("    "),
    "PodTemplate": HEAD.format("v1", "PodTemplate") + "template:\n" + POD.replace("\n  ", "\n").removeprefix("  "),
    "CronJob": f"{HEAD.format('batch/v1', 'CronJob')}spec:\n jobTemplate:\n  spec:\n   template:\n{POD}",
    "ClusterRoleBinding": HEAD.format("rbac.authorization.k8s.io/v1", "ClusterRoleBinding").replace(
        "  namespace: prod\n", ""
    )
    + SUBJECTS
    + ROLE,
    "RoleBinding": HEAD.format("rbac.authorization.k8s.io/v1", "RoleBinding") + SUBJECTS + ROLE,
    "Role": HEAD.format("rbac.authorization.k8s.io/v1", "Role") + RULES,
    "HorizontalPodAutoscaler": HEAD.format("autoscaling/v2", "HorizontalPodAutoscaler")
    + "spec:\n  scaleTargetRef:\n    apiVersion: apps/v1\n    kind: Deployment\n    name: OLD\n",
    "HorizontalPodAutoscaler of others": HEAD.format("autoscaling/v2", "HorizontalPodAutoscaler")
    + "spec:\n  scaleTargetRef:\n    apiVersion: example.com/v1\n    kind: Deployment\n    name: OLD_\n",
    "Ingress": HEAD.format("networking.k8s.io/v1", "Ingress")
    + "spec:\n  ingressClassName: OLD\n  tls:\n  - hosts: [OLD_]\n    secretName: OLD\n  defaultBackend:\n"
    + "    service:\n      name: OLD\n  rules:\n  - http:\n      paths:\n      - path: /OLD_\n        backend:\n"
    + "          service: {name: OLD, port: {number: 80}}\n",
    "PersistentVolumeClaim": HEAD.format("v1", "PersistentVolumeClaim")
    + "spec:\n  storageClassName: OLD\n  volumeName: OLD\n",
    "StatefulSet of a Service": HEAD.format("apps/v1", "StatefulSet")
    + "spec:\n  serviceName: OLD\n  volumeClaimTemplates:\n  - spec:\n      storageClassName: OLD\n",
    "Webhook": HEAD.format("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration")
    + "webhooks:\n- name: OLD_\n  clientConfig:\n    service:\n      name: OLD\n      namespace: prod\n",
    "Webhook elsewhere": HEAD.format("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration")
    + "webhooks:\n- name: OLD_\n  clientConfig:\n    service:\n      name: OLD_\n      namespace: other\n",
    "ValidatingAdmissionPolicyBinding": HEAD.format(
        "admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding"
    )
    + "spec:\n  policyName: OLD\n",
    "ServiceAccount": HEAD.format("v1", "ServiceAccount") + "imagePullSecrets:\n- name: OLD\nsecrets:\n- name: OLD\n",
    "depends on": HEAD.format("v1", "Service")
    + "  annotations:\n    config.kubernetes.io/depends-on: apps/namespaces/prod/Deployment/OLD,"
    + " apps/namespaces/other/Deployment/OLD_\n",
    "a kind of others": HEAD.format("example.com/v1", "Thing") + "spec:\n  serviceAccountName: OLD_\n",
}


@pytest.mark.parametrize("referrer", REFERRERS)
def test_references_follow(referrer: str) -> None:
    """Each field that names a renamed object follows; the same name in another role or namespace stays."""
    text = REFERRERS[referrer]
    before = text.replace("OLD_", "old").replace("OLD", "old")
    after = text.replace("OLD_", "old").replace("OLD", "new-name")
    names = {}
    for known, namespace in KINDS.items():
        api_version, kind = known.split()
        group = api_version.rpartition("/")[0]
        names[ObjectId(group, kind, namespace or "prod", "old")] = "new-name"
    resources = ResourceList([Resource(before)])
    rename(resources, names)
    assert resources.items[0].text == after


def test_objects_get_their_names() -> None:
    """The objects themselves are renamed, in their text, and only those."""
    other = CONFIG.replace("prod", "other")
    resources = ResourceList([Resource(CONFIG), Resource(other)])
    rename(resources, {ObjectId("", "ConfigMap", "prod", "settings"): "own"})
    assert [one.text for one in resources] == [CONFIG.replace("settings", "own"), other]


def test_names_can_be_swapped() -> None:
    """References are looked up by the names that were, whatever the order of the items."""
    texts = [CONFIG.replace("settings", name) for name in ("a", "b")]
    pod = HEAD.format("v1", "Pod") + "spec:\n  volumes:\n  - configMap: {name: a}\n  - configMap: {name: b}\n"
    resources = ResourceList([Resource(texts[0]), Resource(pod), Resource(texts[1])])
    swap = {ObjectId("", "ConfigMap", "prod", one): other for one, other in (("a", "b"), ("b", "a"))}
    rename(resources, swap)
    assert [one.name for one in resources] == ["b", "referrer", "a"]
    assert "  - configMap: {name: b}\n  - configMap: {name: a}\n" in resources.items[1].text


def test_a_reference_without_a_namespace() -> None:
    """Objects that name no namespace are in `default`, and find each other there."""
    config = CONFIG.replace("  namespace: prod\n", "")
    pod = HEAD.format("v1", "Pod").replace("prod", "default") + "spec:\n  volumes:\n  - configMap: {name: settings}\n"
    resources = ResourceList([Resource(config), Resource(pod)])
    rename(resources, {ObjectId("", "ConfigMap", "default", "settings"): "own"})
    assert "{name: own}" in resources.items[1].text
