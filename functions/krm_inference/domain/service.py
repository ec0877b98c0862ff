"""One LLMService, ready to be asked what it wants."""

from __future__ import annotations

import posixpath
from functools import cached_property

from krm_functions_sdk import ERROR, Resource, Result

from krm_inference.domain.names import Names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self

    from krm_inference.domain.drain import Drain
    from krm_inference.domain.facts.accelerators import Accelerator
    from krm_inference.domain.facts.backends import Backend
    from krm_inference.domain.facts.platforms import Platform
    from krm_inference.domain.facts.releases import Release
    from krm_inference.domain.placement import Part
    from krm_inference.domain.routes import Route
    from krm_inference.domain.sizing import Sizing
    from krm_inference.domain.startup import Startup
    from krm_inference.domain.weights import Source

GROUP = "inference.fn.kpt.dev"
API_VERSION = f"{GROUP}/v1alpha1"
KIND = "LLMService"
# Waiting requests beyond which the picker counts a server as full (GAIE v1.0.0, pkg/epp/saturationdetector).
_PICKERS_QUEUE = 5


class Intent:
    """One object in which people say what they want, with its defaults applied; `spec` has the shape of its schema."""

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

    def fault(self, field: str, message: str, current: Any) -> Result:
        """Return an error at a field, in which `current` was found."""
        return Result(ERROR, message, self.resource, field, current=current)


