"""Endpoint pickers among the containers, and the pools that send their requests to them."""

from __future__ import annotations

from collections import defaultdict
from functools import cache

from krm_functions_sdk import MISSING
from krm_functions_sdk.document.pattern import pattern

from krm_inference.domain.facts.releases import RELEASES, Release
from krm_inference.domain.facts.releases.picker_configs import PICKER_CONFIGS, PickerConfig
from krm_inference.manifests import groups
from krm_inference.manifests.commands import Argument
from krm_inference.manifests.engines import engine_pods
from krm_inference.manifests.index import Index
from krm_inference.manifests.objects import Field, Object
from krm_inference.manifests.pods import Container, Pod, pods
from krm_inference.manifests.quantities import whole
from krm_inference.manifests.servers import server_pods

GRPC_PORT, HEALTH_PORT, METRICS_PORT = 9002, 9003, 9090
_IMAGE = pattern(r"(?:\A|/)(?:epp|llm-d-router-endpoint-picker|llm-d-inference-scheduler)(?:[:@]|\Z)")
_VERSION = pattern(r"(?:\A|/)([^/:@]+):v?(\d{1,9})\.(\d{1,9})\.(\d{1,9})")
# The version of the Gateway API Inference Extension from which llm-d's scheduler is built, by its own minor version,
# and the one from which its router went on. Source: go.mod of llm-d/llm-d-inference-scheduler at v0.2.1, v0.3.0,
# v0.4.0, v0.5.0, v0.6.0 (a commit of 2026-01-28, after v1.3.1), v0.7.0 and v0.8.0; README of llm-d/llm-d-router.
_OF_SCHEDULERS = {2: (0, 5, 1), 3: (1, 0, 0), 4: (1, 2, 0), 5: (1, 3, 0), 6: (1, 3, 1), 7: (1, 4, 0), 8: (1, 5, 0)}
_OF_ROUTERS = (1, 5, 0)
# The releases by the name and the minor version of their pickers' images.
_MINOR = pattern(r"(?<![^/:])([^/:]+):v?(\d+\.\d+)\.\d+")
_RELEASES = {match.groups(): one for one in RELEASES.values() if (match := _MINOR.search(one.picker_image))}
# The same with the folder of the image, and without a suffix: another image or build may read its configuration another
# way.
_RELEASED = pattern(r"(?:\A|/)([^/:@]+/[^/:@]+):v?(\d+\.\d+)\.\d+(?:@|\Z)")
_CONFIGS = {
    match.groups(): config
    for name, config in PICKER_CONFIGS.items()
    if (match := _RELEASED.search(RELEASES[name].picker_image))
}


class Picker:
    """A container that runs an endpoint picker."""

    def __init__(self, pod: Pod, container: Container, arguments: list[Argument]) -> None:
        self.pod = pod
        self.container = container
        self._arguments = arguments

    def flag(self, name: str) -> Argument | None:
        """Return the flag that counts: the last one of this name."""
        names = spellings(name)
        return next((argument for argument in reversed(self._arguments) if argument.name in names), None)

    def missing(self, name: str) -> Field:
        """Return the field at which a flag would stand that is not set."""
        return self.container.field["args"].flag(name, MISSING)

    def number(self, name: str, default: int) -> tuple[Field, int | None]:
        """Return the field of a flag and its number, or the default; None where it is no number."""
        flag = self.flag(name)
        if flag is None:
            return self.missing(name), default
        return flag.field, whole(flag.value)

    @property
    def namespace(self) -> tuple[Field, str | None]:
        """The namespace of its pool and the field that says so; None where only the cluster knows."""
        flag = self.flag("--pool-namespace")
        if flag is not None:
            return flag.field, flag.value
        # Without the flag, releases after v1.0.0 read the variable NAMESPACE.
        own = self.container.variables.get("NAMESPACE", "default") if self.version != (1, 0, 0) else "default"
        return self.missing("--pool-namespace"), own

    @property
    def version(self) -> tuple[int, int, int] | None:
        """The version of the Gateway API Inference Extension, or of that from which it was made, by image and tag."""
        match = _VERSION.search(self.container.image)
        if match is None:
            return None
        major, minor, patch = (int(number) for number in match.groups()[1:])
        if match[1] == "llm-d-inference-scheduler":
            return _OF_SCHEDULERS.get(minor) if major == 0 else None
        if match[1] == "llm-d-router-endpoint-picker":
            return _OF_ROUTERS
        return (major, minor, patch) if match[1] == "epp" else None

    @property
    def release(self) -> Release | None:
        """The release by the image's name and tag; None where it is none that we know."""
        match = _MINOR.search(self.container.image)
        return _RELEASES.get(match.groups()) if match else None

    @property
    def config(self) -> PickerConfig | None:
        """What its image reads of a configuration; None where that is not known."""
        match = _RELEASED.search(self.container.image)
        return _CONFIGS.get(match.groups()) if match else None


@cache
def spellings(name: str) -> tuple[str, ...]:
    """Return the ways to write a flag: pickers up to v0.5.1 read `-poolName`, with one dash or two."""
    first, *rest = name.removeprefix("--").split("-")
    camel = first + "".join(word.capitalize() for word in rest)
    return (name, f"-{camel}", f"--{camel}")


def pickers(index: Index) -> list[Picker]:
    """Return the endpoint pickers of the manifests."""
    return index.derive(_pickers)


def picker_pods(index: Index) -> set[Pod]:
    """Return the Pods that run an endpoint picker."""
    return index.derive(_picker_pods)


def inference_pods(index: Index) -> list[Pod]:
    """Return the Pods that run a server, of whatever engine, or a picker."""
    return index.derive(_inference_pods)


def _inference_pods(index: Index) -> list[Pod]:
    found = server_pods(index) | engine_pods(index) | picker_pods(index)
    return [pod for pod in pods(index) if pod in found]


def pools_of(index: Index, pod: Pod) -> list[Object]:
    """Return the pools whose endpointPickerRef leads to the Pod."""
    return index.derive(_pools_of_pods).get(pod, [])


def pool_selector(pool: Object) -> Field:
    """Return the labels by which a pool selects Pods."""
    selector = pool.at("spec.selector")
    return selector if pool.group == groups.INFERENCE_X else selector["matchLabels"]


def picker_service(index: Index, pool: Object) -> Object | None:
    """Return the Service that a pool names as its endpoint picker."""
    reference = pool.at("spec.endpointPickerRef")
    if (reference["group"].text, reference["kind"].text or "Service") != groups.SERVICE:
        return None
    return index.find(groups.SERVICE, reference["name"].text, pool.namespace)


def _pickers(index: Index) -> list[Picker]:
    found = []
    for pod in pods(index):
        for container in pod.containers:
            for command in container.commands:
                arguments = command.arguments
                names = {argument.name for argument in arguments}
                if names & set(spellings("--pool-name")) or (_IMAGE.search(container.image) and command.shell is None):
                    found.append(Picker(pod, container, arguments))
    return found


def _picker_pods(index: Index) -> set[Pod]:
    return {picker.pod for picker in pickers(index)}


def _pools_of_pods(index: Index) -> dict[Pod, list[Object]]:
    result: dict[Pod, list[Object]] = defaultdict(list)
    for pool in index.of(groups.POOL):
        service = picker_service(index, pool)
        if service is not None and service.at("spec.selector").map:
            for pod in pods(index).selected(service.at("spec.selector").map, service.namespace):
                result[pod].append(pool)
    return result
