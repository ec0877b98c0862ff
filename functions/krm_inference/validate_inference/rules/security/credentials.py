"""Credentials that are written out: known by their shape, or by the name of what holds them. None is ever shown."""

from __future__ import annotations

import re
from binascii import Error
from collections.abc import Iterator

from krm_functions_sdk.document.pattern import pattern

from krm_inference.domain.secrets import NOT_SHOWN
from krm_inference.manifests import groups, placeholders
from krm_inference.manifests.commands import source
from krm_inference.manifests.index import Index
from krm_inference.manifests.objects import Field
from krm_inference.manifests.pods import Container, pods
from krm_inference.validate_inference.findings import Finding

# Only what has the shape and the length of a real one: Hugging Face, OpenAI, GitHub, Google, AWS, private keys, JWTs.
_TOKEN = pattern(
    r"(?<![A-Za-z0-9])(?:hf_[A-Za-z0-9]{30,}|sk-(?:proj-)?[A-Za-z0-9_]{32,}|gh[pousr]_[A-Za-z0-9]{36,}|AIza[-_A-Za-z0-9]{35}"
    r"|AKIA[A-Z0-9]{16}(?![A-Z0-9])|-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----"
    r"|eyJ[-_A-Za-z0-9]{16,}\.eyJ[-_A-Za-z0-9]{16,}\.[-_A-Za-z0-9]{16,})"
)
# Whatever matches holds one of these, and most texts hold none: to look for them takes a fraction of the time.
_SIGNS = ("hf_", "sk-", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "AIza", "AKIA", "-----BEGIN ", "eyJ")
# How the name of a variable, of a flag or of a key ends that holds a credential. A token of a text is none, and the
# Secret of an image registry or of a certificate is named and not written out.
_NAME = pattern(
    r"(?:\A|_)(?:(?<!bos_)(?<!eos_)(?<!pad_)(?<!unk_)(?<!sep_)(?<!end_)(?<!per_)(?<!stop_)(?<!start_)(?<!mask_)"
    r"(?<!image_)(?<!input_)(?<!output_)(?<!first_)(?<!next_)(?<!cluster_)(?<!new_)token|(?<!pull_)(?<!tls_)secret|password|passwd"
    r"|credentials?|api_?key|secret_key|secret_access_key|private_key)\Z"
)
# Values that are no credential: a reference to a variable, a path, a switch, and what clients send to a server that
# asks for none.
# A map in JSON or YAML is the configuration of how credentials are found, and `my-registry-secret` names an object.
_NONE = pattern(
    r"\Z|\$|/|<|\s*[{\[]|(?:true|false|yes|no|none|null|empty|dummy|[01])\Z"
    r"|[a-z0-9]+(?:[-.][a-z0-9]+)*-(?:secret|credentials?|key)s?\Z|[-_A-Za-z0-9]+:.*\n",
    re.IGNORECASE,
)
_OBJECT = pattern(r"[a-z0-9]+(?:[-./][a-z0-9]+)+")
_ASSIGNMENT = pattern(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)


def by_shape(index: Index) -> Iterator[Finding]:
    """Yield fields of any object that hold what has the shape of a credential."""
    for item in (*index.objects, *index.for_tools):
        if _has_token(item.resource.text):
            for field in _texts(item.field):
                if _has_token(field.text):
                    yield _hidden(field)
        if (item.group, item.kind) == groups.SECRET:
            for field in _texts(item.at("data")):
                if _has_token(_decoded(field.text)):
                    yield _hidden(field)


def by_name(index: Index) -> Iterator[Finding]:
    """Yield variables, flags and keys of ConfigMaps whose name says that the value is a credential."""
    for pod in pods(index):
        for container in pod.containers:
            for name, field in _named(container):
                if not _has_token(field.text) and not index.named(groups.SECRET, field.text):
                    yield _hidden(field, f"a credential in plain text, judging by the name {name}")
    for config in index.of(groups.CONFIG_MAP):
        for key in config.at("data").map:
            field = config.at("data")[key]
            if _is_written_out(key, field.text) and not _has_token(field.text):
                yield _hidden(field, f"a credential in plain text in a ConfigMap, judging by the key {key}")


def in_secrets(index: Index) -> Iterator[Finding]:
    """Yield Secrets whose values stand in the manifests; what sops has encrypted does not."""
    for secret in index.of(groups.SECRET):
        if secret.at("sops").exists:
            continue
        for part in ("data", "stringData"):
            fields = [secret.at(part)[key] for key in secret.at(part).map]
            plain = [(field, _plain(part, field.text)) for field in fields if field.text]
            written = [
                field for field, text in plain if not (_has_token(text) or placeholders.holds([text, field.text]))
            ]
            if written:
                yield _hidden(written[0], f"anyone who can read these manifests can read {secret}")


def _has_token(text: str) -> bool:
    return any(sign in text for sign in _SIGNS) and bool(_TOKEN.search(text))


def _named(container: Container) -> Iterator[tuple[str, Field]]:
    """Yield what a container is told by a name that means a credential, and the field where it is written."""
    for variable in container.field["env"]:
        if _is_written_out(variable["name"].text, variable["value"].text):
            yield variable["name"].text, variable["value"]
    for command in container.commands:
        for argument in command.arguments:
            if not (argument.name and argument.value and _is_written_out(argument.name, argument.value)):
                continue
            if argument.name.endswith("secret") and _OBJECT.fullmatch(argument.value):
                continue  # --registry-secret=my-license says which Secret
            if command.shell is None:
                yield argument.name, source(container.field, argument.field)
            elif argument.value in command.shell.text:
                yield argument.name, command.shell
        for word in command.words:
            match = _ASSIGNMENT.fullmatch(word.text)
            if match and match[2] in word.field.text and _is_written_out(match[1], match[2]):
                yield match[1], word.field


def _is_written_out(name: str, value: str) -> bool:
    plain = name.lstrip("-").replace("-", "_").replace(".", "_").lower()
    return bool(_NAME.search(plain)) and not (_NONE.match(value) or "\0" in value or placeholders.holds(value))


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


def _plain(part: str, text: str) -> str:
    return _decoded(text) if part == "data" else text


def _decoded(text: str) -> str:
    try:
        from base64 import b64decode

        return b64decode(text, validate=True).decode("utf-8", "replace")
    except (Error, ValueError):
        return ""


def _hidden(field: Field, message: str = "a credential in plain text") -> Finding:
    return Finding(Field(field.object, field.path, NOT_SHOWN), message)
