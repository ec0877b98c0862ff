"""Names of LoRA adapters: those that a syncer loads, and those that vLLM loads at its start."""

from __future__ import annotations

from collections.abc import Iterator

from krm_inference.domain.spelling import nearest
from krm_inference.manifests.index import Index
from krm_inference.manifests.servers import servers
from krm_inference.manifests.syncers import (
    ABSENT,
    MODULES,
    PRESENT,
    SYNCER_ROOT,
    adapter_ids,
    module_name,
    served_beside,
    served_names,
    syncers,
)
from krm_inference.validate_inference.findings import Finding, listed

_SETTINGS = ("defaultBaseModel", PRESENT, ABSENT, "host", "name", "port")
_OUTSIDE = "../"


def refused_names(index: Index) -> Iterator[Finding]:
    """Yield names of adapters that vLLM refuses, that mean two adapters, or that lead out of a folder."""
    for server in servers(index):
        for argument in server.arguments:
            modules = [module_name(text) for text in server.values(argument)] if argument.name == MODULES else []
            faults = [fault for at in range(len(modules)) for fault in _faults(modules, at, served_names(server))]
            if faults:
                yield Finding(argument.field, "; ".join(faults))
    served = index.derive(served_beside)
    for settings in syncers(index):
        models = served.get((settings.object.name, settings.object.namespace), [])
        present = [field.text for field in adapter_ids(settings, PRESENT)]
        for at, field in enumerate(adapter_ids(settings, PRESENT)):
            if faults := _faults(present, at, models):
                yield Finding(field, "; ".join(faults))
        for field in adapter_ids(settings, ABSENT):
            if field.text in present:
                yield Finding(
                    field,
                    f"{field.text}: it is in {PRESENT} and in {ABSENT}, so the syncer neither loads nor unloads it",
                )


def unread_settings(index: Index) -> Iterator[Finding]:
    """Yield keys of a syncer's settings that it does not read."""
    for found in syncers(index):
        for key in (key for key in found.map if key not in _SETTINGS):
            near = nearest(key, _SETTINGS)
            asked = f"; did you mean {near}?" if near else f"; it reads: {listed(_SETTINGS, len(_SETTINGS))}"
            yield Finding(found[key], f"the syncer does not read {key} in {SYNCER_ROOT}{asked}")


def _faults(adapters: list[str], at: int, models: list[str]) -> list[str]:
    """Return what is wrong with the name of one of the adapters, and was not said of one before it."""
    name, before = adapters[at], adapters[:at]
    if not name or before.count(name) > 1:
        return []
    said = [(bool(before.count(name)), "the name is used twice, and one of the two adapters is never loaded")]
    if name not in before:
        said.append((name in models, "this is the name of the model, which vLLM refuses for an adapter"))
        said.append((_OUTSIDE in name, f"{_OUTSIDE} leads out of the folder of adapters"))
    return [f"{name}: {fault}" for is_so, fault in said if is_so]
