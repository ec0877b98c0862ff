"""LLMServices: read, checked as a whole, and ready to be asked what they want."""

from __future__ import annotations

import posixpath
from functools import cache, cached_property

from krm_functions_sdk import Resource, ResourceList, Result, Schema

from krm_inference.domain.names import Names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_inference.domain.accelerators import Accelerator
    from krm_inference.domain.drain import Drain
    from krm_inference.domain.platforms import Platform
    from krm_inference.domain.releases import Release

GROUP = "inference.fn.kpt.dev"
API_VERSION = f"{GROUP}/v1alpha1"
KIND = "LLMService"


class LLMService:
    """One LLMService with its defaults applied; `spec` has the shape of the schema."""

    def __init__(self, resource: Resource, value: dict[str, Any]) -> None:
        self.resource = resource
        self.spec: dict[str, Any] = value["spec"]
        self.name: str = value["metadata"]["name"]
        self.namespace: str = value["metadata"].get("namespace", "")
        self.names = Names(self.name, self.namespace)

    @property
    def folder(self) -> str:
        """The folder of the intent inside its package, "" for the package's own: what is generated stands beside it."""
        return posixpath.dirname(self.resource.path or "")

    @cached_property
    def release(self) -> Release:
        from krm_inference.domain.releases import RELEASES

        return RELEASES[self.spec["release"]]

    @cached_property
    def platform(self) -> Platform:
        from krm_inference.domain.platforms import PLATFORMS

        return PLATFORMS[self.spec["platform"]]

    @cached_property
    def accelerator(self) -> Accelerator:
        from krm_inference.domain.accelerators import ACCELERATORS

        return ACCELERATORS[self.spec["accelerator"]["type"]]

    @cached_property
    def drain(self) -> Drain:
        from krm_inference.domain.drain import Drain

        return Drain.of(self.spec)

    @property
    def model(self) -> str:
        return str(self.spec["model"]["id"])

    @property
    def gpus(self) -> int:
        """GPUs of one replica."""
        return int(self.spec["accelerator"]["count"])

    @property
    def port(self) -> int:
        return int(self.spec["server"]["port"])

    @property
    def pod_labels(self) -> dict[str, str]:
        """The label by which pool and monitors select the Pods."""
        return {"app": self.name}

    @property
    def picker_labels(self) -> dict[str, str]:
        """The labels that the release's chart gives the pool and its picker."""
        return {"app.kubernetes.io/name": self.names.picker, "app.kubernetes.io/version": self.release.version}

    @property
    def adapters(self) -> list[dict[str, Any]]:
        """The adapters that shall be loaded."""
        return [adapter for adapter in self.spec["adapters"] if adapter["ensure"] == "Present"]

    @property
    def absent_adapters(self) -> list[dict[str, Any]]:
        """The adapters that shall be unloaded."""
        return [adapter for adapter in self.spec["adapters"] if adapter["ensure"] == "Absent"]

    @property
    def objectives(self) -> list[tuple[str, int]]:
        """Name and priority of each objective: of adapters first, then those of `objectives`."""
        of_adapters = [(adapter["name"], adapter["priority"]) for adapter in self.adapters if "priority" in adapter]
        return of_adapters + [(objective["name"], objective["priority"]) for objective in self.spec["objectives"]]

    @property
    def served_models(self) -> list[str]:
        """The names that the server answers to: the model's first, then those of the adapters."""
        return [self.spec["model"].get("servedName", self.model), *(adapter["name"] for adapter in self.adapters)]

    @property
    def gateway(self) -> tuple[str, str]:
        """Namespace ("" for the service's own) and name of the Gateway."""
        gateway = self.spec["gateway"]
        namespace = gateway.get("namespace", self.namespace)
        return namespace, gateway["name"]

    @property
    def extra_flags(self) -> list[str]:
        """The names of the flags in `server.extraArgs`; no function sets these itself."""
        return [item.partition("=")[0].replace("_", "-") for item in self.spec["server"]["extraArgs"]]

    @property
    def extra_env(self) -> list[str]:
        """The names of the variables in `server.env`; no function sets these itself."""
        return [variable["name"] for variable in self.spec["server"]["env"]]


@cache
def schema() -> Schema:
    """Return the schema of an LLMService."""
    from pathlib import Path

    from krm_functions_sdk import node

    text = Path(__file__).with_name("llm_service.schema.yaml").read_text(encoding="utf-8")
    return Schema(node.value(node.parse(text)))


def is_llm_service(resource: Resource) -> bool:
    """Say whether a resource is an LLMService, of whatever version."""
    return resource.kind == KIND and resource.group == GROUP


def read(resources: ResourceList, *, takes_other_config: bool = False) -> list[LLMService]:
    """Return the LLMServices among the resources, and the functionConfig where it is one, by name.

    Where one of them has a fault, all faults of all of them are added to the results and the list is empty. A
    functionConfig that is no LLMService is such a fault, unless the function `takes_other_config`, or it says nothing.
    So is what was generated for a service that is gone without a word. A service that shall be absent is not in the
    list, so that what was generated for it goes.
    """
    if not takes_other_config:
        _refuse_other_config(resources)
    intents = [resource for resource in resources if is_llm_service(resource)]
    config = resources.function_config
    if config is not None and is_llm_service(config) and config.identity not in [item.identity for item in intents]:
        intents.append(config)
    from krm_inference.domain import kinds, remains

    resources.results.extend(kinds.faults(resources))
    if intents or not takes_other_config:
        resources.results.extend(remains.faults(resources, intents))
    if not intents:
        return []
    from krm_inference.domain import consistency, repair, secrets

    checked = schema()
    services: list[LLMService] = []
    for resource in intents:
        faults = checked.check(resource.data)
        for fault in faults:
            resources.results.error(fault.message, resource, fault.path, current=fault.current)
        # A service with faults is looked at as far as it goes, so that one run reports all there is.
        value = repair.repaired(resource.data, faults, checked.openapi) if faults else resource.data
        service = LLMService(resource, checked.with_defaults(value))
        if service.spec["ensure"] == "Present":
            services.append(service)
    services.sort(key=lambda service: (service.name, service.namespace))
    resources.results.extend(consistency.check(services, intents))
    resources.results.sort(key=_place)
    secrets.hide(resources.results)
    return [] if resources.results.failed else services


def _refuse_other_config(resources: ResourceList) -> None:
    config = resources.function_config
    if config is None or is_llm_service(config) or (config.kind == "ConfigMap" and not config.get("data")):
        return
    message = f"found {config.api_version} {config.kind}, expected {API_VERSION} {KIND} or no functionConfig"
    resources.results.error(message, config, "kind", current=config.kind)


def _place(result: Result) -> tuple[str, int, int]:
    return result.file or "", result.index, result.line or 0
