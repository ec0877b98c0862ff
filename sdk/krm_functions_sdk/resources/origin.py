"""Who an object is, and who it was upstream: ids of the form `group|Kind|namespace|name`.

kpt writes the id that an object has in the package it was got from into the annotation
`internal.kpt.dev/upstream-identifier`, and merges updates by it. It belongs to kpt: it is read here and never written.
"""

from __future__ import annotations

from krm_functions_sdk.resources.annotations import may_hold
from krm_functions_sdk.resources.scope import NAMESPACED, Scopes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self

    from krm_functions_sdk.resources.resource import Resource

UPSTREAM_IDENTIFIER = "internal.kpt.dev/upstream-identifier"
NO_NAMESPACE = "~C"  # of objects that belong to the whole cluster, or of whose scope nothing is known
DEFAULT_NAMESPACE = "default"


class ObjectId(tuple[str, str, str, str]):
    """Group, kind, namespace and name; `namespace` is `~C` for what lives in none."""

    __slots__ = ()

    def __new__(cls, group: str, kind: str, namespace: str, name: str) -> Self:
        return super().__new__(cls, (group, kind, namespace, name))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the id in `text`. Raises ValueError."""
        parts = [part.strip() for part in text.split("|")]
        if len(parts) != 4 or not parts[1] or not parts[3]:
            raise ValueError(f"found {text!r}, expected group|Kind|namespace|name")
        return cls(parts[0], parts[1], parts[2] or NO_NAMESPACE, parts[3])

    @property
    def group(self) -> str:
        return self[0]

    @property
    def kind(self) -> str:
        return self[1]

    @property
    def namespace(self) -> str:
        return self[2]

    @property
    def name(self) -> str:
        return self[3]

    def replace(self, *, namespace: str = "", name: str = "") -> ObjectId:
        """Return the id with another namespace or name."""
        return ObjectId(self.group, self.kind, namespace or self.namespace, name or self.name)

    def __str__(self) -> str:
        return "|".join(self)

    def __repr__(self) -> str:
        return f"<ObjectId {self}>"


def current_id(resource: Resource, scopes: Scopes | None = None) -> ObjectId:
    """Return the id that an object has now; one that names no namespace and needs one is in `default`."""
    unnamed = DEFAULT_NAMESPACE if (scopes or Scopes()).of(resource) == NAMESPACED else NO_NAMESPACE
    return ObjectId(resource.group, resource.kind, resource.namespace or unnamed, resource.name)


def annotation_of(resource: Resource, name: str) -> Any:
    """Return the value of an annotation, None where there is none."""
    return resource.get(f"metadata.annotations[{name}]") if may_hold(resource.text, name) else None


def has_origin(resource: Resource) -> bool:
    """Say whether the object came from an upstream package."""
    return bool(annotation_of(resource, UPSTREAM_IDENTIFIER))


def origin_id(resource: Resource, scopes: Scopes | None = None) -> ObjectId:
    """Return the id that an object has upstream, or its own where it came from nowhere. Raises ValueError."""
    text = annotation_of(resource, UPSTREAM_IDENTIFIER)
    return ObjectId.parse(str(text)) if text else current_id(resource, scopes)
