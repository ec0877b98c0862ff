"""What of an LLMService does not go with its platform: a class of Gateways, an accelerator, a label of nodes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from krm_functions_sdk import ERROR, MISSING, Result

from krm_inference.domain.facts import gateway_classes, nodes
from krm_inference.domain.facts.accelerators import ACCELERATORS
from krm_inference.domain.facts.platforms import PLATFORMS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from krm_inference.domain.service import LLMService

_LABEL_KEY = re.compile(
    r"([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
)


def check(service: LLMService) -> Iterator[Result]:
    """Yield every fault of a service that its platform makes one."""
    yield from (*_gateway_class(service), *_definitions(service), *_accelerator(service), *_labels(service))


def _gateway_class(service: LLMService) -> Iterator[Result]:
    """Yield a class that is GKE's, where the cluster is not."""
    here, name = PLATFORMS[service.spec["platform"]], service.spec["gateway"]["className"]
    if here.is_gke or not gateway_classes.of(name).is_gke or "of" in service.spec["route"]:
        return
    said = service.resource.get("spec.gateway.className")
    found = (
        f"{name} is a class of GKE's own controller" if said else f"missing, and without it the class is GKE's {name}"
    )
    others = [other for other, known in gateway_classes.CLASSES.items() if not known.is_gke and not known.lacks]
    message = f"{found}, which {here.title} does not have; name the class of a gateway that you installed, such as "
    message += f"{', '.join(others[:-1])} or {others[-1]}"
    yield _error(service, "spec.gateway.className", message, MISSING if said is None else said)


def _definitions(service: LLMService) -> Iterator[Result]:
    """Yield the claim that the platform brings definitions, where it brings none."""
    here = PLATFORMS[service.spec["platform"]]
    if service.spec["managedDefinitions"] and not here.is_gke:
        message = (
            f"only GKE brings the definition of InferencePool, and this is {here.title}; leave it out, and apply the "
            "definitions that the README of your package names"
        )
        yield _error(service, "spec.managedDefinitions", message, True)


def _accelerator(service: LLMService) -> Iterator[Result]:
    """Yield an accelerator of which the platform has no nodes, as far as is known, and that no label names."""
    platform, said = service.spec["platform"], service.spec["accelerator"]
    kind, rows = said["type"], nodes.NODES.get(platform, {})
    if rows and kind in ACCELERATORS and kind not in rows and "nodeSelector" not in said:
        message = (
            f"{PLATFORMS[platform].title} has no {kind} that is known here; expected one of {', '.join(rows)}, or the "
            "labels of your nodes with it in spec.accelerator.nodeSelector"
        )
        yield _error(service, "spec.accelerator.type", message, kind)


def _labels(service: LLMService) -> Iterator[Result]:
    for label in service.spec["accelerator"].get("nodeSelector", {}):
        if not _LABEL_KEY.fullmatch(label):
            message = f'found "{label}", expected the key of a label: at most 63 characters, a domain before them'
            yield _error(service, "spec.accelerator.nodeSelector", message, label)


def _error(service: LLMService, field: str, message: str, current: Any) -> Result:
    return Result(ERROR, message, service.resource, field, current=current)
