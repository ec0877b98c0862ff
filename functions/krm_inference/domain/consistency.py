"""What a schema cannot say of LLMServices: each by itself, and all of a package together."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from krm_functions_sdk import ERROR, Resource, Result
from krm_functions_sdk.document.pattern import pattern

from krm_inference.domain import (
    bands,
    contradictions,
    parallel_consistency,
    platform_consistency,
    route_consistency,
    share_consistency,
)
from krm_inference.domain.facts import accelerators, models, nodes
from krm_inference.domain.facts.accelerators import ACCELERATORS
from krm_inference.domain.facts.releases import RELEASES
from krm_inference.domain.secrets import NOT_SHOWN, redact

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_inference.domain.service import LLMService

# Flags that other objects depend on; extraArgs would set them behind their back.
COUPLED_FLAGS = {
    "--model": "spec.model.id",
    "--port": "spec.server.port",
    "--served-model-name": "spec.model.servedName",
    "--tensor-parallel-size": "spec.accelerator.count",
    "--max-model-len": "spec.model.maxModelLen",
    "--override-generation-config": "spec.model.maxOutputTokens",
    "--max-num-seqs": "spec.server.maxConcurrency",
    "--max-num-queued-reqs": "spec.server.maxQueue",
    "--data-parallel-size": "spec.parallelism.data",
    "--nnodes": "spec.accelerator.count",
    "--node-rank": "spec.accelerator.count",
    "--master-addr": "spec.accelerator.count",
    "--headless": "spec.accelerator.count",
}
# Flags and variables that hold credentials; a package refers to a Secret instead.
SECRET_FLAGS = {"--api-key": "VLLM_API_KEY", "--hf-token": "HF_TOKEN"}
SECRET_VARIABLES = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "VLLM_API_KEY")
# What lets vLLM serve a longer context than the model has: _get_and_verify_max_len in vllm/config/model.py of v0.32.0.
_STRETCH_VARIABLE = "VLLM_ALLOW_LONG_MAX_MODEL_LEN"
_STRETCHES = ("--hf-overrides", "--rope-scaling")
_SUBDOMAIN = pattern(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")


def check(services: list[LLMService], intents: list[Resource]) -> Iterator[Result]:
    """Yield every fault of the services, and of two intents with one name."""
    yield from _duplicates(
        [(resource, "metadata.name", (resource.namespace, resource.name), resource.name) for resource in intents],
        "LLMService name",
    )
    for service in services:
        for rule in (
            _release,
            bands.check,
            platform_consistency.check,
            _accelerator,
            _adapters,
            _rewrites,
            _extra_args,
            _environment,
            _context,
            contradictions.check,
            *_asked_for(service),
        ):
            yield from rule(service)
        yield from (*_length(service), *_model(service))
    yield from _objectives(services)
    if any("externalSecret" in service.spec["model"]["tokenSecret"] for service in services):
        from krm_inference.domain import weights_consistency

        yield from weights_consistency.shared_tokens(services)
    yield from _pairs(services)
    yield from route_consistency.check(services)
    if any("jwt" in service.spec["gateway"] for service in services):
        from krm_inference.domain import token_consistency

        yield from token_consistency.check(services)
    yield from share_consistency.check(services)


def _asked_for(service: LLMService) -> Iterator[Callable[[LLMService], Iterator[Result]]]:
    """Yield the rules of parts that few intents have: the others do not pay for reading them."""
    if "weights" in service.spec or "providerClass" in service.spec["model"]["tokenSecret"]:
        from krm_inference.domain import weights_consistency

        yield weights_consistency.check
    if "autoscaling" in service.spec or "availability" in service.spec:
        from krm_inference.domain import scaling_consistency

        yield scaling_consistency.check
    if "apiKeySecret" in service.spec["server"] or "networkPolicy" in service.spec:
        from krm_inference.domain import access_consistency

        yield access_consistency.check
    if len(service.spec["lora"]) > 1 or service.spec["lora"]["loader"] != "syncer":
        from krm_inference.domain import loader_consistency

        yield loader_consistency.check
    if "parallelism" in service.spec:
        yield parallel_consistency.check
    if "prefill" in service.spec:
        from krm_inference.domain import prefill_consistency

        yield prefill_consistency.check


def _release(service: LLMService) -> Iterator[Result]:
    release = RELEASES.get(service.spec["release"])
    for field, reason in release.lacks.items() if release else ():
        for place in places(service.resource, field):
            current = service.resource.get(place)
            if current is not None and current != []:
                yield service.fault(place, reason, current)
    weights = service.spec["picker"]["weights"]
    if release and all(weights.get(name, scorer.weight) == 0 for name, scorer in release.scorers.items()):
        yield service.fault("spec.picker.weights", "all scorers have weight 0; set at least one above 0", weights)


def places(resource: Resource, field: str) -> Iterator[str]:
    """Yield the field, or where it is of the items of a list, that of each item."""
    above, is_listed, below = field.partition("[]")
    if not is_listed:
        yield field
        return
    items = resource.get(above, None)
    yield from (f"{above}[{index}]{below}" for index in range(len(items) if isinstance(items, list) else 0))


def _accelerator(service: LLMService) -> Iterator[Result]:
    kind, facts = service.spec["accelerator"]["type"], service.spec["accelerator"].get("facts") or {}
    if not kind:
        return
    missing = [name for name in accelerators.NEEDED if name not in facts]
    if kind in accelerators.REFUSED and (missing or "image" not in service.spec["server"]):
        message = f"{kind}: {accelerators.REFUSED[kind]}; name another accelerator, or an image that runs there in "
        message += "spec.server.image and its figures in spec.accelerator.facts"
        yield service.fault("spec.accelerator.type", message, kind)
        return
    if kind not in ACCELERATORS and missing:
        meant = accelerators.meant(kind) or nodes.accelerator(kind)
        there = nodes.machines(service.spec["platform"])
        hint = f' (did you mean "{meant}"?)' if meant in there else ""
        message = f'found "{kind}", expected one of {", ".join(there)}{hint}'
        message += f", or {', '.join(missing)} of it in spec.accelerator.facts"
        yield service.fault("spec.accelerator.type", message, kind)
        return
    faults = list(parallel_consistency.split(service))
    if faults:
        yield from faults
        return
    model = models.known(service.model, service.spec["model"]["facts"])
    yield from _experts(service, model)
    fault = models.split_fault(model, service.tensor) if model and service.gpus else ""
    if fault:
        yield service.fault("spec.accelerator.count", fault, service.gpus)


def _experts(service: LLMService, model: models.Model | None) -> Iterator[Result]:
    """Yield experts that shall be on GPUs of their own where there are none, or one GPU only."""
    if not service.spec.get("parallelism", {}).get("expert"):
        return
    message = ""
    if model is not None and not model.experts:
        message = f"{service.model} is no mixture of experts; leave it out"
    elif service.tensor == 1 and service.data == 1:
        message = "one GPU of a stage has all experts anyway; leave it out, or raise accelerator.count"
    if message:
        yield service.fault("spec.parallelism.expert", message, True)


def _adapters(service: LLMService) -> Iterator[Result]:
    seen: dict[str, int] = {}
    taken = {service.model: "spec.model.id", service.spec["model"].get("servedName"): "spec.model.servedName"}
    for index, adapter in enumerate(service.spec["adapters"]):
        name, field = adapter["name"], f"spec.adapters[{index}].name"
        if not name:
            continue
        if name in seen:
            yield service.fault(field, f'adapter "{name}" is here and in spec.adapters[{seen[name]}]', name)
        seen.setdefault(name, index)
        if name in taken:
            yield service.fault(field, f'"{name}" is already the name of the model ({taken[name]})', name)
        if ".." in adapter["source"].split("/"):
            message = 'found "..", expected a Hugging Face repository or an absolute path'
            yield service.fault(f"spec.adapters[{index}].source", message, adapter["source"])
        if "priority" in adapter and not _SUBDOMAIN.fullmatch(name):
            message = f'"{name}" also names an InferenceObjective, expected lower-case letters, digits, "-" and "."'
            yield service.fault(field, message, name)


def _rewrites(service: LLMService) -> Iterator[Result]:
    seen: dict[str, int] = {}
    for index, rewrite in enumerate(service.spec["rewrites"]):
        name, field = rewrite["model"], f"spec.rewrites[{index}]"
        if name in seen:
            first = f"spec.rewrites[{seen[name]}]"
            message = f'"{name}" is already rewritten by {first}; only the first of two rules has an effect'
            yield service.fault(f"{field}.model", message, name)
        seen.setdefault(name, index)
        for position, target in enumerate(rewrite["targets"]):
            if target["model"] and target["model"] not in service.served_models:
                known = ", ".join(service.served_models)
                message = f'the server has no model "{target["model"]}"; expected one of {known}'
                yield service.fault(f"{field}.targets[{position}].model", message, target["model"])
        weighted = ["weight" in target for target in rewrite["targets"]]
        if any(weighted) and not all(weighted):
            message = "some targets have a weight and some have none; give all of them one, or none"
            yield service.fault(f"{field}.targets", message, rewrite["targets"])


def _extra_args(service: LLMService) -> Iterator[Result]:
    for index, item in enumerate(service.spec["server"]["extraArgs"]):
        flag = item.partition("=")[0].replace("_", "-")
        if flag in COUPLED_FLAGS:
            message = f"{flag} is set by {COUPLED_FLAGS[flag]}, on which other objects depend; set it there"
            yield service.fault(f"spec.server.extraArgs[{index}]", message, item)
        elif flag in SECRET_FLAGS or item != redact(item):
            variable = f" and set {SECRET_FLAGS[flag]}" if flag in SECRET_FLAGS else " and refer to it"
            message = f"a credential in plain text; put it into a Secret{variable} by spec.server.env[].valueFrom"
            yield service.fault(f"spec.server.extraArgs[{index}]", message, NOT_SHOWN)


def _environment(service: LLMService) -> Iterator[Result]:
    seen: set[str] = set()
    for index, variable in enumerate(service.spec["server"]["env"]):
        name, field = variable["name"], f"spec.server.env[{index}]"
        if name and name in seen:
            yield service.fault(f"{field}.name", f'variable "{name}" appears twice', name)
        seen.add(name)
        if name == "VLLM_API_KEY" and service.spec["adapters"] and service.spec["lora"]["loader"] == "syncer":
            message = (
                "the LoRA syncer cannot send a key and would crash; take spec.lora.loader static, or leave out the key"
            )
            yield service.fault(f"{field}.name", message, name)
        value = variable.get("value", "")
        if (value and name in SECRET_VARIABLES) or value != redact(value):
            message = f"{name} in plain text; put it into a Secret and refer to it by valueFrom.secretKeyRef"
            yield service.fault(f"{field}.value", message, NOT_SHOWN)


def _context(service: LLMService) -> Iterator[Result]:
    model = service.spec["model"]
    longest = model.get("maxModelLen")
    if longest is not None and model["maxOutputTokens"] > longest:
        message = f"{model['maxOutputTokens']} output tokens cannot fit into spec.model.maxModelLen, which is {longest}"
        yield service.fault("spec.model.maxOutputTokens", message, model["maxOutputTokens"])


def _length(service: LLMService) -> Iterator[Result]:
    """Yield a context above the model's own, with which vLLM does not start, where nothing stretches it."""
    wanted = service.spec["model"].get("maxModelLen")
    known = models.known(service.model, service.spec["model"]["facts"])
    own = known.context if known else None
    is_stretched = _STRETCH_VARIABLE in service.extra_env or set(_STRETCHES) & set(service.extra_flags)
    if wanted is not None and own is not None and wanted > own and not is_stretched:
        message = (
            f"found {wanted}, but {service.model} has a context of {own} tokens, and vLLM does not start with more. "
            f"Leave it out, or stretch the model by {_STRETCHES[0]} in spec.server.extraArgs"
        )
        yield service.fault("spec.model.maxModelLen", message, wanted)


