"""What was generated for a service of which the package says nothing any more.

A service that shall go says so, by `spec.ensure: Absent`, and one that was renamed by an annotation. Anything else
may be a slip, such as an emptied file, and is an error instead of the end of a service.
"""

from __future__ import annotations

from krm_functions_sdk import Resource, ResourceList, Result
from krm_functions_sdk.resources.annotations import RENAMED_FROM as RENAMED_BY_OVERLAY

from krm_inference.domain import kinds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MARK = "inference.fn.kpt.dev/generated-by"
RENAMED_FROM = "inference.fn.kpt.dev/renamed-from"
# The functions that delete what they made.
MAKERS = (
    *("generate-model-server", "inject-lora", "generate-inference-pool", "generate-objectives"),
    *("generate-routing", "generate-monitoring"),
)


def former_name(intent: Resource) -> str:
    """Return the name that an LLMService had before, "" where it does not say one."""
    return intent.annotation(RENAMED_BY_OVERLAY) or intent.annotation(RENAMED_FROM)


def maker(resource: Resource) -> tuple[str, str]:
    """Return the function and the service that the mark of an object names, "" where it names none."""
    function, _, service = resource.annotation(MARK).partition("/")
    return function, service


def faults(resources: ResourceList, intents: list[Resource]) -> Iterator[Result]:
    """Yield an error for each service that is gone without a word while objects that were generated for it are left."""
    names = {resource.name for resource in intents}
    yield from _renames(intents, names)
    # One that is misspelt has an error of its own.
    known = names | {former_name(resource) for resource in intents}
    known |= {resource.name for resource, _, _ in kinds.misspelt(resources)}
    left: dict[str, list[Resource]] = {}
    for resource in resources:
        function, service = maker(resource)
        if function in MAKERS and service and service not in known:
            left.setdefault(service, []).append(resource)
    bare = sorted(names - {maker(resource)[1] for resource in resources}) if left else []
    for service, objects in left.items():
        yield Result("error", _message(service, objects, bare), objects[0], f"metadata.annotations[{MARK}]")


def _renames(intents: Iterable[Resource], names: set[str]) -> Iterator[Result]:
    for resource in intents:
        former = former_name(resource)
        if former and former in names:
            field = f"metadata.annotations[{RENAMED_FROM}]"
            message = f'LLMService "{former}" is still there; where it was renamed, take it out, else this annotation'
            yield Result("error", message, resource, field, current=former)


def _message(service: str, objects: list[Resource], bare: list[str]) -> str:
    count = f"{len(objects)} objects that were" if len(objects) > 1 else "an object that was"
    verb, new = ("are" if len(objects) > 1 else "is"), (bare[0] if len(bare) == 1 else "the new one")
    return (
        f"LLMService {service} is gone, but {count} generated for it {verb} still here. Nothing was deleted. "
        "If it went by mistake, put it back. If it shall go, put it back with spec.ensure: Absent, render, and then "
        f"delete its file. If it was renamed, say so on {new}: annotation {RENAMED_FROM}: {service}"
    )
