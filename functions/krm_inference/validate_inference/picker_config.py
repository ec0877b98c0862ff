"""The configuration of endpoint pickers: as far as its parts name each other, and what each release reads of it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from krm_functions_sdk import YamlFault, node

from krm_inference.domain.releases.picker_configs import ADDED, Parameters, PickerConfig
from krm_inference.domain.spelling import nearest
from krm_inference.validate_inference import files, groups
from krm_inference.validate_inference.findings import Finding, listed
from krm_inference.validate_inference.index import Index
from krm_inference.validate_inference.objects import Field
from krm_inference.validate_inference.pickers import Picker, pickers

_KIND = "EndpointPickerConfig"
_SOURCE = "metrics-data-source"
_WHERE = {"scheme": ("http", "https"), "path": ("/metrics",)}
# Keys of the entries of a list, in every release.
_HEAD = ("apiVersion", "kind")
_PLUGIN = ("name", "type", "parameters")
_PROFILE = ("name", "plugins")
_REFERENCE = ("pluginRef", "weight")
_NEAR = 0.75
_JSON: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "array": (list,),
}


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
    """Yield configurations with which the picker that reads them exits, by what its release takes."""
    for picker, known, field, config in _read(index):
        release = picker.container.image.rpartition("/")[2].partition("@")[0]
        for message in _refused(known, config):
            yield Finding(field, f"the picker {release} {message}")


def ignored(index: Index) -> Iterator[Finding]:
    """Yield configurations with parameters that the picker which reads them ignores."""
    for picker, known, field, config in _read(index):
        release = picker.container.image.rpartition("/")[2].partition("@")[0]
        for message in () if known.strict else _unknown_parameters(known, config):
            yield Finding(field, f"the picker {release} {message}")


def _read(index: Index) -> Iterator[tuple[Picker, PickerConfig, Field, dict[str, Any]]]:
    """Yield the configurations that a picker reads whose release is known."""
    for picker in pickers(index):
        known = picker.config
        if known is not None:
            for field, text in _texts(index, picker):
                yield picker, known, field, _parsed(text)


def _refused(known: PickerConfig, config: dict[str, Any]) -> Iterator[str]:
    """Yield what a picker refuses of its configuration."""
    if config.get("apiVersion") not in (None, *known.apis):
        yield f"reads no {_KIND} of {config['apiVersion']}, expected {' or '.join(known.apis)}"
    yield from _unknown_keys("", config, (*_HEAD, *known.keys))
    for gate in map(str, _items(config.get("featureGates")) if "featureGates" in known.keys else ()):
        if gate.partition("=")[0] not in known.gates:
            yield f"has no feature gate {gate}{_guess(gate, known.gates)}"
    for profile in _maps(config.get("schedulingProfiles")):
        yield from _unknown_keys(" of a profile", profile, _PROFILE)
        for item in _maps(profile.get("plugins")):
            yield from _unknown_keys(" of a pluginRef", item, _REFERENCE)
            if not _is(item.get("weight"), known.weight):
                yield f"takes a weight that is {_an(known.weight)}, found {item['weight']} of {item.get('pluginRef')}"
    for plugin in _maps(config.get("plugins")):
        yield from _unknown_keys(" of a plugin", plugin, _PLUGIN)
        kind = str(plugin.get("type") or "")
        if kind and kind not in known.plugins:
            yield f"has no plugin of type {kind}{_guess(kind, known.plugins)}"
    yield from _wrong_parameters(known, config)
    if known.strict:
        yield from _unknown_parameters(known, config)


def _unknown_keys(where: str, value: dict[str, Any], known: tuple[str, ...]) -> Iterator[str]:
    for key in value:
        if key not in known:
            yield f"knows no {key}{where}{_guess(key, known) or f', and has: {listed(known, 12)}'}"


def _wrong_parameters(known: PickerConfig, config: dict[str, Any]) -> Iterator[str]:
    for kind, said, table in _parameters(known, config):
        if not isinstance(said, dict | None):
            yield f"takes parameters of {kind} that are an object, found {said}"
        for name, value in said.items() if isinstance(said, dict) else ():
            expected = table.get(name.lower(), "")
            if expected and not _is(value, expected):
                yield f"takes {name} of {kind} that is {_an(expected)}, found {value}"


def _unknown_parameters(known: PickerConfig, config: dict[str, Any]) -> Iterator[str]:
    for kind, said, table in _parameters(known, config):
        names = known.plugins[kind] or ()
        for name in said if isinstance(said, dict) else ():
            if name.lower() not in table:
                takes = f", which has: {listed(names, 8)}" if names else ", which has none"
                yield f"knows no parameter {name} of {kind}{_guess(name, names) or takes}"


def _parameters(known: PickerConfig, config: dict[str, Any]) -> Iterator[tuple[str, Any, Parameters]]:
    """Yield type, parameters and known parameters of plugins; Go reads names of fields in either case."""
    for plugin in _maps(config.get("plugins")):
        kind = str(plugin.get("type") or "")
        table = known.plugins.get(kind)
        if table is not None:
            yield kind, plugin.get("parameters"), {name.lower(): of for name, of in table.items()}


def _is(value: Any, expected: str) -> bool:
    """Say whether Go reads a value as the JSON type that it expects: null as none at all, 2.0 as a whole number."""
    if value is None:
        return True
    if isinstance(value, bool):
        return expected == "boolean"
    return isinstance(value, _JSON[expected]) or (
        expected == "integer" and isinstance(value, float) and value == int(value)
    )


def _an(expected: str) -> str:
    return f"an {expected}" if expected[0] in "aeiou" else f"a {expected}"


def _guess(word: str, known: Iterable[str]) -> str:
    near = nearest(word, known, _NEAR)
    return f"; did you mean {near}?" if near else ""


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
            if said.get(name) not in (None, *known):
                yield Finding(field, f"{name} {said[name]} of {_SOURCE}, expected {' or '.join(known)}")


@lru_cache(16)  # one rule after the other reads it, and most services have the same
def _parsed(text: str) -> dict[str, Any]:
    try:
        found = node.value(node.parse(text))
    except YamlFault:
        return {}
    return found if isinstance(found, dict) and found.get("kind") == _KIND else {}


def _faults(field: Field, config: dict[str, Any]) -> Iterator[Finding]:
    plugins = _maps(config.get("plugins"))
    known = [str(item.get("name") or item.get("type")) for item in plugins]
    if any(not item.get("type") for item in plugins):
        yield Finding(field, "a plugin has no type")
        return
    for profile in _maps(config.get("schedulingProfiles")):
        if any(not isinstance(item, dict) or item.get("pluginRef") is None for item in _items(profile.get("plugins"))):
            yield Finding(field, "a profile has a plugin without pluginRef")
            return
    for reference in _references({name: part for name, part in config.items() if name != "plugins"}):
        if plugins and reference not in known and reference not in ADDED:
            end = _guess(reference, known)
            yield Finding(field, f"pluginRef {reference} is none of its plugins: {listed(known, 8)}{end}")
            return


def _references(value: Any) -> Iterator[str]:
    """Yield each pluginRef, wherever in a configuration it stands."""
    for name, part in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        if name == "pluginRef":
            yield str(part)
        else:
            yield from _references(part)


def _maps(value: Any) -> list[dict[str, Any]]:
    return [item for item in _items(value) if isinstance(item, dict)]


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
