"""Scope: which kinds live in namespaces, and how a list teaches the kinds that the table does not hold."""

from __future__ import annotations

import pytest
from krm_functions_sdk import Resource, ResourceList, Scopes, is_cluster_scoped
from krm_functions_sdk.resources.scope import BUILT_IN, CLUSTER, NAMESPACED


def thing(api_version: str, kind: str, namespace: str = "") -> Resource:
    below = f"  namespace: {namespace}\n" if namespace else ""
    return Resource(f"apiVersion: {api_version}\nkind: {kind}\nmetadata:\n  name: x\n{below}")


def definition(group: str, kind: str, scope: str, api_version: str = "apiextensions.k8s.io/v1") -> Resource:
    spec = {"group": group, "names": {"kind": kind}, "scope": scope}
    metadata = {"name": f"{kind.lower()}s.{group}"}
    return Resource.new(
        {"apiVersion": api_version, "kind": "CustomResourceDefinition", "metadata": metadata, "spec": spec}
    )


@pytest.mark.parametrize(
    ("api_version", "kind", "scope"),
    [
        ("v1", "Pod", NAMESPACED),
        ("v1", "Namespace", CLUSTER),
        ("v1", "PersistentVolume", CLUSTER),
        ("v1", "PersistentVolumeClaim", NAMESPACED),
        ("apps/v1", "Deployment", NAMESPACED),
        ("extensions/v1beta1", "Deployment", NAMESPACED),
        ("rbac.authorization.k8s.io/v1", "Role", NAMESPACED),
        ("rbac.authorization.k8s.io/v1", "ClusterRole", CLUSTER),
        ("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", CLUSTER),
        ("authorization.k8s.io/v1", "LocalSubjectAccessReview", NAMESPACED),
        ("authorization.k8s.io/v1", "SubjectAccessReview", CLUSTER),
        ("certificates.k8s.io/v1alpha1", "PodCertificateRequest", NAMESPACED),
        ("certificates.k8s.io/v1beta1", "ClusterTrustBundle", CLUSTER),
        ("networking.k8s.io/v1", "ServiceCIDR", CLUSTER),
        ("networking.k8s.io/v1", "Ingress", NAMESPACED),
        ("resource.k8s.io/v1", "DeviceClass", CLUSTER),
        ("resource.k8s.io/v1", "ResourceClaim", NAMESPACED),
        ("resource.k8s.io/v1alpha3", "DeviceTaintRule", CLUSTER),
        ("storage.k8s.io/v1", "VolumeAttributesClass", CLUSTER),
        ("storage.k8s.io/v1", "CSIStorageCapacity", NAMESPACED),
        ("example.com/v1", "Pod", None),
        ("v1", "Deployment", None),
    ],
)
def test_the_built_in_kinds_are_known(api_version: str, kind: str, scope: str | None) -> None:
    """The table goes by group and kind, whatever the version, and holds no kind of others."""
    assert Scopes().of(thing(api_version, kind)) == scope
    assert is_cluster_scoped(thing(api_version, kind)) is (None if scope is None else scope == CLUSTER)


def test_no_kind_stands_twice_in_the_table() -> None:
    """Each kind of a group has one scope, and the table is not empty."""
    assert set(BUILT_IN.values()) == {NAMESPACED, CLUSTER}
    assert len(BUILT_IN) > 80


def test_a_namespace_tells() -> None:
    """An object of an unknown kind that names a namespace lives in it; a built-in kind is what it is."""
    assert Scopes().is_namespaced(thing("example.com/v1", "Thing", "prod"))
    assert is_cluster_scoped(thing("example.com/v1", "Thing", "prod")) is False
    assert Scopes().is_cluster_scoped(thing("v1", "Node", "prod"))


def test_an_unknown_kind_is_neither() -> None:
    """Where nothing tells, neither question is answered with yes."""
    unknown = thing("example.com/v1", "Thing")
    assert not Scopes().is_namespaced(unknown)
    assert not Scopes().is_cluster_scoped(unknown)


@pytest.mark.parametrize("scope", [NAMESPACED, CLUSTER])
@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_a_definition_teaches(scope: str, version: str) -> None:
    """A CustomResourceDefinition among the resources tells the scope of its kind, wherever it stands."""
    resource = thing("example.com/v2", "Thing")
    resources = ResourceList([resource, definition("example.com", "Thing", scope, f"apiextensions.k8s.io/{version}")])
    assert Scopes(resources).of(resource) == scope
    assert Scopes(resources).of(thing("other.com/v1", "Thing")) is None


def test_a_definition_that_says_nothing_teaches_nothing() -> None:
    """Neither a broken definition nor one of another group nor one of a built-in kind changes what is known."""
    resources = [
        definition("example.com", "Thing", "Everywhere"),
        definition("example.com", "Thing", CLUSTER, "example.com/v1"),
        Resource(
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: x\nspec: null\n"
        ),
        definition("apps", "Deployment", CLUSTER),
    ]
    assert Scopes(resources).of(thing("example.com/v1", "Thing")) is None
    assert Scopes(resources).of(thing("apps/v1", "Deployment")) == NAMESPACED
