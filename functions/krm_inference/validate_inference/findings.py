"""Findings: what a rule says of one field, and the rule itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from krm_functions_sdk import MISSING, Resource, Result, YamlFault
from krm_functions_sdk.document import field_path
from krm_functions_sdk.document.field_path import FieldPath, Flag

from krm_inference.domain.record import Record
from krm_inference.manifests.index import Index
from krm_inference.manifests.objects import Field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

OFF = "off"  # in place of a severity: the rule is not asked


class Finding(Record):
    """One fault: the field, what is wrong there, and the value that would be right where that is known."""

    field: Field
    message: str
    proposed: Any = MISSING
    line: int | None = None  # in the text of the object, where its place is no field


class Rule(Record):
    """One thing that is checked.

    `check` yields what contradicts it. `what` must hold, `why` says what breaks, `source` who says so (a CRD, a
    release, an issue, a measurement), `fix` what to do. `is_notice` marks what is no fault and worth knowing before
    production: it is said of sound packages as well. `needs_all` marks what may be found because an object is
    missing, or counts all of them: it is not said where an error came before. Issues are those of vllm-project/vllm
    (vLLM) and kubernetes-sigs/gateway-api-inference-extension (GAIE).
    """

    id: str
    severity: str
    check: Callable[[Index], Iterable[Finding]]
    what: str
    why: str
    source: str
    fix: str
    is_notice: bool = False
    needs_all: bool = False


class Topic(Record):
    """The rules about one thing, under their heading."""

    title: str
    about: str
    rules: tuple[Rule, ...]


def result(finding: Finding, rule: Rule, severity: str) -> Result:
    """Return the finding as a result of the function; it says what to do where it has no value to propose."""
    field = finding.field
    end = "" if finding.message.endswith("?") else "."
    message = f"{finding.message}{end} {rule.fix}" if finding.proposed is MISSING else finding.message
    found = Result(
        severity,
        message,
        field.object.resource,
        field.path,
        current=field.value,
        proposed=finding.proposed,
        tags={"rule": rule.id},
    )
    if field.inside:
        found.field += f" > {field_path.show(field.inside)}"
        found.line = _line_inside(field, field.inside) or found.line
    first = field.object.resource.first_line
    if finding.line is not None:
        found.line = first + finding.line if first else None
    return found


def _line_inside(field: Field, inside: FieldPath) -> int | None:
    """Return the line in its file of what stands in the text of a field, None where the text is no literal block."""
    resource = field.object.resource
    text = resource.find(field.path)
    if not resource.first_line or text is None or text.style != "|" or isinstance(field.path[-1], Flag):
        return None
    try:
        return Resource(text.value, first_line=resource.first_line + text.line + 1).line(inside)
    except YamlFault:
        return None


def listed(names: Iterable[str], most: int = 3) -> str:
    """Return the names as a short list, "none" where there are none."""
    distinct = sorted(set(names))
    more = f" and {len(distinct) - most} more" if len(distinct) > most else ""
    return (", ".join(distinct[:most]) or "none") + more