def _model(service: LLMService) -> Iterator[Result]:
    """Yield a model that is known by another case of its name: what is derived of it would be a guess."""
    meant = next((name for name in models.MODELS if name.lower() == service.model.lower()), service.model)
    if meant != service.model and not service.spec["model"]["facts"]:
        message = f'"{service.model}" is known as "{meant}"; write it so, or its size and context are not known here'
        yield service.fault("spec.model.id", message, service.model)


def _objectives(services: list[LLMService]) -> Iterator[Result]:
    entries = []
    for service in services:
        for index, adapter in enumerate(service.spec["adapters"]):
            if "priority" in adapter and adapter["ensure"] == "Present":
                field = f"spec.adapters[{index}].name"
                entries.append((service.resource, field, (service.namespace, adapter["name"]), adapter["name"]))
        for index, objective in enumerate(service.spec["objectives"]):
            field = f"spec.objectives[{index}].name"
            entries.append((service.resource, field, (service.namespace, objective["name"]), objective["name"]))
    yield from _duplicates(entries, "InferenceObjective")


def _duplicates(entries: list[tuple[Resource, str, Any, str]], what: str) -> Iterator[Result]:
    first: dict[Any, tuple[Resource, str]] = {}
    for resource, field, identity, name in entries:
        if name and identity in first:
            other, other_field = first[identity]
            place = f"{other.path}, {other_field}" if other.path else other_field
            message = f'{what} "{name}" appears twice, first in {other} ({place}); give one of them another name'
            yield Result(ERROR, message, resource, field, current=name)
        elif name:
            first[identity] = (resource, field)


