"""Requests, limits and sizes: quantities that go together, as the API server takes them."""

from __future__ import annotations

from collections.abc import Iterator

from krm_inference.domain.amounts import amount
from krm_inference.manifests import groups
from krm_inference.manifests.index import Index
from krm_inference.manifests.objects import Field
from krm_inference.manifests.pickers import inference_pods
from krm_inference.manifests.pods import pods
from krm_inference.manifests.quantities import is_device
from krm_inference.validate_inference.findings import Finding


def devices_without_equal_limit(index: Index) -> Iterator[Finding]:
    """Yield requests of devices, such as nvidia.com/gpu, without the same limit."""
    for resources in _resources(index):
        for name in _names(resources):
            limit, request = resources["limits"][name], resources["requests"][name]
            field = limit if limit.exists else request
            number = amount(field.value)
            if not is_device(name) or number is None:
                continue
            if number != int(number):
                yield Finding(field, f"found {field.value}, expected a whole number of devices")
            elif request.exists and not limit.exists:
                yield Finding(limit, f"requests has {request.value}, but limits has no {name}", request.value)
            elif request.exists and amount(request.value) != number:
                yield Finding(request, f"found {request.value}, but the limit is {limit.value}", limit.value)


def refused_quantities(index: Index) -> Iterator[Finding]:
    """Yield sizes that are no quantities, and requests that are more than their limits."""
    for field in _sizes(index):
        number = amount(field.value)
        if field.exists and (number is None or number < 0):
            yield Finding(field, f"found {field.value}, expected a quantity such as 500m, 2 or 16Gi")
    for resources in _resources(index):
        for name in resources["requests"].map:
            limit, request = resources["limits"][name], resources["requests"][name]
            most, asked = amount(limit.value), amount(request.value)
            if not is_device(name) and most is not None and asked is not None and asked > most:
                yield Finding(request, f"found {request.value}, more than the limit of {limit.value}", limit.value)


def without_requests(index: Index) -> Iterator[Finding]:
    """Yield servers and pickers that ask for no CPU or no memory; a limit stands for a request too."""
    for pod in inference_pods(index):
        for container in pod.containers:
            resources = container.field["resources"]
            lacks = [name for name in ("cpu", "memory") if name not in _names(resources)]
            if lacks:
                yield Finding(resources["requests"], f"container {container.name} requests no {' and no '.join(lacks)}")


def _sizes(index: Index) -> Iterator[Field]:
    for resources in _resources(index):
        for part in (resources["limits"], resources["requests"]):
            yield from (part[name] for name in part.map)
    for pod in pods(index):
        for volume in pod.spec["volumes"]:
            yield volume.at("emptyDir.sizeLimit")
            yield volume.at("ephemeral.volumeClaimTemplate.spec.resources.requests.storage")
    for claim in index.of(groups.CLAIM):
        yield claim.at("spec.resources.requests.storage")


def _resources(index: Index) -> Iterator[Field]:
    for pod in pods(index):
        yield from (container.field["resources"] for container in pod.containers)


def _names(resources: Field) -> list[str]:
    return list(dict.fromkeys([*resources["limits"].map, *resources["requests"].map]))
