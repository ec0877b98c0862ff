"""Which part a Pod has in prefill and decode, and how the picker of its pool tells the parts apart."""

from __future__ import annotations

from collections.abc import Iterator

from krm_inference.domain.facts.disaggregation import DECODE, PREFILL, ROLE_LABEL
from krm_inference.domain.record import Record
from krm_inference.manifests.files import picker_configs
from krm_inference.manifests.index import Index
from krm_inference.manifests.objects import Field
from krm_inference.manifests.pickers import Picker, pickers, pools_of
from krm_inference.manifests.pods import Pod
from krm_inference.manifests.pools import pool_pods
from krm_inference.manifests.servers import servers_of

# The values of the label that a filter of the picker selects (llm-d/llm-d-router v0.10.0,
# pkg/epp/framework/plugins/scheduling/filter/bylabel/roles.go). decode-filter selects Pods without the label too.
_BOTH = ("prefill-decode", "both", "encode-prefill-decode")
SELECTED = {
    "prefill-filter": (PREFILL, "encode-prefill", *_BOTH),
    "decode-filter": (DECODE, *_BOTH),
    "encode-filter": ("encode", "encode-prefill", "encode-prefill-decode"),
}
# Filters that a configuration fills in itself.
_OWN_LABELS = ("by-label", "by-label-selector", "label-selector-filter")
HANDLERS = ("disagg-profile-handler", "pd-profile-handler")


class Choice(Record):
    """A picker with one configuration, and the Pods with servers among which it chooses."""

    picker: Picker
    config: Field
    pods: list[Pod]

    def plugins(self, *types: str) -> list[Field]:
        """Return the plugins of these types that the configuration declares."""
        return [plugin for plugin in self.config["plugins"] if plugin["type"].text in types]

    @property
    def has_own_labels(self) -> bool:
        """Say whether the configuration tells Pods apart by labels of its own."""
        return bool(self.plugins(*_OWN_LABELS))


def choices(index: Index) -> Iterator[Choice]:
    """Yield each picker with each configuration that it reads and the servers of its pools."""
    for picker in pickers(index):
        behind = [pod for pool in pools_of(index, picker.pod) for pod in pool_pods(index, pool)]
        found = [pod for pod in dict.fromkeys(behind) if servers_of(index, pod)]
        for config in picker_configs(index, picker):
            if found and config["plugins"].exists:
                yield Choice(picker, config, found)


def role(pod: Pod) -> str | None:
    """Return the part that a Pod says it has; None where it says nothing."""
    said = pod.labels.get(ROLE_LABEL)
    return None if said is None else str(said)


def selects(kind: str, pod: Pod) -> bool:
    """Say whether the filter of this type selects a Pod."""
    said = role(pod)
    return kind == "decode-filter" if said is None else said in SELECTED[kind]
