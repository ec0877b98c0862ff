"""GPUs of a server, and whether what it holds fits into their memory."""

from __future__ import annotations

import math
from collections.abc import Iterator

from krm_functions_sdk import MISSING

from krm_inference.domain.facts import models
from krm_inference.domain.facts.memory import Load, outside
from krm_inference.domain.facts.models import Model
from krm_inference.domain.record import Record
from krm_inference.manifests.hardware import (
    SEQUENCES,
    SHARE,
    TENSOR,
    accelerator,
    accelerator_kind,
    default_sequences,
    device,
    has_plain_sum,
    served,
    share,
    slots,
    split,
)
from krm_inference.manifests.index import Index
from krm_inference.manifests.objects import Field
from krm_inference.manifests.quantities import whole
from krm_inference.manifests.servers import Server, servers
from krm_inference.validate_inference.findings import Finding

_LENGTH = "--max-model-len"


class Fit(Record):
    """What a server holds on one GPU, and the GiB that it may take there."""

    load: Load
    budget: float
    gpu: str

    @property
    def sum(self) -> str:
        """The whole comparison, written out."""
        return f"{self.load.sum} on each GPU, where vLLM may use {self.gpu} = {self.budget:.1f} GiB"


def lacks_gpus(index: Index) -> Iterator[Finding]:
    """Yield servers that want more GPUs than their container gets."""
    for server in servers(index):
        wanted, got = split(server), _gpus(server)
        if wanted and got.number is not None and wanted.gpus > got.number:
            message = f"vLLM needs {wanted} GPUs, but the container gets {got.number}"
            yield Finding(got, message, wanted.gpus)


def leaves_gpus_idle(index: Index) -> Iterator[Finding]:
    """Yield servers that leave GPUs of their container idle."""
    for server in servers(index):
        wanted, got = split(server), _gpus(server)
        if wanted and got.number is not None and wanted.gpus < got.number:
            yield Finding(got, f"the container gets {got.number} GPUs, but vLLM uses {wanted}")


def more_gpus_than_a_machine(index: Index) -> Iterator[Finding]:
    """Yield containers that want more GPUs than a machine with their accelerator has."""
    for server in servers(index):
        known, got = accelerator(index, server), _gpus(server)
        if known and got.number is not None and got.number > known.most:
            kind = accelerator_kind(server.pod)
            yield Finding(got, f"{got.number} GPUs, but a machine with {kind} has at most {known.most}")


def unsplittable_models(index: Index) -> Iterator[Finding]:
    """Yield servers whose model cannot be split over so many GPUs."""
    for server in servers(index):
        model, flag, tensor = served(index, server), server.flag(*TENSOR), server.number(None, *TENSOR)
        fault = models.split_fault(model, tensor) if model and tensor else ""
        if flag and fault:
            yield Finding(flag.field, fault)


def does_not_fit(index: Index) -> Iterator[Finding]:
    """Yield servers that cannot start: weights and one sequence of the full length are more than there is."""
    for server in servers(index):
        fit = _fit(index, server)
        if fit and fit.load.total > fit.budget:
            yield Finding(*_place(server, fit))


def barely_fits(index: Index) -> Iterator[Finding]:
    """Yield servers that may not start: little is left for activations."""
    for server in servers(index):
        fit = _fit(index, server)
        if fit and fit.budget - fit.load.activations < fit.load.total <= fit.budget:
            field, message, proposed = _place(server, fit)
            yield Finding(field, f"{message}, about {fit.load.activations:.1f} GiB of it for activations", proposed)


def seems_not_to_fit(index: Index) -> Iterator[Finding]:
    """Yield servers whose weights alone are too much, by the size that the name of the model says."""
    for server in servers(index):
        model = None if served(index, server) else models.guessed(server.model)
        fit = _fit(index, server, model) if model else None
        if fit and fit.load.weights + fit.load.activations > fit.budget:
            where = device(server.container.field["resources"]["limits"])
            yield Finding(where, f"{fit.sum}, by the name of {server.model}")


def leaves_too_little_outside(index: Index) -> Iterator[Finding]:
    """Yield servers that leave less of a GPU beside their share than CUDA graphs and context take."""
    for server in servers(index):
        known, part, parts, model = accelerator(index, server), share(server), split(server), served(index, server)
        if not (known and part and parts and model) or not has_plain_sum(server) or server.flag("--enforce-eager"):
            continue
        most = server.number(None, SEQUENCES) or default_sequences(known, accelerator_kind(server.pod))
        left, taken = known.memory * (1 - part), outside(most, parts.gpus)
        if left < taken:
            flag = server.flag(SHARE)
            message = (
                f"{known.memory:g} GiB × (1 - {part:g}) = {left:.1f} GiB are left for CUDA graphs and context, which "
            )
            message += f"take about {taken:.1f} GiB where up to {most} requests run"
            room = math.floor(100 * (1 - taken / known.memory)) / 100
            yield Finding(flag.field if flag else server.missing(SHARE), message, f"{SHARE}={room:g}")


def more_sequences_than_fit(index: Index) -> Iterator[Finding]:
    """Yield servers that allow more sequences at once than fit at the full length."""
    for server in servers(index):
        flag, most, fit = server.flag(SEQUENCES), server.number(None, SEQUENCES), _fit(index, server)
        # The model's own context says nothing of how long its requests are.
        if flag is None or server.flag(_LENGTH) is None or most is None or fit is None or not fit.load.sequence:
            continue
        load, room = fit.load, fit.budget - fit.load.activations
        held = load.sequences(room)
        if 0 < held < most:
            kept = f"{load.weights + load.adapters:.1f} GiB of weights and adapters"
            message = f"({fit.gpu} = {fit.budget:.1f} GiB - {load.activations:.1f} GiB for activations - {kept})"
            message += f" ÷ {load.sequence:.1f} GiB for {load.length} tokens = {held} sequences at once, not {most}"
            yield Finding(flag.field, message)


def _place(server: Server, fit: Fit) -> tuple[Field, str, object]:
    flag, length = server.flag(_LENGTH), fit.load.length_for(fit.budget - fit.load.activations)
    field = flag.field if flag else server.missing(_LENGTH)
    return field, fit.sum, f"{_LENGTH}={length}" if length else MISSING


def _fit(index: Index, server: Server, model: Model | None = None) -> Fit | None:
    """Return what is on a GPU and what may be, or None where either cannot be known."""
    known, model, parts = accelerator(index, server), model or served(index, server), split(server)
    if not (known and model and parts) or not has_plain_sum(server):
        return None
    if models.split_fault(model, parts.tensor):
        return None
    part = share(server)
    length = server.length if server.flag(_LENGTH) else model.context
    if part is None or (length is None and server.flag(_LENGTH) is not None):
        return None
    # Weights of one byte come with a cache of two.
    load = Load(model, length, *parts, *slots(server), max(2.0, model.bytes))
    return Fit(load, known.memory * part, f"{known.memory:.1f} GiB × {part:g}")


def _gpus(server: Server) -> Field:
    """Return the field with the number of GPUs of the container; a quantity in quotes is not looked at."""
    resources = server.container.field["resources"]
    limit = device(resources["limits"])
    text = limit.text
    return Field(limit.object, limit.path, number) if (number := whole(text)) is not None else limit
