"""The configuration of endpoint pickers, as far as its parts name each other."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import Any

from krm_functions_sdk import YamlFault, node

from krm_inference.domain.spelling import nearest
from krm_inference.validate_inference import files, groups
from krm_inference.validate_inference.findings import Finding, listed
from krm_inference.validate_inference.index import Index
from krm_inference.validate_inference.objects import Field
from krm_inference.validate_inference.pickers import Picker, pickers

_KIND = "EndpointPickerConfig"
# The pickers of GAIE v1.0 know these, and read strictly: with a type or a key of another name they exit. An image of
# one's own may know more.
_V1_0 = re.compile(r"(?:\A|/)gateway-api-inference-extension/epp:v1\.0\.\d+")
_V1_0_TYPES = (
    *("queue-scorer", "kv-cache-utilization-scorer", "prefix-cache-scorer", "lora-affinity-scorer"),
    *("max-score-picker", "random-picker", "weighted-random-picker", "single-profile-handler"),
    "header-based-testing-filter",
)
_V1_0_KEYS = ("apiVersion", "kind", "plugins", "schedulingProfiles")
_SOURCE = "metrics-data-source"
_WHERE = {"scheme": ("http", "https"), "path": ("/metrics",)}


def dangling(index: Index) -> Iterator[Finding]:
    """Yield configurations that refer to plugins which they do not declare, or declare one without a type."""
    for config in index.of(groups.CONFIG_MAP):
        for key in config.at("data").map:
            field = config.at("data")[key]
            if _KIND in field.text:
                yield from _faults(field, _parsed(field.text))
    for picker in pickers(index):
        flag = picker.flag("--config-text")
        if flag is not None and flag.value:
            yield from _faults(flag.field, _parsed(flag.value))


def gates(index: Index, picker: Picker) -> set[str]:
    """Return the feature gates that the configuration of a picker opens."""
    found = [_parsed(text).get("featureGates") for _, text in _texts(index, picker)]
    return {str(gate) for names in found for gate in _items(names)}


def unknown(index: Index) -> Iterator[Finding]:
    """Yield configurations with a plugin type or a key that the picker which reads them does not know."""
    for picker in pickers(index):
        for field, text in _texts(index, picker) if _V1_0.search(picker.container.image) else ():
            config = _parsed(text)
            release = picker.container.image.rpartition(":")[2]
            for key in config:
                if key not in _V1_0_KEYS:
                    yield Finding(field, f"the picker {release} knows no {key}, and has: {listed(_V1_0_KEYS, 8)}")
            for plugin in _items(config.get("plugins")):
                kind = str(plugin.get("type") or "") if isinstance(plugin, dict) else ""
                if kind and kind not in _V1_0_TYPES:
                    near = nearest(kind, _V1_0_TYPES, 0.8)
                    end = f"; did you mean {near}?" if near else ""
                    yield Finding(field, f"the picker {release} has no plugin of type {kind}{end}")


def _texts(index: Index, picker: Picker) -> Iterator[tuple[Field, str]]:
    """Yield the configuration of a picker and the field that holds it: in a flag, or in the file that a flag names."""
    text, file = picker.flag("--config-text"), picker.flag("--config-file")
    if text is not None and text.value:
        yield text.field, text.value
    elif file is not None and file.value:
        for mount in files.mounts(index, picker.pod, picker.container):
            if posixpath.dirname(file.value) == mount.folder.rstrip("/"):
                field = mount.config.at("data")[posixpath.basename(file.value)]
                yield field, field.text


def sources(index: Index) -> Iterator[Finding]:
    """Yield configurations by which a picker reads the metrics of its servers where there are none."""
    for config in index.of(groups.CONFIG_MAP):
        for key in config.at("data").map:
            field = config.at("data")[key]
            for plugin in _items(_parsed(field.text).get("plugins")) if _SOURCE in field.text else ():
                yield from _source(field, plugin)


def _source(field: Field, plugin: Any) -> Iterator[Finding]:
    said = plugin.get("parameters") if isinstance(plugin, dict) and plugin.get("type") == _SOURCE else None
    if isinstance(said, dict):
        for name, known in _WHERE.items():
            if said.get(name, known[0]) not in known:
                yield Finding(field, f"{name} {said[name]} of {_SOURCE}, expected {' or '.join(known)}")


def _parsed(text: str) -> dict[str, Any]:
    try:
        found = node.value(node.parse(text))
    except YamlFault:
        return {}
    return found if isinstance(found, dict) and found.get("kind") == _KIND else {}


def _faults(field: Field, config: dict[str, Any]) -> Iterator[Finding]:
    plugins = [item for item in _items(config.get("plugins")) if isinstance(item, dict)]
    known = [str(item.get("name") or item.get("type")) for item in plugins]
    if any(not item.get("type") for item in plugins):
        yield Finding(field, "a plugin has no type")
        return
    for reference in _references(config):
        if reference is None:
            yield Finding(field, "a profile has a plugin without pluginRef")
            return
        if plugins and reference not in known:
            yield Finding(field, f"pluginRef {reference} is none of its plugins: {listed(known, 8)}")
            return


def _references(config: dict[str, Any]) -> Iterator[str | None]:
    for profile in _items(config.get("schedulingProfiles")):
        for item in _items(profile.get("plugins")) if isinstance(profile, dict) else ():
            yield item.get("pluginRef") if isinstance(item, dict) else None
    detector = config.get("saturationDetector")
    if isinstance(detector, dict) and "pluginRef" in detector:
        yield detector["pluginRef"]


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
