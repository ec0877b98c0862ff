"""Rules about references in general, and about what Pods, bindings and Roles name.

Holds the rows, their checks, an example of each rule, and the page that is written from these.
May import: the SDK, the domain, `manifests/`, `findings.py` and the checks that topics share; no other topic.
"""

from __future__ import annotations

from krm_functions_sdk import ERROR, INFO, WARNING

from krm_inference.validate_inference.findings import Rule, Topic
from krm_inference.validate_inference.rules import missing
from krm_inference.validate_inference.rules.references import keys, kinds, kustomizations, subjects, volumes

# fmt: off
TOPIC = Topic("References", "Whether what an object refers to exists, has that kind and is in that namespace.", (
    Rule("reference-kind", ERROR, kinds.wrong_kinds,
         "The group and kind of a reference belong together and match the object",
         "InferencePools are in group inference.networking.k8s.io; without group and kind a backend is a Service",
         "CRDs of GAIE v1.0.0 and of Gateway API v1.6.1",
         "Write the group and kind of the object"),
    Rule("reference-name", ERROR, kinds.nameless,
         "References have a name",
         "The API server refuses the object",
         "the CRDs: name is required",
         "Write the name of the object"),
    Rule("reference-outside", INFO, kinds.not_here,
         "Pools and picker Services that the manifests refer to are among the manifests",
         "A pool or picker Service that is not among them cannot be checked",
         "this function",
         "Check all manifests of the service together"),
    Rule("pod-volume", ERROR, volumes.missing_volumes,
         "The volumes that containers of servers and pickers mount exist in the Pod",
         "The API server refuses the object",
         "Kubernetes 1.36, validation of Pods",
         "Name a volume of the Pod"),
    Rule("pod-config-map", ERROR, missing.missing("pod-config"),
         "ConfigMaps that servers and pickers use exist, if the manifests hold ConfigMaps",
         "The container is not started before the ConfigMap exists",
         "Kubernetes: volumes and environment from ConfigMaps",
         "Name a ConfigMap that exists, or add it"),
    Rule("pod-key", ERROR, keys.missing_keys,
         "Keys that servers and pickers read exist in the ConfigMap or Secret, if it is among the manifests",
         "The container is not started",
         "Kubernetes: volumes and environment from ConfigMaps and Secrets",
         "Name a key that the object has"),
    Rule("pod-claim", WARNING, keys.missing_claims,
         "PersistentVolumeClaims of servers and pickers exist, if the manifests hold some",
         "The Pod stays Pending",
         "Kubernetes: persistent volumes",
         "Name a claim that exists, or add it"),
    Rule("pod-account", ERROR, missing.missing("pod-account"),
         "ServiceAccounts of servers and pickers exist, if the manifests hold ServiceAccounts",
         "No Pod is created before the ServiceAccount exists",
         "Kubernetes: admission of service accounts",
         "Name a ServiceAccount that exists, or add it"),
    Rule("binding-subject", ERROR, missing.missing("binding-subject"),
         "ServiceAccounts in bindings exist, in that namespace",
         "The picker or the collector may not read what it needs",
         "Kubernetes: role-based access control",
         "Name the ServiceAccount that uses the rights, with its namespace"),
    Rule("binding-subject-namespace", ERROR, subjects.subjects_without_namespace,
         "ServiceAccounts in ClusterRoleBindings have a namespace",
         "The API server refuses the object",
         "Kubernetes 1.36, validation of rbac.authorization.k8s.io/v1",
         "Add the namespace of the ServiceAccount"),
    Rule("binding-role", ERROR, missing.missing("binding-role"),
         "Roles in bindings exist, if the manifests hold roles",
         "The binding grants nothing",
         "Kubernetes: role-based access control",
         "Name a role that exists, or add it"),
    Rule("role-resource-name", WARNING, kinds.unknown_resource_names,
         "resourceNames of Roles name Secrets and ConfigMaps that exist",
         "The Role grants nothing",
         "Kubernetes: role-based access control",
         "Name an object that exists"),
    Rule("token-account", ERROR, missing.missing("token-account"),
         "The ServiceAccount of a token Secret exists",
         "The Secret is deleted and never gets a token",
         "Kubernetes: token controller",
         "Name the ServiceAccount that the token is for"),
    Rule("kustomization-file", ERROR, kustomizations.missing_files,
         "The files that a kustomization names are there",
         "No build works before they are",
         "kustomize: resources of a kustomization",
         "Take the entry out, or name the file that is meant"),
    Rule("kustomization-left-out", INFO, kustomizations.left_out,
         "Files that hold objects for a cluster are named by the kustomization of their folder",
         "The objects never reach the cluster, and nothing says so",
         "kustomize: resources of a kustomization",
         "Add the file to resources, or mark its objects config.kubernetes.io/local-config"),
))
# fmt: on
