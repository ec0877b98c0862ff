"""Files that containers read: ConfigMaps and where they are mounted, and the configuration of a picker."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from functools import lru_cache

from krm_functions_sdk import YamlFault
from krm_functions_sdk.document import parser, tree

from krm_inference.domain.record import Record
from krm_inference.manifests import groups
from krm_inference.manifests.index import Index
from krm_inference.manifests.objects import Field, Inside, Object
from krm_inference.manifests.pickers import Picker
from krm_inference.manifests.pods import Container, Pod

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PICKER_CONFIG = "EndpointPickerConfig"


class Mount(Record):
    """A folder of a container that shows the keys of a ConfigMap."""

    folder: str
    config: Object

    @property
    def keys(self) -> list[str]:
        return [*self.config.at("data").map, *self.config.at("binaryData").map]


def values(index: Index) -> Iterator[Field]:
    """Yield the values of all ConfigMaps."""
    for config in index.of(groups.CONFIG_MAP):
        for key in config.at("data").map:
            yield config.at("data")[key]


def mounts(index: Index, pod: Pod, container: Container) -> list[Mount]:
    """Return the mounts of ConfigMaps that are here and mounted as a whole, the innermost last."""
    configs = {}
    for volume in pod.spec["volumes"]:
        config = index.find(groups.CONFIG_MAP, volume.at("configMap.name").text, pod.object.namespace)
        if config is not None and not volume.at("configMap.items").exists:
            configs[volume["name"].text] = config
    found = [
        Mount(mount["mountPath"].text, configs[mount["name"].text])
        for mount in container.field["volumeMounts"]
        if mount["name"].text in configs and mount["mountPath"].text and not mount["subPath"].exists
    ]
    return sorted(found, key=lambda mount: len(mount.folder))


def gates(index: Index, picker: Picker) -> set[str]:
    """Return the feature gates that the configuration of a picker opens."""
    return {str(gate.value) for config in picker_configs(index, picker) for gate in config["featureGates"]}


def picker_configs(index: Index, picker: Picker) -> list[Field]:
    """Return the configuration of a picker: what a flag holds, or the file that a flag names."""
    return index.derive_of(_picker_configs, picker)


def _picker_configs(index: Index, picker: Picker) -> list[Field]:
    return list(_configs(index, picker))


def _configs(index: Index, picker: Picker) -> Iterator[Field]:
    text, file = picker.flag("--config-text"), picker.flag("--config-file")
    if text is not None and text.value:
        yield picker_config(text.field, text.value)
    elif file is not None and file.value:
        for mount in mounts(index, picker.pod, picker.container):
            if posixpath.dirname(file.value) == mount.folder.rstrip("/"):
                field = mount.config.at("data")[posixpath.basename(file.value)]
                yield picker_config(field, field.text)


def picker_config(field: Field, text: str) -> Field:
    """Return the configuration that the text of a field is; its value is empty where that is something else."""
    return Inside(field, _parsed(text))


@lru_cache(16)  # one rule after the other reads it, and most services have the same
def _parsed(text: str) -> dict[str, Any]:
    try:
        found = tree.value(parser.parse(text))
    except YamlFault:
        return {}
    return found if isinstance(found, dict) and found.get("kind") == PICKER_CONFIG else {}
