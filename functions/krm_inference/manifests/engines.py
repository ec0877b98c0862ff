"""Servers of other engines than vLLM: which one a container runs, by its command or its image.

Their flags are in no table; what holds for any server is checked.
"""

from __future__ import annotations

from krm_functions_sdk.document.pattern import pattern

from krm_inference.domain.record import Record
from krm_inference.manifests.index import Index
from krm_inference.manifests.pods import Container, Pod, pods
from krm_inference.manifests.servers import servers

# A word of the command, or the image where its own command is not replaced. Sources: the images' own repositories and
# what is run in the manifests of benchmarks/public-manifests.yaml.
_ENGINES = {
    "SGLang": (r"sglang\.launch_server|sglang_router", r"(?:\A|/)sglang(?:[:@]|\Z)"),
    "vLLM-Omni": (r"(?:\A|/)vllm-omni\Z|\A--omni\Z", r"(?:\A|/)vllm-omni(?:[:@]|\Z)"),
    "TGI": (r"(?:\A|/)text-generation-launcher\Z", r"(?:\A|/)text-generation-inference(?:[:@]|\Z)"),
    "Triton": (r"(?:\A|/)tritonserver\Z", r"(?:\A|/)tritonserver(?:[:@]|\Z)"),
    "TensorRT-LLM": (
        r"(?:\A|/)trtllm-serve\Z|tensorrt_llm\.commands\.serve",
        r"(?:\A|/)tensorrt-llm/release(?:[:@]|\Z)",
    ),
    "llama.cpp": (r"(?:\A|/)llama-server\Z", r"(?:\A|/)llama\.cpp:(?:server|full)"),
    "NIM": (r"\Anim-llm\Z", r"\Anvcr\.io/nim/"),
    "Ollama": (r"(?:\A|/)ollama\Z", r"(?:\A|/)ollama(?:[:@]|\Z)"),
    "Dynamo": (r"\Adynamo\.(?:vllm|sglang|trtllm)\Z", r"\Z\A"),
    "LMDeploy": (r"(?:\A|/)lmdeploy\Z", r"(?:\A|/)lmdeploy(?:[:@]|\Z)"),
    "JetStream": (
        r"jetstream_pt\.cli|(?:\A|/)maxengine_server\.py\Z",
        r"(?:\A|/)jetstream-(?:pytorch|maxtext)[-a-z]*(?:[:@]|\Z)",
    ),
}
_BY_COMMAND = {name: pattern(command) for name, (command, _) in _ENGINES.items()}
_BY_IMAGE = {name: pattern(image) for name, (_, image) in _ENGINES.items()}
# Most words and images are of none.
_ANY_COMMAND, _ANY_IMAGE = (pattern("|".join(f"(?:{one[at]})" for one in _ENGINES.values())) for at in (0, 1))


class Engine(Record):
    """A container that runs a server of another engine than vLLM."""

    name: str
    pod: Pod
    container: Container


def engines(index: Index) -> list[Engine]:
    """Return the servers of other engines, one for each container."""
    return index.derive(_engines)


def engine_pods(index: Index) -> set[Pod]:
    """Return the Pods that run a server of another engine."""
    return index.derive(_engine_pods)


def _engine_pods(index: Index) -> set[Pod]:
    return {engine.pod for engine in engines(index)}


def _engines(index: Index) -> list[Engine]:
    own = {id(server.container) for server in servers(index)}
    found = (
        Engine(name, pod, container)
        for pod in pods(index)
        if pod.object.kind not in ("Job", "CronJob")
        for container in pod.containers
        if id(container) not in own and (name := _name(container))
    )
    return list(found)


def _name(container: Container) -> str:
    words = [word.text for command in container.commands for word in command.words if _ANY_COMMAND.search(word.text)]
    for name, known in _BY_COMMAND.items():
        if any(known.search(word) for word in words):
            return name
    if container.field["command"].exists or not _ANY_IMAGE.search(container.image):
        return ""
    return next((name for name, pattern in _BY_IMAGE.items() if pattern.search(container.image)), "")
