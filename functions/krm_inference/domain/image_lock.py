"""The digests that images run by: one ImageLock of a package holds for all that is generated in it."""

from __future__ import annotations

from functools import cache

from krm_functions_sdk import Resource, ResourceList

from krm_inference.domain.service import GROUP, LLMService

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_functions_sdk import Schema

KIND = "ImageLock"


def apply(resources: ResourceList, services: list[LLMService]) -> None:
    """Give services the digests of the package's lock, and add every fault of it to the results."""
    locks = [item for item in resources if item.kind == KIND and item.group == GROUP]
    if not locks:
        return
    if len(locks) > 1:
        message = f"a package has one {KIND}, and there is one in {locks[0].path or locks[0]}; bring them together"
        for lock in locks[1:]:
            resources.results.error(message, lock, "kind", current=KIND)
        return
    faults = schema().check(locks[0].data)
    for fault in faults:
        resources.results.error(fault.message, locks[0], fault.path, current=fault.current)
    if not faults:
        _pin(resources, locks[0], services)


def _pin(resources: ResourceList, lock: Resource, services: list[LLMService]) -> None:
    digests: dict[str, str] = {}
    for index, entry in enumerate(lock.data["spec"]["images"]):
        if digests.setdefault(entry["image"], entry["digest"]) != entry["digest"]:
            message = f"{entry['image']} has another digest above; leave one of the two"
            resources.results.error(message, lock, f"spec.images[{index}].digest", current=entry["digest"])
    missing = {
        image: service
        for service in reversed(services)
        for image in service.images
        if "@" not in image and image not in digests
    }
    for image, service in sorted(missing.items()):
        message = f"{image} of {service.resource} has no digest here; `krmfn lock PACKAGE` asks its registry for it"
        resources.results.error(message, lock, "spec.images")
    for service in services:
        service.digests = digests


@cache
def schema() -> Schema:
    """Return the schema of an ImageLock."""
    from pathlib import Path

    from krm_functions_sdk import Schema
    from krm_functions_sdk.document import parser, tree

    text = Path(__file__).with_name("image_lock.schema.yaml").read_text(encoding="utf-8")
    return Schema(tree.value(parser.parse(text)))
