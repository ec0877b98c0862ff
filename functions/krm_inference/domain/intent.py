"""All LLMServices of a package: read, and checked each by itself and together."""

from __future__ import annotations

from functools import cache

from krm_functions_sdk import ERROR, Resource, ResourceList, Result

from krm_inference.domain.service import API_VERSION, KIND, LLMService, is_llm_service
from krm_inference.domain.sound import Sound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_functions_sdk import Schema

SOUND = Sound()  # intents, and what was worked out of each


@cache
def schema() -> Schema:
    """Return the schema of an LLMService."""
    from pathlib import Path

    from krm_functions_sdk import Schema

    from krm_inference.domain import schema_file

    return Schema(schema_file.read(Path(__file__).with_name("llm_service.schema.yaml")))


def read(resources: ResourceList, *, takes_other_config: bool = False) -> list[LLMService]:
    """Return the LLMServices among the resources, and the functionConfig where it is one, by name.

    All faults of all of them are added to the results, and those that have none are returned: a function goes on with
    these, so that what it finds is told too, and deletes nothing. A functionConfig that is no LLMService is a fault,
    unless the function `takes_other_config`, or it says nothing. So is what was generated for a service that is gone
    without a word, but where the resources are incomplete, since its file may be one that cannot be read. A service
    that shall be absent is not in the list, so that what was generated for it goes.
    """
    if not takes_other_config:
        _refuse_other_config(resources)
    is_refused = resources.results.failed
    intents = [resource for resource in resources if is_llm_service(resource)]
    config = resources.function_config
    if config is not None and is_llm_service(config) and config.identity not in [item.identity for item in intents]:
        intents.append(config)
    from krm_inference.domain import kinds, pipeline, remains

    resources.results.extend(kinds.faults(resources))
    resources.results.extend(pipeline.faults(resources))
    if (intents or not takes_other_config) and not resources.is_incomplete:
        resources.results.extend(remains.faults(resources, intents))
    if not intents or is_refused:
        return []
    from krm_inference.domain import secrets

    at_fault: set[int] = set()  # by id()
    known = SOUND.recall(intents)
    if known is None:
        every = [LLMService(resource, _checked(resources, resource, at_fault)) for resource in intents]
    else:
        every = [LLMService.again(resource, facts) for resource, facts in zip(intents, known, strict=True)]
    services = present(every)
    if known is None:
        from krm_inference.domain import consistency

        faults = list(consistency.check(services, intents))
        resources.results.extend(faults)
        if not faults and not at_fault:
            SOUND.remember(intents, [service.worked_out for service in every])
    if any(item.kind == "ImageLock" for item in resources):
        from krm_inference.domain import image_lock

        image_lock.apply(resources, services)
    resources.results.sort(key=_place)
    secrets.hide(resources.results)
    blamed = {_named(result) for result in resources.results if result.severity == ERROR}
    whole = (service for service in services if id(service.resource) not in at_fault)
    return [service for service in whole if (KIND, service.namespace, service.name) not in blamed]


def present(services: list[LLMService]) -> list[LLMService]:
    """Return the services that shall be there, by name."""
    found = [service for service in services if service.spec["ensure"] == "Present"]
    return sorted(found, key=lambda service: (service.name, service.namespace))


def _checked(resources: ResourceList, intent: Resource, at_fault: set[int]) -> dict[str, Any]:
    """Return what an intent says, with its defaults; its faults by the schema go to the results, its id() to the set.

    One with faults is looked at as far as it goes, so that one run reports all there is.
    """
    checked = schema()
    value: dict[str, Any] = intent.data
    if faults := checked.check(value):
        from krm_inference.domain import repair

        at_fault.add(id(intent))
        for fault in faults:
            resources.results.error(fault.message, intent, fault.path, current=fault.current)
        value = repair.repaired(value, faults, checked.openapi)
    return checked.with_defaults(value)  # type: ignore[no-any-return]  # of a map


def _refuse_other_config(resources: ResourceList) -> None:
    config = resources.function_config
    if config is None or is_llm_service(config) or (config.kind == "ConfigMap" and not config.get("data")):
        return
    message = f"found {config.api_version} {config.kind}, expected {API_VERSION} {KIND} or no functionConfig"
    resources.results.error(message, config, "kind", current=config.kind)


def _named(result: Result) -> tuple[str, str, str]:
    names = result.reference
    return names.get("kind", ""), names.get("namespace", ""), names.get("name", "")


def _place(result: Result) -> tuple[str, int, int]:
    return result.file or "", result.index, result.line or 0
