"""The kinds of our group, and objects that look like one of them by a slip of the pen.

A misspelt intent is no intent: without a word, all that was generated for it would be deleted.
"""

from __future__ import annotations

from functools import lru_cache

from krm_functions_sdk import Resource, Result

from krm_inference.domain.service import API_VERSION, GROUP, KIND

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# The functionConfigs of the functions that take one of their own; a file of a package may hold one.
KINDS = (KIND, "LLMCluster", "ImageLock", "InjectAccelerator", "InjectLifecycle", "InjectLora", "ValidateInference")
_LABELS = GROUP.split(".")
_NEAR = 0.75


def misspelt(resources: Iterable[Resource]) -> Iterator[tuple[Resource, str, str]]:
    """Yield each object that is meant to be of our group and is not, with the field and the message of the fault."""
    for resource in resources:
        if found := _slip(resource.api_version, resource.kind):
            yield resource, *found


@lru_cache(maxsize=256)  # the objects of a package are of few kinds, and each function asks for all of them
def _slip(api_version: str, kind: str) -> tuple[str, str] | None:
    """Return the field and the message of the fault of an object that is meant to be of our group and is not."""
    group = api_version.rpartition("/")[0]
    if group == GROUP:
        if kind not in KINDS:
            return "kind", f'unknown kind "{kind}" of {GROUP}{_guess(kind)}; known are {", ".join(KINDS)}'
    elif (_is_near(api_version) and (meant := _meant(kind))) or (not group and kind == KIND):
        field_is = f"found {api_version or 'none'}, expected {API_VERSION}"
        also = f"; and kind {kind}, expected {meant}" if _is_near(api_version) and kind != meant else ""
        return "apiVersion", f"{field_is}{also}: as it is, no function takes it for an intent"
    return None


def faults(resources: Iterable[Resource]) -> Iterator[Result]:
    """Yield an error for each object that is meant to be of our group and is not."""
    for resource, field, message in misspelt(resources):
        yield Result("error", message, resource, field, current=resource.get(field))


def _is_near(api_version: str) -> bool:
    """Say whether an apiVersion is ours but for a slip: all parts of our group but one stand in it."""
    text = api_version.lower()
    return sum(label in text for label in _LABELS) >= len(_LABELS) - 1


def _meant(kind: str) -> str:
    from krm_inference.domain.spelling import nearest

    names = {known.lower(): known for known in KINDS}
    found = nearest(kind[:100].lower(), names, _NEAR)
    return names[found] if found else ""


def _guess(kind: str) -> str:
    meant = _meant(kind)
    return f" (did you mean {meant}?)" if meant else ""
