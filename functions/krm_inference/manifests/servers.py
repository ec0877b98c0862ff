"""vLLM servers among the containers: how they are started, and with which flags."""

from __future__ import annotations

import json
from functools import cached_property

from krm_functions_sdk import MISSING
from krm_functions_sdk.document.pattern import pattern

from krm_inference.domain.facts import vllm
from krm_inference.domain.facts.disaggregation import PREFILL, ROLE_LABEL
from krm_inference.manifests.commands import Argument, Command, Word, parsed
from krm_inference.manifests.index import Index
from krm_inference.manifests.objects import Field
from krm_inference.manifests.pods import Container, Pod, pods
from krm_inference.manifests.quantities import whole

DEFAULT_PORT = 8000
_MODULE = pattern(r"vllm\.entrypoints\.(?:openai\.)?api_server\Z")
# Images whose entry point is the server.
_IMAGE = pattern(r"(?:\A|/)vllm-openai(?:-[a-z0-9-]+)?(?:[:@]|\Z)")
# The tags of other images need not be vLLM's versions.
_SEVERAL_VALUES = ("--lora-modules", "--served-model-name")
_LENGTH = pattern(r"(\d{1,18})(?:(?:\.(\d{1,18}))?([kmg])|([KMG]))?\Z")
_POWERS = {"k": 1, "m": 2, "g": 3}
_VERSION = pattern(rf"(?:\A|/){vllm.IMAGES}:v?(\d{{1,9}})\.(\d{{1,9}})")


class Server:
    """A container that runs vLLM's OpenAI server."""

    def __init__(
        self, pod: Pod, container: Container, command: Command, words: list[Word], *, is_module: bool = False
    ) -> None:
        self.is_module = is_module
        self.pod = pod
        self.container = container
        self.shell = command.shell
        self.is_pid_1 = command.shell is None or command.is_replaced
        self.arguments = parsed(words, command.shell)
        self._flags = {argument.name: argument for argument in self.arguments}  # of several the last one counts

    def flag(self, *names: str) -> Argument | None:
        """Return the flag that counts: the last one of these names."""
        found = [self._flags[name] for name in names if name in self._flags]
        if len(found) < 2:
            return found[0] if found else None
        return next(argument for argument in reversed(self.arguments) if argument.name in names)

    def values(self, argument: Argument) -> list[str]:
        """Return all values of a flag that takes several: its own, and the words behind it that are no flags."""
        found = [] if argument.value is None else [argument.value]
        for other in self.arguments[self.arguments.index(argument) + 1 :]:
            if other.name or argument.name not in _SEVERAL_VALUES:
                break
            found.append(other.value or "")
        return found

    @property
    def is_headless(self) -> bool:
        """Say whether it has no HTTP server (vLLM 0.9, entrypoints/cli/serve.py)."""
        return self.flag("--headless") is not None

    @property
    def has_all_flags(self) -> bool:
        """Say whether a flag that is not here is not set: it may be in a file that `--config` names."""
        return self.flag("--config") is None

    def missing(self, name: str) -> Field:
        """Return the field at which a flag would stand that is not set."""
        if self.shell is not None:
            return Field(self.shell.object, self.shell.path, MISSING)
        return self.container.field["args"].flag(name, MISSING)

    @cached_property
    def port(self) -> tuple[Field, int | None]:
        """The port it listens on and the field that says so; None where it is no number."""
        flag = self.flag("--port")
        if flag is None:
            return self.missing("--port"), DEFAULT_PORT
        text = flag.value or ""
        return flag.field, whole(text)

    @property
    def is_port_known(self) -> bool:
        flag = self.flag("--port")
        return self.has_all_flags if flag is None else flag.is_known

    def number(self, default: int | None, *names: str) -> int | None:
        """Return the number that a flag sets, or the default; None where it cannot be known."""
        flag = self.flag(*names)
        if flag is None:
            return default if self.has_all_flags else None
        return whole(flag.value)

    @property
    def model_argument(self) -> Argument | None:
        """The argument that names its model, None where there is none."""
        flag = self.flag("--model")
        if flag is None:
            first = next(iter(self.arguments), None)
            flag = first if first and not first.name else None
        return flag

    @cached_property
    def model(self) -> str:
        """The model that it serves, "" where it cannot be known."""
        flag = self.model_argument
        return (flag.value or "") if flag and flag.is_known else ""

    @cached_property
    def minor(self) -> int | None:
        """The minor version by the image's tag, None where it is not one whose flags are known."""
        return vllm.minor(self.container.image)

    @property
    def version(self) -> tuple[int, int] | None:
        """Major and minor version by the image's tag."""
        if self.minor is not None:
            return (0, self.minor)
        match = None if vllm.is_foreign(self.container.image) else _VERSION.search(self.container.image)
        return (int(match[1]), int(match[2])) if match else None

    @cached_property
    def length(self) -> int | None:
        """The `--max-model-len`, None where it is not set or cannot be known; `8k` is 8000 and `8K` 8192."""
        flag = self.flag("--max-model-len")
        match = _LENGTH.match(flag.value or "") if flag else None
        if match is None:
            return None
        number, part, decimal, binary = match.groups()
        if binary:
            return int(number) * int(2 ** (10 * _POWERS[binary.lower()]))
        return int(float(f"{number}.{part or 0}") * 1000 ** _POWERS[decimal]) if decimal else int(number)

    @cached_property
    def output_bound(self) -> int | None:
        """The most tokens of one answer: what bounds the output, or the whole sequence, which no answer exceeds."""
        # A proxy asks a prefill server for one token of each request (pkg/sidecar/proxy of llm-d-router v0.10.0).
        of_part = 1 if self.pod.labels.get(ROLE_LABEL) == PREFILL else None
        bounds = [bound for bound in (of_part, self._new_tokens, self.length) if bound is not None]
        return min(bounds, default=None)

    @property
    def _new_tokens(self) -> int | None:
        flag = self.flag("--override-generation-config")
        try:
            limits = json.loads(flag.value or "") if flag else None
        except ValueError:
            return None
        bound = limits.get("max_new_tokens") if isinstance(limits, dict) else None
        return bound if isinstance(bound, int) and not isinstance(bound, bool) else None


