"""What a container runs: its command line as words with their fields, variables replaced, shell scripts taken apart."""

from __future__ import annotations

import posixpath
import re
from functools import cached_property

from krm_functions_sdk.document import arguments
from krm_functions_sdk.document.field_path import Flag
from krm_functions_sdk.document.pattern import pattern

from krm_inference.domain.record import Record
from krm_inference.manifests.objects import Field

_REFERENCE = pattern(r"\$\$|\$\(([A-Za-z_][-._A-Za-z0-9]*)\)")
_TAKEN = pattern(r"(?<![-_A-Za-z0-9])--?[-_A-Za-z0-9]+[= ]\$\(([A-Za-z_][-._A-Za-z0-9]*)\)")
_SHELL_REFERENCE = pattern(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))")
_ASSIGNMENT = pattern(r"[A-Za-z_][A-Za-z0-9_]*=")
_SHELLS = ("ash", "bash", "dash", "sh")
_UNKNOWN = "\0"
_ENDS = ";&|\n"  # what ends a command of a script, outside of quotes
_REST = "*"  # every variable that is not listed: a container with envFrom may have any

Variables = dict[str, str | None]


class Word(Record):
    """One word of a command line and the field that holds it."""

    text: str
    field: Field


class Argument(Record):
    """One flag, or an argument that is none (`name` is empty); `value` is None where it has none or cannot be known."""

    name: str
    value: str | None
    field: Field
    is_known: bool


class Command:
    """A command line; `shell` is the field of the script where a shell runs it.

    `is_replaced` says that the shell runs it in its own place: by exec, or as bash does with a script of one command.
    """

    def __init__(self, words: list[Word], shell: Field | None, *, is_replaced: bool = False) -> None:
        self.words = words
        self.shell = shell
        self.is_replaced = is_replaced

    @cached_property
    def arguments(self) -> list[Argument]:
        """Its flags, and its words that are none, in order."""
        return parsed(self.words, self.shell)


def variables(container: Field, namespace: str, pod_name: str = "") -> Variables:
    """Return the environment of a container; a value that only the cluster knows is None."""
    known: Variables = {_REST: None} if container["envFrom"].exists else {}
    facts = {"metadata.namespace": namespace, "metadata.name": pod_name or None}
    for variable in container["env"]:
        name, value = variable["name"].text, variable["value"]
        if not variable["valueFrom"].exists:
            known[name] = expanded(str(value.value), known) if value.exists else ""
        else:
            source = variable.at("valueFrom.fieldRef.fieldPath")
            known[name] = facts.get(source.text) if source.exists else None
    return known


def expanded(text: str, known: Variables) -> str | None:
    """Return `text` with `$(VAR)` replaced as the kubelet does it, or None where a value is not known."""

    def value(match: re.Match[str]) -> str:
        if match[1] is None:
            return "$"
        found = known.get(match[1], known.get(_REST, match[0]))
        return _UNKNOWN if found is None else found

    result = _REFERENCE.sub(value, text)
    return None if _UNKNOWN in result else result


def source(container: Field, field: Field) -> Field:
    """Return where the value of a flag is written: in the one variable that it takes it from, or in itself."""
    taken = _TAKEN.fullmatch(field.text)
    names = (variable for variable in container["env"] if taken and variable["name"].text == taken[1])
    return next((variable["value"] for variable in names if not variable["valueFrom"].exists), field)


def commands(container: Field, known: Variables) -> list[Command]:
    """Return the command lines that a container runs: one, or each command of its shell script."""
    words = [
        Word(_text(item, known), item)
        for key in ("command", "args")
        for item in container[key]
        if isinstance(item.value, str | int | float)
    ]
    script = _script(words)
    if script is None:
        return [Command(words, None)]
    parts = [[Word(text, script.field) for text in part] for part in _split(script.text, known)]
    is_alone = len(parts) == 1 and posixpath.basename(words[0].text) == "bash"
    return [Command(part, script.field, is_replaced=is_alone or is_replaced_by_exec(part)) for part in parts]


def parsed(words: list[Word], shell: Field | None) -> list[Argument]:
    """Return the flags among the words, in order; `shell` is the script that holds them."""
    found = arguments.parse([word.text for word in words])
    names = [argument.name for argument in found]
    result = []
    for argument in found:
        used = words[argument.first : argument.first + argument.count]
        text = " ".join(word.text for word in used)
        is_known = _UNKNOWN not in text
        owner = used[0].field
        if shell is not None:
            field = Field(owner.object, owner.path, text.replace(_UNKNOWN, "…"))
        elif argument.name and names.count(argument.name) == 1:
            field = Field(owner.object, (*owner.path[:-1], Flag(argument.name)), _shown(used))
        else:
            field = Field(owner.object, owner.path, _shown(used))
        result.append(Argument(argument.name, argument.value if is_known else None, field, is_known))
    return result


def _shown(words: list[Word]) -> str:
    return " ".join(str(word.field.value) for word in words)


def is_replaced_by_exec(words: list[Word]) -> bool:
    """Say whether a shell would run the words in its own place."""
    plain = [word.text for word in words if not _ASSIGNMENT.match(word.text)]
    return plain[:1] == ["exec"]


def _text(item: Field, known: Variables) -> str:
    text = expanded(str(item.value), known)
    if text is not None:
        return text
    flag, equals, _ = str(item.value).partition("=")
    return f"{flag}={_UNKNOWN}" if equals and flag.startswith("-") else _UNKNOWN


def _script(words: list[Word]) -> Word | None:
    if not words or posixpath.basename(words[0].text) not in _SHELLS:
        return None
    for position, word in enumerate(words[1:], 1):
        if not word.text.startswith("-"):
            return None
        if word.text.endswith("c") and not word.text.startswith("--"):
            return words[position + 1] if position + 1 < len(words) else None
    return None


def _split(script: str, known: Variables) -> list[list[str]]:
    """Return the simple commands of a shell script as words; nothing where its quoting cannot be followed."""
    lines = script.replace("\\\n", " ").splitlines()
    text = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    import shlex

    lexer = shlex.shlex(text, posix=True, punctuation_chars=_ENDS)
    lexer.whitespace_split, lexer.commenters, lexer.whitespace = True, "", " \t\r"
    parts: list[list[str]] = [[]]
    try:
        for token in lexer:
            if set(token) <= set(_ENDS):
                parts.append([])
            else:
                parts[-1].append(_SHELL_REFERENCE.sub(lambda match: _in_shell(match, known), token))
    except ValueError:
        return []
    return [part for part in parts if part]


def _in_shell(match: re.Match[str], known: Variables) -> str:
    value = known.get(match[1] or match[2])
    return _UNKNOWN if value is None else value
