"""Security: credentials in clear text, images that change under their name, and Pods that reach into their node."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error
from collections.abc import Iterator

from krm_inference.domain.secrets import NOT_SHOWN
from krm_inference.validate_inference.findings import Finding
from krm_inference.validate_inference.index import Index
from krm_inference.validate_inference.objects import Field
from krm_inference.validate_inference.pickers import picker_pods
from krm_inference.validate_inference.pods import Pod, pods
from krm_inference.validate_inference.servers import server_pods

# Only what has the shape and the length of a real one: Hugging Face, OpenAI, GitHub, Google, AWS, private keys, JWTs.
_TOKEN = re.compile(
    r"(?<![A-Za-z0-9])(?:hf_[A-Za-z0-9]{30,}|sk-(?:proj-)?[A-Za-z0-9_]{32,}|gh[pousr]_[A-Za-z0-9]{36,}|AIza[-_A-Za-z0-9]{35}"
    r"|AKIA[A-Z0-9]{16}(?![A-Z0-9])|-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----"
    r"|eyJ[-_A-Za-z0-9]{16,}\.eyJ[-_A-Za-z0-9]{16,}\.[-_A-Za-z0-9]{16,})"
)
_HOST = ("hostNetwork", "hostPID", "hostIPC")


def tokens(index: Index) -> Iterator[Finding]:
    """Yield fields of any object that hold a credential; its value is never shown."""
    for item in (*index.objects, *index.for_tools):
        if _TOKEN.search(item.resource.text):
            for field in _texts(item.field):
                if _TOKEN.search(field.text):
                    yield _hidden(field)
        if (item.group, item.kind) == ("", "Secret"):
            for field in _texts(item.at("data")):
                if _TOKEN.search(_decoded(field.text)):
                    yield _hidden(field)


def images(index: Index) -> Iterator[Finding]:
    """Yield images of servers and pickers without a version."""
    for pod in _own(index):
        for container in pod.containers:
            name, at, _ = container.image.partition("@")
            _, colon, tag = name.rpartition("/")[2].partition(":")
            if container.image and not at and (not colon or tag == "latest"):
                yield Finding(container.field["image"], f"{container.image} is another image tomorrow")


def privileges(index: Index) -> Iterator[Finding]:
    """Yield Pods of servers and pickers that get more of their node than a model needs."""
    for pod in _own(index):
        for key in _HOST:
            if pod.spec[key].value is True:
                yield Finding(pod.spec[key], f"{key} opens the node to the Pod", False)
        for container in pod.containers:
            field = container.field.at("securityContext.privileged")
            if field.value is True:
                yield Finding(field, "a privileged container is root on the node", False)


def _own(index: Index) -> list[Pod]:
    wanted = server_pods(index) | picker_pods(index)
    return [pod for pod in pods(index) if pod in wanted]


def _texts(field: Field) -> Iterator[Field]:
    """Yield every string in a field."""
    if isinstance(field.value, str):
        yield field
    elif isinstance(field.value, dict):
        for key in field.value:
            yield from _texts(field[key])
    else:
        for part in field:
            yield from _texts(part)


def _decoded(text: str) -> str:
    try:
        return b64decode(text, validate=True).decode("utf-8", "replace")
    except (Error, ValueError):
        return ""


def _hidden(field: Field) -> Finding:
    return Finding(Field(field.object, field.path, NOT_SHOWN), "a credential in clear text")
