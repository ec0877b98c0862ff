"""Findings in generated fields, told of the field of the intent from which these follow: there a user mends them."""

from __future__ import annotations

from krm_functions_sdk import MISSING, Result
from krm_functions_sdk.document import emitter, field_path

from krm_inference.domain import derivation
from krm_inference.domain.remains import maker
from krm_inference.manifests.index import Index
from krm_inference.manifests.objects import Object
from krm_inference.validate_inference.findings import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from krm_functions_sdk.document.field_path import FieldPath

    from krm_inference.domain.service import LLMService

_SERVERS = ("Deployment", "LeaderWorkerSet")


def of_intent(index: Index, finding: Finding, found: Result) -> Result:
    """Return the result as one about the intent, with the generated field beside it; or as it is, where none is known.

    An object that was made in this very run has no file yet: it is told of the part of the intent that it is for.
    """
    item = finding.field.object
    for service, field in _fields(index, finding):
        return _told(service, field, found)
    makers = list(_services(index, item)) if item.resource.is_new else []
    if makers:
        field = derivation.field_of_object(makers[0], item.kind, item.name)
        return _told(makers[0], field, found)
    return found


def is_certain(index: Index, finding: Finding, told: Result) -> bool:
    """Say whether a finding is true although an error came before: it is about the intent, or nothing generated.

    What stands in a generated field may be there because a function that would have corrected it did not run to its
    end.
    """
    return told.derived is not None or not _is_generated(index, finding.field.object)


def _is_generated(index: Index, item: Object) -> bool:
    """Say whether an object is generated, or one into which functions write."""
    own = {(kind, name) for kind in _SERVERS for name in index.intents}
    return bool(_maker(item)[0]) or (item.kind, item.name) in own


def _fields(index: Index, finding: Finding) -> Iterator[tuple[LLMService, FieldPath]]:
    field = finding.field
    for service in _services(index, field.object):
        item, is_foreign = field.object, not _maker(field.object)[0]
        known = derivation.field_of(service, item.kind, item.name, field.path, field.value, only_said=is_foreign)
        if known is not None:
            yield service, known


def _maker(item: Object) -> tuple[str, str]:
    """Return which function made an object for which service; of a document that cannot be read nobody knows."""
    return maker(item.resource) if item.kind else ("", "")


def _services(index: Index, item: Object) -> Iterator[LLMService]:
    """Yield the services for which an object was generated, and the one whose server it is."""
    name = _maker(item)[1] or (item.name if item.kind in _SERVERS else "")
    for service in index.derive(_by_name).get(name, ()) if name else ():
        if item.namespace in ("", service.namespace, service.gateway[0]):
            yield service


def _by_name(index: Index) -> dict[str, list[LLMService]]:
    found: dict[str, list[LLMService]] = {}
    for service in index.services:
        found.setdefault(service.name, []).append(service)
    return found


def _told(service: LLMService, field: FieldPath, found: Result) -> Result:
    said = service.resource.get(field_path.show(field), MISSING)
    is_same = said is not MISSING and said == found.current
    result = Result(
        found.severity,
        found.message,
        service.resource,
        field,
        current=found.current if is_same else said,
        proposed=found.proposed if is_same else MISSING,
        tags=found.tags,
    )
    if not is_same and found.proposed is not MISSING:
        result.message += f"; proposed there: {emitter.flow(found.proposed)}"
    result.derived = found
    return result
