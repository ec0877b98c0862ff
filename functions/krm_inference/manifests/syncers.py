"""LoRA syncers and adapters: the settings in ConfigMaps, and the names by which servers answer."""

from __future__ import annotations

import json
from collections.abc import Iterator

from krm_functions_sdk import YamlFault
from krm_functions_sdk.document import parser, tree

from krm_inference.manifests import files, groups
from krm_inference.manifests.index import Index
from krm_inference.manifests.objects import Field, Inside, Object
from krm_inference.manifests.pods import Pod
from krm_inference.manifests.servers import Server, servers

SYNCER_ROOT = "vLLMLoRAConfig"
MODULES, SERVED = "--lora-modules", "--served-model-name"
PRESENT, ABSENT = "ensureExist", "ensureNotExist"


def syncers(index: Index) -> list[Field]:
    """Return the settings of the LoRA syncers that the ConfigMaps hold."""
    return [settings for found in index.derive(syncers_by_config).values() for settings in found]


def syncers_by_config(index: Index) -> dict[Object, list[Field]]:
    """Return the settings of the LoRA syncers that each ConfigMap holds."""
    found: dict[Object, list[Field]] = {}
    for field in files.values(index):
        settings = _syncer_settings(field)
        if settings is not None:
            found.setdefault(field.object, []).append(settings)
    return found


def _syncer_settings(field: Field) -> Field | None:
    """Return the settings of the LoRA syncer that the text of a ConfigMap holds, or None where it holds none."""
    if SYNCER_ROOT not in field.text:
        return None
    try:
        found = Inside(field, tree.value(parser.parse(field.text)))[SYNCER_ROOT]
    except YamlFault:
        return None
    return found if isinstance(found.value, dict) else None


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


def model_names(index: Index, server: Server) -> list[str] | None:
    """Return the names by which requests reach a server's model and its adapters, None where some are not known."""
    served, modules = server.flag(SERVED), server.flag(MODULES)
    loaded = [module_name(text) for text in server.values(modules)] if modules else []
    loaded += index.derive(_adapters_beside).get(server.pod, [])
    models = served_names(server)
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
            ids = adapter_ids(settings[config], PRESENT) if config in settings else []
            found.setdefault(server.pod, []).extend(field.text for field in ids)
    return found


def _mounted(index: Index, server: Server) -> Iterator[Object]:
    """Yield the ConfigMaps that the Pod of a server mounts."""
    for volume in server.pod.spec["volumes"]:
        name = volume.at("configMap.name").text
        config = index.find(groups.CONFIG_MAP, name, server.pod.object.namespace) if name else None
        if config is not None:
            yield config


def served_names(server: Server) -> list[str]:
    """Return the names of the model of a server, as far as its flags tell."""
    flag = server.flag(SERVED)
    return [name for name in (server.values(flag) if flag else [server.model]) if name]


def served_beside(index: Index) -> dict[tuple[str, str], list[str]]:
    """Return the names of the models that are served in the Pods which mount a ConfigMap."""
    found: dict[tuple[str, str], list[str]] = {}
    for server in servers(index):
        for config in _mounted(index, server):
            found.setdefault((config.name, config.namespace), []).extend(served_names(server))
    return found


def adapter_ids(settings: Field, part: str) -> list[Field]:
    """Return the ids of the adapters in PRESENT or ABSENT of a syncer's settings."""
    return [model["id"] for model in settings[part]["models"] if model["id"].text]
