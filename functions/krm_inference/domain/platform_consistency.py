"""What of an LLMService does not go with its platform: a class of Gateways, an accelerator, a label of nodes."""

from __future__ import annotations

from krm_functions_sdk import MISSING, Result
from krm_functions_sdk.document.pattern import pattern

from krm_inference.domain import placement
from krm_inference.domain.facts import gateway_classes, nodes
from krm_inference.domain.facts.accelerators import ACCELERATORS
from krm_inference.domain.facts.backends import BACKENDS, Backend
from krm_inference.domain.facts.partitions import PARTITIONS
from krm_inference.domain.facts.platforms import PLATFORMS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from krm_inference.domain.service import LLMService

# GPU feature discovery and GKE say slices and turns by a label of their own; these platforms' labels do not.
_UNLABELLED = ("eks", "aks")
_LABEL_KEY = pattern(
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
    yield service.fault("spec.gateway.className", message, MISSING if said is None else said)


def _definitions(service: LLMService) -> Iterator[Result]:
    """Yield the claim that the platform brings definitions, where it brings none."""
    here = PLATFORMS[service.spec["platform"]]
    if service.spec["managedDefinitions"] and not here.is_gke:
        message = (
            f"only GKE brings the definition of InferencePool, and this is {here.title}; leave it out, and apply the "
            "definitions that the README of your package names"
        )
        yield service.fault("spec.managedDefinitions", message, True)


def _accelerator(service: LLMService) -> Iterator[Result]:
    """Yield an accelerator of which the platform has no nodes, as far as is known, and that no label names."""
    platform, said = service.spec["platform"], service.spec["accelerator"]
    kind, rows = said["type"], nodes.machines(platform)
    if kind not in ACCELERATORS:
        return
    title, backend = PLATFORMS[platform].title, BACKENDS[ACCELERATORS[kind].backend]
    if backend.is_gke_only and not PLATFORMS[platform].is_gke:
        message = f"{kind} is Google's own, which {title} does not have; expected one of {', '.join(rows)}"
        yield service.fault("spec.accelerator.type", message, kind)
    elif kind not in rows and "nodeSelector" not in said:
        message = (
            f"{title} has no {kind} that is known here; expected one of {', '.join(rows)}, or the "
            "labels of your nodes with it in spec.accelerator.nodeSelector"
        )
        yield service.fault("spec.accelerator.type", message, kind)
    elif fault := placement.whole_fault(kind, service.accelerator, service.gpus):
        yield service.fault("spec.accelerator.count", fault, service.gpus)
    else:
        yield from (*_part(service), *_backend(service, backend))


def _part(service: LLMService) -> Iterator[Result]:
    """Yield a slice that the GPU does not have, and parts of GPUs where the platform has no label for them."""
    platform, said = service.spec["platform"], service.spec["accelerator"]
    kind, part, slices = said["type"], service.part, PARTITIONS.get(said["type"], {})
    if part.partition and part.partition not in slices:
        expected = f"expected one of {', '.join(slices)}" if slices else "and no slices of it are known"
        yield service.fault(
            "spec.accelerator.partition", f"a {kind} has no slice {part.partition}; {expected}", part.partition
        )
    field = "spec.accelerator.partition" if part.partition else "spec.accelerator.sharedBy"
    current = part.partition or part.shared_by
    if part.partition and part.shared_by > 1:
        message = "a slice that Pods share has no figures here; leave out partition or sharedBy"
        yield service.fault("spec.accelerator.sharedBy", message, part.shared_by)
    elif not part.is_whole and service.gpus > 1:
        message = f"a Pod that takes a part of a GPU has one, and spec.accelerator.count is {service.gpus}"
        yield service.fault("spec.accelerator.count", message, service.gpus)
    elif not part.is_whole and service.accelerator.backend != "cuda":
        yield service.fault(field, f"{kind} is not divided; expected an accelerator of NVIDIA's", current)
    elif not part.is_whole and platform in _UNLABELLED and "nodeSelector" not in said:
        message = f"{PLATFORMS[platform].title} does not label nodes by it; name their labels in "
        yield service.fault(field, f"{message}spec.accelerator.nodeSelector", current)


def _backend(service: LLMService, backend: Backend) -> Iterator[Result]:
    """Yield fields that vLLM for this hardware cannot follow."""
    kind = service.spec["accelerator"]["type"]
    for field, reason in backend.lacks.items():
        said = service.resource.get(field)
        if said is not None and said not in ([], "baseline"):
            yield service.fault(field, f"not on {kind}: {reason}", said)
    if service.accelerator.is_arm and service.spec["adapters"]:
        message = (
            f"not on {kind}, whose processors are Arm: it is not known that the LoRA syncer's image is built for them"
        )
        yield service.fault("spec.adapters", message, kind)


def _labels(service: LLMService) -> Iterator[Result]:
    for label in service.spec["accelerator"].get("nodeSelector", {}):
        if not _LABEL_KEY.fullmatch(label):
            message = f'found "{label}", expected the key of a label: at most 63 characters, a domain before them'
            yield service.fault("spec.accelerator.nodeSelector", message, label)
