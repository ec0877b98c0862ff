"""The two parts of a service that reads prompts in one server and answers in another: each a service of its own sums.

A part is asked for what an LLMService is asked for: how many GPUs, which port, how many requests at once, how long it
takes to stop. So whoever writes a workload writes one for each of `of`.
"""

from __future__ import annotations

import math

from krm_inference.domain.facts.disaggregation import DECODE, PREFILL, ROLE_LABEL, SERVER_PORT
from krm_inference.domain.service import LLMService

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_inference.domain.drain import Drain

# What an intent decides of answers, and means the servers that write them.
_OF_ANSWERS = (("server", "maxConcurrency"), ("server", "maxQueue"))
_OF_TIMES = (("drain", "timePerOutputTokenMs"), ("drain", "prefillShare"))


class Role(LLMService):
    """One part of a service."""

    def __init__(self, whole: LLMService) -> None:
        from copy import deepcopy  # late: few intents have parts

        super().__init__(whole.resource, {"metadata": {"name": whole.name, "namespace": whole.namespace}, "spec": {}})
        self.whole = whole
        self.spec = {name: part for name, part in deepcopy(whole.spec).items() if name != "prefill"}
        self.digests = whole.digests

    @property
    def workload(self) -> str:
        return self.names.part(self.role)

    @property
    def proxy_image(self) -> str:
        return self.whole.proxy_image

    @property
    def pod_labels(self) -> dict[str, str]:
        return {**super().pod_labels, ROLE_LABEL: self.role}


class Prefill(Role):
    """The servers that read prompts: of each request they write one token."""

    role = PREFILL

    def __init__(self, whole: LLMService) -> None:
        super().__init__(whole)
        said = whole.spec["prefill"]
        self.spec["replicas"] = said["replicas"]
        self.spec["accelerator"]["count"] = said.get("accelerator", {}).get("count", whole.gpus)
        # What the proxy asks of them (pkg/sidecar/proxy/connector_nixlv2.go of llm-d-router v0.10.0).
        self.spec["model"]["maxOutputTokens"] = 1
        if "promptTokens" not in self.spec["model"]:
            # A prompt may be as long as all that a server which answers holds of a request.
            self.spec["model"]["promptTokens"] = whole.sizing.length - 1
        for part, name in (*_OF_ANSWERS, *_OF_TIMES):
            self.spec[part].pop(name, None)
        from krm_inference.domain import sums

        # A cache that nobody has fetched goes with its server: so that one stays until the last of them is handed over.
        self.hand_over_seconds = math.ceil(sums.sizing(self.spec, self.accelerator, self.server_image).drain.seconds)
        self.spec["drain"]["preStopSeconds"] += self.hand_over_seconds

    @property
    def output_limit(self) -> int:
        # Where the picker is away and its pool fails open, a Gateway sends whole requests here too.
        return self.whole.output_limit


class Decode(Role):
    """The servers that write answers, each behind a proxy that has prompts read elsewhere first."""

    role = DECODE

    def __init__(self, whole: LLMService, prefill: Prefill) -> None:
        super().__init__(whole)
        self.hand_over_seconds = prefill.hand_over_seconds
        # At SIGTERM a server takes no request any more, and its proxy still waits for prompts that are read elsewhere.
        self.spec["drain"]["preStopSeconds"] += self.hand_over_seconds

    @property
    def port(self) -> int:
        return SERVER_PORT

    @property
    def drain(self) -> Drain:
        return self.sizing.drain._replace(before=self.hand_over_seconds)


def of(service: LLMService) -> list[LLMService]:
    """Return what has a workload each: the service itself, or first what answers and then what reads its prompts."""
    if "prefill" not in service.spec:
        return [service]
    prefill = Prefill(service)
    return [Decode(service, prefill), prefill]
