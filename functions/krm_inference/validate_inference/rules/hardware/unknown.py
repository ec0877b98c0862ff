"""Servers of which nobody knows here what they run on, which model they hold, or what that takes."""

from __future__ import annotations

from collections.abc import Iterator

from krm_inference.domain.facts import accelerators, nodes
from krm_inference.manifests.hardware import accelerator, accelerator_field, differing, is_gke_name, served, service_of
from krm_inference.manifests.index import Index
from krm_inference.manifests.objects import Field
from krm_inference.manifests.pods import pods
from krm_inference.manifests.servers import servers
from krm_inference.validate_inference.findings import Finding
from krm_inference.validate_inference.rules.unchecked import Unchecked, unchecked

_MEMORY = "GPUs and memory are"


def unknown_accelerators(index: Index) -> Iterator[Finding]:
    """Yield, once for a set, the Pods whose accelerator is in no table, and the servers that name none."""
    fields = (accelerator_field(pod) for pod in pods(index))
    unknown = (Unchecked("Pod", field, field.text) for field in fields if field.text and not _is_known(field))
    yield from unchecked(unknown, _MEMORY, "the accelerator is in no table")
    nameless = (
        Unchecked("server", server.pod.spec["nodeSelector"], "")
        for server in servers(index)
        if accelerator(index, server) is None and not accelerator_field(server.pod).text
        if service_of(index, server) is None  # an intent names its accelerator
    )
    yield from unchecked(nameless, _MEMORY, "no node selector names the accelerator")
    slices = (
        Unchecked("server", field, field.text)
        for server in servers(index)
        if accelerator(index, server) is None and _is_in_table(field := accelerator_field(server.pod))
    )
    yield from unchecked(slices, _MEMORY, "the slice of the accelerator is in no table")


def unknown_models(index: Index) -> Iterator[Finding]:
    """Yield, once for a set, the servers whose model is in no table."""
    found = []
    for server in servers(index):
        if served(index, server) is None:
            said = server.model_argument
            field = said.field if said else server.container.field["args"]
            found.append(Unchecked("server", field, server.model))
    yield from unchecked(found, "memory, storage and start are", "size and context of the model are in no table")


def differing_sums(index: Index) -> Iterator[Finding]:
    """Yield, once for a set, the servers of which all is known, and whose memory is another sum than the tables'."""
    found = []
    for server in servers(index):
        said = differing(server)
        if said and accelerator(index, server) and served(index, server):
            found.append(Unchecked("server", *said))
    yield from unchecked(found, "memory is", "what it takes is changed in a way that no table holds")


def _is_known(field: Field) -> bool:
    """Say whether an accelerator is in a table, or so near to one that `accelerator-misspelt` speaks of it."""
    return _is_in_table(field) or (is_gke_name(field) and bool(accelerators.meant(field.text)))


def _is_in_table(field: Field) -> bool:
    return field.text in accelerators.ACCELERATORS or bool(nodes.accelerator(field.text))