def _pairs(services: list[LLMService]) -> Iterator[Result]:
    """Yield services that would have an object of the same name as an earlier one."""
    first: dict[str, LLMService] = {}
    for other in services:
        shared: dict[int, set[str]] = {}
        for name in _own_names(other) if other.name else ():
            one = first.setdefault(name, other)
            if (one.name, one.namespace) != (other.name, other.namespace):
                shared.setdefault(id(one), set()).add(name)
        for names in shared.values():
            one = first[min(names)]
            message = (
                f"LLMService {one.name} and LLMService {other.name} would both have a {min(names)}; generated names "
                "have hyphens for dots, a suffix, and the namespace in front where they are cluster-scoped. Rename one "
                "of them"
            )
            yield other.fault("metadata.name", message, other.name)


def _workloads(service: LLMService) -> list[str]:
    """Return the names of the workloads of its servers, also where their sums cannot be made."""
    if "prefill" not in service.spec:
        return [service.name]
    from krm_inference.domain.facts.disaggregation import DECODE, PREFILL

    return [service.names.part(role) for role in (DECODE, PREFILL)]


def _own_names(service: LLMService) -> set[str]:
    """Return the names that a second service could take as well, each with its kind and namespace."""
    names, where = service.names, f"{service.namespace}/" if service.namespace else ""
    return {
        *(f"Deployment {where}{name}" for name in _workloads(service)),
        f"Deployment {where}{names.picker}",
        f"PodMonitoring {where}{names.base}",
        f"PodMonitoring {where}{names.picker}",
        f"ClusterRole {names.picker_reviews}",
        *(f"HTTPRoute {where}{name}" for name in route_consistency.route_names(service)),
    }