def servers(index: Index) -> list[Server]:
    """Return the vLLM servers of the manifests: those that answer requests."""
    return index.derive(_answering)


def headless(index: Index) -> list[Server]:
    """Return what runs vLLM without an HTTP server: it computes for a leader, to which requests come."""
    return [server for server in processes(index) if server.is_headless]


def processes(index: Index) -> list[Server]:
    """Return all that runs vLLM, with an HTTP server or without."""
    return index.derive(_servers)


def _answering(index: Index) -> list[Server]:
    return [server for server in processes(index) if not server.is_headless]


def servers_of(index: Index, pod: Pod) -> list[Server]:
    """Return the vLLM servers of a Pod."""
    return index.derive(_by_pod).get(pod, [])


def _by_pod(index: Index) -> dict[Pod, list[Server]]:
    found: dict[Pod, list[Server]] = {}
    for server in servers(index):
        found.setdefault(server.pod, []).append(server)
    return found


def server_pods(index: Index) -> set[Pod]:
    """Return the Pods that run a vLLM server."""
    return index.derive(_server_pods)


def _server_pods(index: Index) -> set[Pod]:
    return {server.pod for server in servers(index)}


def _servers(index: Index) -> list[Server]:
    found = (_server(pod, container) for pod in pods(index) for container in pod.containers)
    return [server for server in found if server]


def _server(pod: Pod, container: Container) -> Server | None:
    for command in container.commands:
        texts = [word.text for word in command.words]
        for position, text in enumerate(texts):
            if _MODULE.search(text):
                return Server(pod, container, command, command.words[position + 1 :], is_module=True)
            if text.rpartition("/")[2] == "vllm" and texts[position + 1 : position + 2] == ["serve"]:
                return Server(pod, container, command, command.words[position + 2 :])
    if _IMAGE.search(container.image) and not container.field["command"].exists:
        command = container.commands[0] if container.commands else Command([], None)
        return Server(pod, container, command, command.words)
    return None
