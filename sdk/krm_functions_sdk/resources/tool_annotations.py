"""Annotations of the tools that run a function: a function leaves them as they are.

The tools keep their books in annotations: the place of an object, an id by which comments find it again, the id that it
has upstream. The KRM functions specification, section `internal.config.kubernetes.io`, forbids a function to change any
of them but path and index, and kpt merges updates by its own. So a function that writes all annotations of an object
leaves these as they are, and one that names one of them is told; a place can be set by name.
"""

from __future__ import annotations

from krm_functions_sdk.document.wanted import MISSING, bare, plain, same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_functions_sdk.document.ownership import Owned

OF_TOOLS = ("internal.config.kubernetes.io/", "internal.config.k8s.io/", "config.k8s.io/", "internal.kpt.dev/")
_PLACES = tuple(f"{prefix}config.kubernetes.io/{name}" for prefix in ("internal.", "") for name in ("path", "index"))


def is_of_tools(name: str) -> bool:
    """Say whether an annotation belongs to the tools that run functions."""
    return name.startswith(OF_TOOLS) or name in _PLACES


def is_named_in(text: str) -> bool:
    """Say whether a text can hold the name of such an annotation."""
    may_be = "config.k" in text or "internal.kpt.dev/" in text  # of most texts this tells
    return may_be and any(name in text for name in (*OF_TOOLS, *_PLACES))


def of_tools(annotations: Any) -> dict[str, Any]:
    """Return those of the annotations of an object that belong to the tools: the place, the ids, the origin."""
    if not isinstance(annotations, dict):
        return {}
    return {name: value for name, value in annotations.items() if is_of_tools(name)}


def guarded(resource: object, there: Any, wanted: dict[str, Any], metadata: Owned) -> dict[str, Any]:
    """Return what is wanted of a resource, with the annotations of the tools wherever all annotations are written.

    `there` are the annotations that it has, and `metadata` is what is owned of its metadata. Raises ValueError, with
    the name of `resource`, where an annotation of the tools, other than the place, would change.
    """
    annotations = metadata.children.get("annotations")
    named = [] if annotations is None else [step for step in annotations.children if isinstance(step, str)]
    is_whole = metadata.whole or (annotations is not None and annotations.whole)
    if not is_whole and not any(map(is_of_tools, named)):
        return wanted
    have = of_tools(there)
    meta = bare(wanted.get("metadata"))
    meta = meta if isinstance(meta, dict) else {}
    given = bare(meta.get("annotations"))
    given = given if isinstance(given, dict) else {}
    for name in (*given, *([] if is_whole else named)):
        is_fixed = is_of_tools(name) and name not in _PLACES
        if is_fixed and not same(plain(given.get(name, MISSING)), have.get(name, MISSING)):
            raise ValueError(
                f"{resource}: the annotation {name} belongs to the tools that run functions; leave it as it is"
            )
    kept = {name: value for name, value in have.items() if name not in given}
    return {**wanted, "metadata": {**meta, "annotations": {**given, **kept}}} if is_whole and kept else wanted
