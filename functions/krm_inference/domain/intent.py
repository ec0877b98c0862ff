"""All LLMServices of a package: read, and checked each by itself and together."""

from __future__ import annotations

from functools import cache

from krm_functions_sdk import ERROR, ResourceList, Result

from krm_inference.domain.service import API_VERSION, KIND, LLMService, is_llm_service

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_functions_sdk import Schema


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
    from krm_inference.domain import secrets, sound

    is_known = sound.are_known(intents)
    had = len(resources.results)
    checked = schema()
    services: list[LLMService] = []
    at_fault: set[int] = set()  # by id()
    for resource in intents:
        faults = [] if is_known else checked.check(resource.data)
        at_fault |= {id(resource)} if faults else set()
        for fault in faults:
            resources.results.error(fault.message, resource, fault.path, current=fault.current)
        value = resource.data
        if faults:  # it is looked at as far as it goes, so that one run reports all there is
            from krm_inference.domain import repair

            value = repair.repaired(value, faults, checked.openapi)
        service = LLMService(resource, checked.with_defaults(value))
        if service.spec["ensure"] == "Present":
            services.append(service)
    services.sort(key=lambda service: (service.name, service.namespace))
    if not is_known:
        from krm_inference.domain import consistency

        resources.results.extend(consistency.check(services, intents))
    if len(resources.results) == had:
        sound.remember(intents)
    if any(item.kind == "ImageLock" for item in resources):
        from krm_inference.domain import image_lock

        image_lock.apply(resources, services)
    resources.results.sort(key=_place)
    secrets.hide(resources.results)
    blamed = {_named(result) for result in resources.results if result.severity == ERROR}
    whole = (service for service in services if id(service.resource) not in at_fault)
    return [service for service in whole if (KIND, service.namespace, service.name) not in blamed]


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
