"""What a new package is about, and the intent that says so."""

from __future__ import annotations

from typing import Any, NamedTuple

from krm_inference.commands.init import proposal
from krm_inference.domain.facts import models
from krm_inference.domain.facts.accelerators import ACCELERATORS
from krm_inference.domain.names import dns_label
from krm_inference.domain.service import API_VERSION, KIND

GATEWAY = "inference-gateway"


class Choice(NamedTuple):
    """The answers.

    `gpus` are those of one replica, `adapters` pairs of name and source; `is_managed` says that GKE brings definitions.
    """

    model: str
    accelerator: str
    gpus: int
    platform: str
    release: str
    gateway_class: str
    adapters: tuple[tuple[str, str], ...] = ()
    is_managed: bool = False

    @property
    def service(self) -> str:
        """The name of the service: what the model is called, without a dot, so that it serves for every object."""
        return dns_label(self.model.rpartition("/")[2])

    @property
    def machines(self) -> int:
        """How many machines a replica takes: more than one where none has so many GPUs."""
        known = ACCELERATORS.get(self.accelerator)
        return known.machines_for(self.gpus) if known else 1


def intent(choice: Choice) -> dict[str, Any]:
    """Return the LLMService, with a longest context where the model's own does not fit."""
    value = _intent(choice)
    size = proposal.length(value)
    if size is None:
        return value
    spec = value["spec"]
    return {**value, "spec": {**spec, "model": {**spec["model"], **proposal.lengths(size)}}}


def _intent(choice: Choice) -> dict[str, Any]:
    adapters = [{"name": name, "source": source} for name, source in choice.adapters]
    return {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "metadata": {
            "name": choice.service,
            "annotations": {"config.kubernetes.io/local-config": "true"},
        },
        "spec": {
            "release": choice.release,
            "platform": choice.platform,
            **({"managedDefinitions": True} if choice.is_managed else {}),
            "model": {"id": choice.model},
            "replicas": 1,
            "accelerator": {"type": choice.accelerator, "count": choice.gpus},
            **({"parallelism": _parallelism(choice)} if choice.machines > 1 else {}),
            **({"adapters": adapters} if adapters else {}),
            "gateway": {"name": GATEWAY, "className": choice.gateway_class},
        },
    }


def _parallelism(choice: Choice) -> dict[str, int]:
    """Return how a model is shared out over machines: engines of a mixture of experts, stages of another one."""
    known = models.known(choice.model)
    return {"data" if known is not None and known.experts else "pipeline": choice.machines}


def draft(model: str, platform: str, release: str, adapters: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """Return an intent for which hardware is still to be found."""
    return _intent(Choice(model, "", 1, platform, release, "istio", adapters))
