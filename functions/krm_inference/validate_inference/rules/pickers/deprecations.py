"""What a picker still reads of its configuration, and the next release of it does not."""

from __future__ import annotations

from collections.abc import Iterator

from krm_inference.domain.facts.releases.picker_configs import PICKER_CONFIGS, PickerConfig
from krm_inference.manifests.files import picker_configs
from krm_inference.manifests.index import Index
from krm_inference.manifests.objects import Field
from krm_inference.manifests.pickers import pickers
from krm_inference.validate_inference.findings import Finding

# The release after each one, where it takes something out.
_NEXT = {"llm-d-router-v0.10": "llm-d-router-v0.11"}
_CONFIGS = [(PICKER_CONFIGS[one], other, PICKER_CONFIGS[other]) for one, other in _NEXT.items()]


def leaving_parts(index: Index) -> Iterator[Finding]:
    """Yield keys and plugins of configurations which the next release refuses, with what is there already instead."""
    for picker in pickers(index):
        for known, name, following in _CONFIGS:
            for config in picker_configs(index, picker) if picker.config is known else ():
                for field in _leaving(config, known, following):
                    part = str(field.value) if field.text else str(field.inside[-1])
                    message = f"{name} has no {part} any more; {following.successors[part]} takes its place"
                    yield Finding(field, message)


def _leaving(config: Field, known: PickerConfig, following: PickerConfig) -> Iterator[Field]:
    for key in config.map:
        if key in known.keys and key in following.successors:
            yield config[key]
    for plugin in config["plugins"]:
        kind = plugin["type"]
        if kind.text in known.plugins and kind.text in following.successors:
            yield kind
