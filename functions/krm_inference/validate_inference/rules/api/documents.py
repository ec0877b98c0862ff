"""Documents as they lie in files: those that cannot be read, those that are no objects, and what is not filled in."""

from __future__ import annotations

from collections.abc import Iterator

from krm_inference.manifests.foreign import place
from krm_inference.manifests.index import Identity, Index, identity
from krm_inference.manifests.objects import Field, Object
from krm_inference.manifests.placeholders import placeholder, texts
from krm_inference.validate_inference.findings import Finding, listed


def unreadable(index: Index) -> Iterator[Finding]:
    """Yield documents that are no YAML."""
    for resource, fault in index.broken:
        message = f"cannot be read as a Kubernetes object: {fault.message}"
        yield Finding(Object(resource, {}, 0).field, message, line=fault.line)


def foreign(index: Index) -> Iterator[Finding]:
    """Yield, once for a folder, how many documents are no objects, and why, and how many files are alternatives."""
    yield from _alternatives(index)
    if not index.foreign:
        return
    reasons: dict[str, list[str]] = {}
    for resource, reason in index.foreign:
        reasons.setdefault(reason, []).append(place(resource) or "standard input")
    parts = [f"{len(files)} {reason}: {listed(files)}" for reason, files in sorted(reasons.items())]
    count = len(index.foreign)
    are = (
        "documents are not checked, because they are no objects"
        if count > 1
        else ("document is not checked, because it is no object")
    )
    message = f"{count} {are}: {'; '.join(parts)}"
    yield Finding(Object(index.foreign[0][0], {}, 0).field, message, line=0)


def _alternatives(index: Index) -> Iterator[Finding]:
    parts = index.whole.parts
    if index is not parts[0] or len(parts) < 2:
        return
    held: dict[Identity, dict[str, Object]] = {}
    for item in index.whole.objects:
        held.setdefault(identity(item), {}).setdefault(item.resource.path or "", item)
    shared = [files for files in held.values() if len(files) > 1]
    files = sorted({path for each in shared for path in each})
    first = next(iter(shared[0].values()))
    message = f"{len(files)} files hold objects that others hold too, such as {first}; {len(parts)} sets are checked"
    yield Finding(Object(first.resource, {}, 0).field, f"{message} apart from each other: {listed(files)}")


def placeholders(index: Index) -> Iterator[Finding]:
    """Yield, once for a set, the placeholders that somebody has still to fill in."""
    found: dict[str, list[Field]] = {}
    for item in index.objects:
        for field in texts(item):
            found.setdefault(placeholder(field), []).append(field)
    if found:
        fields = [field for each in found.values() for field in each]
        places = len(fields)
        message = f"{places} field{'s wait' if places > 1 else ' waits'} for a value: {listed(found, 5)}"
        yield Finding(fields[0], message)
