"""Documents as they lie in files: those that cannot be read, those that are no objects, and what is not filled in."""

from __future__ import annotations

from collections.abc import Iterator

from krm_inference.manifests.foreign import place
from krm_inference.manifests.index import Index
from krm_inference.manifests.objects import Field, Object
from krm_inference.manifests.placeholders import placeholder, texts
from krm_inference.validate_inference.findings import Finding, listed


def unreadable(index: Index) -> Iterator[Finding]:
    """Yield documents that are no YAML."""
    for resource, fault in index.broken:
        message = f"cannot be read as a Kubernetes object: {fault.message}"
        yield Finding(Object(resource, {}, 0).field, message, line=fault.line)


def foreign(index: Index) -> Iterator[Finding]:
    """Yield, once for a set, how many documents are no objects of a cluster, and why."""
    if not index.foreign:
        return
    reasons: dict[str, list[str]] = {}
    for resource, reason in index.foreign:
        reasons.setdefault(reason, []).append(place(resource) or "standard input")
    parts = [f"{len(files)} {reason}: {listed(files)}" for reason, files in sorted(reasons.items())]
    count = len(index.foreign)
    message = f"{count} document{'s are' if count > 1 else ' is'} not checked: {'; '.join(parts)}"
    yield Finding(Object(index.foreign[0][0], {}, 0).field, message, line=0)


def placeholders(index: Index) -> Iterator[Finding]:
    """Yield, once for a set, the placeholders that somebody has still to fill in."""
    found: dict[str, list[Field]] = {}
    for item in index.objects:
        for field in texts(item):
            found.setdefault(placeholder(field.text), []).append(field)
    if found:
        fields = [field for each in found.values() for field in each]
        places = len(fields)
        message = f"{places} field{'s wait' if places > 1 else ' waits'} for a value: {listed(found, 5)}"
        yield Finding(fields[0], message)
