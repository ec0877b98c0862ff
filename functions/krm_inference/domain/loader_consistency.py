"""What of `lora` cannot be: a loader without what it loads from, and adapters that it would never find."""

from __future__ import annotations

from krm_functions_sdk import MISSING, Result

from krm_inference.domain.adapters import FOLDER
from krm_inference.domain.facts import vllm
from krm_inference.domain.weights import source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from krm_inference.domain.service import LLMService

_VARIABLE = "VLLM_LORA_RESOLVER_CACHE_DIR"


def check(service: LLMService) -> Iterator[Result]:
    """Yield every fault of how adapters get into the server."""
    lora = service.spec["lora"]
    if lora["loader"] == "resolver":
        yield from (*_resolver(service, lora), *_folders(service))
    elif "claim" in lora:
        message = f"only the resolver loads from a claim, and the loader is {lora['loader']}; leave it out"
        yield service.fault("spec.lora.claim", message, lora["claim"])


def _resolver(service: LLMService, lora: dict[str, Any]) -> Iterator[Result]:
    if "claim" not in lora:
        message = "missing; expected the PersistentVolumeClaim in which the resolver finds a folder for each adapter"
        yield service.fault("spec.lora.claim", message, MISSING)
    version = vllm.minor(service.server_image)
    if version is not None and not vllm.takes_variable(_VARIABLE, version):
        span = vllm.variable_span(_VARIABLE)
        since = f"; vLLM 0.{span.first} to 0.{span.last} have it" if span else ""
        message = f"{service.server_image} has no resolver{since}. Take another image, or loader static"
        yield service.fault("spec.lora.loader", message, lora["loader"])
    said = service.spec.get("weights") or {}
    if "uri" in said:
        message = (
            "vLLM's resolver takes only adapters whose adapter_config.json names the base model as the server loads "
            f"it, which is {source(said).path} here and the hub's name in most adapters; take loader static"
        )
        yield service.fault("spec.lora.loader", message, lora["loader"])


def _folders(service: LLMService) -> Iterator[Result]:
    for index, adapter in enumerate(service.spec["adapters"]):
        wanted = f"{FOLDER}/{adapter['name']}"
        if adapter["ensure"] == "Absent":
            message = (
                f"the resolver unloads nothing: remove the folder {adapter['name']} from the claim, leave the adapter "
                "out, and restart the servers"
            )
            yield service.fault(f"spec.adapters[{index}].ensure", message, adapter["ensure"])
        elif adapter["source"] not in ("", wanted):
            message = (
                f"the resolver finds an adapter by its name alone; copy it into the folder {adapter['name']} of the "
                f"claim and write {wanted}"
            )
            yield service.fault(f"spec.adapters[{index}].source", message, adapter["source"])
