"""Subjects of bindings, as the API server takes them."""

from __future__ import annotations

from collections.abc import Iterator

from krm_inference.manifests.groups import RBAC
from krm_inference.manifests.index import Index
from krm_inference.manifests.kustomize import kustomize
from krm_inference.validate_inference.findings import Finding


def subjects_without_namespace(index: Index) -> Iterator[Finding]:
    """Yield ServiceAccounts in ClusterRoleBindings that lack the namespace that the API server requires.

    Kustomize writes it, as that of the ServiceAccount, into the bindings that it builds.
    """
    for binding in index.of((RBAC, "ClusterRoleBinding")):
        for subject in binding.at("subjects") if not kustomize(index).takes(binding) else ():
            if subject["kind"].text == "ServiceAccount" and not subject["namespace"].text:
                yield Finding(subject["namespace"], f"ServiceAccount {subject['name'].text} needs a namespace here")
