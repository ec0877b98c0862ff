"""Names of LoRA adapters: those that a syncer loads, and those that vLLM loads at its start."""

from __future__ import annotations

import json
from collections.abc import Iterator

from krm_inference.domain.spelling import nearest
from krm_inference.manifests import groups
from krm_inference.manifests.index import Index
from krm_inference.manifests.objects import Field, Object
from krm_inference.manifests.pods import Pod
from krm_inference.manifests.servers import Server, servers
from krm_inference.validate_inference.findings import Finding, listed
from krm_inference.validate_inference.ports import SYNCER_ROOT, syncers

MODULES, _SERVED = "--lora-modules", "--served-model-name"
_PRESENT, _ABSENT = "ensureExist", "ensureNotExist"
_SETTINGS = ("defaultBaseModel", _PRESENT, _ABSENT, "host", "name", "port")
_OUTSIDE = "../"


def names(index: Index) -> Iterator[Finding]:
    """Yield names of adapters that vLLM refuses, that mean two adapters, or that lead out of a folder."""
    for server in servers(index):
        for argument in server.arguments:
            modules = [module_name(text) for text in server.values(argument)] if argument.name == MODULES else []
            faults = [fault for at in range(len(modules)) for fault in _faults(modules, at, _model_names(server))]
            if faults:
                yield Finding(argument.field, "; ".join(faults))
    served = index.derive(_served_beside)
    for settings in syncers(index):
        models = served.get((settings.object.name, settings.object.namespace), [])
        present = [field.text for field in _ids(settings, _PRESENT)]
        for at, field in enumerate(_ids(settings, _PRESENT)):
            if faults := _faults(present, at, models):
                yield Finding(field, "; ".join(faults))
        for field in _ids(settings, _ABSENT):
            if field.text in present:
                yield Finding(field, f"{field.text}: in {_PRESENT} and in {_ABSENT}, so the syncer does neither")


def settings(index: Index) -> Iterator[Finding]:
    """Yield keys of a syncer's settings that it does not read."""
    for found in syncers(index):
        for key in (key for key in found.map if key not in _SETTINGS):
            near = nearest(key, _SETTINGS)
            asked = f"; did you mean {near}?" if near else f"; it reads: {listed(_SETTINGS, len(_SETTINGS))}"
            yield Finding(found[key], f"the syncer reads no {key} in {SYNCER_ROOT}{asked}")


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


def _faults(adapters: list[str], at: int, models: list[str]) -> list[str]:
    """Return what is wrong with the name of one of the adapters, and was not said of one before it."""
    name, before = adapters[at], adapters[:at]
    if not name or before.count(name) > 1:
        return []
    said = [(bool(before.count(name)), "twice, and one adapter of a name is never loaded")]
    if name not in before:
        said.append((name in models, "the name of the model itself, which vLLM refuses for an adapter"))
        said.append((_OUTSIDE in name, f"{_OUTSIDE} leads out of the folder of adapters"))
    return [f"{name}: {fault}" for is_so, fault in said if is_so]


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
    settings = {each.object: each for each in syncers(index)}
    for server in servers(index):
        for config in _mounted(index, server):
            ids = _ids(settings[config], _PRESENT) if config in settings else []
            found.setdefault(server.pod, []).extend(field.text for field in ids)
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


def _served_beside(index: Index) -> dict[tuple[str, str], list[str]]:
    """Return the names of the models that are served in the Pods which mount a ConfigMap."""
    found: dict[tuple[str, str], list[str]] = {}
    for server in servers(index):
        for config in _mounted(index, server):
            found.setdefault((config.name, config.namespace), []).extend(_model_names(server))
    return found


def _ids(settings: Field, part: str) -> list[Field]:
    return [model["id"] for model in settings[part]["models"] if model["id"].text]
