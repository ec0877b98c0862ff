"""What a cluster has to know before a package of a release: the custom resource definitions, and who brings them.

A definition outlives pickers: `gaie-v1.6` is definitions only, which llm-d-router's picker reads as it reads v1.5's.
"""

from __future__ import annotations

from krm_inference.domain.facts.releases import RELEASES
from krm_inference.domain.record import Record


class Definitions(Record):
    """The definitions of one release: `kinds` with their APIs, and `notes`, what to know of them.

    `source` is the repository and tag; they lie in its `config/crd/bases`.
    """

    source: str
    kinds: dict[str, str]
    notes: str = ""


_GAIE = "kubernetes-sigs/gateway-api-inference-extension"
_POOL = {"InferencePool": "inference.networking.k8s.io/v1"}
_OLD = "inference.networking.x-k8s.io/v1alpha2"
_IMPORT = {"InferencePoolImport": "inference.networking.x-k8s.io/v1alpha1"}
_LLM_D = {"InferenceObjective": "llm-d.ai/v1alpha2", "InferenceModelRewrite": "llm-d.ai/v1alpha2"}

# By the name of the release, of which each brings its own.
DEFINITIONS: dict[str, Definitions] = {
    "gaie-v1.0": Definitions(f"{_GAIE} v1.0.0", {**_POOL, "InferenceObjective": _OLD}),
    "gaie-v1.5": Definitions(
        f"{_GAIE} v1.5.0",
        {**_POOL, "InferenceObjective": _OLD, "InferenceModelRewrite": _OLD, **_IMPORT},
        "an InferencePool of v1.0 has no `appProtocol` and one target port",
    ),
    "gaie-v1.6": Definitions(
        f"{_GAIE} v1.6.0",
        {**_POOL, **_IMPORT},
        "`endpointPickerRef` may be left out; its objectives, its picker and its charts went to llm-d-router (2430)",
    ),
    "llm-d-router-v0.10": Definitions("llm-d/llm-d-router v0.10.0", _LLM_D),
    "llm-d-router-v0.11": Definitions(
        "llm-d/llm-d-router v0.11.0",
        _LLM_D,
        "v1alpha2 as in v0.10.0, by who read apix/v1alpha2 at the tag; the definitions themselves were not at hand",
    ),
}
# The definitions that a package of each release needs; of those in a row any one, the first is what its chart is for.
NEEDED: dict[str, tuple[tuple[str, ...], ...]] = {
    "gaie-v1.0": (("gaie-v1.0", "gaie-v1.5"),),
    "gaie-v1.5": (("gaie-v1.5",),),
    "llm-d-router-v0.10": (("gaie-v1.5", "gaie-v1.6"), ("llm-d-router-v0.10", "llm-d-router-v0.11")),
    "llm-d-router-v0.11": (("gaie-v1.5", "gaie-v1.6"), ("llm-d-router-v0.11", "llm-d-router-v0.10")),
}
# From this version on GKE installs the generally available definitions by itself, which is the InferencePool alone;
# which release of it, no page says. GKE, Deploy GKE Inference Gateway (deploy-gke-inference-gateway, 2026);
# llm-d/llm-d docs/infrastructure/gateway/gke.md. An applied copy and GKE's own would be written over each other.
GKE_BRINGS_POOLS = "1.34.0-gke.1626000"
MANAGED = ("InferencePool",)


class Wanted(Record):
    """What somebody applies: the definitions of a release, all of them or, where `files` names some, these alone."""

    name: str
    definitions: Definitions
    files: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.name} ({self.definitions.source}{': ' if self.files else ''}{', '.join(self.files)})"


def wanted(release: str, *, is_managed: bool) -> list[Wanted]:
    """Return what a cluster gets before a package of a release.

    Where the platform manages definitions, only those files that a package needs and the platform does not bring.
    """
    rows = [(row[0], DEFINITIONS[row[0]]) for row in NEEDED[release]]
    if not is_managed:
        return [Wanted(name, found) for name, found in rows]
    used = {kind: api for kind, api in RELEASES[release].apis.items() if kind not in MANAGED}
    found = [(name, one, {*used.items()} & {*one.kinds.items()}) for name, one in rows]
    return [Wanted(name, one, tuple(sorted(file(*each) for each in kinds))) for name, one, kinds in found if kinds]


def file(kind: str, api: str) -> str:
    """Return the file of a definition in `config/crd/bases`."""
    return f"{api.partition('/')[0]}_{kind.lower()}s.yaml"
