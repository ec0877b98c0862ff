"""The annotation for what has to be applied before: read, and changed where a reference changes."""

from __future__ import annotations

import pytest
from krm_functions_sdk import ObjectId, Resource, depends_on

TEXT = """\
apiVersion: v1
kind: Service
metadata:
  name: web
  annotations:
    config.kubernetes.io/depends-on: {} # first
"""


def moved(reference: ObjectId) -> ObjectId:
    return reference.replace(namespace="prod") if reference.namespace != "~C" else reference.replace(name="own")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("apps/namespaces/dev/Deployment/db", "apps/namespaces/prod/Deployment/db"),
        ("/namespaces/dev/Secret/db", "/namespaces/prod/Secret/db"),
        ("rbac.authorization.k8s.io/ClusterRole/reader", "rbac.authorization.k8s.io/ClusterRole/own"),
        ("/namespaces/a/Secret/x, /Namespace/y,/namespaces/a/Secret/z",
         "/namespaces/prod/Secret/x, /Namespace/own,/namespaces/prod/Secret/z"),
        ("/namespaces/prod/Secret/x", "/namespaces/prod/Secret/x"),
        ("some-prefix/group/namespaces/ns/kind/name", "some-prefix/group/namespaces/ns/kind/name"),
        ("group/namespaces/ns/kind/name/some-suffix", "group/namespaces/ns/kind/name/some-suffix"),
        ("group/oops/ns/kind/name", "group/oops/ns/kind/name"),
        ("nonsense", "nonsense"),
    ],
)  # fmt: skip
def test_references_follow(before: str, after: str) -> None:
    """Each reference is changed in its place; what is none stays."""
    resource = Resource(TEXT.format(before))
    assert depends_on.update(resource, moved) == (before != after)
    assert resource.text == TEXT.format(after)


def test_references_are_read() -> None:
    """The references as ids, those of cluster-scoped objects in `~C`."""
    resource = Resource(TEXT.format("apps/namespaces/dev/Deployment/db, /Namespace/dev, nonsense"))
    assert [str(one) for one in depends_on.read(resource)] == ["apps|Deployment|dev|db", "|Namespace|~C|dev"]


@pytest.mark.parametrize("text", [TEXT.replace("depends-on", "other"), "apiVersion: v1\nkind: Pod\n", TEXT.format(7)])
def test_without_references(text: str) -> None:
    """Without the annotation, or with one that is no string, nothing happens."""
    resource = Resource(text)
    assert depends_on.read(resource) == []
    assert not depends_on.update(resource, moved)
    assert resource.text == text
