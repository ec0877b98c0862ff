"""Names of LoRA adapters: those that a syncer loads, and those that vLLM loads at its start."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from krm_functions_sdk import MISSING

from krm_inference.domain.spelling import nearest
from krm_inference.validate_inference import groups
from krm_inference.validate_inference.findings import Finding, listed
from krm_inference.validate_inference.index import Index
from krm_inference.validate_inference.objects import Field, Object
from krm_inference.validate_inference.pods import Pod
from krm_inference.validate_inference.ports import SYNCER_ROOT, syncer_settings
from krm_inference.validate_inference.servers import Server, servers

MODULES, _SERVED = "--lora-modules", "--served-model-name"
_PRESENT, _ABSENT = "ensureExist", "ensureNotExist"
_SETTINGS = ("defaultBaseModel", _PRESENT, _ABSENT, "host", "name", "port")
_OUTSIDE = "../"


def names(index: Index) -> Iterator[Finding]:
    """Yield names of adapters that vLLM refuses, that mean two adapters, or that lead out of a folder."""
    for server in servers(index):
        for argument in server.arguments:
            modules = [module_name(text) for text in server.values(argument)] if argument.name == MODULES else []
            faults = _faults([name for name in modules if name], _model_names(server))
            if faults:
                yield Finding(argument.field, "; ".join(faults))
    served = index.derive(_served_beside)
    for field, settings in index.derive(_syncers):
        present, absent = _ids(settings, _PRESENT), _ids(settings, _ABSENT)
        faults = _faults(present, served.get((field.object.name, field.object.namespace), []))
        both = sorted(set(present) & set(absent))
        faults += [f"{listed(both)}: in {_PRESENT} and in {_ABSENT}, so the syncer does neither"] if both else []
        if faults:
            yield Finding(field, "; ".join(faults))


def settings(index: Index) -> Iterator[Finding]:
    """Yield keys of a syncer's settings that it does not read."""
    for field, found in index.derive(_syncers):
        strange = [key for key in found if key not in _SETTINGS]
        near = [match for key in strange if (match := nearest(str(key), _SETTINGS))]
        if strange:
            asked = f"; did you mean {listed(near)}?" if near else f"; it reads: {listed(_SETTINGS, len(_SETTINGS))}"
            yield Finding(field, f"the syncer reads no {listed(map(str, strange))} in {SYNCER_ROOT}{asked}", MISSING)


def module_name(text: str) -> str:
    """Return the name in an item of `--lora-modules`, `name=path` or JSON; "" where it is neither."""
    if not text.startswith("{"):
        plain, equals, path = text.partition("=")
        return plain if equals and path else ""
    try:
        module = json.loads(text)
    except ValueError:
        return ""
    name = module.get("name") if isinstance(module, dict) and module.get("path") else None
    return name if isinstance(name, str) else ""


def _faults(adapters: list[str], models: list[str]) -> list[str]:
    twice = [name for name, count in Counter(adapters).items() if count > 1]
    same = [name for name in dict.fromkeys(adapters) if name in models]
    outside = [name for name in dict.fromkeys(adapters) if _OUTSIDE in name]
    return [
        *([f"{listed(twice)}: twice, and one adapter of a name is never loaded"] if twice else []),
        *([f"{listed(same)}: the name of the model itself, which vLLM refuses for an adapter"] if same else []),
        *([f"{listed(outside)}: {_OUTSIDE} leads out of the folder of adapters"] if outside else []),
    ]


def model_names(index: Index, server: Server) -> list[str] | None:
    """Return the names by which requests reach a server's model and its adapters, None where some are not known."""
    served, modules = server.flag(_SERVED), server.flag(MODULES)
    loaded = [module_name(text) for text in server.values(modules)] if modules else []
    loaded += index.derive(_adapters_beside).get(server.pod, [])
    models = _model_names(server)
    is_known = bool(models) and server.has_all_flags and (served is None or served.is_known)
    if not is_known or "" in loaded or (server.flag("--enable-lora") and not loaded):
        return None
    return models + loaded


def _adapters_beside(index: Index) -> dict[Pod, list[str]]:
    """Return the adapters that the syncer of each Pod loads."""
    found: dict[Pod, list[str]] = {}
    settings = {field.object: settings for field, settings in index.derive(_syncers)}
    for server in servers(index):
        for config in _mounted(index, server):
            found.setdefault(server.pod, []).extend(_ids(settings.get(config, {}), _PRESENT))
    return found


def _mounted(index: Index, server: Server) -> Iterator[Object]:
    """Yield the ConfigMaps that the Pod of a server mounts."""
    for volume in server.pod.spec["volumes"]:
        name = volume.at("configMap.name").text
        config = index.find(groups.CONFIG_MAP, name, server.pod.object.namespace) if name else None
        if config is not None:
            yield config


def _model_names(server: Server) -> list[str]:
    flag = server.flag(_SERVED)
    return [name for name in (server.values(flag) if flag else [server.model]) if name]


def _syncers(index: Index) -> list[tuple[Field, dict[str, Any]]]:
    fields = (config.at("data")[key] for config in index.of(groups.CONFIG_MAP) for key in config.at("data").map)
    return [(field, found) for field in fields if (found := syncer_settings(field)) is not None]


def _served_beside(index: Index) -> dict[tuple[str, str], list[str]]:
    """Return the names of the models that are served in the Pods which mount a ConfigMap."""
    found: dict[tuple[str, str], list[str]] = {}
    for server in servers(index):
        for config in _mounted(index, server):
            found.setdefault((config.name, config.namespace), []).extend(_model_names(server))
    return found


def _ids(settings: dict[str, Any], part: str) -> list[str]:
    models = settings[part].get("models") if isinstance(settings.get(part), dict) else None
    items = models if isinstance(models, list) else ()
    return [item["id"] for item in items if isinstance(item, dict) and isinstance(item.get("id"), str)]