class LLMService(Intent):
    """One LLMService with its defaults applied."""

    role = ""  # of servers that do a part of the work: prefill or decode
    hand_over_seconds = 0  # for which a prompt may be on its way from the one to the other

    def __init__(self, resource: Resource, value: dict[str, Any]) -> None:
        super().__init__(resource, value)
        self.digests: dict[str, str] = {}  # of images, by the package's ImageLock

    @classmethod
    def again(cls, resource: Resource, known: dict[str, Any]) -> Self:
        """Return the service of an intent of which is known what another one, of the same text, had worked out."""
        service = cls.__new__(cls)
        vars(service).update(known, resource=resource, digests={})
        return service

    @property
    def worked_out(self) -> dict[str, Any]:
        """What follows from its text alone, as far as it was asked for: for `again`."""
        return {name: part for name, part in vars(self).items() if name not in ("resource", "digests")}

    @cached_property
    def release(self) -> Release:
        from krm_inference.domain.facts.releases import RELEASES

        return RELEASES[self.spec["release"]]

    @cached_property
    def platform(self) -> Platform:
        from krm_inference.domain.facts.platforms import PLATFORMS

        return PLATFORMS[self.spec["platform"]]

    @cached_property
    def accelerator(self) -> Accelerator:
        from krm_inference.domain.facts import accelerators, nodes, partitions

        said = self.spec["accelerator"]
        facts = said.get("facts") or {}
        found = accelerators.of(said["type"], facts)
        here = nodes.known(self.spec["platform"], said["type"])
        if here and "gpusPerMachine" not in facts:
            found = found._replace(machines=here.machines)
        if (pods := said.get("sharedBy", 1)) > 1:
            found = found._replace(bandwidth=found.bandwidth / pods, bf16=found.bf16 / pods, fp8=found.fp8 / pods)
        name = said.get("partition")
        has_it = name in partitions.PARTITIONS.get(said["type"], ())
        return partitions.of(found, said["type"], name) if has_it else found

    @property
    def backend(self) -> Backend:
        """For which hardware its vLLM is built: NVIDIA's where the intent describes the accelerator."""
        from krm_inference.domain.facts.accelerators import ACCELERATORS
        from krm_inference.domain.facts.backends import BACKENDS

        known = ACCELERATORS.get(self.spec["accelerator"]["type"])
        return BACKENDS[known.backend if known else "cuda"]

    @property
    def part(self) -> Part:
        """What a Pod takes of a GPU."""
        from krm_inference.domain.placement import Part

        said = self.spec["accelerator"]
        return Part(said.get("partition", ""), said.get("sharedBy", 1))

    @cached_property
    def sizing(self) -> Sizing:
        """What it holds, how many it answers at once, how fast, and how long it takes to stop."""
        from krm_inference.domain.sums import sizing

        return sizing(self.spec, self.accelerator, self.server_image)

    @cached_property
    def startup(self) -> Startup:
        """How long a server may take to start."""
        from krm_inference.domain.sums import start

        return start(self.spec, self.sizing, self.backend.compile_seconds)

    @cached_property
    def source(self) -> Source | None:
        """Where its weights come from and are kept, None where each start downloads them."""
        if "weights" not in self.spec:
            return None
        from krm_inference.domain import weights

        return weights.source(self.spec["weights"])

    @property
    def drain(self) -> Drain:
        """The times of a shutdown."""
        return self.sizing.drain

    @property
    def saturation(self) -> dict[str, Any]:
        """From when on a server counts as full: as the intent says, and with a queue that its own queue can reach.

        The picker's own 5 waiting requests are more than some servers let wait; then none would ever count as full.
        """
        said: dict[str, Any] = self.spec["picker"]["saturation"]
        queue = self.sizing.queue
        reachable = {"queueDepth": queue - 1} if 1 < queue <= _PICKERS_QUEUE else {}
        return {**reachable, **said}

    @property
    def server_image(self) -> str:
        """The image of the model server."""
        said = self.spec["server"].get("image")
        return self._pinned(str(said or self.backend.image or self.release.server_image))

    @property
    def picker_image(self) -> str:
        """The image of the endpoint picker."""
        return self._pinned(self.spec["picker"].get("image", self.release.picker_image))

    @property
    def syncer_image(self) -> str:
        """The image of the LoRA syncer."""
        return self._pinned(self.release.syncer_image)

    @property
    def proxy_image(self) -> str:
        """The image of the proxy before a decode server, "" where none stands there."""
        if "prefill" not in self.spec:
            return ""
        from krm_inference.domain.facts.disaggregation import DISAGGREGATION

        known = DISAGGREGATION.get(self.spec["release"])
        return self._pinned(known.proxy_image) if known else ""

    @property
    def images(self) -> list[str]:
        """All images that run for it."""
        has_syncer = self.spec["adapters"] and self.spec["lora"]["loader"] == "syncer"
        found = (self.server_image, self.picker_image, self.syncer_image if has_syncer else "", self.proxy_image)
        return [image for image in found if image]

    def _pinned(self, image: str) -> str:
        return f"{image}@{self.digests[image]}" if image in self.digests else image

    @cached_property
    def routes(self) -> list[Route]:
        """The HTTPRoutes that lead to its pool."""
        from krm_inference.domain import routes

        return routes.routes(self.name, self.spec)

    @cached_property
    def redirect(self) -> Route | None:
        """What of plain HTTP is redirected to HTTPS, None where nothing is."""
        from krm_inference.domain import routes

        return routes.redirect(self.name, self.spec, self.routes)

    @property
    def is_restricted(self) -> bool:
        """Say whether its Pods keep to the restricted Pod Security Standard."""
        return bool(self.spec["security"] == "restricted")

    @property
    def model(self) -> str:
        return str(self.spec["model"]["id"])

    @property
    def gpus(self) -> int:
        """GPUs of one replica."""
        return int(self.spec["accelerator"]["count"])

    @property
    def pipeline(self) -> int:
        """Stages that the layers of one replica are cut into."""
        return int(self.spec.get("parallelism", {}).get("pipeline", 1))

    @property
    def data(self) -> int:
        """Engines of one replica, each with requests and attention of its own; they share out the experts."""
        return int(self.spec.get("parallelism", {}).get("data", 1))

    @property
    def tensor(self) -> int:
        """GPUs that share every layer of a stage of one engine."""
        return self.gpus // (self.pipeline * self.data)

    @property
    def machines(self) -> int:
        """Machines of one replica, each with a Pod: more than one where no machine has so many GPUs."""
        return self.accelerator.machines_for(self.gpus) if self.gpus else 1

    @property
    def pod_gpus(self) -> int:
        """GPUs of one Pod."""
        return self.gpus // self.machines

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
    def picker_config(self) -> str:
        """The name of the ConfigMap that the picker reads: on the way to another release, each finds its own."""
        return f"{self.names.picker}{self.release.picker_config_suffix}"

    @property
    def picker_configs(self) -> list[str]:
        """The names of that ConfigMap in all releases."""
        from krm_inference.domain.facts.releases import RELEASES

        return [f"{self.names.picker}{release.picker_config_suffix}" for release in RELEASES.values()]

    @property
    def adapters(self) -> list[dict[str, Any]]:
        """The adapters that shall be loaded."""
        return [adapter for adapter in self.spec["adapters"] if adapter["ensure"] == "Present"]

    @property
    def absent_adapters(self) -> list[dict[str, Any]]:
        """The adapters that shall be unloaded."""
        return [adapter for adapter in self.spec["adapters"] if adapter["ensure"] == "Absent"]

    @property
    def loads_later(self) -> bool:
        """Say whether adapters are loaded while the server runs."""
        return bool(self.spec["adapters"]) and self.spec["lora"]["loader"] != "static"

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
    def output_limit(self) -> int:
        """The most tokens that a server gives one request."""
        return int(self.spec["model"]["maxOutputTokens"])

    @property
    def workload(self) -> str:
        """The name of the workload of its servers."""
        return self.name

    @property
    def extra_flags(self) -> list[str]:
        """The names of the flags in `server.extraArgs`; no function sets these itself."""
        return [item.partition("=")[0].replace("_", "-") for item in self.spec["server"]["extraArgs"]]

    @property
    def extra_env(self) -> list[str]:
        """The names of the variables in `server.env`; no function sets these itself."""
        return [variable["name"] for variable in self.spec["server"]["env"]]


def is_llm_service(resource: Resource) -> bool:
    """Say whether a resource is an LLMService, of whatever version."""
    return resource.kind == KIND and resource.group == GROUP
