"""The annotation `config.kubernetes.io/depends-on`: what has to be applied before an object.

It lists references of the form `group/namespaces/namespace/Kind/name` or `group/Kind/name`, separated by commas.
"""

from __future__ import annotations

from krm_functions_sdk.resources.origin import NO_NAMESPACE, ObjectId, annotation_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from krm_functions_sdk.resources.resource import Resource

ANNOTATION = "config.kubernetes.io/depends-on"
_FIELD = f"metadata.annotations[{ANNOTATION}]"


def read(resource: Resource) -> list[ObjectId]:
    """Return what the object depends on, without what is no reference."""
    references = map(_parse, str(annotation_of(resource, ANNOTATION) or "").split(","))
    return [reference for reference in references if reference is not None]


def update(resource: Resource, change: Callable[[ObjectId], ObjectId]) -> bool:
    """Replace every reference by what `change` makes of it, and say whether that changed the annotation."""
    before = annotation_of(resource, ANNOTATION)
    if not isinstance(before, str):
        return False
    after = ",".join(_replaced(part, change) for part in before.split(","))
    if after != before:
        resource.set(_FIELD, after)
    return after != before


def _replaced(part: str, change: Callable[[ObjectId], ObjectId]) -> str:
    reference = _parse(part)
    wanted = change(reference) if reference is not None else None
    return part if wanted is None or wanted == reference else part.replace(part.strip(), _show(wanted))


def _parse(text: str) -> ObjectId | None:
    match text.strip().split("/"):
        case [group, "namespaces", namespace, kind, name]:
            return ObjectId(group, kind, namespace, name)
        case [group, kind, name]:
            return ObjectId(group, kind, NO_NAMESPACE, name)
    return None


def _show(reference: ObjectId) -> str:
    group, kind, namespace, name = reference
    return f"{group}/{kind}/{name}" if namespace == NO_NAMESPACE else f"{group}/namespaces/{namespace}/{kind}/{name}"
