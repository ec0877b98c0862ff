"""The configuration of endpoint pickers: references between its parts, and what each release reads of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from krm_inference.domain.facts.releases.picker_configs import ADDED, Parameters, PickerConfig
from krm_inference.domain.spelling import nearest
from krm_inference.manifests import files
from krm_inference.manifests.files import PICKER_CONFIG, picker_config, picker_configs
from krm_inference.manifests.index import Index
from krm_inference.manifests.objects import Field
from krm_inference.manifests.pickers import Picker, pickers, pools_of
from krm_inference.manifests.pools import pool_pods
from krm_inference.manifests.servers import servers_of
from krm_inference.validate_inference.findings import Finding, listed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_LORA = "lora-affinity-scorer"
_SOURCE = "metrics-data-source"
_WHERE = {"scheme": ("http", "https"), "path": ("/metrics",)}
# Keys of the entries of a list, in every release.
_HEAD = ("apiVersion", "kind")
_PLUGIN = ("name", "type", "parameters")
_PROFILE = ("name", "plugins")
_REFERENCE = ("pluginRef", "weight")
_NEAR = 0.75
_ALLOWED = "--allow-experimental-plugins"
_JSON: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "array": (list,),
    "object": (dict,),
}


def undeclared_plugins(index: Index) -> Iterator[Finding]:
    """Yield references of configurations to plugins that they do not declare, and plugins without a type."""
    for field in files.values(index):
        if PICKER_CONFIG in field.text:
            yield from _faults(picker_config(field, field.text))
    for picker in pickers(index):
        flag = picker.flag("--config-text")
        if flag is not None and flag.value:
            yield from _faults(picker_config(flag.field, flag.value))


def refused_configurations(index: Index) -> Iterator[Finding]:
    """Yield what makes the picker that reads a configuration exit, by what its release takes."""
    for release, known, config, picker in _read(index):
        for field, message in (*_refused(known, config), *_experimental(known, config, picker)):
            yield Finding(field, f"the picker {release} {message}")


def ignored_parameters(index: Index) -> Iterator[Finding]:
    """Yield parameters that the picker which reads a configuration ignores."""
    for release, known, config, _ in _read(index):
        for field, message in () if known.strict else _unknown_parameters(known, config):
            yield Finding(field, f"the picker {release} {message}")


def _read(index: Index) -> Iterator[tuple[str, PickerConfig, Field, Picker]]:
    """Yield the configurations that a picker reads whose release is known."""
    for picker in pickers(index):
        known = picker.config
        if known is not None:
            release = picker.container.image.rpartition("/")[2].partition("@")[0]
            for config in picker_configs(index, picker):
                yield release, known, config, picker


def _refused(known: PickerConfig, config: Field) -> Iterator[tuple[Field, str]]:
    """Yield what a picker refuses of its configuration."""
    api = config["apiVersion"]
    if api.exists and api.value not in known.apis:
        yield api, f"does not read apiVersion {api.value}, expected {' or '.join(known.apis)}"
    for key in config.map.keys() & known.successors.keys():
        yield config[key], f"knows no {key} here any more; use {known.successors[key]}"
    yield from _unknown_keys("", config, (*_HEAD, *known.keys, *known.successors))
    for gate in config["featureGates"] if "featureGates" in known.keys else ():
        if str(gate.value).partition("=")[0] not in known.gates:
            yield gate, f"has no feature gate {gate.value}{_guess(str(gate.value), known.gates)}"
    for profile in config["schedulingProfiles"]:
        yield from _unknown_keys(" of a profile", profile, _PROFILE)
        for item in profile["plugins"]:
            yield from _unknown_keys(" of a pluginRef", item, _REFERENCE)
            weight = item["weight"]
            if weight.exists and not _is(weight.value, known.weight):
                name = item["pluginRef"].text
                yield weight, f"expects {_an(known.weight)} as weight of {name}, found {_said(weight.value)}"
    for plugin in config["plugins"]:
        yield from _unknown_keys(" of a plugin", plugin, _PLUGIN)
        kind = plugin["type"]
        if kind.exists and kind.value and kind.value not in known.plugins:
            yield kind, f"has no plugin of type {kind.value}{_instead(str(kind.value), known)}"
    yield from _wrong_parameters(known, config)
    if known.strict:
        yield from _unknown_parameters(known, config)


def _experimental(known: PickerConfig, config: Field, picker: Picker) -> Iterator[tuple[Field, str]]:
    """Yield plugins that a picker refuses unless a flag allows them."""
    flag = picker.flag(_ALLOWED)
    if flag is None or flag.value == "false":
        for plugin in config["plugins"]:
            if plugin["type"].text in known.experimental:
                kind = plugin["type"]
                yield kind, f"takes {kind.text} only with {_ALLOWED}, which is not among its arguments"


def _unknown_keys(where: str, field: Field, known: tuple[str, ...]) -> Iterator[tuple[Field, str]]:
    for key in field.map:
        if key not in known:
            yield field[key], f"does not know {key}{where}{_guess(key, known) or f'; it knows: {listed(known, 12)}'}"


def _wrong_parameters(known: PickerConfig, config: Field) -> Iterator[tuple[Field, str]]:
    for kind, said, table in _parameters(known, config):
        if said.exists and not isinstance(said.value, dict):
            yield said, f"expects an object as parameters of {kind}, found {_said(said.value)}"
        for name, value in said.map.items():
            expected = table.get(name.lower(), "")
            if expected and not _is(value, expected):
                yield said[name], f"expects {_an(expected)} as {name} of {kind}, found {_said(value)}"


def _unknown_parameters(known: PickerConfig, config: Field) -> Iterator[tuple[Field, str]]:
    for kind, said, table in _parameters(known, config):
        names = known.plugins[kind] or ()
        for name in said.map:
            if name.lower() not in table:
                takes = f"; it has: {listed(names, 8)}" if names else ", which has no parameters"
                yield said[name], f"does not know parameter {name} of {kind}{_guess(name, names) or takes}"


def _parameters(known: PickerConfig, config: Field) -> Iterator[tuple[str, Field, Parameters]]:
    """Yield type, parameters and known parameters of plugins; Go reads names of fields in either case."""
    for plugin in config["plugins"]:
        kind = plugin["type"].text
        table = known.plugins.get(kind)
        if table is not None:
            yield kind, plugin["parameters"], {name.lower(): of for name, of in table.items()}


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


def _said(value: Any) -> Any:
    return f'the string "{value}"' if isinstance(value, str) else value


def _guess(word: str, known: Iterable[str]) -> str:
    near = nearest(word, known, _NEAR)
    return f"; did you mean {near}?" if near else ""


def _instead(kind: str, known: PickerConfig) -> str:
    return f" any more; use {known.successors[kind]}" if kind in known.successors else _guess(kind, known.plugins)


def sources_without_metrics(index: Index) -> Iterator[Finding]:
    """Yield where a picker is told to read the metrics of its servers and there are none."""
    for field in files.values(index):
        for plugin in picker_config(field, field.text)["plugins"] if _SOURCE in field.text else ():
            yield from _source(plugin)


def without_lora_scorer(index: Index) -> Iterator[Finding]:
    """Yield configurations without the scorer of adapters, where servers of the picker's pool load some."""
    for picker in pickers(index):
        behind = (pod for pool in pools_of(index, picker.pod) for pod in pool_pods(index, pool))
        if not any(server.flag("--enable-lora") for pod in behind for server in servers_of(index, pod)):
            continue
        for config in picker_configs(index, picker):
            types = [plugin["type"].text for plugin in config["plugins"]]
            if types and _LORA not in types:
                message = f"no {_LORA}, so requests also go to servers that have not loaded their adapter"
                yield Finding(config["plugins"], message)


