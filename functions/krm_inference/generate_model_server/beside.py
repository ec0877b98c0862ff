"""What only some servers have beside the table of what is owned: noted on the Deployment, so that it leaves again."""

from __future__ import annotations

import math

from krm_functions_sdk import Resource, because

from krm_inference.domain.facts.stores import GCSFUSE_ANNOTATION
from krm_inference.domain.generation import FROM_INTENT
from krm_inference.domain.service import LLMService
from krm_inference.generate_model_server import volumes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

POD = "spec.template.spec"
VLLM = f"{POD}.containers[name=vllm]"
_SERVERS = "--api-server-count"
# What only some servers have beside the table, and others leave to the user. So what was set is remembered by a word
# among the names of flags and variables, which holds a character that none of those has.
_BESIDE: dict[str, tuple[str, ...]] = {
    "security/restricted": (
        f"{POD}.securityContext.runAsNonRoot",
        f"{POD}.securityContext.runAsUser",
        f"{POD}.securityContext.runAsGroup",
        f"{VLLM}.securityContext.readOnlyRootFilesystem",
        f"{VLLM}.volumeMounts[mountPath=/tmp]",
        f"{POD}.volumes[name=tmp]",
    ),
    "weights/volume": (f"{POD}.volumes[name=weights]", f"{VLLM}.volumeMounts[mountPath=/weights]"),
    "weights/bucket": (f"spec.template.metadata.annotations[{GCSFUSE_ANNOTATION}]",),
    # The API server copies the name into the field's old one, where server-side apply would let it stay in force.
    "weights/account": (f"{POD}.serviceAccount", f"{POD}.serviceAccountName"),
    "weights/cache": (f"{POD}.volumes[name=cache]", f"{VLLM}.volumeMounts[mountPath=/cache]"),
    "weights/group": (f"{POD}.securityContext.fsGroup", f"{POD}.securityContext.fsGroupChangePolicy"),
    "availability/spread": (f"{POD}.topologySpreadConstraints",),
    "availability/priority": (f"{POD}.priorityClassName",),
    "availability/rollout": ("spec.strategy",),
    "parallelism/pipeline": (f"{VLLM}.args[--pipeline-parallel-size]",),
    "parallelism/expert": (f"{VLLM}.args[--enable-expert-parallel]",),
    "server/key": (f"{VLLM}.env[name=VLLM_API_KEY]",),
    "parallelism/data": (f"{VLLM}.args[--data-parallel-size]",),
    "parallelism/servers": (f"{VLLM}.args[{_SERVERS}]",),
    "token/file": (
        f"{POD}.volumes[name=hub-token]",
        f"{VLLM}.volumeMounts[mountPath=/var/run/secrets/huggingface]",
        f"{VLLM}.env[name=HF_TOKEN_PATH]",
    ),
}


def from_intent(existing: Resource | None, service: LLMService, owned: tuple[str, ...]) -> tuple[str, ...]:
    """Return the paths of the flags and variables that the intent names now, or named when it was last rendered."""
    before = "" if existing is None else str(existing.get(f"metadata.annotations[{FROM_INTENT}]", ""))
    names = {*before.split(), *names_of(service)}
    beside = [path for word, paths in _BESIDE.items() if word in names for path in paths]
    named = sorted(names - _BESIDE.keys())
    paths = (f"{VLLM}.args[{name}]" if name.startswith("-") else f"{VLLM}.env[name={name}]" for name in named)
    return (*(path for path in paths if path not in owned), *beside)


def names_of(service: LLMService) -> list[str]:
    """Return what of a server only the intent wants: names of flags and variables, and words of what is beside them."""
    own = [*home(service), *cache(service)]
    for_user = [variable["name"] for variable in own if variable["name"] not in service.extra_env]
    return [*service.extra_flags, *service.extra_env, *for_user, *_words(service)]


def _words(service: LLMService) -> list[str]:
    source, kept = service.source, service.spec.get("availability", {})
    wanted = {
        "security/restricted": service.is_restricted,
        "weights/volume": source and source.scheme,
        "weights/bucket": volumes.pod_annotations(service),
        "weights/account": source and source.account,
        "weights/cache": source and source.cache is not None,
        "weights/group": volumes.group(service),
        "availability/spread": "spread" in kept,
        "availability/priority": "priorityClassName" in kept,
        "availability/rollout": "spareGPUs" in kept,
        "parallelism/pipeline": service.pipeline > 1,
        "parallelism/expert": service.spec.get("parallelism", {}).get("expert"),
        "server/key": "apiKeySecret" in service.spec["server"],
        "token/file": "providerClass" in service.spec["model"]["tokenSecret"],
        "parallelism/data": service.data > 1,
        "parallelism/servers": has_one_server(service),
    }
    return [word for word, is_wanted in wanted.items() if is_wanted]


def has_one_server(service: LLMService) -> bool:
    """Say whether one process takes all requests, where vLLM would start one for each engine.

    It refuses several with VLLM_ALLOW_RUNTIME_LORA_UPDATING (vLLM 0.33, entrypoints/cli/serve.py).
    """
    return service.data > 1 and service.loads_later and _SERVERS not in service.extra_flags


def home(service: LLMService) -> list[dict[str, Any]]:
    """Return what a server needs that runs as a user of whom the image knows nothing.

    vLLM, Triton, torch and FlashInfer write below HOME, which is root's otherwise, and torch asks for a user name, for
    which Python looks into USER before it asks the system (getpass.getuser).
    """
    if service.platform.fixed_users and not service.is_restricted:
        return []
    return [{"name": "HOME", "value": "/data"}, {"name": "USER", "value": "vllm"}]


def cache(service: LLMService) -> list[dict[str, Any]]:
    """Return the size of the KV cache where it is no share of a GPU's memory: vLLM would take half of the node's."""
    if service.accelerator.backend != "cpu":
        return []
    gib = max(1, math.floor(service.sizing.cache))
    reason = f"GiB of the {service.accelerator.memory:g} GiB that the weights leave"
    return [{"name": "VLLM_CPU_KVCACHE_SPACE", "value": because(str(gib), reason)}]