def _source(plugin: Field) -> Iterator[Finding]:
    for name, known in _WHERE.items() if plugin["type"].text == _SOURCE else ():
        said = plugin["parameters"][name]
        if said.exists and said.value not in known:
            yield Finding(said, f"found {name} {said.value} of {_SOURCE}, expected {' or '.join(known)}")


def _faults(config: Field) -> Iterator[Finding]:
    plugins = [plugin for plugin in config["plugins"] if isinstance(plugin.value, dict)]
    lacking = [plugin for plugin in plugins if not (plugin["type"].exists and plugin["type"].value)]
    for plugin in lacking:
        yield Finding(plugin["type"], "a plugin has no type")
    for profile in config["schedulingProfiles"]:
        for item in profile["plugins"]:
            if not item["pluginRef"].exists:
                yield Finding(item["pluginRef"], "a profile has a plugin without pluginRef")
    known = [str(plugin["name"].text or plugin["type"].value) for plugin in plugins]
    for key in config.map if plugins and not lacking else ():
        for reference in _references(config[key]) if key != "plugins" else ():
            name = str(reference.value)
            if name not in known and name not in ADDED:
                message = f"pluginRef {name} is not declared; the plugins are: {listed(known, 8)}{_guess(name, known)}"
                yield Finding(reference, message)


def _references(field: Field) -> Iterator[Field]:
    """Yield each pluginRef below a field."""
    for key in field.map:
        if key != "pluginRef":
            yield from _references(field[key])
        elif field[key].exists:
            yield field[key]
    for item in field:
        yield from _references(item)
